import { sortByKeys } from "../macros.ts";
import { CelEvaluationError } from "../cel-error.ts";
import { compare, equal } from "../equality.ts";
import {
  CelDouble,
  CelOptional,
  CelUint,
  CelDuration,
  ValueList,
  isList,
  type CelList,
  type CelValue,
} from "../values.ts";
import { method, overload, type CelCall, type CelFunction } from "./define.ts";
import { toInt, toUint } from "./integers.ts";
import { toDuration } from "./times.ts";

function ordering(call: CelCall, left: CelValue, right: CelValue): number {
  call.spend(1);
  const order = compare(left, right);
  if (order === undefined) throw new CelEvaluationError("no such overload: the elements of the list cannot be ordered");
  return order;
}

function isSorted(call: CelCall, list: CelList): boolean {
  for (let index = 1; index < list.size; index += 1)
    if (ordering(call, list.at(index - 1), list.at(index)) > 0) return false;
  return true;
}

function extreme(call: CelCall, list: CelList, name: string, sign: number): CelValue {
  if (list.size === 0) throw new CelEvaluationError(`${name} called on empty list`);
  let found = list.at(0);
  for (const item of list.values()) if (ordering(call, item, found) * sign > 0) found = item;
  return found;
}

/** The sum in the type of the elements: int, uint, double or duration. */
function sum(call: CelCall, list: CelList): CelValue {
  let total: CelValue | undefined;
  for (const item of list.values()) {
    call.spend(1);
    total = total === undefined ? item : add(total, item);
  }
  return total ?? 0n;
}

function add(left: CelValue, right: CelValue): CelValue {
  if (typeof left === "bigint" && typeof right === "bigint") return toInt(left + right);
  if (left instanceof CelUint && right instanceof CelUint) return toUint(left.value + right.value);
  if (left instanceof CelDouble && right instanceof CelDouble) return new CelDouble(left.value + right.value);
  if (left instanceof CelDuration && right instanceof CelDuration)
    return toDuration(left.nanoseconds + right.nanoseconds);
  throw new CelEvaluationError("no such overload: sum() takes lists of int, uint, double or duration");
}

function indexOf(call: CelCall, list: CelList, item: CelValue): bigint {
  for (let index = 0; index < list.size; index += 1) {
    call.spend(1);
    if (equal(list.at(index), item, call)) return BigInt(index);
  }
  return -1n;
}

function lastIndexOf(call: CelCall, list: CelList, item: CelValue): bigint {
  for (let index = list.size - 1; index >= 0; index -= 1) {
    call.spend(1);
    if (equal(list.at(index), item, call)) return BigInt(index);
  }
  return -1n;
}

function slice(call: CelCall, list: CelList, start: bigint, end: bigint): ValueList {
  if (start < 0n || end < 0n)
    throw new CelEvaluationError(`cannot slice(${start}, ${end}), negative indexes not supported`);
  if (start > end)
    throw new CelEvaluationError(`cannot slice(${start}, ${end}), start index must be less than or equal to end index`);
  if (end > list.size) throw new CelEvaluationError(`cannot slice(${start}, ${end}), list is length ${list.size}`);
  call.spend(list.size);
  return new ValueList([...list.values()].slice(Number(start), Number(end)));
}

function flatten(call: CelCall, list: CelList, depth: bigint): readonly CelValue[] {
  if (depth < 0n) throw new CelEvaluationError("level must be non-negative");
  const items: CelValue[] = [];
  for (const item of list.values()) {
    call.spend(1);
    if (isList(item) && depth > 0n) for (const inner of flatten(call, item, depth - 1n)) items.push(inner);
    else items.push(item);
  }
  return items;
}

/** Most scalars are looked up by a key, so that a long list of them costs no more than its length. */
function distinct(call: CelCall, list: CelList): ValueList {
  const scalars = new Set<string | bigint | boolean | null>();
  const kept: CelValue[] = [];
  for (const item of list.values()) {
    call.spend(1);
    const key = scalarKey(item);
    if (key === undefined) {
      if (kept.some((other) => (call.spend(1), equal(other, item, call)))) continue;
    } else if (scalars.has(key)) continue;
    else scalars.add(key);
    kept.push(item);
  }
  return new ValueList(kept);
}

/** A key that equal scalars share, whatever their numeric types (1, 1u and 1.0); undefined for values that have to be compared one by one. */
function scalarKey(value: CelValue): string | bigint | boolean | null | undefined {
  const plain = value instanceof CelUint || value instanceof CelDouble ? value.value : value;
  if (typeof plain === "object" && plain !== null) return undefined;
  if (typeof plain !== "bigint" && typeof plain !== "number") return plain;
  // Beyond the safe integers a double equals several ints.
  return Number.isSafeInteger(Number(plain)) ? BigInt(plain) : undefined;
}

function sorted(call: CelCall, list: CelList): ValueList {
  return new ValueList([...list.values()].sort((a, b) => ordering(call, a, b)));
}

function sortedByKeys(call: CelCall, list: CelList, keys: CelList): ValueList {
  call.spend(list.size);
  const pairs = Array.from(keys.values(), (key, index) => [key, list.at(index)] as const);
  return new ValueList(pairs.sort(([a], [b]) => ordering(call, a, b)).map(([, element]) => element));
}

function range(call: CelCall, count: bigint): ValueList {
  if (count < 0n) throw new CelEvaluationError(`lists.range: size must be non-negative, got ${count}`);
  call.spend(Number(count));
  return new ValueList(Array.from({ length: Number(count) }, (_, index) => BigInt(index)));
}

function edge(list: CelList, index: number): CelOptional {
  return list.size === 0 ? CelOptional.none : new CelOptional(list.at(index));
}

/** Functions on lists: Kubernetes' list library and cel-go's `lists` extension. */
export const listFunctions: readonly CelFunction[] = [
  method("isSorted", ["list(A)"], "bool", isSorted),
  method("sum", ["list(A)"], "A", sum),
  method("min", ["list(A)"], "A", (call, list) => extreme(call, list, "min", -1)),
  method("max", ["list(A)"], "A", (call, list) => extreme(call, list, "max", 1)),
  method("indexOf", ["list(A)", "A"], "int", indexOf),
  method("lastIndexOf", ["list(A)", "A"], "int", lastIndexOf),
  method("slice", ["list(A)", "int", "int"], "list(A)", slice),
  method("flatten", ["list(A)"], "list(dyn)", (call, list) => new ValueList(flatten(call, list, 1n))),
  method("flatten", ["list(A)", "int"], "list(dyn)", (call, list, depth) => new ValueList(flatten(call, list, depth))),
  method("distinct", ["list(A)"], "list(A)", distinct),
  method("sort", ["list(A)"], "list(A)", sorted),
  method(sortByKeys, ["list(A)", "list(B)"], "list(A)", sortedByKeys),
  method("reverse", ["list(A)"], "list(A)", (call, list) => {
    call.spend(list.size);
    return new ValueList([...list.values()].reverse());
  }),
  method("first", ["list(A)"], "optional(A)", (_, list) => edge(list, 0)),
  method("last", ["list(A)"], "optional(A)", (_, list) => edge(list, list.size - 1)),
  overload("lists.range", ["int"], "list(int)", range),
];

function containsAll(call: CelCall, list: CelList, others: CelList): boolean {
  for (const other of others.values()) if (indexOf(call, list, other) === -1n) return false;
  return true;
}

/** cel-go's `sets` extension: lists as sets. */
export const setFunctions: readonly CelFunction[] = [
  overload("sets.contains", ["list(A)", "list(A)"], "bool", containsAll),
  overload(
    "sets.equivalent",
    ["list(A)", "list(A)"],
    "bool",
    (call, a, b) => containsAll(call, a, b) && containsAll(call, b, a),
  ),
  overload("sets.intersects", ["list(A)", "list(A)"], "bool", (call, a, b) => {
    for (const item of b.values()) if (indexOf(call, a, item) !== -1n) return true;
    return false;
  }),
];
