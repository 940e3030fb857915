// What Harbor's scanner adapter specification, versions 1.0 to 1.2, says of answers: https://github.com/goharbor/pluggable-scanner-spec. Stricter in two things:
// what it lists is all there is, and what its tables of data call mandatory is required.

const text = { type: "string" } as const;
const texts = { type: "array", items: text } as const;
const bag = { type: "object" } as const;

/** A JSON Schema. */
type Schema = Readonly<Record<string, unknown>>;

function closed(properties: Readonly<Record<string, Schema>>, required: readonly string[]): Schema {
  return { type: "object", properties, required, additionalProperties: false };
}

const scanner = closed({ name: text, vendor: text, version: text }, ["name", "vendor", "version"]);

const artifact = closed({ repository: text, digest: text, tag: text, mime_type: text }, ["repository", "digest"]);

const severity = { enum: ["Unknown", "Negligible", "Low", "Medium", "High", "Critical"] } as const;

const time = { type: "string", format: "date-time" } as const;

const capability = closed(
  {
    type: { enum: ["vulnerability", "sbom"] },
    consumes_mime_types: texts,
    produces_mime_types: texts,
    additional_attributes: bag,
  },
  ["consumes_mime_types", "produces_mime_types"],
);

const cvss = closed(
  { score_v3: { type: "number" }, score_v2: { type: "number" }, vector_v3: text, vector_v2: text },
  [],
);

const vulnerability = closed(
  {
    id: text,
    package: text,
    version: text,
    fix_version: text,
    severity,
    description: text,
    links: { type: "array", items: { type: "string", format: "uri" } },
    preferred_cvss: cvss,
    cwe_ids: texts,
    vendor_attributes: bag,
  },
  ["id", "package", "version", "severity"],
);

/** JSON Schemas of the responses, by kind of response. */
export const harborSchemas: Readonly<Record<"metadata" | "scan" | "vulnerabilities" | "sbom" | "error", Schema>> = {
  metadata: closed(
    {
      scanner,
      capabilities: { type: "array", items: capability, minItems: 1 },
      properties: { type: "object", additionalProperties: text },
    },
    ["scanner", "capabilities"],
  ),
  scan: closed({ id: { type: "string", minLength: 1 } }, ["id"]),
  vulnerabilities: closed(
    { generated_at: time, artifact, scanner, severity, vulnerabilities: { type: "array", items: vulnerability } },
    ["generated_at", "artifact", "scanner", "severity", "vulnerabilities"],
  ),
  sbom: closed(
    {
      generated_at: time,
      artifact,
      scanner,
      vendor_attributes: bag,
      media_type: { enum: ["application/spdx+json", "application/vnd.cyclonedx+json"] },
      sbom: bag,
    },
    ["generated_at", "artifact", "scanner", "media_type", "sbom"],
  ),
  error: closed({ error: closed({ message: text }, ["message"]) }, ["error"]),
};
