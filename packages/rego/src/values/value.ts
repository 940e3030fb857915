/**
 * Values of Rego. Documents from outside (`input`, `data`) are used as they are: plain JavaScript values; sets, and objects
 * that a policy makes, are instances of classes here, so that any value may be a member or a key.
 */

import { compareNumbers, MadeValue, numberKey, RegoNumber, type NumberValue } from "./number.ts";
import { grow, growing, keepText, visit, visitText } from "./work.ts";

/** Any value of Rego. */
export type Value =
  | null
  | boolean
  | number
  | string
  | RegoNumber
  | readonly Value[]
  | RegoSet
  | RegoObject
  | PlainObject;

/** An object as JSON has it: string keys only. */
export interface PlainObject {
  readonly [key: string]: Value;
}

/** A map key for a value: equal for equal values, different for different ones. */
export type HashKey = string | number | boolean | null;

/** The names of types, as `type_name` gives them. */
export type TypeName = "null" | "boolean" | "number" | "string" | "array" | "object" | "set";

/** Collections with fewer members than these are searched one by one, which is quicker than keys of collections and needs no map. */
const mostListed = 8;

const nothingListed: never[] = [];

/** A set of values. Built by `add`, read-only afterwards. */
export class RegoSet extends MadeValue {
  #list: Value[] = nothingListed;
  /** By key, as soon as there are more than a few members. */
  #members: Map<HashKey, Value> | undefined;
  #sorted: readonly Value[] | undefined;
  #key: string | undefined;

  static of(values: Iterable<Value>): RegoSet {
    const set = new RegoSet();
    for (const value of values) set.add(value);
    return set;
  }

  get size(): number {
    return this.#list.length;
  }

  /** Adds a member; false when it was there. */
  add(value: Value): boolean {
    if (this.#members === undefined && this.#list.length < mostListed) {
      if (this.#find(value) !== undefined) return false;
    } else {
      this.#members ??= new Map(this.#list.map((member) => [hashKey(member), member]));
      const key = hashKey(value);
      if (this.#members.has(key)) return false;
      if (typeof key === "string" && typeof value === "object") keepText(key.length);
      this.#members.set(key, value);
    }
    // Written out, a list has room for one; one that grows has it for seventeen.
    if (this.#list.length === 0) this.#list = [value];
    else this.#list.push(value);
    this.#sorted = undefined;
    this.#key = undefined;
    return true;
  }

  #find(value: Value): Value | undefined {
    for (const member of this.#list) if (equalValues(member, value)) return member;
    return undefined;
  }

  has(value: Value): boolean {
    return this.member(value) !== undefined;
  }

  /** The member that equals a value, as it was added. */
  member(value: Value): Value | undefined {
    return this.#members === undefined ? this.#find(value) : this.#members.get(hashKey(value));
  }

  /** All members in Rego's order. */
  sorted(): readonly Value[] {
    this.#sorted ??= this.#list.length < 2 ? this.#list : [...this.#list].sort(compareValues);
    return this.#sorted;
  }

  /** All members in no particular order. */
  members(): Iterable<Value> {
    return this.#list;
  }

  key(): string {
    this.#key ??= keptKey(() => {
      visit(1 + this.#list.length);
      grow(2 + this.#list.length);
      return `\0{${this.sorted().map(nestedKey).join(",")}}`;
    });
    return this.#key;
  }
}

/** An object whose keys may be any values. Built by `set`, read-only afterwards. */
export class RegoObject extends MadeValue {
  /** Hashes and values in turns. */
  #list: (HashKey | Value)[] = nothingListed;
  /** Where each hash stands, as soon as there are more than a few. */
  #places: Map<HashKey, number> | undefined;
  #keys: Map<HashKey, Value> | undefined;
  #sorted: readonly Value[] | undefined;
  #key: string | undefined;

  static of(entries: Iterable<readonly [Value, Value]>): RegoObject {
    const object = new RegoObject();
    for (const [key, value] of entries) object.set(key, value);
    return object;
  }

  get size(): number {
    return this.#list.length / 2;
  }

  get(key: Value): Value | undefined {
    const place = this.#placeOf(hashKey(key));
    return place === undefined ? undefined : this.#list[place + 1];
  }

  #placeOf(hash: HashKey): number | undefined {
    if (this.#places !== undefined) return this.#places.get(hash);
    for (let place = 0; place < this.#list.length; place += 2) if (this.#list[place] === hash) return place;
    return undefined;
  }

  set(key: Value, value: Value): void {
    const hash = hashKey(key);
    const place = this.#placeOf(hash);
    this.#sorted = undefined;
    this.#key = undefined;
    // A key that is there keeps its spelling.
    if (place !== undefined) {
      this.#list[place + 1] = value;
      return;
    }
    if (hash !== key) {
      this.#keys ??= new Map();
      if (typeof hash === "string" && typeof key === "object") keepText(hash.length);
      this.#keys.set(hash, key);
    }
    if (this.#list.length === 0) this.#list = [hash, value];
    else this.#list.push(hash, value);
    if (this.#places !== undefined) this.#places.set(hash, this.#list.length - 2);
    else if (this.size > mostListed) this.#index();
  }

  #index(): void {
    const places = new Map<HashKey, number>();
    for (let place = 0; place < this.#list.length; place += 2) places.set(this.#list[place] as HashKey, place); // as: hashes and values in turns
    this.#places = places;
  }

  /** All keys in Rego's order. */
  sortedKeys(): readonly Value[] {
    if (this.#sorted === undefined) {
      const keys: Value[] = [];
      for (let place = 0; place < this.#list.length; place += 2) {
        const hash = this.#list[place] as HashKey; // as: hashes and values in turns
        keys.push(this.#keys?.get(hash) ?? hash);
      }
      this.#sorted = keys.length < 2 ? keys : keys.sort(compareValues);
    }
    return this.#sorted;
  }

  key(): string {
    this.#key ??= keptKey(() => {
      visit(1 + this.size);
      grow(2 + 2 * this.size);
      const parts = this.sortedKeys().map((key) => `${nestedKey(key)}:${nestedKey(this.get(key) as Value)}`); // as: each key has a value
      return `\0o${parts.join(",")}}`;
    });
    return this.#key;
  }
}

/** An array of Rego. */
export function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** An object, whichever way it is held. */
export type ObjectValue = RegoObject | PlainObject;

/** Whether a value is an object of Rego. */
export function isObject(value: Value): value is ObjectValue {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    (!(value instanceof MadeValue) || value instanceof RegoObject)
  );
}

/** Whether a value is a number of Rego. */
export function isNumber(value: Value): value is NumberValue {
  return typeof value === "number" || value instanceof RegoNumber;
}

/** The type of a value; throws a TypeError for values that JSON does not have. */
export function typeName(value: Value): TypeName {
  switch (typeof value) {
    case "string":
      return "string";
    case "number":
      return "number";
    case "boolean":
      return "boolean";
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return "array";
      if (value instanceof RegoSet) return "set";
      if (value instanceof RegoNumber) return "number";
      return "object";
    default:
      throw new TypeError(`a document holds a ${typeof value}, which is no JSON value`);
  }
}

/** The value under a key of an object, or undefined. */
export function objectGet(object: ObjectValue, key: Value): Value | undefined {
  if (object instanceof RegoObject) return object.get(key);
  return typeof key === "string" && Object.hasOwn(object, key) ? object[key] : undefined;
}

const sortedPlainKeys = new WeakMap<object, readonly string[]>();

/** The keys of an object in Rego's order. */
export function objectKeys(object: ObjectValue): readonly Value[] {
  if (object instanceof RegoObject) return object.sortedKeys();
  let keys = sortedPlainKeys.get(object);
  if (keys === undefined) {
    const own = Object.keys(object);
    visit(own.length);
    const present = own.every((key) => object[key] !== undefined)
      ? own
      : own.filter((key) => object[key] !== undefined);
    keys = isSortedText(present) ? present : present.sort(compareStrings);
    // Documents belong to the caller, who may change them between queries: only what cannot change is kept.
    if (keys.length > 8 && Object.isFrozen(object)) sortedPlainKeys.set(object, keys);
  }
  return keys;
}

function isSortedText(keys: readonly string[]): boolean {
  for (let index = 1; index < keys.length; index++) {
    if (compareStrings(keys[index - 1] as string, keys[index] as string) > 0) return false; // as: both below the length
  }
  return true;
}

/** The keys and values of an object in Rego's order. */
export function objectEntries(object: ObjectValue): (readonly [key: Value, value: Value])[] {
  // Each key that is listed has a value.
  return objectKeys(object).map((key) => [key, objectGet(object, key) as Value]);
}

/** How many keys an object has. */
export function objectSize(object: ObjectValue): number {
  if (object instanceof RegoObject) return object.size;
  const keys = Object.keys(object);
  visit(keys.length);
  let size = 0;
  for (const key of keys) if (object[key] !== undefined) size++;
  return size;
}

/** Compares two texts by code point, which is also the order of their UTF-8. */
export function compareStrings(left: string, right: string): number {
  if (left === right) return 0;
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) {
      visitText(index);
      // Surrogates stand for code points above all others.
      const high = (code: number): number => (code >= 0xd800 && code <= 0xdfff ? code + 0x10000 : code);
      return high(a) < high(b) ? -1 : 1;
    }
  }
  visitText(length);
  return left.length < right.length ? -1 : 1;
}

function rank(value: Value): number {
  switch (typeof value) {
    case "boolean":
      return 1;
    case "number":
      return 2;
    case "string":
      return 3;
    default:
      if (value === null) return 0;
      if (Array.isArray(value)) return 4;
      if (value instanceof RegoNumber) return 2;
      return value instanceof RegoSet ? 6 : 5;
  }
}

/** Rego's order over all values: null, booleans, numbers, strings, arrays, objects, sets. */
export function compareValues(left: Value, right: Value): number {
  if (left === right) return 0;
  if (typeof left === "string" && typeof right === "string") return compareStrings(left, right);
  const ranks = rank(left) - rank(right);
  if (ranks !== 0) return ranks < 0 ? -1 : 1;
  switch (rank(left)) {
    case 1:
      return left === false ? -1 : 1;
    case 2:
      return compareNumbers(left as NumberValue, right as NumberValue); // as: by the ranks
    case 4:
      return compareLists(left as readonly Value[], right as readonly Value[]); // as: by the ranks
    case 5:
      return compareObjects(left as ObjectValue, right as ObjectValue); // as: by the ranks
    case 6:
      return compareLists((left as RegoSet).sorted(), (right as RegoSet).sorted()); // as: by the ranks
    default:
      return 0;
  }
}

function compareLists(left: readonly Value[], right: readonly Value[]): number {
  const length = Math.min(left.length, right.length);
  visit(1);
  for (let index = 0; index < length; index++) {
    visit(1);
    const order = compareValues(left[index] as Value, right[index] as Value); // as: below both lengths
    if (order !== 0) return order;
  }
  return Math.sign(left.length - right.length);
}

function compareObjects(left: ObjectValue, right: ObjectValue): number {
  const a = objectKeys(left);
  const b = objectKeys(right);
  const length = Math.min(a.length, b.length);
  visit(1);
  for (let index = 0; index < length; index++) {
    visit(2);
    const [key, other] = [a[index] as Value, b[index] as Value]; // as: below both lengths
    const keys = compareValues(key, other);
    if (keys !== 0) return keys;
    const values = compareValues(objectGet(left, key) as Value, objectGet(right, other) as Value); // as: each key has a value
    if (values !== 0) return values;
  }
  return Math.sign(a.length - b.length);
}

/** Whether two values are the same value. */
export function equalValues(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null)
    return (left instanceof RegoNumber || right instanceof RegoNumber) && compareValues(left, right) === 0;
  if (isArray(left)) return isArray(right) && equalLists(left, right);
  if (left instanceof RegoNumber || right instanceof RegoNumber || isArray(right))
    return compareValues(left, right) === 0;
  if (left instanceof RegoSet || right instanceof RegoSet)
    return left instanceof RegoSet && right instanceof RegoSet && left.size === right.size && equalSets(left, right);
  return equalObjects(left, right);
}

/** The same for members of collections, of which there may be many: long texts have their price. */
function equalMembers(left: Value, right: Value): boolean {
  visit(1);
  if (typeof left === "string" && typeof right === "string" && left.length === right.length) visitText(left.length);
  return equalValues(left, right);
}

function equalLists(left: readonly Value[], right: readonly Value[]): boolean {
  if (left.length !== right.length) return false;
  visit(1);
  for (let index = 0; index < left.length; index++)
    if (!equalMembers(left[index] as Value, right[index] as Value)) return false; // as: below both lengths
  return true;
}

function equalSets(left: RegoSet, right: RegoSet): boolean {
  visit(1 + left.size);
  for (const member of left.members()) if (!right.has(member)) return false;
  return true;
}

function equalObjects(left: ObjectValue, right: ObjectValue): boolean {
  const [object, other] = left instanceof RegoObject ? [right, left] : [left, right];
  visit(1);
  if (object instanceof RegoObject) {
    if (object.size !== other.size) return false;
    for (const key of object.sortedKeys()) if (!hasEqual(other, key, object.get(key))) return false;
    return true;
  }
  let count = 0;
  for (const key of Object.keys(object)) {
    const value = object[key];
    if (value === undefined) continue;
    if (!hasEqual(other, key, value)) return false;
    count++;
  }
  return count === objectSize(other);
}

function hasEqual(object: ObjectValue, key: Value, value: Value | undefined): boolean {
  const other = objectGet(object, key);
  return other !== undefined && value !== undefined && equalMembers(other, value);
}

/** The key of a value in maps. */
export function hashKey(value: Value): HashKey {
  switch (typeof value) {
    case "string":
      return value.charCodeAt(0) === 0 ? `\0s${value}` : value;
    case "number":
    case "boolean":
      return value;
    default:
      if (value === null) return null;
      if (value instanceof RegoNumber) return numberKey(value);
      return keyOfCollection(value);
  }
}

function keyOfCollection(value: Value): string {
  // Sets and objects keep their keys, the others make them anew.
  if (value instanceof RegoSet || value instanceof RegoObject) return value.key();
  return growing(() => compositeKey(value));
}

/** Makes the key of a set or an object, which stays as long as it does. */
function keptKey(make: () => string): string {
  const key = growing(make);
  keepText(key.length);
  return key;
}

function compositeKey(value: Value): string {
  if (value instanceof RegoSet || value instanceof RegoObject) {
    const key = value.key();
    grow(key.length);
    return key;
  }
  if (isArray(value)) {
    visit(1 + value.length);
    grow(2 + value.length);
    return `\0[${value.map(nestedKey).join(",")}]`;
  }
  if (!isObject(value)) throw new TypeError(`a document holds a ${typeof value}, which is no JSON value`);
  const members = objectEntries(value);
  visit(1 + members.length);
  grow(2 + 2 * members.length);
  const parts = members.map(([key, member]) => `${nestedKey(key)}:${nestedKey(member)}`);
  return `\0o${parts.join(",")}}`;
}

function nestedKey(value: Value): string {
  switch (typeof value) {
    case "string":
      visitText(value.length);
      grow(value.length);
      return JSON.stringify(value);
    case "number":
    case "boolean":
      grow(4);
      return String(value);
    default: {
      if (value === null) return "null";
      if (value instanceof RegoNumber) return String(numberKey(value));
      return compositeKey(value);
    }
  }
}
