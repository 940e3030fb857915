import { sql } from "kysely";
import { ScanError, severities, signalAfter, isDigest } from "@plimsoll/model";
import { HttpError } from "../http/http-error.ts";
import { readJson } from "../http/request-body.ts";
import type { Parameter, Route } from "../http/route.ts";
import type { ServiceCore } from "../service-core.ts";
import { findScan, requestScan, scanStates } from "./scan.ts";
import type { NewScan, Scan } from "./scan.ts";

const json = ["application/json"];

const scanSchema = {
  type: "object",
  properties: {
    id: { type: "string" },
    reference: { type: "string" },
    source: { type: "string" },
    state: { enum: [...scanStates] },
    digest: { type: "string" },
    error: { type: "string" },
    updatedAt: { type: "string", format: "date-time" },
  },
  required: ["id", "reference", "source", "state", "updatedAt"],
} as const;

const idParameter: Parameter = {
  name: "id",
  in: "path",
  description: "The scan.",
  schema: { type: "string" },
  required: true,
};

/** The most streams of events that are open in one process. */
const maxStreams = 200;

/** Milliseconds after which a stream ends, and the client opens another. */
const streamTime = 600_000;

/** Milliseconds between two looks, and between two signs of life. */
const lookInterval = 1_000;

/** Queues a scan for a client and returns its id. @throws HttpError 422 for an invalid image reference. */
export async function acceptScan(core: ServiceCore, scan: NewScan): Promise<string> {
  try {
    return await requestScan(core, scan);
  } catch (error) {
    if (error instanceof ScanError) throw new HttpError(422, error.message);
    throw error;
  }
}

/** Routes of background scans, and of the scanned tags of repositories. */
export function scanRoutes(core: ServiceCore, maxBodyBytes: number): readonly Route[] {
  const { queries } = core.database;
  let streams = 0;

  const ask: Route = {
    method: "post",
    path: "/api/v1/scans",
    operation: "requestScan",
    tag: "scans",
    summary: "Queue a scan of an image by reference",
    access: "write",
    body: {
      description: "`{ reference }`",
      mediaTypes: json,
      schema: { type: "object", properties: { reference: { type: "string" } }, required: ["reference"] },
    },
    responses: { 202: { description: "The scan is queued", mediaTypes: json, schema: scanSchema } },
    async handle({ request, actor: { tenant } }) {
      const body = (await readJson(request, json, maxBodyBytes)) as { readonly reference?: unknown } | null; // as: checked below
      if (typeof body?.reference !== "string") throw new HttpError(400, '"reference" is a text');
      const id = await acceptScan(core, { tenant, reference: body.reference, source: "api" });
      return Response.json(await findScan(queries, tenant, id), {
        status: 202,
        headers: { location: `/api/v1/scans/${id}` },
      });
    },
  };

  async function found(tenant: string, id: string): Promise<Scan> {
    const scan = await findScan(queries, tenant, id);
    if (scan === undefined) throw new HttpError(404, "there is no such scan, or it ended long ago");
    return scan;
  }

  const look: Route = {
    method: "get",
    path: "/api/v1/scans/{id}",
    operation: "getScan",
    tag: "scans",
    summary: "The state of a scan",
    access: "read",
    parameters: [idParameter],
    responses: { 200: { description: "The scan", mediaTypes: json, schema: scanSchema } },
    handle: async ({ parameters, actor }) => Response.json(await found(actor.tenant, parameters["id"] ?? "")),
  };

  const watch: Route = {
    method: "get",
    path: "/api/v1/scans/{id}/events",
    operation: "watchScan",
    tag: "scans",
    summary: "The state of a scan, as server-sent events: `progress` for each state, until it is final",
    access: "read",
    parameters: [idParameter],
    responses: {
      200: { description: "Events", mediaTypes: ["text/event-stream"], schema: { type: "string" } },
    },
    async handle({ parameters, actor, signal }) {
      const id = parameters["id"] ?? "";
      await found(actor.tenant, id);
      if (streams >= maxStreams)
        throw new HttpError(503, "too many clients follow scans; poll the scan instead", { "retry-after": "5" });
      const left = new AbortController();
      const ended = signalAfter(streamTime, signal, left.signal);
      streams++;
      const events = eventsOf(core, { tenant: actor.tenant, id }, ended);
      const encoder = new TextEncoder();
      let open = true;
      const leave = (): void => {
        if (open) streams--;
        open = false;
        left.abort();
      };
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          try {
            const { done, value } = await events.next();
            if (done !== true) return controller.enqueue(encoder.encode(value));
            controller.close();
          } catch (error) {
            controller.error(error);
          }
          leave();
        },
        cancel: leave,
      });
      return new Response(body, { headers: { "content-type": "text/event-stream", "cache-control": "no-store" } });
    },
  };

  const repositories: Route = {
    method: "get",
    path: "/api/v1/repositories",
    operation: "listRepositories",
    tag: "scans",
    summary:
      "Tags that were scanned: their digest, when, and how many vulnerabilities of each severity the image has now",
    access: "read",
    parameters: [
      { name: "repository", in: "query", description: "One repository. Absent: all.", schema: { type: "string" } },
      { name: "after", in: "query", description: "`next` of the page before.", schema: { type: "string" } },
    ],
    responses: { 200: { description: "A page", mediaTypes: json, schema: { type: "object" } } },
    handle: async ({ query, actor }) =>
      Response.json(await listTags(core, actor.tenant, query.get("repository"), query.get("after") ?? "")),
  };

  return [ask, look, watch, repositories];
}

/** What changes, as server-sent events; a comment when nothing does, so that proxies keep the line. */
async function* eventsOf(
  core: ServiceCore,
  { tenant, id }: { readonly tenant: string; readonly id: string },
  ended: AbortSignal,
): AsyncGenerator<string, undefined> {
  let last = "";
  while (!ended.aborted) {
    const woken = core.afterIndexing(lookInterval, ended);
    const scan = await findScan(core.database.queries, tenant, id);
    if (scan === undefined) return undefined;
    const text = JSON.stringify(scan);
    yield text === last ? ":\n\n" : `event: progress\ndata: ${text}\n\n`;
    last = text;
    if (scan.state === "done" || scan.state === "failed") return undefined;
    await woken;
  }
  return undefined;
}

/** How many tags are in a page. */
const tagsInPage = 500;

async function listTags(
  { database: { queries } }: ServiceCore,
  tenant: string,
  repository: string | null,
  after: string,
): Promise<object> {
  interface Row {
    readonly repository: string;
    readonly tag: string;
    readonly digest: string;
    readonly scanned_at: Date;
    readonly counts: Readonly<Record<string, number>> | null;
  }
  const { rows } = await sql<Row>`select repository, tag, page.digest, scanned_at,
      (select json_object_agg(severity, count) from (select finding.severity, count(*) AS count from inventory
        join inventory_set on inventory_set.inventory_id = inventory.id join set_package using (set_id) join finding using (package_id)
        where inventory.tenant = ${tenant} and inventory.digest = page.digest group by finding.severity) AS counted) AS counts
    from (select repository, tag, digest, scanned_at from repository_tag where tenant = ${tenant}
      and ${repository === null ? sql`true` : sql`repository = ${repository}`}
      and repository || ':' || tag > ${after} order by repository || ':' || tag limit ${tagsInPage + 1}) AS page
    order by repository || ':' || tag`.execute(queries);
  const page = rows.slice(0, tagsInPage);
  const last = page.at(-1);
  return {
    tags: page
      .filter(({ digest }) => isDigest(digest))
      .map(({ repository: name, tag, digest, scanned_at: at, counts }) => ({
        repository: name,
        tag,
        digest,
        scannedAt: at.toISOString(),
        vulnerabilities: Object.fromEntries(
          Object.entries(counts ?? {}).map(([severity, count]) => [severities[Number(severity)] ?? "UNKNOWN", count]),
        ),
      })),
    ...(rows.length > tagsInPage && last !== undefined ? { next: `${last.repository}:${last.tag}` } : {}),
  };
}
