import { Inflate } from "fflate";

/** Input bytes per step: deflate expands at most 1032 times, so a step yields at most 16 MiB. */
export const inflateStepBytes: number = 16 * 1024;

/**
 * Private fields of fflate's stream: the input that it has not used yet, and its state, which says whether the last block has ended and at
 * which bit.
 */
interface InflateInsides {
  readonly p?: Uint8Array;
  readonly s?: { readonly f?: number; readonly l?: unknown; readonly p?: number };
}

/** Expands raw deflate (RFC 1951) step by step, and knows where it ended, which fflate's stream does not tell. */
export class SteppedInflate {
  #outputs: Uint8Array[] = [];
  readonly #inflate = new Inflate((chunk) => {
    if (chunk.length > 0) this.#outputs.push(chunk);
  });

  /**
   * What the next bytes expand to. Nothing may be given once {@link unused} says that the data has ended: fflate would keep it.
   * @param last whether no more bytes follow; data that has not ended by then is damaged
   * @throws what fflate throws for damaged data.
   */
  push(bytes: Uint8Array, last = false): readonly Uint8Array[] {
    this.#inflate.push(bytes, last);
    const ready = this.#outputs;
    this.#outputs = [];
    return ready;
  }

  /**
   * How many of the bytes given so far stand behind the last block; undefined until that has ended.
   * @throws Error when this version of fflate is not known.
   */
  get unused(): number | undefined {
    // The position after the last block is not part of fflate's public surface; tests watch over it.
    const { p: unused, s: state } = this.#inflate as unknown as InflateInsides;
    if (unused === undefined || state === undefined) throw new Error("this version of fflate is not known");
    return state.f && !state.l ? unused.length - Math.ceil((state.p ?? 0) / 8) : undefined;
  }
}
