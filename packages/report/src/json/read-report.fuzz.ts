import { ScanError } from "@plimsoll/model";
import { readReport } from "./read.ts";

/** Any text is a report, an inventory or a ScanError. */
export function fuzz(input: Uint8Array): void {
  try {
    readReport(new TextDecoder().decode(input));
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
  }
}
