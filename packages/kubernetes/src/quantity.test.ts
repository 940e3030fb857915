import fc from "fast-check";
import { expect, test } from "vitest";
import { compareQuantities, parseQuantity } from "./quantity.ts";

function compare(a: unknown, b: unknown): number | undefined {
  const [left, right] = [parseQuantity(a), parseQuantity(b)];
  return left === undefined || right === undefined ? undefined : compareQuantities(left, right);
}

test.each([
  ["1000m", "1", 0],
  ["0.1", "100m", 0],
  ["1Ki", "1024", 0],
  ["1Gi", "1G", 1],
  ["1e3", "1k", 0],
  [2, "1500m", 1],
  ["-1", "0", -1],
  ["1.5Gi", "1536Mi", 0],
  ["1E", "1e18", 0],
  ["", "1", undefined],
  [".", "1", undefined],
  ["1 Gi", "1", undefined],
  ["one", "1", undefined],
  ["1KB", "1", undefined],
])("quantities %s and %s compare as %s", (a, b, order) => {
  expect(compare(a, b)).toBe(order);
});

test("any text is a quantity or none, and order is that of numbers", () => {
  fc.assert(
    fc.property(fc.string(), fc.integer(), fc.integer(), (text, a, b) => {
      parseQuantity(text);

      expect(compare(`${a}m`, `${b}m`)).toBe(Math.sign(a - b));
    }),
  );
});
