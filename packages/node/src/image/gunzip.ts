import { Readable } from "node:stream";
import { constants, crc32, createGunzip, createInflateRaw } from "node:zlib";
import type { InflateRaw } from "node:zlib";
import { FormatError, gunzipBy } from "@plimsoll/formats";
import type { DecompressOptions, DeflateSource } from "@plimsoll/formats";
import type { ByteStream } from "@plimsoll/model";
import { errorCode, errorMessage } from "../system-errors.ts";

/** Output per call: small enough to stay in the second-level cache with the window. */
export const outputBytes: number = 256 * 1024;

/** The most input per call. */
const inputBytes = 512 * 1024;

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
  /** Makes it ready for another stream. */
  reset(): void;
}

/** What one call of zlib did. */
interface Expanded {
  /** Position in the input behind what was used. */
  readonly used: number;
  /** Position in the output behind what was made. */
  readonly made: number;
  /** `more`: the output is full; `hungry`: the input is used up; `over`: the stream has ended before the end of the input. */
  readonly state: "more" | "hungry" | "over";
  /** What is wrong with the stream, in zlib's words. */
  readonly failure: string | undefined;
}

interface OpenInflater {
  /** Expands `input` from `at` on into `output` from `from` on. After the last input it tells whether the stream is whole. */
  expand(input: Uint8Array, at: number, output: Uint8Array, from: number, isLast?: boolean): Expanded;
  /** Makes it ready for another stream. */
  reset(): void;
  close(): void;
}

/**
 * Expands gzip with Node's own zlib: all members, zero padding after the last one is ignored.
 * Calls zlib directly where this version of Node allows it, which saves a third of the time and all garbage of streams; otherwise uses the public
 * stream. Decision 0011 has the figures.
 * @throws FormatError for damaged or truncated input.
 */
export function gunzip(input: ByteStream, options: DecompressOptions = {}): ByteStream {
  return callsDirectly() ? gunzipDirectly(input, options) : gunzipStreamed(input);
}

let directCallsWork: boolean | undefined;

/** Whether zlib can be called directly here. */
export function callsDirectly(): boolean {
  return (directCallsWork ??= selfTest());
}

/** Opens zlib's raw inflate for direct calls; undefined where there are none. */
export function openInflater(): OpenInflater | undefined {
  const stream: InflateRaw = createInflateRaw();
  // as: private fields, checked below.
  const { _handle: handle, _writeState: left } = stream as unknown as {
    readonly _handle?: Partial<InflateHandle>;
    readonly _writeState?: unknown;
  };
  const isUsable = typeof handle?.writeSync === "function" && typeof handle.reset === "function";
  if (isUsable && left instanceof Uint32Array && left.length === 2)
    return inflaterOf(handle as InflateHandle, left, () => stream.close()); // as: it has the calls that are made
  stream.close();
  return undefined;
}

/** @param left after a call: output space, then input, that was not used */
function inflaterOf(handle: InflateHandle, left: Uint32Array, close: () => void): OpenInflater {
  let failure: string | undefined;
  handle.onerror = (message) => (failure = message);
  return {
    expand(input, at, output, from, isLast = false) {
      const flush = isLast ? constants.Z_FINISH : constants.Z_NO_FLUSH;
      handle.writeSync(flush, input, at, input.length - at, output, from, output.length - from);
      const [space = 0, rest = 0] = left;
      // Room for output, yet input left: it stands behind the end.
      const state = space === 0 ? "more" : rest > 0 ? "over" : "hungry";
      return { used: input.length - rest, made: output.length - space, state, failure };
    },
    reset() {
      failure = undefined;
      handle.reset();
    },
    close,
  };
}

/** Whether the private calls exist and do what they did when this was written. */
function selfTest(): boolean {
  const inflater = openInflater();
  if (inflater === undefined) return false;
  try {
    const sample = new TextEncoder().encode("plimsoll".repeat(64));
    // Made once, since to compress takes milliseconds: the sample, and three bytes that belong to what follows.
    const packed = Buffer.from("K8jJzC3Oz8kpGKVHJA0AAQID", "base64");
    const output = new Uint8Array(1024);
    const { used, made, state } = inflater.expand(packed, 0, output, 0);
    const isAsExpected = used === packed.length - 3 && made === sample.length && state === "over";
    return isAsExpected && sample.every((byte, at) => byte === output[at]);
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
  const expansion = new Expansion(inflater);
  const take = (): Uint8Array => {
    const bytes = expansion.take();
    return options.recycle === true ? bytes : bytes.slice();
  };
  try {
    const members = gunzipBy({ inflateMember: (source) => expansion.member(source), crc32 }, input, options);
    for await (const _ of members) if (!expansion.goesOn) yield take();
    if (expansion.isStarted) yield take();
  } catch (error) {
    if (expansion.isStarted) yield take();
    throw error;
  } finally {
    inflater.close();
  }
}

/** Expands members one after the other into one buffer: there may be one for each small file. */
class Expansion {
  /** Whether the buffer may take the beginning of the next member, too. */
  goesOn = false;
  private readonly inflater: OpenInflater;
  private readonly output = new Uint8Array(outputBytes);
  private used = 0;

  constructor(inflater: OpenInflater) {
    this.inflater = inflater;
  }

  get isStarted(): boolean {
    return this.used > 0;
  }

  /** What is in the buffer, which is empty then, and used again. */
  take(): Uint8Array {
    const bytes = this.output.subarray(0, this.used);
    this.used = 0;
    return bytes;
  }

  /** One deflate stream, in pieces of the buffer. */
  async *member(source: DeflateSource): AsyncGenerator<Uint8Array> {
    this.inflater.reset();
    for (;;) {
      const chunk = await source.next(inputBytes);
      if (chunk === undefined) return;
      for (let at = 0; ;) {
        const from = this.used;
        const { used, made, state, failure } = this.inflater.expand(chunk, at, this.output, from);
        if (failure !== undefined) throw new FormatError("gzip", "malformed", failure, { offset: source.position });
        at = used;
        this.used = made;
        this.goesOn = state === "over";
        if (made > from) yield this.output.subarray(from, made);
        if (state === "over") {
          source.unread(chunk.length - used);
          return;
        }
        if (state === "hungry") break;
      }
    }
  }
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
