import { describe, expect, test } from "vitest";
import { compile } from "../compile.ts";

// What the published conformance tests leave open; the expected values are those of cel-go, that is of Go's own libraries.
test.each([
  ["[1.0, 1].distinct().size()", 1n],
  ["[1, 1.0, 1u].distinct().size()", 1n],
  ["[9007199254740992.0, 9007199254740993].distinct().size()", 1n],
  ["[0.5, 0.25, 0.5].distinct().size()", 2n],
  ["'%.0e'.format([2.5])", "2e+00"],
  ["'%.1e'.format([1.25])", "1.2e+00"],
  ["'%.1e'.format([-1.35])", "-1.4e+00"],
  ["'%.2f'.format([0.125])", "0.12"],
  ["timestamp('0050-06-01T00:00:00Z').getFullYear('Europe/Berlin')", 50n],
  ["timestamp('2023-01-01T00:00:00+24:00') == timestamp('2022-12-31T00:00:00Z')", true],
])("%s", (source, expected) => {
  expect(compile(source).evaluate()).toBe(expected);
});

describe("conversions refuse", () => {
  test.each([
    ["timestamp('2023-13-01T00:00:00Z')", "is not a valid timestamp"],
    ["timestamp('2023-00-31T00:00:00Z')", "is not a valid timestamp"],
    ["timestamp('2023-02-30T00:00:00Z')", "is not a valid timestamp"],
    ["timestamp('2023-01-01T00:00:00+25:00')", "is not a valid timestamp"],
    ["duration('5x')", "is not a valid duration"],
    ["double('1e400')", "is out of range for a double"],
    ["uint('+5')", "cannot be converted to uint"],
  ])("%s", (source, message) => {
    expect(() => compile(source).evaluate()).toThrow(message);
  });
});
