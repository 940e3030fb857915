import { gzipSync } from "node:zlib";
import { FormatError, portableDecompressors } from "@plimsoll/formats";
import { expansionOf, sameExpansion } from "@plimsoll/testkit";
import { gunzipDirectly, gunzipStreamed } from "./gunzip.ts";

/** Two members, one member, and members that are stored. */
export function seeds(): Uint8Array[] {
  return [
    Buffer.concat([gzipSync("hello, "), gzipSync("world")]),
    gzipSync("the quick brown fox ".repeat(40)),
    gzipSync("stored", { level: 0 }),
    gzipSync(new Uint8Array(30_000)),
  ].map((bytes) => new Uint8Array(bytes));
}

/** Zlib called directly, zlib as a stream and the portable decoder: the same bytes, or damage for both of the first. */
export async function fuzz(input: Uint8Array): Promise<void> {
  const direct = await sameExpansion(input, (stream) => gunzipDirectly(stream, { recycle: true }), problemOf);
  const streamed = await expansionOf(gunzipStreamed(once(input)), problemOf);
  const portable = await expansionOf(portableDecompressors.gzip(once(input)), problemOf);
  if (direct !== streamed) throw new Error(`directly: ${direct}; streamed: ${streamed}`);
  // fflate does not compare the length of a stored block with its complement; lengths and sums at the end still hold.
  if (direct !== portable && direct !== "FormatError") throw new Error(`native: ${direct}; portable: ${portable}`);
}

function problemOf(error: unknown): string | undefined {
  return error instanceof FormatError ? "FormatError" : undefined;
}

async function* once(input: Uint8Array): AsyncGenerator<Uint8Array> {
  if (input.length > 0) yield input;
}
