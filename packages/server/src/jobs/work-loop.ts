import type { Job, JobKind, JobQueue } from "./job-queue.ts";

/** Works on the jobs of one kind until it is stopped. */
export interface WorkLoop {
  /** There may be work: look now instead of at the next turn. */
  wake(): void;
  /** Takes no further job; resolves when those that run are done. After `grace` milliseconds they are aborted and given back. */
  stop(grace: number): Promise<void>;
}

export interface WorkLoopOptions {
  readonly queue: JobQueue;
  readonly kind: JobKind;
  /** Jobs at a time. */
  readonly concurrency: number;
  /** Milliseconds between looks for jobs that other processes added. */
  readonly interval: number;
  /** Does the job and completes it; what it throws gives the job back. */
  work(job: Job, signal: AbortSignal): Promise<void>;
  /** Told of jobs that failed; `final`: they will not be tried again. */
  onFailure(job: Job, error: unknown, final: boolean): Promise<void> | void;
  /** Told when the queue cannot be asked. */
  onError(error: unknown): void;
}

/** Starts working. */
export function startWorkLoop(options: WorkLoopOptions): WorkLoop {
  const stopped = new AbortController();
  const aborted = new AbortController();
  const idle = new Set<() => void>();
  const slots = Array.from({ length: options.concurrency }, () =>
    runSlot(options, { stopped: stopped.signal, aborted: aborted.signal }, idle),
  );
  const wake = (): void => {
    for (const resume of idle) resume();
  };
  return {
    wake,
    async stop(grace) {
      stopped.abort();
      wake();
      const timer = setTimeout(() => aborted.abort(new Error("The service is shutting down")), grace);
      await Promise.all(slots);
      clearTimeout(timer);
    },
  };
}

interface Signals {
  readonly stopped: AbortSignal;
  readonly aborted: AbortSignal;
}

async function runSlot(options: WorkLoopOptions, signals: Signals, idle: Set<() => void>): Promise<void> {
  const { stopped, aborted } = signals;
  while (!stopped.aborted) {
    let job: Job | undefined;
    try {
      job = await options.queue.fetch(options.kind);
    } catch (error) {
      if (!stopped.aborted) options.onError(error);
    }
    if (job === undefined) await rest(options.interval, stopped, idle);
    else await runJob(job, options, aborted);
  }
}

async function runJob(job: Job, options: WorkLoopOptions, aborted: AbortSignal): Promise<void> {
  try {
    await options.work(job, aborted);
  } catch (error) {
    try {
      const again = await options.queue.fail(job, error instanceof Error ? error.message : String(error));
      await options.onFailure(job, error, !again);
    } catch (problem) {
      // The database is gone, too: the job expires and somebody takes it up.
      options.onError(problem);
    }
  }
}

function rest(milliseconds: number, stopped: AbortSignal, idle: Set<() => void>): Promise<void> {
  if (stopped.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const resume = (): void => {
      clearTimeout(timer);
      idle.delete(resume);
      resolve();
    };
    const timer = setTimeout(resume, milliseconds);
    idle.add(resume);
  });
}
