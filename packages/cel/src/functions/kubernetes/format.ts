import { CelEvaluationError } from "../../cel-error.ts";
import {
  CelDouble,
  CelDuration,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  isList,
  isMap,
  typeName,
  type CelValue,
} from "../../values.ts";
import { formatDouble } from "../conversions.ts";
import type { CelCall, CelFunction } from "../define.ts";
import { defaultPrecision, formatMethod, kinds, radixClauses, refusal, toFixed, toScientific } from "../format.ts";
import { formatDuration, formatTimestamp } from "../times.ts";

// Kubernetes has version 2 of the strings extension, whose lists and maps read as CEL does, and whose decimals are those of `en_US`.

function text(call: CelCall, value: CelValue): string {
  call.spend(1);
  if (isList(value) || isMap(value)) return literal(call, value);
  if (typeof value === "string") {
    call.spend(value.length / 10);
    return value;
  }
  if (value === null || typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (value instanceof CelUint) return String(value.value);
  if (value instanceof CelDouble) return formatDouble(value.value);
  if (value instanceof Uint8Array) return textOfBytes(call, value);
  if (value instanceof CelTimestamp) return formatTimestamp(value);
  if (value instanceof CelDuration) return formatDuration(value);
  if (value instanceof CelTypeValue) return value.name;
  throw refusal(`string clause can only be used on ${kinds}`, value);
}

function textOfBytes(call: CelCall, bytes: Uint8Array): string {
  call.spend(bytes.length / 10);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CelEvaluationError(
      'error during formatting: could not convert argument "invalid UTF-8 in bytes, cannot convert to string" to string',
    );
  }
}

/** A value within a list or a map. */
function literal(call: CelCall, value: CelValue): string {
  if (isList(value)) return `[${Array.from(value.values(), (item) => literal(call, item)).join(", ")}]`;
  if (isMap(value)) {
    const entries = Array.from(value.keys(), (key): readonly [string, string] => [
      keyText(call, key),
      literal(call, value.get(key) ?? null),
    ]);
    const written = entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([key, item]) => `${key}:${item}`);
    return `{${written.join(", ")}}`;
  }
  if (value instanceof CelDouble)
    return Number.isFinite(value.value) ? fixed(value.value, defaultPrecision) : `"${formatDouble(value.value)}"`;
  const written = text(call, value);
  if (typeof value === "string") return quoted(written);
  if (value instanceof Uint8Array) return `b${quoted(written)}`;
  if (value instanceof CelTimestamp) return `timestamp("${written}")`;
  if (value instanceof CelDuration) return `duration("${written}")`;
  return written;
}

function keyText(call: CelCall, key: CelValue): string {
  if (key instanceof CelDouble || (typeof key === "object" && !(key instanceof CelUint)))
    throw new CelEvaluationError(
      `error during formatting: no formatting function for map key of type ${typeName(key)}`,
    );
  return literal(call, key);
}

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ["\u0007", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
  ['"', '\\"'],
  ["\\", "\\\\"],
]);

/** A text in double quotes as Go's `%q` writes it. */
function quoted(value: string): string {
  const escaped = value.replaceAll(/["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, (character) => {
    const short = shortEscapes.get(character);
    if (short !== undefined) return short;
    const code = (character.codePointAt(0) ?? 0).toString(16);
    if (code.length <= 2 && character < "\u0080") return `\\x${code.padStart(2, "0")}`;
    return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}

function fixed(value: number, precision: number): string {
  const digits = toFixed(value, precision);
  return Object.is(value, -0) ? `-${digits}` : digits;
}

/** A double, or one of the texts that stand for what is no number. */
function doubleOf(name: string, value: CelValue): number {
  if (value instanceof CelDouble) return value.value;
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") return Number(value);
  throw refusal(`${name} clause can only be used on doubles`, value);
}

function special(value: number): string {
  return Number.isNaN(value) ? "NaN" : value > 0 ? "\u221e" : "-\u221e";
}

/** Thousands apart. */
function grouped(digits: string): string {
  const [whole = "", decimals] = digits.split(".");
  const parted = whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
  return decimals === undefined ? parted : `${parted}.${decimals}`;
}

const raised = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";

/** `1.500000e-01` as 1.500000×10⁻⁰¹. */
function withRaisedExponent(scientific: string): string {
  return scientific.replace(/e([-+])(\d+)$/, (_, sign: string, digits: string) => {
    const exponent = Array.from(digits, (digit) => raised.charAt(Number(digit))).join("");
    return `\u00d710${sign === "-" ? "\u207b" : ""}${exponent}`;
  });
}

/** `format` as Kubernetes has it. */
export const kubernetesFormat: CelFunction = formatMethod({
  ...radixClauses,
  s: text,
  d: (call, value) => {
    if (typeof value === "bigint" || value instanceof CelUint) return text(call, value);
    throw refusal("decimal clause can only be used on integers", value);
  },
  f: (_, value, precision = defaultPrecision) => {
    const number = doubleOf("fixed-point", value);
    return Number.isFinite(number) ? grouped(toFixed(number, precision)) : special(number);
  },
  // The precision is taken for a width there; there are always six decimals.
  e: (_, value, width = defaultPrecision) => {
    const number = doubleOf("scientific", value);
    const written = Number.isFinite(number)
      ? withRaisedExponent(toScientific(number, defaultPrecision))
      : special(number);
    return written.padStart(width);
  },
});
