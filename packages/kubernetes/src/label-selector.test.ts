import { expect, test } from "vitest";
import { matchesLabelSelector } from "./label-selector.ts";

test.each([
  [{ matchLabels: { a: "1" } }, true],
  [{ matchLabels: { a: "2" } }, false],
  [{}, true],
  [{ matchLabels: null, matchExpressions: null }, true],
  [{ matchExpressions: [{ key: "a", operator: "In", values: ["1", "2"] }] }, true],
  [{ matchExpressions: [{ key: "b", operator: "NotIn", values: ["1"] }] }, true],
  [{ matchExpressions: [{ key: "b", operator: "Exists" }] }, false],
  [{ matchExpressions: [{ key: "b", operator: "DoesNotExist" }] }, true],
  [{ matchExpressions: [{ key: "toString", operator: "Exists" }] }, false],
])("for the labels a=1 the selector %j gives %s", (selector, matches) => {
  expect(matchesLabelSelector({ a: "1" }, selector)).toBe(matches);
});

test.each([
  "text",
  { matchExpressions: [{ key: "a", operator: "Near" }] },
  { matchExpressions: [{ key: "a", operator: "In", values: [] }] },
  { matchExpressions: [{ key: "a", operator: "Exists", values: ["1"] }] },
  { matchExpressions: { key: "a", operator: "Exists" } },
  { matchLabels: ["a"] },
  { matchLabels: { a: { is: "1" } } },
  { matchLabels: { a: "2" }, matchExpressions: [{ key: "a", operator: "Near" }] },
])("the invalid selector %j is undefined and never a match or a mismatch", (selector) => {
  expect(matchesLabelSelector({ a: "1" }, selector)).toBeUndefined();
});
