import { gzipSync } from "node:zlib";
import { FormatError, portableDecompressors } from "@plimsoll/formats";
import type { ByteStream } from "@plimsoll/model";
import { sameInChunks } from "@plimsoll/testkit";
import { gunzipDirectly, gunzipStreamed } from "./gunzip.ts";

/** Deflated input can claim nearly everything: this much is enough to see. */
const maxBytes = 8 * 1024 * 1024;

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
  const direct = await sameInChunks(input, (stream) => outcome(gunzipDirectly(stream, { recycle: true })));
  const streamed = await outcome(gunzipStreamed(once(input)));
  const portable = await outcome(portableDecompressors.gzip(once(input)));
  if (direct !== streamed) throw new Error(`directly: ${direct}; streamed: ${streamed}`);
  // fflate does not compare the length of a stored block with its complement; lengths and sums at the end still hold.
  if (direct !== portable && direct !== "FormatError") throw new Error(`native: ${direct}; portable: ${portable}`);
}

async function outcome(stream: ByteStream): Promise<string> {
  let bytes = 0;
  let sum = 0;
  try {
    for await (const chunk of stream) {
      bytes += chunk.length;
      if (bytes > maxBytes) return "more";
      for (const byte of chunk) sum = (Math.imul(sum, 31) + byte) | 0;
    }
    return `${bytes} ${sum}`;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return "FormatError";
  }
}

async function* once(input: Uint8Array): AsyncGenerator<Uint8Array> {
  if (input.length > 0) yield input;
}
