import fc from "fast-check";
import { expect, test } from "vitest";
import { Marks, MarkSearch } from "./mark-search.ts";

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** WebAssembly takes marks of three bytes and more; with shorter ones among them all are looked for by JavaScript. */
const ways = [
  ["WebAssembly", { portable: false, least: 3 }],
  ["JavaScript", { portable: true, least: 2 }],
] as const;

test.each(ways)("marks are found by %s wherever they stand, also across pieces and beside each other", (_, how) => {
  const search = new MarkSearch(new Marks(["needle", "pin", "thread"].map(bytes)), how);
  for (const piece of ["hay needl", "e pi", "", "n hay thre", "a"]) search.push(bytes(piece));
  expect([...search.found].sort()).toEqual([0, 1]);
  expect(search.done).toBe(false);

  search.push(bytes("d"));
  expect(search.done).toBe(true);
});

test.each(ways)("what %s finds is what is there, however the content is cut", (_, { least, ...how }) => {
  // Few letters, so that marks begin with each other and overlap.
  const text = (minLength: number, maxLength: number) =>
    fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength, maxLength });
  fc.assert(
    fc.property(
      fc.array(text(least, 6), { minLength: 1, maxLength: 12 }),
      fc.array(text(0, 12), { maxLength: 8 }),
      (marks, pieces) => {
        const search = new MarkSearch(new Marks(marks.map(bytes)), how);
        for (const piece of pieces) search.push(bytes(piece));
        const expected = marks.flatMap((mark, index) => (pieces.join("").includes(mark) ? [index] : []));

        expect([...search.found].sort((a, b) => a - b)).toEqual(expected);
      },
    ),
    { numRuns: 2_000 },
  );
});

test.each(ways)("what %s finds in a large piece is what is there", (_, how) => {
  const marks = Array.from({ length: 20 }, (_, index) => bytes(`mark number ${index}!`));
  const piece = new Uint8Array(300_000).fill(109);
  // At the very ends, and where WebAssembly takes the next part.
  const places = [0, 65_536 - 5, 131_072 - 15, 196_608 - 30, 262_144 - 70, piece.length - 15];
  for (const [index, place] of places.entries()) piece.set(marks[index * 3] ?? [], place);
  const search = new MarkSearch(new Marks(marks), how);
  search.push(piece);

  expect([...search.found]).toEqual([0, 3, 6, 9, 12, 15]);
});

test.each([
  ["more marks than WebAssembly takes", Array.from({ length: 33 }, (_, index) => `mark ${index}`)],
  ["a longer one", ["mark", "x".repeat(61)]],
  ["a shorter one", ["mark", "yz"]],
])("marks are found among %s", (_, marks) => {
  const search = new MarkSearch(new Marks(marks.map(bytes)));
  for (const piece of ["yzmark 32", "x".repeat(90)]) search.push(bytes(piece));

  const there = marks.filter((mark) => `yzmark 32${"x".repeat(90)}`.includes(mark));
  expect([...search.found].map((index) => marks[index]).sort()).toEqual(there.sort());
});

test("two searches take turns", () => {
  const [one, other] = [["needle"], ["thread", "needle"]].map((marks) => new MarkSearch(new Marks(marks.map(bytes))));
  for (const piece of ["need", "le and thr", "ead"]) for (const search of [one, other]) search?.push(bytes(piece));

  expect([[...(one?.found ?? [])], [...(other?.found ?? [])]]).toEqual([[0], [1, 0]]);
});

test("a mark that every file holds is refused", () => {
  expect(() => new Marks([Uint8Array.of(1)])).toThrow(TypeError);
});
