/** Reads operands of built-in functions; each throws OPA's message when the type is another. */

import { integerOf, isInteger, safeIntegerOf, type NumberValue } from "../values/number.ts";
import { isArray, isNumber, isObject, RegoSet, typeName, type ObjectValue, type Value } from "../values/value.ts";
import { operandError, operandMessage } from "./builtin.ts";

type Args = readonly Value[];

/** The operand at an index as text. */
export function stringAt(args: Args, index: number): string {
  const value = args[index] as Value;
  if (typeof value !== "string") throw operandError(index + 1, value, "string");
  return value;
}

export function numberAt(args: Args, index: number): NumberValue {
  const value = args[index] as Value;
  if (!isNumber(value)) throw operandError(index + 1, value, "number");
  return value;
}

/** An integer of any size. */
export function integerAt(args: Args, index: number): bigint {
  const value = numberAt(args, index);
  const integer = isInteger(value) ? integerOf(value) : undefined;
  if (integer === undefined) throw operandMessage(index + 1, "floating-point number", "integer number");
  return integer;
}

/** An integer that JavaScript counts exactly; larger ones become infinite. */
export function countAt(args: Args, index: number): number {
  const integer = integerAt(args, index);
  const safe = safeIntegerOf(args[index] as NumberValue);
  return safe ?? (integer < 0n ? -Infinity : Infinity);
}

export function arrayAt(args: Args, index: number): readonly Value[] {
  const value = args[index] as Value;
  if (!isArray(value)) throw operandError(index + 1, value, "array");
  return value;
}

export function setAt(args: Args, index: number): RegoSet {
  const value = args[index] as Value;
  if (!(value instanceof RegoSet)) throw operandError(index + 1, value, "set");
  return value;
}

export function objectAt(args: Args, index: number): ObjectValue {
  const value = args[index] as Value;
  if (!isObject(value)) throw operandError(index + 1, value, "object");
  return value;
}

/** Members of an array or a set, in order. */
export function membersAt(args: Args, index: number, wanted: readonly string[] = ["array", "set"]): readonly Value[] {
  const value = args[index] as Value;
  if (isArray(value)) return value;
  if (value instanceof RegoSet) return value.sorted();
  throw operandError(index + 1, value, ...wanted);
}

/** Texts of an array or a set. */
export function stringsAt(args: Args, index: number): readonly string[] {
  const value = args[index] as Value;
  const members = membersAt(args, index);
  const kind = isArray(value) ? "array" : "set";
  for (const member of members) {
    if (typeof member !== "string") {
      throw operandMessage(index + 1, `${kind} containing ${typeName(member)}`, `${kind} of strings`);
    }
  }
  return members as readonly string[];
}
