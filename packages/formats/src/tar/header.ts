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
  /** Bytes of content in the archive. */
  readonly size: number;
}

const slash = 0x2f;

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
    mode: numberField(block, 100, 108, offset) & 0o7777,
    size: numberField(block, 124, 136, offset),
  };
}

/** Octal digits, or GNU's base-256 when the top bit is set. */
export function numberField(block: Uint8Array, start: number, end: number, offset: number): number {
  const first = block[start] ?? 0;
  const value = (first & 0x80) === 0 ? octal(block, start, end) : base256(block, start, end);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new FormatError("tar", "malformed", "a header holds an impossible number", { offset });
  return value;
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

function base256(block: Uint8Array, start: number, end: number): number {
  const first = block[start] ?? 0;
  // The bit below the marker is the sign; nothing in a header may be negative.
  if ((first & 0x40) !== 0) return Number.NaN;
  let value = first & 0x3f;
  for (let at = start + 1; at < end; at++) value = value * 256 + (block[at] ?? 0);
  return value;
}

/** Old archivers summed signed characters; both sums are in use. */
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
  // The prefix exists in ustar only ("ustar\0"); GNU's "ustar  " has other fields there.
  if (block[345] === 0 || block[257] !== 0x75 || block[262] !== 0) return name;
  const prefix = untilZero(block, 345, 500);
  const whole = new Uint8Array(prefix.length + 1 + name.length);
  whole.set(prefix);
  whole[prefix.length] = slash;
  whole.set(name, prefix.length + 1);
  return whole;
}

function untilZero(block: Uint8Array, start: number, end: number): Uint8Array {
  const zero = block.indexOf(0, start);
  return block.subarray(start, zero === -1 || zero > end ? end : zero);
}
