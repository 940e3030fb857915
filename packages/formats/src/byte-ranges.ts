import { findBytes } from "./find-bytes.ts";

/** A file of which any part can be read without waiting, so that none has to be held as a whole. */
export interface ByteRanges {
  readonly size: number;
  /** The bytes from `start` to before `end`; fewer where the file ends before. */
  read(start: number, end: number): Uint8Array;
}

/** How many bytes are read at once when a file is searched. */
export const windowBytes: number = 1024 * 1024;

/** The content as {@link ByteRanges}: bytes in memory are wrapped, a file is given back as it is. */
export function rangesOf(content: Uint8Array | ByteRanges): ByteRanges {
  if (!(content instanceof Uint8Array)) return content;
  return { size: content.length, read: (start, end) => content.subarray(Math.max(0, start), Math.max(0, end)) };
}

/** The part of a file from `start` to before `end` as a file of its own. Where the file ends earlier, so does the part. */
export function partOf(ranges: ByteRanges, start: number, end: number): ByteRanges {
  const last = Math.min(ranges.size, Math.max(start, end));
  return {
    size: Math.max(0, last - start),
    read: (from, to) => ranges.read(start + Math.max(0, from), Math.min(last, start + Math.max(0, to))),
  };
}

/** The file from its beginning to its end, one window of it in memory at a time. */
export function* windowsOf(ranges: ByteRanges): Generator<Uint8Array> {
  for (let at = 0; at < ranges.size; at += windowBytes) yield ranges.read(at, at + windowBytes);
}

/** Offset at which `wanted` first stands between `start` and `end`; -1 when it does not. One window of the file is in memory at a time. */
export function findInRanges(ranges: ByteRanges, wanted: Uint8Array, start = 0, end: number = ranges.size): number {
  for (let at = start; at < end; at += windowBytes) {
    const found = findBytes(ranges.read(at, Math.min(end, at + windowBytes + wanted.length - 1)), wanted);
    if (found >= 0) return at + found;
  }
  return -1;
}
