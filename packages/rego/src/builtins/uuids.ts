/** UUIDs of RFC 4122. */

import { numberFromInteger } from "../values/number.ts";
import { RegoObject, type Value } from "../values/value.ts";
import { builtin, RefusedBuiltin, type Builtin, type BuiltinContext } from "./builtin.ts";
import { stringAt } from "./operands.ts";

const groups = "([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})";
// In braces, or whatever else of one byte stands there: OPA looks at the length alone.
const forms = [
  /^([0-9a-f]{32})$/i,
  new RegExp(`^(?:urn:uuid:)?${groups}$`, "i"),
  new RegExp(`^[\\u0000-\\u007f]${groups}[\\u0000-\\u007f]$`, "i"),
];

function bytesOf(text: string): number[] | undefined {
  const hex = forms
    .map((form) => form.exec(text)?.[1])
    .find((found) => found !== undefined)
    ?.replaceAll("-", "");
  if (hex === undefined) return undefined;
  return Array.from({ length: 16 }, (_, index) => parseInt(hex.slice(2 * index, 2 * index + 2), 16));
}

function variantOf(byte: number): string {
  if ((byte & 0xc0) === 0x80) return "RFC4122";
  if ((byte & 0xe0) === 0xc0) return "Microsoft";
  return (byte & 0xe0) === 0xe0 ? "Future" : "Reserved";
}

// Between the calendar's reform of 1582 and 1970.
const gregorianStart = 122_192_928_000_000_000n;

function parse(text: string): Value | undefined {
  const bytes = bytesOf(text);
  if (bytes === undefined) return undefined;
  const at = (index: number): number => bytes[index] ?? 0;
  const uuid = new RegoObject();
  const version = at(6) >> 4;
  uuid.set("version", version);
  uuid.set("variant", variantOf(at(8)));
  if (version !== 1 && version !== 2) return uuid;
  const big = (from: number, to: number): bigint =>
    bytes.slice(from, to).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  const ticks = ((big(6, 8) & 0xfffn) << 48n) | (big(4, 6) << 32n) | big(0, 4);
  uuid.set("time", numberFromInteger((ticks - gregorianStart) * 100n));
  uuid.set(
    "nodeid",
    bytes
      .slice(10)
      .map((byte) => byte.toString(16).padStart(2, "0"))
      .join("-"),
  );
  const first = at(10);
  uuid.set("macvariables", `${(first & 2) === 2 ? "local" : "global"}:${(first & 1) === 1 ? "multicast" : "unicast"}`);
  uuid.set("clocksequence", ((at(8) & 0x3f) << 8) | at(9));
  if (version === 2) {
    uuid.set("id", Number(big(0, 4)));
    uuid.set("domain", ["Person", "Group", "Org"][at(9)] ?? `Domain${at(9)}`);
  }
  return uuid;
}

function make(args: readonly Value[], context: BuiltinContext): string {
  const name = stringAt(args, 0);
  const { random } = context.environment;
  if (random === undefined) throw new RefusedBuiltin("randomness is not available: none was injected");
  return context.remember(`uuid ${name}`, () => {
    const bytes = Array.from({ length: 16 }, () => Math.floor(random() * 256));
    // Where the version and the variant stand.
    const marked = bytes.map((byte, index) =>
      index === 6 ? (byte & 0x0f) | 0x40 : index === 8 ? (byte & 0x3f) | 0x80 : byte,
    );
    const hex = marked.map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  });
}

export const uuidBuiltins: readonly Builtin[] = [
  builtin("uuid.parse", "(string) => object<>[string: any]", (args) => parse(stringAt(args, 0))),
  builtin("uuid.rfc4122", "(string) => string", make),
];
