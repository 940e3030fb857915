import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { record } from "@plimsoll/formats";
import { compareText } from "@plimsoll/model";

/** Values nested more deeply are treated as equal, so that no request can exhaust the stack. */
const maxDepth = 500;

/** JSON with sorted members: documents that differ only in the order of their members give the same text. */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > maxDepth) return '"too deep"';
  if (Array.isArray(value)) return `[${value.map((item: unknown) => canonicalJson(item, depth + 1)).join(",")}]`;
  const object = record(value);
  if (object === undefined) return JSON.stringify(value) ?? "null";
  const members = Object.keys(object)
    .filter((key) => object[key] !== undefined)
    .sort(compareText)
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(object[key], depth + 1)}`);
  return `{${members.join(",")}}`;
}

/** Longer texts are given to the platform, which is quicker with them; to wait for it costs as much as a short one takes. */
const shortText = 65_536;

/** `sha256:` and the hexadecimal SHA-256 of a text's UTF-8 bytes. */
export async function digestOfText(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const digest =
    bytes.length <= shortText ? sha256(bytes) : new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `sha256:${bytesToHex(digest)}`;
}
