import { CelEvaluationError, CelLimitError } from "./cel-error.ts";
import type { CelCall } from "./functions/define.ts";
import type { CelValue } from "./values.ts";

/** The state of one evaluation: variables, the slots of local names, and what it has cost so far. */
export class Evaluation implements CelCall {
  readonly slots: (CelValue | undefined)[];
  readonly #lookup: (name: string) => CelValue | undefined;
  readonly #limit: number;
  #cost = 0;

  constructor(slots: number, limit: number, lookup: (name: string) => CelValue | undefined) {
    this.slots = Array.from({ length: slots });
    this.#limit = limit;
    this.#lookup = lookup;
  }

  /** What the evaluation has cost so far. */
  get cost(): number {
    return Math.ceil(this.#cost);
  }

  /** A function and not a method, so that it can be handed on. */
  readonly spend = (cost: number): void => {
    this.#cost += cost;
    if (this.#cost > this.#limit)
      throw new CelLimitError(`operation cancelled: actual cost limit exceeded (${this.#limit} units)`);
  };

  /** @throws {CelEvaluationError} for a variable that the activation does not have. */
  variable(name: string): CelValue {
    const value = this.#lookup(name);
    if (value === undefined) throw new CelEvaluationError(`no such attribute: ${name}`);
    return value;
  }
}
