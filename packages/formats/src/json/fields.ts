/** The value as an object; undefined for anything else, a list included. Read its members by {@link field}, which sees those of the document only. */
export function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isRecord(value) ? value : undefined;
}

/** Whether a value is an object, and no list. Read its members by {@link field}, which sees those of the document only. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * A member of an object by its name; undefined where there is none, and for a value that is no object. Names such as `constructor` find
 * nothing that the document does not have.
 */
export function field(value: unknown, key: string): unknown {
  const object = record(value);
  return object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
}

/** A member that is a text and not empty; else undefined. */
export function textField(value: unknown, key: string): string | undefined {
  const text = field(value, key);
  return typeof text === "string" && text !== "" ? text : undefined;
}

/** A member that is a list; an empty list for anything else. */
export function listField(value: unknown, key: string): readonly unknown[] {
  const list = field(value, key);
  return Array.isArray(list) ? list : [];
}

/** The texts in a member that is a list; empty for anything else. */
export function textsField(value: unknown, key: string): readonly string[] {
  return listField(value, key).filter((item) => typeof item === "string");
}
