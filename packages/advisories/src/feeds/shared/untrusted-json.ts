import { field, listField, record } from "@plimsoll/formats";

/** An object of somebody else's JSON: nothing is known about its fields. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A field that is an object. */
export function objectField(object: JsonObject | undefined, name: string): JsonObject | undefined {
  return record(field(object, name));
}

/** A field that is a finite number, or a text that spells one. */
export function numberField(object: JsonObject | undefined, name: string): number | undefined {
  const value = field(object, name);
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/** The objects among the elements of a list. */
export function objectsField(object: JsonObject | undefined, name: string): readonly JsonObject[] {
  return listField(object, name)
    .map(record)
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
