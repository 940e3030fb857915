import {
  FormatError,
  decompress,
  normalizePath,
  pathRefusal,
  portableDecompressors,
  readTar,
  sniffCompression,
} from "@plimsoll/formats";
import type { Decompressors, TarEntry, TarOddity } from "@plimsoll/formats";
import { ScanError, workDone } from "@plimsoll/model";
import type {
  ByteStream,
  Diagnostic,
  DiagnosticCode,
  Digest,
  EntriesOptions,
  LayerEntry,
  LayerRef,
} from "@plimsoll/model";
import { rangeBytes } from "./blobs.ts";
import type { Blob } from "./blobs.ts";
import { algorithmOf } from "@plimsoll/registry";
import type { HasherFactory } from "@plimsoll/registry";
import { LayerMeter, LimitError } from "./layer-meter.ts";
import { meaningOf } from "./whiteouts.ts";

/** How layers are read; every field has a portable default. */
export interface LayerReading {
  /** Decompressors of layers. Absent: the portable ones of `@plimsoll/formats`. */
  readonly decompressors?: Decompressors | undefined;
  /** Makes the hasher that diff IDs are checked with. Absent: they are not checked, and the results of layers are not kept in a cache. */
  readonly createHasher?: HasherFactory | undefined;
}

/** One layer to read. */
export interface LayerJob {
  readonly ref: LayerRef;
  readonly blob: Blob;
  /** Whether to hash the plain bytes and compare with the diff ID; reads the layer to its very end. */
  readonly verify: boolean;
  /** How many plain bytes the layer may produce, by what is left for the whole image. */
  readonly allowance: number;
  /** Called once, when the layer ends or is no longer read, with the number of plain bytes that it produced. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** Reads one layer. Implementations may do so in another thread. */
export type LayerReader = (job: LayerJob, options: EntriesOptions) => AsyncIterable<LayerEntry | Diagnostic>;

/** Work of reading one entry, in the bytes whose reading takes as long. */
const bytesPerEntry = 1024;

/** Reads a layer here and now, in this thread. Damage and crossed limits end it with an `incomplete` diagnostic. */
export async function* readLayer(
  job: LayerJob,
  options: EntriesOptions,
  reading: LayerReading = {},
): AsyncGenerator<LayerEntry | Diagnostic> {
  const { signal, limits } = options;
  const meter = new LayerMeter(limits, job.allowance);
  const plain = new PlainBytes(job, options, reading, meter);
  const oddities = new Oddities(job.ref);
  let entries = 0;
  try {
    for await (const entry of readTar(await plain.open(), { onOddity: (oddity) => oddities.note(oddity) })) {
      if (++entries > limits.maxEntriesPerLayer)
        throw new LimitError(`more than ${limits.maxEntriesPerLayer} entries`, limits.maxEntriesPerLayer);
      const turn = workDone(bytesPerEntry);
      if (turn !== undefined) await turn;
      signal?.throwIfAborted();
      const said = interpret(entry, job.ref, options);
      if (said === undefined) continue;
      yield options.attributes === true ? withAttributes(said, entry) : said;
    }
    yield* oddities.told();
    const actual = await plain.digest();
    if (actual !== undefined && actual !== job.ref.diffId) yield mismatch(job.ref, actual);
  } catch (error) {
    yield* oddities.told();
    yield damage(error, job.ref);
  } finally {
    job.onBytes?.(meter.total);
    await plain.close();
  }
}

/** The layer's bytes after decompression, metered and hashed as they pass. */
class PlainBytes {
  private readonly job: LayerJob;
  private readonly options: EntriesOptions;
  private readonly reading: LayerReading;
  private readonly meter: LayerMeter;
  private readonly hasher: ReturnType<HasherFactory> | undefined;
  private iterator: AsyncIterator<Uint8Array> | undefined;
  private failure: { readonly error: unknown } | undefined;

  constructor(job: LayerJob, options: EntriesOptions, reading: LayerReading, meter: LayerMeter) {
    this.job = job;
    this.options = options;
    this.reading = reading;
    this.meter = meter;
    this.hasher = job.verify ? reading.createHasher?.(algorithmOf(job.ref.diffId)) : undefined;
  }

  /** The input of the tar reader. It can be read from any offset when the bytes are stored plain and need not all be read. */
  async open(): Promise<Parameters<typeof readTar>[0]> {
    const { range } = this.job.blob;
    if (range !== undefined && this.hasher === undefined && (await this.isPlain())) {
      this.meter.produced(this.job.blob.size, this.job.blob.size);
      return rangeBytes(range);
    }
    const iterator = this.watch()[Symbol.asyncIterator]();
    this.iterator = iterator;
    // Without `return`: the tar reader stops at the end of the archive, the hash goes on to the end of the bytes.
    return { [Symbol.asyncIterator]: () => ({ next: () => this.next(iterator) }) };
  }

  /** Takes the next chunk. After an error it throws that error again: the generator itself would say that it is at its end. */
  private async next(iterator: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
    if (this.failure !== undefined) throw this.failure.error;
    try {
      return await iterator.next();
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }

  /** Digest of all plain bytes; undefined when the layer is not verified. */
  async digest(): Promise<Digest | undefined> {
    if (this.hasher === undefined || this.iterator === undefined) return undefined;
    while ((await this.next(this.iterator)).done !== true);
    return `${algorithmOf(this.job.ref.diffId)}:${this.hasher.digest()}`;
  }

  async close(): Promise<void> {
    await this.iterator?.return?.();
  }

  private async isPlain(): Promise<boolean> {
    const { range } = this.job.blob;
    if (range === undefined) return false;
    for await (const head of rangeBytes(range).read(0, 64, this.options)) return sniffCompression(head) === undefined;
    return true;
  }

  private async *watch(): AsyncGenerator<Uint8Array> {
    const { signal } = this.options;
    const decompressors = this.reading.decompressors ?? portableDecompressors;
    let consumed = 0;
    const stored = tapped(this.job.blob.stream(this.options), (chunk) => {
      consumed += chunk.length;
      this.meter.consumed(consumed);
    });
    const isDigested = this.hasher !== undefined;
    for await (const chunk of decompress(stored, decompressors, { recycle: true, isDigested })) {
      signal?.throwIfAborted();
      this.meter.produced(chunk.length, consumed);
      this.hasher?.update(chunk);
      yield chunk;
      await workDone(chunk.length);
    }
  }
}

/** Reports entries that container engines ignore or refuse, once for each kind, since a layer may consist of nothing else. */
class Oddities {
  private readonly ref: LayerRef;
  private readonly first = new Map<string, { readonly message: string; times: number }>();

  constructor(ref: LayerRef) {
    this.ref = ref;
  }

  note(oddity: TarOddity): void {
    const earlier = this.first.get(oddity.kind);
    if (earlier === undefined) this.first.set(oddity.kind, { message: meaningOfOddity(oddity), times: 1 });
    else earlier.times++;
  }

  *told(): Generator<Diagnostic> {
    for (const { message, times } of this.first.values())
      yield diagnostic(
        "malformed-layer",
        this.ref,
        `layer ${this.ref.index} ${message}${times === 1 ? "" : ` (and ${times - 1} more of the kind)`}`,
      );
  }
}

function meaningOfOddity(oddity: TarOddity): string {
  if (oddity.kind === "unknown-type")
    return `has a member of type ${JSON.stringify(oddity.flag)} at byte ${oddity.offset}, which container engines refuse`;
  const keywords = oddity.keywords.map((keyword) => JSON.stringify(keyword.slice(0, 64))).join(", ");
  return `has a pax global header at byte ${oddity.offset}, which is ignored as container engines do; it sets ${keywords}`;
}

async function* tapped(stream: ByteStream, tap: (chunk: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    tap(chunk);
    yield chunk;
  }
}

function interpret(entry: TarEntry, ref: LayerRef, options: EntriesOptions): LayerEntry | Diagnostic | undefined {
  const path = normalizePath(entry.name);
  if (path === undefined) {
    const name = JSON.stringify(entry.name.slice(0, 200));
    return diagnostic(
      "malformed-layer",
      ref,
      `an entry was left out because its name ${pathRefusal(entry.name)}: ${name}`,
    );
  }
  // The root itself is always there, and always a directory.
  if (path === "") return undefined;
  const meaning = meaningOf(path);
  if (meaning.kind === "ignored") return undefined;
  if (meaning.kind !== "plain") return meaning;
  switch (entry.type) {
    case "file":
      return fileEntry(path, entry, options);
    case "directory":
      return { kind: "directory", path };
    case "symlink":
      return { kind: "symlink", path, target: entry.link };
    case "hardlink":
      return { kind: "hardlink", path, target: normalizePath(entry.link) ?? entry.link };
    case "other":
      return { kind: "other", path };
  }
}

function withAttributes(said: LayerEntry | Diagnostic, { mode, uid, gid }: TarEntry): LayerEntry | Diagnostic {
  if (said.kind === "diagnostic" || said.kind === "whiteout" || said.kind === "opaque") return said;
  const owners = { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) };
  return { ...said, attributes: { mode, ...owners } };
}

function fileEntry(path: string, entry: TarEntry, options: EntriesOptions): LayerEntry {
  return {
    kind: "file",
    path,
    size: entry.size,
    executable: (entry.mode & 0o111) !== 0,
    content: () => contentOf(path, entry, options),
  };
}

/** The content of an entry. The chunks of the tar reader are views of buffers that are used again. */
async function* contentOf(
  path: string,
  entry: TarEntry,
  { limits, recycle = false }: EntriesOptions,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const chunk of entry.content()) {
      bytes += chunk.length;
      // Holes cost nothing to store, so the layer's own meter does not see them.
      if (entry.sparse && bytes > limits.maxEntryBytes)
        throw new LimitError(`more than ${limits.maxEntryBytes} bytes`, limits.maxEntryBytes);
      yield recycle ? chunk : chunk.slice();
    }
  } catch (error) {
    if (error instanceof LimitError)
      throw new ScanError({ kind: "limit-exceeded", what: path, limit: error.limit }, { cause: error });
    if (!(error instanceof FormatError)) throw error;
    throw error.problem === "truncated"
      ? new ScanError({ kind: "truncated", what: path, offset: error.offset ?? 0 }, { cause: error })
      : new ScanError({ kind: "malformed-image", label: path, reason: error.message }, { cause: error });
  }
}

/** Damage of the layer's bytes as a diagnostic; everything else (aborts, lost connections) is thrown on. */
function damage(error: unknown, ref: LayerRef): Diagnostic {
  if (error instanceof LimitError)
    return diagnostic("limit-exceeded", ref, `the rest of layer ${ref.index} was not read: ${error.message}`);
  if (!(error instanceof FormatError)) throw error;
  const at = error.offset === undefined ? "" : ` at byte ${error.offset}`;
  return diagnostic(
    codes[error.problem],
    ref,
    `the rest of layer ${ref.index} could not be read: ${error.message}${at}`,
  );
}

const codes: Readonly<Record<FormatError["problem"], DiagnosticCode>> = {
  malformed: "malformed-layer",
  truncated: "malformed-layer",
  unsupported: "unsupported-format",
  "limit-exceeded": "limit-exceeded",
};

function mismatch(ref: LayerRef, actual: Digest): Diagnostic {
  return diagnostic(
    "digest-mismatch",
    ref,
    `layer ${ref.index} should have diff ID ${ref.diffId} but its bytes hash to ${actual}`,
  );
}

function diagnostic(code: DiagnosticCode, layer: LayerRef, message: string): Diagnostic {
  return { kind: "diagnostic", code, effect: "incomplete", message, location: { path: "", layer } };
}
