import type { Diagnostic, Failure, FileMatcher, LayerEntry, LayerRef, Limits } from "@plimsoll/model";

/**
 * Main thread to worker: read this file. In most runtimes a file descriptor is valid in every thread of the process; where it is not (Deno), `file`
 * reveals that.
 */
export interface StartMessage {
  readonly kind: "start";
  /** Which work of this thread it is: no two have the same number. */
  readonly work: number;
  readonly descriptor: number;
  /** How messages name the file. */
  readonly label: string;
  readonly file: FileIdentity;
  readonly start: number;
  readonly end: number;
  readonly ref: LayerRef;
  readonly verify: boolean;
  readonly allowance: number;
  readonly limits: Limits;
  readonly matches: readonly FileMatcher[];
}

/** What `fstat` tells of an open file, by which two descriptors of one file are recognised. */
export interface FileIdentity {
  readonly device: bigint;
  readonly inode: bigint;
}

/** Worker to main thread: the worker's code is loaded, so that work can be sent. A worker whose file is missing never sends this. */
export interface ReadyMessage {
  readonly kind: "ready";
}

/** Worker to main thread: the descriptor is invalid here or belongs to another file; nothing was read, and this thread cannot read files. */
export interface RefusedMessage {
  readonly kind: "refused";
}

/** Messages from a worker. */
export type WorkerMessage = ReadyMessage | RefusedMessage | BatchMessage | EndMessage;

/** Main thread to worker: a batch of that work is used up, so that another one may be sent, or the rest is not needed. */
export type ControlMessage = { readonly kind: "taken"; readonly work: number } | { readonly kind: "stop" };

/** Kinds of items in a batch; the names of entries are those of the model. */
export type ItemKind = Exclude<LayerEntry["kind"], "file"> | "file" | "executable" | "chunk" | "broken" | "diagnostic";

/** Item kinds by their code in a batch. `chunk` is content of the file before it; `broken`: more of it cannot be read. */
export const itemKinds: readonly ItemKind[] = [
  "file",
  "executable",
  "directory",
  "symlink",
  "hardlink",
  "other",
  "whiteout",
  "opaque",
  "chunk",
  "broken",
  "diagnostic",
];

/** Some hundred items as columns, which are sent between threads several times faster than objects. */
export interface BatchMessage {
  readonly kind: "batch";
  /** Codes of {@link itemKinds}. */
  readonly codes: Uint8Array;
  /** Bytes of files and of chunks; 0 for others. */
  readonly sizes: Float64Array;
  /** Paths of entries, in order. */
  readonly paths: readonly string[];
  /** Targets of links, in order. */
  readonly targets: readonly string[];
  /** All chunks, one behind the other, in memory that both threads see. It is used again when the batch is said to be taken. */
  readonly content: Uint8Array;
  readonly diagnostics: readonly Diagnostic[];
  /** Why content could not be read, in order. */
  readonly failures: readonly Failure[];
}

/** Worker to main thread: the layer is finished, and the worker is free. */
export interface EndMessage {
  readonly kind: "end";
  /** Number of uncompressed bytes. */
  readonly bytes: number;
  /** Why reading failed, for reasons other than a damaged layer. */
  readonly failure?: Failure;
}
