import { noChange } from "./evidence.ts";
import type { DecisionReason } from "./evidence.ts";

/** More reasons of one policy are counted and not told: an object of ten megabytes can have a hundred thousand of each. */
const mostReasons = 1_000;

/** Collects the reasons of one part of a decision: the first 1,000 of each policy, and the number of further ones. */
export class ReasonList {
  readonly #told: DecisionReason[] = [];
  readonly #counts: Map<string, number> = new Map();

  /** Counts a reason of a policy; `make` is only called for the first 1,000. */
  add(policy: string, make: () => DecisionReason): void {
    const count = (this.#counts.get(policy) ?? 0) + 1;
    this.#counts.set(policy, count);
    if (count <= mostReasons) this.#told.push(make());
  }

  /** The collected reasons, followed by one for each policy that has more. */
  get all(): readonly DecisionReason[] {
    const more = [...this.#counts].flatMap(([policy, count]) =>
      count > mostReasons ? [moreReasons(policy, policy, count - mostReasons)] : [],
    );
    return [...this.#told, ...more];
  }
}

/** A reason that stands for `count` further ones of a policy. */
export function moreReasons(policy: string, id: string, count: number): DecisionReason {
  return {
    policy,
    rule: "violation",
    path: "",
    image: "",
    id,
    fact: `${count} more violations are not listed`,
    change: noChange,
  };
}

/** The reason for refusal where a part of the evaluation ran out of its work budget. */
export function outOfBudget(policy: string, what: string): DecisionReason {
  return { policy, rule: "", path: "", image: "", id: "error", fact: `${what}: the work budget is used up` };
}
