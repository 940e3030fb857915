import { jsonIn, textField } from "@plimsoll/formats";
import { createHash } from "node:crypto";
import { ScanError, severities, isDigest } from "@plimsoll/model";
import type { Inventory, Report, Severity } from "@plimsoll/model";
import {
  compareReports,
  explain,
  failAtOrAbove,
  findingsOf,
  inventoryReport,
  readReport,
  readSbomInTurns,
  renderInTurns,
  reporterFor,
} from "plimsoll";
import { bases, weakerThan } from "../catalog/image-key.ts";
import type { Basis, ImageKey } from "../catalog/image-key.ts";
import { deleteManifests } from "../catalog/load-inventory.ts";
import { HttpError } from "../http/http-error.ts";
import { readBytes } from "../http/request-body.ts";
import type { Call, Parameter, Route } from "../http/route.ts";
import { storeMatched } from "../indexing/index-job.ts";
import { indexerState } from "../indexing/indexer-state.ts";
import { withAdvisories } from "../service-core.ts";
import type { ServiceCore } from "../service-core.ts";
import type { ImageReports } from "./image-reports.ts";
import { indexReference, indexUpload } from "./index-image.ts";
import { isImagesCursor, listImages, imagesWith, recentChanges } from "./image-lists.ts";
import { dailyTrends } from "./trends.ts";
import { maxTrendDays } from "../catalog/totals.ts";
import { wholeNumber } from "./query-numbers.ts";

const digestParameter: Parameter = {
  name: "digest",
  in: "path",
  description: "Digest of the manifest, or of the SBOM.",
  schema: { type: "string", pattern: "^sha(256|512):[a-f0-9]+$" },
  required: true,
};

const formatParameter: Parameter = {
  name: "format",
  in: "query",
  description: "As `--format` of the command: json, sarif, cyclonedx@1.6, spdx-json, html, table, …",
  schema: { type: "string", default: "json" },
};

const json = ["application/json"];
const anything = { type: "object" } as const;

/** Plimsoll's own API for images: add, delete, list and query them. */
export function imageRoutes(
  core: ServiceCore,
  reports: ImageReports,
  options: { readonly maxBodyBytes: number; readonly maxUploadBytes: number },
): readonly Route[] {
  const { queries } = core.database;
  const { inventoryOf, reportOf } = reports;

  async function render(report: Report, format: string): Promise<Response> {
    try {
      const reporter = reporterFor(format);
      return new Response(await renderInTurns(reporter, report), { headers: { "content-type": reporter.mediaType } });
    } catch (error) {
      if (error instanceof ScanError && error.failure.kind === "invalid-option")
        throw new HttpError(400, error.message);
      throw error;
    }
  }

  async function keep(
    { actor, signal }: Pick<Call, "actor" | "signal">,
    inventory: Inventory,
    { digest, basis }: { readonly digest: string; readonly basis: Basis },
  ): Promise<Response> {
    const image = { tenant: actor.tenant, digest };
    const what = { image, basis, inventory, indexer: await indexerState(core.scanners) };
    const kept = await storeMatched(core, what, signal, () => Promise.resolve());
    core.indexed();
    const { name } = inventory.artifact;
    return Response.json(
      { digest, name, packages: inventory.packages.length, basis, kept },
      { status: kept ? 201 : 200, headers: { location: `/api/v1/images/${digest}` } },
    );
  }

  const list: Route = {
    method: "get",
    path: "/api/v1/images",
    operation: "listImages",
    tag: "images",
    summary: "Images and how many vulnerabilities of each severity they have, newest first",
    access: "read",
    parameters: [
      {
        name: "limit",
        in: "query",
        description: "Images in a page.",
        schema: { type: "integer", minimum: 1, maximum: 1000, default: 100 },
      },
      { name: "before", in: "query", description: "`next` of the page before.", schema: { type: "integer" } },
    ],
    responses: { 200: { description: "A page", mediaTypes: json, schema: anything } },
    async handle({ query, actor: { tenant } }) {
      const limit = wholeNumber(query, "limit", 100, 1_000);
      return Response.json(
        await listImages(queries, {
          tenant,
          limit,
          before: wholeNumber(query, "before", 0, Number.MAX_SAFE_INTEGER) || undefined,
        }),
      );
    },
  };

  const scan: Route = {
    method: "post",
    path: "/api/v1/images",
    operation: "scanImage",
    tag: "images",
    summary: "Index an image: by reference, from its registry, or uploaded as an archive",
    access: "write",
    body: {
      description:
        "`{ reference }` as JSON; or, as application/x-tar, what `docker save` or `skopeo copy … oci-archive:` writes.",
      mediaTypes: ["application/json", "application/x-tar", "application/octet-stream"],
      schema: { type: "object", properties: { reference: { type: "string" } }, required: ["reference"] },
    },
    responses: { 201: { description: "Indexed", mediaTypes: json, schema: anything } },
    async handle(call) {
      const { request, signal } = call;
      const type = (request.headers.get("content-type") ?? "").split(";")[0]?.trim();
      try {
        const inventory =
          type === "application/json"
            ? await indexReference(core, readReference(await readBytes(request, options.maxBodyBytes)), signal)
            : await indexUpload(core, request, options.maxUploadBytes, signal);
        const { digest } = inventory.artifact;
        if (digest === undefined || !isDigest(digest)) throw new HttpError(422, "the image has no digest");
        return await keep(call, inventory, { digest, basis: "read" });
      } catch (error) {
        if (error instanceof ScanError && !error.failure.kind.startsWith("store-"))
          throw new HttpError(422, error.message);
        throw error;
      }
    },
  };

  const sbomIn: Route = {
    method: "post",
    path: "/api/v1/sboms",
    operation: "addSbom",
    tag: "images",
    summary: "Store the packages of an SBOM: CycloneDX, SPDX or Syft's JSON",
    access: "write",
    body: {
      description: "The SBOM.",
      mediaTypes: ["application/json", "application/xml", "text/plain"],
      schema: anything,
    },
    responses: {
      201: { description: "Stored, under the digest of its bytes", mediaTypes: json, schema: anything },
    },
    async handle(call) {
      const bytes = await readBytes(call.request, options.maxBodyBytes);
      let inventory: Inventory;
      try {
        inventory = await readSbomInTurns(bytes);
      } catch (error) {
        if (error instanceof ScanError) throw new HttpError(422, error.message);
        throw error;
      }
      return keep(call, inventory, { digest: hashOf(bytes), basis: "read" });
    },
  };

  const inventoryIn: Route = {
    method: "post",
    path: "/api/v1/inventories",
    operation: "addInventory",
    tag: "images",
    summary:
      "Store an inventory that a client made, under the digest of its image or, without one, of its bytes; one that this service read itself is not replaced",
    access: "write",
    body: { description: "The inventory, as `GET …/inventory` gives it.", mediaTypes: json, schema: anything },
    responses: { 201: { description: "Stored", mediaTypes: json, schema: anything } },
    async handle(call) {
      const bytes = await readBytes(call.request, options.maxUploadBytes);
      try {
        const inventory = readReport(new TextDecoder().decode(bytes), { label: "the inventory" });
        if ("coverage" in inventory) throw new HttpError(422, "that is a report, not an inventory");
        const { digest } = inventory.artifact;
        return await keep(call, inventory, { digest: isDigest(digest) ? digest : hashOf(bytes), basis: "client" });
      } catch (error) {
        if (error instanceof ScanError && error.failure.kind === "malformed-document")
          throw new HttpError(422, error.message);
        throw error;
      }
    },
  };

  const inventoryOut: Route = {
    method: "get",
    path: "/api/v1/images/{digest}/inventory",
    operation: "getInventory",
    tag: "images",
    summary: "The inventory of an image",
    access: "read",
    parameters: [digestParameter],
    responses: {
      200: { description: "The inventory", mediaTypes: json, schema: anything },
      404: { description: "It was never scanned" },
    },
    handle: async (call) => Response.json((await inventoryOf(imageOf(call))).inventory),
  };

  const sbomOut: Route = {
    method: "get",
    path: "/api/v1/images/{digest}/sbom",
    operation: "getSbom",
    tag: "images",
    summary: "The SBOM of an image",
    access: "read",
    parameters: [digestParameter, { ...formatParameter, schema: { type: "string", default: "cyclonedx" } }],
    responses: { 200: { description: "The SBOM", schema: anything }, 404: { description: "It was never scanned" } },
    handle: async (call) =>
      render(inventoryReport((await inventoryOf(imageOf(call))).inventory), call.query.get("format") ?? "cyclonedx"),
  };

  const report: Route = {
    method: "get",
    path: "/api/v1/images/{digest}/report",
    operation: "getReport",
    tag: "images",
    summary: "The report of an image by the current advisories, in any format",
    access: "read",
    parameters: [digestParameter, formatParameter],
    responses: { 200: { description: "The report", schema: anything }, 404: { description: "It was never scanned" } },
    handle: async (call) =>
      render((await reportOf(imageOf(call), call.signal)).report, call.query.get("format") ?? "json"),
  };

  const explanation: Route = {
    method: "get",
    path: "/api/v1/images/{digest}/explain/{id}",
    operation: "explain",
    tag: "questions",
    summary: "Why a vulnerability is or is not in an image",
    access: "read",
    parameters: [
      digestParameter,
      { name: "id", in: "path", description: "CVE or any other id.", schema: { type: "string" }, required: true },
    ],
    responses: { 200: { description: "The explanation", mediaTypes: json, schema: anything } },
    async handle(call) {
      const { report: found } = await reportOf(imageOf(call), call.signal);
      return withAdvisories(core, async (lease) =>
        Response.json(
          await explain(found, call.parameters["id"] ?? "", lease === undefined ? {} : { advisories: lease.store }),
        ),
      );
    },
  };

  const gate: Route = {
    method: "get",
    path: "/api/v1/images/{digest}/gate",
    operation: "gate",
    tag: "questions",
    summary: "Whether this digest may run; never for an image that was not scanned, or not completely",
    access: "read",
    parameters: [
      digestParameter,
      {
        name: "severity",
        in: "query",
        description: "The mildest severity that refuses.",
        schema: { enum: [...severities], default: "HIGH" },
      },
      {
        name: "basis",
        in: "query",
        description:
          "The weakest basis that is accepted. `read`: this service read the image; `layers`: a client stated which layers the image has; `client`: a client stated everything.",
        schema: { enum: [...bases], default: "client" },
      },
    ],
    responses: {
      200: {
        description: "The verdict",
        mediaTypes: json,
        schema: {
          type: "object",
          properties: {
            allowed: { type: "boolean" },
            reasons: { type: "array", items: { type: "string" } },
            basis: { enum: [...bases] },
          },
          required: ["allowed", "reasons"],
        },
      },
    },
    async handle(call) {
      const word = (call.query.get("severity") ?? "HIGH").toUpperCase();
      // To ask for any word.
      if (!(severities as readonly string[]).includes(word))
        throw new HttpError(400, `"severity" is one of ${severities.join(", ")}`);
      const weakest = call.query.get("basis") ?? "client";
      const tooWeak = weakerThan(weakest);
      if (!bases.some((known) => known === weakest)) throw new HttpError(400, `"basis" is one of ${bases.join(", ")}`);
      return Response.json(await judge(call, word as Severity, tooWeak)); // as: checked
    },
  };

  async function judge(
    call: Call,
    severity: Severity,
    tooWeak: readonly Basis[],
  ): Promise<{ readonly allowed: boolean; readonly reasons: readonly string[]; readonly basis?: Basis }> {
    try {
      const { report: found, basis } = await reportOf(imageOf(call), call.signal);
      const failures = failAtOrAbove(severity).failures(findingsOf(found));
      const reasons = [
        ...(tooWeak.includes(basis) ? [`its contents are only stated by a client (${basis})`] : []),
        ...failures.map((finding) => `${finding.id} (${finding.severity})`),
        ...found.coverage.gaps.map(({ message }) => `not wholly known: ${message}`),
      ];
      return { allowed: reasons.length === 0, reasons: [...new Set(reasons)], basis };
    } catch (error) {
      if (!(error instanceof HttpError) || error.status === 400) throw error;
      return { allowed: false, reasons: [error.message] };
    }
  }

  const diff: Route = {
    method: "get",
    path: "/api/v1/diff",
    operation: "diff",
    tag: "questions",
    summary: "Findings that were added, removed and changed between two images",
    access: "read",
    parameters: ["before", "after"].map((name) => ({ ...digestParameter, name, in: "query" as const })),
    responses: { 200: { description: "The difference", mediaTypes: json, schema: anything } },
    async handle({ query, signal, actor: { tenant } }) {
      const { report: before } = await reportOf({ tenant, digest: query.get("before") }, signal);
      const { report: after } = await reportOf({ tenant, digest: query.get("after") }, signal);
      return Response.json(compareReports(before, after));
    },
  };

  const where: Route = {
    method: "get",
    path: "/api/v1/vulnerabilities/{id}",
    operation: "whereIs",
    tag: "questions",
    summary: "All images that have a vulnerability, with the packages, 250 in a page",
    access: "read",
    parameters: [
      { name: "id", in: "path", description: "CVE or advisory id.", schema: { type: "string" }, required: true },
      { name: "after", in: "query", description: "`next` of the page before.", schema: { type: "string" } },
    ],
    responses: { 200: { description: "Images", mediaTypes: json, schema: anything } },
    async handle({ parameters, query, actor }) {
      const after = query.get("after") ?? undefined;
      if (after !== undefined && !isImagesCursor(after))
        throw new HttpError(400, '"after" is not the "next" of a page');
      return Response.json(await imagesWith(queries, actor.tenant, parameters["id"] ?? "", after));
    },
  };

  const changes: Route = {
    method: "get",
    path: "/api/v1/changes",
    operation: "changes",
    tag: "questions",
    summary: "What updates of the advisories changed, newest first",
    access: "read",
    parameters: [
      {
        name: "limit",
        in: "query",
        description: "Changes.",
        schema: { type: "integer", minimum: 1, maximum: 1000, default: 100 },
      },
    ],
    responses: { 200: { description: "Changes", mediaTypes: json, schema: anything } },
    handle: async ({ query, actor }) =>
      Response.json(await recentChanges(queries, actor.tenant, wholeNumber(query, "limit", 100, 1_000))),
  };

  const trends: Route = {
    method: "get",
    path: "/api/v1/trends",
    operation: "trends",
    tag: "questions",
    summary: "Day by day: images indexed, and findings that updates of the advisories added and removed",
    access: "read",
    parameters: [
      {
        name: "days",
        in: "query",
        description: "Days, the present one included.",
        schema: { type: "integer", minimum: 1, maximum: maxTrendDays, default: 30 },
      },
    ],
    responses: { 200: { description: "Days, oldest first", mediaTypes: json, schema: anything } },
    handle: async ({ query, actor: { tenant } }) =>
      Response.json(
        await dailyTrends(queries, {
          tenant,
          days: wholeNumber(query, "days", 30, maxTrendDays),
          now: core.now(),
          present: await core.totals(tenant),
        }),
      ),
  };

  const rematch: Route = {
    method: "post",
    path: "/api/v1/rematch",
    operation: "rematch",
    tag: "operation",
    summary: "Look for newer advisories now, and update all findings to them",
    access: "admin",
    responses: { 202: { description: "Started" } },
    async handle() {
      await core.queue.send("update", {}, { key: "update" });
      core.wake();
      return new Response(null, { status: 202 });
    },
  };

  const remove: Route = {
    method: "delete",
    path: "/api/v1/images/{digest}",
    operation: "deleteImage",
    tag: "images",
    summary: "Delete an image",
    access: "write",
    parameters: [digestParameter],
    responses: { 204: { description: "Deleted" } },
    async handle(call) {
      await deleteManifests(core.database, call.actor.tenant, [digestOf(call)]);
      return new Response(null, { status: 204 });
    },
  };

  return [
    list,
    scan,
    sbomIn,
    inventoryIn,
    inventoryOut,
    sbomOut,
    report,
    explanation,
    gate,
    diff,
    where,
    changes,
    trends,
    rematch,
    remove,
  ];
}

function hashOf(bytes: Uint8Array): `sha256:${string}` {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

function imageOf(call: Call): ImageKey {
  return { tenant: call.actor.tenant, digest: digestOf(call) };
}

function digestOf({ parameters }: Call): string {
  const digest = parameters["digest"];
  if (!isDigest(digest)) throw new HttpError(400, "that is no digest");
  return digest;
}

function readReference(bytes: Uint8Array): string {
  const reference = textField(jsonIn(bytes), "reference");
  if (reference === undefined) throw new HttpError(400, 'the body is no JSON with a "reference"');
  return reference;
}
