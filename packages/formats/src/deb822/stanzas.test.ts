import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fuzz } from "./stanzas.fuzz.ts";
import { stanzas } from "./stanzas.ts";
import { textLines } from "./text-lines.ts";

function read(text: string): { line: number; fields: Record<string, string>; problems: readonly string[] }[] {
  return [...stanzas(text)].map((stanza) => ({ ...stanza, fields: Object.fromEntries(stanza.fields) }));
}

describe("stanzas", () => {
  test("splits at blank lines and numbers the first line of each", () => {
    expect(read("A: 1\nB: 2\n\n \nA: 3")).toEqual([
      { line: 1, fields: { a: "1", b: "2" }, problems: [] },
      { line: 5, fields: { a: "3" }, problems: [] },
    ]);
  });

  test("unfolds values, a lone full stop being a blank line", () => {
    expect(read("Description: one\n two\n .\n\tthree\n")[0]?.fields).toEqual({ description: "one\ntwo\n\nthree" });
  });

  test("reads lines that end in carriage return and line feed", () => {
    expect(read("A: 1\r\nB: 2\r\n\r\nA: 3\r\n").map((stanza) => stanza.fields)).toEqual([
      { a: "1", b: "2" },
      { a: "3" },
    ]);
  });

  test("keeps the first of repeated fields and says so", () => {
    expect(read("A: 1\nA: 2\n folded\nB: 3")).toEqual([
      { line: 1, fields: { a: "1", b: "3" }, problems: ['line 2 repeats the field "a"'] },
    ]);
  });

  test("goes on after a line that is no field, and ignores comments", () => {
    expect(read("nonsense\n# comment\nA: 1")).toEqual([
      { line: 1, fields: { a: "1" }, problems: ["line 1 is no field"] },
    ]);
  });

  test("fields named like object members are plain fields", () => {
    expect([...stanzas("__proto__: 1\nconstructor: 2")][0]?.fields.get("__proto__")).toBe("1");
  });

  test("bounds what it says about a hostile paragraph", () => {
    expect(read("x\n".repeat(10_000))[0]?.problems).toHaveLength(10);
  });

  test("reads any text without throwing and keeps every well-formed field", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => fuzz(bytes)));
    const name = fc.stringMatching(/^[A-Z][a-z]{1,8}$/);
    const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
    fc.assert(
      fc.property(fc.dictionary(name, value, { minKeys: 1 }), (fields) => {
        const text = Object.entries(fields).map(([key, content]) => `${key}: ${content}\n`);
        const lower = Object.entries(fields).map(([key, content]) => [key.toLowerCase(), content]);
        fc.pre(new Set(lower.map(([key]) => key)).size === lower.length);
        expect(read(text.join(""))[0]?.fields).toEqual(Object.fromEntries(lower));
      }),
    );
  });
});

describe("textLines", () => {
  test.each([
    ["", []],
    ["a", ["a"]],
    ["a\n", ["a"]],
    ["a\n\nb", ["a", "", "b"]],
    ["a\r\nb\r", ["a", "b"]],
    ["\n", [""]],
  ])("of %j are %j", (text, lines) => {
    expect([...textLines(text)]).toEqual(lines);
  });
});
