import { crc32, deflateRaw } from "@plimsoll/formats";
import { compareBytes, encodeText } from "./byte-order.ts";

/**
 * Uncompressed bytes of a block: expands in about 25 µs, and holds what is stated about some packages. Twice as many make
 * the file 1 % smaller and look-ups a third slower.
 */
const defaultBlockBytes = 8 * 1024;

/** How many bytes a block has in the index, beside its first key. */
const indexEntryBytes = 24;

/** What is known about a finished table, beside its index. */
export interface TableSize {
  readonly entries: number;
  readonly blocks: number;
}

/**
 * Writes sorted pairs as deflated blocks and collects their sparse index.
 *
 * Block, expanded: for each pair the lengths of key and value as LEB128, then key and value.
 * Index: for each block `offset u64 | packed length u32 | length u32 | CRC-32 of the packed bytes u32 | start of its
 * first key u32`; then the first keys, end to end.
 */
export class TableWriter {
  readonly #write: (bytes: Uint8Array) => Promise<number>;
  readonly #blockBytes: number;
  #block: Uint8Array;
  #filled = 0;
  #firstKey: Uint8Array | undefined;
  #entries = 0;
  readonly #index: { offset: number; packed: number; length: number; crc: number; key: Uint8Array }[] = [];

  /** `write` appends to the file and tells the offset at which the bytes came to lie. */
  constructor(write: (bytes: Uint8Array) => Promise<number>, blockBytes: number = defaultBlockBytes) {
    this.#write = write;
    this.#blockBytes = blockBytes;
    this.#block = new Uint8Array(blockBytes * 2);
  }

  /** Keys must come in byte order, each once. Undefined when there was nothing to wait for. */
  add(key: Uint8Array, value: string): Promise<void> | undefined {
    const bytes = encodeText(value);
    this.#reserve(key.length + bytes.length + 10);
    this.#putLength(key.length);
    this.#putLength(bytes.length);
    this.#block.set(key, this.#filled);
    this.#block.set(bytes, this.#filled + key.length);
    this.#filled += key.length + bytes.length;
    this.#firstKey ??= key;
    this.#entries++;
    return this.#filled >= this.#blockBytes ? this.#flush() : undefined;
  }

  async finish(): Promise<{ readonly index: Uint8Array; readonly size: TableSize }> {
    await this.#flush();
    const keys = this.#index.reduce((sum, block) => sum + block.key.length, 0);
    const bytes = new Uint8Array(this.#index.length * indexEntryBytes + keys);
    const view = new DataView(bytes.buffer);
    let keyAt = this.#index.length * indexEntryBytes;
    for (const [at, block] of this.#index.entries()) {
      const entry = at * indexEntryBytes;
      view.setBigUint64(entry, BigInt(block.offset), true);
      view.setUint32(entry + 8, block.packed, true);
      view.setUint32(entry + 12, block.length, true);
      view.setUint32(entry + 16, block.crc, true);
      view.setUint32(entry + 20, keyAt, true);
      bytes.set(block.key, keyAt);
      keyAt += block.key.length;
    }
    return { index: bytes, size: { entries: this.#entries, blocks: this.#index.length } };
  }

  async #flush(): Promise<void> {
    if (this.#firstKey === undefined) return;
    const packed = deflateRaw(this.#block.subarray(0, this.#filled));
    const entry = { packed: packed.length, length: this.#filled, crc: crc32(packed), key: this.#firstKey };
    this.#filled = 0;
    this.#firstKey = undefined;
    this.#index.push({ offset: await this.#write(packed), ...entry });
  }

  #reserve(bytes: number): void {
    if (this.#filled + bytes <= this.#block.length) return;
    const larger = new Uint8Array(Math.max(this.#block.length * 2, this.#filled + bytes));
    larger.set(this.#block.subarray(0, this.#filled));
    this.#block = larger;
  }

  #putLength(length: number): void {
    let rest = length;
    for (; rest > 0x7f; rest >>>= 7) this.#block[this.#filled++] = (rest & 0x7f) | 0x80;
    this.#block[this.#filled++] = rest;
  }
}

/** Where a block lies in the file. */
export interface BlockPlace {
  readonly offset: number;
  readonly packed: number;
  /** Bytes when expanded. */
  readonly length: number;
  readonly crc: number;
}

/** The sparse index of a table, read in place: opening costs nothing per block. */
export class TableIndex {
  readonly blocks: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  /** @throws RangeError when `bytes` cannot hold so many blocks. */
  constructor(bytes: Uint8Array, blocks: number) {
    if (!Number.isSafeInteger(blocks) || blocks < 0 || blocks * indexEntryBytes > bytes.length) {
      throw new RangeError("the index is shorter than its blocks");
    }
    this.blocks = blocks;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The only block that can hold the key; -1 when none can. */
  find(key: Uint8Array): number {
    let low = 0;
    let high = this.blocks;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareBytes(key, this.#bytes, this.#keyStart(middle), this.#keyStart(middle + 1)) < 0) high = middle;
      else low = middle + 1;
    }
    return low - 1;
  }

  /**
   * Where a block lies.
   * @throws RangeError when it reaches into the next one: the same bytes, many times over, would be expanded as often.
   */
  place(block: number): BlockPlace {
    const entry = block * indexEntryBytes;
    const offset = this.#offset(block);
    const packed = this.#view.getUint32(entry + 8, true);
    if (block + 1 < this.blocks && offset + packed > this.#offset(block + 1)) throw new RangeError("blocks overlap");
    return {
      offset,
      packed,
      length: this.#view.getUint32(entry + 12, true),
      crc: this.#view.getUint32(entry + 16, true),
    };
  }

  #offset(block: number): number {
    return Number(this.#view.getBigUint64(block * indexEntryBytes, true));
  }

  #keyStart(block: number): number {
    if (block >= this.blocks) return this.#bytes.length;
    return Math.min(this.#view.getUint32(block * indexEntryBytes + 20, true), this.#bytes.length);
  }
}

/**
 * The bytes of the value under `key` in an expanded block; undefined where there is none.
 * @throws RangeError when a length reaches past the block.
 */
export function findInBlock(block: Uint8Array, key: Uint8Array): Uint8Array | undefined {
  const cursor = new BlockCursor(block);
  while (cursor.next()) {
    const order = compareBytes(key, block, cursor.keyStart, cursor.valueStart);
    if (order === 0) return block.subarray(cursor.valueStart, cursor.end);
    if (order < 0) return undefined;
  }
  return undefined;
}

/**
 * Keys and values of an expanded block, in order.
 * @throws RangeError when a length reaches past the block.
 */
export function pairsOfBlock(block: Uint8Array): readonly (readonly [key: Uint8Array, value: Uint8Array])[] {
  const cursor = new BlockCursor(block);
  const pairs: (readonly [Uint8Array, Uint8Array])[] = [];
  while (cursor.next())
    pairs.push([block.subarray(cursor.keyStart, cursor.valueStart), block.subarray(cursor.valueStart, cursor.end)]);
  return pairs;
}

/** Goes through the pairs of an expanded block without allocating memory. */
class BlockCursor {
  keyStart = 0;
  valueStart = 0;
  end = 0;
  readonly #block: Uint8Array;

  constructor(block: Uint8Array) {
    this.#block = block;
  }

  /** False at the end. @throws RangeError when a length reaches past the block. */
  next(): boolean {
    if (this.end >= this.#block.length) return false;
    const keyLength = this.#length();
    const valueLength = this.#length();
    this.keyStart = this.end;
    this.valueStart = this.keyStart + keyLength;
    this.end = this.valueStart + valueLength;
    if (this.end > this.#block.length) throw new RangeError("a pair reaches past its block");
    return true;
  }

  /** Reads a length: LEB128 of at most 35 bits. */
  #length(): number {
    let value = 0;
    for (let scale = 1; scale <= 0x10000000; scale *= 128) {
      const byte = this.#block[this.end++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new RangeError("a length has no end");
  }
}
