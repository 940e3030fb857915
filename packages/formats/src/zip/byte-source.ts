/** What a zip can be read from: bytes in memory, or anything that can be read from any offset (`RandomAccessBytes` of the model fits). */
export type ZipSource = Uint8Array | ZipRandomAccess;

/** Bytes that can be read from any offset, more than once. */
export interface ZipRandomAccess {
  /** Length in bytes. */
  readonly size: number;
  /** Bytes `start` (inclusive) to `end` (exclusive) in chunks of any size. */
  read(start: number, end: number, options?: { readonly signal?: AbortSignal | undefined }): AsyncIterable<Uint8Array>;
}

/** Length in bytes. */
export function sourceSize(source: ZipSource): number {
  return source instanceof Uint8Array ? source.length : source.size;
}

/** Reads one part of the source; it is shorter than asked for where the source ends early. */
export async function readRange(
  source: ZipSource,
  start: number,
  end: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  signal?.throwIfAborted();
  if (source instanceof Uint8Array) return source.subarray(start, end);
  const wanted = Math.max(0, Math.min(end, source.size) - start);
  let filled = 0;
  let whole: Uint8Array | undefined;
  for await (const chunk of source.read(start, start + wanted, { signal })) {
    signal?.throwIfAborted();
    // The usual case of a single chunk costs no copy.
    if (whole === undefined && chunk.length >= wanted) return chunk.subarray(0, wanted);
    whole ??= new Uint8Array(wanted);
    whole.set(chunk.subarray(0, wanted - filled), filled);
    filled += Math.min(chunk.length, wanted - filled);
    if (filled === wanted) break;
  }
  return whole === undefined ? new Uint8Array(0) : whole.subarray(0, filled);
}
