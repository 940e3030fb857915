import type { Diagnostic } from "@plimsoll/model";

/**
 * How many packages, and links that may lead to some, are taken of an image. Each reading of a layer counts for itself, so that neither the
 * order in which layers are read nor what a later layer wrote anew decides what is left out; what is there at the end is counted once more.
 */
export class PackageBudget {
  readonly #limit: number;
  readonly #whole: PackageBudget | undefined;
  #left: number;

  constructor(limit: number, whole?: PackageBudget) {
    this.#limit = limit;
    this.#whole = whole;
    this.#left = limit;
  }

  /** Takes `count` of the budget. False when fewer were left; from then on it is always false. */
  take(count: number): boolean {
    this.#left -= count;
    if (this.isSpent) this.#whole?.take(Infinity);
    return !this.isSpent;
  }

  /** Whether something is left out. */
  get isSpent(): boolean {
    return this.#left < 0;
  }

  /** A budget of the same size for something that is counted separately; when it is spent, so is this one. */
  anew(): PackageBudget {
    return new PackageBudget(this.#limit, this);
  }

  /** The diagnostic for an image of which something was left out. */
  problem(): Diagnostic {
    return {
      kind: "diagnostic",
      code: "limit-exceeded",
      effect: "incomplete",
      message: `The image has more than ${this.#limit} packages, each place counted, and links that may lead to one; the rest was left out`,
    };
  }
}
