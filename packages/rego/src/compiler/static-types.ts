/** Static types of Rego: what OPA knows of a term before anything runs. */

import { compareNumbers, numberText } from "../values/number.ts";
import { compareStrings, compareValues, isNumber, type Value } from "../values/value.ts";
import { visit } from "../values/work.ts";

export interface ArrayType {
  readonly kind: "array";
  readonly items: readonly Type[];
  /** The type of further items, where there may be any. */
  readonly rest: Type | undefined;
}

export interface ObjectType {
  readonly kind: "object";
  readonly fields: readonly (readonly [Value, Type])[];
  readonly rest: { readonly key: Type; readonly value: Type } | undefined;
}

/** A set; the empty one has no type of members. */
export interface SetType {
  readonly kind: "set";
  readonly of: Type | undefined;
}

/** One of several types; of none: anything. */
export interface AnyType {
  readonly kind: "any";
  readonly of: readonly Type[];
}

export interface FunctionType {
  readonly kind: "function";
  readonly args: readonly Type[];
  /** What arguments and the result are called, where they have names. */
  readonly names?: readonly string[] | undefined;
  readonly variadic: Type | undefined;
  readonly result: Type | undefined;
}

/** A part of a schema that refers to itself; its type is there when the schema is read. */
export interface RecursiveType {
  readonly kind: "recursive";
  readonly name: string;
  type: Type | undefined;
}

export type Type =
  | { readonly kind: "null" | "boolean" | "number" | "string" }
  | ArrayType
  | ObjectType
  | SetType
  | AnyType
  | FunctionType
  | RecursiveType
  /** A part that is not known (yet). */
  | { readonly kind: "unknown" };

export const nullType: Type = { kind: "null" };
export const booleanType: Type = { kind: "boolean" };
export const numberType: Type = { kind: "number" };
export const stringType: Type = { kind: "string" };
export const anything: AnyType = { kind: "any", of: [] };
export const unknownType: Type = { kind: "unknown" };

/** Whether a type admits any value. */
export function isAnything(type: Type): boolean {
  return type.kind === "any" && type.of.length === 0;
}

/** The definition of a recursive type; other types are returned unchanged. */
export function unrolled(type: Type | undefined): Type | undefined {
  let current = type;
  while (current?.kind === "recursive") current = current.type;
  return current;
}

/** Whether a type is that of a collection that can hold nothing. */
export function isEmptyCollection(given: Type | undefined): boolean {
  const type = unrolled(given);
  if (type?.kind === "array") return type.items.length === 0 && type.rest === undefined;
  if (type?.kind === "object") return type.fields.length === 0 && type.rest === undefined;
  return type?.kind === "set" && type.of === undefined;
}

/** Types have parts in common: each is looked at once. */
const withoutEmpty = new WeakMap<Type, Type>();

/** A type with every empty collection in it, however deep, replaced by anything. */
export function withoutEmptyCollections(type: Type): Type {
  if (isEmptyCollection(type)) return anything;
  if (scalarKinds.has(type.kind)) return type;
  let found = withoutEmpty.get(type);
  if (found === undefined) {
    found = partsWithoutEmpty(type);
    withoutEmpty.set(type, found);
  }
  return found;
}

function partsWithoutEmpty(type: Type): Type {
  switch (type.kind) {
    case "object":
      return {
        kind: "object",
        fields: type.fields.map(([key, field]) => [key, withoutEmptyCollections(field)] as const),
        rest: type.rest === undefined ? undefined : { ...type.rest, value: withoutEmptyCollections(type.rest.value) },
      };
    case "array":
      return {
        kind: "array",
        items: type.items.map(withoutEmptyCollections),
        rest: type.rest === undefined ? undefined : withoutEmptyCollections(type.rest),
      };
    case "set":
      return { kind: "set", of: type.of === undefined ? undefined : withoutEmptyCollections(type.of) };
    case "any":
      return { kind: "any", of: type.of.map(withoutEmptyCollections) };
    default:
      return type;
  }
}

/** Types do not change, and have parts in common: what was found out of one is kept. */
const partlyUnknown = new WeakMap<Type, boolean>();

/** Whether a type, or a part of it, is not known. */

export function isUnknown(type: Type | undefined): boolean {
  if (type === undefined || type.kind === "unknown") return true;
  if (scalarKinds.has(type.kind)) return false;
  let known = partlyUnknown.get(type);
  if (known === undefined) {
    known = hasUnknownPart(type);
    partlyUnknown.set(type, known);
  }
  return known;
}

const scalarKinds: ReadonlySet<Type["kind"]> = new Set(["null", "boolean", "number", "string"]);

function hasUnknownPart(type: Type): boolean {
  switch (type.kind) {
    case "array":
      return type.items.some(isUnknown) || (type.rest !== undefined && isUnknown(type.rest));
    case "object":
      return (
        type.fields.some(([, field]) => isUnknown(field)) ||
        (type.rest !== undefined && (isUnknown(type.rest.key) || isUnknown(type.rest.value)))
      );
    case "any":
      return type.of.some(isUnknown);
    case "function":
      return type.args.some(isUnknown) || (type.result !== undefined && isUnknown(type.result));
    case "set":
      return type.of !== undefined && isUnknown(type.of);
    default:
      return false;
  }
}

const order = ["unknown", "null", "boolean", "number", "string", "array", "object", "set", "any", "function"];

/**
 * What was found out of pairs of types while one pair is looked at. Types have parts in common like values, so that without it
 * two of forty doublings would take 2^40 looks.
 */
class Pairs<T> {
  #looks = 0;
  readonly #known: Map<Type, Map<Type, T>> = new Map();

  /** The answer for a pair; pairs are remembered once there are many. */
  get(a: Type, b: Type, find: () => T): T {
    visit(1);
    if (++this.#looks < 64) return find();
    let others = this.#known.get(a);
    if (others === undefined) {
      others = new Map();
      this.#known.set(a, others);
    }
    let answer = others.get(b);
    if (answer === undefined) {
      answer = find();
      others.set(b, answer);
    }
    return answer;
  }
}

/** Orders types; 0 for the same. */
export function compareTypes(a: Type | undefined, b: Type | undefined): number {
  return a === b ? 0 : orderOf(a, b, new Pairs());
}

function orderOf(a: Type | undefined, b: Type | undefined, pairs: Pairs<number>): number {
  if (a === b) return 0;
  if (a?.kind === "recursive" && b?.kind === "recursive") return compareStrings(a.name, b.name);
  const left = unrolled(a) ?? unknownType;
  const right = unrolled(b) ?? unknownType;
  if (left === right) return 0;
  const kinds = order.indexOf(left.kind) - order.indexOf(right.kind);
  if (kinds !== 0) return kinds < 0 ? -1 : 1;
  return scalarKinds.has(left.kind) ? 0 : pairs.get(left, right, () => orderWithinKind(left, right, pairs));
}

function orderWithinKind(left: Type, right: Type, pairs: Pairs<number>): number {
  if (left.kind === "array" && right.kind === "array") {
    return orderOptional(left.rest, right.rest, pairs) || orderAll(left.items, right.items, pairs);
  }
  if (left.kind === "set" && right.kind === "set") return orderOptional(left.of, right.of, pairs);
  if (left.kind === "any" && right.kind === "any") return orderAll(left.of, right.of, pairs);
  if (left.kind === "object" && right.kind === "object") return orderObjects(left, right, pairs);
  if (left.kind === "function" && right.kind === "function") {
    return orderAll(left.args, right.args, pairs) || orderOptional(left.result, right.result, pairs);
  }
  return 0;
}

function orderOptional(a: Type | undefined, b: Type | undefined, pairs: Pairs<number>): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  return orderOf(a, b, pairs);
}

function orderAll(a: readonly Type[], b: readonly Type[], pairs: Pairs<number>): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const each = orderOf(a[index], b[index], pairs);
    if (each !== 0) return each;
  }
  return Math.sign(a.length - b.length);
}

function orderObjects(a: ObjectType, b: ObjectType, pairs: Pairs<number>): number {
  const rests = orderOptional(a.rest?.key, b.rest?.key, pairs) || orderOptional(a.rest?.value, b.rest?.value, pairs);
  if (rests !== 0) return rests;
  for (let index = 0; index < Math.min(a.fields.length, b.fields.length); index++) {
    const [keyA, typeA] = a.fields[index] as readonly [Value, Type]; // as: below both lengths
    const [keyB, typeB] = b.fields[index] as readonly [Value, Type]; // as: below both lengths
    const each = compareValues(keyA, keyB) || orderOf(typeA, typeB, pairs);
    if (each !== 0) return each;
  }
  return Math.sign(a.fields.length - b.fields.length);
}

/** The union of two types. */
export function union(a: Type | undefined, b: Type | undefined): Type | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  if (a.kind === "function" || b.kind === "function") return a.kind === b.kind ? a : undefined;
  if (isAnything(a) || isAnything(b)) return anything;
  if (a.kind !== "any" && b.kind !== "any" && compareTypes(a, b) === 0) return a;
  const members: Type[] = [];
  for (const each of [...(a.kind === "any" ? a.of : [a]), ...(b.kind === "any" ? b.of : [b])]) {
    if (!members.some((member) => compareTypes(member, each) === 0)) members.push(each);
  }
  members.sort(compareTypes);
  return members.length === 1 ? members[0] : { kind: "any", of: members };
}

/** The type of what may be enumerated as keys; undefined where nothing can be. */
export function keysOf(given: Type | undefined): Type | undefined {
  const type = unrolled(given);
  switch (type?.kind) {
    case "array":
      return numberType;
    case "set":
      return type.of ?? unknownType;
    case "object": {
      let keys: Type | undefined;
      for (const [key] of type.fields) keys = union(keys, typeOfScalar(key));
      if (type.rest !== undefined) keys = union(keys, type.rest.key);
      return keys;
    }
    case "any": {
      if (isAnything(type)) return anything;
      let keys: Type | undefined;
      for (const each of type.of) keys = union(keysOf(each), keys);
      return keys;
    }
    default:
      return undefined;
  }
}

/** The type of what may be enumerated as values; undefined where nothing can be. */
export function valuesOf(given: Type | undefined): Type | undefined {
  const type = unrolled(given);
  switch (type?.kind) {
    case "array": {
      let values: Type | undefined;
      for (const item of type.items) values = union(values, item);
      return union(values, type.rest);
    }
    case "set":
      return type.of ?? unknownType;
    case "object": {
      let values: Type | undefined;
      for (const [, field] of type.fields) values = union(values, field);
      return union(values, type.rest?.value);
    }
    case "any": {
      if (isAnything(type)) return anything;
      let values: Type | undefined;
      for (const each of type.of) values = union(valuesOf(each), values);
      return values;
    }
    default:
      return undefined;
  }
}

/** The type under a constant key; undefined where there is none. */
export function select(given: Type | undefined, key: Value): Type | undefined {
  const type = unrolled(given);
  switch (type?.kind) {
    case "array": {
      // Only a plain position selects an item: `1.0` is none.
      if (!isNumber(key) || !/^-?\d+$/.test(numberText(key))) return undefined;
      if (compareNumbers(key, 0) < 0) return undefined;
      const item = typeof key === "number" ? type.items[key] : undefined;
      return item ?? type.rest;
    }
    case "object": {
      const field = type.fields.find(([name]) => compareValues(name, key) === 0);
      if (field !== undefined) return field[1];
      if (type.rest !== undefined && containsType(type.rest.key, typeOfScalar(key))) return type.rest.value;
      return undefined;
    }
    case "set": {
      const of = typeOfScalar(key);
      return type.of !== undefined && containsType(type.of, of) ? of : undefined;
    }
    case "any": {
      if (isAnything(type)) return anything;
      let found: Type | undefined;
      for (const each of type.of) found = union(select(each, key), found);
      return found;
    }
    default:
      return undefined;
  }
}

function containsType(type: Type, other: Type): boolean {
  if (type.kind === "any") return type.of.length === 0 || type.of.some((each) => compareTypes(each, other) === 0);
  return compareTypes(type, other) === 0;
}

/** The type of a constant. */
export function typeOfScalar(value: Value): Type {
  if (value === null) return nullType;
  if (typeof value === "boolean") return booleanType;
  if (typeof value === "string") return stringType;
  if (isNumber(value)) return numberType;
  return anything;
}

/** Whether a value could be of both types. */
export function unifies(a: Type | undefined, b: Type | undefined): boolean {
  return a !== undefined && b !== undefined && (a === b || unify(a, b, new Pairs()));
}

function unify(a: Type | undefined, b: Type | undefined, pairs: Pairs<boolean>): boolean {
  if (a === undefined || b === undefined) return false;
  if (a.kind === "recursive" || b.kind === "recursive") {
    // Of two that refer to themselves the end is never seen: they may be the same.
    return (a.kind === "recursive" && b.kind === "recursive") || unify(unrolled(a), unrolled(b), pairs);
  }
  // What is not known may be anything.
  if (a === b || a.kind === "unknown" || b.kind === "unknown") return true;
  if (scalarKinds.has(a.kind) && scalarKinds.has(b.kind)) return a.kind === b.kind;
  return pairs.get(a, b, () => unifyParts(a, b, pairs));
}

function unifyParts(a: Type, b: Type, pairs: Pairs<boolean>): boolean {
  if (a.kind === "any") return isAnything(a) || a.of.some((each) => unify(each, b, pairs));
  if (b.kind === "any") return isAnything(b) || b.of.some((each) => unify(a, each, pairs));
  if (a.kind === "array" && b.kind === "array") return unifyArrays(a, b, pairs);
  if (a.kind === "object" && b.kind === "object") return unifyObjects(a, b, pairs);
  if (a.kind === "set" && b.kind === "set") return a.of === undefined || b.of === undefined || unify(a.of, b.of, pairs);
  if (a.kind === "function" && b.kind === "function") {
    if (a.args.length !== b.args.length) return false;
    // As in OPA, results are not compared.
    return a.args.every((arg, index) => unify(arg, b.args[index], pairs));
  }
  return a.kind === b.kind;
}

function unifyArrays(a: ArrayType, b: ArrayType, pairs: Pairs<boolean>): boolean {
  const length = Math.max(a.items.length, b.items.length);
  for (let index = 0; index < length; index++)
    if (!unify(a.items[index] ?? a.rest, b.items[index] ?? b.rest, pairs)) return false;
  return a.rest === undefined || b.rest === undefined || unify(a.rest, b.rest, pairs);
}

/** As in OPA, the types of keys are not compared. */
function unifyObjects(a: ObjectType, b: ObjectType, pairs: Pairs<boolean>): boolean {
  const open = a.rest !== undefined || b.rest !== undefined;
  for (const [key, field] of a.fields) {
    const other = select(b, key);
    if (other === undefined ? !open : !unify(field, other, pairs)) return false;
  }
  for (const [key, field] of b.fields) {
    // Both have most keys: those pairs were looked at.
    if (hasField(a, key)) continue;
    const other = select(a, key);
    if (other === undefined ? !open : !unify(field, other, pairs)) return false;
  }
  return a.rest === undefined || b.rest === undefined || unify(a.rest.value, b.rest.value, pairs);
}

function hasField(type: ObjectType, key: Value): boolean {
  return type.fields.some(([name]) => compareValues(name, key) === 0);
}
