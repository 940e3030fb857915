/** Objects: members, unions, subsets, paths of `json.filter` and `json.remove`, and `walk`. */

import { equalValues, hashKey, isArray, isObject, objectEntries, objectGet, objectKeys, objectSize, RegoObject, RegoSet, typeName, type HashKey, type Value } from "../values/value.ts"; // prettier-ignore
import { visit } from "../values/work.ts";
import { lookup } from "../values/lookup.ts";
import {
  builtin,
  BuiltinError,
  operandError,
  operandMessage,
  relation,
  type Builtin,
  type BuiltinContext,
} from "./builtin.ts";
import { arrayAt, objectAt, valueAt } from "./operands.ts";

const object = "object<>[any: any]";
const keys = "any<array[any], object<>[any: any], set[any]>";
const paths = "any<array[any<string, array[any]>], set[any<string, array[any]>]>";

function get(args: readonly Value[]): Value {
  const target = objectAt(args, 0);
  const key = valueAt(args, 1);
  const fallback = valueAt(args, 2);
  if (!isArray(key)) {
    const member = objectGet(target, key);
    return member === undefined ? fallback : member;
  }
  let value: Value = target;
  for (const step of key) {
    const next = lookup(value, step);
    if (next === undefined) return fallback;
    value = next;
  }
  return value;
}

function unite(left: Value, right: Value, context: BuiltinContext): Value {
  if (!isObject(left) || !isObject(right)) return right;
  const result = new RegoObject();
  for (const [key, value] of objectEntries(left)) {
    const other = objectGet(right, key);
    result.set(key, other === undefined ? value : unite(value, other, context));
  }
  for (const [key, value] of objectEntries(right)) if (objectGet(left, key) === undefined) result.set(key, value);
  context.charge(32 * result.size);
  return result;
}

function keySet(args: readonly Value[]): RegoSet {
  const value = valueAt(args, 1);
  if (isArray(value)) return RegoSet.of(value);
  if (value instanceof RegoSet) return value;
  if (isObject(value)) return RegoSet.of(objectKeys(value));
  throw operandError(2, value, "object", "set", "array");
}

function pick(args: readonly Value[], context: BuiltinContext, wanted: boolean): Value {
  const source = objectAt(args, 0);
  const chosen = keySet(args);
  const result = new RegoObject();
  for (const [key, value] of objectEntries(source)) if (chosen.has(key) === wanted) result.set(key, value);
  context.charge(32 * result.size);
  return result;
}

function isSubset(whole: Value, part: Value, context: BuiltinContext): boolean {
  context.step();
  if (isObject(whole) && isObject(part)) {
    return objectEntries(part).every(([key, value]) => {
      const other = objectGet(whole, key);
      return other !== undefined && isMemberSubset(other, value, context);
    });
  }
  if (whole instanceof RegoSet && part instanceof RegoSet) return part.sorted().every((member) => whole.has(member));
  if (isArray(whole) && part instanceof RegoSet)
    return part.sorted().every((member) => whole.some((each) => equalValues(each, member)));
  if (isArray(whole) && isArray(part)) return isSubsequence(whole, part, context);
  return false;
}

function isMemberSubset(whole: Value, part: Value, context: BuiltinContext): boolean {
  if (equalValues(whole, part)) return true;
  const both =
    (isObject(whole) && isObject(part)) ||
    (whole instanceof RegoSet && part instanceof RegoSet) ||
    (isArray(whole) && isArray(part));
  return both && isSubset(whole, part, context);
}

function isSubsequence(whole: readonly Value[], part: readonly Value[], context: BuiltinContext): boolean {
  for (let from = 0; from + part.length <= whole.length; from++) {
    context.step(1 + part.length);
    if (part.every((item, index) => equalValues(whole[from + index] as Value, item))) return true; // as: the part fits in from there
  }
  return false;
}

function subset(args: readonly Value[], context: BuiltinContext): boolean {
  const whole = valueAt(args, 0);
  const part = valueAt(args, 1);
  const kinds = `${typeName(whole)} ${typeName(part)}`;
  if (!["object object", "set set", "array array", "array set"].includes(kinds)) {
    throw new BuiltinError("both arguments object.subset must be of the same type or array and set", "eval_type_error");
  }
  // No array has no members of a set, not even the empty one.
  if (kinds === "array set" && isArray(whole) && whole.length === 0) return false;
  return isSubset(whole, part, context);
}

/** A tree of paths; a leaf is `true`. */
type PathTree = Map<HashKey, PathTree | true>;

function pathTree(args: readonly Value[]): PathTree {
  const value = valueAt(args, 1);
  if (!isArray(value) && !(value instanceof RegoSet)) throw operandError(2, value, "set", "array");
  const tree: PathTree = new Map();
  for (const path of isArray(value) ? value : value.sorted()) {
    let steps: readonly Value[];
    if (typeof path === "string") steps = path === "" ? [] : path.replace(/^\//, "").split("/").map(unescapePointer);
    else if (isArray(path)) steps = path;
    else {
      throw operandMessage(2, typeName(path), "one of {set, array} containing string paths or array of path segments");
    }
    plant(tree, steps);
  }
  return tree;
}

/** `~1` is `/`, `~0` is `~`. */
export function unescapePointer(step: string): string {
  return step.replaceAll("~1", "/").replaceAll("~0", "~");
}

function plant(tree: PathTree, steps: readonly Value[]): void {
  let current = tree;
  for (const [index, step] of steps.entries()) {
    const key = hashKey(step);
    const branch = current.get(key);
    if (branch === true) return;
    if (index === steps.length - 1) {
      current.set(key, true);
      return;
    }
    const next: PathTree = branch ?? new Map();
    current.set(key, next);
    current = next;
  }
}

/** Positions in arrays are named by text. */
function branchOf(tree: PathTree, key: Value, inArray = false): PathTree | true | undefined {
  return tree.get(inArray ? String(key) : hashKey(key));
}

function filterPaths(value: Value, tree: PathTree | true, context: BuiltinContext): Value | undefined {
  context.step();
  if (tree === true) return value;
  if (isArray(value)) {
    visit(value.length);
    const items: Value[] = [];
    for (const [index, item] of value.entries()) {
      const branch = branchOf(tree, index, true);
      const kept = branch === undefined ? undefined : filterPaths(item, branch, context);
      if (kept !== undefined) items.push(kept);
    }
    return items;
  }
  if (value instanceof RegoSet || isObject(value)) {
    const entries: readonly (readonly [Value, Value])[] =
      value instanceof RegoSet ? value.sorted().map((member) => [member, member]) : objectEntries(value);
    const kept: [Value, Value][] = [];
    for (const [key, member] of entries) {
      const branch = branchOf(tree, key);
      const inner = branch === undefined ? undefined : filterPaths(member, branch, context);
      if (inner !== undefined) kept.push([key, inner]);
    }
    return value instanceof RegoSet ? RegoSet.of(kept.map(([, member]) => member)) : RegoObject.of(kept);
  }
  return value;
}

function removePaths(value: Value, tree: PathTree, context: BuiltinContext): Value {
  context.step(1 + (isArray(value) ? value.length >> 4 : 0));
  const kept = (key: Value, member: Value): Value | undefined => {
    const branch = branchOf(tree, key, isArray(value));
    if (branch === undefined) return member;
    return branch === true ? undefined : removePaths(member, branch, context);
  };
  if (isArray(value)) return value.map((item, index) => kept(index, item)).filter((item) => item !== undefined);
  if (value instanceof RegoSet)
    return RegoSet.of(
      value
        .sorted()
        .map((member) => kept(member, member))
        .filter((member) => member !== undefined),
    );
  if (!isObject(value)) return value;
  const result = new RegoObject();
  for (const [key, each] of objectEntries(value)) {
    const member = kept(key, each);
    if (member !== undefined) result.set(key, member);
  }
  return result;
}

/** All values within a value, with the paths to them. */
function* walk(value: Value, path: readonly Value[], context: BuiltinContext): Generator<Value> {
  context.charge(16 * (path.length + 1));
  yield [path, value];
  if (isArray(value)) {
    for (const [index, item] of value.entries()) yield* walk(item, [...path, index], context);
  } else if (value instanceof RegoSet) {
    for (const member of value.sorted()) yield* walk(member, [...path, member], context);
  } else if (isObject(value)) {
    for (const [key, member] of objectEntries(value)) yield* walk(member, [...path, key], context);
  }
}

function unionAll(args: readonly Value[], context: BuiltinContext): Value {
  let result: Value = new RegoObject();
  for (const each of arrayAt(args, 0)) {
    if (!isObject(each)) throw operandMessage(1, `array containing ${typeName(each)}`, "array of objects");
    result = unite(result, each, context);
  }
  return result;
}

export const objectBuiltins: readonly Builtin[] = [
  builtin("object.get", `(${object}, any, any) => any`, get),
  builtin("object.keys", `(${object}) => set[any]`, (args, context) => {
    const found = objectKeys(objectAt(args, 0));
    context.charge(16 * found.length);
    return RegoSet.of(found);
  }),
  builtin("object.union", `(${object}, ${object}) => ${object}`, (args, context) =>
    unite(objectAt(args, 0), objectAt(args, 1), context),
  ),
  builtin("object.union_n", `(array[${object}]) => ${object}`, unionAll),
  builtin("object.remove", `(${object}, ${keys}) => ${object}`, (args, context) => pick(args, context, false)),
  builtin("object.filter", `(${object}, ${keys}) => ${object}`, (args, context) => pick(args, context, true)),
  builtin("object.subset", `(${keys}, ${keys}) => boolean`, subset),
  builtin("json.filter", `(${object}, ${paths}) => ${object}`, (args, context) =>
    filterPaths(objectAt(args, 0), pathTree(args), context),
  ),
  builtin("json.remove", `(${object}, ${paths}) => ${object}`, (args, context) => {
    const source = objectAt(args, 0);
    return objectSize(source) === 0 ? source : removePaths(source, pathTree(args), context);
  }),
  relation("walk", "(any) => array<array[any], any>", (args, context) => walk(valueAt(args, 0), [], context)),
];
