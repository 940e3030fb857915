import { markCode } from "./mark-code.ts";

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

/** What `wasm/marks.ts` exports. Numbers are offsets in its memory. */
interface Machine {
  readonly memory: WebAssembly.Memory;
  input(): number;
  marks(): number;
  compile(marks: number): void;
  search(length: number, known: number): number;
}

/** What a machine takes. */
const maxMarks = 32;
const minMarkBytes = 3;
const maxMarkBytes = 60;
const placeBytes = 64;
const inputBytes = 64 * 1024;

/** The machine, which all searches share: a push is done before the next one begins. Undefined where the platform has none. */
let machine: Machine | undefined | "not asked for" = "not asked for";
/** What it looks for. */
let machineMarks: Marks | undefined;

function machineFor(marks: Marks): Machine | undefined {
  const { all } = marks;
  if (all.length > maxMarks || all.some(({ length }) => length < minMarkBytes || length > maxMarkBytes))
    return undefined;
  if (machine === "not asked for") machine = newMachine();
  if (machine === undefined || machineMarks === marks) return machine;
  const memory = new Uint8Array(machine.memory.buffer);
  for (const [index, mark] of all.entries()) {
    const place = machine.marks() + index * placeBytes;
    new DataView(memory.buffer).setUint32(place, mark.length, true);
    memory.set(mark, place + 4);
  }
  machine.compile(all.length);
  machineMarks = marks;
  return machine;
}

function newMachine(): Machine | undefined {
  try {
    const code = new WebAssembly.Module(Uint8Array.from(atob(markCode), (letter) => letter.charCodeAt(0)));
    // as: made of a source that exports these.
    return new WebAssembly.Instance(code).exports as unknown as Machine;
  } catch {
    // No WebAssembly, or no leave to compile it: a page's security policy, an engine without a compiler.
    return undefined;
  }
}

/**
 * Looks for several byte strings at once in content that comes in pieces, in one pass, whatever their number is. By WebAssembly, which looks at
 * sixteen places at once, and is as fast for the first program as for the last; else by the algorithm of Wu and Manber with blocks of two
 * bytes, which looks at one of several bytes as a rule. A decision has the figures (0291).
 */
export class MarkSearch {
  /** Indexes of the marks that were found so far. */
  readonly found: Set<number> = new Set<number>();
  readonly #marks: Marks;
  readonly #isPortable: boolean;
  /** The last bytes of what came before, in which a mark may begin. */
  #tail = new Uint8Array(0);

  /** @param options.portable does without WebAssembly */
  constructor(marks: Marks, { portable = false }: { readonly portable?: boolean } = {}) {
    this.#marks = marks;
    this.#isPortable = portable;
  }

  /** Whether nothing is left to be found. */
  get done(): boolean {
    return this.found.size === this.#marks.all.length;
  }

  /** Takes the next piece. */
  push(piece: Uint8Array): void {
    if (this.done) return;
    const { overlap } = this.#marks;
    const fast = this.#isPortable ? undefined : machineFor(this.#marks);
    if (fast === undefined) {
      if (this.#tail.length > 0) this.#lookIn(joined(this.#tail, piece.subarray(0, overlap)));
      this.#lookIn(piece);
    } else this.#lookFast(fast, piece);
    // Small pieces add up.
    this.#tail =
      piece.length >= overlap ? piece.slice(piece.length - overlap) : joined(this.#tail, piece).slice(-overlap);
  }

  #lookFast(fast: Machine, piece: Uint8Array): void {
    const memory = new Uint8Array(fast.memory.buffer, fast.input(), inputBytes);
    let held = this.#tail.length;
    memory.set(this.#tail);
    let known = 0;
    for (const index of this.found) known |= 1 << index;
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + inputBytes - held);
      memory.set(part, held);
      at += part.length;
      const there = held + part.length;
      known = fast.search(there, known);
      held = Math.min(this.#marks.overlap, there);
      memory.copyWithin(0, there - held, there);
    }
    for (const index of this.#marks.all.keys()) if (((known >>> index) & 1) === 1) this.found.add(index);
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
