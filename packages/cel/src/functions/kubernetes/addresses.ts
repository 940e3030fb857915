import { CelEvaluationError } from "../../cel-error.ts";
import { isObject, type CelObject, type CelValue } from "../../values.ts";
import { method, overload, type CelFunction } from "../define.ts";

const ipType = "net.IP";
const cidrType = "net.CIDR";

/** An address as Go's `netip.ParseAddr` reads it, without zones and IPv4-mapped forms, which Kubernetes refuses. */
interface Address {
  readonly family: 4 | 6;
  readonly bits: bigint;
}

interface Prefix {
  readonly address: Address;
  readonly length: number;
}

function parseAddress(text: string): Address | undefined {
  if (text.length > 64) return undefined;
  const bits = text.includes(":") ? ipv6Bits(text) : ipv4Bits(text);
  if (bits === undefined) return undefined;
  const family = text.includes(":") ? 6 : 4;
  return family === 6 && bits >> 32n === 0xffffn ? undefined : { family, bits };
}

function ipv4Bits(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined;
  return parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
}

function ipv6Bits(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => (half === "" ? [] : groups(half)));
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const all = [...head, ...Array.from({ length: missing }, () => 0), ...(tail ?? [])];
  return all.reduce((bits, group) => (bits << 16n) | BigInt(group), 0n);
}

/** Groups of 16 bits; an IPv4 address at the end stands for two. */
function groups(text: string): readonly number[] | undefined {
  const parts = text.split(":");
  const last = parts.at(-1) ?? "";
  const embedded = last.includes(".") ? ipv4Bits(last) : undefined;
  if (last.includes(".") && embedded === undefined) return undefined;
  const plain = embedded === undefined ? parts : parts.slice(0, -1);
  if (!plain.every((part) => /^[0-9a-fA-F]{1,4}$/.test(part))) return undefined;
  const values = plain.map((part) => Number.parseInt(part, 16));
  return embedded === undefined ? values : [...values, Number(embedded >> 16n), Number(embedded & 0xffffn)];
}

function parsePrefix(text: string): Prefix | undefined {
  const [, address = "", length = ""] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text.slice(0, 80)) ?? [];
  const parsed = parseAddress(address);
  if (parsed === undefined || Number(length) > width(parsed)) return undefined;
  return { address: parsed, length: Number(length) };
}

function width({ family }: Address): number {
  return family === 4 ? 32 : 128;
}

/** The canonical text (RFC 5952: lower case, the longest run of zero groups shortened). */
function formatAddress({ family, bits }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((by) => String((bits >> by) & 0xffn)).join(".");
  const all = Array.from({ length: 8 }, (_, index) => Number((bits >> BigInt(16 * (7 - index))) & 0xffffn));
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start += 1) {
    let length = 0;
    while (start + length < 8 && all[start + length] === 0) length += 1;
    if (length > best.length) best = { start, length };
  }
  const texts = all.map((group) => group.toString(16));
  if (best.length < 2) return texts.join(":");
  return `${texts.slice(0, best.start).join(":")}::${texts.slice(best.start + best.length).join(":")}`;
}

function masked({ address, length }: Prefix): Prefix {
  const free = BigInt(width(address) - length);
  return { length, address: { family: address.family, bits: (address.bits >> free) << free } };
}

function contains(outer: Prefix, address: Address, length = width(address)): boolean {
  if (outer.address.family !== address.family || length < outer.length) return false;
  const free = BigInt(width(address) - outer.length);
  return outer.address.bits >> free === address.bits >> free;
}

/** An address as a value. */
class IpValue implements CelObject {
  readonly celType = ipType;
  readonly address: Address;
  constructor(address: Address) {
    this.address = address;
  }
  equals(other: CelObject): boolean {
    return (
      other instanceof IpValue &&
      other.address.family === this.address.family &&
      other.address.bits === this.address.bits
    );
  }
  toNative(): string {
    return formatAddress(this.address);
  }
}

/** A network as a value. */
class CidrValue implements CelObject {
  readonly celType = cidrType;
  readonly prefix: Prefix;
  constructor(prefix: Prefix) {
    this.prefix = prefix;
  }
  equals(other: CelObject): boolean {
    if (!(other instanceof CidrValue) || other.prefix.length !== this.prefix.length) return false;
    const { family, bits } = other.prefix.address;
    return family === this.prefix.address.family && bits === this.prefix.address.bits;
  }
  toNative(): string {
    return `${formatAddress(this.prefix.address)}/${this.prefix.length}`;
  }
}

function addressOf(value: CelValue): Address {
  if (isObject(value) && value instanceof IpValue) return value.address;
  throw new CelEvaluationError("no such overload: the value is not an IP address");
}

function prefixOf(value: CelValue): Prefix {
  if (isObject(value) && value instanceof CidrValue) return value.prefix;
  throw new CelEvaluationError("no such overload: the value is not a CIDR");
}

function toIp(text: string): IpValue {
  const address = parseAddress(text);
  if (address === undefined)
    throw new CelEvaluationError(`IP Address "${text.slice(0, 64)}" parse error during conversion from string`);
  return new IpValue(address);
}

function toCidr(text: string): CidrValue {
  const prefix = parsePrefix(text);
  if (prefix === undefined)
    throw new CelEvaluationError(`network address parse error during conversion from string: "${text.slice(0, 64)}"`);
  return new CidrValue(prefix);
}

function within(network: string): (address: Address) => boolean {
  const prefix = parsePrefix(network);
  return (address) => prefix !== undefined && contains(prefix, address);
}

const loopback4 = within("127.0.0.0/8");
const linkLocal4 = within("169.254.0.0/16");
const linkLocal6 = within("fe80::/10");
const multicast4 = within("224.0.0.0/4");
const multicast6 = within("ff00::/8");
const linkLocalMulticast4 = within("224.0.0.0/24");

function isUnspecified({ bits }: Address): boolean {
  return bits === 0n;
}

function isLoopback(address: Address): boolean {
  return address.family === 4 ? loopback4(address) : address.bits === 1n;
}

function isLinkLocalUnicast(address: Address): boolean {
  return linkLocal4(address) || linkLocal6(address);
}

function isLinkLocalMulticast(address: Address): boolean {
  // The scope of an IPv6 multicast address is the low half of its second byte; 2 is the link.
  return linkLocalMulticast4(address) || (multicast6(address) && ((address.bits >> 112n) & 0xfn) === 2n);
}

/** As Go's `netip.Addr.IsGlobalUnicast`: private addresses count, too. */
function isGlobalUnicast(address: Address): boolean {
  const broadcast = address.family === 4 && address.bits === 0xff_ff_ff_ffn;
  const multicast = multicast4(address) || multicast6(address);
  return !broadcast && !multicast && !isUnspecified(address) && !isLoopback(address) && !isLinkLocalUnicast(address);
}

function property(name: string, holds: (address: Address) => boolean): CelFunction {
  return method(name, [ipType], "bool", (_, value) => holds(addressOf(value)));
}

/** IP addresses and networks (Kubernetes' CEL libraries `ip` and `cidr`). */
export const addressFunctions: readonly CelFunction[] = [
  overload("ip", ["string"], ipType, (_, text) => toIp(text)),
  overload("isIP", ["string"], "bool", (_, text) => parseAddress(text) !== undefined),
  overload("ip.isCanonical", ["string"], "bool", (_, text) => formatAddress(toIp(text).address) === text),
  overload("string", [ipType], "string", (_, value) => formatAddress(addressOf(value))),
  method("family", [ipType], "int", (_, value) => BigInt(addressOf(value).family)),
  property("isUnspecified", isUnspecified),
  property("isLoopback", isLoopback),
  property("isLinkLocalMulticast", isLinkLocalMulticast),
  property("isLinkLocalUnicast", isLinkLocalUnicast),
  property("isGlobalUnicast", isGlobalUnicast),
  overload("cidr", ["string"], cidrType, (_, text) => toCidr(text)),
  overload("isCIDR", ["string"], "bool", (_, text) => parsePrefix(text) !== undefined),
  overload("string", [cidrType], "string", (_, value) => new CidrValue(prefixOf(value)).toNative()),
  method("containsIP", [cidrType, "string"], "bool", (_, cidr, text) => contains(prefixOf(cidr), toIp(text).address)),
  method("containsIP", [cidrType, ipType], "bool", (_, cidr, ip) => contains(prefixOf(cidr), addressOf(ip))),
  method("containsCIDR", [cidrType, "string"], "bool", (_, cidr, text) => {
    const { address, length } = toCidr(text).prefix;
    return contains(prefixOf(cidr), address, length);
  }),
  method("containsCIDR", [cidrType, cidrType], "bool", (_, cidr, other) => {
    const { address, length } = prefixOf(other);
    return contains(prefixOf(cidr), address, length);
  }),
  method("ip", [cidrType], ipType, (_, cidr) => new IpValue(prefixOf(cidr).address)),
  method("masked", [cidrType], cidrType, (_, cidr) => new CidrValue(masked(prefixOf(cidr)))),
  method("prefixLength", [cidrType], "int", (_, cidr) => BigInt(prefixOf(cidr).length)),
];
