import type { FileAnalyzer } from "@plimsoll/model";
import { observe, testParserCases } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { chocolatey } from "./index.ts";

const [manifest] = chocolatey.analyzers as readonly [FileAnalyzer];
const path = "ProgramData/chocolatey/lib/atom/atom.nuspec";

test("reads id, version and authors, and leaves other manifests alone", async () => {
  const text =
    "<package><metadata><id>atom</id><version>1.60.0</version><authors>GitHub</authors></metadata></package>";

  expect((await observe(manifest, path, text)).packages).toEqual([
    { name: "atom", version: "1.60.0", supplier: "GitHub" },
  ]);
  expect((await observe(manifest, "root/.nuget/packages/a/1/a.nuspec", text)).all).toEqual([]);
});

testParserCases({ folder: "os/chocolatey", analyzers: [manifest], as: () => path });
