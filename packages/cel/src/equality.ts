import {
  CelDouble,
  CelDuration,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  isList,
  isMap,
  isObject,
  type CelList,
  type CelMap,
  type CelValue,
} from "./values.ts";

/** Called for each pair of compared elements, so that comparing large values counts as cost. */
export interface Spending {
  spend(cost: number): void;
}

/**
 * CEL's equality: numbers by value across types, values of different kinds are unequal, NaN equals nothing.
 * (CEL specification, "Equality".)
 */
export function equal(left: CelValue, right: CelValue, call: Spending): boolean {
  if (typeof left === "string" || typeof right === "string") return left === right;
  const numbers = compareNumbers(left, right);
  if (numbers !== undefined) return numbers === 0;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return left === right;
  if (isList(left)) return isList(right) && equalLists(left, right, call);
  if (isMap(left)) return isMap(right) && equalMaps(left, right, call);
  if (left instanceof Uint8Array) {
    call.spend(left.length / 10);
    return right instanceof Uint8Array && compareBytes(left, right) === 0;
  }
  if (left instanceof CelTimestamp) return right instanceof CelTimestamp && left.nanoseconds === right.nanoseconds;
  if (left instanceof CelDuration) return right instanceof CelDuration && left.nanoseconds === right.nanoseconds;
  if (left instanceof CelTypeValue) return right instanceof CelTypeValue && left.name === right.name;
  if (left instanceof CelOptional) return right instanceof CelOptional && equalOptionals(left, right, call);
  if (isObject(left) && isObject(right) && left.celType === right.celType)
    return left.equals?.(right) ?? left === right;
  return false;
}

function equalLists(left: CelList, right: CelList, call: Spending): boolean {
  if (left.size !== right.size) return false;
  for (let index = 0; index < left.size; index += 1) {
    call.spend(1);
    if (!equal(left.at(index), right.at(index), call)) return false;
  }
  return true;
}

function equalMaps(left: CelMap, right: CelMap, call: Spending): boolean {
  if (left.size !== right.size) return false;
  for (const key of left.keys()) {
    call.spend(1);
    const other = right.get(key);
    const own = left.get(key);
    if (own === undefined || other === undefined || !equal(own, other, call)) return false;
  }
  return true;
}

function equalOptionals(left: CelOptional, right: CelOptional, call: Spending): boolean {
  if (left.value === undefined || right.value === undefined) return left.value === right.value;
  return equal(left.value, right.value, call);
}

/**
 * How two values order: negative, zero or positive; NaN where one is NaN; undefined where they have no order.
 * Strings order by code point, as CEL has it, not by UTF-16 unit.
 */
export function compare(left: CelValue, right: CelValue): number | undefined {
  if (typeof left === "string") return typeof right === "string" ? compareStrings(left, right) : undefined;
  if (typeof left === "boolean") return typeof right === "boolean" ? Number(left) - Number(right) : undefined;
  const numbers = compareNumbers(left, right);
  if (numbers !== undefined) return numbers;
  if (left instanceof CelTimestamp && right instanceof CelTimestamp) return order(left.nanoseconds, right.nanoseconds);
  if (left instanceof CelDuration && right instanceof CelDuration) return order(left.nanoseconds, right.nanoseconds);
  if (left instanceof Uint8Array && right instanceof Uint8Array) return compareBytes(left, right);
  return undefined;
}

function compareNumbers(left: CelValue, right: CelValue): number | undefined {
  const a = numberOf(left);
  const b = numberOf(right);
  if (a === undefined || b === undefined) return undefined;
  // As in cel-go, a whole number is rounded to a double before it is held against one: 2^63 - 1 equals 2^63.
  return typeof a === typeof b ? order(a, b) : order(Number(a), Number(b));
}

function numberOf(value: CelValue): bigint | number | undefined {
  if (typeof value === "bigint") return value;
  return value instanceof CelUint || value instanceof CelDouble ? value.value : undefined;
}

function order(left: bigint | number, right: bigint | number): number {
  if (left < right) return -1;
  if (left > right) return 1;
  return Number.isNaN(left) || Number.isNaN(right) ? Number.NaN : 0;
}

/** Code point order: surrogates sort above the rest of the plane that UTF-16 puts them into. */
function compareStrings(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return rank(a) - rank(b);
  }
  return left.length - right.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10_000 : unit;
}

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
