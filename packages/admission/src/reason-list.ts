import { noChange } from "./evidence.ts";
import type { DecisionReason } from "./evidence.ts";

/** More reasons of one policy are counted and not told: an object of ten megabytes can have a hundred thousand of each. */
const mostTold = 1_000;

/** The reasons of one part of a decision: the first ones of each policy, and how many others each has. */
export class ReasonList {
  readonly #told: DecisionReason[] = [];
  readonly #counts: Map<string, number> = new Map();

  /** Adds a reason of a policy, which is only made if it is told. */
  add(policy: string, make: () => DecisionReason): void {
    const count = (this.#counts.get(policy) ?? 0) + 1;
    this.#counts.set(policy, count);
    if (count <= mostTold) this.#told.push(make());
  }

  /** All that are told, and then the counts. */
  get all(): readonly DecisionReason[] {
    const more = [...this.#counts].flatMap(([policy, count]) =>
      count > mostTold ? [moreReasons(policy, policy, count - mostTold)] : [],
    );
    return [...this.#told, ...more];
  }
}

/** Stands for so many reasons of a policy that are not told. */
export function moreReasons(policy: string, id: string, count: number): DecisionReason {
  return {
    policy,
    rule: "violation",
    path: "",
    image: "",
    id,
    fact: `${count} more violations are not told one by one`,
    change: noChange,
  };
}

/** Says that a part of a decision was not made. */
export function outOfBudget(policy: string, what: string): DecisionReason {
  return { policy, rule: "", path: "", image: "", id: "error", fact: `${what}: more work than there is a budget for` };
}
