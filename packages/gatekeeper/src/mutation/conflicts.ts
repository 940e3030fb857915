import type { Location, LocationNode } from "../location/location.ts";
import type { Binding } from "./mutator.ts";

/** A mutator's id, location and properties that can conflict. */
export interface LocatedMutator {
  readonly id: string;
  readonly location: Location;
  readonly terminalType?: string | undefined;
  readonly mustTerminate?: boolean | undefined;
}

/** A place in the schema that locations imply, under one type: object, list, or what a location ends in. */
interface SchemaNode {
  readonly users: Set<string>;
  readonly terminating: Set<string>;
  /** By key of the step, then by type of what lies there. */
  readonly children: Map<string, Map<string, SchemaNode>>;
}

const unknownType = "Unknown";

function emptyNode(): SchemaNode {
  return { users: new Set(), terminating: new Set(), children: new Map() };
}

/**
 * The ids of mutators whose locations imply different types for one place (`spec.containers.image` and
 * `spec.containers[name: a].image`), different keys for one list, or lie below a location that must be the end.
 */
export function conflictingLocations(mutators: readonly LocatedMutator[]): ReadonlySet<string> {
  const root = emptyNode();
  for (const mutator of mutators) add(root, mutator);
  const conflicts = new Set<string>();
  collect(root, conflicts);
  return conflicts;
}

/** {@link conflictingLocations} among mutators of the same kind of object and operation only. */
export function conflictingMutators(
  mutators: readonly (LocatedMutator & { readonly bindings: readonly Binding[] })[],
): ReadonlySet<string> {
  const byBinding = new Map<string, LocatedMutator[]>();
  for (const mutator of mutators)
    for (const { group, version, kind, operation } of mutator.bindings) {
      const key = JSON.stringify([group, version, kind, operation]);
      byBinding.set(key, [...(byBinding.get(key) ?? []), mutator]);
    }
  return new Set([...byBinding.values()].flatMap((group) => [...conflictingLocations(group)]));
}

function add(
  root: SchemaNode,
  { id, location, terminalType = unknownType, mustTerminate = false }: LocatedMutator,
): void {
  let at = root;
  at.users.add(id);
  for (const [index, step] of location.entries()) {
    const next = location[index + 1];
    const type = next === undefined ? terminalType : next.kind;
    const byType = at.children.get(keyOf(step)) ?? new Map<string, SchemaNode>();
    at.children.set(keyOf(step), byType);
    const child = byType.get(type) ?? emptyNode();
    byType.set(type, child);
    child.users.add(id);
    at = child;
  }
  if (mustTerminate) at.terminating.add(id);
}

function keyOf(step: LocationNode): string {
  return step.kind === "field" ? step.name : step.key;
}

function collect(node: SchemaNode, conflicts: Set<string>): void {
  for (const byType of node.children.values()) {
    const known = [...byType].filter(([type]) => type !== unknownType);
    for (const [type, child] of known)
      if (known.length > 1 || (type === "list" && child.children.size > 1)) addAll(conflicts, child.users);
    collectBelowTerminal([...byType.values()], conflicts);
    for (const child of byType.values()) collect(child, conflicts);
  }
}

function collectBelowTerminal(children: readonly SchemaNode[], conflicts: Set<string>): void {
  const below = children.flatMap((child) => [...child.children.values()].flatMap((byType) => [...byType.values()]));
  if (below.length === 0 || children.every((child) => child.terminating.size === 0)) return;
  for (const child of children) addAll(conflicts, child.terminating);
  for (const grandchild of below) addAll(conflicts, grandchild.users);
}

function addAll(into: Set<string>, from: ReadonlySet<string>): void {
  for (const each of from) into.add(each);
}
