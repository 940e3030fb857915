import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { FindingKind } from "./finding.ts";

const encoder = new TextEncoder();

/**
 * A fingerprint: 32 hex digits of the SHA-256 of the parts, each of which must stay the same for what is the same finding. A vulnerability
 * is told by its id, package and path, not its version; a secret by its rule, path and what stands around it, never by itself; a
 * misconfiguration by its check, resource and path, not by lines.
 */
export function fingerprintOf(kind: FindingKind, ...parts: readonly (string | undefined)[]): string {
  // JSON tells ["a", "bc"] and ["ab", "c"] apart.
  const text = JSON.stringify([kind, ...parts.map((part) => part ?? null)]);
  return bytesToHex(sha256(encoder.encode(text))).slice(0, 32);
}

/**
 * Tells secrets apart for those who have the key, and reveals nothing to anybody else: 32 hex digits of the HMAC-SHA-256 of the parts.
 */
export function keyedFingerprint(key: Uint8Array, ...parts: readonly string[]): string {
  return bytesToHex(hmac(sha256, key, new TextEncoder().encode(JSON.stringify(parts)))).slice(0, 32);
}
