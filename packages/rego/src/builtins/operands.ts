/** Reads operands of built-in functions. Each throws a BuiltinError with OPA's message if the operand has another type. */

import { integerOf, isInteger, numberText, safeIntegerOf, type NumberValue } from "../values/number.ts";
import { isArray, isNumber, isObject, RegoSet, typeName, type ObjectValue, type Value } from "../values/value.ts";
import { operandError, operandMessage } from "./builtin.ts";

type Args = readonly Value[];

/** The operand at an index, of any type. @throws {RangeError} if the function was called with fewer operands */
export function valueAt(args: Args, index: number): Value {
  const value = args[index];
  if (value === undefined) throw new RangeError(`operand ${index + 1} is missing`);
  return value;
}

/** The operand at an index as text. */
export function stringAt(args: Args, index: number): string {
  const value = valueAt(args, index);
  if (typeof value !== "string") throw operandError(index + 1, value, "string");
  return value;
}

/** The operand at an index as a number. */
export function numberAt(args: Args, index: number): NumberValue {
  const value = valueAt(args, index);
  if (!isNumber(value)) throw operandError(index + 1, value, "number");
  return value;
}

/** The operand at an index as an integer of any size. */
export function integerAt(args: Args, index: number): bigint {
  const value = numberAt(args, index);
  const integer = isInteger(value) ? integerOf(value) : undefined;
  if (integer === undefined) throw operandMessage(index + 1, "floating-point number", "integer number");
  return integer;
}

// Nineteen digits are what OPA reads here at most; an exponent makes a number one with a fraction.
const countPattern = /^-?(?=[\d.]{1,19}$)\d+(?:\.0*)?$/;

/** The operand at an index as an integer of 64 bits that is written without an exponent; beyond what a JavaScript number holds exactly it is infinite. */
export function countAt(args: Args, index: number): number {
  const value = numberAt(args, index);
  if (!countPattern.test(numberText(value))) throw operandMessage(index + 1, "floating-point number", "integer number");
  return safeIntegerOf(value) ?? (numberText(value).startsWith("-") ? -Infinity : Infinity);
}

/** The operand at an index as an array. */
export function arrayAt(args: Args, index: number): readonly Value[] {
  const value = valueAt(args, index);
  if (!isArray(value)) throw operandError(index + 1, value, "array");
  return value;
}

/** The operand at an index as a set. */
export function setAt(args: Args, index: number): RegoSet {
  const value = valueAt(args, index);
  if (!(value instanceof RegoSet)) throw operandError(index + 1, value, "set");
  return value;
}

/** The operand at an index as an object. */
export function objectAt(args: Args, index: number): ObjectValue {
  const value = valueAt(args, index);
  if (!isObject(value)) throw operandError(index + 1, value, "object");
  return value;
}

/** The members of the array or set at an index, in order. */
export function membersAt(args: Args, index: number, wanted: readonly string[] = ["set", "array"]): readonly Value[] {
  const value = valueAt(args, index);
  if (isArray(value)) return value;
  if (value instanceof RegoSet) return value.sorted();
  throw operandError(index + 1, value, ...wanted);
}

/** The strings of the array or set at an index. */
export function stringsAt(args: Args, index: number): readonly string[] {
  return membersOf(args, index, "strings", (member) => typeof member === "string");
}

/** The numbers of the array or set at an index. */
export function numbersAt(args: Args, index: number): readonly NumberValue[] {
  return membersOf(args, index, "numbers", isNumber);
}

function membersOf<T extends Value>(
  args: Args,
  index: number,
  wanted: string,
  isWanted: (member: Value) => member is T,
): readonly T[] {
  const members = membersAt(args, index);
  if (members.every(isWanted)) return members;
  const kind = isArray(valueAt(args, index)) ? "array" : "set";
  const wrong = members.filter((member) => !isWanted(member)).slice(0, 1);
  throw operandMessage(index + 1, `${kind} containing ${wrong.map(typeName).join("")}`, `${kind} of ${wanted}`);
}
