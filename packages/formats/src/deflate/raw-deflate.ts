import { deflateSync, inflateSync } from "fflate";
import { FormatError } from "../format-error.ts";

/** How many times its size deflate can expand at most: 258 bytes for two bits. */
const bestRatio = 1032;

/**
 * Compresses bytes as raw deflate (RFC 1951). In JavaScript on purpose: the same bytes in give the same bytes out on
 * every machine, which native libraries do not promise. `level` is 0 to 9.
 */
export function deflateRaw(bytes: Uint8Array, level: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 = 6): Uint8Array {
  return deflateSync(bytes, { level });
}

/**
 * Expands raw deflate (RFC 1951) to at most `maxBytes`.
 * @throws FormatError when the bytes are damaged or expand to more.
 */
export function inflateRaw(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const size = Math.min(maxBytes, bytes.length * bestRatio);
  let content: Uint8Array;
  try {
    // One byte more than allowed shows output that is too long; what lies beyond is dropped by the typed array.
    content = inflateSync(bytes, { out: new Uint8Array(size + 1) });
  } catch (cause) {
    throw new FormatError("deflate", "malformed", "the bytes do not inflate", { cause });
  }
  if (content.length > size) throw new FormatError("deflate", "limit-exceeded", `more than ${maxBytes} bytes`);
  return content;
}
