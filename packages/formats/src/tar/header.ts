import { FormatError } from "../format-error.ts";

/** Bytes of a header, and the unit that content is padded to. */
export const blockBytes = 512;

/** A tar header block, decoded. Fields as in POSIX.1-2017 pax "ustar Interchange Format" and GNU tar's tar.h. */
export interface TarHeader {
  /** The type flag's character: `0`, `5`, `L`, `x` … */
  readonly flag: string;
  /** Raw bytes of the name, with the ustar prefix. */
  readonly name: Uint8Array;
  readonly link: Uint8Array;
  readonly mode: number;
  /** Numbers of owner and group; undefined where the field is none. */
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  /** Bytes of content in the archive, as the header has it: links and directories may well claim less than none. */
  readonly size: number;
}

/** The byte of `/`. */
export const slash = 0x2f;

/** Whether a block is all zeros: two of them end the archive. */
export function isZeroBlock(block: Uint8Array): boolean {
  for (let at = 0; at < blockBytes; at++) if (block[at] !== 0) return false;
  return true;
}

/**
 * Decodes a header block. Names are views into it.
 * @throws FormatError when the checksum is wrong or a number is none.
 */
export function parseHeader(block: Uint8Array, offset: number): TarHeader {
  if (!checksumHolds(block)) {
    const what = offset === 0 ? "this is no tar archive" : "a header is damaged";
    throw new FormatError("tar", "malformed", `${what} (wrong checksum)`, { offset });
  }
  return {
    flag: String.fromCharCode(block[156] ?? 0),
    name: nameOf(block),
    link: untilZero(block, 157, 257),
    mode: permissions(block, offset),
    uid: ownerField(block, 108),
    gid: ownerField(block, 116),
    size: signedField(block, 124, 136, offset),
  };
}

/** Octal digits, or GNU's base-256 when the top bit is set; never negative. */
export function numberField(block: Uint8Array, start: number, end: number, offset: number): number {
  const value = signedField(block, start, end, offset);
  if (value < 0) throw impossible(offset);
  return value;
}

function signedField(block: Uint8Array, start: number, end: number, offset: number): number {
  const value = isBase256(block, start) ? base256(block, start, end) : octal(block, start, end);
  if (!Number.isSafeInteger(value)) throw impossible(offset);
  return value;
}

/** The permission bits: the lowest twelve of the mode. The bits above them, which some archivers set, mean nothing here. */
function permissions(block: Uint8Array, offset: number): number {
  if (isBase256(block, 100)) return (((block[106] ?? 0) << 8) | (block[107] ?? 0)) & 0o7777;
  const value = octal(block, 100, 108);
  if (Number.isNaN(value)) throw impossible(offset);
  return value & 0o7777;
}

/** Number of an owner or a group; undefined where the field has none, as in some old archives. Only questions about owners need it. */
function ownerField(block: Uint8Array, start: number): number | undefined {
  const value = isBase256(block, start) ? base256(block, start, start + 8) : octal(block, start, start + 8);
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function isBase256(block: Uint8Array, start: number): boolean {
  return ((block[start] ?? 0) & 0x80) !== 0;
}

function impossible(offset: number): FormatError {
  return new FormatError("tar", "malformed", "a header holds an impossible number", { offset });
}

function octal(block: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (block[at] === 0x20 || block[at] === 0)) at++;
  let value = 0;
  for (; at < end; at++) {
    const byte = block[at] ?? 0;
    if (byte === 0 || byte === 0x20) break;
    if (byte < 0x30 || byte > 0x37) return Number.NaN;
    value = value * 8 + (byte - 0x30);
  }
  return value;
}

/** Reads GNU's base-256 number, in two's complement: the bit below the marker is the sign. */
function base256(block: Uint8Array, start: number, end: number): number {
  const first = block[start] ?? 0;
  const flip = (first & 0x40) === 0 ? 0 : 0xff;
  let value = (first ^ flip) & 0x3f;
  for (let at = start + 1; at < end; at++) value = value * 256 + ((block[at] ?? 0) ^ flip);
  return flip === 0 ? value : -value - 1;
}

/** Whether the checksum is right. Old archivers summed signed characters, newer ones unsigned; either sum counts. */
function checksumHolds(block: Uint8Array): boolean {
  const expected = octal(block, 148, 156);
  let sum = 8 * 0x20;
  let high = 0;
  for (let at = 0; at < blockBytes; at++) {
    if (at === 148) at = 156;
    const byte = block[at] ?? 0;
    sum += byte;
    high += byte >> 7;
  }
  return sum === expected || sum - 256 * high === expected;
}

function nameOf(block: Uint8Array): Uint8Array {
  const name = untilZero(block, 0, 100);
  const prefix = prefixOf(block);
  if (prefix.length === 0) return name;
  const whole = new Uint8Array(prefix.length + 1 + name.length);
  whole.set(prefix);
  whole[prefix.length] = slash;
  whole.set(name, prefix.length + 1);
  return whole;
}

/**
 * The prefix of the name, which only ustar and star have. Star's is shorter, since times of access and change follow it; GNU has those
 * times in place of a prefix.
 */
function prefixOf(block: Uint8Array): Uint8Array {
  if (block[345] === 0) return none;
  if (textAt(block, 257, "ustar\0")) return untilZero(block, 345, textAt(block, 508, "tar\0") ? 476 : 500);
  if (!isGnu(block)) return none;
  // Go once wrote GNU headers with a prefix, and takes for one to this day what cannot be the two times.
  const isTimes = isGoNumber(block, 345, 357) && (block[357] === 0 || isGoNumber(block, 357, 369));
  const prefix = isTimes ? none : untilZero(block, 345, 500);
  return prefix.every((byte) => byte < 0x80) ? prefix : none;
}

/** Whether the header is GNU's own kind, in which sparse files may stand. */
export function isGnu(block: Uint8Array): boolean {
  return textAt(block, 257, "ustar  \0");
}

function textAt(block: Uint8Array, start: number, text: string): boolean {
  for (let at = 0; at < text.length; at++) if (block[start + at] !== text.charCodeAt(at)) return false;
  return true;
}

/** What Go takes for a number of twelve bytes: blanks around octal digits, or base-256 of at most 63 bits. */
function isGoNumber(block: Uint8Array, start: number, end: number): boolean {
  if (isBase256(block, start)) {
    const flip = ((block[start] ?? 0) & 0x40) === 0 ? 0 : 0xff;
    const high = [
      ((block[start] ?? 0) ^ flip) & 0x7f,
      ...block.subarray(start + 1, end - 8).map((byte) => byte ^ flip),
    ];
    return high.every((byte) => byte === 0) && ((block[end - 8] ?? 0) ^ flip) < 0x80;
  }
  const isBlank = (byte: number | undefined): boolean => byte === 0 || byte === 0x20;
  let from = start;
  let to = end;
  while (from < to && isBlank(block[from])) from++;
  while (to > from && isBlank(block[to - 1])) to--;
  const zero = block.subarray(from, to).indexOf(0);
  return block.subarray(from, zero === -1 ? to : from + zero).every((byte) => byte >= 0x30 && byte <= 0x37);
}

const none = new Uint8Array(0);

function untilZero(block: Uint8Array, start: number, end: number): Uint8Array {
  const zero = block.indexOf(0, start);
  return block.subarray(start, zero === -1 || zero > end ? end : zero);
}
