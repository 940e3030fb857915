import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** The digest that a server states for a document. */
export interface StatedDigest {
  readonly algorithm: "md5" | "sha256" | "sha512";
  /** Base64. */
  readonly value: string;
}

/**
 * The digest in the headers of a response: `Repr-Digest` (RFC 9530), or `x-goog-hash` of Google's storage, where the OSV
 * bucket lies. Undefined when there is none for the transferred bytes.
 */
export function statedDigest(headers: Headers): StatedDigest | undefined {
  if ((headers.get("content-encoding") ?? "identity") !== "identity") return undefined;
  const [, algorithm, value] = /\bsha-(256|512)=:([A-Za-z0-9+/=]+):/.exec(headers.get("repr-digest") ?? "") ?? [];
  if (algorithm !== undefined && value !== undefined)
    return { algorithm: algorithm === "256" ? "sha256" : "sha512", value };
  // Of what is stored, which may be compressed and expanded on the way out.
  if ((headers.get("x-goog-stored-content-encoding") ?? "identity") !== "identity") return undefined;
  const md5 = /\bmd5=([A-Za-z0-9+/=]{24})/.exec(headers.get("x-goog-hash") ?? "")?.[1];
  return md5 === undefined ? undefined : { algorithm: "md5", value: md5 };
}

/** @throws Error when the content of the file does not match. */
export async function checkDigest(path: string, { algorithm, value }: StatedDigest): Promise<void> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer); // as: without an encoding, chunks are bytes
  const actual = hash.digest("base64");
  if (actual !== value) throw new Error(`its ${algorithm} is ${actual} instead of ${value}`);
}
