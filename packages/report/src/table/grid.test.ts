import { expect, test } from "vitest";
import { drawGrid, rowsOf } from "./grid.ts";

test("rows are made when they are drawn, and looked through for widths only while a column may become wider", () => {
  const items = Array.from({ length: 100 }, (_, index) => `item ${index}`);
  let made = 0;
  const rows = rowsOf(items, (text) => {
    made++;
    return { continued: 0, cells: [[{ text }]] };
  });

  const pieces = drawGrid([{ heading: "Item", minimum: 4, maximum: 7 }], rows, 80)[Symbol.iterator]();
  for (let piece = 0; piece < 4; piece++) pieces.next();

  // "item 10" is as wide as the column may be; then come the rule, the heading, a rule and the first row.
  expect(made).toBeLessThanOrEqual(12 + 1);
  expect(pieces.next().done).toBe(false);
  expect([...drawGrid([{ heading: "Item", minimum: 4, maximum: 7 }], rows, 80)]).toHaveLength(3 + 2 * items.length);
});
