import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  hiddenNodeImports,
  silencedChecks,
  undeterminedLines,
  unreasonedAssertions,
  unreasonedJson,
  wanderingPatterns,
} from "./plain-code.ts";
import { readSources, repository } from "./source-tree.ts";

/** Packages that touch a machine. */
const ofMachines = new Set(["node", "cluster", "aws", "server", "cli", "testkit"]);

const sources = readSources()
  .filter(({ path }) => !/\.(test|fuzz|test-d)\.ts$/.test(path))
  .map(({ path }) => ({
    path,
    folder: path.split("/")[1] ?? "",
    text: readFileSync(join(repository, path), "utf8"),
  }));
const neutral = sources.filter(({ folder }) => !ofMachines.has(folder));

function found(list: typeof sources, look: (text: string) => readonly string[]): readonly string[] {
  return list.flatMap(({ path, text }) => look(text).map((line) => `${path}:${line}`));
}

describe("neutral code asks no machine", () => {
  /** Where a clock is the caller's to replace. */
  const clocks = new Set(["packages/rego/src/policies.ts", "packages/admission/src/admission-handler.ts"]);

  test("in this tree", () => {
    expect(
      found(
        neutral.filter(({ path }) => !clocks.has(path)),
        undeterminedLines,
      ),
    ).toEqual([]);
    expect(neutral.length).toBeGreaterThan(300);
  });

  test.each([
    "const now = Date.now();",
    "const now = new Date();",
    "const x = Math.random();",
    "names.sort((a, b) => a.localeCompare(b));",
    "return count.toLocaleString();",
    "const order = new Intl.Collator();",
    "const id = crypto.randomUUID();",
  ])("%s is seen", (line) => {
    expect(undeterminedLines(`// first\n${line}`)).toEqual([`2: ${line}`]);
  });

  test.each(["const day = new Date(text);", "// Date.now() would differ", 'const text = "Math.random";'])(
    "%s is fine",
    (line) => {
      expect(undeterminedLines(line)).toEqual([]);
    },
  );
});

describe("neutral code loads no module of Node by a detour", () => {
  test("in this tree", () => {
    expect(found(neutral, hiddenNodeImports)).toEqual([]);
  });

  test.each(['await import("node:fs")', 'require("fs")', 'process.getBuiltinModule("fs")'])("%s is seen", (code) => {
    expect(hiddenNodeImports(`const fs = ${code};`)).toHaveLength(1);
  });

  test("a module of another package may be loaded when needed", () => {
    expect(hiddenNodeImports('const zstd = await import("zstddec");')).toEqual([]);
  });
});

describe("what is claimed to the compiler has a reason beside it", () => {
  /** Assertions without a reason that are left, by package: a number may only fall. */
  const left: Readonly<Record<string, number>> = {
    attestations: 1,
    cel: 1,
    checks: 2,
    cis: 6,
    cli: 12,
    ecosystems: 3,
    formats: 7,
    gatekeeper: 3,
    image: 9,
    inventory: 3,
    licenses: 2,
    model: 1,
    node: 21,
    plimsoll: 3,
    probes: 1,
    registry: 2,
    rego: 267,
    secrets: 1,
  };

  test("in this tree", () => {
    const counts = new Map<string, number>();
    for (const { folder, text } of sources.filter(({ folder: name }) => name !== "testkit"))
      counts.set(folder, (counts.get(folder) ?? 0) + unreasonedAssertions(text).length);

    expect([...counts].filter(([folder, count]) => count > (left[folder] ?? 0))).toEqual([]);
  });

  test.each(["const a = b as C;", "f(x!.y);", "return value as unknown as { a: 1 };"])("%s is seen", (line) => {
    expect(unreasonedAssertions(line)).toEqual([`1: ${line}`]);
  });

  test.each([
    "const a = b as C; // made one line above",
    "// b is one of them\nconst a = b as C;",
    "const a = [1] as const;",
    'import { a as b } from "c";',
    'import {\n  a as b,\n} from "c";',
    'const text = "such as this";',
    "const pattern = /the same as that/;",
    "if (a !== b) return !c;",
  ])("%s is fine", (line) => {
    expect(unreasonedAssertions(line)).toEqual([]);
  });
});

describe("untrusted JSON has one reader", () => {
  test("in this tree", () => {
    const others = sources.filter(
      ({ path, folder }) => folder !== "testkit" && path !== "packages/formats/src/json/json.ts",
    );
    expect(found(others, unreasonedJson)).toEqual([]);
  });

  test("a second one is seen", () => {
    expect(unreasonedJson("const a: unknown = JSON.parse(text);")).toEqual(["1: const a: unknown = JSON.parse(text);"]);
  });

  test.each([
    "const a: unknown = JSON.parse(text); // written by pack",
    "// Written by pack.\nconst a: unknown = JSON.parse(text);",
    "// What JSON.parse( makes",
  ])("%s is fine", (line) => {
    expect(unreasonedJson(line)).toEqual([]);
  });
});

describe("a check that is silenced says why", () => {
  test("in this tree", () => {
    expect(found(sources, silencedChecks)).toEqual([]);
  });

  test.each(["// @ts-ignore", "// @ts-nocheck", "// oxlint-disable-next-line no-control-regex"])(
    "%s is seen",
    (line) => {
      expect(silencedChecks(line)).toEqual([`1: ${line}`]);
    },
  );

  test("with a reason it is fine", () => {
    expect(silencedChecks("// oxlint-disable-next-line no-control-regex -- these are what is looked for")).toEqual([]);
  });
});

describe("no pattern looks through the same empty lines again and again", () => {
  test("in this tree", () => {
    expect(found(sources, wanderingPatterns)).toEqual([]);
  });

  test("a planted one is seen, and one that stays in its line is none", () => {
    expect(wanderingPatterns(String.raw`const a = /^\s*const X = (\d+)/m.exec(text);`)).toHaveLength(1);
    expect(wanderingPatterns(String.raw`text.replaceAll(/^\s+#[^\n]*$/gm, "");`)).toHaveLength(1);
    expect(wanderingPatterns(String.raw`const a = /^[^\S\n]*const X/m; const b = /^\s*x/;`)).toEqual([]);
  });
});
