import { crc32, inflateRaw } from "@plimsoll/formats";
import { ScanError, checkOptions, optionIs, randomAccess, sortedInTurns, workDone } from "@plimsoll/model";
import type {
  Advisory,
  AdvisoryKey,
  AdvisoryStore,
  AffectedPackage,
  ByteInput,
  CallOptions,
  Diagnostic,
  Enrichment,
  RandomAccessBytes,
  OptionChecks,
} from "@plimsoll/model";
import { endOfSupport } from "./end-of-support.ts";
import { findInBlock, pairsOfBlock, TableIndex } from "./block-table.ts";
import { encodeText } from "./byte-order.ts";
import { footerBytes, readFooter, writeHeader } from "./file-layout.ts";
import { isNamed } from "./advisory-names.ts";
import { KeyFilter } from "./key-filter.ts";
import { RecordError, unpackAdvisory, unpackEnrichment, unpackRows } from "./record-codec.ts";
import type { SourceCounts } from "./source-counts.ts";
import { readMetadata } from "./store-metadata.ts";
import type { StoreMetadata } from "./store-metadata.ts";

/** Bytes of a store file; one that can be read without waiting answers much faster. */
export interface StoreBytes extends RandomAccessBytes {
  close?(): Promise<void>;
}

/** Platform functions that replace the pure JavaScript ones. */
export interface StoreEngine {
  /** Expands raw deflate; throws when the output would be longer than `maxBytes`. */
  readonly inflateRaw?: ((data: Uint8Array, maxBytes: number) => Uint8Array) | undefined;
  readonly crc32?: ((data: Uint8Array) => number) | undefined;
}

/** How a store file is opened. */
export interface OpenStoreOptions extends CallOptions, StoreEngine {
  /** What the file is called in error messages. */
  readonly label?: string | undefined;
  /** Bytes of expanded blocks kept for the next look-up, default 8 MiB; records taken from them are kept too, up to as much text. */
  readonly cacheBytes?: number | undefined;
  /**
   * When sources were last found to be current, RFC 3339, by their ids. The file itself has no times, so that the same input gives the
   * same bytes.
   */
  readonly checked?: Readonly<Record<string, string>> | undefined;
  /** Diagnostics about the store, for every report. */
  readonly diagnostics?: readonly Diagnostic[] | undefined;
}

/** A store in a file, with the figures that `db info` shows. */
export interface StoreFile extends AdvisoryStore {
  readonly sources: readonly SourceCounts[];
  /** Every namespace that has advisories, sorted. */
  readonly namespaces: readonly string[];
  /** How much it holds. */
  readonly counts: { readonly advisories: number; readonly names: number; readonly enrichments: number };
  /** Bytes of the file. */
  readonly size: number;
  /** As the interface says: reads all advisories, some seconds for half a million. */
  named(id: string, options?: CallOptions): Promise<readonly Advisory[]>;
  /**
   * Reads the whole file once.
   * @throws ScanError `store-unreadable` when any part of it is damaged.
   */
  verify(options?: CallOptions): Promise<void>;
}

/** One read usually gets the footer and the whole tail. */
const firstRead = 256 * 1024;

/** Looking for a key takes about as long as looking at so many bytes. */
const bytesPerKey = 512;

/** To understand a record takes so many times as long as to read it. */
const timesToUnderstand = 4;

/** A block holds one very large record at most; none comes near. */
const maxBlockBytes = 256 * 1024 * 1024;

const maxTailBytes = 512 * 1024 * 1024;

/** The checks of {@link OpenStoreOptions}. */
export const storeChecks: OptionChecks<OpenStoreOptions> = {
  label: optionIs.text,
  cacheBytes: optionIs.count,
  checked: optionIs.mapOf(optionIs.text),
  diagnostics: optionIs.listOf(optionIs.object),
  inflateRaw: optionIs.call,
  crc32: optionIs.call,
  signal: optionIs.signal,
};

/**
 * Opens a store file, on a disk, in memory or a `Blob`, by reading its end. Nothing else is loaded: look-ups read the blocks they need.
 * @throws ScanError `store-unreadable` when it is no store, another version, truncated, damaged, or an increment.
 */
export async function openStore(bytes: StoreBytes | ByteInput, options: OpenStoreOptions = {}): Promise<StoreFile> {
  checkOptions("openStore", options, storeChecks);
  const store = await openBlocks(randomAccess(bytes), options);
  if (store.base === undefined) return store;
  // By itself it would be taken for all there is.
  const reason = "it holds only what changed since another database was built; open it together with that database";
  throw new ScanError({ kind: "store-unreadable", label: options.label ?? "store", reason });
}

/** A store file, or an increment, which has a base. */
export interface OpenedBlocks extends StoreFile {
  readonly base: StoreMetadata["base"];
}

/** Opens either kind of file. @throws ScanError `store-unreadable` when it is none, another version, truncated or damaged. */
export async function openBlocks(bytes: StoreBytes, options: OpenStoreOptions = {}): Promise<OpenedBlocks> {
  const label = options.label ?? "store";
  const fail = (reason: string, cause?: unknown): never => {
    throw new ScanError({ kind: "store-unreadable", label, reason }, { cause });
  };
  const last = await readBytes(bytes, bytes.size - Math.min(bytes.size, firstRead), bytes.size, options);
  const footer = readFooter(last.subarray(Math.max(0, last.length - footerBytes)), bytes.size);
  if (typeof footer === "string") return fail(footer);
  if (footer.tailLength > maxTailBytes) return fail("its index is larger than any real one");
  const inLast = last.length - footerBytes - footer.tailLength;
  const tail =
    inLast >= 0
      ? last.subarray(inLast, last.length - footerBytes)
      : await readBytes(bytes, footer.tailOffset, footer.tailOffset + footer.tailLength, options);
  if ((options.crc32 ?? crc32)(tail) !== footer.tailCrc) return fail("its index is damaged");
  try {
    const revision = [...footer.revision].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return new BlockStore(bytes, label, revision, readMetadata(tail, options.inflateRaw ?? inflateRaw), options);
  } catch (cause) {
    return fail("its description is damaged", cause);
  }
}

class BlockStore implements OpenedBlocks {
  readonly revision: string;
  readonly sources: readonly SourceCounts[];
  readonly diagnostics: readonly Diagnostic[];
  readonly namespaces: readonly string[];
  readonly counts: StoreFile["counts"];
  readonly size: number;
  readonly base: StoreMetadata["base"];
  #closed = false;
  readonly #bytes: StoreBytes;
  readonly #label: string;
  readonly #covered: ReadonlySet<string>;
  readonly #filter: KeyFilter;
  readonly #tables: Readonly<Record<TableName, TableIndex>>;
  readonly #inflate: NonNullable<StoreEngine["inflateRaw"]>;
  readonly #crc32: NonNullable<StoreEngine["crc32"]>;
  readonly #blocks: RecentlyUsed<Uint8Array>;
  /** What matches an inventory again asks for the same records; they are plain data that nobody changes. */
  readonly #rows: RecentlyUsed<readonly AffectedPackage[]>;
  readonly #advisories: RecentlyUsed<Advisory>;
  readonly #enrichments: RecentlyUsed<Enrichment>;

  constructor(bytes: StoreBytes, label: string, revision: string, metadata: StoreMetadata, options: OpenStoreOptions) {
    this.revision = revision;
    this.sources = metadata.sources.map((source) => withCheck(source, options.checked));
    this.diagnostics = options.diagnostics ?? [];
    this.namespaces = metadata.namespaces;
    this.size = bytes.size;
    this.base = metadata.base;
    this.counts = {
      advisories: metadata.advisories.entries,
      names: metadata.names.entries,
      enrichments: metadata.enrichments.entries,
    };
    this.#bytes = bytes;
    this.#label = label;
    this.#covered = new Set(metadata.namespaces);
    this.#filter = new KeyFilter(metadata.filter);
    this.#tables = {
      advisories: new TableIndex(metadata.advisories.index, metadata.advisories.blocks),
      names: new TableIndex(metadata.names.index, metadata.names.blocks),
      enrichments: new TableIndex(metadata.enrichments.index, metadata.enrichments.blocks),
    };
    this.#inflate = options.inflateRaw ?? inflateRaw;
    this.#crc32 = options.crc32 ?? crc32;
    const { cacheBytes = 8 * 1024 * 1024 } = options;
    this.#blocks = new RecentlyUsed(cacheBytes);
    this.#rows = new RecentlyUsed(cacheBytes / 3);
    this.#advisories = new RecentlyUsed(cacheBytes / 3);
    this.#enrichments = new RecentlyUsed(cacheBytes / 3);
  }

  covers(namespace: string): boolean {
    return this.#covered.has(namespace);
  }

  async find(
    keys: readonly AdvisoryKey[],
    options: CallOptions = {},
  ): Promise<readonly (readonly AffectedPackage[])[]> {
    const wanted = keys.map(({ namespace, name }) =>
      this.#covered.has(namespace) ? `${namespace}\0${name}` : undefined,
    );
    const unpack = (value: unknown, at: number): readonly AffectedPackage[] => {
      const { namespace = "", name = "" } = keys[at] ?? {};
      return unpackRows(value, namespace, name);
    };
    const mayHold = (key: Uint8Array): boolean => this.#filter.mayHold(key);
    const found = await this.#lookUp(wanted, { table: "names", known: this.#rows, unpack, mayHold }, options);
    return found.map((rows) => rows ?? []);
  }

  async read(ids: readonly string[], options: CallOptions = {}): Promise<readonly (Advisory | undefined)[]> {
    const unpack = (value: unknown, at: number): Advisory => unpackAdvisory(value, ids[at] ?? "");
    return this.#lookUp(ids, { table: "advisories", known: this.#advisories, unpack }, options);
  }

  async enrich(cves: readonly string[], options: CallOptions = {}): Promise<readonly (Enrichment | undefined)[]> {
    const lookUp = { table: "enrichments", known: this.#enrichments, unpack: unpackEnrichment } as const;
    return this.#lookUp(cves, lookUp, options);
  }

  endOfSupport(distribution: string, version: string, options: CallOptions = {}): Promise<string | undefined> {
    return endOfSupport(this, distribution, version, options);
  }

  async named(id: string, options: CallOptions = {}): Promise<readonly Advisory[]> {
    this.#expectOpen();
    const index = this.#tables.advisories;
    const found: Advisory[] = [];
    for (let block = 0; block < index.blocks; block++) {
      options.signal?.throwIfAborted();
      const expanded = this.#loadSync(index, block) ?? (await this.#load(index, block, options));
      found.push(...this.#search(expanded, id));
      await workDone(expanded.length * timesToUnderstand);
      this.#expectOpen();
    }
    return found;
  }

  /** The advisories of a block that go by an id. Only those are unpacked that hold its characters somewhere. */
  #search(block: Uint8Array, id: string): readonly Advisory[] {
    const found: Advisory[] = [];
    const wanted = id.toLowerCase();
    for (const [key, value] of this.#intact(() => pairsOfBlock(block))) {
      const name = decoder.decode(key);
      const text = decoder.decode(value);
      if (!name.toLowerCase().includes(wanted) && !text.toLowerCase().includes(wanted)) continue;
      // Checked by what unpacks it; thousands of them in a scan.
      const advisory = this.#intact(() => unpackAdvisory(JSON.parse(text), name));
      if (isNamed(advisory, id)) found.push(advisory);
    }
    return found;
  }

  #intact<T>(read: () => T): T {
    try {
      return read();
    } catch (cause) {
      if (cause instanceof RecordError || cause instanceof SyntaxError || cause instanceof RangeError) {
        throw this.#unreadable("a record is damaged", cause);
      }
      throw cause;
    }
  }

  async verify(options: CallOptions = {}): Promise<void> {
    this.#expectOpen();
    const header = writeHeader();
    const found = await readBytes(this.#bytes, 0, header.length, options);
    if (header.some((byte, at) => found[at] !== byte)) throw this.#unreadable("its beginning is damaged");
    for (const index of Object.values(this.#tables)) {
      for (let block = 0; block < index.blocks; block++) {
        options.signal?.throwIfAborted();
        await this.#load(index, block, options);
      }
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const cache of [this.#blocks, this.#rows, this.#advisories, this.#enrichments]) cache.clear();
    await this.#bytes.close?.();
  }

  /** Looks up many keys of one table, in the order of their blocks, so that each block is read once. */
  async #lookUp<T>(
    keys: readonly (string | undefined)[],
    { table, known, unpack, mayHold }: LookUp<T>,
    options: CallOptions,
  ): Promise<(T | undefined)[]> {
    options.signal?.throwIfAborted();
    this.#expectOpen();
    const index = this.#tables[table];
    const results: (T | undefined)[] = keys.map((key) => (key === undefined ? undefined : known.get(key)));
    const places: { readonly at: number; readonly text: string; readonly key: Uint8Array; readonly block: number }[] =
      [];
    for (const [at, text] of keys.entries()) {
      if (text === undefined || results[at] !== undefined) continue;
      const key = encodeText(text);
      const block = mayHold?.(key) === false ? -1 : index.find(key);
      if (block >= 0) places.push({ at, text, key, block });
      await workDone(bytesPerKey);
    }
    for (const { at, text, key, block } of await sortedInTurns(places, (a, b) => a.block - b.block)) {
      options.signal?.throwIfAborted();
      this.#expectOpen();
      const name = `${table}/${block}`;
      let expanded = this.#blocks.get(name);
      if (expanded === undefined) {
        // Without this distinction every block would wait for a turn of the event loop.
        expanded = this.#loadSync(index, block) ?? (await this.#load(index, block, options));
        this.#blocks.set(name, expanded, expanded.length);
        await workDone(expanded.length);
      }
      const value = this.#extract(expanded, key);
      if (value === undefined) continue;
      // Checked by what unpacks it; thousands of them in a scan.
      const record = this.#intact(() => unpack(JSON.parse(decoder.decode(value)), at));
      known.set(text, record, key.length + value.length);
      results[at] = record;
      await workDone(value.length * timesToUnderstand);
    }
    return results;
  }

  #extract(block: Uint8Array, key: Uint8Array): Uint8Array | undefined {
    return this.#intact(() => findInBlock(block, key));
  }

  #loadSync(index: TableIndex, block: number): Uint8Array | undefined {
    if (this.#bytes.readSync === undefined) return undefined;
    const place = this.#intact(() => index.place(block));
    let packed: Uint8Array;
    try {
      packed = this.#bytes.readSync(place.offset, place.offset + place.packed);
    } catch (cause) {
      throw this.#notRead(cause);
    }
    return this.#expand(packed, place);
  }

  async #load(index: TableIndex, block: number, options: CallOptions): Promise<Uint8Array> {
    const place = this.#intact(() => index.place(block));
    const packed = await readBytes(this.#bytes, place.offset, place.offset + place.packed, options).catch(
      (cause: unknown) => {
        options.signal?.throwIfAborted();
        throw this.#notRead(cause);
      },
    );
    return this.#expand(packed, place);
  }

  #expand(
    packed: Uint8Array,
    place: { readonly packed: number; readonly length: number; readonly crc: number },
  ): Uint8Array {
    if (packed.length !== place.packed) throw this.#unreadable("it ends early");
    if (this.#crc32(packed) !== place.crc) throw this.#unreadable("a block is damaged");
    if (place.length > maxBlockBytes) throw this.#unreadable("a block is larger than any real one");
    let expanded: Uint8Array;
    try {
      expanded = this.#inflate(packed, place.length);
    } catch (cause) {
      throw this.#unreadable("a block does not expand", cause);
    }
    if (expanded.length !== place.length) throw this.#unreadable("a block has another length than stated");
    return expanded;
  }

  /** Nothing is known of what a closed store held: not even that it held nothing. */
  #expectOpen(): void {
    if (this.#closed) throw this.#unreadable("it was closed before");
  }

  #notRead(cause: unknown): ScanError {
    if (cause instanceof ScanError) return cause;
    return this.#unreadable(`reading failed: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }

  #unreadable(reason: string, cause?: unknown): ScanError {
    return new ScanError({ kind: "store-unreadable", label: this.#label, reason }, { cause });
  }
}

type TableName = "advisories" | "names" | "enrichments";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** What is looked up: in which table, what is known of it already, and how a record of it is read. */
interface LookUp<T> {
  readonly table: TableName;
  readonly known: RecentlyUsed<T>;
  readonly unpack: (value: unknown, at: number) => T;
  /** False: the table certainly does not hold the key. */
  readonly mayHold?: ((key: Uint8Array) => boolean) | undefined;
}

/** Keeps what was used last, up to a number of bytes. */
class RecentlyUsed<T> {
  readonly #limit: number;
  readonly #kept = new Map<string, { readonly value: T; readonly bytes: number }>();
  #held = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(name: string): T | undefined {
    const found = this.#kept.get(name);
    if (found === undefined) return undefined;
    this.#kept.delete(name);
    this.#kept.set(name, found);
    return found.value;
  }

  set(name: string, value: T, bytes: number): void {
    if (bytes > this.#limit) return;
    this.#held += bytes - (this.#kept.get(name)?.bytes ?? 0);
    this.#kept.set(name, { value, bytes });
    for (const [oldest, kept] of this.#kept) {
      if (this.#held <= this.#limit) return;
      this.#kept.delete(oldest);
      this.#held -= kept.bytes;
    }
  }

  clear(): void {
    this.#kept.clear();
    this.#held = 0;
  }
}

async function readBytes(bytes: StoreBytes, start: number, end: number, options: CallOptions): Promise<Uint8Array> {
  options.signal?.throwIfAborted();
  if (bytes.readSync !== undefined) return bytes.readSync(start, end);
  const wanted = Math.max(0, Math.min(end, bytes.size) - start);
  const whole = new Uint8Array(wanted);
  let filled = 0;
  for await (const chunk of bytes.read(start, end, options)) {
    const taken = chunk.subarray(0, wanted - filled);
    whole.set(taken, filled);
    filled += taken.length;
    if (filled === wanted) break;
  }
  return whole.subarray(0, filled);
}

function withCheck(source: SourceCounts, checked: OpenStoreOptions["checked"] = {}): SourceCounts {
  const checkedAt = Object.hasOwn(checked, source.id) ? checked[source.id] : undefined;
  return checkedAt === undefined ? source : { ...source, checkedAt };
}
