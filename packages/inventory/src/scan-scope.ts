import { ScanError } from "@plimsoll/model";

/** The lifetime of one scan: ends with its work, with the caller's signal, or when its time is up. */
export interface ScanScope {
  readonly signal: AbortSignal;
  /** Stops everything that is still running for the scan. */
  abort(reason: unknown): void;
  /** Removes the timer and the listener on the caller's signal. */
  end(): void;
}

/** A scope under the caller's signal and, when given, a limit of time in milliseconds. */
export function openScope(outer: AbortSignal | undefined, milliseconds: number | undefined): ScanScope {
  // AbortSignal.any would do, but keeps every scan alive as long as a long-lived outer signal on some Node 20 releases.
  const controller = new AbortController();
  const follow = (): void => controller.abort(outer?.reason);
  if (outer?.aborted === true) follow();
  outer?.addEventListener("abort", follow, { once: true });
  const timer =
    milliseconds === undefined
      ? undefined
      : setTimeout(() => controller.abort(outOfTime(milliseconds)), Math.min(milliseconds, maxTimerMilliseconds));
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    end() {
      clearTimeout(timer);
      outer?.removeEventListener("abort", follow);
    },
  };
}

/** Timers take 31 bits. */
const maxTimerMilliseconds = 0x7fffffff;

function outOfTime(milliseconds: number): ScanError {
  return new ScanError({ kind: "limit-exceeded", what: "The time of the scan, in milliseconds,", limit: milliseconds });
}

/**
 * Runs `work` on every item, at most `width` at once; results are in the order of the items. The first failure aborts
 * the scope, and is thrown once everything has stopped.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  scope: ScanScope,
  work: (item: T, position: number) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const failures: unknown[] = [];
  let next = 0;
  async function worker(): Promise<void> {
    while (next < items.length && failures.length === 0) {
      const position = next++;
      try {
        scope.signal.throwIfAborted();
        results[position] = await work(items[position] as T, position); // position is below length
      } catch (error) {
        failures.push(error);
        scope.abort(error);
      }
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, Math.min(width, items.length)) }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
}
