/** Byte strings to be looked for together, compiled once. */
export class Marks {
  readonly all: readonly Uint8Array[];
  /** Bytes of the shortest one: what is compared of each before the rest is. */
  readonly length: number;
  /** Length of the longest one minus 1: a mark may begin in so many last bytes of a piece and end in the next piece. */
  readonly overlap: number;
  /** How far to move on when the window ends with these two bytes; 0 where a mark may end its window there. */
  readonly shifts: Uint8Array;
  /** Marks by the two bytes that end their window. */
  readonly byEnd: ReadonlyMap<number, readonly number[]>;

  /** @throws TypeError for marks of fewer than two bytes. */
  constructor(marks: readonly Uint8Array[]) {
    if (marks.some(({ length }) => length < 2)) throw new TypeError("a mark has at least two bytes");
    this.all = marks;
    this.length = Math.min(255, ...marks.map(({ length }) => length));
    this.overlap = Math.max(2, ...marks.map(({ length }) => length)) - 1;
    this.shifts = new Uint8Array(65_536).fill(this.length - 1);
    const byEnd = new Map<number, number[]>();
    marks.forEach((mark, index) => {
      for (let at = 1; at < this.length; at++) {
        const block = blockAt(mark, at);
        this.shifts[block] = Math.min(this.shifts[block] ?? 0, this.length - 1 - at);
      }
      const end = blockAt(mark, this.length - 1);
      byEnd.set(end, [...(byEnd.get(end) ?? []), index]);
    });
    this.byEnd = byEnd;
  }
}

/** The two bytes that end at an offset, as one number. */
function blockAt(bytes: Uint8Array, end: number): number {
  return ((bytes[end - 1] ?? 0) << 8) | (bytes[end] ?? 0);
}

/**
 * Looks for several byte strings at once in content that comes in pieces: one pass, which looks at one of several bytes
 * as a rule (the algorithm of Wu and Manber, with blocks of two bytes), whatever their number is.
 */
export class MarkSearch {
  /** Indexes of the marks that were found so far. */
  readonly found: Set<number> = new Set<number>();
  readonly #marks: Marks;
  /** The last bytes of what came before, in which a mark may begin. */
  #tail = new Uint8Array(0);

  constructor(marks: Marks) {
    this.#marks = marks;
  }

  /** Whether nothing is left to be found. */
  get done(): boolean {
    return this.found.size === this.#marks.all.length;
  }

  /** Takes the next piece. */
  push(piece: Uint8Array): void {
    if (this.done) return;
    const { overlap } = this.#marks;
    if (this.#tail.length > 0) this.#lookIn(joined(this.#tail, piece.subarray(0, overlap)));
    this.#lookIn(piece);
    // Small pieces add up.
    this.#tail =
      piece.length >= overlap ? piece.slice(piece.length - overlap) : joined(this.#tail, piece).slice(-overlap);
  }

  #lookIn(bytes: Uint8Array): void {
    const { shifts, length, byEnd } = this.#marks;
    for (let at = length - 1; at < bytes.length;) {
      const block = blockAt(bytes, at);
      const shift = shifts[block] ?? 0;
      if (shift > 0) {
        at += shift;
        continue;
      }
      for (const index of byEnd.get(block) ?? [])
        if (this.#standsAt(bytes, at - length + 1, index)) this.found.add(index);
      at++;
    }
  }

  #standsAt(bytes: Uint8Array, start: number, index: number): boolean {
    const mark = this.#marks.all[index];
    return mark !== undefined && mark.every((byte, at) => bytes[start + at] === byte);
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
