import { Hono } from "hono";
import type { Database } from "../database/open-database.ts";
import { authenticate, authorize } from "./authentication.ts";
import type { AuthenticationOptions } from "./authentication.ts";
import { errorResponse, HttpError } from "./http-error.ts";
import type { Route } from "./route.ts";

/** What all requests share. */
export interface RouterOptions {
  readonly routes: readonly Route[];
  readonly database: Database;
  readonly authentication: AuthenticationOptions;
  readonly now: () => Date;
  /** Told of every request when it is answered. */
  onAnswer(answered: AnsweredRequest): void;
}

/** A request and its answer, without bodies, headers or query. */
export interface AnsweredRequest {
  readonly method: string;
  /** The route's path, so that counters do not grow with what is asked for; `unknown` where there is no route. */
  readonly route: string;
  readonly path: string;
  readonly status: number;
  readonly milliseconds: number;
  readonly actor: string;
  /** Of failures that are our own. */
  readonly error?: unknown;
}

/** Answers requests by the routes. */
export function createRouter(options: RouterOptions): (request: Request) => Promise<Response> {
  const app = new Hono();
  for (const route of options.routes)
    app.on(route.method.toUpperCase(), route.path.replaceAll(/\{(\w+)\}/g, ":$1"), (context) =>
      answer(context.req.raw, route, context.req.param(), options),
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
  return async (request) => app.fetch(request);
}

async function answer(
  request: Request,
  route: Route,
  parameters: Readonly<Record<string, string>>,
  options: RouterOptions,
): Promise<Response> {
  const started = performance.now();
  const { pathname, searchParams } = new URL(request.url);
  let actor = "anonymous";
  let failure: unknown;
  const respond = async (): Promise<Response> => {
    try {
      refuseForgery(request);
      const found = await authenticate(request, options.authentication, options.database, options.now());
      actor = found.name;
      authorize(found, route.access);
      return await route.handle({ request, parameters, query: searchParams, actor: found, signal: request.signal });
    } catch (error) {
      if (error instanceof HttpError) return errorResponse(error, pathname);
      failure = error;
      return errorResponse(new HttpError(500, "the service failed; its log says why"), pathname);
    }
  };
  const response = await respond();
  options.onAnswer({
    method: request.method,
    route: route.path,
    path: pathname,
    status: response.status,
    milliseconds: performance.now() - started,
    actor,
    ...(failure === undefined ? {} : { error: failure }),
  });
  return response;
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
