import { parseToml, shape } from "@plimsoll/formats";
import { compareText } from "@plimsoll/model";
import type { AnalyzedFile, FoundPackage, TreeAnalyzer, Observation, PackageObservation } from "@plimsoll/model";
import { scopesFrom } from "../shared/reading/reachable-scopes.ts";
import { entriesOf as tableEntries, isRecord, listOf, recordOf, textOf, textsOf } from "../shared/reading/untrusted.ts";
import { sourceFacts } from "./source.ts";
import { readValuesOrReport } from "../shared/reading/value-limit.ts";
import { tomlEntriesInTurns } from "../shared/reading/toml-entries.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const lockShape = shape.fields({
  package: shape.list(
    shape.fields({
      name: shape.text,
      version: shape.text,
      source: shape.text,
      checksum: shape.text,
      dependencies: shape.list(shape.text),
    }),
  ),
});

/**
 * `Cargo.lock` of versions 1 to 4 (https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html). Which dependencies of a
 * workspace's crate are only for development is in its `Cargo.toml`; without that file none is marked.
 */
export const cargoLock: TreeAnalyzer = {
  kind: "tree",
  id: "cargo/lock",
  revision: 5,
  evidence: "declared",
  readsByEntries: true,
  matches: [{ basename: "Cargo.lock" }, { basename: "Cargo.toml" }],
  maxBytes: 64 * 1024 * 1024,
  async *analyze(files): AsyncGenerator<Observation> {
    const manifests = new Manifests(files);
    for (const file of files) {
      if (!file.path.endsWith("Cargo.lock")) continue;
      const read = await tomlEntriesInTurns(file, "package", lockShape);
      if ("problem" in read) {
        yield read.problem;
        continue;
      }
      const { document, lines } = read.value;
      yield* reportWrongParts(file, document, lockShape);
      const devOnly = await manifests.devNeeds(file.path.slice(0, -"Cargo.lock".length));
      for (const observation of observeEntries(entriesOf(document["package"]), lines, devOnly))
        yield { ...observation, at: file.path };
    }
  },
};

interface Manifest {
  readonly name: string;
  readonly devOnly: ReadonlySet<string>;
}

/** The manifests beside lock files and below them: each is read once, and found by its directory, since both may be many. */
class Manifests {
  readonly #files: readonly AnalyzedFile[];
  readonly #read = new Map<AnalyzedFile, Manifest | undefined>();

  constructor(files: Iterable<AnalyzedFile>) {
    this.#files = [...files]
      .filter(({ path }) => path.endsWith("Cargo.toml"))
      .sort((a, b) => compareText(a.path, b.path));
  }

  /** Names of crates that the manifests below a directory ask for only in development, by the name of who asks. */
  async devNeeds(root: string): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const found = new Map<string, ReadonlySet<string>>();
    for (let at = this.#first(root); this.#files[at]?.path.startsWith(root) === true; at++) {
      const file = this.#files[at];
      const manifest = file === undefined ? undefined : await this.#manifest(file);
      if (manifest !== undefined && !found.has(manifest.name)) found.set(manifest.name, manifest.devOnly);
    }
    return found;
  }

  /** The first whose path is not before this one. */
  #first(root: string): number {
    let [low, high] = [0, this.#files.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareText(this.#files[middle]?.path ?? "", root) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  async #manifest(file: AnalyzedFile): Promise<Manifest | undefined> {
    if (this.#read.has(file)) return this.#read.get(file);
    const manifest = await readManifest(file);
    this.#read.set(file, manifest);
    return manifest;
  }
}

/** What is wrong with it is told by the analyzer of manifests. */
async function readManifest(file: AnalyzedFile): Promise<Manifest | undefined> {
  const text = await file.text();
  const read = readValuesOrReport(file, text, "toml", parseToml);
  if ("problem" in read) return undefined;
  const name = textOf(recordOf(read.value["package"])["name"]);
  return name === undefined ? undefined : { name, devOnly: devOnlyOf(read.value) };
}

function devOnlyOf(manifest: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  const parts = [manifest, ...tableEntries(manifest["target"]).map(([, part]) => recordOf(part))];
  const namesOf = (field: string): readonly string[] =>
    parts.flatMap((part) =>
      tableEntries(part[field]).map(([name, value]) => textOf(recordOf(value)["package"]) ?? name),
    );
  const needed = new Set([...namesOf("dependencies"), ...namesOf("build-dependencies")]);
  return new Set(namesOf("dev-dependencies").filter((name) => !needed.has(name)));
}

interface LockEntry {
  readonly index: number;
  readonly name: string;
  readonly version: string;
  /** Absent for packages in directories: members of the workspace and what they take from beside it. */
  readonly source: string | undefined;
  readonly checksum: string | undefined;
  /** `name`, `name version` or `name version (source)`, as short as is unambiguous. */
  readonly needs: readonly string[];
}

function entriesOf(list: unknown): readonly LockEntry[] {
  return listOf(list).flatMap((table, index) => {
    const entry = isRecord(table) ? table : {};
    const name = textOf(entry["name"]);
    const version = textOf(entry["version"]);
    if (name === undefined || version === undefined) return [];
    const source = textOf(entry["source"]);
    const checksum = textOf(entry["checksum"]);
    return [{ index, name, version, source, checksum, needs: textsOf(entry["dependencies"]) }];
  });
}

function* observeEntries(
  entries: readonly LockEntry[],
  lines: readonly number[],
  devOnly: ReadonlyMap<string, ReadonlySet<string>>,
): Generator<PackageObservation> {
  const keys = new Map<string, string>();
  for (const entry of entries)
    for (const form of [entry.name, `${entry.name} ${entry.version}`, keyOf(entry)]) keys.set(form, keyOf(entry));
  const resolve = (need: string): readonly string[] => {
    const key = keys.get(need) ?? keys.get(need.split(" ", 2).join(" "));
    return key === undefined ? [] : [key];
  };
  const local = entries.filter(({ source }) => source === undefined);
  const direct = new Set(local.flatMap(({ needs }) => needs.flatMap(resolve)));
  const scopeOf = scopesOfCrates(entries, local, resolve, devOnly);
  for (const entry of entries) {
    const dependsOn = entry.needs.flatMap(resolve);
    const line = lines[entry.index];
    yield {
      kind: "package",
      package: {
        name: entry.name,
        version: entry.version,
        key: keyOf(entry),
        relationship: relationshipOf(entry, direct, local.length),
        ...scopeOf(entry),
        ...(dependsOn.length === 0 ? {} : { dependsOn }),
        ...(entry.checksum === undefined ? {} : { hashes: { sha256: entry.checksum } }),
        ...sourceFacts(entry.source),
      },
      ...(line === undefined ? {} : { line }),
    };
  }
}

/** What the workspace needs is needed, whoever else leads to it; what only development leads to is for that. */
function scopesOfCrates(
  entries: readonly LockEntry[],
  local: readonly LockEntry[],
  resolve: (need: string) => readonly string[],
  devOnly: ReadonlyMap<string, ReadonlySet<string>>,
): (entry: LockEntry) => Pick<FoundPackage, "scope"> {
  if (devOnly.size === 0) return () => ({});
  const isDev = ({ name }: LockEntry, need: string): boolean =>
    devOnly.get(name)?.has(need.split(" ", 1)[0] ?? "") === true;
  const edges = new Map(
    entries.map((entry) => [
      keyOf(entry),
      entry.needs.filter((need) => entry.source !== undefined || !isDev(entry, need)).flatMap(resolve),
    ]),
  );
  const needed = local.flatMap((entry) => edges.get(keyOf(entry)) ?? []);
  const dev = local.flatMap((entry) => [
    ...entry.needs.filter((need) => isDev(entry, need)).flatMap(resolve),
    ...[...(devOnly.get(entry.name) ?? [])].flatMap(resolve),
  ]);
  const scopes = scopesFrom({ needed, optional: [], dev }, (key) => edges.get(key) ?? []);
  return (entry) => {
    const { scope } = entry.source === undefined ? {} : scopes(keyOf(entry));
    return scope === undefined ? {} : { scope };
  };
}

/** The longest form of a reference: one version may come from the registry and from a repository. */
function keyOf({ name, version, source }: LockEntry): string {
  return source === undefined ? `${name} ${version}` : `${name} ${version} (${source})`;
}

function relationshipOf(
  entry: LockEntry,
  direct: ReadonlySet<string>,
  locals: number,
): NonNullable<FoundPackage["relationship"]> {
  if (entry.source === undefined) return locals === 1 ? "root" : "workspace";
  return direct.has(keyOf(entry)) ? "direct" : "indirect";
}
