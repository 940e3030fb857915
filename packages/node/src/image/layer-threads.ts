import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { readLayer } from "@plimsoll/image";
import type { LayerJob, LayerReader } from "@plimsoll/image";
import { ScanError } from "@plimsoll/model";
import type { Diagnostic, EntriesOptions, LayerEntry } from "@plimsoll/model";
import { readBatches } from "./batch-reader.ts";
import { descriptorOf } from "./handle-bytes.ts";
import type { BatchMessage, ControlMessage, EndMessage, StartMessage } from "./layer-protocol.ts";
import { nativeReading } from "./native-reading.ts";

/** Smaller layers are read in less time than a thread takes to start. */
const minLayerBytes = 8 * 1024 * 1024;

/** A thread that had nothing to do for this long ends. */
const idleMilliseconds = 5_000;

export interface LayerThreadsOptions {
  /** Threads at most; absent: one per processor, at most 8. */
  readonly maxThreads?: number | undefined;
  /** Stored bytes from which on a layer is worth a thread. */
  readonly minLayerBytes?: number | undefined;
}

/**
 * Reads large layers in threads of their own: decompression, hashing and the tar headers happen there, entries and the
 * content that `matches` asks for come over. Whatever cannot be sent there (no file behind it, content of unknown use,
 * all threads busy, no threads at all) is read in this thread, with the same result.
 */
export function layerThreads(options: LayerThreadsOptions = {}): LayerReader {
  const pool = new ThreadPool(options.maxThreads ?? Math.min(8, availableParallelism()));
  const worthwhile = options.minLayerBytes ?? minLayerBytes;
  return async function* (job, entriesOptions) {
    const start = startMessage(job, entriesOptions, worthwhile);
    const thread = start === undefined ? undefined : await pool.acquire();
    if (start === undefined || thread === undefined) yield* readLayer(job, entriesOptions, nativeReading);
    else yield* readInThread(thread, start, job, entriesOptions);
  };
}

function startMessage(job: LayerJob, options: EntriesOptions, worthwhile: number): StartMessage | undefined {
  const { range, size } = job.blob;
  const descriptor = range === undefined ? undefined : descriptorOf(range.bytes);
  if (range === undefined || descriptor === undefined || options.matches === undefined || size < worthwhile)
    return undefined;
  // They do not cross threads.
  if (options.attributes === true) return undefined;
  const { ref, verify, allowance } = job;
  const { limits, matches } = options;
  return { kind: "start", descriptor, start: range.start, end: range.end, ref, verify, allowance, limits, matches };
}

async function* readInThread(
  thread: LayerThread,
  start: StartMessage,
  job: LayerJob,
  { signal }: EntriesOptions,
): AsyncGenerator<LayerEntry | Diagnostic> {
  const work = thread.begin(start);
  const abort = (): void => work.fail(signal?.reason);
  signal?.addEventListener("abort", abort);
  try {
    signal?.throwIfAborted();
    yield* readBatches(() => work.next());
    job.onBytes?.(work.bytes);
  } finally {
    signal?.removeEventListener("abort", abort);
    thread.finish(work);
  }
}

/** One layer on its way through a thread. */
class Work {
  bytes = 0;
  private readonly thread: Worker;
  private readonly batches: BatchMessage[] = [];
  private ended = false;
  private failure: { readonly error: unknown } | undefined;
  private wake: (() => void) | undefined;

  constructor(thread: Worker) {
    this.thread = thread;
  }

  async next(): Promise<BatchMessage | undefined> {
    for (;;) {
      if (this.failure !== undefined) throw this.failure.error;
      const batch = this.batches.shift();
      if (batch !== undefined) {
        this.thread.postMessage({ kind: "taken" } satisfies ControlMessage);
        return batch;
      }
      if (this.ended) return undefined;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  receive(message: BatchMessage | EndMessage): void {
    if (message.kind === "batch") this.batches.push(message);
    else {
      this.bytes = message.bytes;
      this.ended = true;
      if (message.error !== undefined)
        this.failure ??= { error: new ScanError({ kind: "malformed-image", label: "layer", reason: message.error }) };
    }
    this.wake?.();
  }

  fail(error: unknown): void {
    this.failure ??= { error };
    this.wake?.();
  }
}

/** A worker and what it is doing. */
class LayerThread {
  readonly worker: Worker;
  /** Resolves once it runs; false when it cannot. */
  readonly started: Promise<boolean>;
  busy = true;
  dead = false;
  private work: Work | undefined;
  private idle: NodeJS.Timeout | undefined;

  constructor() {
    this.worker = new Worker(workerUrl(), { name: "plimsoll-layer", execArgv: [] });
    this.worker.on("message", (message: BatchMessage | EndMessage) => this.receive(message));
    this.started = new Promise((resolve) => {
      this.worker.once("online", () => resolve(true));
      this.worker.on("error", (error) => this.die(error, resolve));
      this.worker.on("exit", () => this.die(new Error("the thread ended"), resolve));
    });
  }

  begin(start: StartMessage): Work {
    const work = new Work(this.worker);
    this.work = work;
    this.worker.ref();
    this.worker.postMessage(start);
    return work;
  }

  /** Leaves the rest of the work; the thread is free again once it says so. */
  finish(work: Work): void {
    if (this.work === work) this.worker.postMessage({ kind: "stop" } satisfies ControlMessage);
  }

  reserve(): void {
    this.busy = true;
    clearTimeout(this.idle);
  }

  private receive(message: BatchMessage | EndMessage): void {
    this.work?.receive(message);
    if (message.kind !== "end") return;
    this.work = undefined;
    this.busy = false;
    // A process that has nothing else to do must be able to end.
    this.worker.unref();
    this.idle = setTimeout(() => void this.worker.terminate(), idleMilliseconds).unref();
  }

  private die(error: unknown, resolve: (started: boolean) => void): void {
    this.dead = true;
    resolve(false);
    this.work?.fail(error);
  }
}

/** The compiled file, also for tests that run on source: Node 20 cannot run TypeScript. */
function workerUrl(): URL {
  const isSource = import.meta.url.endsWith(".ts");
  return new URL(isSource ? "../../dist/image/layer-worker.js" : "./layer-worker.js", import.meta.url);
}

class ThreadPool {
  private readonly maxThreads: number;
  private threads: LayerThread[] = [];
  /** Threads do not start here (a bundle without the worker's file, a sandbox): not tried again. */
  private broken = false;

  constructor(maxThreads: number) {
    this.maxThreads = maxThreads;
  }

  /** A thread with nothing to do; undefined when there is none to be had now. */
  async acquire(): Promise<LayerThread | undefined> {
    if (this.broken) return undefined;
    this.threads = this.threads.filter((thread) => !thread.dead);
    const free = this.threads.find((thread) => !thread.busy);
    if (free !== undefined) {
      free.reserve();
      return free;
    }
    if (this.threads.length >= this.maxThreads) return undefined;
    const thread = new LayerThread();
    this.threads.push(thread);
    if (await thread.started) return thread;
    this.broken = true;
    return undefined;
  }
}
