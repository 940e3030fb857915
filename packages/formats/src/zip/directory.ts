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
  /** Those that were wanted, in the order of the central directory. */
  readonly entries: readonly ZipEntry[];
  /** How many there are, wanted or not. */
  readonly count: number;
  /** Where the central directory starts: no entry's bytes reach past it. */
  readonly offset: number;
  /** Offsets of all readable entries that have content, ascending. */
  readonly starts: Float64Array;
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

/** Which entries of a directory are listed. */
export interface DirectoryOptions {
  readonly maxEntries: number;
  /** Absent: all. Of others only their place is kept, since most of the memory of a large directory is what describes its entries. */
  readonly wanted?: ((path: string) => boolean) | undefined;
}

/** So much of a directory is read at once: several times its longest record, a name, an extra field and a comment of 64 KiB each. */
const partBytes = 1024 * 1024;

/**
 * Reads the entries of a central directory, APPNOTE.TXT 4.3.12. A broken record ends the list and is described in `damage`.
 * @param read gives bytes of the file from `start` to before `end`, of which no part is kept
 * @throws FormatError when there are more than `maxEntries`.
 */
export function readDirectory(
  read: (start: number, end: number) => Uint8Array,
  position: DirectoryPosition,
  { maxEntries, wanted = () => true }: DirectoryOptions,
): ZipDirectory {
  const places = new Places();
  const listed: { readonly entry: ZipEntry; readonly index: number }[] = [];
  for (const { bytes, view, at, offset } of records(read, position)) {
    if (places.count >= maxEntries)
      throw new FormatError("zip", "limit-exceeded", `more than ${maxEntries} entries`, { offset });
    const entry = readEntry(bytes, view, at, position);
    if (wanted(entry.path)) listed.push({ entry, index: places.count });
    places.add(entry);
  }
  const starts = places.withoutOverlaps(position.start);
  const entries = listed.map(({ entry, index }) =>
    entry.unreadable === undefined && places.isUnreadable(index)
      ? { ...entry, unreadable: "bytes shared with another entry" }
      : entry,
  );
  const directory = { entries, count: places.count, offset: position.start, starts };
  if (places.count % 65_536 === position.declared % 65_536) return directory;
  const damage = `the central directory breaks off after ${places.count} of ${position.declared} entries`;
  return { ...directory, damage };
}

/** One record of a directory: it begins at `at` in `bytes`, and at `offset` in the file. */
interface DirectoryRecord {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly at: number;
  readonly offset: number;
}

/** The whole records at the beginning of a directory. */
function* records(
  read: (start: number, end: number) => Uint8Array,
  { start, length }: DirectoryPosition,
): Generator<DirectoryRecord> {
  const stop = start + length;
  for (let offset = start; offset < stop;) {
    const bytes = read(offset, Math.min(stop, offset + partBytes));
    const view = viewOf(bytes);
    let at = 0;
    for (let end = recordEnd(view, at); end <= bytes.length; end = recordEnd(view, at)) {
      yield { bytes, view, at, offset: offset + at };
      at = end;
    }
    // Not even one is whole: they end here.
    if (at === 0) return;
    offset += at;
  }
}

/** Where the record ends that begins at `at`; infinity where there is none, or not the whole of its fixed part. */
function recordEnd(view: DataView, at: number): number {
  if (at + 46 > view.byteLength || view.getUint32(at, true) !== entrySignature) return Infinity;
  return at + 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
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

/** Stands for the bytes of an entry that is not readable. */
const unreadable = -1;

/** Where all entries of a directory lie, in some bytes for each. */
class Places {
  count = 0;
  #offsets = new Float64Array(256);
  /** Compressed bytes. */
  #sizes = new Float64Array(256);
  #ascending = true;

  add({ offset, compressedSize, unreadable: reason }: ZipEntry): void {
    if (this.count === this.#offsets.length) {
      this.#offsets = grown(this.#offsets);
      this.#sizes = grown(this.#sizes);
    }
    this.#ascending &&= this.count === 0 || this.#offset(this.count - 1) < offset;
    this.#offsets[this.count] = offset;
    this.#sizes[this.count] = reason === undefined ? compressedSize : unreadable;
    this.count++;
  }

  isUnreadable(index: number): boolean {
    return this.#sizes[index] === unreadable;
  }

  /**
   * Entries that share bytes multiply output without input ("better zip bomb"): only the first of them stays readable. Gives the offsets of
   * those that are and have content, ascending.
   */
  withoutOverlaps(directoryOffset: number): Float64Array {
    const order = this.#ascending ? undefined : this.#byOffset();
    const starts = new Float64Array(this.count);
    let found = 0;
    let end = 0;
    for (let place = 0; place < this.count; place++) {
      const index = order?.[place] ?? place;
      const offset = this.#offset(index);
      const size = this.#sizes[index] ?? 0;
      if (size === unreadable) continue;
      // A file without content may share its place; it has nothing to multiply.
      if (offset < end && size > 0) {
        this.#sizes[index] = unreadable;
        continue;
      }
      end = Math.max(end, Math.min(directoryOffset, offset + 30 + size));
      if (size > 0) starts[found++] = offset;
    }
    return starts.subarray(0, found);
  }

  /** Indexes by offset; those at the same offset keep their order. */
  #byOffset(): Uint32Array {
    const order = new Uint32Array(this.count);
    for (let index = 0; index < this.count; index++) order[index] = index;
    return order.sort((a, b) => this.#offset(a) - this.#offset(b) || a - b);
  }

  #offset(index: number): number {
    return this.#offsets[index] ?? 0;
  }
}

function grown(column: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(column.length * 2);
  larger.set(column);
  return larger;
}

/** The first of ascending `offsets` that is larger than `offset`; undefined where there is none. */
export function firstAfter(offsets: Float64Array, offset: number): number | undefined {
  let low = 0;
  let high = offsets.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((offsets[middle] ?? 0) > offset) high = middle;
    else low = middle + 1;
  }
  return offsets[low];
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
