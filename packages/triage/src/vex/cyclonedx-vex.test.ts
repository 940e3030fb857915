import { describe, expect, test } from "vitest";
import { finding, pkg } from "../fixtures/literal-findings.ts";
import { aboutNothing, hidden, image, judged, told } from "../fixtures/vex-verdicts.ts";

const outer = { "bom-ref": "a", purl: "pkg:npm/outer@1" };
const inner = { "bom-ref": "b", purl: "pkg:npm/lodash@4.17.20" };

/** A BOM with vulnerabilities; lodash is a component of another. */
function bom(vulnerabilities: readonly unknown[], rest: object = {}): object {
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    components: [{ ...outer, components: [inner] }],
    vulnerabilities,
    ...rest,
  };
}

const about = { id: "CVE-2021-23337", affects: [{ ref: "b" }] };

describe("a CycloneDX analysis", () => {
  test.each([
    ["not_affected", "not_affected"],
    ["false_positive", "not_affected"],
    ["resolved", "fixed"],
    ["resolved_with_pedigree", "fixed"],
    ["exploitable", undefined],
    ["in_triage", undefined],
  ])("of state %s applies, and hides as %s", (state, status) => {
    const document = bom([{ ...about, analysis: { state } }]);
    const reasons = status === undefined ? [] : [`CVE-2021-23337: ${status}, says the document (doc.json)`];

    expect(hidden(document)).toEqual(reasons);
    expect(told(document)).toEqual([]);
  });

  test.each([
    ["unheard_of", "no analysis state that CycloneDX knows"],
    [undefined, "no analysis state that CycloneDX knows"],
  ])("of state %s is not applied, and said so", (state, problem) => {
    expect(told(bom([{}, { ...about, analysis: { state } }]))[0]).toBe(
      `doc.json: vulnerabilities[1]: ${problem}; the statement is not applied`,
    );
  });

  test("of a vulnerability without an id is not applied, and said so", () => {
    const document = bom([{ affects: about.affects, references: [{}], analysis: { state: "resolved" } }]);

    expect(told(document)[0]).toBe("doc.json: vulnerabilities[0]: no id; the statement is not applied");
  });

  test("is missing where a vulnerability is a finding of whoever wrote the BOM: that is no statement, and no problem", () => {
    expect(hidden(bom([about]))).toEqual([]);
    expect(told(bom([about]))).toEqual(["doc.json: none of its 0 statements is about a finding"]);
  });

  test.each([
    [{ justification: "code_not_reachable" }, " (code_not_reachable)"],
    [{ detail: "Not called" }, " (Not called)"],
    [{ justification: "code_not_reachable", detail: "Not called" }, " (code_not_reachable: Not called)"],
  ])("with %j gives the reason%s", (why, reason) => {
    expect(hidden(bom([{ ...about, analysis: { state: "not_affected", ...why } }]))).toEqual([
      `CVE-2021-23337: not_affected${reason}, says the document (doc.json)`,
    ]);
  });

  test.each([
    ["its supplier", { supplier: { name: "S" }, manufacturer: { name: "M" }, authors: [{ name: "A" }] }, "S"],
    ["its manufacturer", { manufacturer: { name: "M" }, authors: [{ name: "A" }] }, "M"],
    [
      "its first author with a name",
      { supplier: {}, authors: [{ email: "a@example.org" }, { name: "A" }, { name: "B" }] },
      "A",
    ],
    ["the document", { authors: [] }, "the document"],
  ])("is told by %s", (_name, metadata, who) => {
    expect(hidden(bom([{ ...about, analysis: { state: "resolved" } }], { metadata }))).toEqual([
      `CVE-2021-23337: fixed, says ${who} (doc.json)`,
    ]);
  });

  test.each([
    ["the id of a reference", { id: "X", references: [{ id: "CVE-2021-23337" }] }, "X, CVE-2021-23337"],
    [
      "the id of a reference alone",
      { id: undefined, references: [{ source: {} }, { id: "CVE-2021-23337" }] },
      "CVE-2021-23337",
    ],
  ])("finds the vulnerability by %s", (_name, names, scope) => {
    const document = bom([{ ...about, ...names, analysis: { state: "resolved" } }]);

    expect(judged(document).suppressed).toMatchObject([{ scope }]);
  });

  test.each([
    ["the last in the document, without times", {}, {}, false],
    ["the one updated later", { lastUpdated: "2024-03-01" }, { lastUpdated: "2024-02-01" }, true],
    ["the one issued later", { firstIssued: "2024-03-01" }, { firstIssued: "2024-02-01" }, true],
    [
      "the one issued first and updated later",
      { firstIssued: "2024-01-01", lastUpdated: "2024-03-01" },
      { firstIssued: "2024-02-01" },
      true,
    ],
    [
      "one with a time before one whose time is unreadable",
      { lastUpdated: "2024-03-01" },
      { lastUpdated: "now" },
      true,
    ],
  ])("of two about the same counts %s", (_name, resolved, exploitable, expected) => {
    const document = bom([
      { ...about, analysis: { state: "resolved", ...resolved } },
      { ...about, analysis: { state: "exploitable", ...exploitable } },
    ]);

    expect(hidden(document).length > 0).toBe(expected);
  });
});

describe("a component of CycloneDX", () => {
  const lodash = "pkg:npm/lodash@4.17.20";

  test.each([
    ["the purl itself", { ref: lodash }, true],
    ["a purl with a subpath", { ref: `${lodash}#lib/core` }, true],
    ["a BOM-Link to a purl", { ref: `urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#${lodash}` }, true],
    ["an encoded BOM-Link", { ref: "urn:cdx:3e671687/1#pkg%3Anpm%2Flodash%404.17.20" }, true],
    ["a version that fits", { ref: "b", versions: [{ version: "4.17.20", status: "unaffected" }] }, true],
    ["a version without a status", { ref: "b", versions: [{ version: "1" }, { version: "4.17.20" }] }, true],
    ["a version that does not fit", { ref: "b", versions: [{ version: "4.17.21", status: "unaffected" }] }, false],
    [
      "a version that is affected beside another that is not",
      {
        ref: "b",
        versions: [
          { version: "4.17.20", status: "affected" },
          { version: "4.17.21", status: "unaffected" },
        ],
      },
      false,
    ],
    [
      "what the vulnerability affects alone",
      { ref: "b", versions: [{ version: "4.17.20", status: "affected" }] },
      true,
    ],
    [
      "other versions that the vulnerability affects alone",
      { ref: "b", versions: [{ version: "1", status: "affected" }] },
      false,
    ],
    ["a range of all versions", { ref: "b", versions: [{ range: "vers:npm/*" }] }, true],
    ["a range that names the version", { ref: "b", versions: [{ range: "vers:npm/1.0|=4.17.20" }] }, true],
    ["a range that names others", { ref: "b", versions: [{ range: "vers:npm/1.0|4.17.21" }] }, false],
    ["a reference to nothing", { ref: "z" }, false],
    ["a reference to nothing that is called as the image", { ref: image.name }, false],
    ["no reference", {}, false],
    ["a malformed link", { ref: "urn:cdx:x/1#%E0%A4" }, false],
  ])("is found through %s: %s", (_name, affected, expected) => {
    const document = bom([{ ...about, affects: [affected], analysis: { state: "not_affected" } }]);

    expect(hidden(document).length > 0).toBe(expected);
    expect(told(document)).toEqual(expected ? [] : [aboutNothing]);
  });

  test.each([
    ["of no stated status is affected, and so not meant beside one that is not", "not_affected", undefined, false],
    ["of which nothing is known is not meant", "not_affected", "unknown", false],
    ["that is unaffected is meant", "not_affected", "unaffected", true],
  ])("a version %s", (_name, state, status, expected) => {
    const versions = [
      { version: "4.17.20", status },
      { version: "4.17.21", status: "unaffected" },
    ];
    const document = bom([{ ...about, affects: [{ ref: "b", versions }], analysis: { state } }]);

    expect(hidden(document).length > 0).toBe(expected);
  });

  test("a version of which nothing is known is not hidden when it stands alone", () => {
    const affects = [{ ref: "b", versions: [{ version: "4.17.20", status: "unknown" }] }];

    expect(hidden(bom([{ ...about, affects, analysis: { state: "not_affected" } }]))).toEqual([]);
  });

  test("what takes back a statement takes it back for affected versions, not for those that are not", () => {
    const earlier = { ...about, affects: [{ ref: "b" }], analysis: { state: "not_affected" } };
    const later = (status: string, other: string) => ({
      ...about,
      affects: [
        {
          ref: "b",
          versions: [
            { version: "4.17.20", status },
            { version: "4.17.21", status: other },
          ],
        },
      ],
      analysis: { state: "exploitable", lastUpdated: "2024-01-02T00:00:00Z" },
    });

    expect(hidden(bom([earlier, later("affected", "unaffected")]))).toEqual([]);
    expect(hidden(bom([earlier, later("unaffected", "affected")]))).toHaveLength(1);
  });

  test("with bounds of versions hides nothing, which is told, and takes back what was said before", () => {
    const affects = [{ ref: "b", versions: [{ range: "vers:npm/>=1.0|<4" }] }];
    const said = (state: string) => ({ ...about, affects, analysis: { state, lastUpdated: "2024-01-02T00:00:00Z" } });
    const earlier = { ...about, affects: [{ ref: "b" }], analysis: { state: "not_affected" } };

    expect(hidden(bom([said("not_affected")]))).toEqual([]);
    expect(told(bom([said("not_affected")]))[0]).toBe(
      'doc.json: vulnerabilities[0]: versions are compared only with those that are named, not with the range "vers:npm/>=1.0|<4"; the statement is not applied',
    );
    expect(hidden(bom([earlier]))).toHaveLength(1);
    expect(hidden(bom([earlier, said("exploitable")]))).toEqual([]);
    expect(told(bom([earlier, said("exploitable")]))).toEqual([]);
  });

  test("keeps what is encoded in its purl", () => {
    const purl = `${lodash}?download_url=https%3A%2F%2Fexample.org%2F%3Fa%26b`;
    const document = bom([{ ...about, affects: [{ ref: purl }], analysis: { state: "resolved" } }]);

    expect(hidden(document, { findings: [finding("CVE-2021-23337", pkg(purl))] })).toHaveLength(1);
  });

  test.each([
    ["the subject, by its purl", { component: { "bom-ref": "r", purl: lodash, name: "x" } }, "r", 1],
    ["the subject, an image, by its name", { component: { "bom-ref": "r", name: image.name } }, "r", 1],
    ["the subject, of another name", { component: { "bom-ref": "r", name: "other:1" } }, "r", 0],
    [
      "a component of the subject",
      { component: { "bom-ref": "r", components: [{ ...inner, "bom-ref": "in" }] } },
      "in",
      1,
    ],
    [
      "a component of the subject called as the image",
      { component: { "bom-ref": "r", components: [{ "bom-ref": "in", name: image.name }] } },
      "in",
      0,
    ],
    ["a component without a name", { component: { "bom-ref": "r" } }, "r", 0],
    ["a component without a reference", { component: { purl: lodash } }, "undefined", 0],
  ])("may be %s", (_name, metadata, ref, count) => {
    const document = bom([{ ...about, affects: [{ ref }], analysis: { state: "resolved" } }], { metadata });

    expect(hidden(document)).toHaveLength(count);
  });
});
