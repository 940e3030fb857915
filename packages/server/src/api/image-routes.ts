import { jsonIn, textField } from "@plimsoll/formats";
import { createHash } from "node:crypto";
import { ScanError, isDigest } from "@plimsoll/model";
import type { Inventory, Report } from "@plimsoll/model";
import { inventoryReport, readReportInTurns, readSbomInTurns, renderInTurns, reporterFor } from "plimsoll";
import type { Basis } from "../catalog/image-key.ts";
import { deleteManifests } from "../catalog/load-inventory.ts";
import { HttpError } from "../http/http-error.ts";
import { readBytes } from "../http/request-body.ts";
import type { Call, Parameter, Route } from "../http/route.ts";
import { storeMatched } from "../indexing/index-job.ts";
import { indexerState } from "../indexing/indexer-state.ts";
import type { ServiceCore } from "../service-core.ts";
import { digestOf, digestParameter, imageOf } from "./digest-parameter.ts";
import type { ImageReports } from "./image-reports.ts";
import { indexReference, indexUpload } from "./index-image.ts";
import { listImages } from "./image-lists.ts";
import { wholeNumber } from "./query-numbers.ts";

const formatParameter: Parameter = {
  name: "format",
  in: "query",
  description: "As `--format` of the command: json, sarif, cyclonedx@1.6, spdx-json, html, table, …",
  schema: { type: "string", default: "json" },
};

const json = ["application/json"];
const anything = { type: "object" } as const;

/** Plimsoll's own API for images: add, delete and list them, and what is known of one. */
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
        const inventory = await readReportInTurns(new TextDecoder().decode(bytes), { label: "the inventory" });
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

  return [list, scan, sbomIn, inventoryIn, inventoryOut, sbomOut, report, rematch, remove];
}

function hashOf(bytes: Uint8Array): `sha256:${string}` {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

function readReference(bytes: Uint8Array): string {
  const reference = textField(jsonIn(bytes), "reference");
  if (reference === undefined) throw new HttpError(400, 'the body is no JSON with a "reference"');
  return reference;
}
