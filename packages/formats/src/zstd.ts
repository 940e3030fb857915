import { pieces } from "./byte-pieces.ts";
import type { ByteStream } from "./bytes.ts";
import { FormatError } from "./format-error.ts";

/** How many compressed bytes are given to the decoder at once. */
const inputBytes = 128 * 1024;

/** How many bytes the decoder may write at once: one block, as `ZSTD_DStreamOutSize` recommends. */
const outputBytes = 128 * 1024;

/** Results from this value on are error codes: the highest values of `size_t`, from `-ZSTD_error_maxCode` (zstd's error_private.h). */
const firstErrorCode = 0x1_0000_0000 - 120;

/** `ZSTD_error_frameParameter_windowTooLarge`, negated. */
const windowTooLarge = 0x1_0000_0000 - 16;

/** The functions of zstddec's WebAssembly that are used here. */
interface ZstdExports {
  readonly memory: WebAssembly.Memory;
  ZSTD_createDCtx(): number;
  ZSTD_decompressStream(context: number, output: number, input: number): number;
  malloc(size: number): number;
}

/**
 * Expands Zstandard (RFC 8878): all frames, windows up to 128 MiB as the reference decoder allows by default.
 * The WebAssembly comes from zstddec; each stream has an instance of its own, because zstddec's streaming call spins
 * on damaged input and keeps its buffers when a stream is left early.
 * @throws FormatError for damaged or truncated input.
 */
export async function* unzstd(input: ByteStream): AsyncGenerator<Uint8Array> {
  const zstd = await instantiate();
  const context = zstd.ZSTD_createDCtx();
  const source = zstd.malloc(inputBytes);
  const target = zstd.malloc(outputBytes);
  // Two `{ pointer, size, position }` structures of 32-bit fields.
  const buffers = zstd.malloc(24);
  let expected = 0;
  for await (const { bytes } of pieces(input, inputBytes)) {
    new Uint8Array(zstd.memory.buffer, source, bytes.length).set(bytes);
    for (let consumed = 0; consumed < bytes.length;) {
      let view = new DataView(zstd.memory.buffer);
      [source, bytes.length, consumed, target, outputBytes, 0].forEach((value, index) =>
        view.setUint32(buffers + index * 4, value, true),
      );
      expected = zstd.ZSTD_decompressStream(context, buffers + 12, buffers) >>> 0;
      if (expected >= firstErrorCode) throw failure(expected);
      // Memory may have grown, which detaches earlier views.
      view = new DataView(zstd.memory.buffer);
      consumed = view.getUint32(buffers + 8, true);
      const produced = view.getUint32(buffers + 20, true);
      if (produced > 0) yield new Uint8Array(zstd.memory.buffer, target, produced).slice();
    }
  }
  if (expected !== 0) throw new FormatError("zstd", "truncated", "the input ends within a frame");
}

function failure(code: number): FormatError {
  if (code === windowTooLarge) return new FormatError("zstd", "unsupported", "the frame needs a window above 128 MiB");
  return new FormatError("zstd", "malformed", `the decoder stopped with error ${0x1_0000_0000 - code}`);
}

let compiled: Promise<WebAssembly.Module> | undefined;

async function instantiate(): Promise<ZstdExports> {
  try {
    compiled ??= compile();
    // Memory growth is noticed by reading `memory.buffer` anew.
    const imports = { env: { emscripten_notify_memory_growth: () => undefined } };
    const instance = await WebAssembly.instantiate(await compiled, imports);
    return instance.exports as unknown as ZstdExports; // the exports are untyped by nature
  } catch (error) {
    throw new FormatError("zstd", "unsupported", "the decoder could not be started here", { cause: error });
  }
}

/** Where the module is kept for other copies of this package in the process: zstddec gives it only to the first that asks. */
const keptModule: unique symbol = Symbol.for("@plimsoll/formats: zstd");

type Decoder = typeof import("zstddec/stream").ZSTDDecoder & { [keptModule]?: Promise<WebAssembly.Module> };

async function compile(): Promise<WebAssembly.Module> {
  // Most of its weight is the program, which those who never meet zstd need not load.
  const zstddec: { readonly ZSTDDecoder: Decoder } = await import("zstddec/stream");
  return (zstddec.ZSTDDecoder[keptModule] ??= caught(zstddec.ZSTDDecoder));
}

/** Compiles zstddec's WebAssembly. zstddec gives it to nobody, but calls `_init` with it, which is replaced for that. */
async function caught(ZSTDDecoder: Decoder): Promise<WebAssembly.Module> {
  const { promise, resolve, reject } = withResolvers<WebAssembly.Module>();
  class Catcher extends ZSTDDecoder {
    // Called without a receiver.
    override _init(result: WebAssembly.WebAssemblyInstantiatedSource): void {
      super._init(result);
      resolve(result.module);
    }
  }
  await new Catcher().init();
  // Someone in this process used zstddec before us: then `_init` was not ours.
  reject(new Error("zstddec was initialised elsewhere"));
  return promise;
}

function withResolvers<T>(): {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
} {
  let resolve!: (value: T) => void; // assigned by the constructor of Promise, synchronously
  let reject!: (reason: unknown) => void; // likewise
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
