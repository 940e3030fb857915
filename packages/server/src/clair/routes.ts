import { isDigest } from "@plimsoll/model";
import type { Digest } from "@plimsoll/model";
import { loadManifest, deleteManifests } from "../catalog/load-inventory.ts";
import type { Actor } from "../http/authentication.ts";
import { HttpError } from "../http/http-error.ts";
import { isUnmodified, negotiate } from "../http/negotiate.ts";
import { readJson } from "../http/request-body.ts";
import type { Call, Parameter, Route, RouteResponse } from "../http/route.ts";
import { requestIndex, waitForIndex } from "../indexing/index-job.ts";
import { indexerState } from "../indexing/indexer-state.ts";
import type { AddressedImage } from "../indexing/layers-by-address.ts";
import { withAdvisories } from "../service-core.ts";
import type { ServiceCore } from "../service-core.ts";
import { affectedManifests } from "./affected-manifests.ts";
import { clairMediaTypes, spellings } from "./documents.ts";
import type { ClairMediaType } from "./documents.ts";
import { clairIndexReport } from "./index-report.ts";
import { isCursor, notificationPage } from "./notification-page.ts";
import { readBulkDelete, readManifest, readSummaries } from "./read-requests.ts";
import { clairSchemas } from "./schemas.ts";
import type { ClairSchemaName } from "./schemas.ts";
import { deleteUpdateOperation, latestUpdate, updateDiff, updateOperations } from "./update-operations.ts";
import { clairVulnerabilityReport } from "./vulnerability-report.ts";

/** Options of Clair's API. */
export interface ClairOptions {
  /** Longest request body, in bytes. */
  readonly maxBodyBytes: number;
  /** Milliseconds that a request waits for its index at most. */
  readonly indexTimeout: number;
  /** Notify about every vulnerability, not only about the most severe one of each manifest. */
  readonly disableSummary: boolean;
}

const digestParameter: Parameter = {
  name: "digest",
  in: "path",
  description: "Digest of the manifest.",
  schema: clairSchemas.digest,
  required: true,
};

const indexerPath = "/indexer/api/v1";
const matcherPath = "/matcher/api/v1";
const notifierPath = "/notifier/api/v1";

/** The routes of Clair's HTTP API, version 1.2.0. */
export function clairRoutes(core: ServiceCore, options: ClairOptions): readonly Route[] {
  const { queries } = core.database;

  function answers(
    status: number,
    description: string,
    type: ClairMediaType,
    schema: ClairSchemaName,
  ): Record<number, RouteResponse> {
    return {
      [status]: { description, mediaTypes: spellings(type), schema: clairSchemas[schema] },
      400: {
        description: "Bad request",
        mediaTypes: ["application/vnd.clair.error.v1+json"],
        schema: clairSchemas.error,
      },
    };
  }

  const indexPost: Route = {
    method: "post",
    path: `${indexerPath}/index_report`,
    operation: "Index",
    tag: "clair",
    summary: "Index a manifest",
    access: "write",
    body: {
      description: "The manifest, with where its layers are.",
      mediaTypes: spellings(clairMediaTypes.manifest),
      schema: clairSchemas.manifest,
    },
    responses: {
      ...answers(201, "The index report", clairMediaTypes.indexReport, "index_report"),
      412: { description: "The indexer is the one that If-None-Match names: indexing again would give the same" },
    },
    async handle({ request, signal, actor: { tenant } }) {
      const type = negotiate(request, spellings(clairMediaTypes.indexReport));
      const manifest = readManifest(await readJson(request, spellings(clairMediaTypes.manifest), options.maxBodyBytes));
      const validator = `"${await indexerState(core.scanners)}"`;
      const location = `${indexerPath}/index_report/${manifest.hash}`;
      const links = [
        `<${location}>; rel="https://projectquay.io/clair/v1/index_report"`,
        `<${matcherPath}/vulnerability_report/${manifest.hash}>; rel="https://projectquay.io/clair/v1/vulnerability_report"`,
      ].join(", ");
      if (isUnmodified(request, validator)) return new Response(null, { status: 412, headers: { link: links } });
      const image = { tenant, digest: manifest.hash };
      await requestIndex(core, tenant, manifest as AddressedImage); // as: readManifest checked the digests
      await waitForIndex(core, image, { signal, milliseconds: options.indexTimeout });
      const indexed = await loadManifest(queries, image);
      if (indexed === undefined) throw new HttpError(409, "the manifest was deleted while it was indexed");
      return document(201, type, clairIndexReport(indexed), { etag: validator, location, link: links });
    },
  };

  const indexDelete: Route = {
    method: "delete",
    path: `${indexerPath}/index_report`,
    operation: "DeleteManifests",
    tag: "clair",
    summary: "Delete indexed manifests",
    access: "write",
    body: {
      description: "Digests of the manifests.",
      mediaTypes: spellings(clairMediaTypes.bulkDelete),
      schema: clairSchemas.bulk_delete,
    },
    responses: answers(200, "The digests that were deleted", clairMediaTypes.bulkDelete, "bulk_delete"),
    async handle({ request, actor }) {
      const type = negotiate(request, spellings(clairMediaTypes.bulkDelete));
      const digests = readBulkDelete(
        await readJson(request, spellings(clairMediaTypes.bulkDelete), options.maxBodyBytes),
      );
      return document(200, type, await deleteManifests(core.database, actor.tenant, digests));
    },
  };

  const reportGet: Route = {
    method: "get",
    path: `${indexerPath}/index_report/{digest}`,
    operation: "GetIndexReport",
    tag: "clair",
    summary: "The index report of a manifest",
    access: "read",
    parameters: [digestParameter],
    responses: {
      ...answers(200, "The index report", clairMediaTypes.indexReport, "index_report"),
      304: { description: "Not modified" },
      404: { description: "The manifest was never indexed" },
    },
    async handle(call) {
      const type = negotiate(call.request, spellings(clairMediaTypes.indexReport));
      const digest = digestOf(call);
      const validator = `"${await indexerState(core.scanners)}"`;
      const indexed = await loadManifest(queries, { tenant: call.actor.tenant, digest });
      if (indexed === undefined) throw new HttpError(404, "index report not found");
      // A report of an earlier indexer, or none yet, is not the one that the client has.
      const current = indexed.state === "IndexFinished" && `"${indexed.indexer}"` === validator;
      if (current && isUnmodified(call.request, validator))
        return new Response(null, { status: 304, headers: { etag: validator } });
      return document(200, type, clairIndexReport(indexed), current ? { etag: validator } : {});
    },
  };

  const reportDelete: Route = {
    method: "delete",
    path: `${indexerPath}/index_report/{digest}`,
    operation: "DeleteManifest",
    tag: "clair",
    summary: "Delete an indexed manifest",
    access: "write",
    parameters: [digestParameter],
    responses: { 204: { description: "Deleted" } },
    async handle(call) {
      await deleteManifests(core.database, call.actor.tenant, [digestOf(call)]);
      return new Response(null, { status: 204 });
    },
  };

  const stateGet: Route = {
    method: "get",
    path: `${indexerPath}/index_state`,
    operation: "IndexState",
    tag: "clair",
    summary: "A fingerprint of the indexer",
    access: "read",
    responses: {
      200: {
        description: "An opaque token",
        mediaTypes: spellings(clairMediaTypes.indexState),
        schema: clairSchemas.index_state,
      },
      304: { description: "The indexer is still the same" },
    },
    async handle({ request }) {
      const type = negotiate(request, spellings(clairMediaTypes.indexState));
      const state = await indexerState(core.scanners);
      const etag = `"${state}"`;
      return isUnmodified(request, etag)
        ? new Response(null, { status: 304, headers: { etag } })
        : document(200, type, { state }, { etag });
    },
  };

  const affectedPost: Route = {
    method: "post",
    path: `${indexerPath}/internal/affected_manifest`,
    operation: "AffectedManifests",
    tag: "clair",
    summary: "Manifests that vulnerabilities affect",
    access: "read",
    body: {
      description: "Vulnerabilities.",
      mediaTypes: spellings(clairMediaTypes.vulnerabilitySummaries),
      schema: clairSchemas.vulnerability_summaries,
    },
    responses: answers(200, "Manifests and vulnerabilities", clairMediaTypes.affectedManifests, "affected_manifests"),
    async handle({ request, actor }) {
      const type = negotiate(request, spellings(clairMediaTypes.affectedManifests));
      const taken = spellings(clairMediaTypes.vulnerabilitySummaries);
      const summaries = readSummaries(await readJson(request, taken, options.maxBodyBytes));
      return document(200, type, await affectedManifests(queries, actor.tenant, summaries));
    },
  };

  const vulnerabilityGet: Route = {
    method: "get",
    path: `${matcherPath}/vulnerability_report/{digest}`,
    operation: "GetVulnerabilityReport",
    tag: "clair",
    summary: "The vulnerabilities of an indexed manifest, by the current advisories",
    access: "read",
    parameters: [digestParameter],
    responses: {
      ...answers(201, "The vulnerability report", clairMediaTypes.vulnerabilityReport, "vulnerability_report"),
      404: { description: "The manifest was never indexed" },
    },
    async handle(call) {
      const type = negotiate(call.request, spellings(clairMediaTypes.vulnerabilityReport));
      const digest = digestOf(call);
      const indexed = await loadManifest(queries, { tenant: call.actor.tenant, digest });
      if (indexed === undefined) throw new HttpError(404, "index report not found");
      const { inventory, state, error } = indexed;
      // An index that failed says nothing, least of all that nothing is wrong.
      if (inventory === undefined || state === "IndexError")
        throw new HttpError(
          404,
          state === "IndexError" ? `the manifest could not be indexed: ${error}` : "the manifest is not indexed yet",
        );
      const report = await withAdvisories(core, async (lease) => {
        if (lease === undefined) throw new HttpError(503, "there is no advisory database yet", { "retry-after": "30" });
        return clairVulnerabilityReport(digest, inventory, lease.store, { signal: call.signal });
      });
      return document(201, type, report);
    },
  };

  const operationsGet: Route = {
    method: "get",
    path: `${matcherPath}/internal/update_operation`,
    operation: "GetUpdateOperation",
    tag: "clair",
    summary: "Updates of the advisories",
    access: "read",
    parameters: [
      {
        name: "kind",
        in: "query",
        description: "Kind of updates.",
        schema: { enum: ["vulnerability", "enrichment"], default: "vulnerability" },
      },
      { name: "latest", in: "query", description: "Only the newest.", schema: { type: "boolean", default: false } },
    ],
    responses: {
      ...answers(200, "Updates by updater", clairMediaTypes.updateOperations, "update_operations"),
      304: { description: "There was no further update" },
    },
    async handle({ request, query }) {
      const type = negotiate(request, spellings(clairMediaTypes.updateOperations));
      const kind = query.get("kind") ?? "vulnerability";
      if (kind !== "vulnerability" && kind !== "enrichment") throw new HttpError(400, `unknown kind "${kind}"`);
      const newest = await latestUpdate(queries, kind);
      const headers = newest === undefined ? undefined : { etag: `"${newest}"` };
      if (headers !== undefined && isUnmodified(request, headers.etag))
        return new Response(null, { status: 304, headers });
      return document(
        200,
        type,
        await updateOperations(queries, { kind, latest: booleanOf(query, "latest") }),
        headers,
      );
    },
  };

  const operationDelete: Route = {
    method: "delete",
    path: `${matcherPath}/internal/update_operation/{ref}`,
    operation: "DeleteUpdateOperation",
    tag: "clair",
    summary: "Delete an update",
    access: "write",
    parameters: [{ name: "ref", in: "path", description: "The update.", schema: { type: "string" }, required: true }],
    responses: { 200: { description: "Deleted" } },
    async handle({ parameters, actor }) {
      refuseTenants(actor);
      await deleteUpdateOperation(queries, parameters["ref"] ?? "");
      return new Response(null, { status: 200 });
    },
  };

  const diffGet: Route = {
    method: "get",
    path: `${matcherPath}/internal/update_diff`,
    operation: "GetUpdateDiff",
    tag: "clair",
    summary: "The changes between two updates that affect indexed manifests",
    access: "read",
    parameters: [
      {
        name: "prev",
        in: "query",
        description: "The earlier update. Absent, which needs `cur`: from the first on.",
        schema: { type: "string" },
      },
      { name: "cur", in: "query", description: "The later one. Absent: the newest.", schema: { type: "string" } },
    ],
    responses: answers(200, "The difference", clairMediaTypes.updateDiff, "update_diff"),
    async handle({ request, query, actor }) {
      const type = negotiate(request, spellings(clairMediaTypes.updateDiff));
      const [previous, current] = ["prev", "cur"].map((name) => query.get(name) || undefined);
      if (previous === undefined && current === undefined)
        throw new HttpError(400, 'the query has neither "prev" nor "cur"');
      const difference = await updateDiff(queries, actor.tenant, previous, current);
      if (difference === undefined) throw new HttpError(400, "one of the updates is not known");
      return document(200, type, difference);
    },
  };

  const idParameter: Parameter = {
    name: "id",
    in: "path",
    description: "The notification.",
    schema: { type: "string" },
    required: true,
  };

  const notificationGet: Route = {
    method: "get",
    path: `${notifierPath}/notification/{id}`,
    operation: "GetNotification",
    tag: "clair",
    summary: "The entries of a notification",
    access: "read",
    parameters: [
      idParameter,
      {
        name: "page_size",
        in: "query",
        description: "Notifications in a page.",
        schema: { type: "integer", default: 500, minimum: 1, maximum: 10_000 },
      },
      { name: "next", in: "query", description: "`next.page` of the page before.", schema: { type: "string" } },
    ],
    responses: {
      ...answers(200, "A page", clairMediaTypes.notificationPage, "notification_page"),
      404: { description: "There is no such notification" },
    },
    async handle({ request, query, parameters, actor }) {
      const type = negotiate(request, spellings(clairMediaTypes.notificationPage));
      const sizeText = query.get("page_size") ?? "500";
      const size = Number(sizeText);
      if (!/^\d+$/.test(sizeText) || size < 1) throw new HttpError(400, '"page_size" is no number above 0');
      const next = query.get("next") || undefined;
      if (next !== undefined && !isCursor(next)) throw new HttpError(400, '"next" is not a cursor of this service');
      const page = await notificationPage(queries, parameters["id"] ?? "", {
        tenant: actor.tenant,
        size: Math.min(size, 10_000),
        next,
        summary: !options.disableSummary,
      });
      if (page === undefined) throw new HttpError(404, "notification not found");
      return document(200, type, page);
    },
  };

  const notificationDelete: Route = {
    method: "delete",
    path: `${notifierPath}/notification/{id}`,
    operation: "DeleteNotification",
    tag: "clair",
    summary: "Delete a notification",
    access: "write",
    parameters: [idParameter],
    responses: { 200: { description: "Deleted" } },
    async handle({ parameters, actor }) {
      refuseTenants(actor);
      await queries
        .deleteFrom("notification")
        .where("id", "=", parameters["id"] ?? "")
        .execute();
      return new Response(null, { status: 200 });
    },
  };

  return [
    indexPost,
    indexDelete,
    reportGet,
    reportDelete,
    stateGet,
    affectedPost,
    vulnerabilityGet,
    operationsGet,
    operationDelete,
    diffGet,
    notificationGet,
    notificationDelete,
  ];
}

function digestOf({ parameters }: Call): Digest {
  const digest = parameters["digest"];
  if (!isDigest(digest)) throw new HttpError(400, "malformed path: that is no digest");
  return digest;
}

function booleanOf(query: URLSearchParams, name: string): boolean {
  const value = query.get(name) ?? "false";
  if (value !== "true" && value !== "false") throw new HttpError(400, `"${name}" is true or false`);
  return value === "true";
}

function document(
  status: number,
  type: string,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(`${JSON.stringify(value)}\n`, { status, headers: { ...headers, "content-type": type } });
}

/** Updates and their notifications are for all: no tenant may take them from the others. @throws HttpError 403 */
function refuseTenants({ name, tenant }: Actor): void {
  if (tenant !== "") throw new HttpError(403, `${name} is of a tenant; updates and notifications are the operator's`);
}
