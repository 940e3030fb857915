// Harbor's scanner adapter API, versions 1.0 to 1.2: https://github.com/goharbor/pluggable-scanner-spec.
import { isDigest } from "@plimsoll/model";
import { inventoryReport, renderInTurns, reporterFor } from "plimsoll";
import { parseReference } from "@plimsoll/registry";
import type { Credentials } from "@plimsoll/registry";
import type { ImageReports } from "../api/image-reports.ts";
import { HttpError } from "../http/http-error.ts";
import { readJson } from "../http/request-body.ts";
import type { Route } from "../http/route.ts";
import { acceptScan } from "../scans/scan-routes.ts";
import { findScan } from "../scans/scan.ts";
import { withAdvisories } from "../service-core.ts";
import type { ServiceCore } from "../service-core.ts";
import { harborReport, harborScanner } from "./harbor-report.ts";
import type { HarborArtifact } from "./harbor-report.ts";
import { harborSchemas } from "./schemas.ts";

const root = "/harbor/api/v1";
const images = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
] as const;
const reportTypes = [
  "application/vnd.security.vulnerability.report; version=1.1",
  "application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0",
] as const;
const rawType = "application/vnd.scanner.adapter.vuln.report.raw";
const sbomType = "application/vnd.security.sbom.report+json; version=1.0";
const metadataType = "application/vnd.scanner.adapter.metadata+json";
const sbomFormats: ReadonlyMap<string, string> = new Map([
  ["application/spdx+json", "spdx-json"],
  ["application/vnd.cyclonedx+json", "cyclonedx"],
]);

/** Seconds after which Harbor asks again. */
const refreshAfter = "5";

/** The routes of Harbor's pluggable scanner API: register `http://…:6060/harbor` as the scanner's address. */
export function harborRoutes(core: ServiceCore, reports: ImageReports, maxBodyBytes: number): readonly Route[] {
  const metadata: Route = {
    method: "get",
    path: `${root}/metadata`,
    operation: "harborMetadata",
    tag: "harbor",
    summary: "The capabilities of this scanner",
    access: "read",
    responses: {
      200: {
        description: "Metadata",
        mediaTypes: [`${metadataType}; version=1.1`, `${metadataType}; version=1.0`],
        schema: harborSchemas.metadata,
      },
    },
    async handle({ request }) {
      const updated = await newestAdvisories(core);
      const properties = {
        "harbor.scanner-adapter/scanner-type": "os-package-vulnerability",
        ...(updated === undefined ? {} : { "harbor.scanner-adapter/vulnerability-database-updated-at": updated }),
      };
      const capabilities = [
        { type: "vulnerability", consumes_mime_types: images, produces_mime_types: [...reportTypes, rawType] },
        {
          type: "sbom",
          consumes_mime_types: images,
          produces_mime_types: [sbomType],
          additional_attributes: { sbom_media_types: [...sbomFormats.keys()] },
        },
      ];
      const version = (request.headers.get("accept") ?? "").includes("version=1.0") ? "1.0" : "1.1";
      return answer(200, `${metadataType}; version=${version}`, { scanner: harborScanner, capabilities, properties });
    },
  };

  const scan: Route = {
    method: "post",
    path: `${root}/scan`,
    operation: "harborScan",
    tag: "harbor",
    summary: "Ask for a scan of an image in Harbor",
    access: "write",
    body: {
      description: "`{ registry, artifact }`",
      mediaTypes: ["application/vnd.scanner.adapter.scan.request+json"],
      schema: { type: "object", required: ["registry", "artifact"] },
    },
    responses: {
      202: {
        description: "Its id",
        mediaTypes: ["application/vnd.scanner.adapter.scan.response+json; version=1.0"],
        schema: harborSchemas.scan,
      },
    },
    async handle({ request, actor: { tenant } }) {
      const types = ["application/vnd.scanner.adapter.scan.request+json", "application/json"];
      const { reference, access } = readScanRequest(await readJson(request, types, maxBodyBytes));
      const id = await acceptScan(core, { tenant, reference, source: "harbor", access });
      return answer(202, "application/vnd.scanner.adapter.scan.response+json; version=1.0", { id });
    },
  };

  const report: Route = {
    method: "get",
    path: `${root}/scan/{scan_request_id}/report`,
    operation: "harborReport",
    tag: "harbor",
    summary: "The report of a scan that Harbor asked for",
    access: "read",
    parameters: [
      {
        name: "scan_request_id",
        in: "path",
        description: "The scan.",
        schema: { type: "string" },
        required: true,
      },
      {
        name: "sbom_media_type",
        in: "query",
        description: "Format of the SBOM, where one is asked for.",
        schema: { enum: [...sbomFormats.keys()] },
      },
    ],
    responses: {
      200: {
        description: "The report",
        mediaTypes: [...reportTypes, rawType, sbomType],
        schema: { anyOf: [harborSchemas.vulnerabilities, harborSchemas.sbom, { type: "object" }] },
      },
      302: { description: "It is not ready: ask again after `Refresh-After` seconds" },
    },
    async handle({ request, parameters, query, actor: { tenant }, signal }) {
      const type = reportTypeOf(request);
      const format = sbomFormats.get(query.get("sbom_media_type") ?? "");
      if (type === sbomType && format === undefined)
        throw new HttpError(400, `"sbom_media_type" is ${[...sbomFormats.keys()].join(" or ")}`);
      const id = parameters["scan_request_id"] ?? "";
      const found = await findScan(core.database.queries, tenant, id);
      if (found === undefined || found.source !== "harbor") throw new HttpError(404, "there is no such scan");
      if (found.state === "failed") throw new HttpError(500, found.error ?? "the scan failed");
      if (found.state !== "done" || found.digest === undefined)
        return new Response(null, {
          status: 302,
          headers: { "refresh-after": refreshAfter, location: new URL(request.url).pathname },
        });
      const artifact = artifactOf(found.reference, found.digest);
      if (type === sbomType && format !== undefined) {
        const { inventory } = await reports.inventoryOf({ tenant, digest: found.digest });
        const reporter = reporterFor(format);
        // Written by the reporter.
        const sbom: unknown = JSON.parse(await renderInTurns(reporter, inventoryReport(inventory)));
        return answer(200, type, {
          generated_at: core.now().toISOString(),
          artifact,
          scanner: harborScanner,
          media_type: query.get("sbom_media_type"),
          sbom,
        });
      }
      const { report: made } = await reports.reportOf({ tenant, digest: found.digest }, signal);
      if (type === rawType) return answer(200, type, made);
      return answer(200, type, harborReport(made, artifact, core.now()));
    },
  };

  return [metadata, scan, report];
}

async function newestAdvisories(core: ServiceCore): Promise<string | undefined> {
  return withAdvisories(core, async (lease) => {
    const times = (lease?.store.sources ?? []).flatMap(({ checkedAt, updatedAt }) => checkedAt ?? updatedAt ?? []);
    return times.sort().at(-1);
  });
}

/** @throws HttpError 400 for what has another form, 422 for what cannot be meant, 501 for what this scanner does not do. */
function readScanRequest(value: unknown): {
  readonly reference: string;
  readonly access: { readonly credentials?: Credentials; readonly plainHttp: boolean };
} {
  const { registry, artifact, enabled_capabilities: enabled = [] } = record(value, "the request");
  const { url, authorization = "" } = record(registry, '"registry"');
  const { repository, digest, tag = "" } = record(artifact, '"artifact"');
  if (!Array.isArray(enabled)) throw new HttpError(400, '"enabled_capabilities" is a list');
  const stranger = enabled.find(
    (each) => !["vulnerability", "sbom"].includes(String(record(each, "a capability")["type"])),
  );
  if (stranger !== undefined) throw new HttpError(501, "there is no such capability");
  if (typeof url !== "string" || !URL.canParse(url)) throw new HttpError(422, '"registry.url" is no address');
  const { protocol, host } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:") throw new HttpError(422, '"registry.url" is no http address');
  if (typeof repository !== "string" || repository === "") throw new HttpError(422, '"artifact.repository" is missing');
  if (!isDigest(digest)) throw new HttpError(422, '"artifact.digest" is no digest');
  if (typeof tag !== "string" || typeof authorization !== "string")
    throw new HttpError(400, '"artifact.tag" and "registry.authorization" are texts');
  const credentials = credentialsOf(authorization);
  return {
    reference: `${host}/${repository}${tag === "" ? "" : `:${tag}`}@${digest}`,
    access: { plainHttp: protocol === "http:", ...(credentials === undefined ? {} : { credentials }) },
  };
}

function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw new HttpError(400, `${what} is no object`);
  return value as Readonly<Record<string, unknown>>; // as: checked
}

/** @throws HttpError 422 for a scheme that registries do not know. */
function credentialsOf(authorization: string): Credentials | undefined {
  if (authorization === "") return undefined;
  const [, scheme = "", value = ""] = /^(Basic|Bearer) (\S+)$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() === "bearer") return { kind: "bearer", token: value };
  const [, username, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(value, "base64").toString("utf8")) ?? [];
  if (username === undefined || password === undefined)
    throw new HttpError(422, '"registry.authorization" is neither Basic nor Bearer');
  return { kind: "password", username, password };
}

function artifactOf(reference: string, digest: string): HarborArtifact {
  const { repository, tag, digest: asked } = parseReference(reference);
  return { repository, digest: asked ?? digest, ...(tag === undefined ? {} : { tag }) };
}

/** @throws HttpError 501 when Harbor accepts nothing that this scanner gives. */
function reportTypeOf(request: Request): string {
  const accept = (request.headers.get("accept") ?? "").replaceAll(/;\s*/g, "; ").trim();
  if (accept === "" || accept === "*/*") return reportTypes[0];
  const types: readonly string[] = [...reportTypes, rawType, sbomType];
  const wanted = accept.split(",", 20).map((type) => type.trim());
  const found = types.find((type) => wanted.includes(type));
  if (found === undefined) throw new HttpError(501, `reports come as ${types.join(", ")}`);
  return found;
}

function answer(status: number, type: string, value: object): Response {
  return new Response(`${JSON.stringify(value)}\n`, { status, headers: { "content-type": type } });
}
