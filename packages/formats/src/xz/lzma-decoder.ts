import { damaged } from "./dictionary.ts";
import type { Dictionary } from "./dictionary.ts";

// Where the probabilities of each model lie in the one table (names as in the LZMA specification, "LZMA decoder").
const isMatch = 0;
const isRep = 192;
const isRepG0 = 204;
const isRepG1 = 216;
const isRepG2 = 228;
const isRep0Long = 240;
const posSlots = 432;
const posSpecial = 688;
const posAlign = 816;
const matchLengths = 832;
const repLengths = 1346;
const literals = 1860;
/** Size of the table of probabilities, with room for the literals of `lc + lp` up to 4, the most that LZMA2 allows. */
const tableSize = literals + (0x300 << 4);

// Within a length model.
const choice = 0;
const choice2 = 1;
const low = 2;
const mid = 130;
const high = 258;

const initial = 1024;
const top = 0x1000000;

/** Decodes LZMA as the chunks of LZMA2 carry it. Format: LZMA specification, and the xz file format's LZMA2. */
export class LzmaDecoder {
  private readonly dictionary: Dictionary;
  private readonly table = new Uint16Array(tableSize);
  private lc = 0;
  private lp = 0;
  private pb = 0;
  private state = 0;
  private rep0 = 0;
  private rep1 = 0;
  private rep2 = 0;
  private rep3 = 0;
  // The range decoder; both numbers are unsigned 32 bit, kept as signed ones.
  private input: Uint8Array = new Uint8Array(0);
  private at = 0;
  private range = 0;
  private code = 0;

  constructor(dictionary: Dictionary) {
    this.dictionary = dictionary;
  }

  /** Sets `lc`, `lp` and `pb` from the byte that holds all three: how many bits of the context the decoder heeds. */
  setProperties(byte: number): void {
    if (byte > (4 * 5 + 4) * 9 + 8) throw damaged("the properties of a chunk are impossible");
    this.lc = byte % 9;
    this.lp = Math.floor(byte / 9) % 5;
    this.pb = Math.floor(byte / 45);
    if (this.lc + this.lp > 4) throw damaged("the properties of a chunk are impossible");
  }

  /** Sets all probabilities and the last distances to their initial values. */
  resetState(): void {
    this.table.fill(initial);
    this.state = this.rep0 = this.rep1 = this.rep2 = this.rep3 = 0;
  }

  /**
   * Expands one chunk, whose `input` must be all of it, into `count` bytes of the dictionary.
   * @throws FormatError
   */
  decode(input: Uint8Array, count: number): void {
    this.begin(input);
    this.dictionary.reserve(count);
    const { bytes } = this.dictionary;
    const posMask = (1 << this.pb) - 1;
    let position = this.dictionary.position;
    const base = position - this.dictionary.reach;
    // Contexts count bytes since the dictionary was reset, wherever they are by now.
    const shift = this.dictionary.written - position;
    const end = position + count;
    while (position < end) {
      const posState = (position + shift) & posMask;
      if (this.bit(isMatch + (this.state << 4) + posState) === 0) {
        bytes[position] = this.literal(bytes, position, base, shift);
        position++;
        continue;
      }
      const length = this.match(posState, position - base);
      if (length === 0) {
        bytes[position] = bytes[position - this.rep0 - 1] ?? 0;
        position++;
        continue;
      }
      if (this.rep0 >= position - base || length > end - position) throw damaged("a match reaches too far");
      const from = position - this.rep0 - 1;
      // Byte by byte where source and target overlap: that is how runs are written.
      if (this.rep0 + 1 >= length) bytes.copyWithin(position, from, from + length);
      else for (let index = 0; index < length; index++) bytes[position + index] = bytes[from + index] ?? 0;
      position += length;
    }
    this.dictionary.advance(count);
    this.finish();
  }

  private begin(input: Uint8Array): void {
    if (input.length < 5 || input[0] !== 0) throw damaged("the first byte of a chunk is not zero");
    this.input = input;
    this.range = -1;
    this.code = ((input[1] ?? 0) << 24) | ((input[2] ?? 0) << 16) | ((input[3] ?? 0) << 8) | (input[4] ?? 0);
    this.at = 5;
  }

  private finish(): void {
    this.normalize();
    if (this.at !== this.input.length || this.code !== 0) throw damaged("a chunk does not end where it should");
  }

  /** The next literal, with the byte before it and, after a match, the byte that the match would have gone on with. */
  private literal(bytes: Uint8Array, position: number, base: number, shift: number): number {
    const previous = position > base ? (bytes[position - 1] ?? 0) : 0;
    const context = (((position + shift) & ((1 << this.lp) - 1)) << this.lc) + (previous >> (8 - this.lc));
    const model = literals + 0x300 * context;
    let symbol = 1;
    if (this.state >= 7) {
      if (this.rep0 >= position - base) throw damaged("a match reaches too far");
      let matched = bytes[position - this.rep0 - 1] ?? 0;
      let offset = 0x100;
      while (symbol < 0x100) {
        matched <<= 1;
        const matchedBit = matched & offset;
        const bit = this.bit(model + offset + matchedBit + symbol);
        symbol = (symbol << 1) | bit;
        offset &= bit === 0 ? ~matchedBit : matchedBit;
      }
    } else while (symbol < 0x100) symbol = (symbol << 1) | this.bit(model + symbol);
    this.state = this.state < 4 ? 0 : this.state < 10 ? this.state - 3 : this.state - 6;
    return symbol & 0xff;
  }

  /** Length of the next match, whose distance is `rep0` then; 0 for a single byte that repeats. */
  private match(posState: number, reach: number): number {
    const { state } = this;
    if (this.bit(isRep + state) === 0) {
      this.rep3 = this.rep2;
      this.rep2 = this.rep1;
      this.rep1 = this.rep0;
      this.state = state < 7 ? 7 : 10;
      const length = this.length(matchLengths, posState);
      this.rep0 = this.distance(length);
      return length;
    }
    if (this.bit(isRepG0 + state) === 0) {
      if (this.bit(isRep0Long + (state << 4) + posState) === 0) {
        if (this.rep0 >= reach) throw damaged("a match reaches too far");
        this.state = state < 7 ? 9 : 11;
        return 0;
      }
    } else {
      let distance: number;
      if (this.bit(isRepG1 + state) === 0) distance = this.rep1;
      else {
        if (this.bit(isRepG2 + state) === 0) distance = this.rep2;
        else {
          distance = this.rep3;
          this.rep3 = this.rep2;
        }
        this.rep2 = this.rep1;
      }
      this.rep1 = this.rep0;
      this.rep0 = distance;
    }
    this.state = state < 7 ? 8 : 11;
    return this.length(repLengths, posState);
  }

  private length(model: number, posState: number): number {
    if (this.bit(model + choice) === 0) return 2 + this.tree(model + low + (posState << 3), 3);
    if (this.bit(model + choice2) === 0) return 10 + this.tree(model + mid + (posState << 3), 3);
    return 18 + this.tree(model + high, 8);
  }

  private distance(length: number): number {
    const slot = this.tree(posSlots + (Math.min(length - 2, 3) << 6), 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const start = 2 | (slot & 1);
    if (slot < 14) return (start << bits) + this.reversedTree(posSpecial + (start << bits) - slot, bits);
    // Up to 32 bits: beyond what signed shifts can hold.
    return start * 2 ** bits + this.direct(bits - 4) * 16 + this.reversedTree(posAlign, 4);
  }

  private tree(model: number, bits: number): number {
    let symbol = 1;
    for (let count = 0; count < bits; count++) symbol = (symbol << 1) | this.bit(model + symbol);
    return symbol - (1 << bits);
  }

  private reversedTree(model: number, bits: number): number {
    let symbol = 1;
    let value = 0;
    for (let count = 0; count < bits; count++) {
      const bit = this.bit(model + symbol);
      symbol = (symbol << 1) | bit;
      value |= bit << count;
    }
    return value;
  }

  private direct(bits: number): number {
    let value = 0;
    for (let count = 0; count < bits; count++) {
      this.normalize();
      this.range >>>= 1;
      const rest = (this.code - this.range) | 0;
      const bit = this.code >>> 0 >= this.range >>> 0 ? 1 : 0;
      if (bit === 1) this.code = rest;
      value = value * 2 + bit;
    }
    return value;
  }

  private bit(index: number): number {
    this.normalize();
    const probability = this.table[index] ?? initial;
    const bound = Math.imul(this.range >>> 11, probability);
    if (this.code >>> 0 < bound >>> 0) {
      this.range = bound;
      this.table[index] = probability + ((2048 - probability) >> 5);
      return 0;
    }
    this.range = (this.range - bound) | 0;
    this.code = (this.code - bound) | 0;
    this.table[index] = probability - (probability >> 5);
    return 1;
  }

  private normalize(): void {
    if (this.range >>> 0 >= top) return;
    this.range <<= 8;
    // Input that ends early reads as zeros; `finish` sees that more was read than there is.
    this.code = (this.code << 8) | (this.input[this.at] ?? 0);
    this.at++;
  }
}
