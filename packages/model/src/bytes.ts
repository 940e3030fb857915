import { ScanError } from "./scan-error.ts";
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

/** A `Blob` or `File` of the web, and of Node: as far as it is read here. */
export interface WebBlob {
  /** Length in bytes. */
  readonly size: number;
  /** Name of a `File` on the machine that it was uploaded from. */
  readonly name?: string | undefined;
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** A `ReadableStream` of the web, and of Node: as far as it is read here. */
export interface WebStream {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    cancel(reason?: unknown): Promise<void>;
  };
}

/** Bytes in any of the forms that programs have them in. All are there, and can be read more than once. */
export type ByteInput = RandomAccessBytes | Uint8Array | ArrayBuffer | WebBlob;

/** How much is read of something in memory at once: others get a turn in between. */
const chunkBytes = 256 * 1024;

/** Bytes in memory as random access, read in chunks of at most 256 KiB. */
export function bytesInMemory(bytes: Uint8Array): RandomAccessBytes {
  return {
    size: bytes.length,
    async *read(start, end, options) {
      const stop = Math.min(end, bytes.length);
      for (let at = Math.max(0, start); at < stop; at += chunkBytes) {
        options?.signal?.throwIfAborted();
        yield bytes.subarray(at, Math.min(stop, at + chunkBytes));
      }
    },
    readSync: (start, end) => bytes.subarray(Math.max(0, start), Math.max(0, end)),
  };
}

/** Whether something is bytes that {@link randomAccess} takes. */
export function isByteInput(input: unknown): input is ByteInput {
  if (input instanceof ArrayBuffer || input instanceof Uint8Array) return true;
  if (typeof input !== "object" || input === null || !("size" in input) || typeof input.size !== "number") return false;
  return isCall(input, "read") || isCall(input, "slice");
}

/** Bytes of any form as random access. A blob is read piece by piece and is never in memory as a whole. */
export function randomAccess(input: ByteInput): RandomAccessBytes {
  if (input instanceof Uint8Array) return bytesInMemory(input);
  if (input instanceof ArrayBuffer) return bytesInMemory(new Uint8Array(input));
  if ("read" in input) return input;
  return {
    size: input.size,
    async *read(start, end, options) {
      const stop = Math.min(end, input.size);
      for (let at = Math.max(0, start); at < stop; at += chunkBytes) {
        options?.signal?.throwIfAborted();
        yield new Uint8Array(await input.slice(at, Math.min(stop, at + chunkBytes)).arrayBuffer());
      }
    },
  };
}

/** Whether something is a stream that {@link byteStream} takes. */
export function isByteStream(input: unknown): input is ByteStream | WebStream {
  if (typeof input !== "object" || input === null) return false;
  return Symbol.asyncIterator in input || isCall(input, "getReader");
}

/** A stream of either kind as one to iterate over; not every engine lets a `ReadableStream` be iterated over. */
export function byteStream(input: ByteStream | WebStream): ByteStream {
  return Symbol.asyncIterator in input ? input : readerChunks(input);
}

async function* readerChunks(stream: WebStream): ByteStream {
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      ended = done;
      if (done) return;
      if (value !== undefined) yield value;
    }
  } finally {
    // Whoever sends must not go on for nobody.
    if (!ended) await reader.cancel().catch(() => undefined);
  }
}

/**
 * All bytes of a stream, which may be the body of an answer: without one there are none. What a sender states of its length may be a lie, so what arrives is counted.
 * @throws ScanError `limit-exceeded` as soon as there are more than `limit`; the stream is cancelled.
 */
export async function collectBytes(
  content: ByteStream | WebStream | null,
  what: string,
  limit: number,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of content === null ? [] : byteStream(content)) {
    size += chunk.length;
    if (size > limit) throw new ScanError({ kind: "limit-exceeded", what, limit });
    parts.push(chunk);
  }
  return joined(parts, size);
}

/** The first bytes of a stream, at most `limit`; the rest is cancelled. */
export async function firstBytes(content: ByteStream | WebStream | null, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of content === null ? [] : byteStream(content)) {
    parts.push(chunk.subarray(0, limit - size));
    size += parts.at(-1)?.length ?? 0;
    if (size >= limit) break;
  }
  return joined(parts, size);
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function isCall(value: object, name: string): boolean {
  return name in value && typeof (value as Record<string, unknown>)[name] === "function"; // as: an object with that key
}

/** Options of every call that may take time. */
export interface CallOptions {
  /** Aborting rejects the call with `signal.reason`, unwrapped. */
  readonly signal?: AbortSignal | undefined;
}

/** A content digest as OCI writes it: algorithm, colon, lower-case hex. */
export type Digest = `${"sha256" | "sha512"}:${string}`;

/** Whether a value is a whole digest: `sha256:` with 64 hexadecimal digits in lower case, or `sha512:` with 128. */
export function isDigest(value: unknown): value is Digest {
  return typeof value === "string" && /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/.test(value);
}
