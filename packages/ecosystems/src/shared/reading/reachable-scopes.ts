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
export function scopesFrom({ needed, optional, dev }: DirectNeeds, edges: (key: string) => readonly string[]): ScopeOf {
  const reachedNeeded = reachable(needed, edges);
  const reachedOptional = reachable(optional, edges);
  const reachedDev = reachable(dev, edges);
  const direct = new Set([...needed, ...optional, ...dev]);
  return (key) => {
    const relationship = direct.has(key) ? "direct" : "indirect";
    if (reachedNeeded.has(key)) return { relationship };
    if (reachedOptional.has(key)) return { relationship, scope: "optional" };
    return reachedDev.has(key) ? { relationship, scope: "dev" } : { relationship };
  };
}

function reachable(from: readonly string[], edges: (key: string) => readonly string[]): ReadonlySet<string> {
  const seen = new Set(from);
  for (const key of seen) for (const next of edges(key)) seen.add(next);
  return seen;
}
