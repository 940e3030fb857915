import { sampleReport, testReporter } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { spdx3 } from "./index.ts";

type Element = Readonly<Record<string, unknown>>;

const graphOf = (text: string): readonly Element[] => (JSON.parse(text) as { "@graph": readonly Element[] })["@graph"];
const graph = graphOf([...spdx3().render(sampleReport)].join(""));
const ofType = (type: string): readonly Element[] => graph.filter((element) => element["type"] === type);

testReporter(spdx3(), {
  validate: (text) => {
    const elements = graphOf(text);
    const ids = elements.map((element) => element["spdxId"]).filter((id) => id !== undefined);
    expect(new Set(ids).size).toBe(ids.length);
    const known = new Set(ids);
    for (const element of elements) {
      const { from, to = [], subject, suppliedBy, element: members = [], rootElement = [] } = element;
      const mentioned = [
        from,
        subject,
        suppliedBy,
        ...(to as unknown[]),
        ...(members as unknown[]),
        ...(rootElement as unknown[]),
      ];
      for (const id of mentioned) if (id !== undefined) expect(known.has(id)).toBe(true);
      if (element["type"] !== "CreationInfo") expect(element["creationInfo"]).toBe("_:creationInfo");
    }
  },
});

test("packages have purl, source and hashes", () => {
  expect(ofType("software_Package").find(({ name }) => name === "ssl_client")).toMatchObject({
    software_packageVersion: "1.30.1-r5",
    software_packageUrl: "pkg:apk/alpine/ssl_client@1.30.1-r5?arch=x86_64&distro=alpine-3.10.9&upstream=busybox",
    software_sourceInfo: "built package from: busybox 1.30.1-r5",
  });
  expect(ofType("software_Package").find(({ name }) => name === "lodash")).toMatchObject({
    verifiedUsing: [{ type: "Hash", algorithm: "sha512", hashValue: "c".repeat(128) }],
    externalIdentifier: [{ externalIdentifierType: "cpe23" }],
  });
});

test("vulnerabilities are elements that packages are associated with and ratings assess", () => {
  const id = ofType("security_Vulnerability").find(({ name }) => name === "CVE-2020-28928")?.["spdxId"];

  expect(
    ofType("Relationship").filter(({ relationshipType }) => relationshipType === "hasAssociatedVulnerability"),
  ).toHaveLength(2);
  expect(ofType("security_CvssV3VulnAssessmentRelationship").find(({ from }) => from === id)).toMatchObject({
    relationshipType: "hasAssessmentFor",
    security_score: 5.5,
    security_severity: "medium",
  });
});

test("free licence text and expressions are told apart", () => {
  expect(ofType("simplelicensing_LicenseExpression").map((it) => it["simplelicensing_licenseExpression"])).toEqual([
    "GPL-2.0-only",
    "MIT",
    "MIT OR Apache-2.0",
  ]);
  expect(ofType("simplelicensing_SimpleLicensingText").map((it) => it["simplelicensing_licenseText"])).toEqual([
    "Our own licence, see LICENSE.txt",
  ]);
});
