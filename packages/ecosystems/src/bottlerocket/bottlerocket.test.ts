import type { FileAnalyzer } from "@plimsoll/model";
import { observe, testParserCases } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { bottlerocket } from "./index.ts";

const [inventory] = bottlerocket.analyzers as readonly [FileAnalyzer];
const path = "usr/share/bottlerocket/application-inventory.json";

test("reads entries, and reports those without a name or version", async () => {
  const text = JSON.stringify({
    Content: [
      { Name: "glibc", Version: "2.40", Release: "1.br1", Epoch: "1", Architecture: "x86_64", Publisher: "core-kit" },
      { Name: "runc", Version: "1.1", Epoch: 0 },
      { Name: "nothing" },
      null,
    ],
  });

  const { packages, diagnostics } = await observe(inventory, path, text);

  expect(packages).toEqual([
    { name: "glibc", version: "1:2.40-1.br1", architecture: "x86_64", supplier: "core-kit" },
    { name: "runc", version: "1.1" },
  ]);
  expect(diagnostics.map(({ message }) => message.replace(/^.*: /, ""))).toEqual([
    "Content.3 is null where an object belongs",
    "entry 2 has no name or no version",
    "entry 3 has no name or no version",
  ]);
});

test("asks for advisories without a release, and keeps the epoch apart in the purl", () => {
  const pkg = { id: "1", ecosystem: "bottlerocket", purl: "", name: "glibc", version: "1:2.40-1.br1", locations: [] };

  expect(bottlerocket.advisoryKeys(pkg, undefined)).toEqual([
    { namespace: "Bottlerocket", name: "glibc", version: "1:2.40-1.br1" },
  ]);
  expect(bottlerocket.purl(pkg, { id: "bottlerocket", versionId: "1.20.0" })).toBe(
    "pkg:bottlerocket/glibc@2.40-1.br1?distro=bottlerocket-1.20.0&epoch=1",
  );
});

testParserCases({
  folder: "os/bottlerocket_inventory",
  analyzers: [inventory],
  as: () => path,
  expected: (pkg) => {
    const { epoch = 0, release } = pkg as { epoch?: number; release?: string };
    return { ...pkg, version: `${epoch === 0 ? "" : `${epoch}:`}${pkg.version}-${release}` };
  },
});
