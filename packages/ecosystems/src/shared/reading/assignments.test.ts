import { processorTime } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { parseAssignments } from "./assignments.ts";

test("a value ends where the space before its comment begins", () => {
  expect([...parseAssignments("A=b  c \t # d # e\nF=#g\nH=i#j #k")]).toEqual([
    ["A", "b  c"],
    ["F", "#g"],
    ["H", "i#j"],
  ]);
});

test("a long space in a value is looked at once", () => {
  const value = `b${" ".repeat(100_000)}c`;
  const started = processorTime();

  expect(parseAssignments(`A=${value}`).get("A")).toBe(value);
  // Looked at from each place in it, it takes ten seconds.
  expect(processorTime() - started).toBeLessThan(2_000);
});
