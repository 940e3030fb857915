import { CelEvaluationError } from "../cel-error.ts";
import { compare, equal } from "../equality.ts";
import { CelDouble, CelOptional, CelUint, ValueList, type CelList, type CelMap, type CelValue } from "../values.ts";
import { noOverload, overload, type CelCall, type CelFunction } from "./define.ts";
import { toInt, toUint } from "./integers.ts";
import { toDuration, toTimestamp } from "./times.ts";

function divisor(value: bigint, what: string): bigint {
  if (value === 0n) throw new CelEvaluationError(what);
  return value;
}

const arithmetic: readonly CelFunction[] = [
  overload("_+_", ["int", "int"], "int", (_, a, b) => toInt(a + b)),
  overload("_+_", ["uint", "uint"], "uint", (_, a, b) => toUint(a.value + b.value)),
  overload("_+_", ["double", "double"], "double", (_, a, b) => new CelDouble(a.value + b.value)),
  overload("_+_", ["string", "string"], "string", (call, a, b) => {
    call.spend((a.length + b.length) / 10);
    return a + b;
  }),
  overload("_+_", ["bytes", "bytes"], "bytes", (call, a, b) => {
    call.spend((a.length + b.length) / 10);
    const joined = new Uint8Array(a.length + b.length);
    joined.set(a);
    joined.set(b, a.length);
    return joined;
  }),
  overload("_+_", ["list(A)", "list(A)"], "list(A)", (call, a, b) => {
    call.spend(a.size + b.size);
    return new ValueList([...a.values(), ...b.values()]);
  }),
  overload("_+_", ["timestamp", "duration"], "timestamp", (_, a, b) => toTimestamp(a.nanoseconds + b.nanoseconds)),
  overload("_+_", ["duration", "timestamp"], "timestamp", (_, a, b) => toTimestamp(a.nanoseconds + b.nanoseconds)),
  overload("_+_", ["duration", "duration"], "duration", (_, a, b) => toDuration(a.nanoseconds + b.nanoseconds)),
  overload("_-_", ["int", "int"], "int", (_, a, b) => toInt(a - b)),
  overload("_-_", ["uint", "uint"], "uint", (_, a, b) => toUint(a.value - b.value)),
  overload("_-_", ["double", "double"], "double", (_, a, b) => new CelDouble(a.value - b.value)),
  overload("_-_", ["timestamp", "timestamp"], "duration", (_, a, b) => toDuration(a.nanoseconds - b.nanoseconds)),
  overload("_-_", ["timestamp", "duration"], "timestamp", (_, a, b) => toTimestamp(a.nanoseconds - b.nanoseconds)),
  overload("_-_", ["duration", "duration"], "duration", (_, a, b) => toDuration(a.nanoseconds - b.nanoseconds)),
  overload("_*_", ["int", "int"], "int", (_, a, b) => toInt(a * b)),
  overload("_*_", ["uint", "uint"], "uint", (_, a, b) => toUint(a.value * b.value)),
  overload("_*_", ["double", "double"], "double", (_, a, b) => new CelDouble(a.value * b.value)),
  overload("_/_", ["int", "int"], "int", (_, a, b) => toInt(a / divisor(b, "division by zero"))),
  overload("_/_", ["uint", "uint"], "uint", (_, a, b) => new CelUint(a.value / divisor(b.value, "division by zero"))),
  overload("_/_", ["double", "double"], "double", (_, a, b) => new CelDouble(a.value / b.value)),
  overload("_%_", ["int", "int"], "int", (_, a, b) => {
    // The quotient of the least int and -1 does not fit, which is an error for the remainder, too.
    toInt(a / divisor(b, "modulus by zero"));
    return a % b;
  }),
  overload("_%_", ["uint", "uint"], "uint", (_, a, b) => new CelUint(a.value % divisor(b.value, "modulus by zero"))),
  overload("-_", ["int"], "int", (_, a) => toInt(-a)),
  overload("-_", ["double"], "double", (_, a) => new CelDouble(-a.value)),
  overload("!_", ["bool"], "bool", (_, a) => !a),
];

const ordered = ["bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration"] as const;
const numeric = ["int", "uint", "double"] as const;

const comparisons: readonly CelFunction[] = (
  [
    ["_<_", (order: number) => order < 0],
    ["_<=_", (order: number) => order <= 0],
    ["_>_", (order: number) => order > 0],
    ["_>=_", (order: number) => order >= 0],
  ] as const
).flatMap(([name, holds]) => {
  const ask = (call: CelCall, a: CelValue, b: CelValue): boolean => {
    if (typeof a === "string" && typeof b === "string") call.spend(Math.min(a.length, b.length) / 10);
    const order = compare(a, b);
    if (order === undefined) throw noOverload(name, [a, b]);
    return holds(order);
  };
  const mixed = numeric.flatMap((a) => numeric.filter((b) => b !== a).map((b) => overload(name, [a, b], "bool", ask)));
  return [...ordered.map((type) => overload(name, [type, type], "bool", ask)), ...mixed];
});

/** Equality and membership take any types: the checker wants them alike, the evaluation does not. */
const equality: readonly CelFunction[] = [
  overload("_==_", ["A", "A"], "bool", (call, a, b) => areEqual(call, a, b)),
  overload("_!=_", ["A", "A"], "bool", (call, a, b) => !areEqual(call, a, b)),
  overload("@in", ["A", "list(A)"], "bool", (call, item, list) => inList(call, item, list)),
  overload("@in", ["A", "map(A, B)"], "bool", (_, key, map) => map.get(key) !== undefined),
];

function areEqual(call: CelCall, a: CelValue, b: CelValue): boolean {
  if (typeof a === "string" && typeof b === "string") call.spend(Math.min(a.length, b.length) / 10);
  return equal(a, b, call);
}

function inList(call: CelCall, item: CelValue, list: CelList): boolean {
  for (const other of list.values()) {
    call.spend(1);
    if (equal(item, other, call)) return true;
  }
  return false;
}

const indexing: readonly CelFunction[] = [
  overload("_[_]", ["list(A)", "int"], "A", (_, list, index) => itemAt(list, index)),
  overload("_[_]", ["list(A)", "uint"], "A", (_, list, index) => itemAt(list, index.value)),
  overload("_[_]", ["list(A)", "double"], "A", (_, list, index) => itemAt(list, index.value)),
  overload("_[_]", ["map(A, B)", "A"], "B", (_, map, key) => valueAt(map, key)),
  overload("_[_]", ["optional(list(A))", "int"], "optional(A)", (_, held, index) => through(held, index)),
  overload("_[_]", ["optional(map(A, B))", "A"], "optional(B)", (_, held, key) => through(held, key)),
  overload("_[?_]", ["list(A)", "int"], "optional(A)", (_, list, index) => optionalAt(list, index)),
  overload("_[?_]", ["map(A, B)", "A"], "optional(B)", (_, map, key) => new CelOptional(map.get(key))),
  overload("_[?_]", ["optional(list(A))", "int"], "optional(A)", (_, held, index) => through(held, index)),
  overload("_[?_]", ["optional(map(A, B))", "A"], "optional(B)", (_, held, key) => through(held, key)),
];

function itemAt(list: CelList, index: bigint | number): CelValue {
  const at = Number(index);
  if (!Number.isInteger(at)) throw new CelEvaluationError("unsupported index value: not a whole number");
  if (at < 0 || at >= list.size) throw new CelEvaluationError(`index out of bounds: ${index}`);
  return list.at(at);
}

function valueAt(map: CelMap, key: CelValue): CelValue {
  const value = map.get(key);
  if (value === undefined) throw noSuchKey(key);
  return value;
}

function optionalAt(list: CelList, index: bigint): CelOptional {
  return index < 0n || index >= BigInt(list.size) ? CelOptional.none : new CelOptional(list.at(Number(index)));
}

/** Indexing what is optional: none stays none, what is not there is none, and what has no parts has none there. */
function through(held: CelOptional, key: CelValue): CelOptional {
  const { value } = held;
  if (value === undefined) return CelOptional.none;
  if (typeof value === "object" && value !== null && "kind" in value) {
    if (value.kind === "map") return new CelOptional(value.get(key));
    if (typeof key === "bigint") return optionalAt(value, key);
  }
  if (hasNoParts(value)) return CelOptional.none;
  throw noOverload("_[?_]", [value, key]);
}

/** Whether a value is null, a number, a text: nothing that can be indexed. */
export function hasNoParts(value: CelValue | undefined): boolean {
  return value === null || typeof value !== "object";
}

/** The error of a missing key or field. */
export function noSuchKey(key: CelValue): CelEvaluationError {
  return new CelEvaluationError(`no such key: ${typeof key === "string" ? key : printKey(key)}`);
}

function printKey(key: CelValue): string {
  if (key instanceof CelUint || key instanceof CelDouble) return String(key.value);
  return typeof key === "bigint" || typeof key === "boolean" ? String(key) : "a key of another type";
}

/** The operators of the language, under the names that the parser gives them. */
export const operatorFunctions: readonly CelFunction[] = [...arithmetic, ...comparisons, ...equality, ...indexing];
