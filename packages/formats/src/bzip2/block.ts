import { FormatError } from "../format-error.ts";
import type { BitReader } from "./bit-reader.ts";

/** How many symbols are coded with one Huffman table before the next selector names another. */
const groupSymbols = 50;

/** As many selectors as a block of 900,000 bytes needs. Further ones are read and not used, as by bzip2 1.0.8. */
const maxSelectors = 18_002;

const maxCodeLength = 20;

/** A block after its Huffman codes and its move-to-front coding, ready for the inverse Burrows-Wheeler transform. */
export interface Block {
  /** In the low 8 bits the last column; above them, after {@link decodeBlock}, the links of the transform. */
  readonly links: Uint32Array;
  readonly length: number;
  /** Where the text starts. */
  readonly origin: number;
}

/**
 * Decodes a block behind its magic number and checksum. Format: the bzip2 program's decompress.c, of which there is no
 * other specification.
 * @throws FormatError
 */
export function decodeBlock(bits: BitReader, links: Uint32Array): Block {
  if (bits.read(1) === 1) throw new FormatError("bzip2", "unsupported", "a randomised block of bzip2 before 0.9.5");
  const origin = bits.read(24);
  const used = readUsed(bits);
  const groups = bits.read(3);
  if (groups < 2 || groups > 6) throw damaged("a block has an impossible number of code tables");
  const selectors = readSelectors(bits, groups);
  const tables = Array.from({ length: groups }, () => readTable(bits, used.length + 2));
  const length = readSymbols(bits, { used, selectors, tables }, links);
  if (origin >= length) throw damaged("the text of a block begins outside of the block");
  linkUp(links, length);
  return { links, length, origin };
}

/** Reads which byte values occur in the block, in ascending order. */
function readUsed(bits: BitReader): Uint8Array {
  const ranges = bits.read(16);
  const used: number[] = [];
  for (let range = 0; range < 16; range++) {
    if ((ranges & (0x8000 >> range)) === 0) continue;
    const within = bits.read(16);
    for (let value = 0; value < 16; value++) if ((within & (0x8000 >> value)) !== 0) used.push(range * 16 + value);
  }
  if (used.length === 0) throw damaged("a block names no byte values");
  return Uint8Array.from(used);
}

/** Reads the selectors: the number of the Huffman table for each group of symbols, move-to-front coded in unary. */
function readSelectors(bits: BitReader, groups: number): Uint8Array {
  const count = bits.read(15);
  if (count === 0) throw damaged("a block has no selectors");
  const selectors = new Uint8Array(Math.min(count, maxSelectors));
  const order = [0, 1, 2, 3, 4, 5];
  for (let at = 0; at < count; at++) {
    let rank = 0;
    while (bits.read(1) === 1) if (++rank >= groups) throw damaged("a selector names no code table");
    const [table = 0] = order.splice(rank, 1);
    order.unshift(table);
    if (at < maxSelectors) selectors[at] = table;
  }
  return selectors;
}

/** A Huffman table: for each code length the highest code, and where its symbols are. */
interface Table {
  readonly limits: Int32Array;
  readonly bases: Int32Array;
  readonly symbols: Uint16Array;
  readonly shortest: number;
}

function readTable(bits: BitReader, size: number): Table {
  const lengths = new Uint8Array(size);
  let length = bits.read(5);
  for (let symbol = 0; symbol < size; symbol++) {
    for (;;) {
      if (length < 1 || length > maxCodeLength) throw damaged("a code has an impossible length");
      if (bits.read(1) === 0) break;
      length += bits.read(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  const symbols = new Uint16Array(size);
  const limits = new Int32Array(maxCodeLength + 2).fill(-1);
  const bases = new Int32Array(maxCodeLength + 2);
  let code = 0;
  let next = 0;
  for (let bitsLong = 1; bitsLong <= maxCodeLength; bitsLong++) {
    bases[bitsLong] = next - code;
    for (let symbol = 0; symbol < size; symbol++) {
      if (lengths[symbol] !== bitsLong) continue;
      symbols[next++] = symbol;
      code++;
    }
    limits[bitsLong] = code - 1;
    code <<= 1;
  }
  return { limits, bases, symbols, shortest: lengths.reduce((a, b) => Math.min(a, b), maxCodeLength) };
}

function readSymbols(
  bits: BitReader,
  coding: { readonly used: Uint8Array; readonly selectors: Uint8Array; readonly tables: readonly Table[] },
  links: Uint32Array,
): number {
  const { selectors, tables } = coding;
  // Move-to-front: a symbol says how long ago its byte was used last.
  const recent = coding.used.slice();
  const endOfBlock = recent.length + 1;
  let length = 0;
  let run = 0;
  let weight = 1;
  for (let group = 0; ; group++) {
    const table = tables[selectors[group] ?? -1];
    if (table === undefined) throw damaged("a block has too few selectors");
    for (let count = 0; count < groupSymbols; count++) {
      const symbol = readSymbol(bits, table);
      if (symbol <= 1) {
        // The two lowest symbols are digits, 1 and 2, of how often the latest byte repeats.
        run += weight << symbol;
        weight <<= 1;
        if (run > links.length) throw damaged("a block is larger than it may be");
        continue;
      }
      if (run > 0) {
        if (length + run > links.length) throw damaged("a block is larger than it may be");
        links.fill(recent[0] ?? 0, length, length + run);
        length += run;
        run = 0;
        weight = 1;
      }
      if (symbol === endOfBlock) return length;
      if (length >= links.length) throw damaged("a block is larger than it may be");
      const byte = recent[symbol - 1] ?? 0;
      recent.copyWithin(1, 0, symbol - 1);
      recent[0] = byte;
      links[length++] = byte;
    }
  }
}

function readSymbol(bits: BitReader, { limits, bases, symbols, shortest }: Table): number {
  let code = bits.read(shortest);
  for (let length = shortest; length <= maxCodeLength; length++) {
    if (code <= (limits[length] ?? -1)) {
      const symbol = symbols[code + (bases[length] ?? 0)];
      if (symbol !== undefined) return symbol;
    }
    code = (code << 1) | bits.read(1);
  }
  throw damaged("a code that no table has");
}

/** Prepares the inverse Burrows-Wheeler transform: links each place to the one whose byte follows it in the text. */
function linkUp(links: Uint32Array, length: number): void {
  const starts = new Uint32Array(257);
  for (let at = 0; at < length; at++) starts[((links[at] ?? 0) & 0xff) + 1]!++; // within 257, as bytes are
  for (let value = 0; value < 256; value++) starts[value + 1]! += starts[value] ?? 0; // likewise
  for (let at = 0; at < length; at++) {
    const place = starts[(links[at] ?? 0) & 0xff]!++; // likewise
    links[place] = ((links[place] ?? 0) & 0xff) | (at << 8);
  }
}

/** The error for damaged data. */
export function damaged(detail: string): FormatError {
  return new FormatError("bzip2", "malformed", detail);
}
