import { concatBytes } from "@plimsoll/formats";
import { compareAsBytes, encodeText } from "./byte-order.ts";

/** A place to put what does not fit into memory. */
export interface ScratchFile {
  append(bytes: Uint8Array): Promise<void> | void;
  /** Bytes `start` to `end` of what was appended. */
  read(start: number, end: number): Promise<Uint8Array> | Uint8Array;
  /** Called once when it is no longer needed. */
  discard(): Promise<void> | void;
}

/** A text under a key. */
export interface SortedPair {
  readonly key: string;
  readonly value: string;
}

/**
 * Puts any number of pairs in order with bounded memory: full runs are sorted and appended to the scratch file, and
 * merged at the end. Pairs with equal keys are in order of their values, so the order of addition does not matter.
 */
export class ExternalSort {
  readonly #budget: number;
  readonly #scratch: () => Promise<ScratchFile>;
  readonly #runs: { readonly start: number; readonly end: number }[] = [];
  #file: ScratchFile | undefined;
  #written = 0;
  #pairs: SortedPair[] = [];
  #held = 0;

  /** `budget` is the number of characters held in memory. */
  constructor(budget: number, scratch: () => Promise<ScratchFile>) {
    this.#budget = budget;
    this.#scratch = scratch;
  }

  /** Undefined when there was nothing to wait for. */
  add(key: string, value: string): Promise<void> | undefined {
    this.#pairs.push({ key, value });
    // An object and two strings cost about 64 bytes beside their characters.
    this.#held += key.length + value.length + 64;
    return this.#held >= this.#budget ? this.#spill() : undefined;
  }

  /** All pairs in order. Can be called once. */
  async *sorted(): AsyncGenerator<SortedPair> {
    if (this.#runs.length === 0) {
      yield* this.#takeSorted();
      return;
    }
    await this.#spill();
    const file = await this.#scratchFile();
    const readers = this.#runs.map(({ start, end }) => new RunReader(file, start, end));
    const heads = await Promise.all(readers.map((reader) => reader.next()));
    for (;;) {
      let least = -1;
      for (let at = 0; at < heads.length; at++) {
        const head = heads[at];
        const best = heads[least];
        if (head !== undefined && (best === undefined || comparePairs(head, best) < 0)) least = at;
      }
      const head = heads[least];
      const reader = readers[least];
      if (head === undefined || reader === undefined) return;
      yield head;
      heads[least] = reader.buffered() ?? (await reader.next());
    }
  }

  async discard(): Promise<void> {
    this.#pairs = [];
    await this.#file?.discard();
    this.#file = undefined;
  }

  #takeSorted(): SortedPair[] {
    const pairs = this.#pairs.sort(comparePairs);
    this.#pairs = [];
    this.#held = 0;
    return pairs;
  }

  async #spill(): Promise<void> {
    if (this.#pairs.length === 0) return;
    const file = await this.#scratchFile();
    const start = this.#written;
    const buffer = new PairBuffer();
    for (const pair of this.#takeSorted()) {
      const full = buffer.add(pair);
      if (full === undefined) continue;
      await file.append(full);
      this.#written += full.length;
    }
    const rest = buffer.take();
    await file.append(rest);
    this.#written += rest.length;
    this.#runs.push({ start, end: this.#written });
  }

  async #scratchFile(): Promise<ScratchFile> {
    this.#file ??= await this.#scratch();
    return this.#file;
  }
}

function comparePairs(a: SortedPair, b: SortedPair): number {
  return compareAsBytes(a.key, b.key) || compareAsBytes(a.value, b.value);
}

const pieceBytes = 256 * 1024;

/** Pairs as bytes: two lengths of 32 bits, then key and value. */
class PairBuffer {
  #parts: Uint8Array[] = [];
  #length = 0;

  /** The collected bytes, once there are enough of them. */
  add(pair: SortedPair): Uint8Array | undefined {
    const key = encodeText(pair.key);
    const value = encodeText(pair.value);
    const lengths = new Uint8Array(8);
    const view = new DataView(lengths.buffer);
    view.setUint32(0, key.length, true);
    view.setUint32(4, value.length, true);
    this.#parts.push(lengths, key, value);
    this.#length += 8 + key.length + value.length;
    return this.#length >= pieceBytes ? this.take() : undefined;
  }

  take(): Uint8Array {
    const whole = concatBytes(this.#parts);
    this.#parts = [];
    this.#length = 0;
    return whole;
  }
}

class RunReader {
  readonly #file: ScratchFile;
  readonly #end: number;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #next: number;
  #piece: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(file: ScratchFile, start: number, end: number) {
    this.#file = file;
    this.#next = start;
    this.#end = end;
  }

  /** The next pair when its bytes are already in memory. */
  buffered(): SortedPair | undefined {
    const left = this.#piece.length - this.#at;
    if (left < 8) return undefined;
    const view = new DataView(this.#piece.buffer, this.#piece.byteOffset + this.#at, 8);
    const keyEnd = this.#at + 8 + view.getUint32(0, true);
    const end = keyEnd + view.getUint32(4, true);
    if (end > this.#piece.length) return undefined;
    const key = this.#decoder.decode(this.#piece.subarray(this.#at + 8, keyEnd));
    const value = this.#decoder.decode(this.#piece.subarray(keyEnd, end));
    this.#at = end;
    return { key, value };
  }

  async next(): Promise<SortedPair | undefined> {
    let wanted = pieceBytes;
    for (;;) {
      const pair = this.buffered();
      if (pair !== undefined || this.#next >= this.#end) return pair;
      const stop = Math.min(this.#end, this.#next + wanted);
      const more = await this.#file.read(this.#next, stop);
      this.#next = stop;
      this.#piece = joined(this.#piece.subarray(this.#at), more);
      this.#at = 0;
      wanted *= 2;
    }
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}

/** Scratch space in memory, for small builds and for places without a disk. */
export async function memoryScratch(): Promise<ScratchFile> {
  let pieces: { readonly start: number; readonly bytes: Uint8Array }[] = [];
  let length = 0;
  return {
    append(bytes) {
      pieces.push({ start: length, bytes });
      length += bytes.length;
    },
    read(start, end) {
      const whole = new Uint8Array(end - start);
      for (const piece of pieces) {
        const from = Math.max(start, piece.start);
        const to = Math.min(end, piece.start + piece.bytes.length);
        if (from < to) whole.set(piece.bytes.subarray(from - piece.start, to - piece.start), from - start);
      }
      return whole;
    },
    discard() {
      pieces = [];
    },
  };
}
