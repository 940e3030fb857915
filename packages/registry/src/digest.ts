import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { ScanError } from "@plimsoll/model";
import type { Digest } from "@plimsoll/model";

/** Computes a digest piece by piece. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  /** Lower-case hexadecimal; ends the computation. */
  digest(): string;
}

/** Makes a hasher for one of the algorithms of {@link Digest}. */
export type HasherFactory = (algorithm: "sha256" | "sha512") => Hasher;

/** Hashes in JavaScript, where no engine's own hasher is given: WebCrypto wants all bytes at once, and a layer has too many. */
export const portableHasher: HasherFactory = (algorithm) => {
  const hash = (algorithm === "sha256" ? sha256 : sha512).create();
  return { update: (bytes) => void hash.update(bytes), digest: () => bytesToHex(hash.digest()) };
};

/** The algorithm part of a digest. */
export function algorithmOf(digest: Digest): "sha256" | "sha512" {
  return digest.startsWith("sha512:") ? "sha512" : "sha256";
}

/**
 * Digest of bytes in memory.
 * @param createHasher absent: the engine's own WebCrypto, which Node takes milliseconds to load
 */
export async function digestOf(
  bytes: Uint8Array,
  algorithm: "sha256" | "sha512" = "sha256",
  createHasher?: HasherFactory,
): Promise<Digest> {
  if (createHasher !== undefined) {
    const hasher = createHasher(algorithm);
    hasher.update(bytes);
    return `${algorithm}:${hasher.digest()}`;
  }
  const name = algorithm === "sha256" ? "SHA-256" : "SHA-512";
  const hash = new Uint8Array(await crypto.subtle.digest(name, bytes as Uint8Array<ArrayBuffer>)); // shared memory never gets here
  return `${algorithm}:${Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/**
 * Checks small content against the digest that names it.
 * @param createHasher as for {@link digestOf}
 * @throws ScanError `digest-mismatch`.
 */
export async function verifyDigest(
  bytes: Uint8Array,
  expected: Digest,
  what: string,
  createHasher?: HasherFactory,
): Promise<void> {
  const actual = await digestOf(bytes, algorithmOf(expected), createHasher);
  if (actual !== expected) throw new ScanError({ kind: "digest-mismatch", what, expected, actual });
}
