import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readManifests, repository } from "./source-tree.ts";

const topLevel = [
  "LICENSE",
  "README.md",
  "benchmarks",
  "docs",
  "examples",
  "package.json",
  "packages",
  "pnpm-lock.yaml",
  "pnpm-workspace.yaml",
  "tsconfig.json",
];

/** Undefined in a copy without history, and where git is not at hand. */
const listed = existsSync(join(repository, ".git"))
  ? spawnSync("git", ["ls-files"], { cwd: repository, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 }).stdout
  : undefined;

describe.skipIf(typeof listed !== "string")("the repository", () => {
  const files = listed?.trim().split("\n") ?? [];

  test("has exactly these names at the top, dotfiles aside", () => {
    const names = new Set(files.map((file) => file.split("/")[0] ?? "").filter((name) => !name.startsWith(".")));

    expect([...names].sort()).toEqual(topLevel);
  });
});

/** Every runtime dependency from outside, and who may use it. Additions need a decision record. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  "@noble/hashes": ["image", "model", "rego", "report"],
  commander: ["cli"],
  cvss4: ["cvss"],
  fflate: ["formats"],
  "js-yaml": ["formats", "rego"],
  liquidjs: ["report"],
  "packageurl-js": ["formats"],
  re2js: ["re2"],
  saxes: ["formats"],
  semver: ["ecosystems", "cel"],
  "smol-toml": ["formats"],
  "spdx-exceptions": ["licenses"],
  "spdx-expression-parse": ["licenses", "report"],
  "spdx-license-ids": ["licenses"],
  "spdx-license-list": ["licenses"],
  zstddec: ["formats"],
};

describe("runtime dependencies", () => {
  test.each([...readManifests()].filter(([, manifest]) => manifest.private !== true))(
    "of %s are on the list and used",
    (folder, manifest) => {
      const outside = Object.keys(manifest.dependencies ?? {}).filter(
        (name) => name !== "plimsoll" && !name.startsWith("@plimsoll/"),
      );

      expect(outside.filter((name) => allowed[name]?.includes(folder) !== true)).toEqual([]);
    },
  );

  test.each([...readManifests().keys()])("%s has a manual", (folder) => {
    expect(readFileSync(join(repository, "packages", folder, "README.md"), "utf8").length).toBeGreaterThan(200);
  });
});
