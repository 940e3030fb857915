import { fstatSync, readSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { rangeBlob, readLayer } from "@plimsoll/image";
import type { LayerJob } from "@plimsoll/image";
import { ScanError, compileMatchers } from "@plimsoll/model";
import type { CompiledMatchers, Diagnostic, Failure, LayerEntry, LayerFile, RandomAccessBytes } from "@plimsoll/model";
import { errorMessage } from "../system-errors.ts";
import { BatchBuilder, BatchMemory } from "./batch-builder.ts";
import { chunkBytes, readingFailed } from "./handle-bytes.ts";
import type { ControlMessage, EndMessage, ReadyMessage, RefusedMessage, StartMessage } from "./layer-protocol.ts";
import { nativeReading } from "./native-reading.ts";

/** Batches on their way or being read at most: bounds the memory of a reader that is slower than this thread. */
const maxInFlight = 4;

if (parentPort !== null) serve(parentPort);

function serve(port: MessagePort): void {
  /** Those of which batches are on their way. */
  const flows = new Map<number, Flow>();
  const free: BatchMemory[] = [];
  let current: Flow | undefined;
  port.postMessage({ kind: "ready" } satisfies ReadyMessage);
  port.on("message", (message: StartMessage | ControlMessage) => {
    if (message.kind === "start" && !isSameFile(message))
      port.postMessage({ kind: "refused" } satisfies RefusedMessage);
    else if (message.kind === "start") {
      // Another layer's batches may still be read: its memory is not waited for.
      const memory = free.pop() ?? new BatchMemory(maxInFlight + 1);
      const flow = new Flow(memory, () => {
        flows.delete(message.work);
        free.push(memory);
      });
      flows.set(message.work, flow);
      current = flow;
      void run(port, message, flow);
    } else if (message.kind === "taken") flows.get(message.work)?.taken();
    else current?.stop();
  });
}

/** Whether the descriptor stands for the file that it stands for in the main thread. */
function isSameFile({ descriptor, file }: StartMessage): boolean {
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    return dev === file.device && ino === file.inode;
  } catch {
    return false;
  }
}

/** Counts the batches that the main thread has not given back yet, and makes the worker wait when there are too many. */
class Flow {
  readonly memory: BatchMemory;
  private readonly onFree: () => void;
  private readonly stopping = new AbortController();
  private inFlight = 0;
  private isOver = false;
  private wake: (() => void) | undefined;

  /** @param onFree called once, when all is sent and given back, so that the memory may be used again */
  constructor(memory: BatchMemory, onFree: () => void) {
    this.memory = memory;
    this.onFree = onFree;
  }

  /** Aborted once the main thread needs no more. */
  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  get stopped(): boolean {
    return this.signal.aborted;
  }

  /** Waits until another batch may be sent; false when none is needed any more. */
  async ready(): Promise<boolean> {
    while (this.inFlight >= maxInFlight && !this.stopped) await new Promise<void>((resolve) => (this.wake = resolve));
    if (!this.stopped) this.inFlight++;
    return !this.stopped;
  }

  taken(): void {
    this.inFlight--;
    this.wake?.();
    if (this.isOver && this.inFlight === 0) this.onFree();
  }

  stop(): void {
    this.stopping.abort();
    this.wake?.();
  }

  /** Nothing more is sent. */
  over(): void {
    this.isOver = true;
    if (this.inFlight === 0) this.onFree();
  }
}

async function run(port: MessagePort, start: StartMessage, flow: Flow): Promise<void> {
  let bytes = 0;
  let end: EndMessage;
  try {
    const job: LayerJob = {
      ref: start.ref,
      verify: start.verify,
      allowance: start.allowance,
      blob: rangeBlob(fileBytes(start), start.start, start.end),
      onBytes: (produced) => (bytes = produced),
    };
    // What nobody needs any more is not even skipped: the thread is free for other work.
    const entries = readLayer(job, { limits: start.limits, signal: flow.signal, recycle: true }, nativeReading);
    await send(port, flow, entries, compileMatchers([start.matches]));
    end = { kind: "end", bytes };
  } catch (error) {
    const failure: Failure =
      error instanceof ScanError
        ? error.failure
        : { kind: "malformed-image", label: start.label, reason: errorMessage(error) };
    end = { kind: "end", bytes, failure };
  }
  port.postMessage(end);
  flow.over();
}

/** The bytes of the main thread's file up to the end of the layer, which can be read from any offset as they can there. */
function fileBytes({ descriptor, label, end: size }: StartMessage): RandomAccessBytes {
  return {
    size,
    async *read(start, end) {
      // One buffer for all pieces: the bytes of one are used up before the next one.
      const buffer = new Uint8Array(Math.max(0, Math.min(chunkBytes, end - start)));
      for (let at = start; at < end;) {
        const count = readAt(descriptor, buffer.subarray(0, end - at), at, label);
        if (count === 0) return;
        yield buffer.subarray(0, count);
        at += count;
      }
    },
  };
}

function readAt(descriptor: number, buffer: Uint8Array, at: number, label: string): number {
  try {
    return readSync(descriptor, buffer, 0, buffer.length, at);
  } catch (error) {
    throw readingFailed(label, error);
  }
}

async function send(
  port: MessagePort,
  flow: Flow,
  entries: AsyncIterable<LayerEntry | Diagnostic>,
  wanted: CompiledMatchers,
): Promise<void> {
  const batch = new BatchBuilder(flow.memory);
  async function flush(): Promise<void> {
    if (await flow.ready()) port.postMessage(batch.take());
  }
  for await (const entry of entries) {
    batch.add(entry);
    if (entry.kind === "file") await sendContent(entry, wanted, batch, flow, flush);
    if (batch.isFull) await flush();
    if (flow.stopped) return;
  }
  if (!batch.isEmpty) await flush();
}

/** Content that cannot be read further is the file's fate alone: the layer says itself whether it goes on. */
async function sendContent(
  file: LayerFile,
  wanted: CompiledMatchers,
  batch: BatchBuilder,
  flow: Flow,
  flush: () => Promise<void>,
): Promise<void> {
  try {
    for await (const part of contentOf(file, wanted)) {
      for (let at = 0; at < part.length;) {
        at += batch.chunk(part.subarray(at));
        if (batch.isFull) await flush();
        if (flow.stopped) return;
      }
    }
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
    batch.broken(error.failure);
  }
}

/** What of a file's content the other side may ask for, in bytes that may change when more is asked for. */
async function* contentOf(file: LayerFile, wanted: CompiledMatchers): AsyncGenerator<Uint8Array> {
  if (wanted.byPath(file.path) !== undefined) {
    yield* file.content();
    return;
  }
  const length = wanted.magicLength(file.executable);
  if (length === 0 || file.size === 0) return;
  let head: Uint8Array = new Uint8Array(0);
  let decided = false;
  for await (const part of file.content()) {
    if (decided) {
      yield part;
      continue;
    }
    head = head.length === 0 ? part : Buffer.concat([head, part]);
    if (head.length < length && head.length < file.size) {
      head = head.slice();
      continue;
    }
    if (wanted.byMagic(head.subarray(0, length), file.executable) === undefined) {
      yield head.subarray(0, length);
      return;
    }
    decided = true;
    yield head;
  }
}
