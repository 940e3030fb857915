import fc from "fast-check";
import { expect, test } from "vitest";
import { TextLines } from "./located-document.ts";

test("lines, places and offsets of a text agree with each other", () => {
  const texts = fc.array(fc.constantFrom("a", "bc", "\n", "\r\n", "é𐐀")).map((parts) => parts.join(""));
  fc.assert(
    fc.property(texts, fc.nat(40), (text, position) => {
      const lines = new TextLines(text);
      const offset = Math.min(position, text.length);

      expect(Array.from({ length: lines.count }, (_, index) => lines.line(index + 1)).join("\n")).toBe(text);
      expect(lines.offsetOf(lines.pointAt(offset))).toBe(offset);
      expect(lines.pointAt(offset).line).toBe(text.slice(0, offset).split("\n").length);
    }),
  );
});

test("what lies behind the end is the end", () => {
  const lines = new TextLines("a\nb");

  expect([
    lines.line(0),
    lines.line(3),
    lines.offsetOf({ line: 9, column: 1 }),
    lines.offsetOf({ line: 2, column: 9 }),
  ]).toEqual(["", "", 3, 3]);
});
