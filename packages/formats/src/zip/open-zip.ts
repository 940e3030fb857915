import { partOf, rangesOf, windowsOf } from "../byte-ranges.ts";
import type { ByteRanges } from "../byte-ranges.ts";
import { FormatError } from "../format-error.ts";
import { readRange, sourceSize } from "./byte-source.ts";
import type { ZipSource } from "./byte-source.ts";
import { byOffset, findEnd, firstAfter, readDirectory, readEnd64, tailLength } from "./directory.ts";
import type { DirectoryPosition, ZipDirectory, ZipEntry } from "./directory.ts";
import { checkRatio, entryPieces, inflateEntry, packedRange, truncated } from "./inflate-entry.ts";
import type { ZipEngine } from "./inflate-entry.ts";

/** Limits of a zip archive, and parts of the reader that can be replaced. */
export interface ZipOptions extends ZipEngine {
  /** The most entries; default 1 000 000. */
  readonly maxEntries?: number | undefined;
  /** The most bytes of the central directory; default 256 MiB. */
  readonly maxDirectoryBytes?: number | undefined;
  /** The most uncompressed bytes of one entry; default 512 MiB. */
  readonly maxEntryBytes?: number | undefined;
  /** The most uncompressed bytes of everything that is read from this archive; default 64 GiB. */
  readonly maxTotalBytes?: number | undefined;
  /** The most uncompressed bytes for each compressed byte of an entry; default 200. Entries of up to 64 MiB may have more. */
  readonly maxExpansionRatio?: number | undefined;
  /** Whether an entry is to be listed; absent: all are. It is asked once for each, in the order of the directory. */
  readonly wanted?: ((path: string) => boolean) | undefined;
  /** Aborting rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/** An opened zip. Nothing but the central directory has been read. */
export interface ZipArchive {
  /** In the order of the central directory. */
  readonly entries: readonly ZipEntry[];
  /** What is broken, when only the first entries could be listed. */
  readonly damage?: string;
  /**
   * The content of one entry; for a stored one a view of the source, not a copy.
   * @throws FormatError when it is damaged, unreadable or crosses a limit.
   */
  read(entry: ZipEntry): Promise<Uint8Array>;
  /**
   * The content of many entries in the order of their bytes, reading large pieces: the fast way through a whole archive.
   * Memory is one piece (8 MiB, or the largest entry) and one content. Damage of one entry does not end the iteration.
   */
  contents(wanted?: (entry: ZipEntry) => boolean): AsyncIterable<ZipContent>;
}

/** One entry with its content, or with the reason why there is none. */
export type ZipContent =
  | { readonly entry: ZipEntry; readonly bytes: Uint8Array }
  | { readonly entry: ZipEntry; readonly error: FormatError };

const defaultMaxEntries = 1_000_000;

/** How many bytes `contents` reads at once. */
const window = 8 * 1024 * 1024;

/** A gap between wanted entries of up to so many bytes is read, which is cheaper than a further read. */
const smallGap = 256 * 1024;

/**
 * Opens a zip, jar or wheel by its central directory: zip64, any prefix before the archive, data descriptors.
 * @throws FormatError when there is no readable central directory.
 */
export async function openZip(source: ZipSource, options: ZipOptions = {}): Promise<ZipArchive> {
  const { signal, maxEntries = defaultMaxEntries, wanted } = options;
  const size = sourceSize(source);
  const tail = await readRange(source, Math.max(0, size - tailLength), size, signal);
  const end = findEnd(tail, size);
  let { position } = end;
  if (end.end64 !== undefined) {
    const { start, stop } = end64Range(end.at);
    position = readEnd64(await readRange(source, start, stop, signal), start, end.end64) ?? position;
  }
  checkPosition(position, options);
  const { start: directoryStart } = position;
  const bytes = await readRange(source, directoryStart, directoryStart + position.length, signal);
  const part = (from: number, to: number): Uint8Array => bytes.subarray(from - directoryStart, to - directoryStart);
  const directory = readDirectory(part, position, { maxEntries, wanted });
  const reader = new EntryReader(directory, options);

  async function read(entry: ZipEntry): Promise<Uint8Array> {
    reader.check(entry);
    return reader.inflate(await readRange(source, entry.offset, reader.stop(entry), signal), entry);
  }

  async function* contents(wanted: (entry: ZipEntry) => boolean = () => true): AsyncGenerator<ZipContent> {
    const chosen = byOffset(directory.entries.filter(wanted));
    let piece: Uint8Array = new Uint8Array(0);
    let pieceStart = 0;
    for (const [index, entry] of chosen.entries()) {
      try {
        reader.check(entry);
        const stop = reader.stop(entry);
        if (entry.offset < pieceStart || stop > pieceStart + piece.length) {
          // The old piece is dropped before the next one is read.
          piece = new Uint8Array(0);
          pieceStart = entry.offset;
          piece = await readRange(source, entry.offset, reader.pieceStop(chosen, index), signal);
        }
        yield { entry, bytes: reader.inflate(piece.subarray(entry.offset - pieceStart, stop - pieceStart), entry) };
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        yield { entry, error };
      }
    }
  }

  return directory.damage === undefined
    ? { entries: directory.entries, read, contents }
    : { entries: directory.entries, damage: directory.damage, read, contents };
}

/** An opened zip of which any part can be read without waiting. */
export interface ZipBytes {
  /** Those that are wanted, in the order of the central directory. */
  readonly entries: readonly ZipEntry[];
  /** How many entries there are, wanted or not. */
  readonly count: number;
  /** What is broken, when only the first entries could be listed. */
  readonly damage?: string;
  /**
   * The content of one entry; for a stored one a view of the source, not a copy.
   * @throws FormatError when it is damaged, unreadable or crosses a limit.
   */
  read(entry: ZipEntry): Uint8Array;
  /**
   * Where the content of a stored entry, of any size, lies in the source: it is not held in memory, and its checksum is not verified (see
   * {@link pieces}). Undefined for an entry that is compressed.
   * @throws FormatError when it is unreadable.
   */
  stored(entry: ZipEntry): ByteRanges | undefined;
  /**
   * The content of one entry in pieces, each of a megabyte or what a step of expanding gives (16 MiB at most), of which none is held: each is
   * valid until the next one is asked for.
   * Size and checksum are verified behind the last piece.
   * @throws FormatError as {@link read} does; what was given until then is then worth nothing.
   */
  pieces(entry: ZipEntry): Generator<Uint8Array>;
}

/**
 * Like {@link openZip} without promises, for bytes in memory or a file of which any part can be read at once: archives inside
 * archives are many and small, or one and large.
 * @throws FormatError when there is no readable central directory.
 */
export function openZipBytes(content: Uint8Array | ByteRanges, options: ZipOptions = {}): ZipBytes {
  const source = rangesOf(content);
  const end = findEnd(source.read(Math.max(0, source.size - tailLength), source.size), source.size);
  let { position } = end;
  if (end.end64 !== undefined) {
    const { start, stop } = end64Range(end.at);
    position = readEnd64(source.read(start, stop), start, end.end64) ?? position;
  }
  checkPosition(position, options);
  const { maxEntries = defaultMaxEntries, wanted } = options;
  const directory = readDirectory((start, stop) => source.read(start, stop), position, { maxEntries, wanted });
  const reader = new EntryReader(directory, options);
  const read = (entry: ZipEntry): Uint8Array => {
    reader.check(entry);
    return reader.inflate(source.read(entry.offset, reader.stop(entry)), entry);
  };
  const packed = (entry: ZipEntry): ByteRanges => {
    const { start, end: stop } = packedRange(source.read(entry.offset, entry.offset + 30), entry);
    const part = partOf(source, start, Math.min(stop, reader.stop(entry)));
    if (part.size !== entry.compressedSize) throw truncated(entry);
    return part;
  };
  const stored = (entry: ZipEntry): ByteRanges | undefined => {
    if (entry.method !== 0) return undefined;
    reader.check(entry, Infinity);
    return packed(entry);
  };
  function* pieces(entry: ZipEntry): Generator<Uint8Array> {
    // What is stored takes no more than it is.
    reader.check(entry, entry.method === 0 ? Infinity : undefined);
    checkRatio(entry);
    reader.count(entry);
    yield* entryPieces(windowsOf(packed(entry)), entry, options);
  }
  const { entries, count, damage } = directory;
  return { entries, count, ...(damage === undefined ? {} : { damage }), read, stored, pieces };
}

/** The zip64 record ends where its locator, 20 bytes before the end record, starts; it is 56 bytes unless extended. */
function end64Range(endOffset: number): { readonly start: number; readonly stop: number } {
  const stop = endOffset - 20;
  return { start: Math.max(0, stop - 65_536), stop };
}

function checkPosition(position: DirectoryPosition, options: ZipOptions): void {
  const limit = options.maxDirectoryBytes ?? 256 * 1024 * 1024;
  if (position.length > limit) {
    throw new FormatError("zip", "limit-exceeded", `a central directory of more than ${limit} bytes`);
  }
  if (position.start < 0) throw new FormatError("zip", "truncated", "the central directory begins before the file");
}

/** Reads entries, and remembers how many bytes came out so far. */
class EntryReader {
  readonly #directory: ZipDirectory;
  readonly #options: ZipOptions;
  #total = 0;

  constructor(directory: ZipDirectory, options: ZipOptions) {
    this.#directory = directory;
    this.#options = options;
  }

  check(entry: ZipEntry, maxEntryBytes: number = this.#options.maxEntryBytes ?? 512 * 1024 * 1024): void {
    const { maxTotalBytes = 64 * 1024 ** 3, maxExpansionRatio = 200 } = this.#options;
    if (entry.unreadable !== undefined) {
      const problem = /^(encrypted|compression)/.test(entry.unreadable) ? "unsupported" : "malformed";
      throw new FormatError("zip", problem, `${entry.path}: ${entry.unreadable}`, { offset: entry.offset });
    }
    const tooDense = entry.size > 64 * 1024 * 1024 && entry.size > maxExpansionRatio * entry.compressedSize;
    if (entry.size > maxEntryBytes || this.#total + entry.size > maxTotalBytes || tooDense) {
      const detail = `${entry.path} expands to ${entry.size} bytes`;
      throw new FormatError("zip", "limit-exceeded", detail, { offset: entry.offset });
    }
  }

  /** Counts what comes out of an entry. */
  count(entry: ZipEntry): void {
    this.#total += entry.size;
  }

  inflate(bytes: Uint8Array, entry: ZipEntry): Uint8Array {
    this.count(entry);
    return inflateEntry(bytes, entry, this.#options);
  }

  /** Offset behind the last byte that can belong to the entry: that of the next local header, or what its sizes allow. */
  stop(entry: ZipEntry): number {
    // Hostile or empty entries may lie inside of others and must not cut them short.
    const next = firstAfter(this.#directory.starts, entry.offset) ?? this.#directory.offset;
    // Two lengths of 16 bits in the local header may differ from those in the central directory.
    const most = entry.offset + 30 + 2 * 65_535 + entry.compressedSize;
    return Math.min(most, Math.max(next, entry.offset + 30 + entry.compressedSize));
  }

  /** Offset at which a read that starts with the entry at `index` ends, so that as many of the following ones as fit are read with it. */
  pieceStop(chosen: readonly ZipEntry[], index: number): number {
    const first = chosen[index];
    if (first === undefined) return 0;
    let stop = this.stop(first);
    for (let next = index + 1; next < chosen.length; next++) {
      const entry = chosen[next];
      if (entry === undefined || entry.offset - stop > smallGap) break;
      const nextStop = this.stop(entry);
      if (nextStop - first.offset > window) break;
      stop = Math.max(stop, nextStop);
    }
    return stop;
  }
}
