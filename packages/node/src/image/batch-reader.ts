import { ScanError } from "@plimsoll/model";
import type { Diagnostic, Failure, LayerEntry, LayerFile } from "@plimsoll/model";
import { itemKinds } from "./layer-protocol.ts";
import type { BatchMessage, ItemKind } from "./layer-protocol.ts";

/** Gives the next batch; undefined at the end. */
export type NextBatch = () => Promise<BatchMessage | undefined>;

/** Turns batches back into entries. */
export async function* readBatches(next: NextBatch): AsyncGenerator<LayerEntry | Diagnostic> {
  const items = new Items(next);
  for (;;) {
    const kind = items.kind() ?? (await items.advance());
    if (kind === undefined) return;
    const size = items.size();
    items.take();
    // Content that nobody asked for is passed over, lest the next file gets it.
    if (kind === "chunk") items.chunk();
    else if (kind === "broken") items.failure();
    if (kind === "chunk" || kind === "cut" || kind === "broken") continue;
    yield kind === "diagnostic" ? items.diagnostic() : toEntry(kind, size, items);
  }
}

function toEntry(
  kind: Exclude<ItemKind, "chunk" | "cut" | "broken" | "diagnostic">,
  size: number,
  items: Items,
): LayerEntry {
  const path = items.path();
  switch (kind) {
    case "file":
    case "executable":
      return fileEntry(path, size, kind === "executable", items);
    case "symlink":
    case "hardlink":
      return { kind, path, target: items.target() };
    default:
      return { kind, path };
  }
}

function fileEntry(path: string, size: number, executable: boolean, items: Items): LayerFile {
  const entry = items.entries;
  return { kind: "file", path, size, executable, content: () => content(path, entry, items) };
}

async function* content(path: string, entry: number, items: Items): AsyncGenerator<Uint8Array> {
  for (;;) {
    // Another entry was asked for meanwhile: this content is gone.
    if (items.entries !== entry) return;
    const kind = items.kind() ?? (await items.advance());
    if (kind === "cut") {
      const reason = "more of its content is needed than was announced";
      throw new ScanError({ kind: "unsupported-image", label: path, reason });
    }
    if (kind === "broken") {
      items.take();
      throw new ScanError(items.failure());
    }
    if (kind !== "chunk") return;
    items.take();
    yield items.chunk();
  }
}

/** A cursor over the items of all batches. */
class Items {
  /** Entries taken so far. */
  entries = 0;
  private readonly next: NextBatch;
  private batch: BatchMessage | undefined;
  private item = 0;
  private paths = 0;
  private targets = 0;
  private chunks = 0;
  private diagnostics = 0;
  private failures = 0;

  constructor(next: NextBatch) {
    this.next = next;
  }

  /** Kind of the item under the cursor; undefined when the batch is used up. */
  kind(): ItemKind | undefined {
    return itemKinds[this.batch?.codes[this.item] ?? -1];
  }

  /** Gets the next batch; the kind of its first item, undefined at the end. */
  async advance(): Promise<ItemKind | undefined> {
    this.batch = await this.next();
    this.item = this.paths = this.targets = this.chunks = this.diagnostics = this.failures = 0;
    return this.kind();
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

  chunk(): Uint8Array {
    return this.batch?.chunks[this.chunks++] ?? new Uint8Array(0);
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
