import { readdirSync } from "node:fs";
import type { Advisory, AdvisoryStore, Report } from "@plimsoll/model";
import { cyclonedx, everyReporter, readSbom, reporterFor, spdx, spdx3 } from "@plimsoll/report";
import { jsonSchemaValidator, sharedPath, xmlSchemaValidator } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { matchInventory, scanImage } from "./node.ts";

/** Warns of every version of every package that is asked for: each look-up a package causes becomes a finding that tells it. */
const alarmist: AdvisoryStore = {
  revision: "everything",
  sources: [],
  covers: () => true,
  find: async (keys) =>
    keys.map(({ namespace, name }) => [
      { advisory: `X-${namespace}-${name}`, namespace, name, ranges: [{ introduced: "0", end: { kind: "open" } }] },
    ]),
  read: async (ids) =>
    ids.map((id): Advisory => ({
      id,
      source: "test",
      aliases: [],
      severities: [{ system: "rating", value: "high", source: "test" }],
      references: [],
      affected: [],
    })),
  enrich: async (cves) => cves.map(() => undefined),
};

const folder = sharedPath("data/images");
const images = folder === undefined ? [] : readdirSync(folder).filter((name) => name.includes(".tar"));
const text = (id: string, report: Report): string =>
  [...reporterFor(id, { template: "{{ total }}" }).render(report)].join("");

const schemas = new Map<string, ((document: unknown) => readonly string[]) | undefined>([
  [
    "cyclonedx",
    jsonSchemaValidator(
      "conformance/schemas/cyclonedx/bom-1.6.schema.json",
      "spdx.schema.json",
      "jsf-0.82.schema.json",
    ),
  ],
  ["spdx-json", jsonSchemaValidator("conformance/schemas/spdx/spdx-schema-2.3.json")],
  ["sarif", jsonSchemaValidator("conformance/schemas/sarif/sarif-schema-2.1.0.json")],
  ["openvex", jsonSchemaValidator("conformance/schemas/openvex/openvex_json_schema.json")],
]);
const xmlSchemas = new Map([
  ["cyclonedx-xml", xmlSchemaValidator("conformance/schemas/cyclonedx/bom-1.6.xsd", "spdx.xsd")],
  ["junit", xmlSchemaValidator("conformance/schemas/junit/JUnit.xsd")],
]);

const otherVersions = (["1.4", "1.5", "1.7"] as const).map((specVersion) => ({
  specVersion,
  json: jsonSchemaValidator(
    `conformance/schemas/cyclonedx/bom-${specVersion}.schema.json`,
    "spdx.schema.json",
    "jsf-0.82.schema.json",
    ...(specVersion === "1.7" ? ["cryptography-defs.schema.json"] : []),
  ),
  xml: xmlSchemaValidator(`conformance/schemas/cyclonedx/bom-${specVersion}.xsd`, "spdx.xsd"),
}));

describe.skipIf(folder === undefined).each(images.length === 0 ? ["no image"] : images)("%s", (name) => {
  test("gives the same findings by way of its SBOM, and valid documents in every format", async () => {
    const report = await scanImage(`${folder}/${name}`, { advisories: alarmist, cache: false });

    expect((report.findings ?? []).length > 0).toBe(report.packages.length > 0);

    const writers = [cyclonedx(), cyclonedx({ format: "xml" }), spdx(), spdx({ format: "tag-value" }), spdx3()];
    for (const writer of writers) {
      const inventory = readSbom([...writer.render(report)].join(""));
      const again = await matchInventory(inventory, { advisories: alarmist });
      expect(inventory.packages, writer.id).toEqual(report.packages);
      expect(again.findings, writer.id).toEqual(report.findings);
      expect(again.coverage, writer.id).toEqual(report.coverage);
    }
    for (const id of everyReporter.keys()) {
      const document = text(id, report);
      expect(schemas.get(id)?.(JSON.parse(document)) ?? [], id).toEqual(
        // The OpenVEX schema wants a statement even where there is nothing to state.
        id === "openvex" && report.findings?.length === 0 ? [expect.stringContaining("/statements")] : [],
      );
      expect((await xmlSchemas.get(id)?.(document)) ?? [], id).toEqual([]);
    }
    for (const { specVersion, json, xml } of otherVersions) {
      const document = [...cyclonedx({ specVersion }).render(report)].join("");
      expect(json?.(JSON.parse(document)) ?? [], specVersion).toEqual([]);
      const markup = [...cyclonedx({ specVersion, format: "xml" }).render(report)].join("");
      expect((await xml?.(markup)) ?? [], specVersion).toEqual([]);
    }
  });
});
