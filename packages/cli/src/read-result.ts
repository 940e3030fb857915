import { readFile, stat } from "node:fs";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { FormatError, jsonSteps } from "@plimsoll/formats";
import { inTurns, ScanError } from "@plimsoll/model";
import type { Inventory, Report } from "@plimsoll/model";
import { isReportOrInventory, readReportInTurns, readSbomInTurns } from "@plimsoll/report";
import { whyUnreadable } from "./read-text.ts";

/**
 * The bytes of a document that the user named, or of stdin for `-`.
 * @throws ScanError `malformed-document` when it cannot be read.
 */
export async function readDocument(file: string): Promise<{ readonly bytes: Uint8Array; readonly label: string }> {
  const label = file === "-" ? "stdin" : file;
  try {
    // Node's promises of files take milliseconds to load.
    return { bytes: file === "-" ? await buffer(process.stdin) : await promisify(readFile)(file), label };
  } catch (cause) {
    throw unreadable(label, cause);
  }
}

/**
 * Tells that a document is missing, before anybody looks for more.
 * @throws ScanError as {@link readDocument} does.
 */
export async function expectDocument(file: string): Promise<void> {
  if (file === "-") return;
  await promisify(stat)(file).catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
}

function unreadable(label: string, cause: unknown): ScanError {
  return new ScanError({ kind: "malformed-document", label, reason: whyUnreadable(cause) }, { cause });
}

/**
 * A report or inventory that `--format json` or a program wrote, or the inventory of an SBOM.
 * @throws ScanError `malformed-document` when it is none of these.
 */
export async function readResult(file: string): Promise<Report | Inventory> {
  const { bytes, label } = await readDocument(file);
  const text = new TextDecoder().decode(bytes);
  return (await isOurs(text)) ? readReportInTurns(text, { label }) : readSbomInTurns(bytes, { label });
}

async function isOurs(text: string): Promise<boolean> {
  if (!text.trimStart().startsWith("{")) return false;
  try {
    return isReportOrInventory(await inTurns(jsonSteps(text, (path) => path.length <= 1)));
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}
