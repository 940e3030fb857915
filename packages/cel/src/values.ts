import { CelEvaluationError, CelLimitError } from "./cel-error.ts";

/**
 * A CEL value. `int` is a bigint, so that it differs from a double with an integral value; strings are JavaScript strings, with lengths and indexes
 * in code points.
 */
export type CelValue =
  | null
  | boolean
  | bigint
  | string
  | Uint8Array
  | CelUint
  | CelDouble
  | CelList
  | CelMap
  | CelTimestamp
  | CelDuration
  | CelTypeValue
  | CelOptional
  | CelObject;

/** An unsigned 64-bit integer. */
export class CelUint {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

/** A double, boxed so that `1.0` differs from the int `1`. */
export class CelDouble {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** A point in time: nanoseconds since 1970-01-01T00:00:00Z, from year 1 to year 9999. */
export class CelTimestamp {
  readonly nanoseconds: bigint;
  constructor(nanoseconds: bigint) {
    this.nanoseconds = nanoseconds;
  }
}

/** A signed span of nanoseconds that fits 64 bits. */
export class CelDuration {
  readonly nanoseconds: bigint;
  constructor(nanoseconds: bigint) {
    this.nanoseconds = nanoseconds;
  }
}

/** A type as a value: what `type(1)` and the name `int` evaluate to. */
export class CelTypeValue {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** An optional value; without `value` it is `optional.none()`. */
export class CelOptional {
  static readonly none: CelOptional = new CelOptional(undefined);
  readonly value: CelValue | undefined;
  constructor(value: CelValue | undefined) {
    this.value = value;
  }
}

/** A value of a type that a library or the caller adds: Kubernetes' quantities and addresses, or messages. It must be of a class of its own. */
export interface CelObject {
  /** The type's full name, as `type()` prints it. */
  readonly celType: string;
  /** A field read by selection; absent where the type has none. */
  field?(name: string): CelValue | undefined;
  /** Whether both are equal; absent: only identical objects are. */
  equals?(other: CelObject): boolean;
  /** The JavaScript value; absent: the object itself. */
  toNative?(): unknown;
}

/** A list; one from the caller is not copied. */
export interface CelList {
  readonly kind: "list";
  readonly size: number;
  at(index: number): CelValue;
  values(): Iterable<CelValue>;
}

/** A map with keys that are bool, int, uint or string. */
export interface CelMap {
  readonly kind: "map";
  readonly size: number;
  /** The value under a key; undefined where there is none. */
  get(key: CelValue): CelValue | undefined;
  keys(): Iterable<CelValue>;
}

/** What all lists have in common: one test tells them from other values. */
abstract class ListValue {
  readonly kind = "list";
}

/** What all maps have in common. */
abstract class MapValue {
  readonly kind = "map";
}

/** A list that an expression made. */
export class ValueList extends ListValue implements CelList {
  readonly #items: readonly CelValue[];
  constructor(items: readonly CelValue[]) {
    super();
    this.#items = items;
  }
  get size(): number {
    return this.#items.length;
  }
  at(index: number): CelValue {
    return this.#items[index] as CelValue; // as: callers stay below size
  }
  values(): Iterable<CelValue> {
    return this.#items;
  }
}

/** A map that an expression made: numeric keys of equal value are one key, whatever their type. */
export class ValueMap extends MapValue implements CelMap {
  readonly #entries: ReadonlyMap<string | bigint | boolean, readonly [CelValue, CelValue]>;
  /** @throws {CelEvaluationError} for keys of a type that no key may have, and for a key given twice. */
  constructor(entries: Iterable<readonly [CelValue, CelValue]>) {
    super();
    const all = new Map<string | bigint | boolean, readonly [CelValue, CelValue]>();
    for (const entry of entries) {
      const key = keyOf(entry[0]);
      if (key === undefined || entry[0] instanceof CelDouble) throw new CelEvaluationError("unsupported key type");
      if (all.has(key)) throw new CelEvaluationError(`insert failed: key ${String(key)} already exists`);
      all.set(key, entry);
    }
    this.#entries = all;
  }
  get size(): number {
    return this.#entries.size;
  }
  get(key: CelValue): CelValue | undefined {
    const found = keyOf(key);
    return found === undefined ? undefined : this.#entries.get(found)?.[1];
  }
  *keys(): Iterable<CelValue> {
    for (const [key] of this.#entries.values()) yield key;
  }
}

function keyOf(key: CelValue): string | bigint | boolean | undefined {
  if (typeof key === "string" || typeof key === "bigint" || typeof key === "boolean") return key;
  if (key instanceof CelUint) return key.value;
  if (key instanceof CelDouble && Number.isInteger(key.value)) return BigInt(key.value);
  return undefined;
}

/** An array of the caller, read in place. */
class NativeList extends ListValue implements CelList {
  readonly #items: readonly unknown[];
  constructor(items: readonly unknown[]) {
    super();
    this.#items = items;
  }
  get size(): number {
    return this.#items.length;
  }
  at(index: number): CelValue {
    return fromNative(this.#items[index]);
  }
  *values(): Iterable<CelValue> {
    for (const item of this.#items) yield fromNative(item);
  }
}

/** A map whose values are made when they are asked for. */
class LazyMap extends MapValue implements CelMap {
  readonly #names: ReadonlySet<string>;
  readonly #read: (name: string) => CelValue;
  constructor(names: ReadonlySet<string>, read: (name: string) => CelValue) {
    super();
    this.#names = names;
    this.#read = read;
  }
  get size(): number {
    return this.#names.size;
  }
  get(key: CelValue): CelValue | undefined {
    return typeof key === "string" && this.#names.has(key) ? this.#read(key) : undefined;
  }
  keys(): Iterable<CelValue> {
    return this.#names;
  }
}

/** Makes a map with these keys, whose values `read` computes on each access, such as the variables of a policy. */
export function lazyMap(names: ReadonlySet<string>, read: (name: string) => CelValue): CelMap {
  return new LazyMap(names, read);
}

/** A plain object of the caller, read in place: its own enumerable properties, so that getters may be lazy. */
export class NativeMap extends MapValue implements CelMap {
  readonly #object: Readonly<Record<string, unknown>>;
  #names: readonly string[] | undefined;
  constructor(object: Readonly<Record<string, unknown>>) {
    super();
    this.#object = object;
  }
  /** The value at a path of names through plain objects; undefined where it does not lead through. */
  at(names: readonly string[]): CelValue | undefined {
    let value: unknown = this.#object;
    for (let index = 0; index < names.length; index++) {
      const name = names[index] as string; // as: below the length
      if (!isPlainObject(value) || !Object.hasOwn(value, name)) return undefined;
      value = value[name];
    }
    return value === undefined ? undefined : fromNative(value);
  }
  #keys(): readonly string[] {
    this.#names ??= Object.keys(this.#object);
    return this.#names;
  }
  get size(): number {
    return this.#keys().length;
  }
  get(key: CelValue): CelValue | undefined {
    if (typeof key !== "string" || !Object.hasOwn(this.#object, key)) return undefined;
    const value = this.#object[key];
    return value === undefined ? undefined : fromNative(value);
  }
  keys(): Iterable<CelValue> {
    return this.#keys();
  }
}

/**
 * Converts a JavaScript value to a CEL value. Whole numbers are ints (as JSON means them in Kubernetes), others doubles; a
 * `Date` is a timestamp, a `Map` a map; CEL values are returned unchanged.
 * @throws {CelEvaluationError} for functions and symbols.
 */
export function fromNative(value: unknown): CelValue {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "bigint":
      return value;
    case "number":
      return Number.isInteger(value) && Math.abs(value) < 2 ** 63 && !Object.is(value, -0)
        ? BigInt(value)
        : new CelDouble(value);
    case "undefined":
      return null;
    case "object":
      return value === null ? null : fromObject(value);
    default:
      throw new CelEvaluationError(`a JavaScript ${typeof value} has no CEL value`);
  }
}

/** Whether a value is an object without a class of its own, as JSON.parse makes them. */
function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function fromObject(value: object): CelValue {
  if (Array.isArray(value)) return new NativeList(value);
  if (isPlainObject(value)) return new NativeMap(value);
  if (isCelValue(value)) return value;
  if (value instanceof Date) return new CelTimestamp(BigInt(value.getTime()) * 1_000_000n);
  if (value instanceof Map) return new ValueMap([...value].map(([key, item]) => [fromNative(key), fromNative(item)]));
  return new NativeMap(value as Readonly<Record<string, unknown>>); // as: any other object is a map of its own properties
}

function isCelValue(value: object): value is CelValue & object {
  return (
    value instanceof MapValue ||
    value instanceof ListValue ||
    value instanceof CelUint ||
    value instanceof CelDouble ||
    value instanceof CelTimestamp ||
    value instanceof CelDuration ||
    value instanceof CelTypeValue ||
    value instanceof CelOptional ||
    value instanceof Uint8Array ||
    isObject(value)
  );
}

/** Whether a value is of a library type. It is recognised by its prototype, so that a JSON document cannot imitate one. */
export function isObject(value: unknown): value is CelObject {
  return (
    typeof value === "object" &&
    value !== null &&
    "celType" in value &&
    Object.getPrototypeOf(value) !== Object.prototype
  );
}

/** Whether a value is a list. */
export function isList(value: CelValue): value is CelList {
  return value instanceof ListValue;
}

/** Whether a value is a map. */
export function isMap(value: CelValue): value is CelMap {
  return value instanceof MapValue;
}

/** The most parts that `toNative` copies. A part that stands in several places of a value is copied for each. */
const mostCopied = 10_000_000;

/**
 * Converts a CEL value to a JavaScript value: int and uint are bigints, double a number, list an array, map a plain object where
 * all keys are strings and a `Map` where not, an optional its value or undefined; timestamp, duration and type stay.
 * @throws {CelLimitError} for values of more than ten million parts.
 */
export function toNative(value: CelValue): unknown {
  let left = mostCopied;
  return copyNative(value, (parts) => {
    left -= parts;
    if (left < 0) throw new CelLimitError(`a value has more than ${mostCopied} parts`);
  });
}

/** {@link toNative} without its limit; `spend` is called with the number of parts before they are copied, and may throw. */
export function copyNative(value: CelValue, spend: (parts: number) => void): unknown {
  if (value instanceof CelUint || value instanceof CelDouble) return value.value;
  if (value instanceof CelOptional) {
    spend(1);
    return value.value === undefined ? undefined : copyNative(value.value, spend);
  }
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) {
    spend(1 + value.size);
    return Array.from(value.values(), (item) => copyNative(item, spend));
  }
  if (isMap(value)) return nativeMap(value, spend);
  return isObject(value) && value.toNative !== undefined ? value.toNative() : value;
}

function nativeMap(map: CelMap, spend: (parts: number) => void): unknown {
  spend(1 + map.size);
  const entries = Array.from(
    map.keys(),
    (key) => [copyNative(key, spend), copyNative(map.get(key) ?? null, spend)] as const,
  );
  if (!entries.every(([key]) => typeof key === "string")) return new Map(entries);
  // Defined, not assigned: a key may be `__proto__`.
  return Object.fromEntries(entries);
}

/** The name of a value's type, as `type(value)` prints it. */
export function typeName(value: CelValue): string {
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    default:
      return value === null ? "null_type" : objectTypeName(value);
  }
}

function objectTypeName(value: Exclude<CelValue, null | string | boolean | bigint>): string {
  if (isList(value)) return "list";
  if (isMap(value)) return "map";
  if (value instanceof CelDouble) return "double";
  if (value instanceof CelUint) return "uint";
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof CelTimestamp) return "google.protobuf.Timestamp";
  if (value instanceof CelDuration) return "google.protobuf.Duration";
  if (value instanceof CelTypeValue) return "type";
  if (value instanceof CelOptional) return "optional_type";
  return (value as CelObject).celType; // as: all else is told above
}
