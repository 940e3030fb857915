/** Text that stands in a file as base64 (RFC 4648, either alphabet, on one line). */

/** Shorter ones hold no secret: 18 bytes. */
const shortestRun = 24;
/** Bytes at the beginning of what is decoded that must be text. */
const sniffed = 48;

/** A stretch of base64 and the text in it. */
export interface EncodedText {
  /** Offsets in the bytes given: the first character that was decoded, and after the last, padding included. */
  readonly start: number;
  readonly end: number;
  readonly decoded: Uint8Array;
}

const values: Int8Array = valueTable();

/**
 * Every stretch of base64 that is text when decoded. `cut`: the bytes may begin within a stretch, whose groups of four are then
 * looked for. Takes time linear in the bytes: only every 24th is looked at where nothing is encoded.
 */
export function* encodedTexts(
  bytes: Uint8Array,
  { cut = false }: { readonly cut?: boolean } = {},
): Generator<EncodedText> {
  for (let at = shortestRun - 1; at < bytes.length;) {
    if (valueAt(bytes, at) < 0) {
      at += shortestRun;
      continue;
    }
    let start = at;
    const earliest = at - shortestRun + 1;
    while (start > earliest && valueAt(bytes, start - 1) >= 0) start--;
    // What began before was looked at from its own beginning.
    let end = at + 1;
    while (end < bytes.length && valueAt(bytes, end) >= 0) end++;
    if (end - start >= shortestRun) {
      const shifts = cut && start === 0 ? [0, 1, 2, 3] : [0];
      for (const shift of shifts) {
        const decoded = decode(bytes, start + shift, end);
        if (decoded === undefined) continue;
        let after = end;
        while (after < bytes.length && after - end < 2 && bytes[after] === 0x3d) after++;
        yield { start: start + shift, end: after, decoded };
        break;
      }
    }
    at = end + shortestRun;
  }
}

/** Where the characters that encode some of the decoded bytes lie. */
export function encodedSpan(
  { start: begin, end: last }: EncodedText,
  span: { readonly start: number; readonly end: number },
): { readonly start: number; readonly end: number } {
  return {
    start: begin + Math.floor(span.start / 3) * 4,
    end: Math.min(last, begin + Math.ceil(span.end / 3) * 4),
  };
}

/** Undefined: it is no text. */
function decode(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
  const length = Math.floor(((end - start) * 3) / 4);
  const head = decodeInto(new Uint8Array(Math.min(sniffed, length)), bytes, start);
  if (!head.every(isText) || !isUtf8(head)) return undefined;
  return length <= sniffed ? head : decodeInto(new Uint8Array(length), bytes, start);
}

function decodeInto(out: Uint8Array, bytes: Uint8Array, start: number): Uint8Array {
  let at = start;
  for (let i = 0; i < out.length; i += 3, at += 4) {
    const group =
      (valueAt(bytes, at) << 18) |
      (valueAt(bytes, at + 1) << 12) |
      (Math.max(0, valueAt(bytes, at + 2)) << 6) |
      Math.max(0, valueAt(bytes, at + 3));
    out[i] = group >> 16;
    if (i + 1 < out.length) out[i + 1] = group >> 8;
    if (i + 2 < out.length) out[i + 2] = group;
  }
  return out;
}

function isText(byte: number): boolean {
  return byte >= 0x20 ? byte !== 0x7f : byte === 9 || byte === 10 || byte === 13;
}

/** Whether bytes are the beginning of a text in UTF-8. */
function isUtf8(bytes: Uint8Array): boolean {
  if (bytes.every((byte) => byte < 0x80)) return true;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function valueAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  return byte === undefined ? -1 : (values[byte] ?? -1);
}

function valueTable(): Int8Array {
  const table = new Int8Array(256).fill(-1);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (let value = 0; value < 64; value++) table[alphabet.charCodeAt(value)] = value;
  table["-".charCodeAt(0)] = 62;
  table["_".charCodeAt(0)] = 63;
  return table;
}
