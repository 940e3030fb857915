import { jsonSchemaValidator, xmlProblem, xmlSchemaValidator } from "./schema-validators.ts";

type Validator = (document: string) => Promise<readonly string[]>;

const schemas = "conformance/schemas";

function jsonBy(schema: string, ...others: readonly string[]): Validator {
  return async (document) => jsonSchemaValidator(`${schemas}/${schema}`, ...others)?.(JSON.parse(document)) ?? [];
}

function xmlBy(schema: string, ...others: readonly string[]): Validator {
  return async (document) => (await xmlSchemaValidator(`${schemas}/${schema}`, ...others)?.(document)) ?? [];
}

const json: Validator = async (document) => {
  JSON.parse(document);
  return [];
};

const cycloneDxVersions = ["1.4", "1.5", "1.6", "1.7"];

/** By format, as `--format` names it. Formats without a published schema are parsed, at least. */
const validators: ReadonlyMap<string, Validator> = new Map<string, Validator>([
  ...cycloneDxVersions.map((version): [string, Validator] => [
    `cyclonedx@${version}`,
    jsonBy(
      `cyclonedx/bom-${version}.schema.json`,
      "spdx.schema.json",
      "jsf-0.82.schema.json",
      ...(version === "1.7" ? ["cryptography-defs.schema.json"] : []),
    ),
  ]),
  ...cycloneDxVersions.map((version): [string, Validator] => [
    `cyclonedx-xml@${version}`,
    xmlBy(`cyclonedx/bom-${version}.xsd`, "spdx.xsd"),
  ]),
  ["spdx-json", jsonBy("spdx/spdx-schema-2.3.json")],
  ["spdx3-json", json],
  ["sarif", jsonBy("sarif/sarif-schema-2.1.0.json")],
  ["openvex", openVex],
  ["junit", xmlBy("junit/JUnit.xsd")],
  ["gitlab", json],
  ["github", json],
  ["cosign-vuln", json],
  ["json", json],
  ["html", async (document) => (document.startsWith("<!doctype html>") ? [] : ["no document type"])],
]);

/** The schema wants a statement; an empty draft is still the true answer when nothing was found. */
async function openVex(document: string): Promise<readonly string[]> {
  const { statements } = JSON.parse(document) as { readonly statements: readonly unknown[] };
  return statements.length === 0 ? [] : jsonBy("openvex/openvex_json_schema.json")(document);
}

/** The formats that {@link formatProblems} can validate. */
export const judgedFormats: readonly string[] = [...validators.keys()];

/** The violations of a format's published schema by a document; empty for a valid one. */
export async function formatProblems(format: string, document: string): Promise<readonly string[]> {
  if (format.includes("xml") || format === "junit") {
    const problem = xmlProblem(document);
    if (problem !== undefined) return [problem];
  }
  return (await validators.get(format)?.(document)) ?? [];
}
