import { finish } from "@plimsoll/formats";
import type { Steps } from "@plimsoll/formats";
import type { FoundPackage } from "@plimsoll/model";

/** The keys of the packages that a project asks for itself. */
export interface DirectNeeds {
  readonly needed: readonly string[];
  readonly optional: readonly string[];
  readonly dev: readonly string[];
}

/** Gives the scope and the relationship of a package by its key. */
export interface ScopeOf {
  (key: string): Pick<FoundPackage, "scope" | "relationship">;
}

/**
 * Finds the scope of every package by walking the dependency graph from what the project asks for. A package that is reached in several
 * ways has the strongest scope: needed, then optional, then for development.
 */
export function scopesFrom(needs: DirectNeeds, edges: (key: string) => readonly string[]): ScopeOf {
  return finish(scopesSteps(needs, edges));
}

/** The same in portions. */
export function* scopesSteps(
  { needed, optional, dev }: DirectNeeds,
  edges: (key: string) => readonly string[],
): Steps<ScopeOf> {
  const reachedNeeded = yield* reachable(needed, edges);
  const reachedOptional = yield* reachable(optional, edges);
  const reachedDev = yield* reachable(dev, edges);
  const direct = new Set([...needed, ...optional, ...dev]);
  return (key) => {
    const relationship = direct.has(key) ? "direct" : "indirect";
    if (reachedNeeded.has(key)) return { relationship };
    if (reachedOptional.has(key)) return { relationship, scope: "optional" };
    return reachedDev.has(key) ? { relationship, scope: "dev" } : { relationship };
  };
}

/** To follow an edge takes about as long as looking at so many bytes. */
const bytesPerEdge = 32;

function* reachable(from: readonly string[], edges: (key: string) => readonly string[]): Steps<ReadonlySet<string>> {
  const seen = new Set(from);
  for (const key of seen) {
    const next = edges(key);
    for (const one of next) seen.add(one);
    yield (1 + next.length) * bytesPerEdge;
  }
  return seen;
}
