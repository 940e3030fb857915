import { expect, test } from "vitest";
import { CelEvaluationError, compile, toJson } from "./index.ts";

const json = (source: string): unknown => toJson(compile(source).run().value);

test.each<[string, unknown]>([
  ["{'a': [1, 2u, 2.5, null, true]}", { a: [1, 2, 2.5, null, true] }],
  ["9223372036854775807", "9223372036854775807"],
  ["b'abc'", "YWJj"],
  ["timestamp('2026-01-02T03:04:05Z')", "2026-01-02T03:04:05Z"],
  ["duration('90s')", "90s"],
])("%s is %j as JSON", (source, expected) => {
  expect(json(source)).toEqual(expected);
});

test.each(["1.0 / 0.0", "{1: 2}", "type(1)", "optional.of(1)"])("%s is no JSON", (source) => {
  expect(() => json(source)).toThrow(CelEvaluationError);
});

test("a value with a part in common doubled twenty times is refused before it is copied", () => {
  let text = "x20";
  for (let index = 20; index > 0; index -= 1) text = `cel.bind(x${index}, [x${index - 1}, x${index - 1}], ${text})`;
  expect(() => json(`cel.bind(x0, [1], ${text})`)).toThrow("too large for JSON");
});
