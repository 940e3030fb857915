/**
 * Steps that following the POMs of one scan may take together: a dependency that is reached or inherited, a ruling that is
 * imported, a file that is compared. Builds of hundreds of modules take some hundred thousands.
 */
const maxSteps = 3_000_000;

/**
 * One budget of steps for all projects of a scan. What they have in common is counted once, and no graph of them is followed without
 * end.
 */
export class WorkBudget {
  /** Steps taken so far. */
  steps = 0;
  readonly #limit: number;

  constructor(limit: number = maxSteps) {
    this.#limit = limit;
  }

  /** Takes steps; false once there are none left. */
  spend(steps: number): boolean {
    this.steps += steps;
    return this.steps <= this.#limit;
  }

  get isSpent(): boolean {
    return this.steps > this.#limit;
  }
}
