import { Readable } from "node:stream";
import { constants, createGunzip, gzipSync } from "node:zlib";
import type { Gunzip } from "node:zlib";
import { FormatError } from "@plimsoll/formats";
import type { DecompressOptions } from "@plimsoll/formats";
import type { ByteStream } from "@plimsoll/model";
import { errorCode, errorMessage } from "../system-errors.ts";

/** Output per call: small enough to stay in the second-level cache with the window. */
const outputBytes = 256 * 1024;

/** A pool that has not answered a call of microseconds for so long will not. */
const maxSilenceMilliseconds = 5_000;

/** Output per event of the public stream, whose events cost more. */
const streamedBytes = 1024 * 1024;

/** What is used of the object behind a zlib stream. */
interface InflateHandle {
  onerror: (message: string, errno: number, code: string) => void;
  /** Called by Node when the owner of the handle, kept under a symbol, is destroyed: the owner's own callback wants the stream. */
  cb: () => void;
  /** Works in a thread of Node's pool. */
  write(
    flush: number,
    input: Uint8Array,
    inputOffset: number,
    inputLength: number,
    output: Uint8Array,
    outputOffset: number,
    outputLength: number,
  ): void;
}

/**
 * Expands gzip with Node's own zlib: all members, zero padding after the last one is ignored. While what came out is looked at, a
 * thread of Node's pool expands what comes next.
 * Calls zlib directly where this version of Node allows it, which saves a third of the time and all garbage of streams; otherwise uses the public
 * stream. Decision 0011 has the figures.
 * @throws FormatError for damaged or truncated input.
 */
export async function* gunzip(input: ByteStream, options: DecompressOptions = {}): ByteStream {
  directCallsWork ??= selfTest();
  yield* (await directCallsWork) ? gunzipDirectly(input, options) : gunzipStreamed(input);
}

let directCallsWork: Promise<boolean> | undefined;

/** The inflater of a zlib stream, without the stream. One call at a time. */
class Inflater {
  /** Output space and input that the last call left over. */
  space = 0;
  rest = 0;
  failure: FormatError | undefined;
  private readonly stream: Gunzip;
  private readonly handle: InflateHandle;
  private readonly left: Uint32Array;
  private running: Promise<void> | undefined;

  private constructor(stream: Gunzip, handle: InflateHandle, left: Uint32Array) {
    this.stream = stream;
    this.handle = handle;
    this.left = left;
  }

  /** Undefined where Node's streams are not made as they were when this was written. */
  static open(): Inflater | undefined {
    const stream: Gunzip = createGunzip();
    // as: private fields, checked below.
    const { _handle: handle, _writeState: left } = stream as unknown as {
      readonly _handle?: Partial<InflateHandle>;
      readonly _writeState?: unknown;
    };
    const owner = Object.getOwnPropertySymbols(handle ?? {}).find(
      (symbol) => Reflect.get(handle ?? {}, symbol) === stream,
    );
    if (
      typeof handle?.write !== "function" ||
      owner === undefined ||
      !(left instanceof Uint32Array) ||
      left.length !== 2
    ) {
      stream.close();
      return undefined;
    }
    Reflect.set(handle, owner, { destroyed: true });
    return new Inflater(stream, handle as InflateHandle, left); // as: it has the call that is made
  }

  /** Expands input until it is used up or the output is full. Neither may be touched until the promise resolves; it never rejects. */
  expand(input: Uint8Array, at: number, output: Uint8Array, flush: number = constants.Z_NO_FLUSH): Promise<void> {
    this.running = new Promise((resolve) => {
      // Both are held by what is called at the end, whoever else lets go of them.
      this.handle.cb = () => {
        [this.space = 0, this.rest = 0] = this.left;
        resolve();
      };
      this.handle.onerror = (message, errno) => {
        const truncated = errno === constants.Z_BUF_ERROR;
        this.failure = new FormatError("gzip", truncated ? "truncated" : "malformed", message);
        resolve();
      };
      try {
        this.handle.write(flush, input, at, input.length - at, output, 0, output.length);
      } catch (cause) {
        this.failure = new FormatError("gzip", "unsupported", errorMessage(cause), { cause });
        resolve();
      }
    });
    return this.running;
  }

  /** Waits for the pool, which may be writing into the output. */
  async close(): Promise<void> {
    await this.running;
    this.stream.close();
  }
}

/** Whether the private calls exist and do what they did when this was written. */
async function selfTest(): Promise<boolean> {
  const inflater = Inflater.open();
  if (inflater === undefined) return false;
  let timer: NodeJS.Timeout | undefined;
  try {
    const sample = new TextEncoder().encode("plimsoll".repeat(64));
    const output = new Uint8Array(1024);
    const silence = new Promise<boolean>((resolve) => (timer = setTimeout(resolve, maxSilenceMilliseconds, true)));
    const packed = gzipSync(sample);
    const isSilent = await Promise.race([inflater.expand(packed, 0, output).then(() => false), silence]);
    if (isSilent || inflater.failure !== undefined) return false;
    const { space, rest } = inflater;
    return rest === 0 && space === 1024 - sample.length && sample.every((byte, at) => byte === output[at]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
    void inflater.close();
  }
}

/** Exported for tests: both ways must agree. */
export async function* gunzipDirectly(input: ByteStream, options: DecompressOptions): AsyncGenerator<Uint8Array> {
  const inflater = Inflater.open();
  if (inflater === undefined) throw new FormatError("gzip", "unsupported", "zlib cannot be called directly");
  // The pool fills one while the reader looks at the other.
  let [output, other] = [new Uint8Array(outputBytes), new Uint8Array(outputBytes)];
  try {
    for await (const chunk of input) {
      let expanded = inflater.expand(chunk, 0, output);
      for (let isMore = true; isMore;) {
        await expanded;
        if (inflater.failure !== undefined) throw inflater.failure;
        const { space, rest } = inflater;
        // Room for output, yet input left: it is padding after the last member.
        const isPadding = space > 0 && rest > 0;
        const full = output;
        isMore = space === 0;
        if (isMore) {
          [output, other] = [other, output];
          expanded = inflater.expand(chunk, chunk.length - rest, output);
        }
        if (space < outputBytes) yield give(full, outputBytes - space, options);
        if (isPadding) return;
      }
    }
    await inflater.expand(nothing, 0, output, constants.Z_FINISH);
    if (inflater.failure !== undefined) throw inflater.failure;
  } finally {
    await inflater.close();
  }
}

const nothing = new Uint8Array(0);

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
