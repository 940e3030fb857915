import { shape } from "@plimsoll/formats";
import type { Observation, Origin, TreeAnalyzer } from "@plimsoll/model";
import { tomlEntriesInTurns } from "../shared/reading/toml-entries.ts";
import { addTo } from "../shared/reading/multi-map.ts";
import { scopesFrom } from "../shared/reading/reachable-scopes.ts";
import type { DirectNeeds } from "../shared/reading/reachable-scopes.ts";
import { entriesOf, recordOf, textOf, textsOf } from "../shared/reading/untrusted.ts";
import { observeLocked } from "./locked.ts";
import type { LockedPackage } from "./locked.ts";
import { normalizeName } from "./name.ts";
import { projectNeeds } from "./project-needs.ts";
import { nameAndVersion, tablesOf } from "./toml-locks.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const lockShape = shape.fields({
  package: shape.list(
    shape.fields({
      name: shape.text,
      version: shape.text,
      groups: shape.list(shape.text),
      category: shape.text,
      optional: shape.anything,
      source: shape.texts("type", "url"),
      dependencies: shape.entries(shape.anything),
    }),
  ),
});

type Table = Readonly<Record<string, unknown>>;

/**
 * `poetry.lock` of Poetry 1 and 2 (https://python-poetry.org/docs/basic-usage/#installing-with-poetrylock). Since Poetry 2 an entry
 * names its groups; before, and for direct dependencies, `pyproject.toml` beside it is read.
 */
export const poetryLock: TreeAnalyzer = {
  kind: "tree",
  id: "pypi/poetry-lock",
  revision: 6,
  evidence: "declared",
  readsByEntries: true,
  matches: [{ basename: "poetry.lock" }, { basename: "pyproject.toml" }],
  maxBytes: 64 * 1024 * 1024,
  async *analyze(files): AsyncGenerator<Observation> {
    for (const file of files) {
      if (!file.path.endsWith("poetry.lock")) continue;
      const parsed = await tomlEntriesInTurns(file, "package", lockShape);
      if ("problem" in parsed) {
        yield parsed.problem;
        continue;
      }
      yield* reportWrongParts(file, parsed.value.document, lockShape);
      const entries = readEntries(parsed.value.document, parsed.value.lines);
      const direct = await projectNeeds(file, files);
      const locked = direct === undefined ? entries : withScopes(entries, direct);
      for (const observation of observeLocked(locked)) yield { ...observation, at: file.path };
    }
  },
};

/** Types of sources that are no index; `legacy` is one. */
const poetrySources: ReadonlyMap<string, Origin> = new Map<string, Origin>([
  ["git", "repository"],
  ["hg", "repository"],
  ["svn", "repository"],
  ["directory", "path"],
  ["file", "archive"],
  ["url", "archive"],
]);

interface PoetryEntry extends LockedPackage {
  readonly needs: readonly string[];
  /** The lock file itself tells its groups. */
  readonly isGrouped: boolean;
}

function readEntries(document: Table, lines: readonly number[]): readonly PoetryEntry[] {
  return tablesOf(document["package"]).flatMap(({ table, index }) => {
    const base = nameAndVersion(table);
    if (base === undefined) return [];
    const groups = textsOf(table["groups"]);
    const isGrouped = groups.length > 0 || table["category"] !== undefined;
    const isDev = table["category"] === "dev" || (groups.length > 0 && !groups.includes("main"));
    const source = recordOf(table["source"]);
    return [
      {
        ...base,
        line: lines[index],
        needs: entriesOf(table["dependencies"]).map(([name]) => name),
        ...(isDev ? { scope: "dev" as const } : table["optional"] === true ? { scope: "optional" as const } : {}),
        origin: poetrySources.get(textOf(source["type"]) ?? ""),
        from: textOf(source["url"]),
        isGrouped,
      },
    ];
  });
}

function withScopes(entries: readonly PoetryEntry[], direct: DirectNeeds): readonly LockedPackage[] {
  const edges = new Map<string, string[]>();
  for (const { name, needs } of entries)
    for (const need of needs) addTo(edges, normalizeName(name), normalizeName(need));
  const scopeOf = scopesFrom(direct, (name) => edges.get(name) ?? []);
  return entries.map((entry) => {
    const { relationship, scope } = scopeOf(normalizeName(entry.name));
    const told = entry.isGrouped || scope !== "dev" ? (entry.scope ?? (entry.isGrouped ? undefined : scope)) : scope;
    return {
      ...entry,
      ...(relationship === undefined ? {} : { relationship }),
      ...(told === undefined ? {} : { scope: told }),
    };
  });
}
