import fc from "fast-check";
import { expect, test } from "vitest";
import { Marks, MarkSearch } from "./mark-search.ts";

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

test("marks are found wherever they stand, also across pieces and beside each other", () => {
  const search = new MarkSearch(new Marks(["needle", "pin", "thread"].map(bytes)));
  for (const piece of ["hay needl", "e pi", "", "n hay thre", "a"]) search.push(bytes(piece));
  expect([...search.found].sort()).toEqual([0, 1]);
  expect(search.done).toBe(false);

  search.push(bytes("d"));
  expect(search.done).toBe(true);
});

test("what is found is what is there, however the content is cut", () => {
  // Few letters, so that marks begin with each other and overlap.
  const text = (minLength: number, maxLength: number) =>
    fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength, maxLength });
  fc.assert(
    fc.property(
      fc.array(text(2, 6), { minLength: 1, maxLength: 6 }),
      fc.array(text(0, 12), { maxLength: 8 }),
      (marks, pieces) => {
        const search = new MarkSearch(new Marks(marks.map(bytes)));
        for (const piece of pieces) search.push(bytes(piece));
        const expected = marks.flatMap((mark, index) => (pieces.join("").includes(mark) ? [index] : []));

        expect([...search.found].sort((a, b) => a - b)).toEqual(expected);
      },
    ),
    { numRuns: 2_000 },
  );
});

test("a mark that every file holds is refused", () => {
  expect(() => new Marks([Uint8Array.of(1)])).toThrow(TypeError);
});
