import { openInflater } from "./deflate/inflater.ts";

/**
 * Expands raw deflate (RFC 1951) piece by piece, of which none is held: each is valid until the next one is asked for. What stands behind the
 * end is left alone.
 * @throws Error where the bytes are damaged, or end before the stream does.
 */
export function* inflatePieces(packed: Iterable<Uint8Array>): Generator<Uint8Array> {
  const inflater = openInflater();
  try {
    for (const part of packed) {
      yield* inflater.push(part);
      if (inflater.unused !== undefined) return;
    }
  } finally {
    inflater.close();
  }
  throw new RangeError("ends early");
}
