import { oddRpmHeader } from "@plimsoll/testkit";
import type { Random } from "@plimsoll/testkit";
import { FormatError } from "../format-error.ts";
import { readRpmHeader } from "./read-rpm-header.ts";

/** Headers whose index points anywhere. */
export function make(random: Random): Uint8Array {
  return oddRpmHeader(random);
}

/** What one tag holds is never larger than the blob. */
export function fuzz(input: Uint8Array): void {
  try {
    const header = readRpmHeader(input);
    const view = new DataView(input.buffer, input.byteOffset, input.length);
    for (let at = 8; at + 16 <= input.length; at += 16) {
      const tag = view.getUint32(at);
      header.text(tag);
      const held = Math.max(header.texts(tag).length, header.integers(tag).length, header.bytes(tag)?.length ?? 0);
      if (held > input.length) throw new Error(`${held} values read from ${input.length} bytes`);
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
