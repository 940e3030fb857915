import type { FileAnalyzer } from "@plimsoll/model";
import { observe, testParserCases } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { cos } from "./index.ts";

const [packageInfo] = cos.analyzers as readonly [FileAnalyzer];

test("reads installed packages, not those for building, and reports holes", async () => {
  const text = JSON.stringify({
    installedPackages: [
      { category: "sys-libs", name: "zlib", version: "17162.336.17", ebuild_version: "1.2.11-r5" },
      { name: "nothing" },
    ],
    buildTimePackages: [{ name: "gcc", version: "1" }],
  });

  const { packages, diagnostics } = await observe(packageInfo, "etc/cos-package-info.json", text);

  expect(packages).toEqual([
    { name: "zlib", version: "17162.336.17", facts: { category: "sys-libs", ebuildversion: "1.2.11-r5" } },
  ]);
  expect(diagnostics).toHaveLength(1);
});

testParserCases({
  folder: "os/cos",
  analyzers: [packageInfo],
  as: () => "etc/cos-package-info.json",
});
