import type { Limits } from "@plimsoll/model";

/** A layer crossed a limit; the message says which. */
export class LimitError extends Error {
  override readonly name = "LimitError";
  /** The limit as a number, in the unit that the message names. */
  readonly limit: number;

  constructor(message: string, limit: number) {
    super(message);
    this.limit = limit;
  }
}

const MiB = 1024 * 1024;

/** The ratio of plain to stored bytes is checked only after so many plain bytes: small files of one repeated byte are no attack. */
const ratioGrace = 64 * MiB;

/** Counts what comes out of one layer and stops it at the limits. */
export class LayerMeter {
  /** Plain bytes so far. */
  total = 0;
  private readonly maxBytes: number;
  private readonly maxRatio: number;

  constructor(limits: Limits, allowance: number) {
    this.maxBytes = Math.min(limits.maxLayerBytes, allowance);
    this.maxRatio = limits.maxExpansionRatio;
  }

  /**
   * Notes `bytes` plain bytes, made from `consumed` stored bytes since the start.
   * @throws LimitError
   */
  produced(bytes: number, consumed: number): void {
    this.total += bytes;
    if (this.total > this.maxBytes)
      throw new LimitError(`more than ${this.maxBytes} bytes after decompression`, this.maxBytes);
    if (this.total > ratioGrace && this.total > this.maxRatio * consumed)
      throw new LimitError(`it expands more than ${this.maxRatio} times`, this.maxRatio);
  }

  /**
   * Notes that `consumed` stored bytes were read since the start: what expands to nothing, such as empty members of gzip, may have no end.
   * @throws LimitError
   */
  consumed(consumed: number): void {
    // What cannot be compressed takes a little more space than as it is.
    if (consumed > this.maxBytes + ratioGrace)
      throw new LimitError(`more than ${this.maxBytes} bytes as it is stored`, this.maxBytes);
  }
}
