import { compareBy, compareText } from "@plimsoll/model";
import type { Distro, DistroObservation } from "@plimsoll/model";
import type { Statement } from "./survivors.ts";

/**
 * The distribution that all observations together describe: for each field, and each fact, the highest rank that
 * states it; at equal rank the lower path (`etc/os-release` before `usr/lib/os-release`). Undefined when none states an id.
 */
export function mergeDistro(statements: readonly Statement[]): Distro | undefined {
  const observations = statements
    .flatMap(({ observation, path, planned }) =>
      observation.kind === "distro" ? [{ observation, path, analyzer: planned.id }] : [],
    )
    .sort(
      compareBy(
        (a, b) => b.observation.rank - a.observation.rank,
        (a, b) => compareText(a.path, b.path),
        (a, b) => compareText(a.analyzer, b.analyzer),
      ),
    )
    .map(({ observation }) => observation);
  const id = merge(observations.filter(({ onlyFor }) => onlyFor === undefined)).id;
  if (id === undefined) return undefined;
  const merged = merge(observations.filter(({ onlyFor }) => onlyFor === undefined || onlyFor === id));
  return { ...merged, id: merged.id ?? id };
}

/** Highest rank first in. */
function merge(observations: readonly DistroObservation[]): Partial<Distro> {
  let merged: Partial<Distro> = {};
  let facts = new Map<string, string>();
  for (const { distro } of observations) {
    merged = { ...distro, ...merged };
    facts = new Map([...Object.entries(distro.facts ?? {}), ...facts]);
  }
  if (facts.size === 0) return merged;
  return { ...merged, facts: Object.fromEntries([...facts].sort(([a], [b]) => compareText(a, b))) };
}
