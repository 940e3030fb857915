import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
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
  "@electric-sql/pglite": ["server"],
  "@electric-sql/pglite-prepopulatedfs": ["server"],
  "@hono/node-server": ["server"],
  "@noble/ciphers": ["attestations"],
  "@noble/hashes": ["admission", "attestations", "ecosystems", "model", "registry", "rego", "report"],
  commander: ["cli"],
  cvss4: ["cvss"],
  fflate: ["formats"],
  hono: ["server"],
  "js-yaml": ["formats", "rego"],
  kysely: ["server"],
  liquidjs: ["report"],
  "packageurl-js": ["formats"],
  pg: ["server"],
  "pg-boss": ["server"],
  pino: ["server"],
  re2js: ["re2"],
  saxes: ["formats"],
  semver: ["ecosystems", "cel"],
  "smol-toml": ["formats"],
  "spdx-exceptions": ["licenses"],
  "spdx-expression-parse": ["formats"],
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

describe("what CommonJS requires", () => {
  test.each([...readManifests()].filter(([, manifest]) => manifest.private !== true))(
    "of %s has types of its own, by each of its names",
    (_, { exports }) => {
      // as: Node's format; a text is a file for all.
      const names = Object.entries(exports as Record<string, string | { readonly require?: object }>);
      const ofModules = names.flatMap(([name, target]) => (typeof target === "string" ? [] : [[name, target.require]]));

      expect(ofModules).toEqual(
        ofModules.map(([name]) => [name, expect.objectContaining({ types: expect.stringMatching(/\.d\.cts$/) })]),
      );
    },
  );
});

/** Decisions whose number is another's, or not that of their heading. `headings` are first lines by file name. */
function misnumbered(headings: ReadonlyMap<string, string>): readonly string[] {
  const numbers = [...headings.keys()].map((name) => name.slice(0, 4));
  return [...headings].flatMap(([name, heading]) => {
    const number = name.slice(0, 4);
    if (numbers.indexOf(number) !== numbers.lastIndexOf(number)) return [`${name} shares its number`];
    return heading.startsWith(`# ${number}`) ? [] : [`${name} has the heading ${heading}`];
  });
}

describe("decisions", () => {
  test("have numbers of their own, and say them", () => {
    const folder = join(repository, "docs", "decisions");
    const names = readdirSync(folder).filter((name) => name !== "README.md");
    const firstLine = (name: string): string => readFileSync(join(folder, name), "utf8").split("\n")[0] ?? "";

    expect(misnumbered(new Map(names.map((name) => [name, firstLine(name)])))).toEqual([]);
  });

  test("that share a number are found, and those under another's heading", () => {
    const headings = new Map([
      ["0001-a.md", "# 0001 A"],
      ["0001-b.md", "# 0001 B"],
      ["0002-c.md", "# 0003 C"],
    ]);

    expect(misnumbered(headings)).toEqual([
      "0001-a.md shares its number",
      "0001-b.md shares its number",
      "0002-c.md has the heading # 0003 C",
    ]);
  });
});
