import { field, listField, record } from "@plimsoll/formats";

/** An object of a foreign document: nothing about it is certain. */
export type Fields = Readonly<Record<string, unknown>>;

/** A field's items that are text. A single text counts as a list of one. */
export function textsField(fields: Fields | undefined, name: string): readonly string[] {
  const value = field(fields, name);
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items.filter((item): item is string => typeof item === "string" && item !== "");
}

/** A field's items that are objects. */
export function objectsField(fields: Fields | undefined, name: string): readonly Fields[] {
  return listField(fields, name)
    .map(record)
    .filter((item) => item !== undefined);
}
