import type { FileHandle } from "node:fs/promises";
import { ScanError } from "@plimsoll/model";
import type { CallOptions, RandomAccessBytes } from "@plimsoll/model";

/** How many bytes are read at once. Large reads halve the time that decompression waits for its input. */
const chunkBytes = 1024 * 1024;

const descriptors = new WeakMap<RandomAccessBytes, number>();

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
      descriptors.delete(bytes);
      return (closed ??= handle.close().then(afterClose));
    },
  };
  descriptors.set(bytes, handle.fd);
  return bytes;
}

/** The open file behind bytes of {@link fileBytes}; undefined for others and after closing. Valid in every thread of the process. */
export function descriptorOf(bytes: RandomAccessBytes): number | undefined {
  return descriptors.get(bytes);
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
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ScanError({ kind: "malformed-image", label, reason: `reading failed: ${reason}` }, { cause });
    });
    // The file became shorter meanwhile: the reader of its format will say what that means.
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}
