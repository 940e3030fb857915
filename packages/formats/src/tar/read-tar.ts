import { ByteSource } from "../byte-source.ts";
import type { ByteStream, RandomAccessBytes } from "../bytes.ts";
import { FormatError } from "../format-error.ts";
import { blockBytes, isZeroBlock, parseHeader, slash } from "./header.ts";
import type { TarHeader } from "./header.ts";
import { decodeName } from "./path.ts";
import { maxExtendedHeaderBytes, parsePax, paxNumber, wholeNumber } from "./pax.ts";
import type { PaxRecords } from "./pax.ts";
import { expandSparse, oldGnuSparse, paxSparse } from "./sparse.ts";
import type { SparseFile } from "./sparse.ts";

/** What kind of thing a tar member is. */
export type TarEntryType = "file" | "hardlink" | "symlink" | "directory" | "other";

/** One member of a tar archive. */
export interface TarEntry {
  readonly type: TarEntryType;
  /** Name as the archive has it, decoded. {@link normalizePath} makes a path of it. */
  readonly name: string;
  /** Target of links, as written; else empty. */
  readonly link: string;
  /** Permission bits. */
  readonly mode: number;
  /** Numbers of owner and group; undefined where the archive does not tell. */
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  /** Bytes of the file; a sparse file's holes counted. */
  readonly size: number;
  /** Where the stored bytes begin in the archive, and how many they are. */
  readonly stored: { readonly offset: number; readonly size: number };
  readonly sparse: boolean;
  /** The bytes of a file, readable only until the next entry is asked for. A chunk is valid until the next one. */
  content(): ByteStream;
}

/** Something that container engines ignore or refuse, so that a reader that uses it would see other files than a container has. */
export type TarOddity =
  /** A pax global header with other records than comments. Its records mean nothing here, as in container engines. */
  | { readonly kind: "global-header"; readonly keywords: readonly string[]; readonly offset: number }
  /** A member of a type that engines do not know, such as Solaris' `X`. */
  | { readonly kind: "unknown-type"; readonly flag: string; readonly offset: number };

/** How an archive is read. */
export interface TarReading {
  /** Called for every oddity, in archive order. */
  readonly onOddity?: ((oddity: TarOddity) => void) | undefined;
}

/** What the headers before an entry said about it. */
interface Announced {
  longName?: Uint8Array;
  longLink?: Uint8Array;
  pax?: PaxRecords;
}

/**
 * Reads a tar archive in order: v7, ustar, GNU (long names, base-256 numbers, sparse files), pax and star.
 * Where these contradict each other the reading is that of Go's archive/tar, which container engines unpack with: any
 * other would let an image show a scanner other files than a container gets.
 * Ends at two zero blocks or at the end of the input, and reads nothing after that. Skipped content of a seekable
 * input is not read.
 * @throws FormatError for anything that is no tar archive, damaged or truncated.
 */
export async function* readTar(
  input: ByteStream | RandomAccessBytes,
  reading: TarReading = {},
): AsyncGenerator<TarEntry> {
  const source = new ByteSource(input);
  try {
    for (;;) {
      const entry = await readEntry(source, reading);
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

async function readEntry(source: ByteSource, reading: TarReading): Promise<OpenEntry | undefined> {
  let announced: Announced = {};
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
        announced.pax = parsePax(await readExtended(source, header), offset);
        break;
      case "g":
        tellGlobalHeader(parsePax(await readExtended(source, header), offset), offset, reading);
        // To Go it is a member of its own: what was announced was announced of it.
        announced = {};
        break;
      default:
        if (!knownFlags.has(header.flag)) reading.onOddity?.({ kind: "unknown-type", flag: header.flag, offset });
        return await openEntry(source, block, header, announced, offset);
    }
  }
}

/** Types of members that engines unpack, or that are files to anybody who reads them at all. */
const knownFlags: ReadonlySet<string> = new Set(["\0", "0", "1", "2", "3", "4", "5", "6", "7", "S"]);

/** How many keywords of one header are reported. */
const maxToldKeywords = 8;

function tellGlobalHeader(records: PaxRecords, offset: number, { onOddity }: TarReading): void {
  // `git archive` notes its commit so.
  if (onOddity === undefined || [...records.keys()].every((keyword) => keyword === "comment")) return;
  onOddity({ kind: "global-header", keywords: [...records.keys()].slice(0, maxToldKeywords), offset });
}

function isEmpty(announced: Announced): boolean {
  return announced.longName === undefined && announced.longLink === undefined && announced.pax === undefined;
}

/**
 * Reads the second of the two zero blocks at the end. Throws a FormatError when something else follows the first, since some readers would
 * go on there and others would stop.
 */
async function endOfArchive(source: ByteSource): Promise<undefined> {
  const offset = source.position;
  const block = await source.take(blockBytes);
  if (block.length === blockBytes && !isZeroBlock(block))
    throw new FormatError("tar", "malformed", "a single zero block is followed by something else", { offset });
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

async function openEntry(
  source: ByteSource,
  block: Uint8Array,
  header: TarHeader,
  { longName, longLink, pax }: Announced,
  offset: number,
): Promise<OpenEntry> {
  // An empty value of a record takes an earlier one back. GNU's long names have the last word, as in Go.
  const longest = nonEmpty(longName) ?? nonEmpty(pax?.get("path")) ?? header.name;
  const type = typeOf(header.flag, longest);
  // Links, devices and directories have no content, whatever their size says.
  const isHollow = type === "directory" || hasNoContent(header.flag);
  const storedSize = isHollow ? 0 : storedBytes(pax, header, offset);
  const sparse =
    header.flag === "S"
      ? await oldGnuSparse(block, source, offset)
      : isHollow
        ? undefined
        : paxSparse(pax, storedSize, offset);
  const name = decodeName(sparse?.name ?? longest);
  const link =
    type === "symlink" || type === "hardlink"
      ? decodeName(nonEmpty(longLink) ?? nonEmpty(pax?.get("linkpath")) ?? header.link)
      : "";
  const uid = ownerRecord(pax, "uid") ?? header.uid;
  const gid = ownerRecord(pax, "gid") ?? header.gid;
  return new Entry(source, { type, name, link, mode: header.mode, uid, gid }, storedSize, sparse);
}

function ownerRecord(pax: PaxRecords | undefined, keyword: string): number | undefined {
  const raw = pax?.get(keyword);
  const value = raw === undefined ? undefined : wholeNumber(raw);
  return value === undefined || value < 0 ? undefined : value;
}

/** @throws FormatError when neither the records nor the header give a number of bytes. */
function storedBytes(pax: PaxRecords | undefined, header: TarHeader, offset: number): number {
  const size = paxNumber(pax, "size", offset) ?? header.size;
  if (size >= 0) return size;
  throw new FormatError("tar", "malformed", "the size of a member is negative", { offset });
}

function nonEmpty(value: Uint8Array | undefined): Uint8Array | undefined {
  return value === undefined || value.length === 0 ? undefined : value;
}

function typeOf(flag: string, name: Uint8Array): TarEntryType {
  switch (flag) {
    case "\0":
      // Archives from before ustar mark directories by their name alone; to Go a `0` is a file whatever its name.
      return name.at(-1) === slash ? "directory" : "file";
    case "0":
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
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly size: number;
  readonly stored: { readonly offset: number; readonly size: number };
  readonly sparse: boolean;
  private readonly source: ByteSource;
  private readonly sparseFile: SparseFile | undefined;
  private readonly end: number;

  constructor(
    source: ByteSource,
    facts: Pick<TarEntry, "type" | "name" | "link" | "mode" | "uid" | "gid">,
    storedSize: number,
    sparse: SparseFile | undefined,
  ) {
    this.type = facts.type;
    this.name = facts.name;
    this.link = facts.link;
    this.mode = facts.mode;
    this.uid = facts.uid;
    this.gid = facts.gid;
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
