import { parseTomlEntries, shape } from "@plimsoll/formats";
import type { DocumentShape } from "@plimsoll/formats";
import type { FileAnalyzer, FileMatcher } from "@plimsoll/model";
import { readOrReport } from "../shared/reading/malformed-file.ts";
import { entriesOf, isRecord, listOf, recordOf, textOf, textsOf } from "../shared/reading/untrusted.ts";
import { addTo } from "../shared/reading/multi-map.ts";
import { observeLocked } from "./locked.ts";
import type { LockedPackage } from "./locked.ts";
import { normalizeName } from "./name.ts";
import { parseRequirement } from "./requirement.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const base = { name: shape.text, version: shape.text };
const named = shape.list(shape.texts("name"));
const pdmShape = shape.fields({
  package: shape.list(
    shape.fields({
      ...base,
      groups: shape.list(shape.text),
      dependencies: shape.list(shape.text),
      git: shape.text,
      path: shape.text,
      url: shape.text,
      editable: shape.anything,
    }),
  ),
});
const pylockPlace = shape.texts("url", "path");
const pylockShape = shape.fields({
  packages: shape.list(
    shape.fields({ ...base, dependencies: named, vcs: pylockPlace, directory: pylockPlace, archive: pylockPlace }),
  ),
});
const uvShape = shape.fields({
  package: shape.list(
    shape.fields({
      ...base,
      source: shape.entries(shape.scalar),
      dependencies: named,
      "dev-dependencies": shape.entries(named),
      "optional-dependencies": shape.entries(named),
    }),
  ),
});

type Table = Readonly<Record<string, unknown>>;
type Lines = (index: number) => number | undefined;

function tomlLock(
  id: string,
  matches: readonly FileMatcher[],
  header: string,
  expected: DocumentShape,
  read: (document: Table, lines: Lines) => readonly LockedPackage[],
  accepts: (path: string) => boolean = () => true,
): FileAnalyzer {
  return {
    kind: "file",
    id,
    revision: 3,
    evidence: "declared",
    matches,
    maxBytes: 64 * 1024 * 1024,
    async *analyze(file) {
      if (!accepts(file.path)) return;
      const bytes = await file.bytes();
      const parsed = readOrReport(file, () => parseTomlEntries(bytes, header, expected));
      if ("problem" in parsed) return yield parsed.problem;
      const { document, lines } = parsed.value;
      yield* reportWrongParts(file, document, expected);
      yield* observeLocked(read(document, (index) => lines[index]));
    },
  };
}

/** `pdm.lock` (https://pdm-project.org/latest/usage/lockfile/). Groups other than `default` are optional or for development. */
export const pdmLock: FileAnalyzer = tomlLock(
  "pypi/pdm-lock",
  [{ basename: "pdm.lock" }],
  "package",
  pdmShape,
  (document, lines) =>
    tablesOf(document["package"]).flatMap(({ table, index }) => {
      const base = nameAndVersion(table);
      if (base === undefined) return [];
      const groups = textsOf(table["groups"]);
      return [
        {
          ...base,
          line: lines(index),
          needs: requirementNames(table["dependencies"]),
          ...pdmScope(groups),
          ...pdmSource(table),
        },
      ];
    }),
);

/** An address stands for an index too, when it is the file of a release there: then nothing but the address says so. */
function pdmSource(table: Table): Pick<LockedPackage, "origin" | "from"> {
  const git = textOf(table["git"]);
  if (git !== undefined) return { origin: "repository", from: git };
  const path = textOf(table["path"]);
  if (path !== undefined || table["editable"] === true) return { origin: "path", from: path };
  const url = textOf(table["url"]);
  return url === undefined ? {} : { origin: "archive", from: url };
}

function pdmScope(groups: readonly string[]): { readonly scope?: "dev" | "optional" } {
  if (groups.length === 0 || groups.includes("default")) return {};
  return { scope: groups.includes("dev") ? "dev" : "optional" };
}

/** `pylock.toml` and `pylock.<name>.toml` (https://packaging.python.org/en/latest/specifications/pylock-toml/). */
export const pyLock: FileAnalyzer = tomlLock(
  "pypi/pylock",
  [{ suffix: ".toml" }],
  "packages",
  pylockShape,
  (document, lines) =>
    tablesOf(document["packages"]).flatMap(({ table, index }) => {
      const name = textOf(table["name"]);
      const version = textOf(table["version"]);
      // A package without a version is a directory or repository; without either it cannot be looked up.
      if (name === undefined || version === undefined) return [];
      return [
        {
          name,
          version,
          line: lines(index),
          needs: listOf(table["dependencies"]).flatMap((item) => textOf(recordOf(item)["name"]) ?? []),
          ...pylockSource(table),
        },
      ];
    }),
  (path) => /(?:^|\/)pylock(?:\.[^/.]+)?\.toml$/.test(path),
);

/** A package comes from exactly one of an index, a repository, a directory or an archive. */
function pylockSource(table: Table): Pick<LockedPackage, "origin" | "from"> {
  for (const [field, origin] of [
    ["vcs", "repository"],
    ["directory", "path"],
    ["archive", "archive"],
  ] as const) {
    const source = table[field];
    if (isRecord(source)) return { origin, from: textOf(source["url"]) ?? textOf(source["path"]) };
  }
  return {};
}

/** `uv.lock` (https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile). */
export const uvLock: FileAnalyzer = tomlLock("pypi/uv-lock", [{ basename: "uv.lock" }], "package", uvShape, readUvLock);

interface UvEntry extends LockedPackage {
  readonly isRoot: boolean;
  readonly devNeeds: readonly string[];
  readonly optionalNeeds: readonly string[];
}

function readUvLock(document: Table, lines: Lines): readonly LockedPackage[] {
  const entries = tablesOf(document["package"]).flatMap(({ table, index }): UvEntry[] => {
    const name = textOf(table["name"]);
    if (name === undefined) return [];
    const source = recordOf(table["source"]);
    return [
      {
        name,
        version: textOf(table["version"]) ?? "",
        line: lines(index),
        needs: namesOf(table["dependencies"]),
        devNeeds: entriesOf(table["dev-dependencies"]).flatMap(([, list]) => namesOf(list)),
        optionalNeeds: entriesOf(table["optional-dependencies"]).flatMap(([, list]) => namesOf(list)),
        isRoot: "virtual" in source || "editable" in source || "directory" in source,
        ...uvSource(source),
      },
    ];
  });
  return withScopes(entries);
}

function uvSource(source: Table): Pick<LockedPackage, "origin" | "from"> {
  for (const [field, origin] of [
    ["virtual", "project"],
    ["editable", "project"],
    ["directory", "path"],
    ["path", "path"],
    ["git", "repository"],
    ["url", "archive"],
  ] as const)
    if (Object.hasOwn(source, field)) {
      const from = textOf(source[field]);
      return { origin, ...(origin === "project" ? {} : { from }) };
    }
  return {};
}

/** What roots need is needed, what they only need for development is for that, and so on down the graph. */
function withScopes(entries: readonly UvEntry[]): readonly LockedPackage[] {
  const roots = entries.filter(({ isRoot }) => isRoot);
  if (roots.length === 0) return entries;
  const needed = reachable(
    entries,
    roots.flatMap(({ needs = [] }) => needs),
  );
  const optional = reachable(
    entries,
    roots.flatMap(({ optionalNeeds }) => optionalNeeds),
  );
  const dev = reachable(
    entries,
    roots.flatMap(({ devNeeds }) => devNeeds),
  );
  const direct = new Set(
    roots
      .flatMap(({ needs = [], devNeeds, optionalNeeds }) => [...needs, ...devNeeds, ...optionalNeeds])
      .map(normalizeName),
  );
  return entries.map(({ isRoot, devNeeds, optionalNeeds, ...entry }) => {
    const name = normalizeName(entry.name);
    if (isRoot)
      return {
        ...entry,
        needs: [...(entry.needs ?? []), ...devNeeds, ...optionalNeeds],
        relationship: entries.length > 0 && roots.length > 1 ? "workspace" : "root",
      };
    const scope = needed.has(name) ? undefined : optional.has(name) ? "optional" : dev.has(name) ? "dev" : undefined;
    return {
      ...entry,
      relationship: direct.has(name) ? "direct" : "indirect",
      ...(scope === undefined ? {} : { scope }),
    };
  });
}

function reachable(entries: readonly UvEntry[], from: readonly string[]): ReadonlySet<string> {
  const needs = new Map<string, string[]>();
  for (const entry of entries) {
    const name = normalizeName(entry.name);
    for (const need of entry.needs ?? []) addTo(needs, name, need);
  }
  const seen = new Set<string>(from.map(normalizeName));
  for (const name of seen) for (const next of needs.get(name) ?? []) seen.add(normalizeName(next));
  return seen;
}

function namesOf(list: unknown): readonly string[] {
  return listOf(list).flatMap((item) => textOf(recordOf(item)["name"]) ?? []);
}

/** Names of requirements in a list. */
export function requirementNames(list: unknown): readonly string[] {
  return textsOf(list).flatMap((text) => parseRequirement(text)?.name ?? []);
}

/** The tables of an array of tables, each with its place among them. */
export function tablesOf(list: unknown): readonly { readonly table: Table; readonly index: number }[] {
  return listOf(list).flatMap((table, index) => (isRecord(table) ? [{ table, index }] : []));
}

/** Name and version of an entry that states both. */
export function nameAndVersion(table: Table): { readonly name: string; readonly version: string } | undefined {
  const name = textOf(table["name"]);
  const version = textOf(table["version"]);
  return name === undefined || version === undefined ? undefined : { name, version };
}
