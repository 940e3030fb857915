import { shape } from "@plimsoll/formats";
import type { DocumentShape } from "@plimsoll/formats";
import type { FileAnalyzer, FileMatcher } from "@plimsoll/model";
import { tomlEntriesInTurns } from "../shared/reading/toml-entries.ts";
import { entriesOf, isRecord, listOf, recordOf, textOf, textsOf } from "../shared/reading/untrusted.ts";
import { addTo } from "../shared/reading/multi-map.ts";
import { scopesFrom } from "../shared/reading/reachable-scopes.ts";
import type { DirectNeeds } from "../shared/reading/reachable-scopes.ts";
import { observeLocked } from "./locked.ts";
import type { LockedPackage } from "./locked.ts";
import { normalizeName } from "./name.ts";
import { parseRequirement } from "./requirement.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const base = { name: shape.text, version: shape.text };
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
const uvNeeded = shape.list(shape.fields({ name: shape.text, extra: shape.list(shape.text) }));
const uvShape = shape.fields({
  package: shape.list(
    shape.fields({
      ...base,
      source: shape.entries(shape.scalar),
      dependencies: uvNeeded,
      "dev-dependencies": shape.entries(uvNeeded),
      "optional-dependencies": shape.entries(uvNeeded),
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
): FileAnalyzer {
  return {
    kind: "file",
    id,
    revision: 4,
    evidence: "declared",
    readsByEntries: true,
    matches,
    maxBytes: 64 * 1024 * 1024,
    async *analyze(file) {
      const parsed = await tomlEntriesInTurns(file, header, expected);
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

/** `uv.lock` (https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile). */
export const uvLock: FileAnalyzer = tomlLock("pypi/uv-lock", [{ basename: "uv.lock" }], "package", uvShape, readUvLock);

/** Who needs whom: a package under its normalised name, and what an extra of it adds under `name[extra]`. */
type UvGraph = ReadonlyMap<string, readonly string[]>;

interface UvEntry {
  readonly locked: LockedPackage;
  readonly isRoot: boolean;
  /** Keys of the graph. */
  readonly asks: DirectNeeds;
}

function readUvLock(document: Table, lines: Lines): readonly LockedPackage[] {
  const graph = new Map<string, string[]>();
  const entries = tablesOf(document["package"]).flatMap(({ table, index }): UvEntry[] => {
    const name = textOf(table["name"]);
    if (name === undefined) return [];
    const source = recordOf(table["source"]);
    const isRoot = "virtual" in source || "editable" in source || "directory" in source;
    const groups = entriesOf(table["dev-dependencies"]);
    // Of packages of others the lock has the extras alone that somebody asks for.
    const extras = entriesOf(table["optional-dependencies"]);
    const key = normalizeName(name);
    for (const need of uvNeeds(table["dependencies"])) addTo(graph, key, need);
    for (const [extra, list] of extras) for (const need of uvNeeds(list)) addTo(graph, `${key}[${extra}]`, need);
    const lists = [table["dependencies"], ...[...(isRoot ? groups : []), ...extras].map(([, list]) => list)];
    return [
      {
        locked: {
          name,
          version: textOf(table["version"]) ?? "",
          line: lines(index),
          needs: lists.flatMap(namesOf),
          ...uvSource(source),
        },
        isRoot,
        asks: {
          needed: uvNeeds(table["dependencies"]),
          optional: extras.flatMap(([, list]) => uvNeeds(list)),
          dev: groups.flatMap(([, list]) => uvNeeds(list)),
        },
      },
    ];
  });
  return withScopes(entries, graph);
}

/** What a list of dependencies leads to: the packages, and the extras of them that are asked for. */
function uvNeeds(list: unknown): readonly string[] {
  return listOf(list).flatMap((item) => {
    const name = textOf(recordOf(item)["name"]);
    if (name === undefined) return [];
    const key = normalizeName(name);
    return [key, ...textsOf(recordOf(item)["extra"]).map((extra) => `${key}[${extra}]`)];
  });
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
function withScopes(entries: readonly UvEntry[], graph: UvGraph): readonly LockedPackage[] {
  const roots = entries.filter(({ isRoot }) => isRoot);
  const scopeOf = scopesFrom(
    {
      needed: roots.flatMap(({ asks }) => asks.needed),
      optional: roots.flatMap(({ asks }) => asks.optional),
      dev: roots.flatMap(({ asks }) => asks.dev),
    },
    (key) => graph.get(key) ?? [],
  );
  return entries.map(({ locked, isRoot }) => {
    if (isRoot) return { ...locked, relationship: roots.length > 1 ? "workspace" : "root" };
    return roots.length === 0 ? locked : { ...locked, ...scopeOf(normalizeName(locked.name)) };
  });
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
