import { asObject, member } from "@plimsoll/kubernetes";
import { pathSegments } from "@plimsoll/formats";
import type { Change } from "./change.ts";

type Path = readonly (string | number)[];

/**
 * Changes of one document that can be written side by side: what several of them make in a mapping that is not there yet
 * becomes one change, the same change is written once, and a mapping that loses all its members goes with them, or is
 * written anew between its braces where others come.
 */
export function mergeChanges(
  value: unknown,
  changes: readonly Change[],
  isFlow: (path: Path) => boolean,
): readonly Change[] {
  const sets = new Map<string, { readonly path: Path; value: unknown }>();
  const removals = new Map<string, Path>();
  const others: Change[] = [];
  for (const change of changes) {
    if (change.kind === "replace") others.push(change);
    else if (change.kind === "remove") removals.set(keyOf(pathSegments(change.path)), pathSegments(change.path));
    else addSet(sets, value, pathSegments(change.path), change.value);
  }
  for (const key of sets.keys()) removals.delete(key);
  const left = withEmptied(value, removals, sets, isFlow);
  return [
    ...others,
    ...[...sets.values()].map(({ path, value: wanted }): Change => ({ kind: "set", path, value: wanted })),
    ...left.map((path): Change => ({ kind: "remove", path })),
  ];
}

function keyOf(path: Path): string {
  return JSON.stringify(path);
}

function addSet(
  sets: Map<string, { readonly path: Path; value: unknown }>,
  value: unknown,
  path: Path,
  wanted: unknown,
): void {
  const top = path.slice(0, topLength(value, path));
  const rest = path.slice(top.length);
  const known = sets.get(keyOf(top));
  sets.set(keyOf(top), { path: top, value: nest(rest, wanted, known?.value) });
}

/** How much of a path stands in the document as mappings and lists with members, and the first step that does not. */
function topLength(value: unknown, path: Path): number {
  for (let length = 1; length < path.length; length += 1) {
    const held = member(value, ...path.slice(0, length));
    const filled = Array.isArray(held) || Object.keys(asObject(held) ?? {}).length > 0;
    if (!filled) return length;
  }
  return path.length;
}

/** The value at the end of steps, joined with what other changes put beside it. */
function nest(steps: Path, value: unknown, known: unknown): unknown {
  const [first, ...rest] = steps;
  if (first === undefined) return value;
  const others = asObject(known) ?? {};
  return { ...others, [first]: nest(rest, value, member(others, first)) };
}

/** Removals, with those of mappings of which nothing is left. */
function withEmptied(
  value: unknown,
  removals: ReadonlyMap<string, Path>,
  sets: Map<string, { readonly path: Path; value: unknown }>,
  isFlow: (path: Path) => boolean,
): readonly Path[] {
  const paths = new Map(removals);
  for (let changed = true; changed;) {
    changed = false;
    for (const path of paths.values()) {
      const parent = path.slice(0, -1);
      if (parent.length === 0 || paths.has(keyOf(parent)) || typeof path.at(-1) === "number") continue;
      const names = Object.keys(asObject(member(value, ...parent)) ?? {});
      const gone = names.every((name) => paths.has(keyOf([...parent, name])));
      const inside = [...sets.values()].filter((set) => keyOf(set.path.slice(0, parent.length)) === keyOf(parent));
      if (!gone || (inside.length > 0 && !isFlow(parent))) continue;
      for (const name of names) paths.delete(keyOf([...parent, name]));
      for (const set of inside) sets.delete(keyOf(set.path));
      if (inside.length === 0) paths.set(keyOf(parent), parent);
      else {
        const members = inside.map((set) => [String(set.path.at(-1)), set.value] as const);
        sets.set(keyOf(parent), { path: parent, value: Object.fromEntries(members) });
      }
      changed = true;
      break;
    }
  }
  return [...paths.values()];
}
