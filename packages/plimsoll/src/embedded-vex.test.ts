import { memoryStore } from "@plimsoll/advisories";
import type { Advisory } from "@plimsoll/model";
import { literalImage } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { scanImage } from "./index.ts";

const advisory: Advisory = {
  id: "GHSA-1",
  source: "test",
  aliases: [],
  severities: [],
  references: [],
  affected: [{ advisory: "GHSA-1", namespace: "npm", name: "a", ranges: [{ introduced: "0", end: { kind: "open" } }] }],
};

/** Says of the image's own package that it is not affected. */
const statement = {
  vulnerability: { name: "GHSA-1" },
  products: [{ "@id": "pkg:npm/a@1.0.0" }],
  status: "not_affected",
  justification: "vulnerable_code_not_present",
};
const openVex = JSON.stringify({
  "@context": "https://openvex.dev/ns/v0.2.0",
  "@id": "https://example.com/vex",
  author: "whoever made the image",
  timestamp: "2024-01-01T00:00:00Z",
  version: 1,
  statements: [statement],
});
/** A bill of materials with an analysis of its own vulnerabilities. */
const cycloneDx = JSON.stringify({
  bomFormat: "CycloneDX",
  specVersion: "1.5",
  components: [{ type: "library", name: "a", version: "1.0.0", purl: "pkg:npm/a@1.0.0", "bom-ref": "a" }],
  vulnerabilities: [{ id: "GHSA-1", analysis: { state: "not_affected" }, affects: [{ ref: "a" }] }],
});
const ignored = "vulnerabilities:\n  - id: GHSA-1\n";

test("documents inside of an image hide nothing that is found in it", async () => {
  const image = literalImage({
    layers: [
      {
        "srv/node_modules/a/package.json": '{"name":"a","version":"1.0.0"}',
        ".vex/openvex.json": openVex,
        "vex.json": openVex,
        "usr/share/vex/a.openvex.json": openVex,
        "usr/share/sbom/a.cdx.json": cycloneDx,
        ".plimsollignore": "GHSA-1\n",
        ".trivyignore": "GHSA-1\n",
        ".trivyignore.yaml": ignored,
        "srv/.plimsollignore.yaml": ignored,
      },
    ],
  });

  const { vulnerabilities, suppressed } = await scanImage(image, { advisories: memoryStore([advisory]) });

  expect(vulnerabilities.map(({ id }) => id)).toEqual(["GHSA-1"]);
  expect(suppressed).toBeUndefined();
});
