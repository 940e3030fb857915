/** Looks into values and documents: members, keys, and the tree of `data` where rules and given data meet. */

import type { RuleNode } from "../compiler/rule-tree.ts";
import { compareValues, hashKey, isArray, isObject, objectEntries, objectGet, objectKeys, objectSize, RegoObject, RegoSet, type Value } from "../values/value.ts"; // prettier-ignore
import { visit } from "../values/work.ts";
import type { Context } from "./context.ts";
import type { Program } from "./program.ts";

/** Calls `visit` with every key and member of a collection in order, until it returns true. */
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

/** The whole document at a node: the values of its rules, merged with the given data. */
export function extentOf(
  context: Context,
  program: Program,
  node: RuleNode,
  base: Value | undefined,
): Value | undefined {
  if (context.world.hidden?.has(node) === true) return base;
  if (node.rules.length > 0) {
    const value = isFunctionNode(node) ? undefined : program.valueOf(context, node);
    return base === undefined ? value : value === undefined ? base : mergeOver(value, base);
  }
  if (base !== undefined && !isObject(base)) return base;
  const document = new RegoObject();
  for (const child of sortedChildren(node)) {
    context.meter.step();
    const under = base === undefined ? undefined : objectGet(base, child.key);
    const value = extentOf(context, program, child, under);
    if (value !== undefined) document.set(child.key, value);
  }
  if (base !== undefined) {
    for (const [key, value] of objectEntries(base)) if (!node.children.has(hashKey(key))) document.set(key, value);
  }
  context.meter.charge(document.size * 16);
  return document;
}

/** The children of a node in the order of their names. */
function sortedChildren(node: RuleNode): readonly RuleNode[] {
  let children = childrenInOrder.get(node);
  if (children === undefined) {
    children = [...node.children.values()].sort((a, b) => compareValues(a.key, b.key));
    childrenInOrder.set(node, children);
  }
  return children;
}

const childrenInOrder = new WeakMap<RuleNode, readonly RuleNode[]>();

/** Objects are merged; for the rest, what was given stands. */
function mergeOver(value: Value, base: Value): Value {
  if (!isObject(value) || !isObject(base)) return base;
  visit(1 + objectSize(value));
  const merged = RegoObject.of(objectEntries(value));
  for (const [key, over] of objectEntries(base)) {
    const under = merged.get(key);
    merged.set(key, under === undefined ? over : mergeOver(under, over));
  }
  return merged;
}

/** The keys of a node without rules, and of the given data, in order. */
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

/** A copy of a document with a value at a path; values on the way that are no objects are replaced by objects. */
export function withPath(document: Value | undefined, path: readonly Value[], value: Value): Value {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  const copy = RegoObject.of(document !== undefined && isObject(document) ? objectEntries(document) : []);
  copy.set(first, withPath(copy.get(first), rest, value));
  return copy;
}
