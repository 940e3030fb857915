import { ByteSource } from "../byte-source.ts";
import type { ByteStream, RandomAccessBytes } from "../bytes.ts";
import { FormatError } from "../format-error.ts";
import { blockBytes, isZeroBlock, parseHeader } from "./header.ts";
import type { TarHeader } from "./header.ts";
import { decodeName } from "./path.ts";
import { maxExtendedHeaderBytes, parsePax, paxNumber } from "./pax.ts";
import type { PaxRecords } from "./pax.ts";
import { expandSparse, oldGnuSparse, paxSparse } from "./sparse.ts";
import type { SparseFile } from "./sparse.ts";

/** What kind of thing a tar member is. */
export type TarEntryType = "file" | "hardlink" | "symlink" | "directory" | "other";

/** One member of a tar archive. */
export interface TarEntry {
  readonly type: TarEntryType;
  /** As written in the archive, decoded; see `normalizePath`. */
  readonly name: string;
  /** Target of links, as written; else empty. */
  readonly link: string;
  /** Permission bits. */
  readonly mode: number;
  /** Bytes of the file; a sparse file's holes counted. */
  readonly size: number;
  /** Where the stored bytes begin in the archive, and how many they are. */
  readonly stored: { readonly offset: number; readonly size: number };
  readonly sparse: boolean;
  /** The bytes of a file, readable only until the next entry is asked for. A chunk is valid until the next one. */
  content(): ByteStream;
}

/** What the headers before an entry said about it. */
interface Announced {
  longName?: Uint8Array;
  longLink?: Uint8Array;
  pax?: PaxRecords;
}

/**
 * Reads a tar archive in order: v7, ustar, GNU (long names, base-256 numbers, sparse files) and pax.
 * Ends at two zero blocks or at the end of the input, and reads nothing after that. Skipped content of a seekable
 * input is not read.
 * @throws FormatError for anything that is no tar archive, damaged or truncated.
 */
export async function* readTar(input: ByteStream | RandomAccessBytes): AsyncGenerator<TarEntry> {
  const source = new ByteSource(input);
  const shared: { pax?: PaxRecords } = {};
  try {
    for (;;) {
      const entry = await readEntry(source, shared);
      if (entry === undefined) return;
      yield entry;
      await entry.skip();
    }
  } finally {
    await source.close();
  }
}

interface OpenEntry extends TarEntry {
  skip(): Promise<void>;
}

async function readEntry(source: ByteSource, shared: { pax?: PaxRecords }): Promise<OpenEntry | undefined> {
  const announced: Announced = {};
  for (;;) {
    const offset = source.position;
    const block = source.tryTake(blockBytes) ?? (await source.take(blockBytes));
    if (block.length < blockBytes) {
      if (block.length === 0 && isEmpty(announced)) return undefined;
      if (offset === 0)
        throw new FormatError("tar", "malformed", "this is no tar archive (too short for a header)", { offset });
      throw truncated(source.position);
    }
    if (block[0] === 0 && isZeroBlock(block)) return await endOfArchive(source);
    const header = parseHeader(block, offset);
    switch (header.flag) {
      case "L":
        announced.longName = untilZero(await readExtended(source, header));
        break;
      case "K":
        announced.longLink = untilZero(await readExtended(source, header));
        break;
      case "x":
      case "X":
        announced.pax = parsePax(await readExtended(source, header), offset);
        break;
      case "g":
        shared.pax = merged(shared.pax, parsePax(await readExtended(source, header), offset));
        break;
      default:
        return await openEntry(source, block, header, announced, shared.pax, offset);
    }
  }
}

function isEmpty(announced: Announced): boolean {
  return announced.longName === undefined && announced.longLink === undefined && announced.pax === undefined;
}

/** One zero block must be followed by another: content after a lone one would be seen by some readers and not by others. */
async function endOfArchive(source: ByteSource): Promise<undefined> {
  const offset = source.position;
  const block = await source.take(blockBytes);
  if (block.length === blockBytes && !isZeroBlock(block))
    throw new FormatError("tar", "malformed", "something follows a lone zero block", { offset });
  return undefined;
}

async function readExtended(source: ByteSource, header: TarHeader): Promise<Uint8Array> {
  const offset = source.position;
  if (header.size > maxExtendedHeaderBytes)
    throw new FormatError(
      "tar",
      "limit-exceeded",
      `an extended header is larger than ${maxExtendedHeaderBytes} bytes`,
      {
        offset,
      },
    );
  const bytes = (await source.take(header.size)).slice();
  const padding = paddingOf(header.size);
  if (bytes.length < header.size || (await source.skip(padding)) < padding) throw truncated(source.position);
  return bytes;
}

function merged(earlier: PaxRecords | undefined, later: PaxRecords): PaxRecords {
  return earlier === undefined ? later : new Map([...earlier, ...later]);
}

async function openEntry(
  source: ByteSource,
  block: Uint8Array,
  header: TarHeader,
  announced: Announced,
  sharedPax: PaxRecords | undefined,
  offset: number,
): Promise<OpenEntry> {
  const pax = announced.pax === undefined ? sharedPax : merged(sharedPax, announced.pax);
  // An empty value of a record takes an earlier one back.
  const paxName = nonEmpty(pax?.get("GNU.sparse.name")) ?? nonEmpty(pax?.get("path"));
  const name = decodeName(paxName ?? announced.longName ?? header.name);
  const type = typeOf(header.flag, name);
  const link =
    type === "symlink" || type === "hardlink"
      ? decodeName(nonEmpty(pax?.get("linkpath")) ?? announced.longLink ?? header.link)
      : "";
  // As Go's archive/tar, which container engines read with: links, devices and directories have no content, whatever their size says.
  const storedSize = hasNoContent(header.flag) ? 0 : (paxNumber(pax, "size", offset) ?? header.size);
  const sparse =
    header.flag === "S"
      ? await oldGnuSparse(block, source, offset)
      : type === "file"
        ? paxSparse(pax, offset)
        : undefined;
  return new Entry(source, { type, name, link, mode: header.mode }, storedSize, sparse);
}

function nonEmpty(value: Uint8Array | undefined): Uint8Array | undefined {
  return value === undefined || value.length === 0 ? undefined : value;
}

function typeOf(flag: string, name: string): TarEntryType {
  switch (flag) {
    case "0":
    case "\0":
      // Archives from before ustar mark directories by their name alone.
      return name.endsWith("/") ? "directory" : "file";
    case "7":
    case "S":
      return "file";
    case "1":
      return "hardlink";
    case "2":
      return "symlink";
    case "5":
      return "directory";
    default:
      return "other";
  }
}

function hasNoContent(flag: string): boolean {
  return flag >= "1" && flag <= "6";
}

class Entry implements OpenEntry {
  readonly type: TarEntryType;
  readonly name: string;
  readonly link: string;
  readonly mode: number;
  readonly size: number;
  readonly stored: { readonly offset: number; readonly size: number };
  readonly sparse: boolean;
  private readonly source: ByteSource;
  private readonly sparseFile: SparseFile | undefined;
  private readonly end: number;

  constructor(
    source: ByteSource,
    facts: Pick<TarEntry, "type" | "name" | "link" | "mode">,
    storedSize: number,
    sparse: SparseFile | undefined,
  ) {
    this.type = facts.type;
    this.name = facts.name;
    this.link = facts.link;
    this.mode = facts.mode;
    this.source = source;
    this.sparseFile = sparse;
    this.sparse = sparse !== undefined;
    this.size = sparse?.realSize ?? storedSize;
    this.stored = { offset: source.position, size: storedSize };
    this.end = source.position + storedSize;
  }

  content(): ByteStream {
    const stored = this.readStored();
    return this.sparseFile === undefined ? stored : expandSparse(this.sparseFile, stored, this.stored.offset);
  }

  async skip(): Promise<void> {
    const rest = this.end + paddingOf(this.stored.size) - this.source.position;
    if (rest === 0 || this.source.trySkip(rest)) return;
    if ((await this.source.skip(rest)) < rest) throw truncated(this.source.position);
  }

  private async *readStored(): AsyncGenerator<Uint8Array> {
    // `position` beyond `end` means that the reader has moved on: there is nothing left to give.
    while (this.source.position < this.end) {
      const part = await this.source.next(this.end - this.source.position);
      if (part === undefined) throw truncated(this.source.position);
      yield part;
    }
  }
}

function paddingOf(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes;
}

function untilZero(bytes: Uint8Array): Uint8Array {
  const zero = bytes.indexOf(0);
  return zero === -1 ? bytes : bytes.subarray(0, zero);
}

function truncated(offset: number): FormatError {
  return new FormatError("tar", "truncated", "the archive ends early", { offset });
}
