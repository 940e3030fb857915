import { FormatError } from "../format-error.ts";
import { decodeName } from "./entry-name.ts";

/** One file or folder of a zip archive, as its central directory describes it. */
export interface ZipEntry {
  /** As stored: `/` between parts, a trailing `/` for folders. Never safe to write to a disk unchecked. */
  readonly path: string;
  /** Uncompressed bytes, as declared. */
  readonly size: number;
  /** Compressed bytes. */
  readonly compressedSize: number;
  /** Method of compression: 0 is none, 8 is deflate. */
  readonly method: number;
  /** CRC-32 of the uncompressed bytes. */
  readonly crc32: number;
  /** Offset of the local header from the start of the file, prefix included. */
  readonly offset: number;
  /** Why `read` would refuse this entry: encryption, an unknown method, bytes shared with another entry. */
  readonly unreadable?: string;
}

/** A parsed central directory. */
export interface ZipDirectory {
  /** In the order of the central directory. */
  readonly entries: readonly ZipEntry[];
  /** Where the central directory starts: no entry's bytes reach past it. */
  readonly offset: number;
  /** What is broken, when only the first entries could be read. */
  readonly damage?: string;
}

/** Where the central directory lies. */
export interface DirectoryPosition {
  /** First byte of the central directory, prefix included. */
  readonly start: number;
  /** Bytes. */
  readonly length: number;
  /** Bytes before the archive proper (a shell script, an executable): added to every stored offset. */
  readonly prefix: number;
  /** Entries, as declared; modulo 65536 where there is no zip64 record. */
  readonly declared: number;
}

/** How many bytes at the end of the file are searched for the end record: its own 22, the longest comment, and the zip64 locator before it. */
export const tailLength: number = 22 + 65_535 + 20;

const endSignature = 0x06054b50;
const end64Signature = 0x06064b50;
const locator64Signature = 0x07064b50;
const entrySignature = 0x02014b50;

/**
 * Finds the end of central directory record, from the end, so that any prefix may stand before the archive
 * (APPNOTE.TXT 4.3.16). `end64` is the offset of the zip64 record that has to be read to know more, if there is one.
 * @throws FormatError when there is none.
 */
export function findEnd(
  tail: Uint8Array,
  fileSize: number,
): { readonly at: number; readonly position: DirectoryPosition; readonly end64?: number } {
  const view = viewOf(tail);
  const at = findEndRecord(tail, view);
  if (at === undefined) {
    throw new FormatError("zip", "malformed", "no end of central directory record", { offset: fileSize });
  }
  const endOffset = fileSize - tail.length + at;
  const length = view.getUint32(at + 12, true);
  const stored = view.getUint32(at + 16, true);
  const declared = view.getUint16(at + 10, true);
  const end64 = at >= 20 && view.getUint32(at - 20, true) === locator64Signature ? wide(view, at - 20 + 8) : undefined;
  const start = endOffset - length;
  const position = { start, length, prefix: Math.max(0, start - stored), declared };
  return end64 === undefined ? { at: endOffset, position } : { at: endOffset, position, end64 };
}

/**
 * Reads the zip64 end record, APPNOTE.TXT 4.3.14. `before` are the bytes that end where the locator starts.
 * Undefined when there is no such record: then the plain one counts.
 */
export function readEnd64(
  before: Uint8Array,
  beforeOffset: number,
  storedOffset: number,
): DirectoryPosition | undefined {
  const view = viewOf(before);
  for (const at of [storedOffset - beforeOffset, before.length - 56]) {
    if (at < 0 || at + 56 > before.length || view.getUint32(at, true) !== end64Signature) continue;
    const length = wide(view, at + 40);
    const stored = wide(view, at + 48);
    const start = beforeOffset + at - length;
    return { start, length, prefix: Math.max(0, start - stored), declared: wide(view, at + 32) };
  }
  return undefined;
}

/**
 * Reads the entries of a central directory, APPNOTE.TXT 4.3.12. A broken record ends the list and is described in `damage`.
 * @throws FormatError when there are more than `maxEntries`.
 */
export function readDirectory(bytes: Uint8Array, position: DirectoryPosition, maxEntries: number): ZipDirectory {
  const view = viewOf(bytes);
  const entries: ZipEntry[] = [];
  let at = 0;
  while (at + 46 <= bytes.length && view.getUint32(at, true) === entrySignature) {
    if (entries.length >= maxEntries) {
      throw new FormatError("zip", "limit-exceeded", `more than ${maxEntries} entries`, {
        offset: position.start + at,
      });
    }
    const end = at + 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (end > bytes.length) break;
    entries.push(readEntry(bytes, view, at, position));
    at = end;
  }
  const readable = markOverlaps(entries, position.start);
  const complete = entries.length % 65_536 === position.declared % 65_536;
  return complete
    ? { entries: readable, offset: position.start }
    : {
        entries: readable,
        offset: position.start,
        damage: `the central directory breaks off after ${entries.length} of ${position.declared} entries`,
      };
}

function readEntry(bytes: Uint8Array, view: DataView, at: number, position: DirectoryPosition): ZipEntry {
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  const nameLength = view.getUint16(at + 28, true);
  const extraAt = at + 46 + nameLength;
  let compressedSize = view.getUint32(at + 20, true);
  let size = view.getUint32(at + 24, true);
  let offset = view.getUint32(at + 42, true);
  if (size === 0xffffffff || compressedSize === 0xffffffff || offset === 0xffffffff) {
    // Only the saturated fields are present, in this order (APPNOTE.TXT 4.5.3).
    let field = findExtra(view, extraAt, view.getUint16(at + 30, true), 0x0001);
    const next = (): number | undefined => {
      if (field === undefined || field.at + 8 > field.end) return undefined;
      const value = wide(view, field.at);
      field = { at: field.at + 8, end: field.end };
      return value;
    };
    if (size === 0xffffffff) size = next() ?? size;
    if (compressedSize === 0xffffffff) compressedSize = next() ?? compressedSize;
    if (offset === 0xffffffff) offset = next() ?? offset;
  }
  const entry: ZipEntry = {
    path: decodeName(bytes.subarray(at + 46, extraAt), (flags & 0x800) !== 0),
    size,
    compressedSize,
    method,
    crc32: view.getUint32(at + 16, true),
    offset: offset + position.prefix,
  };
  const unreadable = whyUnreadable(entry, flags, position);
  return unreadable === undefined ? entry : { ...entry, unreadable };
}

function whyUnreadable(entry: ZipEntry, flags: number, position: DirectoryPosition): string | undefined {
  if ((flags & 1) !== 0 || (flags & 0x2000) !== 0) return "encrypted";
  if (entry.method !== 0 && entry.method !== 8) return `compression method ${entry.method}`;
  if (entry.method === 0 && entry.size !== entry.compressedSize) return "sizes that contradict each other";
  if (entry.offset + 30 + entry.compressedSize > position.start) return "bytes outside of the archive";
  return undefined;
}

/** Entries that share bytes multiply output without input ("better zip bomb"): only the first of them stays readable. */
function markOverlaps(entries: readonly ZipEntry[], directoryOffset: number): readonly ZipEntry[] {
  let sorted = true;
  for (let index = 1; index < entries.length && sorted; index++) {
    sorted = (entries[index - 1]?.offset ?? 0) < (entries[index]?.offset ?? 0);
  }
  const inOrder = sorted ? entries : byOffset(entries);
  const overlapping = new Set<ZipEntry>();
  let end = 0;
  for (const entry of inOrder) {
    if (entry.unreadable !== undefined) continue;
    // A file without content may share its place; it has nothing to multiply.
    if (entry.offset < end && entry.compressedSize > 0) overlapping.add(entry);
    else end = Math.max(end, Math.min(directoryOffset, entry.offset + 30 + entry.compressedSize));
  }
  if (overlapping.size === 0) return entries;
  return entries.map((entry) =>
    overlapping.has(entry) ? { ...entry, unreadable: "bytes shared with another entry" } : entry,
  );
}

/** A copy of entries, sorted by their offsets; entries at the same offset keep their order. */
export function byOffset(entries: readonly ZipEntry[]): ZipEntry[] {
  return [...entries].sort((a, b) => a.offset - b.offset);
}

function findEndRecord(tail: Uint8Array, view: DataView): number | undefined {
  let last: number | undefined;
  for (let at = tail.length - 22; at >= 0; at--) {
    if (tail[at] !== 0x50 || view.getUint32(at, true) !== endSignature) continue;
    const commentEnd = at + 22 + view.getUint16(at + 20, true);
    if (commentEnd === tail.length) return at;
    // Trailing bytes after the archive: the last record whose comment fits is taken, if no other ends exactly.
    if (commentEnd < tail.length) last ??= at;
  }
  return last;
}

function findExtra(
  view: DataView,
  start: number,
  length: number,
  id: number,
): { readonly at: number; readonly end: number } | undefined {
  const end = start + length;
  let at = start;
  while (at + 4 <= end) {
    const next = at + 4 + view.getUint16(at + 2, true);
    if (next > end) return undefined;
    if (view.getUint16(at, true) === id) return { at: at + 4, end: next };
    at = next;
  }
  return undefined;
}

/** Reads 64 bits as a number. One above 2^53 is not exact, and larger than any file. */
function wide(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 0x1_0000_0000;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
