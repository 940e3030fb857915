import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Steps } from "@plimsoll/formats";
import { stableJson, stableJsonSteps } from "./json-text.ts";

/** SHA-256 of a text's UTF-8 bytes, lower-case hex. */
export function sha256Hex(text: string): string {
  return bytesToHex(sha256(new TextEncoder().encode(text)));
}

/** A name-based UUID, version 8 with SHA-256 (RFC 9562 appendix B.2): equal content, equal id. */
export function uuidOf(content: unknown): string {
  return asUuid(sha256Hex(stableJson(content)));
}

/** The same of a report and what it is written as, in steps. */
export function* uuidSteps(content: readonly unknown[]): Steps<string> {
  const hash = sha256.create();
  const encoder = new TextEncoder();
  for (const part of stableJsonSteps(content)) {
    const bytes = encoder.encode(part);
    hash.update(bytes);
    yield bytes.length * timesToHash;
  }
  return asUuid(bytesToHex(hash.digest()));
}

/** To write a text with its keys sorted and to hash it takes about as long as looking at it so many times. */
const timesToHash = 4;

function asUuid(hex: string): string {
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The same digest in base64, as content security policies want it. */
export function sha256Base64(text: string): string {
  return btoa(String.fromCharCode(...sha256(new TextEncoder().encode(text))));
}
