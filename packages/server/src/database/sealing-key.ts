import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Length of a key in bytes, for AES-256. */
export const sealingKeyBytes = 32;

/**
 * Reads the encryption key of a data directory, or creates it. Without it, the encrypted values in the database cannot be read. Processes that
 * start together get the same key.
 * @throws TypeError when the file exists and holds no key.
 */
export function sealingKeyIn(directory: string): Uint8Array {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, "sealing.key");
  const made = join(directory, `sealing.key.${process.pid}.${randomBytes(6).toString("hex")}`);
  try {
    return readSealingKey(readFileSync(path, "utf8"), path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  writeFileSync(made, `${randomBytes(sealingKeyBytes).toString("base64")}\n`, { mode: 0o600, flag: "wx", flush: true });
  try {
    // Fails where another process was faster, and never shows a file that is only half written.
    linkSync(made, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(made, { force: true });
  }
  return readSealingKey(readFileSync(path, "utf8"), path);
}

/** Parses a key from the text of a key file. @throws TypeError naming `label` when the text is no key. */
export function readSealingKey(text: string, label: string): Uint8Array {
  const key = Buffer.from(text.trim(), "base64");
  if (key.length !== sealingKeyBytes || key.toString("base64") !== text.trim())
    throw new TypeError(`${label} holds no key: ${sealingKeyBytes} bytes in base64 are needed`);
  return key;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
