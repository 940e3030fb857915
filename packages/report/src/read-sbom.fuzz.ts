import { ScanError } from "@plimsoll/model";
import { readSbom } from "./read-sbom.ts";

/** Any bytes are an inventory or a ScanError. */
export function fuzz(input: Uint8Array): void {
  try {
    readSbom(input);
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
  }
}
