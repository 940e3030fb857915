import { FormatError } from "../format-error.ts";
import type { ByteSource } from "../byte-source.ts";
import type { ByteStream } from "../bytes.ts";
import { blockBytes, numberField } from "./header.ts";
import { paxNumber } from "./pax.ts";
import type { PaxRecords } from "./pax.ts";

/** A run of stored bytes and where it belongs in the file; all between runs is zeros. */
export interface SparseRun {
  readonly offset: number;
  readonly length: number;
}

/** How a sparse file is stored: its true size, and its runs or where to find them. */
export interface SparseFile {
  readonly realSize: number;
  /** Absent: the map stands at the start of the content (pax sparse format 1.0). */
  readonly runs?: readonly SparseRun[];
}

/** Far above what file systems produce for one file in an image. */
const maxRuns = 100_000;

const hole = new Uint8Array(64 * 1024);
const ascii = new TextDecoder("latin1");

/** Old GNU format: runs in the header and in the blocks that follow it. Structure: GNU tar's `struct oldgnu_header`, `struct sparse_header`. */
export async function oldGnuSparse(header: Uint8Array, source: ByteSource, offset: number): Promise<SparseFile> {
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

/** The three pax formats (GNU tar manual, "Storing Sparse Files"); undefined when the records describe no sparse file. */
export function paxSparse(records: PaxRecords | undefined, offset: number): SparseFile | undefined {
  if (records === undefined) return undefined;
  if (paxNumber(records, "GNU.sparse.major", offset) === 1)
    return { realSize: paxNumber(records, "GNU.sparse.realsize", offset) ?? 0 };
  const map = records.get("GNU.sparse.map");
  const realSize = paxNumber(records, "GNU.sparse.size", offset);
  if (map === undefined || realSize === undefined) return undefined;
  const numbers = ascii.decode(map).split(",");
  if (numbers.length > 2 * maxRuns) throw tooMany(offset);
  return { realSize, runs: pairUp(numbers, offset) };
}

function pairUp(numbers: readonly string[], offset: number): SparseRun[] {
  const runs: SparseRun[] = [];
  for (let at = 0; at + 1 < numbers.length; at += 2)
    runs.push({ offset: wholeNumber(numbers[at], offset), length: wholeNumber(numbers[at + 1], offset) });
  return runs;
}

function wholeNumber(text: string | undefined, offset: number): number {
  const value = text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new FormatError("tar", "malformed", "a sparse map holds no number where one belongs", { offset });
}

/** The file as it would be on disk, from its stored bytes. */
export async function* expandSparse(file: SparseFile, stored: ByteStream, offset: number): AsyncGenerator<Uint8Array> {
  const content = new Stored(stored);
  const runs = file.runs ?? (await readMap(content, offset));
  let position = 0;
  for (const run of runs) {
    if (run.offset < position || run.offset + run.length > file.realSize)
      throw new FormatError("tar", "malformed", "a sparse map does not fit its file", { offset });
    yield* zeros(run.offset - position);
    yield* content.take(run.length);
    position = run.offset + run.length;
  }
  yield* zeros(file.realSize - position);
}

/** Format 1.0: the count, then pairs, one decimal number a line, padded to a block. */
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
    wanted = 1 + 2 * wholeNumber(numbers[0], offset);
    if (wanted > 2 * maxRuns) throw tooMany(offset);
  }
  return pairUp(numbers.slice(1, wanted), offset);
}

function* zeros(count: number): Generator<Uint8Array> {
  for (let left = count; left > 0; left -= hole.length) yield left >= hole.length ? hole : hole.subarray(0, left);
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
