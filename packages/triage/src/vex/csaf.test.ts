import { describe, expect, test } from "vitest";
import { finding, pkg } from "../fixtures/literal-findings.ts";
import { aboutNothing, hidden, image, judged, told } from "../fixtures/vex-verdicts.ts";
import type { Case } from "../fixtures/vex-verdicts.ts";

const bash = pkg("pkg:rpm/redhat/bash@4.4.20-4.el8?arch=x86_64");
const here: Case = { findings: [finding("CVE-2022-3715", bash)], packages: [bash] };

const platform = {
  name: "EL",
  product_id: "EL",
  product_identification_helper: { cpe: "cpe:/o:redhat:enterprise_linux:8" },
};
const component = { name: "bash", product_id: "bash", product_identification_helper: { purl: "pkg:rpm/redhat/bash" } };
const relationship = {
  full_product_name: { name: "bash in EL", product_id: "EL:bash" },
  product_reference: "bash",
  relates_to_product_reference: "EL",
};
const tree = {
  branches: [{ branches: [{ product: platform }, { product: component }] }],
  relationships: [relationship],
};
const about = { cve: "CVE-2022-3715", product_status: { known_not_affected: ["EL:bash"] } };

function csaf(product_tree: unknown, ...vulnerabilities: readonly unknown[]): object {
  return {
    document: {
      csaf_version: "2.0",
      category: "csaf_vex",
      publisher: { name: "Vendor" },
      tracking: { current_release_date: "2024-01-01T00:00:00Z" },
    },
    product_tree,
    vulnerabilities,
  };
}

/** A document about one product, which the tree names itself. */
function aboutProduct(helper: unknown, name?: string): object {
  const product = { product_id: "p", name, product_identification_helper: helper };
  return csaf({ full_product_names: [product] }, { ...about, product_status: { known_not_affected: ["p"] } });
}

/** A document about one product as a part of another. */
function aboutPart(part: unknown, whole: unknown): object {
  const products = [
    { ...component, product_identification_helper: part },
    { ...platform, product_identification_helper: whole },
  ];
  return csaf({ full_product_names: products, relationships: [relationship] }, about);
}

describe("a product status of CSAF", () => {
  test.each([
    ["known_not_affected", "not_affected"],
    ["fixed", "fixed"],
    ["first_fixed", "fixed"],
    ["known_affected", undefined],
    ["first_affected", undefined],
    ["last_affected", undefined],
    ["under_investigation", undefined],
  ])("%s applies, and hides as %s", (list, status) => {
    const document = csaf(tree, { ...about, product_status: { [list]: ["EL:bash"] } });

    expect(hidden(document, here)).toEqual(
      status === undefined ? [] : [`CVE-2022-3715: ${status}, says Vendor (doc.json)`],
    );
    expect(told(document, here)).toEqual([]);
  });

  test.each([
    ["recommended", ["EL:bash"]],
    ["known_not_affected", ["no such product"]],
    ["known_not_affected", [7]],
  ])("%s of %j says nothing", (list, products) => {
    const document = csaf(tree, { ...about, product_status: { [list]: products } });

    expect(hidden(document, here)).toEqual([]);
  });

  test.each([
    [{ flags: [{ label: "component_not_present", product_ids: ["EL:bash"] }] }, " (component_not_present)"],
    [{ threats: [{ category: "impact", details: "Not built in", product_ids: ["EL:bash"] }] }, " (Not built in)"],
    [
      {
        flags: [{ label: "component_not_present", product_ids: ["EL:bash"] }],
        threats: [{ category: "impact", details: "Not built in", product_ids: ["EL:bash"] }],
      },
      " (component_not_present: Not built in)",
    ],
    [{ flags: [{ label: "component_not_present", product_ids: ["EL"] }] }, ""],
    [{ flags: [{ product_ids: ["EL:bash"] }] }, ""],
    [
      {
        flags: [{ label: "component_not_present", product_ids: ["EL:bash"] }],
        threats: [{ category: "exploit_status", details: "None known", product_ids: ["EL:bash"] }],
      },
      " (component_not_present)",
    ],
    [{ threats: [{ category: "exploit_status", details: "None known", product_ids: ["EL:bash"] }] }, ""],
  ])("with %j gives the reason%s", (why, reason) => {
    expect(hidden(csaf(tree, { ...about, ...why }), here)).toEqual([
      `CVE-2022-3715: not_affected${reason}, says Vendor (doc.json)`,
    ]);
  });

  test.each([
    [
      "an id of another system",
      { cve: undefined, ids: [{ system_name: "x" }, { text: "CVE-2022-3715" }] },
      ["CVE-2022-3715"],
    ],
    ["an id beside the CVE id", { cve: "CVE-1-1", ids: [{ text: "CVE-2022-3715" }] }, ["CVE-1-1, CVE-2022-3715"]],
    ["another CVE id", { cve: "CVE-1-1" }, []],
  ])("with %s goes by %s", (_name, ids, scopes) => {
    const { suppressed } = judged(csaf(tree, { ...about, ...ids }), here);

    expect(suppressed.map(({ scope }) => scope)).toEqual(scopes);
  });

  test("of a vulnerability without an id is not applied, and said so", () => {
    expect(told(csaf(tree, about, { ...about, cve: undefined }), here)).toEqual([
      "doc.json: vulnerabilities[1]: no id; the statement is not applied",
    ]);
  });

  test("of a vulnerability that says nothing about products is none", () => {
    expect(told(csaf(tree, { cve: "CVE-2022-3715" }), here)).toEqual([
      "doc.json: none of its 0 statements is about a finding",
    ]);
  });
});

describe("a product of CSAF", () => {
  const purl = "pkg:rpm/redhat/bash";

  test.each([
    ["a purl", aboutProduct({ purl }), true],
    ["another purl", aboutProduct({ purl: "pkg:rpm/redhat/curl" }), false],
    ["a CPE name alone", aboutProduct({ cpe: "cpe:/a:gnu:bash" }, "bash"), false],
    ["the name of the image", aboutProduct(undefined, image.name), true],
    ["the name of the image beside another purl", aboutProduct({ purl: "pkg:rpm/redhat/curl" }, image.name), false],
    ["no name", aboutProduct(undefined), false],
  ])("with %s: %s", (_name, document, expected) => {
    expect(hidden(document, here).length > 0).toBe(expected);
    expect(told(document, here)).toEqual(expected ? [] : [aboutNothing]);
  });

  const versioned = { purl: "pkg:rpm/redhat/bash@4.4.20-4.el8" };
  const el = (version: string): object => ({ cpe: `cpe:/o:redhat:enterprise_linux:${version}` });

  test.each([
    ["the platform of the image", { purl }, el("8"), true],
    ["a minor release of it", { purl }, { cpe: "cpe:2.3:o:redhat:enterprise_linux:8.6:*:*:*:*:*:*:*" }, true],
    ["another platform", { purl }, el("9"), false],
    ["another platform, with a version", versioned, el("9"), false],
    ["a platform whose CPE name is unreadable", { purl }, { cpe: "nonsense" }, false],
    ["a platform whose CPE name is unreadable, with a version", versioned, { cpe: "nonsense" }, true],
    ["a platform without a CPE name", { purl }, undefined, false],
    ["a platform without a CPE name, with a version", versioned, undefined, true],
    ["the image", { purl }, { purl: "pkg:oci/app@sha256:aa" }, true],
    ["another image", { purl }, { purl: "pkg:oci/app@sha256:bb" }, false],
    [
      "the image, with a version of another component",
      { purl: "pkg:rpm/redhat/curl" },
      { purl: "pkg:oci/app@sha256:aa" },
      false,
    ],
    ["the platform, without a purl of its own", { cpe: "cpe:/a:gnu:bash" }, el("8"), false],
    ["a platform, without a readable purl of its own", { purl: "bash" }, undefined, false],
  ])("as a part of %s: %s", (_name, part, whole, expected) => {
    expect(hidden(aboutPart(part, whole), here).length > 0).toBe(expected);
  });

  test("as a part of a platform, without a version, is not found in an image that does not tell its platform", () => {
    const { distro: _, ...plain } = image;

    expect(hidden(csaf(tree, about), { ...here, artifact: plain })).toEqual([]);
    expect(hidden(csaf(tree, about), { ...here, artifact: undefined })).toEqual([]);
  });

  test.each([
    ["no part", { ...relationship, product_reference: "gone" }],
    ["no whole", { ...relationship, relates_to_product_reference: undefined }],
    ["no name", { ...relationship, full_product_name: {} }],
  ])("of a relationship with %s is none", (_name, broken) => {
    expect(hidden(csaf({ ...tree, relationships: [broken] }, about), here)).toEqual([]);
  });
});

describe("of two CSAF statements about the same", () => {
  const statuses = (product_status: object): object => csaf(tree, { ...about, product_status });

  test("affected counts before not affected and fixed", () => {
    expect(hidden(statuses({ known_affected: ["EL:bash"], fixed: ["EL:bash"] }), here)).toEqual([]);
    expect(hidden(statuses({ under_investigation: ["EL:bash"], known_not_affected: ["EL:bash"] }), here)).toEqual([]);
  });
});

describe("package URLs of CSAF 2.1, which are lists,", () => {
  const other = "pkg:rpm/redhat/other";

  test.each([
    ["one of which names the product", [other, "pkg:rpm/redhat/bash"], 1],
    ["none of which names it", [other], 0],
  ])("%s", (_, purls, count) => {
    expect(hidden(aboutProduct({ purls }), here)).toHaveLength(count);
    expect(hidden(aboutPart({ purls }, { cpe: "cpe:/o:redhat:enterprise_linux:8" }), here)).toHaveLength(count);
    expect(hidden(aboutPart({ purls }, { purls: [other, "pkg:oci/app"] }), here)).toHaveLength(count);
    expect(hidden(aboutPart({ purls }, { purls: [other, "pkg:oci/web"] }), here)).toHaveLength(0);
  });
});
