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

/**
 * Expands raw deflate (RFC 1951) piece by piece, of which none is held; what stands behind its end is left alone.
 * @throws Error where the bytes are damaged, or end before the stream does.
 */
export function* inflatePieces(packed: Iterable<Uint8Array>): Generator<Uint8Array> {
  const inflate = new SteppedInflate();
  for (const part of packed)
    for (let at = 0; at < part.length; at += inflateStepBytes) {
      yield* inflate.push(part.subarray(at, at + inflateStepBytes));
      if (inflate.unused !== undefined) return;
    }
  throw new RangeError("ends early");
}

/** Expands raw deflate (RFC 1951) step by step, and knows where it ended, which fflate's stream does not tell. */
export class SteppedInflate {
  #outputs: Uint8Array[] = [];
  readonly #inflate = new Inflate((chunk) => {
    if (chunk.length > 0) this.#outputs.push(chunk);
  });

  /**
   * What the next bytes expand to. Nothing may be given once {@link unused} says that the data has ended: fflate would keep it.
   * @throws what fflate throws for damaged data.
   */
  push(bytes: Uint8Array): readonly Uint8Array[] {
    this.#inflate.push(bytes);
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
