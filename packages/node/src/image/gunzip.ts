import { Readable } from "node:stream";
import { constants, createGunzip } from "node:zlib";
import type { Gunzip } from "node:zlib";
import { FormatError } from "@plimsoll/formats";
import type { DecompressOptions } from "@plimsoll/formats";
import type { ByteStream } from "@plimsoll/model";
import { errorCode, errorMessage } from "../system-errors.ts";

/** Output per call: small enough to stay in the second-level cache with the window. */
const outputBytes = 256 * 1024;

/** Output per event of the public stream, whose events cost more. */
const streamedBytes = 1024 * 1024;

/** What is used of the object behind a zlib stream. */
interface InflateHandle {
  onerror: (message: string, errno: number, code: string) => void;
  writeSync(
    flush: number,
    input: Uint8Array,
    inputOffset: number,
    inputLength: number,
    output: Uint8Array,
    outputOffset: number,
    outputLength: number,
  ): void;
}

interface OpenInflater {
  readonly handle: InflateHandle;
  /** Left over after a call: output space, then input. */
  readonly left: Uint32Array;
  close(): void;
}

/**
 * Expands gzip with Node's own zlib: all members, zero padding after the last one is ignored.
 * Calls zlib directly where this version of Node allows it, which saves a third of the time and all garbage of streams; otherwise uses the public
 * stream. Decision 0011 has the figures.
 * @throws FormatError for damaged or truncated input.
 */
export function gunzip(input: ByteStream, options: DecompressOptions = {}): ByteStream {
  directCallsWork ??= selfTest();
  return directCallsWork ? gunzipDirectly(input, options) : gunzipStreamed(input);
}

let directCallsWork: boolean | undefined;

function openInflater(): OpenInflater | undefined {
  const stream: Gunzip = createGunzip();
  // as: private fields, checked below.
  const { _handle: handle, _writeState: left } = stream as unknown as {
    readonly _handle?: Partial<InflateHandle>;
    readonly _writeState?: unknown;
  };
  if (typeof handle?.writeSync === "function" && left instanceof Uint32Array && left.length === 2)
    return { handle: handle as InflateHandle, left, close: () => stream.close() }; // as: it has the call that is made
  stream.close();
  return undefined;
}

/** Whether the private calls exist and do what they did when this was written. */
function selfTest(): boolean {
  const inflater = openInflater();
  if (inflater === undefined) return false;
  try {
    const sample = new TextEncoder().encode("plimsoll".repeat(64));
    const packed = Buffer.from("H4sIAAAAAAACAyvIycwtzs/JKRilRyQNAOW2Wl8AAgAA", "base64"); // made once: to compress takes milliseconds
    const output = new Uint8Array(1024);
    inflater.handle.writeSync(constants.Z_NO_FLUSH, packed, 0, packed.length, output, 0, output.length);
    const [space, rest] = inflater.left;
    return rest === 0 && space === 1024 - sample.length && sample.every((byte, at) => byte === output[at]);
  } catch {
    return false;
  } finally {
    inflater.close();
  }
}

/** Exported for tests: both ways must agree. */
export async function* gunzipDirectly(input: ByteStream, options: DecompressOptions): AsyncGenerator<Uint8Array> {
  const inflater = openInflater();
  if (inflater === undefined) throw new FormatError("gzip", "unsupported", "zlib cannot be called directly");
  const { handle, left } = inflater;
  let failure: FormatError | undefined;
  handle.onerror = (message, errno) => {
    const truncated = errno === constants.Z_BUF_ERROR;
    failure = new FormatError("gzip", truncated ? "truncated" : "malformed", message);
  };
  const output = new Uint8Array(outputBytes);
  try {
    for await (const chunk of input) {
      for (let at = 0; ;) {
        handle.writeSync(constants.Z_NO_FLUSH, chunk, at, chunk.length - at, output, 0, outputBytes);
        if (failure !== undefined) throw failure;
        const [space = 0, rest = 0] = left;
        at = chunk.length - rest;
        if (space < outputBytes) yield give(output, outputBytes - space, options);
        if (space === 0) continue;
        // Room for output, yet input left: it is padding after the last member.
        if (rest > 0) return;
        break;
      }
    }
    handle.writeSync(constants.Z_FINISH, output, 0, 0, output, 0, outputBytes);
    if (failure !== undefined) throw failure;
  } finally {
    inflater.close();
  }
}

function give(output: Uint8Array, length: number, options: DecompressOptions): Uint8Array {
  return options.recycle === true ? output.subarray(0, length) : output.slice(0, length);
}

/** Exported for tests: both ways must agree. */
export async function* gunzipStreamed(input: ByteStream): AsyncGenerator<Uint8Array> {
  const source = Readable.from(input, { objectMode: false, highWaterMark: streamedBytes });
  const stream = createGunzip({ chunkSize: streamedBytes });
  let inputError: unknown;
  source.on("error", (error) => {
    inputError = error;
    stream.destroy(error);
  });
  try {
    for await (const chunk of source.pipe(stream)) yield chunk as Uint8Array; // in object mode never
  } catch (error) {
    if (inputError !== undefined) throw inputError;
    const code = errorCode(error);
    if (!code?.startsWith("Z_")) throw error;
    const problem = code === "Z_BUF_ERROR" ? "truncated" : "malformed";
    throw new FormatError("gzip", problem, errorMessage(error), { cause: error });
  } finally {
    source.destroy();
    stream.destroy();
  }
}
