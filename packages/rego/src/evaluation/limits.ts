/** Limits of an evaluation. One that exceeds a limit ends in a RegoError with the code `limit_exceeded`. */

import type { WorkBudget } from "@plimsoll/model";
import { RegoError } from "../syntax/errors.ts";
import type { Payer } from "../values/work.ts";

/** Limits on one evaluation. */
export interface Limits {
  /** Steps: bindings tried, calls made, members searched; 16 members that are compared or written count as one. Default: 10 million. */
  readonly steps?: number;
  /** How deep rules and functions may call each other. Default: 512. */
  readonly depth?: number;
  /** How long the evaluation may take, in milliseconds. `Infinity`: any time. Default: 5,000. */
  readonly milliseconds?: number;
  /** Approximate bytes of the values that the evaluation makes. Default: 64 MiB. */
  readonly bytes?: number;
}

const defaults: Required<Limits> = { steps: 10_000_000, depth: 512, milliseconds: 5000, bytes: 64 * 1024 * 1024 };

const names = Object.keys(defaults);

/** Returns limits with defaults for absent ones. @throws {TypeError} for unknown names, and for values that are not positive numbers. */
export function settleLimits(limits?: Limits): Required<Limits> {
  if (limits === undefined) return defaults;
  if (typeof limits !== "object" || limits === null) throw new TypeError("limits must be an object");
  for (const [name, value] of Object.entries(limits)) {
    if (!names.includes(name)) throw new TypeError(`unknown limit: ${name}`);
    if (value !== undefined && (typeof value !== "number" || Number.isNaN(value) || value <= 0)) {
      throw new TypeError(`limit ${name} must be a positive number`);
    }
  }
  return {
    steps: limits.steps ?? defaults.steps,
    depth: limits.depth ?? defaults.depth,
    milliseconds: limits.milliseconds ?? defaults.milliseconds,
    bytes: limits.bytes ?? defaults.bytes,
  };
}

const stepsBetweenChecks = 1024;

/** Counts the steps, time and bytes of an evaluation. */
export class Meter implements Payer {
  readonly #limits: Required<Limits>;
  readonly #signal: AbortSignal | undefined;
  readonly #clock: () => number;
  readonly #start: number;
  readonly #budget: WorkBudget | undefined;
  #steps = 0;
  /** Steps that the budget has been told of. */
  #told = 0;
  #nextCheck = stepsBetweenChecks;
  #bytes = 0;
  depth = 0;

  /**
   * @param clock Returns milliseconds; it is not called if there is no limit of time.
   * @param budget A work budget that this evaluation shares with others.
   */
  constructor(limits: Required<Limits>, clock: () => number, signal?: AbortSignal, budget?: WorkBudget) {
    this.#limits = limits;
    this.#clock = clock;
    this.#signal = signal;
    this.#budget = budget;
    this.#start = limits.milliseconds === Infinity ? 0 : clock();
    if (signal?.aborted === true) throw cancelled();
    if (!this.tellBudget()) throw spent();
  }

  /** The number of steps so far. */
  get steps(): number {
    return this.#steps;
  }

  /** The number of bytes counted so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether rules may call each other by so many more levels. */
  canEnter(levels: number): boolean {
    return this.depth + levels <= this.#limits.depth;
  }

  /** Counts steps; throws when a limit is passed or the caller cancelled. */
  step(count = 1): void {
    this.#steps += count;
    if (this.#steps >= this.#nextCheck) this.#check();
  }

  #check(): void {
    this.#nextCheck = this.#steps + stepsBetweenChecks;
    if (this.#steps > this.#limits.steps) throw exceeded(`more than ${this.#limits.steps} steps`);
    if (this.#signal?.aborted === true) {
      throw cancelled();
    }
    if (this.millisecondsLeft() < 0) throw this.outOfTime();
    if (!this.tellBudget()) throw spent();
  }

  /** Reports the steps since the last report to the shared budget; false if it is used up. */
  tellBudget(): boolean {
    if (this.#budget === undefined) return true;
    const steps = this.#steps - this.#told;
    this.#told = this.#steps;
    return this.#budget.take(steps);
  }

  /** Milliseconds that are left; negative when the time is over. */
  millisecondsLeft(): number {
    const { milliseconds } = this.#limits;
    return milliseconds === Infinity ? milliseconds : milliseconds - (this.#clock() - this.#start);
  }

  /** The error for the limit of time. */
  outOfTime(): RegoError {
    return exceeded(`more than ${this.#limits.milliseconds} milliseconds`);
  }

  /** Starts the next round: the byte count restarts at `bytes`; steps and time continue. */
  restart(bytes: number): void {
    this.depth = 0;
    this.#bytes = bytes;
    this.#check();
  }

  /** Counts bytes of values that were made, and steps for making them. */
  charge(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#limits.bytes) throw exceeded(`more than ${this.#limits.bytes} bytes of results`);
    if (bytes > 4096) this.step(bytes >> 10);
  }

  /** The number of bytes that are left. */
  room(): number {
    return this.#limits.bytes - this.#bytes;
  }

  enter(): void {
    if (++this.depth > this.#limits.depth) throw exceeded(`rules call each other more than ${this.#limits.depth} deep`);
    this.step();
  }

  leave(): void {
    this.depth--;
  }
}

/** The error when the caller cancels. */
export function cancelled(): RegoError {
  return new RegoError([
    { code: "eval_cancel_error", message: "caller cancelled query execution", location: undefined },
  ]);
}

function spent(): RegoError {
  return exceeded("the work budget is used up");
}

/** The error for a limit. */
export function exceeded(what: string): RegoError {
  return new RegoError([{ code: "limit_exceeded", message: what, location: undefined }]);
}
