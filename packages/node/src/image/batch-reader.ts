import { ScanError } from "@plimsoll/model";
import type { ByteStream, Diagnostic, EntriesOptions, Failure, LayerEntry, LayerFile } from "@plimsoll/model";
import { itemKinds } from "./layer-protocol.ts";
import type { BatchMessage, ItemKind } from "./layer-protocol.ts";

/** Gives the next batch; undefined at the end. The one before is used up: its memory may change. */
export type NextBatch = () => Promise<BatchMessage | undefined>;

/** Reads the same layer here, from its beginning; `told` says how many of its entries and diagnostics are known. */
export type ReadHere = (told: number) => AsyncIterable<LayerEntry | Diagnostic>;

/** Thrown when a thread has ended, or cannot read what the main thread can. */
export class ThreadLost extends Error {
  override readonly name = "ThreadLost";
}

/** Turns batches back into entries. Where the thread is lost, the rest is read here, as if there had been no thread. */
export async function* readBatches(
  next: NextBatch,
  readHere: ReadHere,
  { recycle = false }: Pick<EntriesOptions, "recycle"> = {},
): AsyncGenerator<LayerEntry | Diagnostic> {
  const items = new Items(next, readHere);
  try {
    for (;;) {
      const kind = items.kind() ?? (await items.advance());
      if (kind === undefined) break;
      const size = items.size();
      items.take();
      // Content that nobody asked for is passed over, lest the next file gets it.
      if (kind === "chunk") items.chunk(size);
      else if (kind === "broken") items.failure();
      if (kind === "chunk" || kind === "broken") continue;
      yield kind === "diagnostic" ? items.diagnostic() : toEntry(kind, size, items, recycle);
    }
    if (items.isLost) yield* (await items.here()).rest();
  } finally {
    await items.close();
  }
}

function toEntry(
  kind: Exclude<ItemKind, "chunk" | "broken" | "diagnostic">,
  size: number,
  items: Items,
  recycle: boolean,
): LayerEntry {
  const path = items.path();
  switch (kind) {
    case "file":
    case "executable":
      return fileEntry({ path, size, entry: items.entries, items, recycle, given: 0 }, kind === "executable");
    case "symlink":
    case "hardlink":
      return { kind, path, target: items.target() };
    default:
      return { kind, path };
  }
}

function fileEntry(from: Source, executable: boolean): LayerFile {
  const { path, size } = from;
  return { kind: "file", path, size, executable, content: () => content(from) };
}

/** Where the content of a file comes from. */
interface Source {
  readonly path: string;
  readonly size: number;
  readonly entry: number;
  readonly items: Items;
  /** Whether whoever reads is done with a chunk when they ask for the next one. */
  readonly recycle: boolean;
  /** Bytes that have come. */
  given: number;
}

async function* content(from: Source): AsyncGenerator<Uint8Array> {
  const { path, size, entry, items, recycle } = from;
  for (;;) {
    // Another entry was asked for meanwhile: this content is gone.
    if (items.entries !== entry) return;
    const kind = items.kind() ?? (await items.advance());
    if (kind === "broken") {
      items.take();
      throw new ScanError(items.failure());
    }
    if (kind !== "chunk") break;
    const chunk = items.chunk(items.size());
    items.take();
    from.given += chunk.length;
    yield recycle ? chunk : chunk.slice();
  }
  if (items.isLost) {
    yield* (await items.here()).content(from.given);
    return;
  }
  if (from.given >= size) return;
  // Who asks must hear that it is not all: an end here would be taken for the content's.
  const reason = "more of its content is needed than was announced";
  throw new ScanError({ kind: "unsupported-image", label: path, reason });
}

/** A cursor over the items of all batches. */
class Items {
  /** Entries and diagnostics taken so far. */
  entries = 0;
  /** Whether the batches ended before the layer did. */
  isLost = false;
  private readonly next: NextBatch;
  private readonly readHere: ReadHere;
  private reading: Reading | undefined;
  private batch: BatchMessage | undefined;
  private item = 0;
  private paths = 0;
  private targets = 0;
  /** Bytes of content taken from the batch. */
  private used = 0;
  private diagnostics = 0;
  private failures = 0;

  constructor(next: NextBatch, readHere: ReadHere) {
    this.next = next;
    this.readHere = readHere;
  }

  /** Kind of the item under the cursor; undefined when the batch is used up. */
  kind(): ItemKind | undefined {
    return itemKinds[this.batch?.codes[this.item] ?? -1];
  }

  /** Gets the next batch; the kind of its first item, undefined at the end. */
  async advance(): Promise<ItemKind | undefined> {
    this.batch = undefined;
    try {
      this.batch = this.isLost ? undefined : await this.next();
    } catch (error) {
      if (!(error instanceof ThreadLost)) throw error;
      this.isLost = true;
    }
    this.item = this.paths = this.targets = this.used = this.diagnostics = this.failures = 0;
    return this.kind();
  }

  /** The layer as it is read here, up to the entry that was taken last. */
  async here(): Promise<Reading> {
    if (this.reading === undefined) {
      this.reading = new Reading(this.readHere(this.entries)[Symbol.asyncIterator]());
      await this.reading.skip(this.entries);
    }
    return this.reading;
  }

  async close(): Promise<void> {
    await this.reading?.close();
  }

  take(): void {
    this.item++;
  }

  size(): number {
    return this.batch?.sizes[this.item] ?? 0;
  }

  path(): string {
    this.entries++;
    return this.batch?.paths[this.paths++] ?? "";
  }

  target(): string {
    return this.batch?.targets[this.targets++] ?? "";
  }

  chunk(size: number): Uint8Array {
    const start = this.used;
    this.used += size;
    return this.batch?.content.subarray(start, this.used) ?? new Uint8Array(0);
  }

  failure(): Failure {
    return this.batch?.failures[this.failures++] ?? { kind: "truncated", what: "content", offset: 0 };
  }

  diagnostic(): Diagnostic {
    this.entries++;
    const diagnostic = this.batch?.diagnostics[this.diagnostics++];
    if (diagnostic === undefined) throw new Error("a batch lacks a diagnostic that it announces");
    return diagnostic;
  }
}

/** A layer that is read here because its thread was lost. */
class Reading {
  private readonly entries: AsyncIterator<LayerEntry | Diagnostic>;
  private last: LayerEntry | Diagnostic | undefined;

  constructor(entries: AsyncIterator<LayerEntry | Diagnostic>) {
    this.entries = entries;
  }

  /** Passes over what is known. */
  async skip(told: number): Promise<void> {
    for (let at = 0; at < told; at++) this.last = await this.nextEntry();
  }

  /** The content of the entry that was passed over last, from an offset on. */
  async *content(offset: number): ByteStream {
    if (this.last?.kind !== "file") return;
    let known = offset;
    for await (const chunk of this.last.content()) {
      if (known < chunk.length) yield chunk.subarray(known);
      known = Math.max(0, known - chunk.length);
    }
  }

  /** The entries behind it. */
  async *rest(): AsyncGenerator<LayerEntry | Diagnostic> {
    for (let entry = await this.nextEntry(); entry !== undefined; entry = await this.nextEntry()) yield entry;
  }

  async close(): Promise<void> {
    await this.entries.return?.();
  }

  private async nextEntry(): Promise<LayerEntry | Diagnostic | undefined> {
    const { done, value } = await this.entries.next();
    return done === true ? undefined : value;
  }
}
