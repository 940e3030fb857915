import { fstatSync, readSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { compressionMagicBytes, sniffCompression } from "@plimsoll/formats";
import { readLayer } from "@plimsoll/image";
import type { LayerJob, LayerReader } from "@plimsoll/image";
import { ScanError, checkOptions, optionIs } from "@plimsoll/model";
import type { Diagnostic, EntriesOptions, LayerEntry } from "@plimsoll/model";
import { ThreadLost, readBatches } from "./batch-reader.ts";
import { openFileOf } from "./handle-bytes.ts";
import type {
  BatchMessage,
  ControlMessage,
  EndMessage,
  FileIdentity,
  StartMessage,
  WorkerMessage,
} from "./layer-protocol.ts";
import { nativeReading } from "./native-reading.ts";

/** Layers with fewer compressed bytes are read in the main thread: starting a thread would take longer. */
const minLayerBytes = 8 * 1024 * 1024;

/** So many bytes of a plain layer are as much work as one compressed byte, which expands to some three, and that is half of the work. */
const plainPerCompressed = 6;

/** After so long without work a thread ends. */
const idleMilliseconds = 5_000;

/** What a thread makes is soon sent away or let go: room for more takes memory, and spares no work. */
const maxYoungGenerationSizeMb = 6;

/** Options of {@link layerThreads}. */
export interface LayerThreadsOptions {
  /** Largest number of threads. Absent: one per processor, at most 8. */
  readonly maxThreads?: number | undefined;
  /** Layers with at least this many compressed bytes are read in a thread; of those that are not compressed, six times as many. */
  readonly minLayerBytes?: number | undefined;
  /** The compiled file of a thread's code. Absent: beside this one. */
  readonly worker?: URL | undefined;
}

/**
 * Reads large layers in worker threads, which decompress, hash and parse tar headers, and send back entries and the content that `matches` selects.
 * Layers are read in this thread, with the same result, if they are not in a file, if it is not known which content is needed, if all threads are
 * busy, or if threads are not available, such as in a bundle without the worker's file.
 */
export function layerThreads(options: LayerThreadsOptions = {}): LayerReader {
  checkOptions("layerThreads", options, {
    maxThreads: optionIs.count,
    minLayerBytes: optionIs.count,
    worker: optionIs.object,
  });
  const pool = new ThreadPool(options.maxThreads ?? Math.min(8, availableParallelism()), options.worker ?? workerUrl());
  const worthwhile = options.minLayerBytes ?? minLayerBytes;
  return async function* (job, entriesOptions) {
    const start = startMessage(job, entriesOptions, worthwhile);
    const thread = start === undefined ? undefined : await pool.acquire();
    if (start === undefined || thread === undefined) yield* readLayer(job, entriesOptions, nativeReading);
    else yield* readInThread(thread, start, job, entriesOptions, pool);
  };
}

function startMessage(
  job: LayerJob,
  options: EntriesOptions,
  worthwhile: number,
): Omit<StartMessage, "work"> | undefined {
  const { range, size } = job.blob;
  const open = range === undefined ? undefined : openFileOf(range.bytes);
  if (range === undefined || open === undefined || options.matches === undefined || size < worthwhile) return undefined;
  // They do not cross threads.
  if (options.attributes === true) return undefined;
  const { descriptor, label } = open;
  if (size < worthwhile * plainPerCompressed && !isCompressed(descriptor, range.start)) return undefined;
  const file = identityOf(descriptor);
  if (file === undefined) return undefined;
  const { ref, verify, allowance } = job;
  const { limits, matches } = options;
  const { start, end } = range;
  return { kind: "start", descriptor, label, file, start, end, ref, verify, allowance, limits, matches };
}

function isCompressed(descriptor: number, start: number): boolean {
  const head = new Uint8Array(compressionMagicBytes);
  try {
    return sniffCompression(head.subarray(0, readSync(descriptor, head, 0, head.length, start))) !== undefined;
  } catch {
    return false;
  }
}

function identityOf(descriptor: number): FileIdentity | undefined {
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    return { device: dev, inode: ino };
  } catch {
    return undefined;
  }
}

async function* readInThread(
  thread: LayerThread,
  start: Omit<StartMessage, "work">,
  job: LayerJob,
  options: EntriesOptions,
  pool: ThreadPool,
): AsyncGenerator<LayerEntry | Diagnostic> {
  const { signal } = options;
  const work = thread.begin(start, job);
  const abort = (): void => work.fail(signal?.reason);
  signal?.addEventListener("abort", abort);
  try {
    signal?.throwIfAborted();
    yield* readBatches(
      () => work.next(),
      (told) => {
        // Where nothing of the layer has come over, there is no other thread that could do it.
        if (told === 0) pool.giveUp();
        return readLayer(job, options, nativeReading);
      },
      options,
    );
  } finally {
    signal?.removeEventListener("abort", abort);
    thread.finish(work);
  }
}

/** One layer on its way through a thread. */
class Work {
  private readonly thread: Worker;
  private readonly job: LayerJob;
  private readonly number: number;
  private readonly batches: BatchMessage[] = [];
  /** Whether somebody reads in a batch that was given. */
  private isReading = false;
  private isClosed = false;
  private end: EndMessage | undefined;
  private failure: { readonly error: unknown } | undefined;
  private wake: (() => void) | undefined;

  constructor(thread: Worker, job: LayerJob, number: number) {
    this.thread = thread;
    this.job = job;
    this.number = number;
  }

  /** The next batch. The one before is used up. */
  async next(): Promise<BatchMessage | undefined> {
    if (this.isReading) this.giveBack();
    this.isReading = false;
    for (;;) {
      if (this.failure !== undefined) throw this.failure.error;
      const batch = this.batches.shift();
      if (batch !== undefined) {
        this.isReading = true;
        return batch;
      }
      if (this.end?.failure !== undefined) throw new ScanError(this.end.failure);
      if (this.end !== undefined) return undefined;
      // The process lives as long as somebody waits: not for a thread whose batches nobody takes any more.
      this.thread.ref();
      await new Promise<void>((resolve) => (this.wake = resolve));
      this.thread.unref();
    }
  }

  receive(message: BatchMessage | EndMessage): void {
    if (message.kind === "batch" && this.isClosed) this.giveBack();
    else if (message.kind === "batch") this.batches.push(message);
    else {
      this.end = message;
      // Also where nobody waits for the end any more: what was read counts.
      this.job.onBytes?.(message.bytes);
    }
    this.wake?.();
  }

  fail(error: unknown): void {
    this.failure ??= { error };
    this.wake?.();
  }

  /** Nobody reads any more: what has come, and what is still on its way, is given back as it is. */
  close(): void {
    this.isClosed = true;
    if (this.isReading) this.giveBack();
    this.isReading = false;
    for (const _ of this.batches.splice(0)) this.giveBack();
  }

  /** Tells the thread that the memory of one batch is free. */
  private giveBack(): void {
    this.thread.postMessage({ kind: "taken", work: this.number } satisfies ControlMessage);
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
  private begun = 0;
  private idle: NodeJS.Timeout | undefined;

  constructor(file: URL) {
    const resourceLimits = { maxYoungGenerationSizeMb };
    this.worker = new Worker(file, { name: "plimsoll-layer", execArgv: [], resourceLimits });
    this.started = new Promise((resolve) => {
      this.worker.on("message", (message: WorkerMessage) => {
        // Being online is not enough: the file may not be there, or may not be what it was.
        if (message.kind === "ready") this.isReady(resolve);
        else if (message.kind === "refused") this.die(new ThreadLost("the file is not open there"), resolve);
        else this.receive(message);
      });
      this.worker.on("error", (cause) => this.die(new ThreadLost("the thread broke", { cause }), resolve));
      this.worker.on("exit", () => this.die(new ThreadLost("the thread ended"), resolve));
    });
  }

  begin(start: Omit<StartMessage, "work">, job: LayerJob): Work {
    const number = ++this.begun;
    const work = new Work(this.worker, job, number);
    this.work = work;
    this.worker.postMessage({ ...start, work: number } satisfies StartMessage);
    return work;
  }

  /** Ends work before all of it was done. The thread is free for other work when it has confirmed that. */
  finish(work: Work): void {
    work.close();
    if (this.work === work) this.worker.postMessage({ kind: "stop" } satisfies ControlMessage);
  }

  reserve(): void {
    this.busy = true;
    clearTimeout(this.idle);
  }

  private isReady(resolve: (started: boolean) => void): void {
    // A process that has nothing else to do must be able to end.
    this.worker.unref();
    resolve(true);
  }

  private receive(message: BatchMessage | EndMessage): void {
    this.work?.receive(message);
    if (message.kind !== "end") return;
    this.work = undefined;
    this.busy = false;
    this.idle = setTimeout(() => this.retire(), idleMilliseconds).unref();
  }

  /** The thread is given no more work, although it takes a while to end. */
  private retire(): void {
    this.dead = true;
    void this.worker.terminate();
  }

  private die(error: ThreadLost, resolve: (started: boolean) => void): void {
    resolve(false);
    this.work?.fail(error);
    this.retire();
  }
}

/**
 * The compiled file, also for tests that run on source: Node 20 cannot run TypeScript. Undefined where a bundle in CommonJS does
 * not say where it lies.
 */
function workerUrl(): URL | undefined {
  const here: string | undefined = import.meta.url;
  if (here === undefined || !URL.canParse(here)) return undefined;
  return new URL(here.endsWith(".ts") ? "../../dist/image/layer-worker.js" : "./layer-worker.js", here);
}

/** Some engines say at once that there are no threads, or that the file is not there. */
function startThread(file: URL): LayerThread | undefined {
  try {
    return new LayerThread(file);
  } catch {
    return undefined;
  }
}

class ThreadPool {
  private readonly maxThreads: number;
  private readonly file: URL | undefined;
  private threads: LayerThread[] = [];
  /** Threads do not start here (a bundle without the worker's file, a sandbox): not tried again. */
  private broken = false;

  constructor(maxThreads: number, file: URL | undefined) {
    this.maxThreads = maxThreads;
    this.file = file;
  }

  /** Stops using threads: from now on layers are read in the main thread. */
  giveUp(): void {
    this.broken = true;
  }

  /** A free thread, or a new one where the limit allows. Undefined when all are busy, and when threads cannot be used here. */
  async acquire(): Promise<LayerThread | undefined> {
    const { file } = this;
    if (this.broken || file === undefined) return undefined;
    this.threads = this.threads.filter((thread) => !thread.dead);
    const free = this.threads.find((thread) => !thread.busy);
    if (free !== undefined) {
      free.reserve();
      return free;
    }
    if (this.threads.length >= this.maxThreads) return undefined;
    const thread = startThread(file);
    if (thread !== undefined) this.threads.push(thread);
    if (thread !== undefined && (await thread.started)) return thread;
    this.broken = true;
    return undefined;
  }
}
