import { describe, expect, test } from "vitest";
import { finish } from "../shared/steps.ts";
import { readSbomDocument, sbomDocumentSteps } from "./read-sbom-document.ts";

const long = "n".repeat(4_000);
const indexes = Array.from({ length: 300 }, (_, at) => at);
const bom = JSON.stringify({
  bomFormat: "CycloneDX",
  components: indexes.map((at) => ({ type: "library", name: `${at}${long}` })),
});
const statement = `{"predicateType":"https://cyclonedx.org/bom","predicate":{"Data":${bom}}}`;

/** Documents of every form, most of whose bytes are names. */
const documents = new Map([
  ["CycloneDX", bom],
  [
    "CycloneDX in XML",
    `<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><components>${indexes
      .map((at) => `<component type="library"><name>${at}${long}</name></component>`)
      .join("\n")}</components></bom>`,
  ],
  ["SPDX 2", JSON.stringify({ spdxVersion: "SPDX-2.3", packages: indexes.map((at) => ({ name: `${at}${long}` })) })],
  [
    "SPDX 3",
    JSON.stringify({
      "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
      "@graph": indexes.map((at) => ({ type: "software_Package", spdxId: `urn:${at}`, name: `${at}${long}` })),
    }),
  ],
  [
    "Syft's JSON",
    JSON.stringify({
      artifacts: indexes.map((at) => ({ id: `${at}`, name: `${at}${long}` })),
      schema: { url: "https://example.org/syft/schema.json" },
    }),
  ],
  ["an attestation", statement],
  [
    "an envelope",
    JSON.stringify({ payloadType: "application/vnd.in-toto+json", payload: Buffer.from(statement).toString("base64") }),
  ],
]);

describe.each([...documents])("%s", (_, text) => {
  test("is read in portions, of which none is long", () => {
    const steps = sbomDocumentSteps(text);
    const portions: number[] = [];
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) portions.push(step.value);

    expect(step.value?.components).toHaveLength(indexes.length);
    // What is parsed counts several times; a document that is parsed at once does not count at all.
    expect(portions.reduce((sum, portion) => sum + portion, 0)).toBeGreaterThan(4 * text.length);
    // The whole text counts once, when it is decoded; a payload when it is taken from its envelope.
    expect(portions.filter((portion) => portion > 256 * 1024).length).toBeLessThanOrEqual(3);
    expect(readSbomDocument(text)).toEqual(step.value);
  });
});

test("a document of lines is read line by line", () => {
  const text = `SPDXVersion: SPDX-2.3\n${indexes.map((at) => `PackageName: p${at}\n`).join("")}`;

  expect([...sbomDocumentSteps(text)].length).toBeGreaterThanOrEqual(2 * indexes.length);
});

describe("an envelope's payload", () => {
  const read = (payload: string): unknown =>
    finish(sbomDocumentSteps(JSON.stringify({ payloadType: "application/vnd.in-toto+json", payload })));
  const encoded = Buffer.from(statement).toString("base64");
  const whole = readSbomDocument(bom);

  test("may be written with white space, for addresses, and without its padding", () => {
    expect(read(encoded.replaceAll(/.{76}/g, "$&\r\n"))).toEqual(whole);
    expect(read(Buffer.from(statement).toString("base64url"))).toEqual(whole);
  });

  test("is none where it is no Base64", () => {
    expect(read(`${encoded.slice(0, 32_766)}==${encoded.slice(32_768)}`)).toBeUndefined();
    expect(read(`${encoded}*`)).toBeUndefined();
  });
});

test("parts of a package of SPDX 3 may stand in the graph by themselves, under an id that the package names", () => {
  const text = JSON.stringify({
    "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
    "@graph": [
      {
        type: "software_Package",
        spdxId: "urn:1",
        name: "Newtonsoft.Json",
        externalIdentifier: ["urn:purl", "_:cpe", "urn:absent"],
        verifiedUsing: ["_:hash"],
      },
      // As Microsoft's sbom-tool writes them, whose word for package URLs is its own.
      {
        type: "ExternalIdentifier",
        spdxId: "urn:purl",
        externalIdentifierType: "purl",
        identifier: "pkg:nuget/Newtonsoft.Json@13.0.1",
      },
      {
        "@type": "ExternalIdentifier",
        "@id": "_:cpe",
        externalIdentifierType: "cpe23",
        identifier: "cpe:2.3:a:newtonsoft:json.net:13.0.1:*:*:*:*:*:*:*",
      },
      { type: "Hash", "@id": "_:hash", algorithm: "sha256", hashValue: "aa" },
    ],
  });

  expect(readSbomDocument(text)?.components).toMatchObject([
    {
      purl: "pkg:nuget/Newtonsoft.Json@13.0.1",
      cpes: ["cpe:2.3:a:newtonsoft:json.net:13.0.1:*:*:*:*:*:*:*"],
      hashes: { sha256: "aa" },
    },
  ]);
});
