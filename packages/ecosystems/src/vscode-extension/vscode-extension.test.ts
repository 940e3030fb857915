import type { FileAnalyzer } from "@plimsoll/model";
import { observe, testParserCases } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { vscodeExtension } from "./index.ts";

const [installed] = vscodeExtension.analyzers as readonly [FileAnalyzer];
const path = "root/.vscode-server/extensions/extensions.json";

test("an installed extension, its publisher and platform", async () => {
  const { packages, diagnostics } = await observe(
    installed,
    path,
    JSON.stringify([
      {
        identifier: { id: "golang.Go" },
        version: "0.39.1",
        metadata: { targetPlatform: "linux-x64", publisherDisplayName: "Go Team at Google" },
      },
      { identifier: { id: "a.b.c" }, version: "1.0.0", metadata: { targetPlatform: "undefined" } },
      { identifier: { id: "nobody" }, version: "1.0.0" },
      7,
    ]),
  );

  expect(packages).toEqual([
    { name: "golang.Go", version: "0.39.1", supplier: "Go Team at Google", facts: { platform: "linux-x64" } },
    { name: "a.b.c", version: "1.0.0" },
  ]);
  expect(diagnostics.map(({ message }) => message.replace(/^.*: /, ""))).toEqual([
    "3 is a number where an object belongs",
    "an entry names no extension and version",
    "an entry names no extension and version",
  ]);
  expect(packages.map((pkg) => vscodeExtension.purl(pkg, undefined))).toEqual([
    "pkg:vscode-extension/golang/go@0.39.1?platform=linux-x64",
    "pkg:vscode-extension/a/b.c@1.0.0",
  ]);
  expect(
    vscodeExtension.advisoryKeys(
      {
        id: "a",
        ecosystem: "vscode-extension",
        purl: "pkg:generic/a",
        locations: [],
        name: "golang.Go",
        version: "0.39.1",
      },
      undefined,
    ),
  ).toEqual([
    { namespace: "VSCode", name: "golang.Go", version: "0.39.1" },
    { namespace: "VSCode", name: "golang.go", version: "0.39.1" },
  ]);
});

test("what a project recommends is not installed", () => {
  const [matcher] = installed.matches;

  expect(matcher !== undefined && "suffix" in matcher && ".vscode/extensions.json".endsWith(matcher.suffix)).toBe(
    false,
  );
});

testParserCases({ folder: "misc/vscodeextensions", analyzers: [installed], as: () => path });
