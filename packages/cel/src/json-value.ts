import { CelEvaluationError } from "./cel-error.ts";
import { encode } from "./functions/encoders.ts";
import { formatDuration, formatTimestamp } from "./functions/times.ts";
import {
  CelDouble,
  CelDuration,
  CelOptional,
  CelTimestamp,
  CelUint,
  isList,
  isMap,
  isObject,
  typeName,
  type CelMap,
  type CelValue,
} from "./values.ts";

/** The deepest nesting that is converted. JSON that our readers accept does not nest deeper. */
const mostNested = 1_000;
/** The most parts that are converted. A part that stands in several places of a value is copied for each. */
const mostCopied = 1_000_000;

/**
 * Converts a CEL value to JSON (CEL specification, "JSON Data Conversion"): integers become numbers, or strings where a double cannot represent
 * them; bytes become base64, timestamps and durations strings as by `string()`. Values of library types are converted by their `toNative`.
 * @throws {CelEvaluationError} for values that JSON does not have: types, infinities, maps with keys other than strings, optionals; and for values
 * of more than a million parts or a thousand levels.
 */
export function toJson(value: CelValue): unknown {
  let left = mostCopied;
  const json = (each: CelValue, depth: number): unknown => {
    left -= 1;
    if (left < 0 || depth > mostNested) throw new CelEvaluationError("the value is too large for JSON");
    if (each === null || typeof each === "boolean" || typeof each === "string") return each;
    if (typeof each === "bigint") return wholeNumber(each);
    if (isList(each)) return Array.from(each.values(), (item) => json(item, depth + 1));
    if (isMap(each)) return mapOf(each, (item) => json(item, depth + 1));
    return scalar(each);
  };
  return json(value, 0);
}

function mapOf(map: CelMap, json: (value: CelValue) => unknown): unknown {
  const entries = Array.from(map.keys(), (key) => {
    if (typeof key !== "string") throw new CelEvaluationError(`a map key of type ${typeName(key)} is not a string`);
    return [key, json(map.get(key) ?? null)] as const;
  });
  // Defined, not assigned: a key may be `__proto__`.
  return Object.fromEntries(entries);
}

function wholeNumber(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function scalar(value: CelValue): unknown {
  if (value instanceof CelUint) return wholeNumber(value.value);
  if (value instanceof CelDouble && Number.isFinite(value.value)) return value.value;
  if (value instanceof Uint8Array) return encode(value);
  if (value instanceof CelTimestamp) return formatTimestamp(value);
  if (value instanceof CelDuration) return formatDuration(value);
  if (!(value instanceof CelOptional) && isObject(value) && value.toNative !== undefined) return value.toNative();
  throw new CelEvaluationError(`a value of type ${typeName(value)} is not JSON`);
}
