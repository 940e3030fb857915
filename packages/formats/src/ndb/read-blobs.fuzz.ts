import { oddNdb, oddRpmHeader, wholeBelow } from "@plimsoll/testkit";
import type { Random } from "@plimsoll/testkit";
import { FormatError } from "../format-error.ts";
import { readBlobs } from "./read-blobs.ts";

/** Slots that lead to their packages, to others, or nowhere. */
export function make(random: Random): Uint8Array {
  return oddNdb(
    random,
    Array.from({ length: wholeBelow(random, 20) }, () => oddRpmHeader(random)),
  );
}

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
