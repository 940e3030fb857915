import type { Inventory, Package } from "@plimsoll/model";
import { expect, test } from "vitest";
import { judgeLicenses } from "./judge-licenses.ts";

const purl = "pkg:golang/example.org/lib@v1.0.0";

/** The same Go module in many binaries. */
function inBinaries(count: number): readonly Package[] {
  return Array.from({ length: count }, (_, at) => ({
    id: at === 0 ? purl : `${purl}~${at + 1}`,
    name: "example.org/lib",
    version: "v1.0.0",
    ecosystem: "golang",
    class: "library",
    purl,
    locations: [{ path: `bin/${at}`, evidence: "installed" }],
  }));
}

test("a licence in a cache of Go modules is one finding, however many binaries hold the module, none of which is silent", () => {
  const licenseTexts: Inventory["licenseTexts"] = ["LICENSE", "docs/LICENSE"].map((name) => ({
    path: `go/pkg/mod/example.org/lib@v1.0.0/${name}`,
    licenses: [{ id: "MIT", confidence: 1, line: 1 }],
  }));
  const { findings, silent } = judgeLicenses({ packages: inBinaries(50), licenseTexts });

  expect(findings.map(({ package: pkg, location }) => [pkg?.id, location?.path])).toEqual([
    [purl, "go/pkg/mod/example.org/lib@v1.0.0/LICENSE"],
    [purl, "go/pkg/mod/example.org/lib@v1.0.0/docs/LICENSE"],
  ]);
  expect(silent).toEqual([]);
});
