import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/** Encrypts values, so that the database, its logs and its backups contain nothing that can be read without the key. */
export interface Seal {
  /** Encrypts a value as text that only `open` with the same key and purpose can read. */
  close(value: object, purpose: string): string;
  /** Decrypts a value; undefined when it was encrypted with another key or for another purpose, or was changed. */
  open(sealed: unknown, purpose: string): unknown;
}

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;

/** Encryption with AES-256 in Galois/Counter mode (NIST SP 800-38D); the key has 32 bytes. */
export function sealWith(key: Uint8Array): Seal {
  return {
    close(value, purpose) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(purpose));
      const text = Buffer.concat([cipher.update(JSON.stringify(value), "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString("base64");
    },
    open(sealed, purpose) {
      if (typeof sealed !== "string") return undefined;
      const bytes = Buffer.from(sealed, "base64");
      if (bytes.length < nonceBytes + tagBytes) return undefined;
      try {
        const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
          .setAAD(Buffer.from(purpose))
          .setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
        const text = Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]);
        // Written by seal: nobody else has the key.
        return JSON.parse(text.toString("utf8"));
      } catch {
        // Not sealed with this key: there is nothing to say about what it holds.
        return undefined;
      }
    },
  };
}
