import type { FileAnalyzer } from "@plimsoll/model";
import { observe, testParserCases } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { snap } from "./index.ts";

const [metadata, packed] = snap.analyzers as readonly [FileAnalyzer, FileAnalyzer];
const path = "snap/core/16928/meta/snap.yaml";

test.each([
  [
    "name: core\nversion: 16-2.61\narchitectures: [amd64]\nlicense: MIT\n",
    { name: "core", version: "16-2.61", architecture: "amd64", licenses: ["MIT"] },
  ],
  ["name: core\nversion: 20\n", { name: "core", version: "20" }],
])("reads %j", async (text, expected) => {
  expect((await observe(metadata, path, text)).packages).toEqual([expected]);
});

test.each(["name: core\n", "version: 1\n", "- a\n", "a: [\n", ""])("reports %j", async (text) => {
  const { packages, diagnostics } = await observe(metadata, path, text);

  expect(packages).toEqual([]);
  expect(diagnostics).toHaveLength(1);
});

testParserCases({ folder: "os/snap", analyzers: [metadata], as: () => path });

test("a packed snap is told, not passed over", async () => {
  const { all } = await observe(packed, "var/lib/snapd/seed/snaps/core22_1380.snap", "hsqs");

  expect(all).toMatchObject([{ kind: "diagnostic", code: "unsupported-format", effect: "incomplete" }]);
  expect((await observe(packed, "var/lib/snapd/snaps/partial", "")).all).toEqual([]);
});
