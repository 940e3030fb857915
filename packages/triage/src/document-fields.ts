/** An object of a foreign document: nothing about it is certain. */
export type Fields = Readonly<Record<string, unknown>>;

/** The value as an object with fields; undefined when it is none. */
export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined; // checked on this line
}

/** A field's own value: never one inherited, such as `constructor`. */
export function field(fields: Fields | undefined, name: string): unknown {
  return fields !== undefined && Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** A field that is text and not empty. */
export function textField(fields: Fields | undefined, name: string): string | undefined {
  const value = field(fields, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A field's items; none when it is no list. */
export function listField(fields: Fields | undefined, name: string): readonly unknown[] {
  const value = field(fields, name);
  return Array.isArray(value) ? (value as readonly unknown[]) : []; // Array.isArray gives any[]
}

/** A field's items that are text. A single text counts as a list of one. */
export function textsField(fields: Fields | undefined, name: string): readonly string[] {
  const value = field(fields, name);
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items.filter((item): item is string => typeof item === "string" && item !== "");
}

/** A field's items that are objects. */
export function objectsField(fields: Fields | undefined, name: string): readonly Fields[] {
  return listField(fields, name).flatMap((item): readonly Fields[] => {
    const fields = fieldsOf(item);
    return fields === undefined ? [] : [fields];
  });
}
