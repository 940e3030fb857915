import { CelEvaluationError } from "../cel-error.ts";
import { compareText } from "@plimsoll/model";
import {
  CelDouble,
  CelDuration,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  isList,
  isMap,
  typeName,
  type CelList,
  type CelValue,
} from "../values.ts";
import { exponentOf, writeDouble } from "./conversions.ts";
import { method, type CelCall, type CelFunction } from "./define.ts";
import { formatDuration, formatTimestamp } from "./times.ts";

/** What a clause such as `%d` makes of a value; the precision is absent where none is written. */
export type Clause = (call: CelCall, value: CelValue, precision: number | undefined) => string;

/** The decimals of `%f` and `%e` where none are asked for. */
export const defaultPrecision = 6;

/** The clauses that are the same in all versions. */
export const radixClauses: Readonly<Record<string, Clause>> = {
  b: (_, value) => {
    if (typeof value === "boolean") return value ? "1" : "0";
    return radix(value, 2) ?? fail(refusal("only integers and bools can be formatted as binary", value));
  },
  o: (_, value) => radix(value, 8) ?? fail(refusal("octal clause can only be used on integers", value)),
  x: (call, value) => hexadecimal(call, value),
  X: (call, value) => hexadecimal(call, value).toUpperCase(),
};

/** The clauses of cel-go's `string.format` as the specification has them. */
const clauses: Readonly<Record<string, Clause>> = {
  ...radixClauses,
  s: (call, value) => asText(call, value),
  d: (_, value) => {
    if (typeof value === "bigint") return String(value);
    if (value instanceof CelUint) return String(value.value);
    if (value instanceof CelDouble)
      return Number.isFinite(value.value) ? plainDouble(value.value) : special(value.value);
    throw refusal("decimal clause can only be used on integers", value);
  },
  f: (_, value, precision = defaultPrecision) => decimal("fixed-point", value, (number) => toFixed(number, precision)),
  e: (_, value, precision = defaultPrecision) =>
    decimal("scientific", value, (number) => toScientific(number, precision)),
};

function fail(error: Error): never {
  throw error;
}

/** The error for a value that a clause does not take. */
export function refusal(what: string, value: CelValue): CelEvaluationError {
  return new CelEvaluationError(`error during formatting: ${what}, was given ${typeName(value)}`);
}

function plainDouble(value: number): string {
  return writeDouble(value, 1e21);
}

function special(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "Infinity" : "-Infinity";
}

function radix(value: CelValue, base: number): string | undefined {
  if (typeof value === "bigint") return value.toString(base);
  return value instanceof CelUint ? value.value.toString(base) : undefined;
}

function hexadecimal(call: CelCall, value: CelValue): string {
  const number = radix(value, 16);
  if (number !== undefined) return number;
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  if (!(bytes instanceof Uint8Array))
    throw refusal("only integers, byte buffers, and strings can be formatted as hex", value);
  call.spend(bytes.length / 5);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function decimal(name: string, value: CelValue, write: (value: number) => string): string {
  const number =
    value instanceof CelDouble || value instanceof CelUint
      ? Number(value.value)
      : typeof value === "bigint"
        ? Number(value)
        : undefined;
  if (number === undefined) throw refusal(`${name} clause can only be used on doubles`, value);
  return Number.isFinite(number) ? write(number) : special(number);
}

/** A finite double with so many decimals, ties to even. */
export function toFixed(value: number, precision: number): string {
  if (Math.abs(value) >= 1e21) return `${BigInt(value)}${precision > 0 ? `.${"0".repeat(precision)}` : ""}`;
  const exact = Math.abs(value).toFixed(moreDigits(precision));
  return tieToEven(exact, precision, value) ?? value.toFixed(precision);
}

/** A finite double with an exponent and so many decimals, ties to even. */
export function toScientific(value: number, precision: number): string {
  const [exact = "", exponent = ""] = Math.abs(value).toExponential(moreDigits(precision)).split("e");
  const even = tieToEven(exact, precision, value);
  const text = even === undefined ? value.toExponential(precision) : `${even}e${exponent}`;
  return exponentOf(text);
}

/** So many digits more than asked for tell a tie from a number close to one. */
function moreDigits(precision: number): number {
  return Math.min(100, precision + 60);
}

/**
 * JavaScript rounds a tie away from zero, C and Go to the even digit. The number cut after `precision` decimals, where that is how a tie is
 * rounded to even; undefined where JavaScript's rounding is right.
 * @param exact The decimal digits of the absolute value: more of them than `precision`.
 */
function tieToEven(exact: string, precision: number, value: number): string | undefined {
  const point = exact.indexOf(".");
  if (!/^50*$/.test(exact.slice(point + 1 + precision))) return undefined;
  const kept = exact.slice(0, precision === 0 ? point : point + 1 + precision);
  return /[02468]$/.test(kept) ? `${value < 0 ? "-" : ""}${kept}` : undefined;
}

/** What `%s` takes, in words. */
export const kinds = "strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps";

function asText(call: CelCall, value: CelValue): string {
  call.spend(1);
  if (typeof value === "string") {
    call.spend(value.length / 10);
    return value;
  }
  if (value === null || typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (value instanceof CelUint) return String(value.value);
  if (value instanceof CelDouble) return Number.isFinite(value.value) ? plainDouble(value.value) : special(value.value);
  if (value instanceof Uint8Array) {
    call.spend(value.length / 10);
    return new TextDecoder().decode(value);
  }
  if (value instanceof CelTimestamp) return formatTimestamp(value);
  if (value instanceof CelDuration) return formatDuration(value);
  if (value instanceof CelTypeValue) return value.name;
  if (isList(value)) return `[${Array.from(value.values(), (item) => asText(call, item)).join(", ")}]`;
  if (isMap(value)) {
    const entries = Array.from(
      value.keys(),
      (key) => [asText(call, key), asText(call, value.get(key) ?? null)] as const,
    );
    return `{${entries
      .sort(([a], [b]) => compareText(a, b))
      .map(([key, item]) => `${key}: ${item}`)
      .join(", ")}}`;
  }
  throw refusal(`string clause can only be used on ${kinds}`, value);
}

/** How many digits a precision may ask for: what JavaScript's own formatting takes. */
const maxPrecision = 100;

/** `"%s has %d".format([name, count])` with such clauses. */
export function formatMethod(clauses: Readonly<Record<string, Clause>>): CelFunction {
  return method("format", ["string", "list(dyn)"], "string", (call, pattern, args) =>
    format(clauses, call, pattern, args),
  );
}

function format(clauses: Readonly<Record<string, Clause>>, call: CelCall, pattern: string, args: CelList): string {
  call.spend(pattern.length / 10);
  const part = /%(?:%|(?:\.(\d+))?(.?))/gsu;
  let next = 0;
  return pattern.replaceAll(part, (whole: string, precision: string | undefined, name: string | undefined) => {
    if (whole === "%%") return "%";
    const clause = name !== undefined && Object.hasOwn(clauses, name) ? clauses[name] : undefined;
    if (clause === undefined)
      throw new CelEvaluationError(`could not parse formatting clause: unrecognized formatting clause "${name ?? ""}"`);
    const digits = precision === undefined ? undefined : Number(precision);
    if (digits !== undefined && digits > maxPrecision)
      throw new CelEvaluationError(`could not parse formatting clause: precision above ${maxPrecision}`);
    if (next >= args.size) throw new CelEvaluationError(`index ${next} out of range`);
    next += 1;
    return clause(call, args.at(next - 1), digits);
  });
}

/** `format` of the strings extension, in its latest version. */
export const formatFunctions: readonly CelFunction[] = [formatMethod(clauses)];
