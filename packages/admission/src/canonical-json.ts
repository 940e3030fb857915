import { record } from "@plimsoll/formats";
import { compareText } from "@plimsoll/model";

/** Deeper values count as one, so that no request can exhaust the stack. */
const maxDepth = 500;

/** JSON with sorted members, so that the order in which a document was written does not count. */
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

/** `sha256:` and the digest of a text's UTF-8. */
export async function digestOfText(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return `sha256:${Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
