import { bytesInMemory, checkOptions, callChecks } from "@plimsoll/model";
import { randomUUID } from "node:crypto";
import { open, unlink } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { ByteStream, CallOptions, RandomAccessBytes } from "@plimsoll/model";
import { handleBytes } from "./handle-bytes.ts";

/** The most bytes that are kept in memory; more go to a file. */
const inMemoryBytes = 32 * 1024 * 1024;

/**
 * Stores a stream for random access: small ones in memory, others in a temporary file that is already unlinked, so that nothing is left behind
 * however the process ends.
 * @throws the stream's error, or a file system error when the disk is full.
 */
export async function spoolToDisk(
  stream: ByteStream,
  options: CallOptions = {},
): Promise<RandomAccessBytes & { close(): Promise<void> }> {
  checkOptions("spoolToDisk", options, callChecks);
  const held: Uint8Array[] = [];
  let size = 0;
  let file: TemporaryFile | undefined;
  try {
    for await (const chunk of abortable(stream, options.signal)) {
      size += chunk.length;
      held.push(chunk);
      if (size <= inMemoryBytes) continue;
      file ??= await openTemporary();
      for (const part of held.splice(0)) await file.handle.writeFile(part);
    }
  } catch (error) {
    await file?.remove();
    throw error;
  }
  if (file === undefined) return { ...bytesInMemory(Buffer.concat(held)), close: async () => undefined };
  return handleBytes(file.handle, size, "temporary copy", file.remove);
}

/** Ends at once when aborted, even while the stream waits for somebody who says nothing more. */
async function* abortable(stream: ByteStream, signal: AbortSignal | undefined): ByteStream {
  if (signal === undefined) return yield* stream;
  signal.throwIfAborted();
  const iterator = stream[Symbol.asyncIterator]();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => (stop = () => reject(signal.reason)));
  aborted.catch(() => undefined);
  signal.addEventListener("abort", stop, { once: true });
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted]);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", stop);
    // A stream of Node's would first wait for the chunk that never comes.
    if (stream instanceof Readable) stream.destroy();
    else void iterator.return?.();
  }
}

interface TemporaryFile {
  readonly handle: FileHandle;
  remove(): Promise<void>;
}

async function openTemporary(): Promise<TemporaryFile> {
  const path = join(tmpdir(), `plimsoll-${randomUUID()}`);
  const handle = await open(path, "wx+", 0o600);
  // Where an open file cannot be unlinked (Windows), it goes when it is closed.
  const unlinked = await unlink(path).then(
    () => true,
    () => false,
  );
  return {
    handle,
    remove: async () => {
      await handle.close().catch(() => undefined);
      if (!unlinked) await unlink(path).catch(() => undefined);
    },
  };
}
