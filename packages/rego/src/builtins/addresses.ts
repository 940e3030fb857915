/** IP addresses and CIDR blocks, as Go's `net` reads and writes them. */

import { BuiltinError } from "./builtin.ts";

/** An address as a number; IPv4 addresses mapped into IPv6 are IPv4. */
export interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** A block: its first address and how many bits all of its addresses share. */
export interface Block {
  readonly bits: 32 | 128;
  readonly first: bigint;
  readonly prefix: number;
}

/** An address in text, or undefined. */
export function parseAddress(text: string): Address | undefined {
  const value4 = parse4(text);
  if (value4 !== undefined) return { bits: 32, value: value4 };
  const value6 = parse6(text);
  if (value6 === undefined) return undefined;
  return value6 >> 32n === 0xffffn ? { bits: 32, value: value6 & 0xffffffffn } : { bits: 128, value: value6 };
}

function parse4(text: string): bigint | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  let value = 0n;
  for (const part of match.slice(1)) {
    if (Number(part) > 255 || (part.length > 1 && part.startsWith("0"))) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return value;
}

function parse6(text: string): bigint | undefined {
  if (text.length > 45 || !text.includes(":")) return undefined;
  let whole = text;
  const last = /[^:]*\.[^:]*$/.exec(text);
  if (last !== null) {
    const value = parse4(last[0]);
    if (value === undefined) return undefined;
    whole = `${text.slice(0, last.index)}${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
  }
  const halves = whole.split("::");
  if (halves.length > 2) return undefined;
  const [left = [], right = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const groups = [...left, ...right];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  if (halves.length === 1 ? groups.length !== 8 : groups.length > 7) return undefined;
  const filled =
    halves.length === 1 ? groups : [...left, ...Array.from({ length: 8 - groups.length }, () => "0"), ...right];
  return filled.reduce((value, group) => (value << 16n) | BigInt(parseInt(group, 16)), 0n);
}

/** A block in text; throws a BuiltinError. */
export function parseBlock(text: string): Block {
  const invalid = new BuiltinError(`invalid CIDR address: ${text}`);
  const [, written = "", length] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const address = parseAddress(written);
  if (address === undefined) throw invalid;
  const bits = written.includes(":") ? 128 : 32;
  const prefix = Number(length);
  if (prefix > bits) throw invalid;
  if (bits === 32 || address.bits === 128) return blockOf(bits, address.value, prefix);
  // A mapped block is one of IPv4, as long as its mask leaves the mapping in place.
  return prefix >= 96
    ? blockOf(32, address.value, prefix - 96)
    : blockOf(128, (0xffffn << 32n) | address.value, prefix);
}

/** The block of a prefix that an address is in. */
export function blockOf(bits: 32 | 128, value: bigint, prefix: number): Block {
  const host = BigInt(bits - prefix);
  return { bits, first: (value >> host) << host, prefix };
}

/** The last address of a block. */
export function lastOf({ bits, first, prefix }: Block): bigint {
  return first | ((1n << BigInt(bits - prefix)) - 1n);
}

/** Whether an address lies in a block. */
export function contains(block: Block, address: Address): boolean {
  return block.bits === address.bits && address.value >= block.first && address.value <= lastOf(block);
}

/** The text of an address: IPv6 with the longest run of zeros left out. */
export function addressText(bits: 32 | 128, value: bigint): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join(".");
  if (value >> 32n === 0xffffn) return addressText(32, value & 0xffffffffn);
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === "0") length++;
    if (length > best.length) best = { at, length };
  }
  if (best.at < 0) return groups.join(":");
  return `${groups.slice(0, best.at).join(":")}::${groups.slice(best.at + best.length).join(":")}`;
}

/** The text of a block. */
export function blockText({ bits, first, prefix }: Block): string {
  return `${addressText(bits, first)}/${prefix}`;
}

/** The fewest blocks that cover a range of addresses. */
export function coverRange(bits: 32 | 128, from: bigint, to: bigint): Block[] {
  const blocks: Block[] = [];
  for (let first = from; first <= to;) {
    let host = 0;
    while (host < bits && (first >> BigInt(host)) % 2n === 0n && first + (1n << BigInt(host + 1)) - 1n <= to) host++;
    blocks.push({ bits, first, prefix: bits - host });
    first += 1n << BigInt(host);
  }
  return blocks;
}
