import { createHash } from "node:crypto";
import type { Hasher } from "@plimsoll/registry";

/** Streaming SHA-2 by Node's own OpenSSL. */
export function nativeHasher(algorithm: "sha256" | "sha512"): Hasher {
  const hash = createHash(algorithm);
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest("hex") };
}
