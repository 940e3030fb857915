import type { Diagnostic } from "@plimsoll/model";

/** How many packages, and links that may lead to some, are still taken of an image: over all its layers, and all looks at them. */
export class PackageBudget {
  readonly #limit: number;
  #left: number;

  constructor(limit: number) {
    this.#limit = limit;
    this.#left = limit;
  }

  /** Takes so many. False when there were not as many left: then none are from here on. */
  take(count: number): boolean {
    this.#left -= count;
    return !this.isSpent;
  }

  /** Whether something is left out. */
  get isSpent(): boolean {
    return this.#left < 0;
  }

  /** As many again, for what is counted anew from its beginning. */
  anew(): PackageBudget {
    return new PackageBudget(this.#limit);
  }

  /** What is to be said of an image of which something was left out. */
  problem(): Diagnostic {
    return {
      kind: "diagnostic",
      code: "limit-exceeded",
      effect: "incomplete",
      message: `The image has more than ${this.#limit} packages, each place counted, and links that may lead to one; the rest was left out`,
    };
  }
}
