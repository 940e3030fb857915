import type { Diagnostic, Failure, FileMatcher, LayerEntry, LayerRef, Limits } from "@plimsoll/model";

/**
 * Main thread to worker: read this. Where open files are the process's, a descriptor means the same in every thread; where they
 * are a thread's own (Deno), `file` tells that it does not.
 */
export interface StartMessage {
  readonly kind: "start";
  readonly descriptor: number;
  readonly file: FileIdentity;
  readonly start: number;
  readonly end: number;
  readonly ref: LayerRef;
  readonly verify: boolean;
  readonly allowance: number;
  readonly limits: Limits;
  readonly matches: readonly FileMatcher[];
}

/** Which file a descriptor stands for, as `fstat` tells. */
export interface FileIdentity {
  readonly device: bigint;
  readonly inode: bigint;
}

/** Worker to main thread: the code is there and runs, so that work may be sent. A thread without its file never says so. */
export interface ReadyMessage {
  readonly kind: "ready";
}

/** Worker to main thread: the descriptor is another file's here, or none; nothing was read, and nothing can be in this thread. */
export interface RefusedMessage {
  readonly kind: "refused";
}

/** All that comes from a worker. */
export type WorkerMessage = ReadyMessage | RefusedMessage | BatchMessage | EndMessage;

/** Main thread to worker: a batch was taken, another one may be sent; or: nobody wants the rest. */
export interface ControlMessage {
  readonly kind: "taken" | "stop";
}

/** What a batch holds, item by item; the names of entries are those of the model. */
export type ItemKind =
  | Exclude<LayerEntry["kind"], "file">
  | "file"
  | "executable"
  | "chunk"
  | "cut"
  | "broken"
  | "diagnostic";

/** Item kinds by their code in a batch. `chunk` is content of the file before it; `cut`: more of it was not asked for; `broken`: more of it cannot be read. */
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
  "cut",
  "broken",
  "diagnostic",
];

/** Some hundred items in columns, which cross threads several times faster than objects do. */
export interface BatchMessage {
  readonly kind: "batch";
  /** Codes of {@link itemKinds}. */
  readonly codes: Uint8Array;
  /** Bytes of files; 0 for others. */
  readonly sizes: Float64Array;
  /** Paths of entries, in order. */
  readonly paths: readonly string[];
  /** Targets of links, in order. */
  readonly targets: readonly string[];
  readonly chunks: readonly Uint8Array[];
  readonly diagnostics: readonly Diagnostic[];
  /** Why content broke off, in order. */
  readonly failures: readonly Failure[];
}

/** Worker to main thread: that was all, and the worker is free. */
export interface EndMessage {
  readonly kind: "end";
  /** Plain bytes produced. */
  readonly bytes: number;
  /** Why reading failed, when it was not the layer's fault. */
  readonly error?: string;
}
