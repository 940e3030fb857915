import { inflateSync } from "fflate";
import { FormatError } from "../format-error.ts";
import { crc32 } from "../crc32.ts";
import { inflatePieces } from "../inflate-pieces.ts";
import type { ZipEntry } from "./directory.ts";

/** Replaces the pure JavaScript inflater and checksum by faster ones of the platform. */
export interface ZipEngine {
  /** Expands raw deflate. It must throw when the output would be longer than `maxBytes`, which is at least 1. */
  readonly inflateRaw?: ((data: Uint8Array, maxBytes: number) => Uint8Array) | undefined;
  /**
   * Expands raw deflate piece by piece; what stands behind its end is left alone. It must throw where the bytes are damaged, or end before the
   * stream does.
   */
  readonly inflatePieces?: ((packed: Iterable<Uint8Array>) => Iterable<Uint8Array>) | undefined;
  /** CRC-32 of the bytes, unsigned; `previous` is that of the bytes before them. */
  readonly crc32?: ((data: Uint8Array, previous?: number) => number) | undefined;
}

/**
 * Content that is declared larger than this is expanded in pieces whose size is checked, since one call of the plain inflater could write a
 * thousand times its input.
 */
const watchedAbove = 64 * 1024;

/** How many times its size deflate can expand at most: 258 bytes for two bits. */
const bestRatio = 1032;

/**
 * The content of an entry from `bytes` that start at its local header (APPNOTE.TXT 4.3.7). Sizes and checksum come from
 * the central directory, so data descriptors need not be read.
 * @throws FormatError when header, sizes, deflate stream or checksum are wrong.
 */
export function inflateEntry(bytes: Uint8Array, entry: ZipEntry, engine: ZipEngine): Uint8Array {
  const packed = packedBytes(bytes, entry);
  const content = entry.method === 0 ? packed : inflate(packed, entry, engine);
  if (content.length !== entry.size) {
    throw entryIsBroken(entry, `has ${content.length > entry.size ? "more" : "fewer"} than its ${entry.size} bytes`);
  }
  if ((engine.crc32 ?? crc32)(content) !== entry.crc32) throw entryIsBroken(entry, "does not match its checksum");
  return content;
}

function packedBytes(bytes: Uint8Array, entry: ZipEntry): Uint8Array {
  const start = headerLength(bytes, entry);
  if (start + entry.compressedSize > bytes.length) throw truncated(entry);
  return bytes.subarray(start, start + entry.compressedSize);
}

/**
 * Where in the file the bytes of an entry lie, packed as they are, by its local header.
 * @throws FormatError when there is no such header.
 */
export function packedRange(header: Uint8Array, entry: ZipEntry): { readonly start: number; readonly end: number } {
  const start = entry.offset + headerLength(header, entry);
  return { start, end: start + entry.compressedSize };
}

function headerLength(bytes: Uint8Array, entry: ZipEntry): number {
  if (bytes.length < 30) throw truncated(entry);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== 0x04034b50) throw entryIsBroken(entry, "has no local header");
  return 30 + view.getUint16(26, true) + view.getUint16(28, true);
}

function inflate(packed: Uint8Array, entry: ZipEntry, engine: ZipEngine): Uint8Array {
  checkRatio(entry);
  try {
    if (engine.inflateRaw !== undefined) return engine.inflateRaw(packed, Math.max(1, entry.size));
    if (packed.length > watchedAbove) return inflateWatched(packed, entry.size);
    // One byte more than declared shows output that is too long; what lies beyond is dropped by the typed array.
    return inflateSync(packed, { out: new Uint8Array(entry.size + 1) });
  } catch (cause) {
    throw entryIsBroken(entry, "does not inflate", cause);
  }
}

/**
 * Refuses what no stream of so few bytes can expand to.
 * @throws FormatError
 */
export function checkRatio(entry: ZipEntry): void {
  if (entry.method !== 0 && entry.size > entry.compressedSize * bestRatio)
    throw entryIsBroken(entry, "declares more than its bytes can hold");
}

function inflateWatched(packed: Uint8Array, size: number): Uint8Array {
  const output = new Uint8Array(size);
  let filled = 0;
  for (const chunk of inflatePieces([packed])) {
    if (filled + chunk.length > size) throw new RangeError("longer than declared");
    output.set(chunk, filled);
    filled += chunk.length;
  }
  return output.subarray(0, filled);
}

/**
 * The content of an entry piece by piece from its packed bytes, of which nothing is held. Size and checksum are compared behind the last
 * piece.
 * @throws FormatError when the deflate stream, the size or the checksum is wrong.
 */
export function* entryPieces(packed: Iterable<Uint8Array>, entry: ZipEntry, engine: ZipEngine): Generator<Uint8Array> {
  let size = 0;
  let sum = 0;
  const sumOf = engine.crc32 ?? crc32;
  for (const piece of entry.method === 0 ? packed : expand(packed, entry, engine)) {
    size += piece.length;
    if (size > entry.size) throw entryIsBroken(entry, `has more than its ${entry.size} bytes`);
    sum = sumOf(piece, sum);
    yield piece;
  }
  if (size < entry.size) throw entryIsBroken(entry, `has fewer than its ${entry.size} bytes`);
  if (sum !== entry.crc32) throw entryIsBroken(entry, "does not match its checksum");
}

function* expand(packed: Iterable<Uint8Array>, entry: ZipEntry, engine: ZipEngine): Generator<Uint8Array> {
  try {
    yield* (engine.inflatePieces ?? inflatePieces)(packed);
  } catch (cause) {
    throw entryIsBroken(entry, "does not inflate", cause);
  }
}

/** The error for an entry whose bytes are not all there. */
export function truncated(entry: ZipEntry): FormatError {
  return new FormatError("zip", "truncated", `${entry.path} ends early`, { offset: entry.offset });
}

/** The error for an entry that is not what the central directory says. */
export function entryIsBroken(entry: ZipEntry, what: string, cause?: unknown): FormatError {
  return new FormatError("zip", "malformed", `${entry.path} ${what}`, { offset: entry.offset, cause });
}
