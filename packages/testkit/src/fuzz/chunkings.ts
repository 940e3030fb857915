import { randomFrom, wholeBelow } from "./random.ts";

/**
 * The result of a stream reader for `input`, which must be the same for any chunks: one chunk, chunks of equal size, and chunks that depend on the
 * input. Errors of `read` are rethrown.
 */
export async function sameInChunks(
  input: Uint8Array,
  read: (stream: AsyncIterable<Uint8Array>) => Promise<string>,
): Promise<string> {
  const whole = await read(chunked(input, () => input.length));
  const random = randomFrom(input.reduce((sum, byte) => (Math.imul(sum, 31) + byte) | 0, input.length));
  const size = 1 + wholeBelow(random, 700);
  const cuts = [() => size, () => wholeBelow(random, 2_000)];
  for (const cut of cuts) {
    const inChunks = await read(chunked(input, cut));
    if (inChunks !== whole) throw new Error(`in chunks: ${inChunks.slice(0, 500)}\nin one: ${whole.slice(0, 500)}`);
  }
  return whole;
}

async function* chunked(input: Uint8Array, next: () => number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < input.length;) {
    const end = Math.min(input.length, at + next());
    // A copy that is wiped afterwards: nobody may hold on to a chunk.
    const chunk = input.slice(at, end);
    yield chunk;
    chunk.fill(0xa5);
    at = end;
  }
}
