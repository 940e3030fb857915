/** Text in UTF-8 or UTF-16 that stands in a file as base64 (RFC 4648, either alphabet), on one line or wrapped. */

import { isUtf8Beginning } from "./decoded-text.ts";

/** Shorter ones hold no secret: 18 bytes. */
const shortestRun = 24;
/** Bytes at the beginning of what is decoded that must be text. */
const sniffed = 48;

/** Shorter lines are no wrapped base64: programs wrap at 64 (RFC 7468) or 76 characters (RFC 2045), some at less. */
const shortestLine = 32;
/** Spaces, tabs, a carriage return and a line feed between two lines, at most. */
const longestBreak = 18;

/** A stretch of base64 and the text in it. */
export interface EncodedText {
  /** Offsets in the bytes given: the first character that was decoded, and after the last, padding included. */
  readonly start: number;
  readonly end: number;
  /** The text in UTF-8, or, of what was UTF-16 when decoded, its ASCII. */
  readonly decoded: Uint8Array;
  /** How many bytes of what is encoded make one of `decoded`: 2 for UTF-16. */
  readonly width: 1 | 2;
  /** How the base64 is wrapped: characters of a line, and bytes between two lines. */
  readonly wrapped?: Wrapping;
}

interface Wrapping {
  readonly line: number;
  readonly gap: number;
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
  for (let run = nextRun(bytes, shortestRun - 1); run !== undefined;) {
    const { start } = run;
    let { end } = run;
    const shifts = cut && start === 0 ? [0, 1, 2, 3] : [0];
    for (const shift of shifts) {
      const text = decode(bytes, start + shift, end);
      if (text === undefined) continue;
      // Only what begins as a text is looked at again with the lines behind it.
      const block = shifts.length > 1 ? undefined : wrappedFrom(bytes, start, end);
      if (block === undefined) yield { start: start + shift, end: withPadding(bytes, end), ...text };
      else {
        end = block.end;
        const whole = decode(block.characters, 0, block.characters.length) ?? text;
        yield { start, end: withPadding(bytes, end), ...whole, wrapped: block.wrapped };
      }
      break;
    }
    run = nextRun(bytes, end + shortestRun);
  }
}

/**
 * The next stretch of the alphabet that is long enough and holds the byte at `from` or begins behind it. A function of its own, since engines
 * do not optimise the loops of generators.
 */
function nextRun(bytes: Uint8Array, from: number): { readonly start: number; readonly end: number } | undefined {
  const { length } = bytes;
  for (let at = from; at < length;) {
    if (valueAt(bytes, at) < 0) {
      at += shortestRun;
      continue;
    }
    let start = at;
    const earliest = at - shortestRun + 1;
    while (start > earliest && valueAt(bytes, start - 1) >= 0) start--;
    // What began before was looked at from its own beginning.
    let end = at + 1;
    while (end < length && valueAt(bytes, end) >= 0) end++;
    if (end - start >= shortestRun) return { start, end };
    at = end + shortestRun;
  }
  return undefined;
}

function withPadding(bytes: Uint8Array, end: number): number {
  let after = end;
  while (after < bytes.length && after - end < 2 && bytes[after] === 0x3d) after++;
  return after;
}

interface WrappedBlock {
  /** The base64 without its line ends. */
  readonly characters: Uint8Array;
  readonly end: number;
  readonly wrapped: Wrapping;
}

/** Lines of base64 of one length, with one kind of line end and one indentation, the last line as long or shorter; undefined for one line. */
function wrappedFrom(bytes: Uint8Array, start: number, end: number): WrappedBlock | undefined {
  const line = end - start;
  if (line < shortestLine || line % 4 !== 0) return undefined;
  let next = end;
  while (next < bytes.length && next - end <= longestBreak && isBreak(bytes[next])) next++;
  const gap = next - end;
  if (gap === 0 || gap > longestBreak || bytes.subarray(end, next).indexOf(10) === -1 || valueAt(bytes, next) < 0)
    return undefined;
  let last = end;
  for (let from = next; ;) {
    let to = from;
    while (to < bytes.length && to - from <= line && valueAt(bytes, to) >= 0) to++;
    if (to === from || to - from > line) break;
    // The last line may be shorter; the key of what follows is no line.
    if (to - from < line && !isEnd(bytes[to])) break;
    last = to;
    if (to - from < line) break;
    const between = bytes.subarray(to, to + gap);
    if (between.length < gap || !between.every((byte, index) => byte === bytes[end + index])) break;
    from = to + gap;
  }
  if (last === end) return undefined;
  const lines = Math.ceil((last - start + gap) / (line + gap));
  const characters = new Uint8Array(last - start - (lines - 1) * gap);
  for (let index = 0; index < lines; index++) {
    const from = start + index * (line + gap);
    characters.set(bytes.subarray(from, Math.min(from + line, last)), index * line);
  }
  return { characters, end: last, wrapped: { line, gap } };
}

/** Line ends, padding, quotes and what closes a tag. */
function isEnd(byte: number | undefined): boolean {
  return byte === undefined || isBreak(byte) || byte === 0x3d || byte === 0x22 || byte === 0x27 || byte === 0x3c;
}

function isBreak(byte: number | undefined): boolean {
  return byte === 10 || byte === 13 || byte === 32 || byte === 9;
}

/** The range of characters that encode some of the decoded bytes. */
export function encodedSpan(
  { start: begin, end: last, width, wrapped }: EncodedText,
  span: { readonly start: number; readonly end: number },
): { readonly start: number; readonly end: number } {
  const place = (character: number): number =>
    begin + character + (wrapped === undefined ? 0 : Math.floor(character / wrapped.line) * wrapped.gap);
  const first = Math.floor((span.start * width) / 3) * 4;
  const behind = Math.ceil((span.end * width) / 3) * 4;
  // The end of a line is not the beginning of the next one.
  return { start: place(first), end: Math.min(last, place(Math.max(first, behind - 1)) + 1) };
}

/** Undefined: it is no text. */
function decode(bytes: Uint8Array, start: number, end: number): Pick<EncodedText, "decoded" | "width"> | undefined {
  // Most names that are long enough are told by their first byte.
  const first = (valueAt(bytes, start) << 2) | (valueAt(bytes, start + 1) >> 4);
  if (first !== 0 && !isText(first)) return undefined;
  const length = Math.floor(((end - start) * 3) / 4);
  const head = decodeInto(new Uint8Array(Math.min(sniffed, length)), bytes, start);
  const zero = asciiZeros(head);
  if (zero === undefined && !(head.every(isText) && isUtf8Beginning(head))) return undefined;
  const whole = length <= sniffed ? head : decodeInto(new Uint8Array(length), bytes, start);
  if (zero === undefined) return { decoded: whole, width: 1 };
  const decoded = new Uint8Array(whole.length >> 1);
  // What is no ASCII separates, and is none of the characters of a secret.
  for (let at = 0; at < decoded.length; at++)
    decoded[at] = whole[2 * at + zero] === 0 ? (whole[2 * at + 1 - zero] ?? 0) : 0x20;
  return { decoded, width: 2 };
}

/** Which byte of each two is zero in what can be ASCII in UTF-16: the second (1, little-endian), the first (0), or undefined. */
function asciiZeros(bytes: Uint8Array): 0 | 1 | undefined {
  const are = (zero: 0 | 1): boolean =>
    bytes.length >= 8 && bytes[zero] === 0 && bytes.every((byte, at) => (at % 2 === zero ? byte === 0 : isText(byte)));
  return are(1) ? 1 : are(0) ? 0 : undefined;
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
