// Clair's documents as JSON Schemas, for the documentation of the API and for tests: the facts of its published schemas in our words.
import type { JsonSchema } from "../http/route.ts";

const text: JsonSchema = { type: "string" };

const digest: JsonSchema = {
  description: "Names content: algorithm, colon, hexadecimal.",
  type: "string",
  pattern: "^(sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128}|blake3:[a-f0-9]{64})$",
};

const cpe: JsonSchema = {
  description: "CPE 2.2 URI or CPE 2.3 formatted string.",
  type: "string",
  pattern:
    "^([cC][pP][eE]:/[AHOaho]?(:[A-Za-z0-9._\\-~%]*){0,6}|cpe:2\\.3:[aho*\\-](:([?*]*([a-zA-Z0-9\\-._]|\\\\[\\\\*?!\"#$%&'()+,/:;<=>@\\[\\]^`{|}~])+[?*]*|[*\\-])){5}(:([a-zA-Z]{2,3}(-([a-zA-Z]{2}|[0-9]{3}))?|[*\\-]))(:([?*]*([a-zA-Z0-9\\-._]|\\\\[\\\\*?!\"#$%&'()+,/:;<=>@\\[\\]^`{|}~])+[?*]*|[*\\-])){4})$",
};

function closed(properties: Readonly<Record<string, JsonSchema>>, required: readonly string[] = []): JsonSchema {
  return { type: "object", properties, additionalProperties: false, ...(required.length === 0 ? {} : { required }) };
}

function mapOf(schema: JsonSchema): JsonSchema {
  return { type: "object", additionalProperties: schema };
}

function listOf(schema: JsonSchema): JsonSchema {
  return { type: "array", items: schema };
}

const packageFields: Readonly<Record<string, JsonSchema>> = {
  id: text,
  name: text,
  version: text,
  kind: { enum: ["BINARY", "SOURCE"] },
  normalized_version: text,
  module: text,
  arch: text,
  cpe,
};

/** A source package has no source of its own in practice; one level more than needed is allowed. */
const sourcePackage: JsonSchema = closed({ ...packageFields, source: closed(packageFields, ["name", "version"]) }, [
  "name",
  "version",
]);

const pkg: JsonSchema = closed({ ...packageFields, source: sourcePackage }, ["name", "version"]);

const distribution: JsonSchema = closed(
  {
    id: text,
    did: text,
    name: text,
    version: text,
    version_code_name: text,
    version_id: text,
    arch: text,
    cpe,
    pretty_name: text,
  },
  ["id"],
);

const repository: JsonSchema = closed({ id: text, name: text, key: text, uri: text, cpe }, ["id"]);

const environment: JsonSchema = closed({
  package_db: text,
  distribution_id: text,
  introduced_in: digest,
  repository_ids: listOf(text),
});

const layer: JsonSchema = closed(
  {
    hash: digest,
    uri: text,
    headers: { type: "object", patternProperties: { "^[a-zA-Z0-9\\-_]+$": listOf(text) } },
    media_type: { type: "string", pattern: "^application/vnd\\.oci\\.image\\.layer\\.v1\\.tar(\\+(gzip|zstd))?$" },
  },
  ["hash", "uri"],
);

const severity: JsonSchema = { enum: ["Unknown", "Negligible", "Low", "Medium", "High", "Critical"] };

const range: JsonSchema = { ...closed({ "[": text, ")": text }), minProperties: 1 };

const coreFields: Readonly<Record<string, JsonSchema>> = {
  name: text,
  fixed_in_version: text,
  severity: text,
  normalized_severity: severity,
  range,
  arch_op: { enum: ["equals", "not equals", "pattern match"] },
  package: pkg,
  distribution,
  repository,
};

const coreRules: JsonSchema = {
  dependentRequired: { package: ["arch_op"] },
  anyOf: [{ required: ["package"] }, { required: ["repository"] }, { required: ["distribution"] }],
};

const summary: JsonSchema = { ...closed(coreFields, ["name", "normalized_severity"]), ...coreRules };

const vulnerability: JsonSchema = {
  ...closed({ ...coreFields, id: text, updater: text, description: text, issued: text, links: text }, [
    "id",
    "updater",
    "name",
    "normalized_severity",
  ]),
  ...coreRules,
};

const contents: Readonly<Record<string, JsonSchema>> = {
  manifest_hash: digest,
  packages: mapOf(pkg),
  distributions: mapOf(distribution),
  repository: mapOf(repository),
  environments: mapOf(listOf(environment)),
};

const notification: JsonSchema = closed(
  { id: text, manifest: digest, reason: { enum: ["added", "removed"] }, vulnerability: summary },
  ["id", "manifest", "reason", "vulnerability"],
);

const updateOperation: JsonSchema = closed(
  { ref: text, updater: text, fingerprint: text, date: text, kind: { enum: ["vulnerability", "enrichment"] } },
  ["ref", "updater", "fingerprint", "date", "kind"],
);

/** Names of Clair's schemas, without `.schema.json`. */
export type ClairSchemaName =
  | "affected_manifests"
  | "bulk_delete"
  | "cpe"
  | "digest"
  | "distribution"
  | "environment"
  | "error"
  | "index_report"
  | "index_state"
  | "layer"
  | "manifest"
  | "normalized_severity"
  | "notification"
  | "notification_page"
  | "notification_webhook"
  | "package"
  | "range"
  | "repository"
  | "update_diff"
  | "update_operation"
  | "update_operations"
  | "vulnerability"
  | "vulnerability_report"
  | "vulnerability_summaries"
  | "vulnerability_summary";

/** Every schema by name. */
export const clairSchemas: Readonly<Record<ClairSchemaName, JsonSchema>> = {
  affected_manifests: {
    type: "object",
    properties: { vulnerabilities: mapOf(vulnerability), vulnerable_manifests: mapOf(listOf(text)) },
    required: ["vulnerabilities", "vulnerable_manifests"],
  },
  bulk_delete: listOf(digest),
  cpe,
  digest,
  distribution,
  environment,
  error: { type: "object", properties: { code: text, message: text }, required: ["message"] },
  index_report: closed({ ...contents, state: text, err: text, success: { type: "boolean" } }, [
    "manifest_hash",
    "state",
    "success",
  ]),
  index_state: { type: "object", properties: { state: text }, required: ["state"] },
  layer,
  manifest: closed({ hash: digest, layers: listOf(layer) }, ["hash"]),
  normalized_severity: severity,
  notification,
  notification_page: closed(
    { page: closed({ size: { type: "integer" }, next: text }, ["size"]), notifications: listOf(notification) },
    ["page", "notifications"],
  ),
  notification_webhook: closed({ notification_id: text, callback: text }, ["notification_id", "callback"]),
  package: pkg,
  range,
  repository,
  update_diff: closed(
    { prev: updateOperation, cur: updateOperation, added: listOf(vulnerability), removed: listOf(vulnerability) },
    ["cur", "added", "removed"],
  ),
  update_operation: updateOperation,
  update_operations: mapOf(listOf(updateOperation)),
  vulnerability,
  vulnerability_report: closed(
    {
      ...contents,
      vulnerabilities: mapOf(vulnerability),
      package_vulnerabilities: mapOf(listOf(text)),
      enrichments: mapOf({ type: "array" }),
    },
    ["distributions", "environments", "manifest_hash", "packages", "package_vulnerabilities", "vulnerabilities"],
  ),
  vulnerability_summaries: listOf(summary),
  vulnerability_summary: summary,
};
