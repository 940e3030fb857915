import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sharedFile } from "@plimsoll/testkit";
import type { Artifact, Finding, Package } from "@plimsoll/model";
import { triage, vexDocument } from "./index.ts";
import { finding, pkg } from "./fixtures/literal-findings.ts";

const brotli = pkg("pkg:apk/wolfi/brotli@1.0.9-r1?arch=x86_64");
const lodash = pkg("pkg:npm/lodash@4.17.20");
const image: Artifact = {
  name: "registry.example/team/app:1.2",
  kind: "container-image",
  digest: "sha256:aa",
  indexDigests: ["sha256:cc", "sha256:dd"],
  distro: { id: "rhel", cpeName: "cpe:/o:redhat:enterprise_linux:8::baseos" },
  layers: [],
};

interface Case {
  readonly findings?: readonly Finding[];
  readonly packages?: readonly Package[];
}

const both = [finding("CVE-2020-8927", brotli, { aliases: ["GHSA-b"] }), finding("CVE-2021-23337", lodash)];

function hidden(document: unknown, { findings = both, packages = [brotli, lodash] }: Case = {}): readonly string[] {
  const rule = vexDocument(JSON.stringify(document), { name: "doc.json" });
  return triage(findings, [rule], packages, image).suppressed.map(({ finding: { id }, reason }) => `${id}: ${reason}`);
}

function openvex(...statements: readonly unknown[]): unknown {
  return { "@context": "https://openvex.dev/ns/v0.2.0", author: "Us", timestamp: "2024-01-01T00:00:00Z", statements };
}

const about = { vulnerability: { name: "CVE-2020-8927" }, products: [{ "@id": "pkg:apk/wolfi/brotli" }] };

describe("OpenVEX", () => {
  test("hides what is not affected, and says who says so", () => {
    expect(hidden(openvex({ ...about, status: "not_affected", justification: "component_not_present" }))).toEqual([
      "CVE-2020-8927: not_affected (component_not_present), says Us (doc.json)",
    ]);
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
    ["an alias of the vulnerability", { vulnerability: { name: "X", aliases: ["GHSA-b"] } }, true],
    [
      "the IRI of the vulnerability",
      { vulnerability: { "@id": "https://nvd.nist.gov/vuln/detail/CVE-2020-8927" } },
      true,
    ],
    ["texts, as in 0.0.1", { vulnerability: "CVE-2020-8927", products: ["pkg:apk/wolfi/brotli"] }, true],
    ["no product", { products: [] }, false],
    [
      "the image by purl",
      { products: [{ "@id": "pkg:oci/app?repository_url=registry.example/team/app&tag=1.2" }] },
      true,
    ],
    ["the image by digest", { products: [{ "@id": "pkg:oci/app@sha256%3Aaa" }] }, true],
    ["the image by the digest of its index", { products: [{ "@id": "pkg:oci/app@sha256%3Acc" }] }, true],
    ["the image by the digest of an index in it, alone", { products: [{ "@id": "sha256:dd" }] }, true],
    ["another image", { products: [{ "@id": "pkg:oci/other@sha256%3Aaa" }] }, false],
    ["another digest of the image", { products: [{ "@id": "pkg:oci/app@sha256%3Abb" }] }, false],
    [
      "a part of the image",
      { products: [{ "@id": "pkg:oci/app@sha256%3Aaa", subcomponents: [{ "@id": "pkg:apk/wolfi/brotli" }] }] },
      true,
    ],
    [
      "another part of the image",
      { products: [{ "@id": "pkg:oci/app@sha256%3Aaa", subcomponents: [{ "@id": "pkg:apk/wolfi/curl" }] }] },
      false,
    ],
    [
      "an unreadable part of the image",
      { products: [{ "@id": "pkg:oci/app@sha256%3Aaa", subcomponents: [{ "@id": "urn:x" }] }] },
      false,
    ],
  ])("with %s: %s", (_name, rest, expected) => {
    expect(hidden(openvex({ ...about, ...rest, status: "not_affected" })).length > 0).toBe(expected);
  });

  test("a package within a product is found through dependencies, or the lock file of the project", () => {
    const root = pkg("pkg:golang/example.org/app@1.0", {
      relationship: "root",
      locations: [{ path: "go.mod", evidence: "declared" }],
    });
    const statement = {
      vulnerability: { name: "CVE-2021-23337" },
      products: [{ "@id": "pkg:golang/example.org/app", subcomponents: [{ "@id": "pkg:npm/lodash" }] }],
      status: "not_affected",
    };
    const inFile = { ...lodash, locations: [{ path: "go.mod", evidence: "declared" as const }] };
    const middle = pkg("pkg:npm/middle@1", { dependencies: [lodash.id] });

    expect(hidden(openvex(statement), { packages: [root, lodash] })).toEqual([]);
    expect(hidden(openvex(statement), { packages: [root, inFile] })).toHaveLength(1);
    expect(
      hidden(openvex(statement), { packages: [{ ...root, dependencies: [middle.id] }, middle, lodash] }),
    ).toHaveLength(1);
  });

  test("the latest statement counts, wherever it stands", () => {
    const later = { ...about, status: "affected", timestamp: "2024-03-01T00:00:00Z" };
    const earlier = { ...about, status: "not_affected", timestamp: "2024-02-01T00:00:00Z" };
    expect(hidden(openvex(later, earlier))).toEqual([]);
    expect(hidden(openvex({ ...later, status: "fixed" }, { ...earlier, status: "affected" }))).toHaveLength(1);
  });

  test("statements that cannot be read are remarked on, and the rest applies", () => {
    const document = openvex({ ...about, status: "maybe" }, { status: "fixed" }, { ...about, status: "fixed" });
    const rule = vexDocument(JSON.stringify(document), { name: "doc.json" });
    const judged = triage(both, [rule], [brotli]);
    expect(judged.suppressed).toHaveLength(1);
    expect(judged.diagnostics.map(({ message }) => message)).toEqual([
      "doc.json: statements[0]: no status that OpenVEX knows; the statement is not applied",
      "doc.json: statements[1]: no vulnerability; the statement is not applied",
    ]);
  });

  test("a document that is about nothing here is remarked on", () => {
    const rule = vexDocument(JSON.stringify(openvex({ ...about, status: "fixed" })), { name: "doc.json" });
    expect(triage([], [rule]).diagnostics).toMatchObject([
      { code: "triage", message: "doc.json: none of its 1 statements is about a finding" },
    ]);
  });
});

describe("CycloneDX", () => {
  function bom(state: string, affects: readonly unknown[], rest: object = {}): unknown {
    return {
      bomFormat: "CycloneDX",
      specVersion: "1.6",
      components: [
        { "bom-ref": "a", purl: "pkg:npm/outer@1", components: [{ "bom-ref": "b", purl: "pkg:npm/lodash@4.17.20" }] },
      ],
      vulnerabilities: [{ id: "CVE-2021-23337", analysis: { state, justification: "code_not_reachable" }, affects }],
      ...rest,
    };
  }

  test.each([
    ["not_affected", true],
    ["false_positive", true],
    ["resolved", true],
    ["resolved_with_pedigree", true],
    ["exploitable", false],
    ["in_triage", false],
    ["unheard_of", false],
  ])("the state %s hides: %s", (state, expected) => {
    expect(hidden(bom(state, [{ ref: "b" }])).length > 0).toBe(expected);
  });

  test.each([
    ["the purl itself", [{ ref: "pkg:npm/lodash@4.17.20" }], true],
    ["a BOM-Link to a purl", [{ ref: "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#pkg:npm/lodash@4.17.20" }], true],
    ["an encoded BOM-Link", [{ ref: "urn:cdx:3e671687/1#pkg%3Anpm%2Flodash%404.17.20" }], true],
    ["a version that fits", [{ ref: "b", versions: [{ version: "4.17.20", status: "unaffected" }] }], true],
    ["a version that does not fit", [{ ref: "b", versions: [{ version: "4.17.21", status: "unaffected" }] }], false],
    ["a reference to nothing", [{ ref: "z" }], false],
    ["a malformed link", [{ ref: "urn:cdx:x/1#%E0%A4" }], false],
  ])("finds the component through %s: %s", (_name, affects, expected) => {
    expect(hidden(bom("not_affected", affects)).length > 0).toBe(expected);
  });

  test("a vulnerability without an analysis says nothing", () => {
    expect(hidden(bom("x", [], { vulnerabilities: [{ id: "CVE-2021-23337", affects: [{ ref: "b" }] }] }))).toEqual([]);
  });
});

describe("CSAF", () => {
  const bash = pkg("pkg:rpm/redhat/bash@4.4.20-4.el8?arch=x86_64");
  const findings = [finding("CVE-2022-3715", bash)];

  function csaf(purl: string, cpe: string, status: string): unknown {
    return {
      document: {
        csaf_version: "2.0",
        category: "csaf_vex",
        publisher: { name: "Vendor" },
        tracking: { current_release_date: "2024-01-01T00:00:00Z" },
      },
      product_tree: {
        branches: [
          {
            branches: [
              { product: { name: "EL", product_id: "EL", product_identification_helper: { cpe } } },
              { product: { name: "bash", product_id: "bash", product_identification_helper: { purl } } },
            ],
          },
        ],
        relationships: [
          {
            full_product_name: { name: "bash in EL", product_id: "EL:bash" },
            product_reference: "bash",
            relates_to_product_reference: "EL",
          },
        ],
      },
      vulnerabilities: [
        {
          cve: "CVE-2022-3715",
          product_status: { [status]: ["EL:bash"] },
          flags: [{ label: "vulnerable_code_not_present", product_ids: ["EL:bash"] }],
          threats: [{ category: "impact", details: "Only with a debug build", product_ids: ["EL:bash"] }],
        },
      ],
    };
  }

  test("follows relationships to the component and says why", () => {
    const document = csaf("pkg:rpm/redhat/bash", "cpe:/o:redhat:enterprise_linux:8", "known_not_affected");
    expect(hidden(document, { findings, packages: [bash] })).toEqual([
      "CVE-2022-3715: not_affected (vulnerable_code_not_present: Only with a debug build), says Vendor (doc.json)",
    ]);
  });

  test.each([
    ["pkg:rpm/redhat/bash", "cpe:/o:redhat:enterprise_linux:9", "known_not_affected", false],
    ["pkg:rpm/redhat/bash", "cpe:2.3:o:redhat:enterprise_linux:8.6:*:*:*:*:*:*:*", "known_not_affected", true],
    ["pkg:rpm/redhat/bash", "nonsense", "known_not_affected", false],
    ["pkg:rpm/redhat/bash@4.4.20-4.el8", "nonsense", "known_not_affected", true],
    ["pkg:rpm/redhat/bash@4.4.20-4.el8", "cpe:/o:redhat:enterprise_linux:8", "fixed", true],
    ["pkg:rpm/redhat/bash@4.4.20-4.el8", "cpe:/o:redhat:enterprise_linux:8", "known_affected", false],
    ["pkg:rpm/redhat/bash@4.4.20-4.el8", "cpe:/o:redhat:enterprise_linux:8", "under_investigation", false],
  ])("%s on %s as %s hides: %s", (purl, cpe, status, expected) => {
    expect(hidden(csaf(purl, cpe, status), { findings, packages: [bash] }).length > 0).toBe(expected);
  });
});

describe("any document", () => {
  test.each(["", "[]", "{}", "null", '"x"', "{"])("%j is refused by name", (text) => {
    expect(() => vexDocument(text, { name: "doc.json" })).toThrow("Cannot read doc.json");
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
