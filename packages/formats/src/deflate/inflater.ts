import { inflateCode } from "./inflate-code.ts";
import { SteppedInflate } from "./stepped-inflate.ts";

/** Expands raw deflate (RFC 1951) step by step, and knows where it ended. */
export interface Inflater {
  /**
   * What the next bytes expand to, in pieces that are valid until the next one is asked for. Nothing may be given once {@link unused} says that
   * the data has ended.
   * @throws Error for damaged data.
   */
  push(bytes: Uint8Array): Iterable<Uint8Array>;
  /** How many of the bytes given last stand behind the last block; undefined until that has ended. */
  readonly unused: number | undefined;
  /** Makes it ready for another stream. */
  reset(): void;
  /** Lets its memory be used by another one. */
  close(): void;
}

/** What `wasm/inflate.ts` exports. Numbers are offsets in its memory. */
interface Machine {
  readonly memory: WebAssembly.Memory;
  /** Where input is written. */
  input(): number;
  /** Where the input begins that was not taken. */
  rest(): number;
  /** Where what the last run expanded begins and ends. */
  start(): number;
  end(): number;
  reset(): void;
  run(length: number, isNew: boolean): number;
}

/** Bytes of input that a machine has room for. */
const inputBytes = 64 * 1024;

// What a run of a machine answers. All others: it needs input.
const isFull = 1;
const isDone = 2;
const isDamaged = 3;

/** Machines nobody uses, of 400 KB each. */
const free: Machine[] = [];
const maxFree = 4;

let code: WebAssembly.Module | undefined;
let isRefused = false;

/**
 * Opens an inflater: WebAssembly, which takes a fifth of the time of fflate, or fflate where the platform has none or does not allow it.
 * Decision 0289 has the figures.
 */
export function openInflater(): Inflater {
  const machine = free.pop() ?? newMachine();
  return machine === undefined ? new SteppedInflate() : new CompiledInflate(machine);
}

function newMachine(): Machine | undefined {
  if (isRefused) return undefined;
  try {
    code ??= new WebAssembly.Module(Uint8Array.from(atob(inflateCode), (letter) => letter.charCodeAt(0)));
  } catch {
    // No WebAssembly, or no leave to compile it: a page's security policy, an engine without a compiler.
    isRefused = true;
    return undefined;
  }
  try {
    // as: made of a source that exports these.
    return new WebAssembly.Instance(code).exports as unknown as Machine;
  } catch {
    // No memory for one more now; there may be some later.
    return undefined;
  }
}

/** Exported for tests, which hold it against the other one. */
export class CompiledInflate implements Inflater {
  unused: number | undefined;
  #machine: Machine | undefined;
  readonly #memory: Uint8Array;
  /** Bytes of input that are there and were not taken: the beginning of a code. */
  #held = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#memory = new Uint8Array(machine.memory.buffer);
    this.reset();
  }

  reset(): void {
    this.#machine?.reset();
    this.#held = 0;
    this.unused = undefined;
  }

  *push(bytes: Uint8Array): Generator<Uint8Array> {
    const machine = this.#machine;
    if (machine === undefined) throw new Error("the inflater is closed");
    const input = machine.input();
    for (let at = 0; at < bytes.length && this.unused === undefined;) {
      const part = bytes.subarray(at, at + inputBytes - this.#held);
      this.#memory.set(part, input + this.#held);
      at += part.length;
      const length = this.#held + part.length;
      for (let answer = isFull, isNew = true; answer === isFull; isNew = false) {
        answer = machine.run(length, isNew);
        const [start, end] = [machine.start(), machine.end()];
        if (end > start) yield this.#memory.subarray(start, end);
        if (answer === isDamaged) throw new Error("invalid deflate data");
        if (answer === isDone) this.unused = input + length - machine.rest() + bytes.length - at;
      }
      const rest = machine.rest();
      this.#held = input + length - rest;
      this.#memory.copyWithin(input, rest, rest + this.#held);
    }
  }

  close(): void {
    if (this.#machine !== undefined && free.length < maxFree) free.push(this.#machine);
    this.#machine = undefined;
  }
}
