import type { Limits } from "@plimsoll/model";
import { findBudgets } from "./find-budget.ts";
import type { MergedView } from "./merged-view.ts";
import { findOwners } from "./ownership.ts";
import type { Track } from "./second-look.ts";
import { survivorsOf, withoutReplaced } from "./survivors.ts";

/**
 * Tells of paths whether a file at one of them, written by a certain layer, belongs to a package of the distribution for sure: one that the
 * databases at the end list, and that came in that layer or a later one (`relatePackages` says why).
 */
export async function ownedPaths(
  paths: readonly string[],
  tracks: readonly Track[],
  view: MergedView,
  limits: Limits,
): Promise<(path: string, layer: number) => boolean> {
  const databases = tracks.filter(({ planned }) => planned.ecosystem?.class === "os");
  // Budgets of its own: nothing is taken here.
  const { statements, claims } = await withoutReplaced(await survivorsOf(databases, view, findBudgets(limits)));
  const since = new Map<string, number>();
  for (const { planned, observation, layer } of statements) {
    // What documents or single distributions say may not count.
    if (observation.kind !== "package" || observation.ecosystem !== undefined || observation.onlyFor !== undefined)
      continue;
    const { key, name } = observation.package;
    const owner = nameOf(planned.ecosystem?.id, key ?? name);
    since.set(owner, Math.min(layer, since.get(owner) ?? layer));
  }
  const owners = findOwners(paths, claims, view);
  return (path, layer) =>
    owners.get(path)?.some(({ ecosystem, key }) => (since.get(nameOf(ecosystem, key)) ?? -1) >= layer) === true;
}

function nameOf(ecosystem: string | undefined, key: string): string {
  return JSON.stringify([ecosystem, key]);
}
