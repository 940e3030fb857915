import type { Property } from "@plimsoll/formats";

/** Properties by name. */
export interface PropertyIndex {
  one(name: string): string | undefined;
  all(name: string): readonly string[];
  /** The properties whose name starts with `prefix`: the rest of the name, and the first value. */
  under(prefix: string): readonly (readonly [string, string])[];
}

/** Indexes properties by name; a name may have several values. */
export function indexProperties(properties: readonly Property[]): PropertyIndex {
  const byName = new Map<string, string[]>();
  for (const { name, value } of properties) {
    const values = byName.get(name);
    if (values === undefined) byName.set(name, [value]);
    else values.push(value);
  }
  return {
    one: (name) => byName.get(name)?.[0],
    all: (name) => byName.get(name) ?? [],
    under: (prefix) =>
      [...byName].flatMap(([name, [value = ""]]) =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), value] as const] : [],
      ),
  };
}
