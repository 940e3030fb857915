import type { AnalyzedFile, Analyzer, CallOptions, Observation } from "@plimsoll/model";
import { feedAnalyzers, growthProblem, matchesFile, observe, pathsFor } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { everyEcosystem } from "./index.ts";
import { documentText } from "./shared/fixtures/document-text.ts";
import { exampleDocuments } from "./wrong-types.documents.ts";

const analyzers = everyEcosystem.flatMap((ecosystem) => ecosystem.analyzers);
const encoder = new TextEncoder();

/** The document with its outermost lists and maps so many times as long, each element with a name of its own. */
function grown(value: unknown, times: number): unknown {
  if (Array.isArray(value)) return repeated(value, times);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const isMap = entries.length > 0 && entries.every(([, inner]) => typeof inner === "object" && inner !== null);
  if (isMap && entries.some(([key]) => !/^[a-zA-Z_-]+$/.test(key)))
    return Object.fromEntries(
      Array.from({ length: times }, (_, at) =>
        entries.map(([key, inner]) => [renamed(key, at), numbered(inner, at)]),
      ).flat(),
    );
  return Object.fromEntries(entries.map(([key, inner]) => [key, grown(inner, times)]));
}

function repeated(list: readonly unknown[], times: number): unknown[] {
  return Array.from({ length: times }, (_, at) => list.map((item) => numbered(item, at))).flat();
}

function numbered(value: unknown, at: number): unknown {
  if (typeof value === "string") return renamed(value, at);
  if (Array.isArray(value)) return value.map((item) => numbered(item, at));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, numbered(inner, at)]));
}

/** The first letter becomes a name: `a@1.0.0`, `node_modules/a`. Words that mean something are longer. */
function renamed(text: string, at: number): string {
  return at === 0 ? text : text.replace(/(?<![A-Za-z])[a-z](?![A-Za-z])/g, (letter) => `${letter}${at}`);
}

/** Lines of many formats: whoever knows one reads it, whoever does not goes over it. */
function lines(count: number): string {
  const one = (at: number): string =>
    [
      `Package: p${at}`,
      "Status: install ok installed",
      "Version: 1.0",
      `Depends: p${at + 1} (>= 1), q | r`,
      "",
      `P:p${at}`,
      "V:1.0",
      `    p${at} (1.0)`,
      `      p${at + 1}`,
      `p${at}==1.0 --hash=sha256:00`,
      `gem 'p${at}', '1.0'`,
      `require example.com/p${at} v1.0.0`,
      `"p${at}@^1.0.0":`,
      '  version "1.0.0"',
      `name = "p${at}"`,
      `version = "1.0"`,
      `usr/share/p${at}/file`,
      `{<<"p${at}">>,{pkg,<<"p${at}">>,<<"1.0">>},0},`,
      `<dependency><groupId>g</groupId><artifactId>p${at}</artifactId><version>1</version></dependency>`,
      "",
    ].join("\n");
  return Array.from({ length: count }, (_, at) => one(at)).join("");
}

/** The same file in as many directories, each with names of its own. */
function inDirectories(path: string, count: number, textAt: (at: number) => string): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`d${at}/${path}`, textAt(at)]));
}

describe("as many files at once: twice as many are about twice the work", () => {
  const trees = analyzers.filter(({ kind }) => kind === "tree");
  test.each(trees.map((analyzer) => [analyzer.id, analyzer] as const))("for %s", async (_, analyzer) => {
    const problems: string[] = [];
    const grow = async (what: string, make: (count: number) => Readonly<Record<string, string>>): Promise<void> => {
      const made = new Map([1, 2, 4].map((times) => [times, make(15 * times)]));
      const problem = await growthProblem((times) => observe(analyzer, "other", "", made.get(times)));
      if (problem !== undefined) problems.push(`${what}: ${problem}`);
    };
    for (const path of pathsFor(analyzer))
      await grow(`lines as ${path}`, (count) => inDirectories(path, count, () => lines(3)));
    for (const example of exampleDocuments) {
      if (!matchesFile(analyzer.matches, example.path, encoder.encode(documentText(example)))) continue;
      await grow(example.path, (count) =>
        inDirectories(example.path, count, (at) => documentText(example, numbered(example.document, at))),
      );
    }

    expect(problems).toEqual([]);
  });
});

test("lock files in each other's directories read the manifests below them once", async () => {
  const cargo = analyzers.find(({ id }) => id === "cargo/lock");
  if (cargo === undefined) throw new Error("it is there");
  const manifest = `[package]\nname = "a"\n[dependencies]\n${Array.from({ length: 100 }, (_, at) => `d${at} = "1"\n`).join("")}`;
  const nested = (count: number): Readonly<Record<string, string>> =>
    Object.fromEntries(
      Array.from({ length: count }, (_, at) => "a/".repeat(at + 1)).flatMap((directory) => [
        [`${directory}Cargo.lock`, '[[package]]\nname = "a"\nversion = "1"\n'],
        [`${directory}Cargo.toml`, manifest],
      ]),
    );
  const trees = new Map([1, 2, 4].map((times) => [times, nested(30 * times)]));

  expect(await growthProblem((times) => observe(cargo, "other", "", trees.get(times)))).toBeUndefined();
});

describe("twice the input is about twice the work", () => {
  test.each(analyzers.map((analyzer) => [analyzer.id, analyzer] as const))("for %s", async (_, analyzer) => {
    const feed = (path: string, text: string): Promise<unknown> =>
      feedAnalyzers([analyzer], encoder.encode(text), [path]);
    const problems: string[] = [];
    for (const path of pathsFor(analyzer).slice(0, 1)) {
      const problem = await growthProblem((times) => feed(path, lines(60 * times)));
      if (problem !== undefined) problems.push(`lines as ${path}: ${problem}`);
    }
    for (const example of exampleDocuments) {
      if (!matchesFile(analyzer.matches, example.path, encoder.encode(documentText(example)))) continue;
      const texts = [1, 2, 4].map((times) => documentText(example, grown(example.document, 60 * times)));
      const problem = await growthProblem((times) => feed(example.path, texts[Math.log2(times)] ?? ""));
      if (problem !== undefined) problems.push(`${example.path}: ${problem}`);
    }

    expect(problems).toEqual([]);
  });

  test("and an analyzer that compares all packages with all is found out", async () => {
    const [planted] = analyzers.filter(({ id }) => id === "npm/package-lock");
    if (planted?.kind !== "file") throw new Error("it reads files");
    const comparing: Analyzer = {
      ...planted,
      async *analyze(file: AnalyzedFile, options: CallOptions): AsyncGenerator<Observation> {
        const said: unknown[] = [];
        for await (const one of planted.analyze(file, options)) {
          if (said.every((other) => other !== one)) said.push(one);
          yield one;
        }
      },
    };
    const example = exampleDocuments.find(({ path }) => path === "app/package-lock.json");
    if (example === undefined) throw new Error("there is an example");

    const problem = await growthProblem((times) =>
      feedAnalyzers([comparing], encoder.encode(documentText(example, grown(example.document, 400 * times))), [
        example.path,
      ]),
    );

    expect(problem).toBeDefined();
  });
});
