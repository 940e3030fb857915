/** The value as an object with string keys, unless it is something else. Ask it only through the functions below. */
export function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isRecord(value) ? value : undefined;
}

/** Whether a value is an object that is no list. Ask it only through the functions below. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An own property; names such as `__proto__` and `constructor` find nothing that the document does not hold. */
export function field(value: unknown, key: string): unknown {
  const object = record(value);
  return object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
}

/** A non-empty string. */
export function textField(value: unknown, key: string): string | undefined {
  const text = field(value, key);
  return typeof text === "string" && text !== "" ? text : undefined;
}

/** A list; anything else is an empty one. */
export function listField(value: unknown, key: string): readonly unknown[] {
  const list = field(value, key);
  return Array.isArray(list) ? list : [];
}

/** The strings of a list. */
export function textsField(value: unknown, key: string): readonly string[] {
  return listField(value, key).filter((item) => typeof item === "string");
}
