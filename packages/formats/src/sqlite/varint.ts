/** A variable-length integer (fileformat2 §1.6) and where it ends; undefined past the end of the bytes. */
export interface Varint {
  /** Loses its lowest digits above 2^53, which no length or row number of a real database reaches. */
  readonly value: number;
  readonly end: number;
}

/** Reads the integer at `at`: seven bits a byte, the ninth has eight. */
export function readVarint(bytes: Uint8Array, at: number): Varint | undefined {
  let value = 0;
  for (let count = 0; count < 9; count++) {
    const byte = bytes[at + count];
    if (byte === undefined) return undefined;
    if (count === 8) return { value: value * 256 + byte, end: at + 9 };
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, end: at + count + 1 };
  }
  return undefined;
}
