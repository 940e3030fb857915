import { shape } from "@plimsoll/formats";
import type { AnalyzedFile, Observation, RetainedFiles, TreeAnalyzer } from "@plimsoll/model";
import { tomlEntriesInTurns } from "../shared/reading/toml-entries.ts";
import { isRecord, listOf, recordOf, textOf } from "../shared/reading/untrusted.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";
import { observeLocked } from "./locked.ts";
import type { LockedPackage } from "./locked.ts";
import { normalizeName } from "./name.ts";
import { projectNeeds } from "./project-needs.ts";
import { nameAndVersion, tablesOf } from "./toml-locks.ts";

const place = shape.texts("url", "path");
const lockShape = shape.fields({
  packages: shape.list(
    shape.fields({
      name: shape.text,
      version: shape.text,
      dependencies: shape.list(shape.texts("name")),
      vcs: place,
      directory: place,
      archive: place,
    }),
  ),
});

/**
 * `pylock.toml` and `pylock.<name>.toml` (https://packaging.python.org/en/latest/specifications/pylock-toml/). What the project asks for itself
 * stands in the `pyproject.toml` beside it; without one, no package is called direct or indirect.
 */
export const pyLock: TreeAnalyzer = {
  kind: "tree",
  id: "pypi/pylock",
  revision: 6,
  evidence: "declared",
  readsByEntries: true,
  matches: [{ basename: "pylock.toml" }, { stem: "pylock." }, { basename: "pyproject.toml" }],
  maxBytes: 64 * 1024 * 1024,
  async *analyze(files): AsyncGenerator<Observation> {
    for (const file of files) if (/(?:^|\/)pylock(?:\.[^/.]+)?\.toml$/.test(file.path)) yield* readLock(file, files);
  },
};

async function* readLock(file: AnalyzedFile, files: RetainedFiles): AsyncGenerator<Observation> {
  const parsed = await tomlEntriesInTurns(file, "packages", lockShape);
  if ("problem" in parsed) return yield parsed.problem;
  const { document, lines } = parsed.value;
  yield* reportWrongParts(file, document, lockShape);
  const needs = await projectNeeds(file, files);
  const direct = needs && new Set([...needs.needed, ...needs.optional, ...needs.dev]);
  const locked = tablesOf(document["packages"]).flatMap(({ table, index }): LockedPackage[] => {
    const base = nameAndVersion(table);
    // A package without a version is a directory or repository; without either it cannot be looked up.
    if (base === undefined) return [];
    return [
      {
        ...base,
        line: lines[index],
        needs: listOf(table["dependencies"]).flatMap((item) => textOf(recordOf(item)["name"]) ?? []),
        ...(direct && { relationship: direct.has(normalizeName(base.name)) ? "direct" : "indirect" }),
        ...sourceOf(table),
      },
    ];
  });
  for (const observation of observeLocked(locked)) yield { ...observation, at: file.path };
}

/** A package comes from exactly one of an index, a repository, a directory or an archive. */
function sourceOf(table: Readonly<Record<string, unknown>>): Pick<LockedPackage, "origin" | "from"> {
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
