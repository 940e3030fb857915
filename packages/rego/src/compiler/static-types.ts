/** Static types of Rego: what OPA knows of a term before anything runs. */

import { compareNumbers, numberText } from "../values/number.ts";
import { compareValues, isNumber, type Value } from "../values/value.ts";

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
  readonly variadic: Type | undefined;
  readonly result: Type | undefined;
}

export type Type =
  | { readonly kind: "null" | "boolean" | "number" | "string" }
  | ArrayType
  | ObjectType
  | SetType
  | AnyType
  | FunctionType
  /** A part that is not known (yet). */
  | { readonly kind: "unknown" };

export const nullType: Type = { kind: "null" };
export const booleanType: Type = { kind: "boolean" };
export const numberType: Type = { kind: "number" };
export const stringType: Type = { kind: "string" };
export const anything: AnyType = { kind: "any", of: [] };
export const unknownType: Type = { kind: "unknown" };

/** Whether a type says nothing at all. */
export function isAnything(type: Type): boolean {
  return type.kind === "any" && type.of.length === 0;
}

/** Whether a type, or a part of it, is not known. */
export function isUnknown(type: Type | undefined): boolean {
  if (type === undefined) return true;
  switch (type.kind) {
    case "unknown":
      return true;
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

/** Orders types; 0 for the same. */
export function compareTypes(a: Type | undefined, b: Type | undefined): number {
  if (a === b) return 0;
  const left = a ?? unknownType;
  const right = b ?? unknownType;
  const kinds = order.indexOf(left.kind) - order.indexOf(right.kind);
  if (kinds !== 0) return kinds < 0 ? -1 : 1;
  if (left.kind === "array" && right.kind === "array") {
    return compareOptional(left.rest, right.rest) || compareAll(left.items, right.items);
  }
  if (left.kind === "set" && right.kind === "set") return compareOptional(left.of, right.of);
  if (left.kind === "any" && right.kind === "any") return compareAll(left.of, right.of);
  if (left.kind === "object" && right.kind === "object") return compareObjectTypes(left, right);
  if (left.kind === "function" && right.kind === "function") {
    return compareAll(left.args, right.args) || compareOptional(left.result, right.result);
  }
  return 0;
}

function compareOptional(a: Type | undefined, b: Type | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  return compareTypes(a, b);
}

function compareAll(a: readonly Type[], b: readonly Type[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const each = compareTypes(a[index], b[index]);
    if (each !== 0) return each;
  }
  return Math.sign(a.length - b.length);
}

function compareObjectTypes(a: ObjectType, b: ObjectType): number {
  const rests = compareOptional(a.rest?.key, b.rest?.key) || compareOptional(a.rest?.value, b.rest?.value);
  if (rests !== 0) return rests;
  for (let index = 0; index < Math.min(a.fields.length, b.fields.length); index++) {
    const [keyA, typeA] = a.fields[index] as readonly [Value, Type];
    const [keyB, typeB] = b.fields[index] as readonly [Value, Type];
    const each = compareValues(keyA, keyB) || compareTypes(typeA, typeB);
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
export function keysOf(type: Type | undefined): Type | undefined {
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
export function valuesOf(type: Type | undefined): Type | undefined {
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
export function select(type: Type | undefined, key: Value): Type | undefined {
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
  if (a === undefined || b === undefined) return false;
  // What is not known may be anything.
  if (a.kind === "unknown" || b.kind === "unknown") return true;
  if (a.kind === "any") return isAnything(a) || a.of.some((each) => unifies(each, b));
  if (b.kind === "any") return isAnything(b) || b.of.some((each) => unifies(a, each));
  if (a.kind === "array" && b.kind === "array") return unifiesArrays(a, b);
  if (a.kind === "object" && b.kind === "object") return unifiesObjects(a, b);
  if (a.kind === "set" && b.kind === "set") return a.of === undefined || b.of === undefined || unifies(a.of, b.of);
  if (a.kind === "function" && b.kind === "function") {
    if (a.args.length !== b.args.length) return false;
    return unifies(a.result, b.result) && a.args.every((arg, index) => unifies(arg, b.args[index]));
  }
  return a.kind === b.kind;
}

function unifiesArrays(a: ArrayType, b: ArrayType): boolean {
  if (!unifiesItems(a, b) || !unifiesItems(b, a)) return false;
  return a.rest === undefined || b.rest === undefined || unifies(a.rest, b.rest);
}

function unifiesItems(a: ArrayType, b: ArrayType): boolean {
  return a.items.every((item, index) => {
    const other = b.items[index] ?? b.rest;
    return other !== undefined && unifies(item, other);
  });
}

/** As in OPA, the types of keys are not compared. */
function unifiesObjects(a: ObjectType, b: ObjectType): boolean {
  if (!unifiesFields(a, b) || !unifiesFields(b, a)) return false;
  return a.rest === undefined || b.rest === undefined || unifies(a.rest.value, b.rest.value);
}

function unifiesFields(a: ObjectType, b: ObjectType): boolean {
  const open = a.rest !== undefined || b.rest !== undefined;
  return a.fields.every(([key, field]) => {
    const other = select(b, key);
    return other === undefined ? open : unifies(field, other);
  });
}
