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
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    const reason = missing ? "there is no such file" : (cause as Error).message;
    throw new ScanError({ kind: "malformed-document", label: file, reason }, { cause });
  }
}
