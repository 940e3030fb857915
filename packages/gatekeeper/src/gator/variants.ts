import { asObject, type JsonObject } from "@plimsoll/kubernetes";

type Path = readonly (string | number)[];

/** What a value is replaced by, to see what policies make of it. */
const replacements: readonly unknown[] = [null, "", "x", 0, true, [], {}];
/** Objects are followed this deep. */
const maxDepth = 12;

/**
 * Variants of an object that differ in a single place: a member is missing, empty, or of another type, a list is empty or has an item twice. At
 * most `most`, spread over all places; the result is deterministic.
 */
export function variantsOf(object: JsonObject, most: number): readonly JsonObject[] {
  const paths = placesOf(object, [], 0).filter(([first]) => first !== "apiVersion" && first !== "kind");
  const all = paths.flatMap((path) => changesAt(object, path));
  const step = Math.max(1, all.length / most);
  return Array.from({ length: Math.min(most, all.length) }, (_, index) => all[Math.floor(index * step)]).flatMap(
    (change) => (change === undefined ? [] : [change()]),
  );
}

function placesOf(value: unknown, path: Path, depth: number): readonly Path[] {
  if (depth > maxDepth) return [];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(asObject(value) ?? {});
  return keys.flatMap((key) => {
    const inner = (value as Record<string | number, unknown>)[key]; // as: the key is one of its own
    return [[...path, key], ...placesOf(inner, [...path, key], depth + 1)];
  });
}

function changesAt(object: JsonObject, path: Path): readonly (() => JsonObject)[] {
  const last = path.at(-1);
  const change =
    (apply: (parent: Record<string | number, unknown>, key: string | number) => void) => (): JsonObject => {
      const copy: JsonObject = structuredClone(object);
      let parent: unknown = copy;
      // as: the path is one of the object, and leads through its objects and lists.
      for (const key of path.slice(0, -1)) parent = (parent as Record<string | number, unknown>)[key];
      if (last !== undefined) apply(parent as Record<string | number, unknown>, last); // as: likewise
      return copy;
    };
  return [
    change((parent, key) => (Array.isArray(parent) ? parent.splice(Number(key), 1) : delete parent[key])),
    ...(typeof last === "number"
      ? [change((parent, key) => Array.isArray(parent) && parent.push(structuredClone(parent[Number(key)])))]
      : []),
    ...replacements.map((value) =>
      change((parent, key) => {
        parent[key] = structuredClone(value);
      }),
    ),
  ];
}
