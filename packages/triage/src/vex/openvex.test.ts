import { describe, expect, test } from "vitest";
import { about, aboutNothing, hidden, openvex, told } from "../fixtures/vex-verdicts.ts";

describe("an OpenVEX statement", () => {
  test.each([
    ["not_affected", ["CVE-2020-8927: not_affected, says Us (doc.json)"]],
    ["fixed", ["CVE-2020-8927: fixed, says Us (doc.json)"]],
    ["affected", []],
    ["under_investigation", []],
  ])("with the status %s applies, and hides %j", (status, expected) => {
    const document = openvex({ ...about, status });

    expect(hidden(document)).toEqual(expected);
    expect(told(document)).toEqual([]);
  });

  test.each([
    [{ justification: "component_not_present" }, "not_affected (component_not_present), says Us (doc.json)"],
    [{ impact_statement: "Nobody calls it" }, "not_affected (Nobody calls it), says Us (doc.json)"],
    [
      { justification: "inline_mitigations_already_exist", impact_statement: "A proxy" },
      "not_affected (inline_mitigations_already_exist: A proxy), says Us (doc.json)",
    ],
    [{ justification: ["no", "text"], impact_statement: "" }, "not_affected, says Us (doc.json)"],
  ])("with %j gives the reason %s", (why, reason) => {
    expect(hidden(openvex({ ...about, ...why, status: "not_affected" }))).toEqual([`CVE-2020-8927: ${reason}`]);
  });

  test("of a document without an author is the document's", () => {
    const document = { ...openvex({ ...about, status: "fixed" }), author: undefined };

    expect(hidden(document)).toEqual(["CVE-2020-8927: fixed, says the document (doc.json)"]);
  });

  test.each([
    ["a status nobody knows", { ...about, status: "maybe" }, "statements[0]: no status that OpenVEX knows"],
    ["no status", about, "statements[0]: no status that OpenVEX knows"],
    ["no vulnerability", { ...about, status: "fixed", vulnerability: undefined }, "statements[0]: no vulnerability"],
    ["an empty vulnerability", { ...about, status: "fixed", vulnerability: "" }, "statements[0]: no vulnerability"],
    [
      "an IRI that ends with a slash",
      { ...about, status: "fixed", vulnerability: { "@id": "https://example.org/" } },
      "statements[0]: no vulnerability",
    ],
  ])("with %s is not applied, and said so", (_name, statement, problem) => {
    expect(hidden(openvex(statement))).toEqual([]);
    expect(told(openvex(statement))[0]).toBe(`doc.json: ${problem}; the statement is not applied`);
  });

  test("that is no object is passed by", () => {
    expect(hidden(openvex("x", null, { ...about, status: "fixed" }))).toHaveLength(1);
  });

  test.each([
    ["a purl of the very version", { products: [{ "@id": "pkg:apk/wolfi/brotli@1.0.9-r1" }] }, true],
    ["a purl of another version", { products: [{ "@id": "pkg:apk/wolfi/brotli@1.0.9-r2" }] }, false],
    ["a purl of another distribution", { products: [{ "@id": "pkg:apk/alpine/brotli" }] }, false],
    ["a qualifier that fits", { products: [{ "@id": "pkg:apk/wolfi/brotli?arch=x86_64" }] }, true],
    ["a qualifier that does not", { products: [{ "@id": "pkg:apk/wolfi/brotli?arch=aarch64" }] }, false],
    [
      "an identifier beside another id",
      { products: [{ "@id": "urn:x", identifiers: { purl: "pkg:apk/wolfi/brotli" } }] },
      true,
    ],
    ["another product first", { products: [{ "@id": "pkg:apk/wolfi/curl" }, ...about.products] }, true],
    ["an alias of the vulnerability", { vulnerability: { name: "X", aliases: ["GHSA-b"] } }, true],
    ["an alias of the finding, in capitals", { vulnerability: { name: "ghsa-B" } }, true],
    [
      "the IRI of the vulnerability",
      { vulnerability: { "@id": "https://nvd.nist.gov/vuln/detail/CVE-2020-8927" } },
      true,
    ],
    ["another vulnerability", { vulnerability: { name: "CVE-2020-8928" } }, false],
    ["texts, as in 0.0.1", { vulnerability: "CVE-2020-8927", products: ["pkg:apk/wolfi/brotli"] }, true],
    ["no product", { products: [] }, false],
    ["products that are no list", { products: "pkg:apk/wolfi/brotli" }, false],
    ["a product that is nothing", { products: [null, 7, {}] }, false],
  ])("with %s: %s", (_name, rest, expected) => {
    expect(hidden(openvex({ ...about, ...rest, status: "not_affected" })).length > 0).toBe(expected);
  });

  test.each([
    ["as texts, before 0.2.0", { subcomponents: ["pkg:apk/wolfi/brotli"] }, true],
    ["beside the products, before 0.2.0", { subcomponents: [{ "@id": "pkg:apk/wolfi/brotli" }] }, true],
    ["of another name", { subcomponents: [{ "@id": "pkg:apk/wolfi/curl" }] }, false],
    ["that is one and no list", { subcomponents: { "@id": "pkg:apk/wolfi/brotli" } }, true],
    ["that is another and no list", { subcomponents: { "@id": "pkg:apk/wolfi/curl" } }, false],
    ["that are none", { subcomponents: [] }, true],
    ["that are none, said by null", { subcomponents: null }, true],
    ["that is known by its hash alone", { subcomponents: [{ hashes: { "sha-256": "aa" } }] }, false],
    ["of which one is known by its hash alone", { subcomponents: [{}, { "@id": "pkg:apk/wolfi/brotli" }] }, true],
  ])("about an image and parts of it %s: %s", (_name, rest, expected) => {
    const images = [["pkg:oci/app@sha256%3Aaa"], [{ "@id": "pkg:oci/app@sha256%3Aaa" }]];
    const statements = images.map((products) => ({ ...about, products, status: "fixed", ...rest }));

    expect(statements.map((statement) => hidden(openvex(statement)).length > 0)).toEqual([expected, expected]);
  });
});

describe("of two OpenVEX statements about the same", () => {
  const fixed = { ...about, status: "fixed" };
  const affected = { ...about, status: "affected" };

  test.each([
    ["the later one", { ...fixed, timestamp: "2024-03-01" }, { ...affected, timestamp: "2024-02-01" }, true],
    ["the later one, elsewhere", { ...affected, timestamp: "2024-02-01" }, { ...fixed, timestamp: "2024-03-01" }, true],
    [
      "the one updated later",
      { ...fixed, timestamp: "2024-01-05", last_updated: "2024-03-01" },
      { ...affected, timestamp: "2024-02-01" },
      true,
    ],
    ["the one later than the document, when one has no time", { ...affected, timestamp: "2024-03-01" }, fixed, false],
    ["the last in the document, when both have no time", affected, fixed, true],
    ["the last in the document, when no time can be read", { ...affected, timestamp: "tomorrow" }, fixed, true],
  ])("%s counts", (_name, first, second, expected) => {
    expect(hidden(openvex(first, second)).length > 0).toBe(expected);
  });

  test("one without any time comes first", () => {
    const document = { ...openvex({ ...fixed, timestamp: "2024-03-01" }, affected), timestamp: undefined };

    expect(hidden(document)).toHaveLength(1);
  });

  test("the later counts by whatever name of the vulnerability it goes", () => {
    const byAlias = { ...fixed, vulnerability: { name: "GHSA-b" }, timestamp: "2024-02-01" };
    const byName = { ...affected, timestamp: "2024-03-01" };

    expect(hidden(openvex(byAlias, byName))).toEqual([]);
    expect(hidden(openvex({ ...byAlias, timestamp: "2024-04-01" }, byName))).toHaveLength(1);
  });
});

describe("what is OpenVEX", () => {
  test.each([
    { "@context": "https://openvex.dev/ns/v0.2.0" },
    { "@context": "http://openvex.dev/ns" },
    { "@context": ["https://example.org", "https://openvex.dev/ns"] },
    { statements: [] },
  ])("%j is", (document) => {
    expect(told(document)).toEqual(["doc.json: none of its 0 statements is about a finding"]);
  });

  test.each([{ "@context": "https://example.org/https://openvex.dev/ns" }, { statements: {} }])(
    "%j is not",
    (document) => {
      expect(() => hidden(document)).toThrow("neither OpenVEX, CycloneDX nor CSAF");
    },
  );

  test("a document that is about nothing here is remarked on", () => {
    expect(told(openvex({ ...about, status: "fixed" }), { findings: [] })).toEqual([aboutNothing]);
  });
});
