import type { RandomAccessBytes } from "@plimsoll/model";

/** Bytes in memory as random access, delivered in chunks of `chunkSize`, to find readers that expect complete reads. */
export function memoryBytes(bytes: Uint8Array, chunkSize = 65_536): RandomAccessBytes {
  return {
    size: bytes.length,
    async *read(start, end) {
      const stop = Math.min(end, bytes.length);
      for (let at = Math.max(0, start); at < stop; at += chunkSize)
        yield bytes.subarray(at, Math.min(stop, at + chunkSize));
    },
  };
}
