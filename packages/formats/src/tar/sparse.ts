import { FormatError } from "../format-error.ts";
import type { ByteSource } from "../byte-source.ts";
import type { ByteStream } from "../bytes.ts";
import { blockBytes, isGnu, numberField } from "./header.ts";
import { paxNumber, wholeNumber } from "./pax.ts";
import type { PaxRecords } from "./pax.ts";

/** A run of stored bytes and where it belongs in the file; all between runs is zeros. */
export interface SparseRun {
  readonly offset: number;
  readonly length: number;
}

/** How a sparse file is stored: its true size, and its runs or where to find them. */
export interface SparseFile {
  readonly realSize: number;
  /** The real name of the file, where the member has a made-up one. */
  readonly name?: Uint8Array | undefined;
  /** Absent: the map stands at the start of the content (pax sparse format 1.0). */
  readonly runs?: readonly SparseRun[];
}

/** The most runs of a sparse file: far above what file systems make of a file in an image. */
const maxRuns = 100_000;

const hole = new Uint8Array(64 * 1024);
const ascii = new TextDecoder("latin1");

/** Old GNU format: runs in the header and in the blocks that follow it. Structure: GNU tar's `struct oldgnu_header`, `struct sparse_header`. */
export async function oldGnuSparse(header: Uint8Array, source: ByteSource, offset: number): Promise<SparseFile> {
  // star has the same flag for members of another shape.
  if (!isGnu(header)) throw new FormatError("tar", "malformed", "a sparse file has no GNU header", { offset });
  const realSize = numberField(header, 483, 495, offset);
  const runs = runsOf(header, 386, 4, offset);
  let extended = header[482] !== 0;
  while (extended) {
    const block = await source.take(blockBytes);
    if (block.length < blockBytes)
      throw new FormatError("tar", "truncated", "the archive ends within a sparse map", { offset: source.position });
    runs.push(...runsOf(block, 0, 21, offset));
    extended = block[504] !== 0;
    if (runs.length > maxRuns) throw tooMany(offset);
  }
  return { realSize, runs };
}

function runsOf(block: Uint8Array, start: number, count: number, offset: number): SparseRun[] {
  const runs: SparseRun[] = [];
  for (let at = start; at < start + count * 24; at += 24) {
    if (block[at] === 0) break;
    runs.push({
      offset: numberField(block, at, at + 12, offset),
      length: numberField(block, at + 12, at + 24, offset),
    });
  }
  return runs;
}

/**
 * The three pax formats (GNU tar manual, "Storing Sparse Files"); undefined when the records describe no sparse file.
 * `storedSize` is the file's size where the records give none.
 */
export function paxSparse(records: PaxRecords | undefined, storedSize: number, offset: number): SparseFile | undefined {
  const version = records === undefined ? undefined : sparseVersion(records);
  if (records === undefined || version === undefined) return undefined;
  const realSize =
    paxNumber(records, "GNU.sparse.size", offset) ?? paxNumber(records, "GNU.sparse.realsize", offset) ?? storedSize;
  if (realSize < 0) throw misfit(offset);
  const given = records.get("GNU.sparse.name");
  const name = given === undefined || given.length === 0 ? undefined : given;
  if (version === "1.0") return { realSize, name };
  const map = ascii.decode(records.get("GNU.sparse.map"));
  const numbers = map === "" ? [] : map.split(",");
  if (numbers.length > 2 * maxRuns) throw tooMany(offset);
  if (numbers.length !== 2 * (paxNumber(records, "GNU.sparse.numblocks", offset) ?? Number.NaN)) throw misfit(offset);
  return { realSize, name, runs: pairUp(numbers, offset) };
}

/**
 * The version of pax's sparse format: `0` for 0.0 and 0.1, which look alike once they are parsed and need not name their version. Undefined
 * for unknown versions: the file is taken as it is stored.
 */
function sparseVersion(records: PaxRecords): "0" | "1.0" | undefined {
  const text = (keyword: string): string => ascii.decode(records.get(keyword));
  const version = `${text("GNU.sparse.major")}.${text("GNU.sparse.minor")}`;
  if (version === "1.0") return "1.0";
  if (version === "0.0" || version === "0.1") return "0";
  return version === "." && text("GNU.sparse.map") !== "" ? "0" : undefined;
}

function pairUp(numbers: readonly string[], offset: number): SparseRun[] {
  const runs: SparseRun[] = [];
  for (let at = 0; at + 1 < numbers.length; at += 2)
    runs.push({ offset: mapNumber(numbers[at], offset), length: mapNumber(numbers[at + 1], offset) });
  return runs;
}

function mapNumber(text: string | undefined, offset: number): number {
  const value = wholeNumber(new TextEncoder().encode(text));
  if (value !== undefined && value >= 0) return value;
  throw new FormatError("tar", "malformed", "a sparse map holds no number where one belongs", { offset });
}

/**
 * The file as it would be on disk, from its stored bytes.
 * @throws FormatError when the map does not fit the file, or speaks of other bytes than are stored.
 */
export async function* expandSparse(file: SparseFile, stored: ByteStream, offset: number): AsyncGenerator<Uint8Array> {
  const content = new Stored(stored);
  const runs = file.runs ?? (await readMap(content, offset));
  let position = 0;
  for (const run of runs) {
    if (run.offset < position || run.offset + run.length > file.realSize) throw misfit(offset);
    yield* zeros(run.offset - position);
    let taken = 0;
    for await (const part of content.take(run.length)) {
      taken += part.length;
      yield part;
    }
    if (taken < run.length) throw misfit(offset);
    position = run.offset + run.length;
  }
  yield* zeros(file.realSize - position);
  for await (const _ of content.take(1)) throw misfit(offset);
}

/**
 * Reads the map of format 1.0 from the start of the content: the number of runs, then offset and size of each, one decimal number a line,
 * padded to a block.
 */
async function readMap(content: Stored, offset: number): Promise<SparseRun[]> {
  const numbers: string[] = [];
  let wanted = 1;
  let text = "";
  while (numbers.length < wanted) {
    let block = "";
    for await (const chunk of content.take(blockBytes)) block += ascii.decode(chunk);
    if (block === "") throw new FormatError("tar", "truncated", "a sparse map ends early", { offset });
    const lines = (text + block).split("\n");
    // The last block is padded with zeros.
    text = (lines.pop() ?? "").replaceAll("\0", "");
    if (text.length > 32) throw new FormatError("tar", "malformed", "a sparse map holds no numbers", { offset });
    numbers.push(...lines);
    wanted = 1 + 2 * mapNumber(numbers[0], offset);
    if (wanted > 2 * maxRuns) throw tooMany(offset);
  }
  return pairUp(numbers.slice(1, wanted), offset);
}

function* zeros(count: number): Generator<Uint8Array> {
  for (let left = count; left > 0; left -= hole.length) yield left >= hole.length ? hole : hole.subarray(0, left);
}

function misfit(offset: number): FormatError {
  return new FormatError("tar", "malformed", "a sparse map does not fit its file", { offset });
}

function tooMany(offset: number): FormatError {
  return new FormatError("tar", "limit-exceeded", `a sparse file has more than ${maxRuns} runs`, { offset });
}

/** Stored bytes, taken in portions. */
class Stored {
  private readonly iterator: AsyncIterator<Uint8Array>;
  private rest: Uint8Array = new Uint8Array(0);

  constructor(stream: ByteStream) {
    this.iterator = stream[Symbol.asyncIterator]();
  }

  async *take(count: number): AsyncGenerator<Uint8Array> {
    for (let missing = count; missing > 0;) {
      if (this.rest.length === 0) {
        const result = await this.iterator.next();
        if (result.done === true) return;
        this.rest = result.value;
      }
      const part = this.rest.subarray(0, missing);
      this.rest = this.rest.subarray(part.length);
      missing -= part.length;
      if (part.length > 0) yield part;
    }
  }
}
