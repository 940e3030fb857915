import {
  hostileReport,
  hostileTexts,
  jsonSchemaValidator,
  sampleReport,
  testReporter,
  xmlProblem,
  xmlSchemaValidator,
} from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { readSbom } from "../read-sbom.ts";
import { cyclonedx, type CycloneDxVersion } from "./index.ts";

const versions: readonly CycloneDxVersion[] = ["1.4", "1.5", "1.6", "1.7"];

interface Document {
  readonly components: readonly {
    readonly [key: string]: unknown;
    readonly properties: readonly { name: string; value: string }[];
  }[];
  readonly vulnerabilities?: readonly { readonly [key: string]: unknown; readonly id: string }[];
  readonly [key: string]: unknown;
}

function render(report = sampleReport, specVersion: CycloneDxVersion = "1.6"): Document {
  return JSON.parse([...cyclonedx({ specVersion }).render(report)].join("")) as Document;
}

const component = (name: string, document = render()): Document["components"][number] | undefined =>
  document.components.find((it) => it["name"] === name);

function jsonSchema(specVersion: CycloneDxVersion): ReturnType<typeof jsonSchemaValidator> {
  return jsonSchemaValidator(
    `conformance/schemas/cyclonedx/bom-${specVersion}.schema.json`,
    "spdx.schema.json",
    "jsf-0.82.schema.json",
    ...(specVersion === "1.7" ? ["cryptography-defs.schema.json"] : []),
  );
}

const newest = jsonSchema("1.6");

testReporter(cyclonedx(), {
  validate: (text) => {
    const document: unknown = JSON.parse(text);
    expect(newest?.(document) ?? []).toEqual([]);
    expect(document).toMatchObject({ bomFormat: "CycloneDX", specVersion: "1.6" });
  },
});

testReporter(cyclonedx({ format: "xml" }), {
  validate: (text) => expect(xmlProblem(text)).toBeUndefined(),
});

describe.each(versions)("CycloneDX %s", (specVersion) => {
  const schema = jsonSchema(specVersion);
  const xsd = xmlSchemaValidator(`conformance/schemas/cyclonedx/bom-${specVersion}.xsd`, "spdx.xsd");
  const renderXml = (report = sampleReport): string =>
    [...cyclonedx({ specVersion, format: "xml" }).render(report)].join("");

  test.skipIf(schema === undefined).each(["", ...hostileTexts])("JSON is valid with %j for all texts", (text) => {
    expect(schema?.(render(text === "" ? sampleReport : hostileReport(text), specVersion))).toEqual([]);
  });

  test.skipIf(xsd === undefined)("XML is valid for a full and a hostile report", async () => {
    expect(await xsd?.(renderXml())).toEqual([]);
    expect(await xsd?.(renderXml(hostileReport("</name>\0\u202e&<!--]]>\ud800 x")))).toEqual([]);
  });
});

test("packages carry what other tools match them by", () => {
  expect(component("ssl_client")).toMatchObject({
    "bom-ref": "pkg:apk/alpine/ssl_client@1.30.1-r5?arch=x86_64&distro=alpine-3.10.9&upstream=busybox",
    type: "library",
    version: "1.30.1-r5",
    purl: "pkg:apk/alpine/ssl_client@1.30.1-r5?arch=x86_64&distro=alpine-3.10.9&upstream=busybox",
    licenses: [{ license: { id: "GPL-2.0-only", acknowledgement: "declared" } }],
    properties: expect.arrayContaining([
      { name: "aquasecurity:trivy:SrcName", value: "busybox" },
      { name: "aquasecurity:trivy:SrcVersion", value: "1.30.1" },
      { name: "aquasecurity:trivy:SrcRelease", value: "r5" },
      { name: "aquasecurity:trivy:LayerDiffID", value: `sha256:${"a".repeat(64)}` },
      { name: "aquasecurity:trivy:LayerDigest", value: `sha256:${"1".repeat(64)}` },
      { name: "aquasecurity:trivy:PkgType", value: "alpine" },
      { name: "plimsoll:ecosystem", value: "apk" },
    ]) as unknown,
  });
});

test("licences are told apart: one expression, or ids and names", () => {
  expect(component("lodash")?.["licenses"]).toEqual([{ expression: "MIT OR Apache-2.0", acknowledgement: "declared" }]);
  expect(component("shop")?.["licenses"]).toEqual([
    { license: { name: "Our own licence, see LICENSE.txt", acknowledgement: "declared" } },
    { license: { id: "MIT", acknowledgement: "declared" } },
  ]);
});

test("hashes, suppliers and places of discovery are stated", () => {
  expect(component("lodash")).toMatchObject({
    hashes: [{ alg: "SHA-512", content: "c".repeat(128) }],
    cpe: "cpe:2.3:a:lodash:lodash:4.17.4:*:*:*:*:node.js:*:*",
    evidence: { occurrences: [{ location: "app/node_modules/lodash/package.json" }] },
  });
  expect(component("musl")).toMatchObject({
    supplier: { name: "Timo Teräs <timo.teras@iki.fi>" },
    evidence: { occurrences: [{ location: "lib/apk/db/installed", line: 1 }] },
  });
});

test("the dependency graph goes from the image over the distribution to the packages", () => {
  expect(render()["dependencies"]).toEqual([
    { ref: "plimsoll:artifact", dependsOn: ["pkg:npm/shop@1.0.0", "plimsoll:distro"] },
    { ref: "plimsoll:distro", dependsOn: [component("musl")?.["bom-ref"], component("ssl_client")?.["bom-ref"]] },
    { ref: component("musl")?.["bom-ref"] },
    { ref: component("ssl_client")?.["bom-ref"], dependsOn: [component("musl")?.["bom-ref"]] },
    { ref: "pkg:npm/lodash@4.17.4" },
    { ref: "pkg:npm/shop@1.0.0", dependsOn: ["pkg:npm/lodash@4.17.4"] },
  ]);
});

test("vulnerabilities have ratings, targets and a recommendation", () => {
  expect(render().vulnerabilities?.find(({ id }) => id === "CVE-2020-28928")).toMatchObject({
    source: { name: "Alpine:v3.10", url: "https://nvd.nist.gov/vuln/detail/CVE-2020-28928" },
    references: [{ id: "ALPINE-CVE-2020-28928", source: { name: "ALPINE" } }],
    ratings: [
      { source: { name: "nvd" }, severity: "medium" },
      { source: { name: "nvd" }, score: 5.5, severity: "medium", method: "CVSSv31" },
      { source: { name: "nvd" }, score: 2.1, severity: "low", method: "CVSSv2" },
    ],
    cwes: [787],
    recommendation: "Upgrade musl 1.1.22-r3 to 1.1.22-r4.",
    published: "2020-11-24T18:15:12Z",
    affects: [
      {
        ref: component("musl")?.["bom-ref"],
        versions: [
          { version: "1.1.22-r3", status: "affected" },
          { version: "1.1.22-r4", status: "unaffected" },
        ],
      },
    ],
  });
});

test("a suppressed finding carries the VEX analysis that suppressed it", () => {
  expect(render().vulnerabilities?.find(({ id }) => id === "CVE-2019-14697")?.["analysis"]).toEqual({
    state: "not_affected",
    justification: "code_not_reachable",
    detail: "vex: not_affected: vulnerable_code_not_in_execute_path",
  });
});

test.each([
  ["not_affected (vulnerable_code_not_present), says a (o.json)", "not_affected", "code_not_present"],
  ["not_affected (code_not_reachable: requires_environment), says b", "not_affected", "code_not_reachable"],
  ["not_affected (protected_at_perimeter), says b", "not_affected", "protected_at_perimeter"],
  ["not_affected, says b", "not_affected", undefined],
  ["fixed, says b", "resolved", undefined],
])("the VEX statement %j keeps its justification", (reason, state, justification) => {
  const suppressed = (sampleReport.suppressed ?? []).map((one) => ({ ...one, reason }));
  const text = [...cyclonedx().render({ ...sampleReport, suppressed })].join("");
  const { vulnerabilities } = JSON.parse(text) as { vulnerabilities: { analysis?: object }[] };

  expect(vulnerabilities.find(({ analysis }) => analysis !== undefined)?.analysis).toEqual({
    state,
    ...(justification === undefined ? {} : { justification }),
    detail: `vex: ${reason}`,
  });
});

test("an ignore rule makes no claim about exploitability", () => {
  const suppressed = (sampleReport.suppressed ?? []).map((it) => ({ ...it, by: "ignorefile", reason: "accepted" }));

  const document = render({ ...sampleReport, suppressed });

  expect(document.vulnerabilities?.at(-1)?.["analysis"]).toEqual({ detail: "ignorefile: accepted" });
});

test("without advisories there is no list of vulnerabilities, not an empty one", () => {
  const { vulnerabilities: _, ...unasked } = sampleReport;

  expect(Object.keys(render(unasked))).not.toContain("vulnerabilities");
});

test("the serial number names the content, and time appears only when asked for", () => {
  const number = render()["serialNumber"];

  expect(number).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(render()["serialNumber"]).toBe(number);
  expect(render({ ...sampleReport, packages: sampleReport.packages.slice(1) })["serialNumber"]).not.toBe(number);
  expect(render()["metadata"]).not.toHaveProperty("timestamp");
  expect(render({ ...sampleReport, createdAt: "2026-11-24T05:00:00Z" })["metadata"]).toHaveProperty(
    "timestamp",
    "2026-11-24T05:00:00Z",
  );
});

describe("models of machine learning", () => {
  const model = {
    id: "pkg:huggingface/example/bert@abc",
    name: "example/bert",
    version: "abc",
    ecosystem: "ai-model",
    purl: "pkg:huggingface/example/bert@abc",
    kind: "machine-learning-model" as const,
    facts: { format: "safetensors" },
    locations: [{ path: "models/bert.safetensors", evidence: "installed" }] as const,
  };
  const report = { ...sampleReport, vulnerabilities: [], packages: [model] };

  test.each(versions)("have their type in %s where it knows it, and come back as such", (specVersion) => {
    const schema = jsonSchema(specVersion);
    const document = render(report, specVersion);
    const read = readSbom(JSON.stringify(document));

    expect(component("bert", document)?.["type"]).toBe(specVersion === "1.4" ? "library" : "machine-learning-model");
    expect(schema?.(document) ?? []).toEqual([]);
    expect(read.packages).toMatchObject([
      { name: "example/bert", ecosystem: "ai-model", kind: model.kind, facts: model.facts },
    ]);
  });

  test("of others are read by their type, with a package URL or by their name", () => {
    const components = [
      { type: "machine-learning-model", name: "bert", version: "1", purl: "pkg:huggingface/example/bert@abc" },
      { type: "machine-learning-model", name: "own", version: "2" },
    ];
    const { packages, diagnostics } = readSbom(
      JSON.stringify({ bomFormat: "CycloneDX", specVersion: "1.6", components }),
    );

    expect(packages.map(({ name, ecosystem, kind }) => [name, ecosystem, kind]).sort()).toEqual([
      ["example/bert", "ai-model", "machine-learning-model"],
      ["own", "ai-model", "machine-learning-model"],
    ]);
    expect(diagnostics).toEqual([]);
  });
});
