import { parseToml, shape } from "@plimsoll/formats";
import type { AnalyzedFile, Observation, TreeAnalyzer } from "@plimsoll/model";
import { readValuesOrReport } from "../shared/reading/value-limit.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { addTo } from "../shared/reading/multi-map.ts";
import { scopesFrom } from "../shared/reading/reachable-scopes.ts";
import type { DirectNeeds } from "../shared/reading/reachable-scopes.ts";
import { entriesOf, isRecord, listOf, recordOf, textOf, textsOf } from "../shared/reading/untrusted.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const manifestNames = ["Manifest.toml", "JuliaManifest.toml"];
/** Julia takes the one with its name first. */
const projectNames = ["JuliaProject.toml", "Project.toml"];

const tablesShape = shape.entries(
  shape.list(
    shape.fields({
      uuid: shape.text,
      version: shape.text,
      "repo-url": shape.text,
      deps: shape.either(shape.list(shape.text), shape.entries(shape.text)),
    }),
  ),
);

/**
 * `Manifest.toml` of Julia, formats 1 and 2 (https://pkgdocs.julialang.org/v1/toml-files/#Manifest.toml). Packages of the standard
 * library have no version of their own and carry Julia's. What the project asks for itself, and what for its tests alone (`extras`), stands in
 * the `Project.toml` beside it.
 */
export const juliaManifest: TreeAnalyzer = {
  kind: "tree",
  id: "julia/manifest",
  revision: 4,
  evidence: "declared",
  matches: [...manifestNames, ...projectNames].map((basename) => ({ basename })),
  maxBytes: 64 * 1024 * 1024,
  async *analyze(files): AsyncGenerator<Observation> {
    for (const file of files) {
      const slash = file.path.lastIndexOf("/") + 1;
      if (!manifestNames.includes(file.path.slice(slash))) continue;
      const folder = file.path.slice(0, slash);
      const project = projectNames.map((name) => files.get(folder + name)).find((each) => each !== undefined);
      for await (const observation of readManifest(file, project))
        yield observation.kind === "package" ? { ...observation, at: file.path } : observation;
    }
  },
};

async function* readManifest(file: AnalyzedFile, project: AnalyzedFile | undefined): AsyncGenerator<Observation> {
  const text = await file.text();
  const read = readValuesOrReport(file, text, "toml", parseToml);
  if ("problem" in read) return yield read.problem;
  const document = read.value;
  const tables = document["manifest_format"] === undefined ? packagesOfFirstFormat(document) : document["deps"];
  yield* reportWrongParts(file, tables, tablesShape);
  const entries = readEntries(recordOf(tables), headerLines(text));
  const byName = new Map<string, string[]>();
  for (const { name, uuid } of entries) addTo(byName, name, uuid);
  const uuids = new Set(entries.map(({ uuid }) => uuid));
  const found = entries.flatMap((entry) => [
    ...observe(entry, byName, uuids, textOf(document["julia_version"]) ?? "", (detail) =>
      malformedFile(file, detail, entry.line),
    ),
  ]);
  const direct = await directNeeds(project);
  if (direct === undefined) return yield* found;
  const edges = new Map(
    found.flatMap((each) =>
      each.kind === "package" ? [[each.package.key, each.package.dependsOn ?? []] as const] : [],
    ),
  );
  const scopeOf = scopesFrom(direct, (uuid) => edges.get(uuid) ?? []);
  for (const each of found)
    yield each.kind === "package"
      ? { ...each, package: { ...each.package, ...scopeOf(each.package.key ?? "") } }
      : each;
}

/** The identifiers that `Project.toml` names; undefined without one, or when it cannot be read, which its own analyzer tells. */
async function directNeeds(project: AnalyzedFile | undefined): Promise<DirectNeeds | undefined> {
  if (project === undefined) return undefined;
  const text = await project.text();
  const read = readValuesOrReport(project, text, "toml", parseToml);
  if ("problem" in read) return undefined;
  const uuidsIn = (table: string): readonly string[] =>
    entriesOf(read.value[table]).flatMap(([, uuid]) => textOf(uuid) ?? []);
  return { needed: uuidsIn("deps"), optional: uuidsIn("weakdeps"), dev: uuidsIn("extras") };
}

/** Format 1 has its packages beside what it says of itself. */
function packagesOfFirstFormat(document: Readonly<Record<string, unknown>>): unknown {
  const { julia_version: _, project_hash: __, ...packages } = document;
  return packages;
}

interface Entry {
  readonly name: string;
  readonly uuid: string;
  readonly version: string | undefined;
  readonly repository: string | undefined;
  /** Names, where they are unambiguous, else identifiers. */
  readonly needs: readonly { readonly name: string; readonly uuid?: string }[];
  readonly line: number | undefined;
}

function readEntries(
  tables: Readonly<Record<string, unknown>>,
  lines: ReadonlyMap<string, readonly number[]>,
): readonly Entry[] {
  return entriesOf(tables).flatMap(([name, list]) =>
    listOf(list).flatMap((item, index): readonly Entry[] => {
      const table = recordOf(item);
      const uuid = textOf(table["uuid"]);
      if (uuid === undefined) return [];
      const needs = isRecord(table["deps"])
        ? entriesOf(table["deps"]).map(([need, id]) => ({ name: need, uuid: textOf(id) ?? "" }))
        : textsOf(table["deps"]).map((need) => ({ name: need }));
      return [
        {
          name,
          uuid,
          version: textOf(table["version"]),
          repository: textOf(table["repo-url"]),
          needs,
          line: lines.get(name)?.[index],
        },
      ];
    }),
  );
}

function* observe(
  { name, uuid, version, repository, needs, line }: Entry,
  byName: ReadonlyMap<string, readonly string[]>,
  uuids: ReadonlySet<string>,
  juliaVersion: string,
  problem: (detail: string) => Observation,
): Generator<Observation> {
  const dependsOn: string[] = [];
  for (const need of needs) {
    const known = byName.get(need.name) ?? [];
    const target = need.uuid ?? (known.length === 1 ? known[0] : undefined);
    if (target !== undefined && uuids.has(target)) dependsOn.push(target);
    else
      yield problem(
        `${name} needs ${need.name.slice(0, 80)}, which ${known.length === 0 ? "is not there" : "is there more than once"}`,
      );
  }
  const facts = {
    uuid,
    ...(version === undefined ? { standard: "true" } : {}),
    ...(repository === undefined ? {} : { from: repository }),
  };
  yield {
    kind: "package",
    package: {
      name,
      version: version ?? juliaVersion,
      key: uuid,
      ...(dependsOn.length === 0 ? {} : { dependsOn }),
      ...(repository === undefined ? {} : { origin: "repository" }),
      facts,
    },
    ...(line === undefined ? {} : { line }),
  };
}

/** Lines of the headers `[[deps.Name]]` or `[[Name]]`. */
function headerLines(text: string): ReadonlyMap<string, readonly number[]> {
  const lines = new Map<string, number[]>();
  let number = 0;
  for (const line of text.split("\n")) {
    number++;
    const [, name] = /^\[\[(?:deps\.)?"?([\w.-]+)"?\]\]/.exec(line) ?? [];
    if (name !== undefined) addTo(lines, name, number);
  }
  return lines;
}
