import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sharedFile } from "@plimsoll/testkit";
import { FormatError } from "@plimsoll/formats";
import { triage, vexDocument } from "./index.ts";
import { finding, pkg } from "./fixtures/literal-findings.ts";
import { about, both, brotli, hidden, judged, lodash, openvex, told } from "./fixtures/vex-verdicts.ts";

describe("any document", () => {
  test.each(["", "{"])("%j is refused by name, as no JSON", (text) => {
    expect(() => vexDocument(text, { name: "doc.json" })).toThrow(/^Cannot read doc\.json: .*JSON/);
    expect(() => vexDocument(text, { name: "doc.json" })).toThrow(
      expect.objectContaining({
        failure: expect.objectContaining({ kind: "malformed-document", label: "doc.json" }),
        cause: expect.any(FormatError),
      }),
    );
  });

  test.each(["[]", "{}", "null", '"x"', '{ "bomFormat": "SPDX", "document": {} }'])(
    "%j is refused by name, as none that is known",
    (text) => {
      expect(() => vexDocument(text, { name: "doc.json" })).toThrow(
        "Cannot read doc.json: neither OpenVEX, CycloneDX nor CSAF",
      );
    },
  );

  test("has a name that is text", () => {
    // @ts-expect-error: callers may be untyped.
    expect(() => vexDocument("{}", { name: 7 })).toThrow(/^vexDocument: .*name/);
  });

  test("takes a finding out with its statement's names, the rule's and the document's", () => {
    const vulnerability = { name: "CVE-2020-8927", aliases: ["GHSA-b", "X"] };

    expect(judged(openvex({ ...about, vulnerability, status: "fixed" })).suppressed).toEqual([
      {
        finding: both[0],
        by: "vex",
        reason: "fixed, says Us (doc.json)",
        scope: "CVE-2020-8927, GHSA-b, X",
        origin: "doc.json",
      },
    ]);
  });

  test("is remarked on at its place, without an effect on the result", () => {
    expect(judged(openvex({ ...about, status: "fixed" }), { findings: [] }).diagnostics).toEqual([
      {
        kind: "diagnostic",
        code: "triage",
        effect: "none",
        message: "doc.json: none of its 1 statements is about a finding",
        location: { path: "doc.json" },
      },
    ]);
  });

  test("is remarked on for each statement that can't be read, and the rest applies", () => {
    const document = openvex({ ...about, status: "maybe" }, { status: "fixed" }, { ...about, status: "fixed" });

    expect(hidden(document)).toHaveLength(1);
    expect(told(document)).toEqual([
      "doc.json: statements[0]: no status that OpenVEX knows; the statement is not applied",
      "doc.json: statements[1]: no vulnerability; the statement is not applied",
    ]);
  });

  test("judges without a run too: it then knows no other packages", () => {
    const parts = [{ "@id": "pkg:npm/other", subcomponents: ["pkg:apk/wolfi/brotli"] }];
    const text = JSON.stringify(
      openvex({ ...about, status: "fixed" }, { ...about, products: parts, status: "affected" }),
    );

    expect(vexDocument(text, { name: "doc.json" }).judge(finding("CVE-2020-8927", brotli), brotli)).toMatchObject({
      kind: "suppress",
    });
  });

  test("has several statements about a finding, and those that the finding goes by no name of", () => {
    const other = { vulnerability: "CVE-2021-23337", products: ["pkg:npm/lodash"], status: "fixed" };

    expect(hidden(openvex(other, { ...about, status: "fixed" }))).toHaveLength(2);
    expect(hidden(openvex(other, { ...about, status: "fixed" }), { findings: [finding("CVE-0", lodash)] })).toEqual([]);
  });

  test("with anything in its places throws nothing", () => {
    const anything = fc.jsonValue({ maxDepth: 5 });
    fc.assert(
      fc.property(
        fc.record({ statements: anything, components: anything, vulnerabilities: anything, product_tree: anything }),
        fc.constantFrom(
          { bomFormat: "CycloneDX" },
          { document: { csaf_version: "2.0" } },
          { "@context": "https://openvex.dev/ns" },
        ),
        (fields, mark) => {
          expect(() => hidden({ ...fields, ...mark })).not.toThrow();
        },
      ),
    );
  });
});

const wolfi = sharedFile("data/vex/wolfi.openvex.json");

describe.skipIf(wolfi === undefined)("the false positives of Wolfi", () => {
  test("each hide their package's finding and no other package's", () => {
    const rule = vexDocument(wolfi ?? "", { name: "wolfi.openvex.json" });
    const document = JSON.parse(wolfi ?? "{}") as {
      statements: { vulnerability: { name: string }; products: { "@id": string }[] }[];
    };
    const cases = document.statements.map(({ vulnerability, products: [product] }) => {
      const of = pkg(`${product?.["@id"]}@1.0-r0?arch=x86_64&distro=wolfi`);
      return [finding(vulnerability.name, of), of] as const;
    });
    const strangers = cases.map(([{ id }]) => finding(id, pkg("pkg:apk/wolfi/no-such-package@1.0-r0")));
    const packages = cases.map(([, of]) => of);

    expect(
      triage(
        cases.map(([one]) => one),
        [rule],
        packages,
      ).suppressed,
    ).toHaveLength(document.statements.length);
    expect(triage(strangers, [rule], packages).suppressed).toEqual([]);
  });
});

test.each([
  ["CycloneDX components", { bomFormat: "CycloneDX", vulnerabilities: [], components: [{ components: many() }] }],
  [
    "CSAF branches",
    {
      document: { category: "csaf_vex", csaf_version: "2.0" },
      product_tree: { branches: [{ branches: many() }] },
      vulnerabilities: [],
    },
  ],
])("half a million %s in another are read", (_, document) => {
  expect(() => vexDocument(JSON.stringify(document), { name: "large.json" })).not.toThrow();
});

function many(): readonly object[] {
  return Array.from({ length: 500_000 }, () => ({}));
}
