import { ScanError, checkOptions, callChecks } from "@plimsoll/model";
import type { ByteStream, CallOptions, RandomAccessBytes } from "@plimsoll/model";

/** Turns bytes that come once into bytes that can be read from anywhere, until closed. */
export type Spool = (
  stream: ByteStream,
  options?: CallOptions,
) => Promise<RandomAccessBytes & { close?(): Promise<void> }>;

/** The most bytes that are kept in memory: as many as a browser tab can spare. */
const maxSpoolBytes = 512 * 1024 * 1024;

/**
 * Keeps a stream in memory.
 * @throws ScanError `limit-exceeded` above 512 MiB.
 */
export async function spoolToMemory(stream: ByteStream, options: CallOptions = {}): Promise<RandomAccessBytes> {
  checkOptions("spoolToMemory", options, callChecks);
  const chunks: Uint8Array[] = [];
  const ends: number[] = [];
  let size = 0;
  for await (const chunk of stream) {
    options.signal?.throwIfAborted();
    size += chunk.length;
    if (size > maxSpoolBytes)
      throw new ScanError({
        kind: "limit-exceeded",
        what: "a compressed archive held in memory",
        limit: maxSpoolBytes,
      });
    chunks.push(chunk);
    ends.push(size);
  }
  return { size, read: (start, end) => readChunks(chunks, ends, start, end) };
}

async function* readChunks(
  chunks: readonly Uint8Array[],
  ends: readonly number[],
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  for (let at = firstEndingAfter(ends, start); at < chunks.length; at++) {
    const chunk = chunks[at] ?? new Uint8Array(0);
    const chunkStart = (ends[at] ?? 0) - chunk.length;
    if (chunkStart >= end) return;
    yield chunk.subarray(Math.max(0, start - chunkStart), end - chunkStart);
  }
}

function firstEndingAfter(ends: readonly number[], position: number): number {
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ends[middle] ?? 0) > position) high = middle;
    else low = middle + 1;
  }
  return low;
}
