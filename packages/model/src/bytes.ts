/** Bytes in order, in chunks of any size. Node streams and arrays of chunks already are one. */
export type ByteStream = AsyncIterable<Uint8Array>;

/** Bytes that can be read from any offset, more than once. */
export interface RandomAccessBytes {
  /** Length in bytes. */
  readonly size: number;
  /** Bytes `start` (inclusive) to `end` (exclusive), both clamped to `size`. */
  read(start: number, end: number, options?: CallOptions): ByteStream;
  /** The same without waiting, where the platform can: a positional read takes microseconds, a promise many times that. */
  readSync?(start: number, end: number): Uint8Array;
}

/** Every call that may take time takes these. */
export interface CallOptions {
  /** Aborting rejects the call with `signal.reason`, unwrapped. */
  readonly signal?: AbortSignal | undefined;
}

/** A content digest as OCI writes it: algorithm, colon, lower-case hex. */
export type Digest = `${"sha256" | "sha512"}:${string}`;
