import { ScanError } from "@plimsoll/model";
import type { AnalyzedFile, ByteStream, LayerFile, Limits, NestedBudget } from "@plimsoll/model";

/** Buffers start no larger than this, whatever size a header claims. */
const firstBufferBytes = 4 * 1024 * 1024;

/** The content of one layer entry, read at most once and shared by all who want it. */
export class FileContent {
  readonly size: number;
  readonly executable: boolean;
  readonly #source: AsyncIterator<Uint8Array>;
  /** Bytes read ahead to see the magic number; still part of the content. */
  #head: readonly Uint8Array[] = [];
  #whole: Promise<Uint8Array> | undefined;
  #streamed = false;

  constructor(file: LayerFile) {
    this.size = file.size;
    this.executable = file.executable;
    this.#source = lazily(() => file.content());
  }

  /** At least `length` first bytes, fewer when the content ends before. */
  async head(length: number): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let total = 0;
    while (total < length) {
      const { done, value } = await this.#source.next();
      if (done === true) break;
      // The chunk must outlive the next read, for which the layer may reuse its memory.
      const copy = value.slice();
      chunks.push(copy);
      total += copy.length;
    }
    this.#head = chunks;
    return chunks.length === 1 ? (chunks[0] ?? new Uint8Array()) : concat(chunks, total);
  }

  /** The whole content. @throws ScanError `limit-exceeded` when it is longer than `limit` bytes. */
  async bytes(path: string, limit: number): Promise<Uint8Array> {
    if (this.size > limit) throw new ScanError({ kind: "limit-exceeded", what: path, limit });
    this.#whole ??= this.#readAll(path, limit);
    return this.#whole;
  }

  /** The content as it arrives. When it is not the `last` use, it is read into memory first, as far as `limit` allows. */
  async *stream(path: string, limit: number, last: boolean): ByteStream {
    if (this.#whole !== undefined || (!last && this.size <= limit)) {
      yield await this.bytes(path, Math.max(limit, this.size));
      return;
    }
    if (this.#streamed) throw new ScanError({ kind: "limit-exceeded", what: path, limit });
    this.#streamed = true;
    yield* this.#chunks();
  }

  /** Lets go of the layer's stream. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #readAll(path: string, limit: number): Promise<Uint8Array> {
    if (this.#streamed) throw new ScanError({ kind: "limit-exceeded", what: path, limit });
    let buffer = new Uint8Array(Math.min(this.size, firstBufferBytes));
    let length = 0;
    for await (const chunk of this.#chunks()) {
      if (length + chunk.length > limit) throw new ScanError({ kind: "limit-exceeded", what: path, limit });
      if (length + chunk.length > buffer.length) {
        // So much has come that the header is believed: one buffer of the true size instead of several that double.
        const wanted = Math.max(length + chunk.length, this.size <= limit ? this.size : buffer.length * 2);
        const grown = new Uint8Array(Math.min(limit, wanted));
        grown.set(buffer.subarray(0, length));
        buffer = grown;
      }
      buffer.set(chunk, length);
      length += chunk.length;
    }
    return buffer.subarray(0, length);
  }

  async *#chunks(): ByteStream {
    yield* this.#head;
    this.#head = [];
    for (;;) {
      const { done, value } = await this.#source.next();
      if (done === true) return;
      yield value;
    }
  }
}

/** The file as one analyzer may read it, until `close` is called. */
export function openFile(
  path: string,
  content: FileContent,
  options: {
    readonly limits: Limits;
    readonly nested: NestedBudget;
    readonly maxBytes: number | undefined;
    readonly last: boolean;
  },
): AnalyzedFile & { close(): void } {
  const limit = Math.min(options.limits.maxEntryBytes, options.maxBytes ?? Infinity);
  let open = true;
  const check = (): void => {
    if (!open) throw new Error(`${path} was read after its analyzer had ended`);
  };
  async function bytes(): Promise<Uint8Array> {
    check();
    return content.bytes(path, limit);
  }
  return {
    path,
    size: content.size,
    executable: content.executable,
    limits: options.limits,
    nested: options.nested,
    bytes,
    // Built per call: a decoder keeps state.
    text: async () => new TextDecoder().decode(await bytes()),
    async *stream() {
      check();
      yield* content.stream(path, options.limits.maxEntryBytes, options.last);
    },
    close() {
      open = false;
    },
  };
}

async function* lazily(open: () => ByteStream): AsyncGenerator<Uint8Array> {
  yield* open();
}

function concat(chunks: readonly Uint8Array[], total: number): Uint8Array {
  const whole = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
