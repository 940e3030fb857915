import { jsonSchemaValidator, sampleReport, testReporter } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { spdx } from "./index.ts";

interface Document {
  readonly packages: readonly { readonly [key: string]: unknown; readonly name: string; readonly SPDXID: string }[];
  readonly [key: string]: unknown;
}

const render = (report = sampleReport): Document => JSON.parse([...spdx().render(report)].join("")) as Document;
const renderText = (report = sampleReport): string => [...spdx({ format: "tag-value" }).render(report)].join("");
const named = (name: string): Document["packages"][number] | undefined =>
  render().packages.find((pkg) => pkg.name === name);

const schema = jsonSchemaValidator("conformance/schemas/spdx/spdx-schema-2.3.json");

testReporter(spdx(), {
  validate: (text) => {
    const document = JSON.parse(text) as Document;
    expect(schema?.(document) ?? []).toEqual([]);
    const ids = document.packages.map((pkg) => pkg.SPDXID);
    expect(new Set(ids).size).toBe(ids.length);
  },
});

/** Every line is a tag with a value, or lies inside free text. */
testReporter(spdx({ format: "tag-value" }), {
  validate: (text) => {
    const outside = text.replace(/<text>[^]*?<\/text>/g, "free");
    for (const line of outside.split("\n")) expect(line).toMatch(/^(?:[A-Za-z]+: .*)?$/);
    expect(text.match(/^PackageName: /gm)?.length).toBeGreaterThan(0);
  },
});

test("packages carry purl, cpe, source and licence", () => {
  expect(named("ssl_client")).toMatchObject({
    versionInfo: "1.30.1-r5",
    sourceInfo: "built package from: busybox 1.30.1-r5",
    licenseDeclared: "GPL-2.0-only",
    externalRefs: [
      {
        referenceCategory: "PACKAGE-MANAGER",
        referenceType: "purl",
        referenceLocator: "pkg:apk/alpine/ssl_client@1.30.1-r5?arch=x86_64&distro=alpine-3.10.9&upstream=busybox",
      },
    ],
  });
  expect(named("musl")?.["supplier"]).toBe("Person: Timo Teräs (timo.teras@iki.fi)");
  expect(named("lodash")?.["externalRefs"]).toContainEqual({
    referenceCategory: "SECURITY",
    referenceType: "advisory",
    referenceLocator: "https://nvd.nist.gov/vuln/detail/CVE-2019-10744",
    comment: "CVE-2019-10744: critical, fixed",
  });
});

test("free licence text becomes a reference whose text the document holds", () => {
  const [extracted] = render()["hasExtractedLicensingInfos"] as { licenseId: string; extractedText: string }[];

  expect(extracted?.extractedText).toBe("Our own licence, see LICENSE.txt");
  expect(named("shop")?.["licenseDeclared"]).toBe(`${extracted?.licenseId} AND MIT`);
});

test("the image contains the distribution, which contains its packages", () => {
  const document = render();
  const id = (name: string): unknown => document.packages.find((pkg) => pkg.name === name)?.SPDXID;

  expect(document["relationships"]).toEqual(
    expect.arrayContaining([
      { spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES", relatedSpdxElement: id("shop:1.0") },
      { spdxElementId: id("shop:1.0"), relationshipType: "CONTAINS", relatedSpdxElement: id("alpine") },
      { spdxElementId: id("alpine"), relationshipType: "CONTAINS", relatedSpdxElement: id("musl") },
      { spdxElementId: id("shop"), relationshipType: "DEPENDS_ON", relatedSpdxElement: id("lodash") },
    ]),
  );
});

test("the date is the report's, else the beginning of time", () => {
  expect(render()["creationInfo"]).toMatchObject({ created: "1970-01-01T00:00:00Z" });
  expect(render({ ...sampleReport, createdAt: "2026-11-24T06:00:00.5+01:00" })["creationInfo"]).toMatchObject({
    created: "2026-11-24T05:00:00Z",
  });
});

test("tag-value says the same as JSON", () => {
  const text = renderText();

  expect(text).toContain("PackageName: ssl_client\n");
  expect(text).toContain("PackageSourceInfo: <text>built package from: busybox 1.30.1-r5</text>\n");
  expect(text).toContain("ExternalRef: PACKAGE-MANAGER purl pkg:npm/lodash@4.17.4\n");
  expect(text.match(/^Relationship: /gm)?.length).toBe((render()["relationships"] as unknown[]).length);
});
