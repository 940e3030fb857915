/** A value of JSON and the bytes that belong to it, in one piece. */
export interface Parts {
  readonly head: unknown;
  readonly parts: readonly Uint8Array[];
}

/**
 * Length of the head (4 bytes, little-endian), the head as JSON with the lengths of the parts, then the parts.
 * Numbers inside of parts are as the machine has them: caches are not carried between machines of different byte order.
 */
export function packParts(head: unknown, parts: readonly Uint8Array[]): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify({ head, lengths: parts.map(({ length }) => length) }));
  const packed = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 4 + text.length));
  new DataView(packed.buffer).setUint32(0, text.length, true);
  packed.set(text, 4);
  let at = 4 + text.length;
  for (const part of parts) {
    packed.set(part, at);
    at += part.length;
  }
  return packed;
}

/** The inverse of {@link packParts}. Throws for anything else. */
export function unpackParts(packed: Uint8Array): Parts {
  const textLength = new DataView(packed.buffer, packed.byteOffset, packed.length).getUint32(0, true);
  const text = new TextDecoder("utf-8", { fatal: true }).decode(packed.subarray(4, 4 + textLength));
  // Written by packParts; what is thrown for anything else makes the cache look the layer through again.
  const { head, lengths } = JSON.parse(text) as { head: unknown; lengths: readonly number[] };
  let at = 4 + textLength;
  const parts = lengths.map((length) => packed.subarray(at, (at += length)));
  if (at !== packed.length) throw new Error("it is not as long as it says");
  return { head, parts };
}
