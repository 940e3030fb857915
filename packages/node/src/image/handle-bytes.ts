import type { FileHandle } from "node:fs/promises";
import { ScanError } from "@plimsoll/model";
import type { CallOptions, RandomAccessBytes } from "@plimsoll/model";
import { errorMessage } from "../system-errors.ts";

/**
 * How many bytes are read at once. Large reads halve the time that decompression waits for its input. It is the same in every thread: where a
 * layer crosses a limit is seen between two pieces.
 */
export const chunkBytes: number = 1024 * 1024;

const files = new WeakMap<RandomAccessBytes, OpenFile>();

/** An open file, and how messages name it. */
interface OpenFile {
  readonly descriptor: number;
  readonly label: string;
}

/** The first `size` bytes of an open file; closing them closes the file and then calls `afterClose`. */
export function handleBytes(
  handle: FileHandle,
  size: number,
  label: string,
  afterClose?: () => Promise<void>,
): RandomAccessBytes & { close(): Promise<void> } {
  let closed: Promise<void> | undefined;
  const bytes = {
    size,
    read: (start: number, end: number, options?: CallOptions) =>
      readRange(handle, Math.max(0, start), Math.min(end, size), label, options),
    close: () => {
      files.delete(bytes);
      return (closed ??= handle.close().then(afterClose));
    },
  };
  files.set(bytes, { descriptor: handle.fd, label });
  return bytes;
}

/** The open file behind bytes of {@link handleBytes}; undefined for others and after closing. Valid in every thread of the process. */
export function openFileOf(bytes: RandomAccessBytes): OpenFile | undefined {
  return files.get(bytes);
}

/** The error for a file that is open and cannot be read. */
export function readingFailed(label: string, cause: unknown): ScanError {
  return new ScanError({ kind: "malformed-image", label, reason: `reading failed: ${errorMessage(cause)}` }, { cause });
}

async function* readRange(
  handle: FileHandle,
  start: number,
  end: number,
  label: string,
  options: CallOptions = {},
): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end;) {
    options.signal?.throwIfAborted();
    const buffer = new Uint8Array(Math.min(chunkBytes, end - at));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at).catch((cause: unknown) => {
      throw readingFailed(label, cause);
    });
    // The file became shorter meanwhile: the reader of its format will say what that means.
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}
