import { expect, test } from "vitest";
import { compileModules } from "../policies.ts";

function value(call: string): unknown {
  return compileModules([]).query(`x = ${call}`, { strictBuiltinErrors: true })[0]?.bindings["x"];
}

test.each([
  ["a marker before it", "---\nfoo: 1\nbar: 2", { foo: 1, bar: 2 }],
  ["a comment before the marker", "# made by hand\n\n---\nfoo: 1\nbar: 2\n---\nx: 1", { foo: 1, bar: 2 }],
  ["a comment behind the marker", "--- # one\nfoo: 1\n", { foo: 1 }],
  ["its beginning in the line of the marker", "--- {a: 1}", { a: 1 }],
  ["a block scalar in the line of the marker", "--- |\n  a\n  b\n", "a\nb\n"],
  ["a directive before it", "%YAML 1.1\n---\nfoo: 1\nbar: 2", { foo: 1, bar: 2 }],
  ["further documents behind it", "a: 1\n---\n[", { a: 1 }],
  ["an end of its own", "a: 1\n...\n[", { a: 1 }],
  ["lines ended as in Windows", "---\r\nfoo: 1\r\nbar: 2\r\n---\r\n[", { foo: 1, bar: 2 }],
  ["a line of its text that looks like a marker", "a: |\n  b\n  ---\n  c\n", { a: "b\n---\nc\n" }],
  ["nothing before the next one", "---\n---\na: 1", null],
])("yaml.unmarshal reads the first document, with %s", (_, text, expected) => {
  expect(value(`yaml.unmarshal(${JSON.stringify(text)})`)).toEqual(expected);
});

test("an offset from UTC of more than a day is no time", () => {
  expect(value('time.parse_rfc3339_ns("2023-02-01T00:00:00+24:00")')).toBe(1_675_123_200_000_000_000);
  expect(() => value('time.parse_rfc3339_ns("2023-02-01T00:00:00+25:00")')).toThrow(
    "time zone offset hour out of range",
  );
  expect(() => value('time.parse_rfc3339_ns("2023-02-01T00:00:00+00:61")')).toThrow(
    "time zone offset minute out of range",
  );
});
