// What becomes of a document when one of its values is of another type: for tests that nothing is lost in silence then.

/** A document with one value replaced. */
export interface WrongType {
  /** `packages.*.dependencies to true`: names of members, `*` for elements of lists and for keys of maps. */
  readonly name: string;
  readonly value: unknown;
}

type Step = string | number;

/** Values of every type of JSON; each place is given those that are not of its own type. */
const replacements: readonly (readonly [name: string, value: unknown])[] = [
  ["true", true],
  ["null", null],
  ["7", 7],
  ["a text", "wrong"],
  ["a list", []],
  ["a list of lists", [[1]]],
  ["an object", {}],
];

/**
 * The document once for each kind of container in it and each wrong type of value there: the members `a.b` of all elements of a
 * list are one kind, of which the first and the last stand for the rest.
 */
export function* wrongContainers(document: unknown): Generator<WrongType> {
  for (const [name, paths] of containersByKind(document))
    for (const path of new Set([paths[0], paths.at(-1)])) {
      if (path === undefined) continue;
      const kind = typeOf(valueAt(document, path));
      for (const [label, value] of replacements)
        if (typeOf(value) !== kind) yield { name: `${name} to ${label}`, value: withValue(document, path, value) };
    }
}

function containersByKind(document: unknown): ReadonlyMap<string, readonly (readonly Step[])[]> {
  const found = new Map<string, (readonly Step[])[]>();
  const queue: { readonly value: unknown; readonly path: readonly Step[]; readonly kind: string }[] = [
    { value: document, path: [], kind: "" },
  ];
  for (const { value, path, kind } of queue) {
    if (typeof value !== "object" || value === null) continue;
    const known = found.get(kind);
    if (known === undefined) found.set(kind, [path]);
    else known.push(path);
    const isMap = !Array.isArray(value) && looksLikeMap(value);
    for (const [key, child] of Object.entries(value)) {
      const step = Array.isArray(value) || isMap ? "*" : key;
      queue.push({
        value: child,
        path: [...path, Array.isArray(value) ? Number(key) : key],
        kind: kind === "" ? step : `${kind}.${step}`,
      });
    }
  }
  return found;
}

/** Objects whose keys are names of things: many, and values all of one type. */
function looksLikeMap(value: object): boolean {
  const types = new Set(Object.values(value).map(typeOf));
  return types.size === 1 && Object.keys(value).length > 8;
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return "list";
  return value === null ? "null" : typeof value;
}

function valueAt(value: unknown, path: readonly Step[]): unknown {
  return path.reduce<unknown>(
    (at, step) => (typeof at === "object" && at !== null ? Reflect.get(at, step) : undefined),
    value,
  );
}

/** A copy along the path; everything else is shared. */
function withValue(value: unknown, [step, ...rest]: readonly Step[], replacement: unknown): unknown {
  if (step === undefined) return replacement;
  if (Array.isArray(value))
    return value.map((item: unknown, at) => (at === step ? withValue(item, rest, replacement) : item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, key === step ? withValue(item, rest, replacement) : item]),
  );
}
