/** Calls whose answers are awaited: collected while an evaluation runs, asked for together, and known to the next one. */

import { BuiltinError, RefusedBuiltin, type AsyncAnswer, type AsyncBuiltin } from "../builtins/builtin.ts";
import { termText } from "../values/text.ts";
import type { Value } from "../values/value.ts";
import { cancelled, exceeded, type Meter } from "./limits.ts";

/** How many times the answers to new calls are awaited. */
const maxRounds = 8;
/** A timer takes no more milliseconds. */
const longestTimer = 2 ** 31 - 1;

type Calls = Map<string, readonly Value[]>;

/** The answers to asynchronous calls in one query, and the calls that have none yet. */
export class AwaitedCalls {
  readonly #answers: Map<string, AsyncAnswer> = new Map();
  #missing: Map<AsyncBuiltin, Calls> = new Map();
  #rounds = 0;
  #met = 0;
  #bytes = 0;

  /** Whether a call in this round had no answer, so that the result of the round is not valid. */
  get lacks(): boolean {
    return this.#missing.size > 0;
  }

  /** Approximate size of the recorded calls and answers, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many times a call without an answer was evaluated. */
  get met(): number {
    return this.#met;
  }

  /** The answer to a call. Undefined if there is none yet; it is then requested before the next round. */
  answer(builtin: AsyncBuiltin, args: readonly Value[], charge: (bytes: number) => void): Value | undefined {
    const key = keyOf(builtin, args);
    if (this.#answers.has(key)) {
      const answer = this.#answers.get(key);
      if (answer instanceof BuiltinError) throw answer;
      return answer;
    }
    const calls: Calls = this.#missing.get(builtin) ?? new Map();
    if (!calls.has(key)) {
      const bytes = 64 + 2 * key.length;
      this.#bytes += bytes;
      charge(bytes);
    }
    this.#missing.set(builtin, calls.set(key, args));
    this.#met++;
    return undefined;
  }

  /** Requests all missing answers: each function is called once, all functions concurrently. */
  async settle(meter: Meter, signal: AbortSignal | undefined): Promise<void> {
    if (++this.#rounds > maxRounds) throw exceeded(`more than ${maxRounds} rounds of asynchronous calls`);
    const missing = this.#missing;
    this.#missing = new Map();
    const stop = new AbortController();
    const work = [...missing].map(([builtin, calls]) => this.#ask(builtin, calls, stop.signal));
    await inTime(Promise.all(work), meter, signal, stop);
  }

  async #ask(builtin: AsyncBuiltin, calls: Calls, signal: AbortSignal): Promise<void> {
    let answers: readonly AsyncAnswer[];
    try {
      answers = await builtin.answer([...calls.values()], { signal });
      if (!Array.isArray(answers) || answers.length !== calls.size)
        throw new TypeError(`${calls.size} calls need a list of ${calls.size} answers`);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // A failure of one call is undefined in policies, as of any function; that none could be asked is not.
      const failure = error instanceof BuiltinError ? error : new RefusedBuiltin(message);
      answers = [...calls].map(() => failure);
    }
    let index = 0;
    for (const key of calls.keys()) this.#answers.set(key, answers[index++]);
  }
}

/** Arguments by what they are, so that equal ones are asked for once. */
function keyOf(builtin: AsyncBuiltin, args: readonly Value[]): string {
  return `${builtin.name}${termText(args)}`;
}

/** Waits for work, but no longer than the time of an evaluation, nor after the caller has given up. */
async function inTime(
  work: Promise<unknown>,
  meter: Meter,
  signal: AbortSignal | undefined,
  stop: AbortController,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let giveUp: (() => void) | undefined;
  try {
    await new Promise<unknown>((resolve, reject) => {
      const left = meter.millisecondsLeft();
      if (left <= longestTimer) timer = setTimeout(() => reject(meter.outOfTime()), Math.max(0, left));
      giveUp = () => reject(cancelled());
      if (signal?.aborted === true) giveUp();
      else signal?.addEventListener("abort", giveUp);
      work.then(resolve, reject);
    });
  } finally {
    clearTimeout(timer);
    if (giveUp !== undefined) signal?.removeEventListener("abort", giveUp);
    stop.abort();
  }
}
