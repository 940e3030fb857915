import { analyzedFile } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { PathBudget } from "./path-budget.ts";

describe("PathBudget", () => {
  test("joins paths up to the longest that Linux takes", () => {
    const budget = new PathBudget(10_000);

    expect(budget.join("usr/", "bin")).toBe("usr/bin");
    expect(budget.join("d".repeat(4095), "n")).toHaveLength(4096);
    expect(budget.join("d".repeat(4096), "n")).toBeUndefined();
    expect([...budget.report(analyzedFile("a", ""))]).toEqual([expect.objectContaining({ code: "limit-exceeded" })]);
  });

  test("stops at four times the size of the database", () => {
    const budget = new PathBudget(100);
    const joined = Array.from({ length: 50 }, () => budget.join("d".repeat(15), "name"));

    expect(joined.filter((path) => path !== undefined)).toHaveLength(21);
    expect([...budget.report(analyzedFile("a", ""))][0]?.message).toContain("29 paths");
  });
});
