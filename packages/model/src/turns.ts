import type { CallOptions } from "./bytes.ts";

/**
 * Work between two turns of the event loop, in bytes looked at: a few milliseconds of it, and some more where code runs for the first
 * time. Counted over everything that runs in a thread, since scans that run at once keep others waiting together.
 */
const bytesPerTurn = 256 * 1024;

let done = 0;
let turn: Promise<void> | undefined;

/**
 * Counts work, so that a long run of it keeps neither timers nor input waiting: await what this gives before doing more. It is
 * undefined as long as there was little work, and else resolves in the next turn of the event loop. Chains of settled promises alone
 * never let anybody else have a turn.
 * @param bytes how many bytes were looked at; for work that is no reading, as many as would have taken about as long
 */
export function workDone(bytes: number): Promise<void> | undefined {
  // Nobody gives back what was spent.
  done += Math.max(0, bytes);
  if (done < bytesPerTurn) return undefined;
  turn ??= nextTurn().then(() => {
    done = 0;
    turn = undefined;
  });
  return turn;
}

/**
 * Does work that is written in portions, with turns of the event loop for others in between (see {@link workDone}), and gives what it comes to.
 * @param steps stops after each portion, and tells about as long as looking at how many bytes it took
 * @throws the signal's reason, once it is aborted
 */
export async function inTurns<T>(
  steps: Generator<number, T, undefined>,
  { signal }: Pick<CallOptions, "signal"> = {},
): Promise<T> {
  for (;;) {
    signal?.throwIfAborted();
    const { done, value } = steps.next();
    if (done === true) return value;
    // To wait for nothing takes its time, too.
    const turn = workDone(value);
    if (turn !== undefined) await turn;
  }
}

/** So many are sorted at once, in about a millisecond. */
const run = 1_024;
/** A comparison takes about as long as looking at so many bytes. */
const bytesPerComparison = 64;

/** A sorted copy, as `toSorted` makes it, made in portions (see {@link workDone}). */
export function sortedInTurns<T>(items: readonly T[], compare: (a: T, b: T) => number): Promise<readonly T[]> {
  return inTurns(sortedSteps(items, compare));
}

/** The same for who does other work in portions, too (see {@link inTurns}). */
export function* sortedSteps<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
): Generator<number, readonly T[], undefined> {
  if (items.length <= run) return items.toSorted(compare);
  let from: T[] = [];
  for (let at = 0; at < items.length; at += run) {
    from.push(...items.slice(at, at + run).sort(compare));
    yield run * 10 * bytesPerComparison;
  }
  let to = from.slice();
  for (let width = run; width < from.length; width *= 2) {
    for (let at = 0; at < from.length; at += 2 * width) {
      const middle = Math.min(at + width, from.length);
      const end = Math.min(middle + width, from.length);
      let [left, right] = [at, middle];
      for (let next = at; next < end; next++) {
        // Of equals the earlier one goes first, as sorting promises.
        const takesLeft = left < middle && (right >= end || compare(from[left] as T, from[right] as T) <= 0); // as: both are within their runs
        to[next] = from[takesLeft ? left++ : right++] as T; // as: one of the two runs has something left
        if (next % run === 0) yield run * bytesPerComparison;
      }
    }
    [from, to] = [to, from];
  }
  return from;
}

/** Taken once: tests put other timers in their place. */
const { setTimeout } = globalThis;
const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => unknown }; // as: engines of servers have it

/** Timers of browsers wait four milliseconds, messages do not; Node and its kin have what waits for nothing but input. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") setImmediate(resolve);
    else if (typeof MessageChannel === "function") {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(undefined);
    } else setTimeout(resolve, 0);
  });
}
