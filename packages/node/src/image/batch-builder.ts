import type { Diagnostic, Failure, LayerEntry } from "@plimsoll/model";
import { itemKinds } from "./layer-protocol.ts";
import type { BatchMessage, ItemKind } from "./layer-protocol.ts";

const maxItems = 1024;
const contentBytes = 512 * 1024;

const codes = new Map<ItemKind, number>(itemKinds.map((kind, code) => [kind, code]));

/**
 * Memory for the content of so many batches, which take turns. What is sent to and fro without it is garbage of both threads: of an image of
 * some hundred megabytes it was fifty at its most, which the allocator did not give back.
 */
export class BatchMemory {
  private readonly places: (Uint8Array | undefined)[];
  private at = 0;

  constructor(batches: number) {
    this.places = Array.from({ length: batches }, () => undefined);
  }

  /** The memory of this batch. */
  place(): Uint8Array {
    return (this.places[this.at] ??= new Uint8Array(new SharedArrayBuffer(contentBytes)));
  }

  /** The batch is sent. */
  next(): void {
    this.at = (this.at + 1) % this.places.length;
  }
}

/** Collects the items of one batch. */
export class BatchBuilder {
  private codes = new Uint8Array(maxItems);
  private sizes = new Float64Array(maxItems);
  private items = 0;
  private filled = 0;
  private paths: string[] = [];
  private targets: string[] = [];
  private diagnostics: Diagnostic[] = [];
  private failures: Failure[] = [];
  private readonly memory: BatchMemory;

  constructor(memory: BatchMemory) {
    this.memory = memory;
  }

  get isEmpty(): boolean {
    return this.items === 0;
  }

  /** Whether the batch must be sent before more is added. */
  get isFull(): boolean {
    // One entry may add two items before this is asked: its file and that its content is broken.
    return this.items >= maxItems - 2 || this.filled >= contentBytes;
  }

  add(entry: LayerEntry | Diagnostic): void {
    if (entry.kind === "diagnostic") {
      this.put("diagnostic");
      this.diagnostics.push(entry);
      return;
    }
    this.paths.push(entry.path);
    if (entry.kind === "file") {
      this.put(entry.executable ? "executable" : "file", entry.size);
      return;
    }
    this.put(entry.kind);
    if (entry.kind === "symlink" || entry.kind === "hardlink") this.targets.push(entry.target);
  }

  /** Adds a copy of content of the last added file, as far as there is room; how many bytes that is. */
  chunk(bytes: Uint8Array): number {
    const part = bytes.subarray(0, contentBytes - this.filled);
    this.put("chunk", part.length);
    this.memory.place().set(part, this.filled);
    this.filled += part.length;
    return part.length;
  }

  /** Marks that the content of the last added file could not be read to its end. */
  broken(failure: Failure): void {
    this.put("broken");
    this.failures.push(failure);
  }

  /** Returns the batch, which is sent now. */
  take(): BatchMessage {
    const message: BatchMessage = {
      kind: "batch",
      codes: this.codes.slice(0, this.items),
      sizes: this.sizes.slice(0, this.items),
      paths: this.paths,
      targets: this.targets,
      content: this.filled === 0 ? new Uint8Array(0) : this.memory.place().subarray(0, this.filled),
      diagnostics: this.diagnostics,
      failures: this.failures,
    };
    if (this.filled > 0) this.memory.next();
    this.items = 0;
    this.filled = 0;
    this.paths = [];
    this.targets = [];
    this.diagnostics = [];
    this.failures = [];
    return message;
  }

  private put(kind: ItemKind, size = 0): void {
    this.codes[this.items] = codes.get(kind) ?? 0;
    this.sizes[this.items] = size;
    this.items++;
  }
}
