import type { ByteStream } from "./bytes.ts";

/** The input cut into pieces of at most `size` bytes, the last one marked (and possibly empty). */
export async function* pieces(
  input: ByteStream,
  size: number,
): AsyncGenerator<{ readonly bytes: Uint8Array; readonly last: boolean }> {
  for await (const chunk of input)
    for (let at = 0; at < chunk.length; at += size) yield { bytes: chunk.subarray(at, at + size), last: false };
  yield { bytes: new Uint8Array(0), last: true };
}
