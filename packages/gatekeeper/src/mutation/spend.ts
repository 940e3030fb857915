import type { WorkBudget } from "@plimsoll/model";
import { PolicyError } from "../policy-error.ts";

/** So many values of an object are looked at in the time of one step of a budget. */
export const valuesPerStep = 16;

/** Copying and comparing a value takes as long as looking at so many. */
const valuesPerCopy = 4;

/** Takes steps of a budget, where there is one. @throws {PolicyError} where it is used up. */
export function spend(budget: WorkBudget | undefined, steps: number): void {
  if (budget?.take(Math.ceil(steps)) === false) throw new PolicyError("mutation", "the work budget is used up");
}

/**
 * Takes what copying a value costs.
 * @returns how many values it has: members, items, and itself; 0 without a budget
 * @throws {PolicyError} where the budget is used up.
 */
export function spendOnCopy(value: unknown, budget: WorkBudget | undefined): number {
  if (budget === undefined) return 0;
  const size = sizeOf(value);
  spend(budget, (size * valuesPerCopy) / valuesPerStep);
  return size;
}

function sizeOf(value: unknown): number {
  let size = 0;
  const open = [value];
  while (open.length > 0) {
    const each = open.pop();
    size += 1;
    if (typeof each === "object" && each !== null) for (const inner of Object.values(each)) open.push(inner);
  }
  return size;
}
