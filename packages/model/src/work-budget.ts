import { checkOptions, optionIs, type OptionChecks } from "./option-checks.ts";

/** A step of a {@link WorkBudget} takes about as long as looking at so many bytes, in which `workDone` counts. */
export const bytesPerStep = 64;

/** Limits of a {@link WorkBudget}. An absent one does not bound. */
export interface WorkBudgetOptions {
  /** Steps that may be taken in all. A step is a microsecond of work or less. */
  readonly steps?: number | undefined;
  /** Is asked every few thousand steps, and says whether time is up: the caller has the clock. */
  readonly isOver?: (() => boolean) | undefined;
}

const checks: OptionChecks<WorkBudgetOptions> = { steps: optionIs.count, isOver: optionIs.call };

/**
 * How much work several evaluations may do together: those of fifty policies about one object, each of which has bounds of its own.
 * Evaluations are synchronous, so that no timer ends them; they ask here.
 */
export class WorkBudget {
  readonly #steps: number;
  readonly #isOver: () => boolean;
  #taken = 0;
  #isSpent = false;

  /** @throws {TypeError} for an option that does not exist or a value that it cannot have. */
  constructor(options: WorkBudgetOptions = {}) {
    checkOptions("WorkBudget", options, checks);
    const { steps = Infinity, isOver = () => false } = options;
    this.#steps = steps;
    this.#isOver = isOver;
  }

  /** How many steps were taken. */
  get taken(): number {
    return this.#taken;
  }

  /** Whether nothing is left: once it is, it stays so. */
  get isSpent(): boolean {
    return this.#isSpent;
  }

  /** Takes steps that were done or begun. False: nothing is left, and the work is to end. */
  take(steps: number): boolean {
    this.#taken += steps;
    this.#isSpent ||= this.#taken > this.#steps || this.#isOver();
    return !this.#isSpent;
  }
}
