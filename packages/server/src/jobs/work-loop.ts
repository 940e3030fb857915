import type { Job, JobKind, JobQueue } from "./job-queue.ts";

/** Takes and runs jobs of one kind until it is stopped. */
export interface WorkLoop {
  /** Looks for a job now instead of after the interval. */
  wake(): void;
  /** Takes no further jobs; resolves when the running ones are done. After `grace` milliseconds they are aborted and returned to the queue. */
  stop(grace: number): Promise<void>;
}

export interface WorkLoopOptions {
  readonly queue: JobQueue;
  readonly kind: JobKind;
  /** Jobs that run at a time. */
  readonly concurrency: number;
  /** Milliseconds between checks for jobs that other processes added. */
  readonly interval: number;
  /** Runs a job and completes it; if it rejects, the job is returned to the queue. */
  work(job: Job, signal: AbortSignal): Promise<void>;
  /** Called when a job failed; `final`: it will not be retried. */
  onFailure(job: Job, error: unknown, final: boolean): Promise<void> | void;
  /** Called when the queue cannot be read. */
  onError(error: unknown): void;
}

/** Starts the loop. */
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
