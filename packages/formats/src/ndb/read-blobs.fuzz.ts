import { FormatError } from "../format-error.ts";
import { readBlobs } from "./read-blobs.ts";

/** Blobs together are never larger than the file. */
export function fuzz(input: Uint8Array): void {
  try {
    let held = 0;
    for (const blob of readBlobs(input)) held += blob.length;
    if (held > input.length) throw new Error(`${held} bytes read from ${input.length}`);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
