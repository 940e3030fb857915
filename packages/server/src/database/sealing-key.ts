import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Bytes of a key: AES-256. */
export const sealingKeyBytes = 32;

/**
 * The key of a data directory, made when there is none yet: what the database holds sealed is of no use without it. Of processes
 * that start together one makes it, and all read the same.
 * @throws TypeError when the file is there and holds no key.
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

/** A key as files hold it. @throws TypeError naming `label` when that is none. */
export function readSealingKey(text: string, label: string): Uint8Array {
  const key = Buffer.from(text.trim(), "base64");
  if (key.length !== sealingKeyBytes || key.toString("base64") !== text.trim())
    throw new TypeError(`${label} holds no key: ${sealingKeyBytes} bytes in base64 are needed`);
  return key;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
