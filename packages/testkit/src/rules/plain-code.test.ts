import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseSource } from "./parsed-source.ts";
import type { ParsedSource } from "./parsed-source.ts";
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
    source: parseSource(readFileSync(join(repository, path), "utf8")),
  }));
const neutral = sources.filter(({ folder }) => !ofMachines.has(folder));

type Look = (source: ParsedSource) => readonly string[];

function found(list: typeof sources, look: Look): readonly string[] {
  return list.flatMap(({ path, source }) => look(source).map((line) => `${path}:${line}`));
}

/** The numbers of the lines that are seen in a planted text. */
function seen(look: Look, text: string): readonly number[] {
  return look(parseSource(text)).map((line) => Number(line.split(":")[0]));
}

describe("neutral code asks no machine", () => {
  /** Where a clock is the caller's to replace. */
  const clocks = new Set(["packages/rego/src/policies.ts", "packages/admission/src/admission-handler.ts"]);

  /** Where a key is drawn that no result depends on (decision 0257). */
  const keys = new Set(["packages/inventory/src/path-hash.ts"]);

  test("in this tree", () => {
    expect(
      found(
        neutral.filter(({ path }) => !clocks.has(path) && !keys.has(path)),
        undeterminedLines,
      ),
    ).toEqual([]);
    expect(neutral.length).toBeGreaterThan(300);
  });

  test.each([
    "const now = Date.now();",
    "const now = new Date();",
    "const now = new Date;",
    "const now = Date();",
    "const now = new Date(...[]);",
    "const now = new Date(2024, 1, 1);",
    "const now = globalThis.Date.now();",
    'const now = globalThis["Date"]["now"]();',
    "const now = `at ${Date.now()}`;",
    "const now = (Date as unknown as Clock).now();",
    "const { now } = Date;",
    "const Time = Date;",
    "const { Date: Time } = globalThis;",
    "const everything = globalThis;",
    "const time = performance.now();",
    "const x = Math.random();",
    'const x = Math["random"]();',
    "const { random } = Math;",
    "names.sort((a, b) => a.localeCompare(b));",
    'names.sort((a, b) => a["localeCompare"](b));',
    "const shown = count.toLocaleString();",
    "const shown = count.toLocaleString?.();",
    "const shown = time.toDateString();",
    "const hour = time.getHours();",
    "const order = new Intl.Collator();",
    'const order = Intl.NumberFormat("en-US");',
    'const order = new Intl.NumberFormat("de-DE");',
    "const id = crypto.randomUUID();",
    "const { randomUUID } = crypto;",
  ])("%s is seen", (line) => {
    expect(undeterminedLines(parseSource(`// first\n${line}`))).toEqual([`2: ${line}`]);
  });

  test.each([
    "const day = new Date(text);",
    "const day = Date.parse(text);",
    "if (value instanceof Date) show(value);",
    "const of = (day: Date): string => day.toISOString();",
    "// Date.now() would differ",
    'const text = "Math.random";',
    "const text = `Date.now()`;",
    "const high = Math.max(1, 2);",
    'const shown = new Intl.NumberFormat("en-US");',
    "const { setTimeout } = globalThis;",
    "const row = { Date: 1, random: 2 };",
  ])("%s is fine", (line) => {
    expect(seen(undeterminedLines, line)).toEqual([]);
  });
});

describe("neutral code loads no module of Node by a detour", () => {
  /** Where a package that need not be installed is loaded by a name that bundlers are not to see. */
  const optional = new Set(["packages/attestations/src/pgp.ts"]);

  test("in this tree", () => {
    expect(
      found(
        neutral.filter(({ path }) => !optional.has(path)),
        hiddenNodeImports,
      ),
    ).toEqual([]);
  });

  test.each([
    'await import("node:fs")',
    "await import(`node:fs`)",
    'await import("no" + "de:fs")',
    "await import(`${'node'}:fs`)",
    "await import(name)",
    'require("fs")',
    'process.getBuiltinModule("fs")',
    'process["getBuiltinModule"]("fs")',
    "createRequire(import.meta.url)",
    'new Function("return process")()',
    'eval("process")',
  ])("%s is seen", (code) => {
    expect(seen(hiddenNodeImports, `const fs = ${code};`)).toEqual([1]);
  });

  test.each([
    'const zstd = await import("zstddec");',
    "const { require } = row; // of a Gradle catalogue",
    "show(require);",
  ])("%s is fine", (line) => {
    expect(seen(hiddenNodeImports, line)).toEqual([]);
  });
});

describe("what is claimed to the compiler has a reason beside it", () => {
  test("in this tree", () => {
    const own = sources.filter(({ folder }) => folder !== "testkit");
    expect(found(own, unreasonedAssertions)).toEqual([]);
  });

  test.each([
    "const a = b as C;",
    "f(x!.y);",
    "f(x!);",
    "const a = value as unknown as { a: 1 };",
    "const a = <C>b;",
    "const a = `of ${b as string}`;",
    "const of = <T>(b: unknown): T => b as T;",
    "let a!: string;",
    "class A { b!: string }",
    "const a = [b as\n  C];",
  ])("%s is seen", (text) => {
    expect(seen(unreasonedAssertions, text)).toHaveLength(1);
  });

  test.each([
    "const a = b as C; // made one line above",
    "// b is one of them\nconst a = b as C;",
    "const a = [1] as const;",
    'import { a as b } from "c";',
    'import {\n  a as b,\n} from "c";',
    'const text = "such as this";',
    "const pattern = /the same as that/;",
    "if (a !== b) show(!c);",
    "const a = b satisfies C;",
  ])("%s is fine", (line) => {
    expect(seen(unreasonedAssertions, line)).toEqual([]);
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
    expect(unreasonedJson(parseSource("const a: unknown = JSON.parse(text);"))).toEqual([
      "1: const a: unknown = JSON.parse(text);",
    ]);
  });

  test.each([
    'const a: unknown = JSON["parse"](text);',
    "const { parse } = JSON;",
    "const all = texts.map(JSON.parse);",
    "const a = `${JSON.parse(text)}`;",
    "const a: unknown = globalThis.JSON.parse(text);",
  ])("%s is seen", (line) => {
    expect(seen(unreasonedJson, line)).toEqual([1]);
  });

  test.each([
    "const a: unknown = JSON.parse(text); // written by pack",
    "// Written by pack.\nconst a: unknown = JSON.parse(text);",
    "// What JSON.parse( makes",
    "const text = JSON.stringify(value);",
    "const kind = { JSON: 1 };",
  ])("%s is fine", (line) => {
    expect(seen(unreasonedJson, line)).toEqual([]);
  });
});

describe("a check that is silenced says why", () => {
  test("in this tree", () => {
    expect(found(sources, silencedChecks)).toEqual([]);
  });

  test.each([
    "// @ts-ignore",
    "// @ts-nocheck",
    "/* @ts-ignore */",
    "// @ts-expect-error",
    "// oxlint-disable-next-line no-control-regex",
    "/* eslint-disable */",
    "const a = 1; // oxlint-disable-line",
  ])("%s is seen", (line) => {
    expect(silencedChecks(parseSource(line))).toEqual([`1: ${line}`]);
  });

  test.each([
    "// oxlint-disable-next-line no-control-regex -- these are what is looked for",
    "// @ts-expect-error -- a caller without types",
    'const text = "// @ts-ignore";',
  ])("%s is fine", (line) => {
    expect(seen(silencedChecks, line)).toEqual([]);
  });
});

describe("no pattern looks through the same empty lines again and again", () => {
  test("in this tree", () => {
    expect(found(sources, wanderingPatterns)).toEqual([]);
  });

  test("a planted one is seen, and one that stays in its line is none", () => {
    const planted = (text: string): readonly string[] => wanderingPatterns(parseSource(text));

    expect(planted(String.raw`const a = /^\s*const X = (\d+)/m.exec(text);`)).toHaveLength(1);
    expect(planted(String.raw`text.replaceAll(/^\s+#[^\n]*$/gm, "");`)).toHaveLength(1);
    expect(planted(String.raw`const a = /^[^\S\n]*const X/m; const b = /^\s*x/;`)).toEqual([]);
  });
});
