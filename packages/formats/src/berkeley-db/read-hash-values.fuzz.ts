import { oddHashDatabase } from "@plimsoll/testkit";
import type { Random } from "@plimsoll/testkit";
import { FormatError } from "../format-error.ts";
import { readHashValues } from "./read-hash-values.ts";

/** Databases whose chains of pages lead anywhere. */
export function make(random: Random): Uint8Array {
  return oddHashDatabase(random);
}

/** Values on overflow pages together are never larger than the file; those in leaves may overlap within their page. */
export function fuzz(input: Uint8Array): void {
  try {
    let held = 0;
    for (const value of readHashValues(input)) if (value.byteLength === value.buffer.byteLength) held += value.length;
    if (held > input.length) throw new Error(`${held} bytes read from ${input.length}`);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
