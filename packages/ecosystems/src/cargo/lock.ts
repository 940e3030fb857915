import { parseToml, tomlTableLines } from "@plimsoll/formats";
import type { FileAnalyzer, FoundPackage, PackageObservation } from "@plimsoll/model";
import { readOrReport } from "../shared/malformed-file.ts";
import { isRecord, listOf, textOf, textsOf } from "../shared/untrusted.ts";
import { sourceFacts } from "./source.ts";

/** `Cargo.lock` of versions 1 to 4 (https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html). */
export const cargoLock: FileAnalyzer = {
  kind: "file",
  id: "cargo/lock",
  revision: 1,
  evidence: "declared",
  matches: [{ basename: "Cargo.lock" }],
  maxBytes: 64 * 1024 * 1024,
  async *analyze(file) {
    const text = await file.text();
    const read = readOrReport(file, () => parseToml(text));
    if ("problem" in read) return yield read.problem;
    yield* observeEntries(entriesOf(read.value["package"]), tomlTableLines(text, "package"));
  },
};

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

function* observeEntries(entries: readonly LockEntry[], lines: readonly number[]): Generator<PackageObservation> {
  const keys = new Map<string, string>();
  for (const entry of entries)
    for (const form of [entry.name, `${entry.name} ${entry.version}`, keyOf(entry)]) keys.set(form, keyOf(entry));
  const resolve = (need: string): readonly string[] => {
    const key = keys.get(need) ?? keys.get(need.split(" ", 2).join(" "));
    return key === undefined ? [] : [key];
  };
  const local = entries.filter(({ source }) => source === undefined);
  const direct = new Set(local.flatMap(({ needs }) => needs.flatMap(resolve)));
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
        ...(dependsOn.length === 0 ? {} : { dependsOn }),
        ...(entry.checksum === undefined ? {} : { hashes: { sha256: entry.checksum } }),
        facts: sourceFacts(entry.source),
      },
      ...(line === undefined ? {} : { line }),
    };
  }
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
