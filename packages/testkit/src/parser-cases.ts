import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AnalyzedFile, Analyzer, Diagnostic, FileMatcher, FoundPackage, Observation } from "@plimsoll/model";
import { compareText } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { analyzedFile } from "./run-analyzer.ts";
import { sharedFile, sharedPath } from "./shared-data.ts";

const folder = "conformance/parsers";

/** One published parser test: the files it reads, and the packages they hold. */
export interface ParserCase {
  /** `javascript/packagelockjson/scalibr-…`. */
  readonly dir: string;
  /** Whose test it is: `trivy`, `syft`, `scalibr`, `claircore`. */
  readonly tool: string;
  readonly entry: readonly string[];
  /** Path in the case to content; `*.txtar` inputs are unpacked. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly packages: readonly ExpectedPackage[];
  /** Something must be reported as wrong. */
  readonly error: boolean;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface ExpectedPackage {
  readonly id?: string;
  readonly name: string;
  readonly version?: string;
  readonly type?: string;
  readonly purlType?: string;
  readonly relationship?: string;
  readonly dev?: boolean;
  readonly dependsOn?: readonly string[];
  readonly locations?: readonly { readonly startLine?: number; readonly endLine?: number }[];
  readonly location?: { readonly path?: string; readonly line?: number };
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export interface ParserCaseSuite {
  /** Folder below `conformance/parsers`: `javascript/packagelockjson`. */
  readonly folder: string;
  readonly analyzers: readonly Analyzer[];
  /** Which cases of the folder are for these analyzers. Absent: all. */
  readonly only?: (parserCase: ParserCase) => boolean;
  /** Path under which a file of the case is given to the analyzers; undefined: it is not. Absent: as it is. */
  readonly as?: (path: string, parserCase: ParserCase) => string | undefined;
  /** How the ecosystem would write an expected package, where tools differ on purpose; undefined: it is not compared. */
  readonly expected?: (pkg: ExpectedPackage, parserCase: ParserCase) => ExpectedPackage | undefined;
  /** How names are compared where tools spell them differently. Absent: as they are. */
  readonly spelling?: (name: string) => string;
  /** Found packages that are left out of the comparison. */
  readonly ignore?: (pkg: FoundPackage, parserCase: ParserCase, path: string) => boolean;
  /** Further files that the analyzers are given, by path. Absent: only what the case hands to its parser. */
  readonly beside?: (parserCase: ParserCase) => Iterable<readonly [string, Uint8Array]>;
  /** Facts beyond name and version that are compared where the case states them. Absent: all. */
  readonly checks?: readonly ("dev" | "lines" | "edges")[];
  /** Cases that we answer otherwise on purpose (last part of `dir`), with the reason. A case that passes must not be listed. */
  readonly deviations?: Readonly<Record<string, string>>;
}

/**
 * Registers one test per published case: every expected package found by name and version, none extra, and development
 * flags, lines and edges as stated. Packages without a version and roots and members of a workspace may be reported or not.
 */
export function testParserCases(suite: ParserCaseSuite): void {
  const cases = parserCases(suite.folder).filter((parserCase) => suite.only?.(parserCase) !== false);
  describe.skipIf(cases.length === 0)(`published cases of ${suite.folder}`, () => {
    test.each(cases.map((one) => [one.dir.slice(suite.folder.length + 1), one] as const))(
      "%s",
      async (name, parserCase) => {
        const reason = suite.deviations?.[name];
        const problems = await problemsOf(suite, parserCase);

        if (reason === undefined) expect(problems).toEqual([]);
        else expect(problems, `deviates no longer, although: ${reason}`).not.toEqual([]);
      },
    );
  });
}

/** The cases in a folder of the shared data, with `""` all; none when it is absent. */
export function parserCases(under: string): readonly ParserCase[] {
  const index = JSON.parse(sharedFile(`${folder}/index.json`) ?? "[]") as { dir: string; tool: string }[];
  return index
    .filter(({ dir }) => under === "" || dir.startsWith(`${under}/`))
    .map(({ dir, tool }) => readCase(dir, tool));
}

function readCase(dir: string, tool: string): ParserCase {
  const expected = JSON.parse(sharedFile(`${folder}/${dir}/expected.json`) ?? "{}") as ParserCase & {
    inputs: readonly string[];
  };
  const files = new Map<string, Uint8Array>();
  for (const input of expected.inputs) {
    const path = sharedPath(`${folder}/${dir}/input/${input}`);
    if (path === undefined) continue;
    const content = new Uint8Array(readFileSync(path));
    if (!input.endsWith(".txtar")) files.set(input, content);
    else for (const [name, text] of unpackTxtar(new TextDecoder().decode(content))) files.set(join(input, name), text);
  }
  return { ...expected, dir, tool, files };
}

function unpackTxtar(text: string): [string, Uint8Array][] {
  const parts = text.split(/^-- (.+) --\n/m);
  const files: [string, Uint8Array][] = [];
  for (let at = 1; at + 1 < parts.length; at += 2)
    files.push([parts[at] ?? "", new TextEncoder().encode(parts[at + 1] ?? "")]);
  return files;
}

interface Found {
  readonly package: FoundPackage;
  /** The file that says so. */
  readonly path: string;
  readonly line: number | undefined;
}

/** What the analyzers of a suite say about a case. */
async function runCase(
  suite: ParserCaseSuite,
  parserCase: ParserCase,
): Promise<{ found: readonly Found[]; diagnostics: readonly Diagnostic[] }> {
  const files: AnalyzedFile[] = [];
  for (const [path, content] of parserCase.files) {
    if (!parserCase.entry.some((entry) => entry === "." || path === entry || path.startsWith(`${entry}/`))) continue;
    const given = suite.as === undefined ? path : suite.as(path, parserCase);
    if (given !== undefined) files.push(analyzedFile(given, content, { executable: true }));
  }
  for (const [path, content] of suite.beside?.(parserCase) ?? [])
    if (!files.some((file) => file.path === path)) files.push(analyzedFile(path, content));
  files.sort((a, b) => compareText(a.path, b.path));
  const located: { observation: Observation; path: string; analyzer: string }[] = [];
  for (const analyzer of suite.analyzers) {
    const matched: AnalyzedFile[] = [];
    for (const file of files) if (matchesFile(analyzer.matches, file.path, await file.bytes())) matched.push(file);
    if (analyzer.kind === "file") {
      for (const file of matched)
        for await (const observation of analyzer.analyze(file, {}))
          located.push({ observation, path: file.path, analyzer: analyzer.id });
    } else if (matched.length > 0 || files.length === 0) {
      const retained = {
        get: (path: string) => matched.find((file) => file.path === path),
        [Symbol.iterator]: () => matched.values(),
      };
      for await (const observation of analyzer.analyze(retained, [...located], {}))
        located.push({ observation, path: "", analyzer: analyzer.id });
    }
  }
  const kept = withoutReplaced(suite, located);
  const observations = kept.map(({ observation }) => observation);
  return {
    found: kept.flatMap(({ observation: one, path }) =>
      one.kind === "package" ? [{ package: one.package, path: one.at ?? path, line: one.line }] : [],
    ),
    diagnostics: observations.flatMap((one) => (one.kind === "diagnostic" ? [one] : [])),
  };
}

/** What is left when files give way to neighbours that are read in their place. */
function withoutReplaced<
  T extends { readonly observation: Observation; readonly path: string; readonly analyzer: string },
>(suite: ParserCaseSuite, located: readonly T[]): readonly T[] {
  const siblings = new Map(suite.analyzers.map(({ id, yieldsTo }) => [id, yieldsTo?.sibling]));
  const withPackages = new Set(
    located.flatMap(({ observation, path }) => (observation.kind === "package" ? path : [])),
  );
  return located.filter(({ path, analyzer }) => {
    const sibling = siblings.get(analyzer);
    const by = `${path.slice(0, path.lastIndexOf("/") + 1)}${sibling ?? ""}`;
    return sibling === undefined || by === path || !withPackages.has(by);
  });
}

/** Whether any matcher accepts a file. */
export function matchesFile(matchers: readonly FileMatcher[], path: string, content: Uint8Array): boolean {
  const cut = path.lastIndexOf("/") + 1;
  return matchers.some((matcher) => {
    if ("path" in matcher) return path === matcher.path;
    if ("basename" in matcher)
      return path.slice(cut) === matcher.basename && !`/${path}`.includes(`/${matcher.outside ?? "\0"}/`);
    if ("stem" in matcher) return path.startsWith(matcher.stem, cut);
    if ("suffix" in matcher) return path.endsWith(matcher.suffix);
    if ("below" in matcher) return path.startsWith(`${matcher.below}/`);
    if ("directory" in matcher) {
      const { directory, beginning = "", ending = "" } = matcher;
      const name = path.slice(cut);
      return path.slice(0, Math.max(0, cut - 1)) === directory && name.startsWith(beginning) && name.endsWith(ending);
    }
    return matcher.magic.every((byte, at) => content[at] === byte);
  });
}

/** What is wrong with the answer to a case, as sentences. */
async function problemsOf(suite: ParserCaseSuite, parserCase: ParserCase): Promise<readonly string[]> {
  const { found, diagnostics } = await runCase(suite, parserCase);
  const idOf = ({ name, version = "" }: { readonly name: string; readonly version?: string }): string =>
    `${suite.spelling?.(name) ?? name}@${version}`;
  const problems: string[] = [];
  if (parserCase.error && diagnostics.length === 0) problems.push("nothing was reported as wrong");
  const wanted = parserCase.packages.flatMap((pkg) => {
    const written = suite.expected === undefined ? pkg : suite.expected(pkg, parserCase);
    return written === undefined ? [] : [written];
  });
  const optional = new Set(wanted.filter(isOptional).map(idOf));
  const required = new Map(wanted.filter((pkg) => !isOptional(pkg)).map((pkg) => [idOf(pkg), pkg]));
  const unversioned = new Set(wanted.filter((pkg) => (pkg.version ?? "") === "").map((pkg) => pkg.name));
  const have = new Map<string, Found[]>();
  for (const one of found) have.set(idOf(one.package), [...(have.get(idOf(one.package)) ?? []), one]);
  for (const id of required.keys()) if (!have.has(id)) problems.push(`missing ${id}`);
  for (const [id, [first]] of have) {
    if (required.has(id) || optional.has(id) || first === undefined) continue;
    const { relationship } = first.package;
    if (
      first.package.version === "" ||
      relationship === "root" ||
      relationship === "workspace" ||
      unversioned.has(first.package.name)
    )
      continue;
    // Such a case states only some of the packages.
    if (parserCase.options["partial"] === true || suite.ignore?.(first.package, parserCase, first.path) === true)
      continue;
    problems.push(`extra ${id}`);
  }
  const checks = suite.checks ?? ["dev", "lines", "edges"];
  for (const [id, pkg] of required) {
    const ours = have.get(id)?.filter((one) => suite.ignore?.(one.package, parserCase, one.path) !== true);
    if (ours === undefined || ours.length === 0) continue;
    if (checks.includes("dev")) problems.push(...devProblems(parserCase, id, pkg, ours));
    const same = wanted.filter((other) => idOf(other) === id);
    if (checks.includes("lines")) problems.push(...lineProblems(id, same, ours));
    if (checks.includes("edges") && parserCase.tool === "trivy") problems.push(...edgeProblems(id, pkg, ours, found));
  }
  return problems;
}

function isOptional(pkg: ExpectedPackage): boolean {
  return (pkg.version ?? "") === "" || pkg.relationship === "root" || pkg.relationship === "workspace";
}

function devProblems(
  parserCase: ParserCase,
  id: string,
  pkg: ExpectedPackage,
  ours: readonly Found[],
): readonly string[] {
  const isDev = ours.every((one) => one.package.scope === "dev");
  if (parserCase.tool === "trivy")
    return isDev === (pkg.dev ?? false) ? [] : [`${id} is ${isDev ? "marked" : "not marked"} as for development`];
  const groups = pkg.metadata?.["depGroupVals"];
  if (!Array.isArray(groups) || groups.length !== 1 || groups[0] !== "dev") return [];
  return isDev ? [] : [`${id} is not marked as for development`];
}

function lineProblems(id: string, wanted: readonly ExpectedPackage[], ours: readonly Found[]): readonly string[] {
  const spans = wanted.flatMap((pkg) => [
    ...(pkg.locations ?? []).map(({ startLine = 0, endLine = startLine }) => [startLine, endLine] as const),
    // A single line is that of the name, which an entry of several lines may begin before.
    ...(pkg.location?.line === undefined || pkg.location.line === 0
      ? []
      : [[pkg.location.line - 1, pkg.location.line] as const]),
  ]);
  if (spans.every(([start]) => start === 0)) return [];
  return ours.flatMap(({ line }) =>
    line === undefined || spans.some(([start, end]) => line >= start && line <= end)
      ? []
      : [`${id} is at line ${line}, not ${spans.map((span) => span.join("-")).join(" or ")}`],
  );
}

function edgeProblems(
  id: string,
  pkg: ExpectedPackage,
  ours: readonly Found[],
  all: readonly Found[],
): readonly string[] {
  if (pkg.dependsOn === undefined) return [];
  const byKey = new Map(all.map(({ package: { key, name, version } }) => [key ?? name, `${name}@${version}`]));
  const edges = new Set(ours.flatMap((one) => one.package.dependsOn ?? []).map((key) => byKey.get(key) ?? key));
  return pkg.dependsOn.filter((target) => !edges.has(target)).map((target) => `${id} does not lead to ${target}`);
}
