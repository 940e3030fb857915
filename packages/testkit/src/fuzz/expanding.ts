import { sameInChunks } from "./chunkings.ts";

/** Compressed input can claim nearly everything: this much is enough to see. */
const maxBytes = 8 * 1024 * 1024;

/** Seeds that are written down as base64. */
export function seedsOf(texts: readonly string[]): Uint8Array[] {
  return texts.map((text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
}

/**
 * A summary of a decompressor's result: length and checksum of the output, or `problemOf` the error. Errors for which that is undefined are
 * rethrown.
 */
export async function expansionOf(
  stream: AsyncIterable<Uint8Array>,
  problemOf: (error: unknown) => string | undefined,
): Promise<string> {
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
    const problem = problemOf(error);
    if (problem === undefined) throw error;
    // What came out before is a matter of how much went in at once.
    return problem;
  }
}

/** Checks that a decompressor gives the same bytes or the same kind of problem for any chunks of the stream. */
export async function sameExpansion(
  input: Uint8Array,
  decompress: (stream: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
  problemOf: (error: unknown) => string | undefined,
): Promise<string> {
  return sameInChunks(input, (stream) => expansionOf(decompress(stream), problemOf));
}
