/** Networks: CIDR blocks, and URIs. */

import { isArray, isObject, objectEntries, RegoObject, RegoSet, type Value } from "../values/value.ts";
import {
  addressText,
  blockOf,
  blockText,
  contains,
  coverRange,
  lastOf,
  parseAddress,
  parseBlock,
  type Block,
} from "./addresses.ts";
import { parseGoUrl } from "./go-urls.ts";
import { builtin, BuiltinError, deprecated, type Builtin, type BuiltinContext } from "./builtin.ts";
import { membersAt, stringAt, valueAt } from "./operands.ts";

const test = "(string, string) => boolean";

function containsText(outer: string, inner: string): boolean {
  const block = parseBlock(outer);
  const address = parseAddress(inner);
  if (address !== undefined) return contains(block, address);
  let other: Block;
  try {
    other = parseBlock(inner);
  } catch (error) {
    if (!(error instanceof BuiltinError)) throw error;
    throw new BuiltinError(`not a valid textual representation of an IP address or CIDR: ${inner}`);
  }
  return other.bits === block.bits && other.first >= block.first && lastOf(other) <= lastOf(block);
}

/** Blocks of an operand with what names them: positions, keys or the members themselves. */
function entries(value: Value, operand: number): [string, Value][] {
  const textOf = (each: Value): string => {
    const first = isArray(each) ? each[0] : each;
    if (typeof first !== "string")
      throw new BuiltinError(`operand ${operand}: element must be string or non-empty array`);
    return first;
  };
  if (typeof value === "string") return [[value, value]];
  if (isArray(value)) return value.map((each, index) => [textOf(each), index]);
  if (value instanceof RegoSet) return value.sorted().map((each) => [textOf(each), each]);
  if (isObject(value)) return objectEntries(value).map(([key, each]) => [textOf(each), key]);
  return [];
}

function containsMatches(args: readonly Value[], context: BuiltinContext): Value {
  const found = new RegoSet();
  const others = entries(valueAt(args, 1), 2);
  for (const [block, name] of entries(valueAt(args, 0), 1)) {
    context.step(1 + others.length);
    for (const [inner, other] of others) if (containsText(block, inner)) found.add([name, other]);
  }
  context.charge(32 * found.size);
  return found;
}

function expand(args: readonly Value[], context: BuiltinContext): Value {
  const block = parseBlock(stringAt(args, 0));
  const host = block.bits - block.prefix;
  context.charge(host > 30 ? Infinity : 48 * 2 ** host);
  context.step(2 ** host);
  const found = new RegoSet();
  for (let value = block.first; value <= lastOf(block); value++) found.add(addressText(block.bits, value));
  return found;
}

function networkOf(value: Value): Block {
  if (typeof value !== "string") throw new BuiltinError("element must be string");
  const address = parseAddress(value);
  if (address === undefined) return parseBlock(value);
  if (address.bits === 128) throw new BuiltinError("IPv6 invalid: needs prefix length");
  // The classes that addresses had before CIDR.
  const top = Number(address.value >> 24n);
  return blockOf(32, address.value, top < 128 ? 8 : top < 192 ? 16 : 24);
}

function merge(args: readonly Value[], context: BuiltinContext): Value {
  const blocks = membersAt(args, 0).map(networkOf);
  context.step(blocks.length);
  const merged = new RegoSet();
  for (const bits of [32, 128] as const) {
    const ranges = blocks
      .filter((block) => block.bits === bits)
      .map((block) => ({ from: block.first, to: lastOf(block) }))
      .sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
    const joined: typeof ranges = [];
    for (const range of ranges) {
      const last = joined.at(-1);
      if (last !== undefined && range.from <= last.to + 1n) last.to = range.to > last.to ? range.to : last.to;
      else joined.push({ ...range });
    }
    for (const { from, to } of joined) for (const block of coverRange(bits, from, to)) merged.add(blockText(block));
  }
  return merged;
}

function isValid(text: Value): boolean {
  try {
    return typeof text === "string" && parseBlock(text) !== undefined;
  } catch {
    return false;
  }
}

/** The parts of a URI that are there. */
function parseUri(text: string): Value {
  const { scheme, hostname, port, path, rawPath, rawQuery, fragment } = parseGoUrl(text);
  const parts = { scheme, hostname, port, path, raw_path: rawPath, raw_query: rawQuery, fragment };
  return RegoObject.of(Object.entries(parts).filter(([, part]) => part !== ""));
}

const cidrs =
  "any<string, array[any<string, array[any]>], object<>[string: any<string, array[any]>], set[any<string, array[any]>]>";

export const networkBuiltins: readonly Builtin[] = [
  builtin("net.cidr_contains", test, (args) => containsText(stringAt(args, 0), stringAt(args, 1))),
  builtin("net.cidr_contains_matches", `(${cidrs}, ${cidrs}) => set[array<any, any>]`, containsMatches),
  builtin("net.cidr_expand", "(string) => set[string]", expand),
  builtin("net.cidr_intersects", test, (args) => intersect(stringAt(args, 0), stringAt(args, 1))),
  deprecated("net.cidr_overlap", test, (args) => containsText(stringAt(args, 0), stringAt(args, 1))),
  builtin("net.cidr_is_valid", "(string) => boolean", (args) => isValid(valueAt(args, 0))),
  builtin("net.cidr_merge", "(any<array[any<string>], set[string]>) => set[string]", merge),
  builtin("uri.parse", "(string) => object<>[string: string]", (args) => parseUri(stringAt(args, 0))),
  builtin("uri.is_valid", "(string) => boolean", ([text]) => {
    try {
      return typeof text === "string" && text !== "" && parseGoUrl(text) !== undefined;
    } catch {
      return false;
    }
  }),
];

function intersect(left: string, right: string): boolean {
  const [a, b] = [parseBlock(left), parseBlock(right)];
  return a.bits === b.bits && a.first <= lastOf(b) && b.first <= lastOf(a);
}
