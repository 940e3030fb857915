import { matcherFor } from "./pattern.ts";

/** The result of a comparison, and a sentence about what was expected. */
export interface Comparison {
  readonly result: boolean;
  readonly expected: string;
}

/**
 * Compares a found value with a wanted one, with the operators and sentences of kube-bench. An unknown operator gives false and an empty sentence.
 */
export function compareValues(op: string, found: string, wanted: string, name: string): Comparison {
  switch (op) {
    case "eq":
      return { result: sameValue(found, wanted), expected: `'${name}' is equal to '${wanted}'` };
    case "noteq":
      return { result: !sameValue(found, wanted), expected: `'${name}' is not equal to '${wanted}'` };
    case "gt":
    case "gte":
    case "lt":
    case "lte":
      return compareNumbers(op, found, wanted, name);
    case "has":
      return { result: found.includes(wanted), expected: `'${name}' has '${wanted}'` };
    case "nothave":
      return { result: !found.includes(wanted), expected: `'${name}' does not have '${wanted}'` };
    case "regex":
      return {
        result: matcherFor(wanted).test(found),
        expected: `'${name}' matched by regex expression '${wanted}'`,
      };
    case "valid_elements":
      return {
        result: areElementsAllowed(splitElements(found), splitElements(wanted)),
        expected: `'${name}' contains valid elements from '${wanted}'`,
      };
    case "bitmask":
      return compareModes(found, wanted, name);
    default:
      return { result: false, expected: "" };
  }
}

/** Booleans are compared without regard to case on the found side; everything else as it stands. */
function sameValue(found: string, wanted: string): boolean {
  const lower = found.toLowerCase();
  return (lower === "true" || lower === "false" ? lower : found) === wanted;
}

const numberWords = {
  gt: { words: "is greater than", holds: (a: bigint, b: bigint) => a > b },
  gte: { words: "is greater or equal to", holds: (a: bigint, b: bigint) => a >= b },
  lt: { words: "is lower than", holds: (a: bigint, b: bigint) => a < b },
  lte: { words: "is lower or equal to", holds: (a: bigint, b: bigint) => a <= b },
} as const;

function compareNumbers(op: keyof typeof numberWords, found: string, wanted: string, name: string): Comparison {
  const a = wholeNumber(found);
  const b = wholeNumber(wanted);
  if (a === undefined || b === undefined)
    return { result: false, expected: `Invalid Number(s) used for comparison: '${found}' '${wanted}'` };
  const { words, holds } = numberWords[op];
  return { result: holds(a, b), expected: `'${name}' ${words} ${wanted}` };
}

const largest = 2n ** 63n;

/** A signed 64-bit decimal number, as Go's Atoi reads it. */
function wholeNumber(text: string): bigint | undefined {
  const digits = text.trim();
  if (digits.length > 40 || !/^[+-]?\d+$/.test(digits)) return undefined;
  const value = BigInt(digits.startsWith("+") ? digits.slice(1) : digits);
  return value >= -largest && value < largest ? value : undefined;
}

/** Modes are octal; the found one may not have a bit that the wanted one lacks. */
function compareModes(found: string, wanted: string, name: string): Comparison {
  const requested = octalNumber(found);
  if (requested === undefined) return { result: false, expected: `Not numeric value - flag: ${found}` };
  const allowed = octalNumber(wanted);
  if (allowed === undefined) return { result: false, expected: `Not numeric value - flag: ${wanted}` };
  return {
    result: (allowed & requested) === requested,
    expected: `${name} has permissions ${found}, expected ${wanted} or more restrictive`,
  };
}

function octalNumber(text: string): bigint | undefined {
  const parts = /^([+-]?)([0-7]{1,21})$/.exec(text);
  if (parts === null) return undefined;
  const value = BigInt(`0o${parts[2] ?? ""}`);
  return parts[1] === "-" ? -value : value;
}

/** Whether every element is among the allowed ones. True for two empty lists, false if only one is empty. */
export function areElementsAllowed(found: readonly string[], allowed: readonly string[]): boolean {
  if (found.length === 0 || allowed.length === 0) return found.length === allowed.length;
  const known = new Set(allowed);
  return found.every((element) => known.has(element));
}

/** The parts between commas without surrounding blanks; trailing commas are ignored. */
export function splitElements(text: string): readonly string[] {
  let end = text.trim();
  let length = end.length;
  while (length > 0 && end[length - 1] === ",") length--;
  end = end.slice(0, length);
  return end === "" ? [] : end.split(",").map((part) => part.trim());
}
