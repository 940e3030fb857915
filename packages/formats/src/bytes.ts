/** Bytes in order, in chunks of any size; the same shape as the model's, which this package does not import. */
export type ByteStream = AsyncIterable<Uint8Array>;

/** Bytes that can be read from any offset, more than once; the same shape as the model's. */
export interface RandomAccessBytes {
  /** Length in bytes. */
  readonly size: number;
  /** Bytes `start` (inclusive) to `end` (exclusive), both clamped to `size`. */
  read(start: number, end: number): ByteStream;
  /** The same without waiting, where the platform can. */
  readSync?(start: number, end: number): Uint8Array;
}
