/** Bytes of a file as text that remembers where in the bytes each of its characters lies. */
export interface DecodedText {
  readonly text: string;
  /** Offset in the bytes given of a UTF-16 unit of the text (or of its end). */
  offsetOf(index: number): number;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** UTF-8; what is none becomes U+FFFD. */
export function decodeText(bytes: Uint8Array): DecodedText {
  const text = decoder.decode(bytes);
  // Nothing decodes to more units than it has bytes: where the numbers agree, each byte is one unit.
  if (text.length === bytes.length) return { text, offsetOf: (index) => index };
  let offsets: Int32Array | undefined;
  return { text, offsetOf: (index) => (offsets ??= offsetsOf(bytes, text.length))[index] ?? bytes.length };
}

/** Whether bytes are the beginning of a text in UTF-8: the last character may be cut. A decoder would throw, which costs more. */
export function isUtf8Beginning(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length;) {
    const size = characterSize(bytes, i);
    if (size > 0) i += size;
    else return i - size >= bytes.length && isLead(bytes[i] ?? 0);
  }
  return true;
}

function isLead(byte: number): boolean {
  return byte >= 0xc2 && byte <= 0xf4;
}

/** Offsets of all UTF-16 units, by decoding as the Encoding Standard does (https://encoding.spec.whatwg.org/#utf-8-decoder). */
function offsetsOf(bytes: Uint8Array, length: number): Int32Array {
  const offsets = new Int32Array(length + 1);
  let unit = 0;
  for (let i = 0; i < bytes.length;) {
    const size = characterSize(bytes, i);
    offsets[unit++] = i;
    if (size === 4) offsets[unit++] = i;
    i += Math.abs(size);
  }
  offsets[length] = bytes.length;
  return offsets;
}

/** Bytes of the character at a place; negative for so many bytes that are none, and together become one U+FFFD. */
function characterSize(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return -1;
  const needed = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
  for (let k = 1; k <= needed; k++) {
    const low = k > 1 ? 0x80 : first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    const high = k > 1 ? 0xbf : first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    const next = bytes[at + k];
    if (next === undefined || next < low || next > high) return -k;
  }
  return needed + 1;
}
