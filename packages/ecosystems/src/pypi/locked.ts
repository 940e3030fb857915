import type { FoundPackage, PackageObservation, Origin } from "@plimsoll/model";
import { addTo } from "../shared/reading/multi-map.ts";
import { normalizeName } from "./name.ts";
import { elsewhere } from "../shared/names/elsewhere.ts";

const maxVersions = 32;

/** One entry of a lock file. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly line: number | undefined;
  /** Names of what it needs. */
  readonly needs?: readonly string[];
  readonly scope?: FoundPackage["scope"];
  readonly relationship?: FoundPackage["relationship"];
  /** Set for sources other than an index. */
  readonly origin?: Origin | undefined;
  /** Address of such a source. */
  readonly from?: string | undefined;
  readonly hashes?: Readonly<Record<string, string>> | undefined;
}

/**
 * Observations of the entries of one lock file. A dependency on a name that has several entries points to each of them: which one is
 * installed depends on the machine.
 */
export function* observeLocked(entries: readonly LockedPackage[]): Generator<PackageObservation> {
  const keys = new Map<string, string[]>();
  for (const entry of entries) {
    const name = normalizeName(entry.name);
    // Real projects lock a handful of versions; more would only multiply edges.
    if ((keys.get(name)?.length ?? 0) < maxVersions) addTo(keys, name, keyOf(entry));
  }
  for (const entry of entries) {
    const dependsOn = [...new Set((entry.needs ?? []).flatMap((name) => keys.get(normalizeName(name)) ?? []))];
    const { name, version, scope, relationship, origin, from, hashes, line } = entry;
    yield {
      kind: "package",
      package: {
        name,
        version,
        key: keyOf(entry),
        ...(scope === undefined ? {} : { scope }),
        ...(relationship === undefined ? {} : { relationship }),
        ...(dependsOn.length === 0 ? {} : { dependsOn }),
        ...(hashes === undefined ? {} : { hashes }),
        ...(origin === undefined ? {} : elsewhere(origin, from)),
      },
      ...(line === undefined ? {} : { line }),
    };
  }
}

function keyOf({ name, version }: LockedPackage): string {
  return `${normalizeName(name)}@${version}`;
}
