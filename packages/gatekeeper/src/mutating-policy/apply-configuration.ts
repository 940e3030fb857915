import { asObject, type JsonObject } from "@plimsoll/kubernetes";
import { PolicyError } from "../policy-error.ts";
import type { Structure } from "./object-structure.ts";

const unknown: Structure = {};

/**
 * Merges an apply configuration into an object, as server-side apply does: maps member by member, lists of known keys item by item, lists
 * of values as sets; other values are replaced. The object itself is not changed.
 * @throws {PolicyError} for a configuration that sets part of an atomic value, and for list items without their keys or with repeated ones.
 */
export function applyConfiguration(object: JsonObject, configuration: unknown, structure: Structure): JsonObject {
  const atomics: string[] = [];
  findAtomics(configuration, structure, "", atomics);
  if (atomics.length > 0)
    throw new PolicyError(
      "mutation",
      `error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(", ")}`,
    );
  return asObject(merge(object, configuration, structure, "")) ?? object;
}

/** How many unknown members are named. */
export const mostUnknown = 10;

/** Where a configuration has members that its kind has not: `.spec.containers[0].privilged`; the first ten. */
export function unknownMembers(configuration: unknown, structure: Structure): readonly string[] {
  const found: string[] = [];
  const walk = (value: unknown, known: Structure, path: string): void => {
    if (found.length >= mostUnknown) return;
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) walk(item, known.of ?? unknown, `${path}[${index}]`);
      return;
    }
    for (const [name, part] of Object.entries(asObject(value) ?? {})) {
      const isKnown = known.members?.has(name) ?? true;
      if (isKnown) walk(part, inside(known, name), `${path}.${name}`);
      else if (found.length < mostUnknown) found.push(`${path}.${name}`);
    }
  };
  walk(configuration, structure, "");
  return found;
}

/** A place as messages of the API server name it: `.spec.containers[0].args`. */
function findAtomics(value: unknown, structure: Structure, path: string, found: string[]): void {
  if (Array.isArray(value)) {
    if (structure.keys === undefined && structure.set === undefined) found.push(path);
    for (const [index, item] of value.entries()) findAtomics(item, structure.of ?? unknown, `${path}[${index}]`, found);
    return;
  }
  const object = asObject(value);
  if (object === undefined) return;
  if (structure.atomic === true) found.push(path);
  for (const [name, part] of Object.entries(object))
    findAtomics(part, inside(structure, name), `${path}.${name}`, found);
}

function inside({ fields, of }: Structure, name: string): Structure {
  return (fields !== undefined && Object.hasOwn(fields, name) ? fields[name] : of) ?? unknown;
}

function merge(live: unknown, wanted: unknown, structure: Structure, path: string): unknown {
  if (Array.isArray(wanted)) return mergeLists(Array.isArray(live) ? live : [], wanted, structure, path);
  const members = asObject(wanted);
  if (members === undefined) return wanted;
  const before = asObject(live) ?? {};
  const merged = new Map(Object.entries(before));
  for (const [name, value] of Object.entries(members)) {
    const present = Object.hasOwn(before, name) ? before[name] : undefined;
    if (value !== null) merged.set(name, merge(present, value, inside(structure, name), `${path}.${name}`));
    // Null is no value of a map or list, and of anything else it is none at all.
    else if (typeof present !== "object") merged.delete(name);
  }
  // Entries and not assignment, which would set the prototype for a member of that name.
  return Object.fromEntries(merged);
}

function mergeLists(live: readonly unknown[], wanted: readonly unknown[], structure: Structure, path: string): unknown {
  const ours = live.map((item, index) => idOf(item, structure, `${path}[${index}]`));
  const theirs = wanted.map((item, index) => idOf(item, structure, `${path}[${index}]`));
  const places = new Map(ours.map((id, index) => [id, index]));
  const asked = new Map<string, number>();
  for (const [index, id] of theirs.entries()) {
    if (asked.has(id))
      throw new PolicyError(
        "mutation",
        `failed to convert patch object to typed object: ${path}: duplicate entries for key ${id}`,
      );
    asked.set(id, index);
  }
  const joined = (index: number): unknown => {
    const place = places.get(theirs[index] ?? "");
    return merge(
      place === undefined ? undefined : live[place],
      wanted[index],
      structure.of ?? unknown,
      `${path}[${index}]`,
    );
  };
  // Items that both have stand in the order of the configuration; those that only the object has keep their place among them.
  const shared = theirs.flatMap((id, index) => (places.has(id) ? [index] : []));
  const merged: unknown[] = [];
  let next = 0;
  let turn = 0;
  for (const [place, id] of ours.entries()) {
    if (!asked.has(id)) merged.push(live[place]);
    const index = shared[turn];
    if (index === undefined || theirs[index] !== id) continue;
    for (; next <= index; next += 1) merged.push(joined(next));
    turn += 1;
  }
  for (; next < wanted.length; next += 1) merged.push(joined(next));
  return merged;
}

/** What an item of a list goes by. @throws {PolicyError} for one that does not say. */
function idOf(item: unknown, { keys, defaults = {} }: Structure, path: string): string {
  if (keys === undefined) return JSON.stringify(item) ?? "null";
  const object = asObject(item) ?? {};
  return JSON.stringify(
    keys.map((key) => {
      const value = Object.hasOwn(object, key) ? object[key] : defaults[key];
      if (value === undefined || value === null || typeof value === "object")
        throw new PolicyError(
          "mutation",
          `failed to convert patch object to typed object: ${path}: associative list with keys has an element that omits key field "${key}"`,
        );
      return value;
    }),
  );
}
