import { Inflate } from "fflate";
import type { Inflater } from "./inflater.ts";

/** Input bytes per step: deflate expands at most 1032 times, so a step yields at most 16 MiB. */
const stepBytes = 16 * 1024;

/**
 * Private fields of fflate's stream: the input that it has not used yet, and its state, which says whether the last block has ended and at
 * which bit.
 */
interface InflateInsides {
  readonly p?: Uint8Array;
  readonly s?: { readonly f?: number; readonly l?: unknown; readonly p?: number };
}

/** fflate's inflate, whose stream does not tell where it ended. */
export class SteppedInflate implements Inflater {
  #outputs: Uint8Array[] = [];
  #inflate = this.#opened();
  unused: number | undefined;

  reset(): void {
    this.#outputs = [];
    this.#inflate = this.#opened();
    this.unused = undefined;
  }

  #opened(): Inflate {
    return new Inflate((chunk) => {
      if (chunk.length > 0) this.#outputs.push(chunk);
    });
  }

  *push(bytes: Uint8Array): Generator<Uint8Array> {
    for (let at = 0; at < bytes.length && this.unused === undefined; at += stepBytes) {
      const part = bytes.subarray(at, at + stepBytes);
      this.#inflate.push(part);
      const ready = this.#outputs;
      this.#outputs = [];
      yield* ready;
      const behind = this.#behind();
      if (behind !== undefined) this.unused = behind + Math.max(0, bytes.length - at - part.length);
    }
  }

  /** How many of the last bytes stand behind the last block. */
  #behind(): number | undefined {
    // The position after the last block is not part of fflate's public surface; tests watch over it.
    const { p: unused, s: state } = this.#inflate as unknown as InflateInsides;
    if (unused === undefined || state === undefined) throw new Error("this version of fflate is not known");
    return state.f && !state.l ? unused.length - Math.ceil((state.p ?? 0) / 8) : undefined;
  }

  close(): void {
    // Its memory is the engine's.
  }
}
