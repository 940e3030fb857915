import type { TransferListItem } from "node:worker_threads";
import type { Diagnostic, Failure, LayerEntry } from "@plimsoll/model";
import { itemKinds } from "./layer-protocol.ts";
import type { BatchMessage, ItemKind } from "./layer-protocol.ts";

const maxItems = 1024;
const maxChunkBytes = 512 * 1024;

const codes = new Map<ItemKind, number>(itemKinds.map((kind, code) => [kind, code]));

/** Collects the items of one batch. */
export class BatchBuilder {
  private codes = new Uint8Array(maxItems);
  private sizes = new Float64Array(maxItems);
  private items = 0;
  private chunkBytes = 0;
  private paths: string[] = [];
  private targets: string[] = [];
  private chunks: Uint8Array[] = [];
  private diagnostics: Diagnostic[] = [];
  private failures: Failure[] = [];

  get isEmpty(): boolean {
    return this.items === 0;
  }

  /** Whether the batch must be sent before more is added. */
  get isFull(): boolean {
    // One entry may add two items before this is asked: its file and that its content is broken.
    return this.items >= maxItems - 2 || this.chunkBytes >= maxChunkBytes;
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

  /** Adds content of the last added file; the caller must not use the bytes afterwards. */
  chunk(bytes: Uint8Array): void {
    this.put("chunk");
    this.chunks.push(bytes);
    this.chunkBytes += bytes.length;
  }

  /** Marks that the content of the last added file could not be read to its end. */
  broken(failure: Failure): void {
    this.put("broken");
    this.failures.push(failure);
  }

  /** Returns the batch, and the buffers to transfer instead of copying. */
  take(): { readonly message: BatchMessage; readonly transfer: TransferListItem[] } {
    const message: BatchMessage = {
      kind: "batch",
      codes: this.codes.slice(0, this.items),
      sizes: this.sizes.slice(0, this.items),
      paths: this.paths,
      targets: this.targets,
      chunks: this.chunks,
      diagnostics: this.diagnostics,
      failures: this.failures,
    };
    // Small ones are cheaper to copy than to move.
    const transfer = this.chunks.flatMap(({ buffer, byteLength }) =>
      buffer instanceof ArrayBuffer && byteLength > 65_536 && byteLength === buffer.byteLength ? [buffer] : [],
    );
    this.items = 0;
    this.chunkBytes = 0;
    this.paths = [];
    this.targets = [];
    this.chunks = [];
    this.diagnostics = [];
    this.failures = [];
    return { message, transfer };
  }

  private put(kind: ItemKind, size = 0): void {
    this.codes[this.items] = codes.get(kind) ?? 0;
    this.sizes[this.items] = size;
    this.items++;
  }
}
