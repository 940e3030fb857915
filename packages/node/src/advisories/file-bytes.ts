import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { StoreBytes } from "@plimsoll/advisories";
import { withoutWaiting } from "../image/file-bytes.ts";

/** Bytes of one piece of a stream. */
const pieceBytes = 256 * 1024;

/** A file that is open. */
export interface FileBytes extends StoreBytes {
  readSync(start: number, end: number): Uint8Array;
  close(): Promise<void>;
}

/**
 * A file as random access bytes that need no waiting: a positional read of a cached page takes microseconds, a promise
 * many times that. The file stays the one that was opened, even when another one is renamed over it.
 * @throws Error when it cannot be opened or is no file.
 */
export function openFileBytes(path: string): FileBytes {
  const file = openSync(path, withoutWaiting);
  const info = fstatSync(file);
  if (!info.isFile()) {
    closeSync(file);
    throw new Error("it is not a file");
  }
  const { size } = info;
  let open = true;
  function read(start: number, end: number): Uint8Array {
    // The number of a closed file is soon that of another one, whose bytes these would be.
    if (!open) throw new Error("the file was closed");
    const from = Math.max(0, start);
    const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - from));
    let filled = 0;
    while (filled < bytes.length) {
      const got = readSync(file, bytes, filled, bytes.length - filled, from + filled);
      if (got === 0) break;
      filled += got;
    }
    return bytes.subarray(0, filled);
  }
  return {
    size,
    readSync: read,
    async *read(start, end, options = {}) {
      const stop = Math.min(end, size);
      for (let at = Math.max(0, start); at < stop; at += pieceBytes) {
        options.signal?.throwIfAborted();
        yield read(at, Math.min(stop, at + pieceBytes));
      }
    },
    async close() {
      if (open) closeSync(file);
      open = false;
    },
  };
}
