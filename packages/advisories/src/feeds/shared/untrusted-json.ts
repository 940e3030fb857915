/** An object of somebody else's JSON: nothing is known about its fields. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The value as an object; undefined for anything else. */
export function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined; // as: just checked
}

/** A field of the object itself, never of its prototype. */
export function field(object: JsonObject | undefined, name: string): unknown {
  return object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;
}

/** A field that is an object. */
export function objectField(object: JsonObject | undefined, name: string): JsonObject | undefined {
  return objectOf(field(object, name));
}

/** A field that is a text and not empty. */
export function textField(object: JsonObject | undefined, name: string): string | undefined {
  const value = field(object, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A field that is a finite number, or a text that spells one. */
export function numberField(object: JsonObject | undefined, name: string): number | undefined {
  const value = field(object, name);
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/** The elements of a field that is a list; empty for anything else. */
export function listField(object: JsonObject | undefined, name: string): readonly unknown[] {
  const value = field(object, name);
  return Array.isArray(value) ? value : [];
}

/** The objects among the elements of a list. */
export function objectsField(object: JsonObject | undefined, name: string): readonly JsonObject[] {
  return listField(object, name)
    .map(objectOf)
    .filter((element) => element !== undefined);
}

/** The texts among the elements of a list, without empty ones and repetitions. */
export function textsField(object: JsonObject | undefined, name: string): readonly string[] {
  return textsOf(listField(object, name));
}

/** The texts among values, without empty ones and repetitions. */
export function textsOf(values: readonly unknown[]): readonly string[] {
  const texts = values.filter((value): value is string => typeof value === "string" && value !== "");
  return texts.length > 1 ? [...new Set(texts)] : texts;
}
