import { ScanError, workDone } from "@plimsoll/model";
import type {
  AnalyzedFile,
  ByteStream,
  FileEngine,
  FileRanges,
  LayerFile,
  Limits,
  NestedBudget,
  ScratchSpace,
} from "@plimsoll/model";
import type { MarkSearch } from "./mark-search.ts";

/** Buffers start no larger than this, whatever size a header claims. */
const firstBufferBytes = 4 * 1024 * 1024;

/** Held of one file where there is space elsewhere. */
const maxHeldBytes = 16 * 1024 * 1024;

/** What lies aside may be so many times what may be in memory. */
const timesAside = 8;

/** Read at once of what is held. */
const windowBytes = 256 * 1024;

/** Analyzing a whole file takes about this many times as long as reading it. */
export const timesToUnderstand = 4;

/**
 * Memory for the next file out of one that nobody was shown: most programs have nothing to say, and new memory takes the system longer to
 * give than a program takes to be copied there.
 */
export class SpareMemory {
  #bytes: Uint8Array<ArrayBuffer> | undefined;

  /** What is left, if it has room for so many bytes. */
  take(size: number): Uint8Array<ArrayBuffer> | undefined {
    if (this.#bytes === undefined || this.#bytes.length < size) return undefined;
    const taken = this.#bytes;
    this.#bytes = undefined;
    return taken;
  }

  /** Nobody may have a part of `bytes`. */
  leave(bytes: Uint8Array<ArrayBuffer>): void {
    if (bytes.length > (this.#bytes?.length ?? 0)) this.#bytes = bytes;
  }
}

/** How a file is read that is searched while it is read, since most likely nobody will be shown it. */
export interface SearchedReading {
  readonly search: MarkSearch;
  readonly spare: SpareMemory;
}

/** The content of one layer entry, whose chunks may share memory, read at most once and shared by all who want it. */
export class FileContent {
  readonly size: number;
  readonly executable: boolean;
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #openScratch: (() => ScratchSpace) | undefined;
  #scratch: ScratchSpace | undefined;
  /** Bytes read ahead to see the magic number; still part of the content. */
  #head: readonly Uint8Array[] = [];
  /** Why nothing more could be read ahead. */
  #broken: { readonly error: unknown } | undefined;
  #held: Promise<FileRanges> | undefined;
  /** Gives back the memory that the content is held in, of which nobody was shown anything. */
  #leaveUnseen: (() => void) | undefined;
  #streamed = false;

  /** @param openScratch where files go that are too large for memory; absent: memory takes what the limits allow */
  constructor(file: Pick<LayerFile, "size" | "executable" | "content">, openScratch?: () => ScratchSpace) {
    this.size = file.size;
    this.executable = file.executable;
    this.#source = lazily(() => file.content());
    this.#openScratch = openScratch;
  }

  /** Why {@link head} gave fewer bytes than there are; undefined where it did not. Whoever reads the content meets the same error. */
  get broken(): { readonly error: unknown } | undefined {
    return this.#broken;
  }

  /** At least `length` first bytes, fewer when the content ends before, or cannot be read so far; valid until more is read. */
  async head(length: number): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let total = 0;
    while (total < length) {
      const { done, value } = await this.#source.next().catch((error: unknown) => {
        this.#broken = { error };
        return endOfContent;
      });
      if (done === true) break;
      total += value.length;
      // A chunk that must outlive the next read, for which the layer may reuse its memory.
      chunks.push(total < length ? value.slice() : value);
    }
    this.#head = chunks;
    return chunks.length === 1 ? (chunks[0] ?? new Uint8Array()) : concat(chunks, total);
  }

  /** The whole content. @throws ScanError `limit-exceeded` when it is longer than `limit` bytes. */
  async bytes(path: string, limit: number): Promise<Uint8Array> {
    if (this.size > limit) throw new ScanError({ kind: "limit-exceeded", what: path, limit });
    const held = await this.ranges(path, limit);
    if (held.size > limit) throw new ScanError({ kind: "limit-exceeded", what: path, limit });
    return held.read(0, held.size);
  }

  /**
   * The content by parts. What is `searched` for is looked for while it is read, unless it has been read already.
   * @throws ScanError `limit-exceeded` when it is longer than `limit` bytes; of what does not lie in memory it may be more.
   */
  async ranges(path: string, limit: number, searched?: SearchedReading): Promise<FileRanges> {
    const most = this.#openScratch === undefined || this.size <= maxHeldBytes ? limit : limit * timesAside;
    if (this.size > most) throw new ScanError({ kind: "limit-exceeded", what: path, limit: most });
    this.#held ??= this.#readAll(path, { limit, most }, searched);
    return this.#held;
  }

  /** The content as it arrives. When it is not the `last` use, all of it is read first, as far as `limit` allows. */
  async *stream(path: string, limit: number, last: boolean): ByteStream {
    if (this.#held !== undefined || (!last && this.size <= limit)) {
      const { size, read } = await this.ranges(path, Math.max(limit, this.size));
      for (let at = 0; at < size; at += windowBytes) {
        const end = Math.min(size, at + windowBytes);
        yield read(at, end);
        await workDone(end - at);
      }
      return;
    }
    if (this.#streamed) throw new ScanError({ kind: "limit-exceeded", what: path, limit });
    this.#streamed = true;
    // An analyzer may keep what it was given.
    for await (const chunk of this.#chunks()) yield chunk.slice();
  }

  /** Room for bytes that were made out of this content, under the same rules. */
  beside(size: number, pieces: Iterable<Uint8Array>): FileContent {
    return new FileContent({ size, executable: false, content: () => streamOf(pieces) }, this.#openScratch);
  }

  /** Stops reading the layer's stream. */
  async close(): Promise<void> {
    this.#scratch?.close();
    this.#scratch = undefined;
    this.#leaveUnseen?.();
    this.#leaveUnseen = undefined;
    await this.#source.return?.();
  }

  /** `limit`: most bytes in memory; `most`: most bytes in scratch space. */
  async #readAll(
    path: string,
    { limit, most }: { readonly limit: number; readonly most: number },
    searched: SearchedReading | undefined,
  ): Promise<FileRanges> {
    if (this.#streamed) throw new ScanError({ kind: "limit-exceeded", what: path, limit });
    let length = 0;
    let canPutAside = this.#openScratch !== undefined;
    // What will lie aside need not be held until it is too large.
    if (canPutAside && this.size > maxHeldBytes) canPutAside = this.#putAside(new Uint8Array(0));
    const firstBytes = this.#scratch === undefined ? Math.min(this.size, firstBufferBytes) : 0;
    let buffer = (firstBytes === 0 ? undefined : searched?.spare.take(firstBytes)) ?? new Uint8Array(firstBytes);
    for await (const chunk of this.#chunks()) {
      if (length + chunk.length > most) throw new ScanError({ kind: "limit-exceeded", what: path, limit: most });
      searched?.search.push(chunk);
      if (canPutAside && this.#scratch === undefined && length + chunk.length > maxHeldBytes) {
        canPutAside = this.#putAside(buffer.subarray(0, length));
        if (canPutAside) buffer = new Uint8Array(0);
      }
      if (this.#scratch !== undefined) {
        if (this.#append(chunk)) {
          length += chunk.length;
          continue;
        }
        if (length + chunk.length > limit) throw new ScanError({ kind: "limit-exceeded", what: path, limit });
        canPutAside = false;
        buffer = this.#takeBack(length, Math.min(limit, Math.max(this.size, length + chunk.length)));
      }
      if (length + chunk.length > limit) throw new ScanError({ kind: "limit-exceeded", what: path, limit });
      if (length + chunk.length > buffer.length) {
        // So much has come that the header is believed: one buffer of the true size instead of several that double.
        const wanted = Math.max(length + chunk.length, this.size <= limit ? this.size : buffer.length * 2);
        const grown = new Uint8Array(Math.min(canPutAside ? maxHeldBytes : limit, wanted));
        grown.set(buffer.subarray(0, length));
        buffer = grown;
      }
      buffer.set(chunk, length);
      length += chunk.length;
    }
    const scratch = this.#scratch;
    if (scratch !== undefined)
      return { size: length, read: (start, end) => scratch.read(start, Math.min(end, length)) };
    const whole = searched === undefined ? () => buffer : this.#seenOnce(buffer, length, searched.spare);
    // An end before the file would count from the end of memory that an earlier file may have filled.
    return {
      size: length,
      read: (start, end) => whole().subarray(Math.max(0, start), Math.max(0, Math.min(length, end))),
    };
  }

  /** The memory itself for who is shown it, or what is in it where it is much too large to be kept for that. */
  #seenOnce(held: Uint8Array<ArrayBuffer>, length: number, spare: SpareMemory): () => Uint8Array {
    let seen: Uint8Array | undefined;
    this.#leaveUnseen = () => spare.leave(held);
    return () => {
      if (seen !== undefined) return seen;
      const isFitting = held.length <= length * 2;
      seen = isFitting ? held : held.slice(0, length);
      if (!isFitting) spare.leave(held);
      this.#leaveUnseen = undefined;
      return seen;
    };
  }

  /** Moves what was read so far from memory to scratch space; false where there is none. */
  #putAside(bytes: Uint8Array): boolean {
    try {
      this.#scratch = this.#openScratch?.();
    } catch {
      return false;
    }
    if (this.#scratch === undefined || this.#append(bytes)) return this.#scratch !== undefined;
    this.#scratch.close();
    this.#scratch = undefined;
    return false;
  }

  #append(bytes: Uint8Array): boolean {
    try {
      this.#scratch?.append(bytes);
      return true;
    } catch {
      return false;
    }
  }

  /** Moves the content back into memory when scratch space is full. */
  #takeBack(length: number, capacity: number): Uint8Array<ArrayBuffer> {
    const buffer = new Uint8Array(capacity);
    for (let at = 0; at < length; at += windowBytes)
      buffer.set(this.#scratch?.read(at, Math.min(length, at + windowBytes)) ?? [], at);
    this.#scratch?.close();
    this.#scratch = undefined;
    return buffer;
  }

  async *#chunks(): ByteStream {
    yield* this.#head;
    this.#head = [];
    if (this.#broken !== undefined) throw this.#broken.error;
    for (;;) {
      const { done, value } = await this.#source.next();
      if (done === true) return;
      const { length } = value;
      yield value;
      await workDone(length);
    }
  }
}

const endOfContent: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** The file as one analyzer may read it, until `close` is called. */
export function openFile(
  path: string,
  content: FileContent,
  options: {
    readonly limits: Limits;
    readonly nested: NestedBudget;
    readonly engine?: FileEngine | undefined;
    readonly maxBytes: number | undefined;
    readonly last: boolean;
  },
): AnalyzedFile & { close(): void } {
  const limit = Math.min(options.limits.maxEntryBytes, options.maxBytes ?? Infinity);
  let open = true;
  const check = (): void => {
    if (!open) throw new Error(`${path} was read after its analyzer had ended`);
  };
  const beside = new Set<FileContent>();
  async function bytes(): Promise<Uint8Array> {
    check();
    const whole = await content.bytes(path, limit);
    await workDone(whole.length * timesToUnderstand);
    return whole;
  }
  return {
    path,
    size: content.size,
    executable: content.executable,
    limits: options.limits,
    nested: options.nested,
    ...(options.engine === undefined ? {} : { engine: options.engine }),
    bytes,
    async ranges() {
      check();
      const { size, read } = await content.ranges(path, limit);
      return { size, read: (start, end) => (check(), read(start, end)) };
    },
    async putAside(what, size, pieces) {
      check();
      const kept = content.beside(size, pieces);
      beside.add(kept);
      const drop = (): Promise<void> | undefined => (beside.delete(kept) ? letGo(kept) : undefined);
      try {
        const ranges = await kept.ranges(what, limit);
        const read = (start: number, end: number): Uint8Array => {
          if (!beside.has(kept)) throw new Error(`${what} was read after it had been closed`);
          return ranges.read(start, end);
        };
        return { size: ranges.size, read, close: () => void drop() };
      } catch (error) {
        await drop();
        throw error;
      }
    },
    // Built per call: a decoder keeps state.
    text: async () => new TextDecoder().decode(await bytes()),
    async *stream() {
      check();
      yield* content.stream(path, options.limits.maxEntryBytes, options.last);
    },
    close() {
      open = false;
      for (const kept of beside) void letGo(kept);
      beside.clear();
    },
  };
}

/** Nobody waits for it, and room that cannot be given back changes nothing of what was read. */
async function letGo(kept: FileContent): Promise<void> {
  try {
    await kept.close();
  } catch {
    // Said above.
  }
}

async function* lazily(open: () => ByteStream): AsyncGenerator<Uint8Array> {
  yield* open();
}

// oxlint-disable-next-line require-await -- A stream is asynchronous, whatever is in it.
async function* streamOf(pieces: Iterable<Uint8Array>): ByteStream {
  yield* pieces;
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
