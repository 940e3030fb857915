import { expect, test } from "vitest";
import { holdsTemplate } from "./text-places.ts";

test.each([
  ["a: {{ .b }}", true],
  ["a: {{}}", true],
  ["a: }} {{", false],
  ["a: {{}", false],
  ["a: {b: {c: d}}", false],
])("%s is a line of a template: %s", (line, expected) => {
  expect(holdsTemplate(line)).toBe(expected);
});

test("braces that nothing closes are looked at once: once for each of them would take hours", () => {
  expect(holdsTemplate("{".repeat(4_000_000))).toBe(false);
});
