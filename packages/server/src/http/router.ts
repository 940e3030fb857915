import { Hono } from "hono";
import { isDiskFull } from "../database/disk-health.ts";
import type { Database } from "../database/open-database.ts";
import { writeAuditEntry } from "./audit-log.ts";
import { authenticate, authorize } from "./authentication.ts";
import type { Actor, AuthenticationOptions } from "./authentication.ts";
import { errorResponse, HttpError } from "./http-error.ts";
import type { RequestGate } from "./request-limits.ts";
import type { Route } from "./route.ts";

/** Options of {@link createRouter}. */
export interface RouterOptions {
  readonly routes: readonly Route[];
  readonly database: Database;
  readonly authentication: AuthenticationOptions;
  readonly gate: RequestGate;
  readonly now: () => Date;
  /** Called when the audit log could not be written. */
  onAuditFailure(error: unknown): void;
  /** Called for every request after its response is made. */
  onAnswer(answered: AnsweredRequest): void;
}

/** A request and its response, without bodies, headers or query. */
export interface AnsweredRequest {
  readonly method: string;
  /** The path pattern of the route, so that the number of counters stays bounded; `unknown` where there is no route. */
  readonly route: string;
  readonly path: string;
  readonly status: number;
  readonly milliseconds: number;
  readonly actor: string;
  /** The error, for responses with status 500 or 507. */
  readonly error?: unknown;
}

/** Dispatches requests to routes; `client` is the network address of the client. */
export function createRouter(options: RouterOptions): (request: Request, client?: string) => Promise<Response> {
  // Clair's own client ends the paths of some operations with a slash.
  const app = new Hono<{ readonly Bindings: { readonly client: string } }>({ strict: false });
  for (const route of options.routes)
    app.on(route.method.toUpperCase(), route.path.replaceAll(/\{(\w+)\}/g, ":$1"), (context) =>
      answer(context.req.raw, route, { parameters: context.req.param(), client: context.env.client }, options),
    );
  const methods = new Map<string, string[]>();
  for (const { path, method } of options.routes)
    methods.set(path, [...(methods.get(path) ?? []), method.toUpperCase()]);
  for (const [path, allowed] of methods)
    app.all(path.replaceAll(/\{(\w+)\}/g, ":$1"), (context) => {
      const error = new HttpError(405, `method disallowed: ${context.req.method}`, { allow: allowed.join(", ") });
      return errorResponse(error, context.req.path);
    });
  app.notFound((context) =>
    errorResponse(new HttpError(404, `there is nothing at ${context.req.path}`), context.req.path),
  );
  return async (request, client = "") => app.fetch(request, { client });
}

async function answer(
  request: Request,
  route: Route,
  { parameters, client }: { readonly parameters: Readonly<Record<string, string>>; readonly client: string },
  options: RouterOptions,
): Promise<Response> {
  const started = performance.now();
  const { pathname, searchParams } = new URL(request.url);
  const { gate, database } = options;
  let actor: Pick<Actor, "name" | "tenant"> = { name: "anonymous", tenant: "" };
  let failure: unknown;
  const respond = async (): Promise<Response> => {
    let leave: (() => void) | undefined;
    try {
      refuseForgery(request);
      const found = await identify(request, client, options);
      actor = found;
      if (route.unlimited !== true)
        leave = gate.enter(found.credential === "anonymous" ? addressKey(client) : found.credential);
      authorize(found, route.access);
      const { signal } = request;
      return await route.handle({ request, parameters, query: searchParams, actor: found, client, signal });
    } catch (error) {
      if (error instanceof HttpError) return errorResponse(error, pathname);
      failure = error;
      if (isDiskFull(error))
        return errorResponse(
          new HttpError(507, "the disk is full: nothing was stored", { "retry-after": "60" }),
          pathname,
        );
      return errorResponse(new HttpError(500, "the service failed; its log says why"), pathname);
    } finally {
      leave?.();
    }
  };
  const response = await respond();
  const { status } = response;
  if (isAudited(route, status)) {
    const { operation } = route;
    const entry = { at: options.now(), actor, client, operation, target: pathname, status };
    await writeAuditEntry(database.queries, entry).catch(options.onAuditFailure);
  }
  options.onAnswer({
    method: request.method,
    route: route.path,
    path: pathname,
    status,
    milliseconds: performance.now() - started,
    actor: actor.name,
    ...(failure === undefined ? {} : { error: failure }),
  });
  return response;
}

function addressKey(client: string): string {
  return `address ${client}`;
}

/**
 * Who asks. Guessing is asking, too: an address whose credentials were wrong as often as it may ask is not listened to for a while.
 * @throws HttpError 401, 429
 */
async function identify(
  request: Request,
  client: string,
  { gate, authentication, database, now }: RouterOptions,
): Promise<Actor> {
  const key = `guesses from ${client}`;
  gate.refuseExhausted(key);
  try {
    return await authenticate(request, authentication, database, now());
  } catch (error) {
    if (error instanceof HttpError) gate.enter(key)();
    throw error;
  }
}

/** What changes something, and what was refused because of who asked for it; not what was refused because there was too much. */
function isAudited({ method, access, audited }: Route, status: number): boolean {
  if (status === 429 || status === 503) return false;
  const changes = method !== "get" && (access === "write" || access === "admin");
  return status === 401 || status === 403 || (audited ?? changes);
}

/**
 * Pages of other sites must not use what a browser may reach and the site may not: such requests say where they come from.
 * @throws HttpError 403
 */
function refuseForgery(request: Request): void {
  if (request.method === "GET" || request.method === "HEAD") return;
  const origin = request.headers.get("origin");
  const host = request.headers.get("host") ?? new URL(request.url).host;
  const isForeign = origin !== null && (!URL.canParse(origin) || new URL(origin).host !== host);
  if (isForeign || request.headers.get("sec-fetch-site") === "cross-site")
    throw new HttpError(403, "requests from pages of other sites are refused");
}
