import { parseJson } from "@plimsoll/formats";
import { ScanError } from "@plimsoll/model";
import type { CallOptions } from "@plimsoll/model";
import type { Blob } from "./blobs.ts";

/**
 * Reads a whole small blob.
 * @throws ScanError `limit-exceeded` when it is larger than `limit` bytes.
 */
export async function readWhole(blob: Blob, what: string, limit: number, options?: CallOptions): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  // The stated size may lie: the count of what arrives decides.
  for await (const chunk of blob.stream(options)) {
    length += chunk.length;
    if (length > limit) throw new ScanError({ kind: "limit-exceeded", what, limit });
    parts.push(chunk.slice());
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * Parses JSON.
 * @throws ScanError `malformed-image` when it is none.
 */
export function parseJsonText(bytes: Uint8Array, label: string, what: string): unknown {
  try {
    return parseJson(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new ScanError({ kind: "malformed-image", label, reason: `${what} is not valid JSON` }, { cause });
  }
}
