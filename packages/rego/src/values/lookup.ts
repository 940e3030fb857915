/** Looks up members of values. */

import { isInteger, MadeValue, numberText, safeIntegerOf } from "./number.ts";
import { isArray, isNumber, isObject, objectGet, RegoObject, RegoSet, type PlainObject, type Value } from "./value.ts";

/** What `value[key]` is, or undefined. */
export function lookup(value: Value, key: Value): Value | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (isArray(value)) {
    if (typeof key === "number") return value[key];
    if (!isNumber(key) || !isInteger(key)) return undefined;
    const index = safeIntegerOf(key);
    // Only a plain spelling is a position: `1.0` is none.
    return index === undefined || String(index) !== key.text ? undefined : value[index];
  }
  if (value instanceof RegoSet) return value.member(key);
  return isObject(value) ? objectGet(value, key) : undefined;
}

/** What a path of names finds in a value, or undefined. */
export function lookupNames(start: Value | undefined, names: readonly string[]): Value | undefined {
  let value = start;
  for (let index = 0; index < names.length; index++) {
    if (typeof value !== "object" || value === null) return undefined;
    value = lookupName(value, names[index] as string); // as: below the length
  }
  return value;
}

/** {@link lookup} for a text. */
export function lookupName(value: Value, name: string): Value | undefined {
  if (typeof value !== "object" || value === null || isArray(value)) return undefined;
  if (!(value instanceof MadeValue)) return Object.hasOwn(value, name) ? (value as PlainObject)[name] : undefined; // as: no other object is left
  if (value instanceof RegoObject) return value.get(name);
  return value instanceof RegoSet ? value.member(name) : undefined;
}

/**
 * What a path into the given `data` finds at a key. Such paths are texts in OPA, whose store reads them: `data.a[2]` also
 * finds the member "2" of an object, and `data.a["2"]` the third item of an array.
 */
export function lookupGiven(value: Value, key: Value): Value | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (isArray(value)) {
    return typeof key === "string" && /^[+-]?\d{1,15}$/.test(key) ? value[Number(key)] : lookup(value, key);
  }
  return isNumber(key) && isObject(value) ? objectGet(value, numberText(key)) : lookup(value, key);
}
