import { CelEvaluationError } from "../cel-error.ts";
import { CelDouble, CelTypeValue, typeName, type CelValue } from "../values.ts";
import { method, overload, type CelFunction } from "./define.ts";
import { toInt, toUint, truncate } from "./integers.ts";
import { codePointCount } from "./code-points.ts";

function parseInteger(text: string, type: "int" | "uint"): bigint {
  // Go's ParseInt takes a sign, ParseUint takes none.
  const form = type === "int" ? /^[+-]?\d{1,40}$/ : /^\d{1,40}$/;
  if (!form.test(text)) throw notConvertible(text, type);
  return BigInt(text.replace(/^\+/, ""));
}

function notConvertible(text: string, type: string): CelEvaluationError {
  return new CelEvaluationError(`"${text.slice(0, 64)}" cannot be converted to ${type}`);
}

function parseDouble(text: string): CelDouble {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (special !== null) {
    if (special[2]?.toLowerCase() === "nan") return new CelDouble(Number.NaN);
    return new CelDouble(special[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
  }
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) throw notConvertible(text, "double");
  const value = Number(text);
  if (!Number.isFinite(value)) throw new CelEvaluationError(`"${text.slice(0, 64)}" is out of range for a double`);
  return new CelDouble(value);
}

/** A double as Go's `strconv.FormatFloat(x, 'g', -1, 64)` writes it: exponents below -4 and from 6 on. */
export function formatDouble(value: number): string {
  return writeDouble(value, 1e6);
}

/** A finite double in the fewest digits, with an exponent below -4 and from `large` on. */
export function writeDouble(value: number, large: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (Object.is(value, -0)) return "-0";
  const absolute = Math.abs(value);
  const isPlain = absolute === 0 || (absolute >= 1e-4 && absolute < large);
  return exponentOf(isPlain ? String(value) : value.toExponential());
}

/** A number in JavaScript's notation with its exponent as Go writes it: with at least two digits. */
export function exponentOf(text: string): string {
  return text.replace(/e([+-])(\d)$/, "e$10$2");
}

const truths: Readonly<Record<string, boolean>> = {
  "1": true,
  t: true,
  T: true,
  true: true,
  TRUE: true,
  True: true,
  "0": false,
  f: false,
  F: false,
  false: false,
  FALSE: false,
  False: false,
};

function parseBool(text: string): boolean {
  const truth = Object.hasOwn(truths, text) ? truths[text] : undefined;
  if (truth === undefined) throw notConvertible(text, "bool");
  return truth;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CelEvaluationError("invalid UTF-8 in bytes, cannot convert to string");
  }
}

/** From one type to another (CEL specification, "Type conversions"). */
export const conversionFunctions: readonly CelFunction[] = [
  overload("bool", ["bool"], "bool", (_, value) => value),
  overload("bool", ["string"], "bool", (_, text) => parseBool(text)),
  overload("int", ["int"], "int", (_, value) => value),
  overload("int", ["uint"], "int", (_, { value }) => toInt(value)),
  // A double that is rounded up to 2^63 would not survive the way back (cel-go is as strict).
  overload("int", ["double"], "int", (_, { value }) => doubleToInt(value)),
  overload("int", ["string"], "int", (_, text) => toInt(parseInteger(text, "int"))),
  overload("uint", ["uint"], "uint", (_, value) => value),
  overload("uint", ["int"], "uint", (_, value) => toUint(value)),
  overload("uint", ["double"], "uint", (_, { value }) => toUint(value < 0 ? -1n : truncate(value))),
  overload("uint", ["string"], "uint", (_, text) => toUint(parseInteger(text, "uint"))),
  overload("double", ["double"], "double", (_, value) => value),
  overload("double", ["int"], "double", (_, value) => new CelDouble(Number(value))),
  overload("double", ["uint"], "double", (_, { value }) => new CelDouble(Number(value))),
  overload("double", ["string"], "double", (_, text) => parseDouble(text)),
  overload("string", ["string"], "string", (_, text) => text),
  overload("string", ["bool"], "string", (_, value) => String(value)),
  overload("string", ["int"], "string", (_, value) => String(value)),
  overload("string", ["uint"], "string", (_, { value }) => String(value)),
  overload("string", ["double"], "string", (_, { value }) => formatDouble(value)),
  overload("string", ["bytes"], "string", (call, bytes) => {
    call.spend(bytes.length / 10);
    return decode(bytes);
  }),
  overload("bytes", ["bytes"], "bytes", (_, bytes) => bytes),
  overload("bytes", ["string"], "bytes", (call, text) => {
    call.spend(text.length / 10);
    return new TextEncoder().encode(text);
  }),
  overload("dyn", ["A"], "dyn", (_, value: CelValue) => value),
  overload("type", ["A"], "type(A)", (_, value: CelValue) => new CelTypeValue(typeName(value))),
];

function doubleToInt(value: number): bigint {
  if (!(value > -(2 ** 63) && value < 2 ** 63)) throw new CelEvaluationError("integer overflow: range error");
  return truncate(value);
}

/** `size`, as a function and as a method. */
export const sizeFunctions: readonly CelFunction[] = [overload, method].flatMap((form) => [
  form("size", ["string"], "int", (call, text) => {
    call.spend(text.length / 10);
    return BigInt(codePointCount(text));
  }),
  form("size", ["bytes"], "int", (_, bytes) => BigInt(bytes.length)),
  form("size", ["list(A)"], "int", (_, list) => BigInt(list.size)),
  form("size", ["map(A, B)"], "int", (_, map) => BigInt(map.size)),
]);
