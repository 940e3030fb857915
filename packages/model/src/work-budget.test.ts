import { describe, expect, test } from "vitest";
import { WorkBudget } from "./work-budget.ts";

describe("a budget of work", () => {
  test("ends after so many steps, and stays at its end", () => {
    const budget = new WorkBudget({ steps: 10 });

    expect([budget.take(4), budget.take(6), budget.isSpent]).toEqual([true, true, false]);
    expect([budget.take(1), budget.isSpent, budget.take(0), budget.taken]).toEqual([false, true, false, 11]);
  });

  test("ends when time is up, also where time goes back afterwards", () => {
    let isLate = false;
    const budget = new WorkBudget({ isOver: () => isLate });

    expect(budget.take(1_000_000)).toBe(true);
    isLate = true;
    expect(budget.take(0)).toBe(false);
    isLate = false;
    expect(budget.take(0)).toBe(false);
  });

  test("has no options but these", () => {
    expect(() => new WorkBudget({ step: 1 } as object)).toThrow(TypeError);
    expect(() => new WorkBudget({ steps: -1 })).toThrow(TypeError);
  });
});
