import { parseToml, parseTomlEntries, shape } from "@plimsoll/formats";
import type { AnalyzedFile, FoundPackage, TreeAnalyzer, Observation, PackageObservation } from "@plimsoll/model";
import { readOrReport } from "../shared/reading/malformed-file.ts";
import { scopesFrom } from "../shared/reading/reachable-scopes.ts";
import { entriesOf as tableEntries, isRecord, listOf, recordOf, textOf, textsOf } from "../shared/reading/untrusted.ts";
import { sourceFacts } from "./source.ts";
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
  revision: 4,
  evidence: "declared",
  matches: [{ basename: "Cargo.lock" }, { basename: "Cargo.toml" }],
  maxBytes: 64 * 1024 * 1024,
  async *analyze(files): AsyncGenerator<Observation> {
    const manifests = [...files].filter(({ path }) => path.endsWith("Cargo.toml"));
    for (const file of files) {
      if (!file.path.endsWith("Cargo.lock")) continue;
      const bytes = await file.bytes();
      const read = readOrReport(file, () => parseTomlEntries(bytes, "package", lockShape));
      if ("problem" in read) {
        yield read.problem;
        continue;
      }
      const { document, lines } = read.value;
      yield* reportWrongParts(file, document, lockShape);
      const devOnly = await devNeeds(file, manifests);
      for (const observation of observeEntries(entriesOf(document["package"]), lines, devOnly))
        yield { ...observation, at: file.path };
    }
  },
};

/** Names of crates that the manifests of a workspace ask for only in development, by the name of who asks. */
async function devNeeds(
  lock: AnalyzedFile,
  manifests: readonly AnalyzedFile[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const root = lock.path.slice(0, -"Cargo.lock".length);
  const found = new Map<string, ReadonlySet<string>>();
  for (const manifest of manifests) {
    if (!manifest.path.startsWith(root)) continue;
    const text = await manifest.text();
    const read = readOrReport(manifest, () => parseToml(text));
    // The analyzer of manifests reports it.
    if ("problem" in read) continue;
    const name = textOf(recordOf(read.value["package"])["name"]);
    if (name !== undefined && !found.has(name)) found.set(name, devOnlyOf(read.value));
  }
  return found;
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
