import { readFileSync } from "node:fs";
import { ScanError } from "@plimsoll/model";

/**
 * A text file that the user named.
 * @throws ScanError `malformed-document` when it cannot be read.
 */
export function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new ScanError({ kind: "malformed-document", label: file, reason: whyUnreadable(cause) }, { cause });
  }
}

/** Why a file could not be read, by the error that reading it threw. */
export function whyUnreadable(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && error.code === "ENOENT" ? "there is no such file" : error.message;
}
