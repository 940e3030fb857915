import fc from "fast-check";
import { expect, test } from "vitest";
import { align } from "./align.ts";

const head = [101, 102, 103, 104];
const tail = [201, 202, 203, 204];

/** How many words a copy has in common with a text that begins and ends as it does, by the textbook's table. */
function common(text: readonly number[], copy: readonly number[]): number {
  const table = Array.from({ length: text.length + 1 }, () => new Array<number>(copy.length + 1).fill(0));
  for (let y = text.length - 1; y >= 0; y--)
    for (let x = copy.length - 1; x >= 0; x--)
      table[y]![x] = text[y] === copy[x] ? 1 + table[y + 1]![x + 1]! : Math.max(table[y + 1]![x]!, table[y]![x + 1]!); // within the table
  return table[0]![0]!; // it has a row at least
}

function matchedOf(text: readonly number[], copy: readonly number[]): number {
  const words = Int32Array.from([...head, ...text, ...tail]);
  const template = {
    id: "",
    words,
    titleEnd: 0,
    coreStart: 0,
    coreEnd: words.length,
    disclaimerStart: words.length,
    roles: new Uint8Array(words.length),
    indexed: 2,
    indexedRequired: 2,
    spare: 0,
  };
  const none: ReadonlySet<number> = new Set();
  const found = align(
    template,
    Int32Array.from([...head, ...copy, ...tail]),
    Int32Array.of(0, head.length + copy.length),
    Int32Array.of(0, head.length + text.length),
    head.length,
    { modals: none, restrictions: none, alternatives: none },
  );
  return found.matched - head.length - tail.length;
}

const word = fc.integer({ min: 1, max: 12 });
const words = fc.array(word, { maxLength: 60 });
/** Words that are left out, another, or followed by one more, at some places. */
const edits = fc.array(fc.record({ at: fc.nat(60), kind: fc.constantFrom("gone", "other", "more"), word }), {
  maxLength: 8,
});

test("all that a copy with a few other words has in common with a text is found", () => {
  fc.assert(
    fc.property(words, edits, (text, changes) => {
      const copy = text.map((each) => [each]);
      for (const { at, kind, word: other } of changes)
        if (at < copy.length) copy[at] = kind === "gone" ? [] : kind === "other" ? [other] : [...copy[at]!, other]; // it has that place

      expect(matchedOf(text, copy.flat())).toBe(common(text, copy.flat()));
    }),
  );
});

test("so is what two texts of other words have in common", () => {
  fc.assert(
    fc.property(words, words, (text, copy) => {
      expect(matchedOf(text, copy)).toBe(common(text, copy));
    }),
  );
});
