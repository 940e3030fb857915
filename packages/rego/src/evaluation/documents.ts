/** Looks into values and documents: members, keys, and the tree of `data` where rules and given data meet. */

import type { RuleNode } from "../compiler/rule-tree.ts";
import { isInteger, safeIntegerOf } from "../values/number.ts";
import { hashKey, isArray, isNumber, isObject, objectGet, objectKeys, RegoObject, RegoSet, type Value } from "../values/value.ts"; // prettier-ignore
import type { Context } from "./context.ts";
import type { Program } from "./program.ts";

/** What `value[key]` is, or undefined. */
export function lookup(value: Value, key: Value): Value | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (isArray(value)) {
    if (typeof key === "number") return value[key];
    if (!isNumber(key) || !isInteger(key)) return undefined;
    const index = safeIntegerOf(key);
    // Only a plain spelling is a position: `1.0` is none.
    return index === undefined || String(index) !== key.text ? undefined : value[index];
  }
  if (value instanceof RegoSet) return value.member(key);
  return isObject(value) ? objectGet(value, key) : undefined;
}

/** Calls back with every key and member of a collection in order, until it says true. */
export function enumerate(context: Context, value: Value, visit: (key: Value, member: Value) => boolean): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      context.meter.step();
      const member = value[index];
      if (member !== undefined && visit(index, member)) return true;
    }
    return false;
  }
  if (value instanceof RegoSet) {
    for (const member of value.sorted()) {
      context.meter.step();
      if (visit(member, member)) return true;
    }
    return false;
  }
  if (!isObject(value)) return false;
  for (const key of objectKeys(value)) {
    context.meter.step();
    const member = objectGet(value, key);
    if (member !== undefined && visit(key, member)) return true;
  }
  return false;
}

/** Whether a node can have a value: functions have none. */
export function isFunctionNode(node: RuleNode): boolean {
  return node.rules.length > 0 && (node.rules[0]?.head.args.length ?? 0) > 0;
}

/** The whole document at a node without rules: what rules below it define, over what was given. */
export function extentOf(context: Context, program: Program, node: RuleNode, base: Value | undefined): Value | undefined {
  if (context.world.hidden?.has(node) === true) return base;
  if (node.rules.length > 0) return isFunctionNode(node) ? base : program.valueOf(context, node);
  if (node.children.size === 0) return base ?? (node.modules.length > 0 ? new RegoObject() : undefined);
  if (base !== undefined && !isObject(base)) return base;
  const document = new RegoObject();
  if (base !== undefined) for (const key of objectKeys(base)) document.set(key, objectGet(base, key) as Value);
  for (const child of node.children.values()) {
    context.meter.step();
    const under = base === undefined ? undefined : objectGet(base, child.key);
    const value = extentOf(context, program, child, under);
    if (value !== undefined) document.set(child.key, value);
  }
  context.meter.charge(document.size * 16);
  return document;
}

/** Keys of a node without rules, those of the given data included, in order. */
export function nodeKeys(node: RuleNode, base: Value | undefined): readonly Value[] {
  if (base === undefined || !isObject(base)) {
    return RegoSet.of([...node.children.values()].map((child) => child.key)).sorted();
  }
  const keys = RegoSet.of(objectKeys(base));
  for (const child of node.children.values()) keys.add(child.key);
  return keys.sorted();
}

/** The child of a node under a key. */
export function childOf(node: RuleNode, key: Value): RuleNode | undefined {
  return node.children.get(hashKey(key));
}

/** A copy of a document with a value at a path; undefined when something on the way is no object. */
export function withPath(document: Value | undefined, path: readonly Value[], value: Value): Value | undefined {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  const copy = new RegoObject();
  if (document !== undefined) {
    if (!isObject(document)) return undefined;
    for (const key of objectKeys(document)) copy.set(key, objectGet(document, key) as Value);
  }
  const changed = withPath(copy.get(first), rest, value);
  if (changed === undefined) return undefined;
  copy.set(first, changed);
  return copy;
}
