import { checkOptions, optionIs } from "@plimsoll/model";
import { crc32, deflateRaw } from "@plimsoll/formats";
import type {
  Advisory,
  AdvisoryFeed,
  CallOptions,
  Diagnostic,
  Enrichment,
  FeedDocument,
  FeedRecord,
} from "@plimsoll/model";
import { TableWriter } from "./block-table.ts";
import type { TableSize } from "./block-table.ts";
import { encodeText, isWellFormed } from "./byte-order.ts";
import { ExternalSort, memoryScratch } from "./external-sort.ts";
import type { ScratchFile, SortedPair } from "./external-sort.ts";
import { footerBytes, formatVersion, writeFooter, writeHeader } from "./file-layout.ts";
import { KeyFilter } from "./key-filter.ts";
import { joinEnrichments, joinParts } from "./merge-records.ts";
import type { StoreFile } from "./open-store.ts";
import { ratingElsewhere, withoutNeedlessRatings } from "./rated-cve.ts";
import { packAdvisory, partsOfPacked, unpackAdvisory, unpackEnrichment } from "./record-codec.ts";
import { SourceLedger } from "./source-counts.ts";
import type { SourceCounts } from "./source-counts.ts";

/** What a store is built from, and where it goes. */
export interface BuildOptions extends CallOptions {
  readonly documents: AsyncIterable<FeedDocument> | Iterable<FeedDocument>;
  /** A document goes to the first feed that accepts it. For enrichments, the first feed is the most trusted one. */
  readonly feeds: readonly AdvisoryFeed[];
  /** Takes the bytes of the file, in order. */
  readonly output: { write(bytes: Uint8Array): Promise<void> | void };
  /** Opens scratch files for what sorting cannot hold in memory. Absent: they are in memory too. */
  readonly scratch?: (() => Promise<ScratchFile>) | undefined;
  /** Characters that each of the three sorts may hold in memory; default 32 Mi. */
  readonly memory?: number | undefined;
  /**
   * Set: an increment is built, from documents that changed since this store was built; open it with `openIncrement`. Absent: a
   * complete store is built.
   */
  readonly base?: StoreFile | undefined;
  /** For progress: called after each document. */
  readonly onDocument?: ((name: string, records: number) => void) | undefined;
}

/** The result of {@link buildStore}. */
export interface BuildResult {
  readonly revision: string;
  readonly sources: readonly SourceCounts[];
  /** The first hundred problems met. */
  readonly diagnostics: readonly Diagnostic[];
  /** How many problems there were. */
  readonly problems: number;
  /** Documents that no feed accepts. */
  readonly unclaimed: readonly string[];
  /** Bytes of the file. */
  readonly size: number;
}

const maxDiagnostics = 100;

/**
 * Reads feed documents once and writes one immutable store file. The same documents give the same bytes, in whatever
 * order they come, on every machine. Memory stays bounded where `scratch` is on a disk.
 */
export async function buildStore(options: BuildOptions): Promise<BuildResult> {
  checkOptions("buildStore", options, {
    documents: optionIs.object,
    feeds: optionIs.listOf(optionIs.object),
    output: optionIs.having("write"),
    scratch: optionIs.call,
    memory: optionIs.count,
    base: optionIs.having("find"),
    onDocument: optionIs.call,
    signal: optionIs.signal,
  });
  const build = new StoreBuild(options);
  try {
    await build.read();
    return await build.write();
  } finally {
    await build.discard();
  }
}

/** Larger than blocks of names: texts compress better together, and few advisories are read. */
const advisoryBlockBytes = 32 * 1024;

/** Splits the fields of a sorted value; cannot occur in JSON. */
const separator = "\t";

/** The order of what is sorted behind the records of all feeds. */
const lastOrder = 999;

/** How many records are taken before other work of the process has a turn. */
const recordsPerPause = 2_000;

async function pause(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  signal.throwIfAborted();
}

class StoreBuild {
  readonly #options: BuildOptions;
  readonly #ledger: SourceLedger;
  readonly #advisories: ExternalSort;
  readonly #rows: ExternalSort;
  readonly #enrichments: ExternalSort;
  readonly #diagnostics: Diagnostic[] = [];
  readonly #unclaimed: string[] = [];
  readonly #namespaces: Set<string>;
  /** Ids of the base whose records do not count any more. */
  readonly #replaced: string[] = [];
  #problems = 0;
  #offset = 0;

  constructor(options: BuildOptions) {
    this.#options = options;
    this.#ledger = new SourceLedger(options.base?.sources);
    this.#namespaces = new Set(options.base?.namespaces);
    const { scratch = memoryScratch, memory = 32 * 1024 * 1024 } = options;
    this.#advisories = new ExternalSort(memory, scratch);
    this.#rows = new ExternalSort(memory, scratch);
    this.#enrichments = new ExternalSort(memory, scratch);
  }

  async read(): Promise<void> {
    const { documents, feeds, signal, onDocument } = this.#options;
    let taken = 0;
    for await (const document of documents) {
      signal?.throwIfAborted();
      const index = feeds.findIndex((candidate) => candidate.accepts(document.name));
      const feed = feeds[index];
      if (feed === undefined) {
        this.#unclaimed.push(document.name);
        continue;
      }
      let records = 0;
      for await (const record of feed.parse(document, { signal })) {
        if (record.kind !== "diagnostic") records++;
        // Records in memory never wait for anything; without a pause no timer and no abort would get its turn.
        if (signal !== undefined && ++taken % recordsPerPause === 0) await pause(signal);
        const full = this.#take(record, feed.id, index);
        if (full !== undefined) await full;
      }
      onDocument?.(document.name, records);
    }
  }

  #take(record: FeedRecord, feed: string, order: number): Promise<void> | undefined {
    switch (record.kind) {
      case "advisory":
        return this.#takeAdvisory(record.advisory, record.partial === true);
      case "enrichment": {
        this.#ledger.read(feed);
        return this.#addEnrichment(record.cve, order, feed, record.enrichment, record.whole === true);
      }
      case "skipped":
        return this.#takeSkipped(record.id, record.source ?? feed, record.reason, record.modified);
      case "diagnostic":
        this.#problems++;
        if (this.#diagnostics.length < maxDiagnostics) this.#diagnostics.push(record);
        return undefined;
    }
  }

  #addEnrichment(
    cve: string,
    order: number,
    feed: string,
    part: Enrichment,
    whole: boolean,
  ): Promise<void> | undefined {
    const value = [String(order).padStart(3, "0"), feed, whole ? "whole" : "part", JSON.stringify(part)];
    return this.#enrichments.add(wellFormed(cve), value.join(separator));
  }

  #takeAdvisory(advisory: Advisory, partial: boolean): Promise<void> | undefined {
    this.#ledger.read(advisory.source);
    const { id, source, modified = "", withdrawn } = advisory;
    if (withdrawn !== undefined) return this.#addRecord(id, modified, "gone", source, "withdrawn");
    return this.#addRecord(id, modified, partial ? "part" : "whole", source, packAdvisory(advisory));
  }

  /** A record that was taken back hides older ones with its id, so it takes part in choosing the newest. */
  #takeSkipped(id: string, source: string, reason: string, modified: string | undefined): Promise<void> | undefined {
    this.#ledger.read(source);
    if (modified !== undefined) return this.#addRecord(id, modified, "gone", source, reason);
    this.#ledger.skipped(source, reason);
    return undefined;
  }

  #addRecord(id: string, modified: string, extent: Extent, source: string, content: string): Promise<void> | undefined {
    // In this order of fields the newest record comes last.
    const value = [modified, extent, source, content].map((each) => each.replaceAll(separator, " ")).join(separator);
    return this.#advisories.add(wellFormed(id), value);
  }

  async write(): Promise<BuildResult> {
    await this.#append(writeHeader());
    const advisories = await this.#writeAdvisories();
    const { table: names, filter } = await this.#writeRows();
    const enrichments = await this.#writeEnrichments();
    const sources = this.#ledger.counts();
    const tail = writeTail({ advisories, names, enrichments }, filter, {
      sources,
      namespaces: [...this.#namespaces].sort(),
      ...(this.#options.base === undefined ? {} : { base: this.#options.base.revision, replaced: this.#replaced }),
    });
    const revision = new Uint8Array(await crypto.subtle.digest("SHA-256", tail));
    const tailOffset = this.#offset;
    await this.#append(tail);
    const fileLength = this.#offset + footerBytes;
    await this.#append(
      writeFooter({ tailOffset, tailLength: tail.length, tailCrc: crc32(tail), fileLength, revision }),
    );
    return {
      revision: hex(revision),
      sources,
      diagnostics: this.#diagnostics,
      problems: this.#problems,
      unclaimed: this.#unclaimed,
      size: fileLength,
    };
  }

  async discard(): Promise<void> {
    await Promise.all([this.#advisories.discard(), this.#rows.discard(), this.#enrichments.discard()]);
  }

  async #writeAdvisories(): Promise<FinishedTable> {
    const table = new TableWriter((bytes) => this.#append(bytes), advisoryBlockBytes);
    for await (const { key: id, values } of groups(this.#advisories.sorted())) {
      const packed = this.#settle(id, values, await this.#heldByBase(id));
      if (packed === undefined) continue;
      const full = table.add(encodeText(id), packed);
      if (full !== undefined) await full;
      const { rows, cve, severities } = partsOfPacked(packed, id);
      const rating = ratingElsewhere(severities);
      if (cve !== undefined && rating !== undefined) await this.#addEnrichment(cve, lastOrder, "", rating, false);
      for (const { namespace, name, row } of rows) {
        this.#namespaces.add(namespace);
        const waiting = this.#rows.add(wellFormed(`${namespace}\0${name}`), row);
        if (waiting !== undefined) await waiting;
      }
    }
    return table.finish();
  }

  /**
   * Of several records with one id the newest counts; where that is a part, the other parts of its source belong to it;
   * where it was taken back, nothing is left. What the base holds is older, unless it says otherwise.
   */
  #settle(id: string, values: readonly string[], held: Advisory | undefined): string | undefined {
    const records = values.map(splitValue);
    const newest = records.at(-1);
    if (newest === undefined) return undefined;
    if (held !== undefined && (held.modified ?? "") > newest.modified) {
      for (const { source } of records) this.#ledger.skipped(source, supersededBy(held.source, source));
      return undefined;
    }
    if (held !== undefined) {
      this.#replaced.push(id);
      this.#ledger.replaced(held.source, supersededBy(newest.source, held.source));
    }
    const { source, extent, content } = newest;
    const parts =
      extent === "part" ? records.filter((record) => record.extent === "part" && record.source === source) : [newest];
    for (const record of records) {
      if (record === newest) continue;
      this.#ledger.skipped(
        record.source,
        parts.includes(record) ? "part of another record" : supersededBy(source, record.source),
      );
    }
    if (extent === "gone") {
      this.#ledger.skipped(source, content);
      return undefined;
    }
    this.#ledger.stored(source, newest.modified === "" ? undefined : newest.modified);
    if (parts.length === 1) return content;
    // What this builder packed itself.
    return packAdvisory(joinParts(parts.map((part) => unpackAdvisory(JSON.parse(part.content), id))));
  }

  async #heldByBase(id: string): Promise<Advisory | undefined> {
    return (await this.#options.base?.read([id], { signal: this.#options.signal }))?.[0];
  }

  async #writeRows(): Promise<{ readonly table: FinishedTable; readonly filter: KeyFilter }> {
    const table = new TableWriter((bytes) => this.#append(bytes));
    const keys: Uint8Array[] = [];
    for await (const { key, values } of groups(this.#rows.sorted())) {
      const bytes = encodeText(key);
      keys.push(bytes);
      const full = table.add(bytes, `[${[...new Set(values)].join()}]`);
      if (full !== undefined) await full;
    }
    return { table: await table.finish(), filter: KeyFilter.of(keys) };
  }

  async #writeEnrichments(): Promise<FinishedTable> {
    const table = new TableWriter((bytes) => this.#append(bytes));
    for await (const { key: cve, values } of groups(this.#enrichments.sorted())) {
      const full = table.add(encodeText(cve), this.#settleEnrichment(values));
      if (full !== undefined) await full;
    }
    return table.finish();
  }

  #settleEnrichment(values: readonly string[]): string {
    const told = new Set<string>();
    const parts: Enrichment[] = [];
    const newest = new Map<string, { readonly at: number; readonly modified: string }>();
    for (const value of values) {
      const [, feed = "", extent = "", packed = ""] = value.split(separator, 4);
      // What this builder packed itself.
      const part = unpackEnrichment(JSON.parse(packed));
      const before = newest.get(feed);
      const { modified = "" } = part;
      if (extent === "whole" && before !== undefined) {
        this.#ledger.skipped(feed, supersededBy(feed, feed));
        if (modified > before.modified) {
          parts[before.at] = part;
          newest.set(feed, { at: before.at, modified });
        }
        continue;
      }
      if (extent === "whole") newest.set(feed, { at: parts.length, modified });
      parts.push(part);
      // What was taken from advisories is counted as theirs.
      if (feed === "") continue;
      if (told.has(feed)) this.#ledger.skipped(feed, "part of another record");
      else this.#ledger.stored(feed, part.modified ?? part.epss?.date ?? part.knownExploited?.dateAdded);
      told.add(feed);
    }
    return JSON.stringify(withoutNeedlessRatings(joinEnrichments(parts)));
  }

  async #append(bytes: Uint8Array): Promise<number> {
    this.#options.signal?.throwIfAborted();
    const offset = this.#offset;
    await this.#options.output.write(bytes);
    this.#offset += bytes.length;
    return offset;
  }
}

interface FinishedTable {
  readonly index: Uint8Array;
  readonly size: TableSize;
}

/** Metadata as written; read back, without trust, by open-store.ts. */
interface Description {
  readonly sources: readonly SourceCounts[];
  readonly namespaces: readonly string[];
  readonly base?: string;
  readonly replaced?: readonly string[];
}

function supersededBy(winner: string, loser: string): string {
  return `superseded by a ${winner === loser ? "newer record with the same id" : `record of ${winner}`}`;
}

function writeTail(
  tables: { readonly advisories: FinishedTable; readonly names: FinishedTable; readonly enrichments: FinishedTable },
  filter: KeyFilter,
  description: Description,
): Uint8Array<ArrayBuffer> {
  const pieces = [tables.advisories.index, tables.names.index, tables.enrichments.index, filter.bytes];
  const metadata = deflateRaw(
    encodeText(
      JSON.stringify({
        format: formatVersion,
        ...description,
        tables: {
          advisories: tables.advisories.size,
          names: tables.names.size,
          enrichments: tables.enrichments.size,
        },
        lengths: pieces.map((piece) => piece.length),
      }),
    ),
    9,
  );
  const tail = new Uint8Array(4 + metadata.length + pieces.reduce((sum, piece) => sum + piece.length, 0));
  new DataView(tail.buffer).setUint32(0, metadata.length, true);
  tail.set(metadata, 4);
  let at = 4 + metadata.length;
  for (const piece of pieces) {
    tail.set(piece, at);
    at += piece.length;
  }
  return tail;
}

/** Sorted by name, a whole record comes last among those of one moment. */
type Extent = "gone" | "part" | "whole";

/** A value of the sort of advisories. */
interface SortedRecord {
  readonly modified: string;
  readonly extent: string;
  readonly source: string;
  /** The packed advisory, or the reason why it is gone. */
  readonly content: string;
}

function splitValue(value: string): SortedRecord {
  const [modified = "", extent = "", source = "", content = ""] = value.split(separator, 4);
  return { modified, extent, source, content };
}

/** Neighbours with the same key, together. */
async function* groups(
  pairs: AsyncIterable<SortedPair>,
): AsyncGenerator<{ readonly key: string; readonly values: readonly string[] }> {
  let key: string | undefined;
  let values: string[] = [];
  for await (const pair of pairs) {
    if (pair.key !== key && key !== undefined) {
      yield { key, values };
      values = [];
    }
    key = pair.key;
    values.push(pair.value);
  }
  if (key !== undefined) yield { key, values };
}

/** Lone surrogates do not survive UTF-8; they are replaced before sorting, so that order and bytes agree. */
function wellFormed(text: string): string {
  return isWellFormed(text) ? text : new TextDecoder().decode(encodeText(text));
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
