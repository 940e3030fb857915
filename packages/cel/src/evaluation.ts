import { CelEvaluationError, CelLimitError } from "./cel-error.ts";
import type { CelCall } from "./functions/define.ts";
import { fromNative, type CelValue } from "./values.ts";

const noSlots: (CelValue | undefined)[] = [];

function emptySlots(count: number): (CelValue | undefined)[] {
  const slots: (CelValue | undefined)[] = [];
  for (let index = 0; index < count; index++) slots.push(undefined);
  return slots;
}

/** The state of one evaluation: variables, the slots of local names, and what it has cost so far. */
export class Evaluation implements CelCall {
  readonly slots: (CelValue | undefined)[];
  readonly #activation: Readonly<Record<string, unknown>>;
  readonly #limit: number;
  #cost = 0;

  constructor(slots: number, limit: number, activation: Readonly<Record<string, unknown>>) {
    this.slots = slots === 0 ? noSlots : emptySlots(slots);
    this.#limit = limit;
    this.#activation = activation;
  }

  /** What the evaluation has cost so far. */
  get cost(): number {
    return Math.ceil(this.#cost);
  }

  /** Pays for work. @throws {CelLimitError} where it was too much. */
  spend(cost: number): void {
    this.#cost += cost;
    if (this.#cost > this.#limit)
      throw new CelLimitError(`operation cancelled: actual cost limit exceeded (${this.#limit} units)`);
  }

  /** @throws {CelEvaluationError} for a variable that the activation does not have. */
  variable(name: string): CelValue {
    const value = Object.hasOwn(this.#activation, name) ? this.#activation[name] : undefined;
    if (value === undefined) throw new CelEvaluationError(`no such attribute: ${name}`);
    return fromNative(value);
  }
}
