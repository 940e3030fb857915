import type { WorkBudget } from "@plimsoll/model";
import { CelEvaluationError, CelLimitError } from "./cel-error.ts";
import type { CelCall } from "./functions/define.ts";
import { fromNative, type CelValue } from "./values.ts";

const noSlots: (CelValue | undefined)[] = [];

function emptySlots(count: number): (CelValue | undefined)[] {
  const slots: (CelValue | undefined)[] = [];
  for (let index = 0; index < count; index++) slots.push(undefined);
  return slots;
}

/** How many cost units are spent between two reports to a shared budget. */
const unitsBetweenChecks = 4096;

/**
 * A cost limit that several evaluations share, such as those of an expression and of the variables it reads, where these are expressions, too. The
 * cost of failed evaluations counts.
 */
export class CelBudget {
  readonly #units: number;
  readonly #shared: WorkBudget | undefined;
  #left: number;
  /** What was left when the shared budget was told. */
  #told: number;
  /** The shared budget is told when less than this is left. */
  #nextCheck: number;

  /**
   * @param units The limit in cost units; see `EvaluationLimits`.
   * @param shared A work budget that these evaluations share with other work. One unit is one step of it.
   * @throws {TypeError} unless `units` is a number above 0.
   */
  constructor(units: number, shared?: WorkBudget) {
    if (typeof units !== "number" || !(units > 0)) throw new TypeError("a budget is a number above 0");
    this.#units = units;
    this.#shared = shared;
    this.#left = units;
    this.#told = units;
    this.#nextCheck = shared === undefined ? 0 : units;
  }

  /** How many units have been spent. */
  get spent(): number {
    return this.#units - this.#left;
  }

  /** Counts cost units. @throws {CelLimitError} when the limit is passed. */
  spend(cost: number): void {
    this.#left -= cost;
    if (this.#left < this.#nextCheck) this.#check();
  }

  #check(): void {
    if (this.#left < 0)
      throw new CelLimitError(`operation cancelled: actual cost limit exceeded (${this.#units} units)`);
    if (!this.tellShared()) throw new CelLimitError("operation cancelled: the work budget is used up");
    this.#nextCheck = Math.max(0, this.#left - unitsBetweenChecks);
  }

  /** Reports the cost since the last report to the shared budget; false if it is used up. */
  tellShared(): boolean {
    const units = this.#told - this.#left;
    this.#told = this.#left;
    return this.#shared?.take(units) ?? true;
  }
}

/** The state of one evaluation: variables, the slots of local names, and its cost so far. */
export class Evaluation implements CelCall {
  readonly slots: (CelValue | undefined)[];
  readonly #activation: Readonly<Record<string, unknown>>;
  readonly #budget: CelBudget;
  readonly #before: number;

  constructor(slots: number, budget: CelBudget, activation: Readonly<Record<string, unknown>>) {
    this.slots = slots === 0 ? noSlots : emptySlots(slots);
    this.#budget = budget;
    this.#before = budget.spent;
    this.#activation = activation;
  }

  /** The cost so far, including that of the variables it read. */
  get cost(): number {
    return Math.ceil(this.#budget.spent - this.#before);
  }

  /** Counts cost units. @throws {CelLimitError} when the limit is passed. */
  spend(cost: number): void {
    this.#budget.spend(cost);
  }

  /** @throws {CelEvaluationError} for a variable that the activation does not have. */
  variable(name: string): CelValue {
    const value = Object.hasOwn(this.#activation, name) ? this.#activation[name] : undefined;
    if (value === undefined) throw new CelEvaluationError(`no such attribute: ${name}`);
    return fromNative(value);
  }
}
