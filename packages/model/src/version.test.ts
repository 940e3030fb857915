import { describe, expect, test } from "vitest";
import { compareText, defineVersionScheme } from "./index.ts";

const numbers = defineVersionScheme<number>({
  id: "numbers",
  parse: (text) => (/^\d+$/.test(text) ? Number(text) : undefined),
  compare: (a, b) => a - b,
});

describe("a defined version scheme", () => {
  test("says undefined, not equal, when a side is no version", () => {
    expect(numbers.compare("1", "x")).toBeUndefined();
    expect(numbers.compare("x", "x")).toBeUndefined();
    expect(numbers.isValid("x")).toBe(false);
  });

  test.each([
    ["5", ">=1, <9", true],
    ["5", ">= 1 < 5 || =5", true],
    ["5", "<5", false],
    ["5", "5", true],
    ["5", "!=5", false],
    ["5", "", true],
    ["5", "<x", undefined],
    ["5", "<x, >9", false],
    ["5", "<x || >1", true],
    ["x", ">1", undefined],
  ])("%s satisfies %j: %s", (version, range, expected) => {
    expect(numbers.satisfies(version, range)).toBe(expected);
  });
});

test("text is ordered by code units, not by locale", () => {
  expect(["ä", "z", "a", "Z"].sort(compareText)).toEqual(["Z", "a", "z", "ä"]);
});
