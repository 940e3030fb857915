import fc from "fast-check";
import { expect, test } from "vitest";
import { KeywordSearch } from "./keyword-search.ts";

test("every occurrence of every keyword is found, in any case of letters, and nothing else", () => {
  const small = fc.string({ unit: fc.constantFrom("a", "B", "c", "_", "é"), minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(
      fc.uniqueArray(small, { maxLength: 6, selector: (text) => text.toLowerCase() }),
      fc.string({ unit: fc.constantFrom("a", "b", "C", "_", "é"), maxLength: 40 }),
      (keywords, text) => {
        const found: string[] = [];
        const bytes = new TextEncoder().encode(text);
        new KeywordSearch(keywords).search(bytes, (keyword, end) => found.push(`${keyword} ${end}`));
        const expected: string[] = [];
        for (let end = 1; end <= bytes.length; end++) {
          for (const [index, keyword] of keywords.entries()) {
            const size = new TextEncoder().encode(keyword).length;
            const at = new TextDecoder().decode(bytes.subarray(Math.max(0, end - size), end));
            if (end >= size && at.toLowerCase() === keyword.toLowerCase()) expected.push(`${index} ${end}`);
          }
        }
        expect(found.sort()).toEqual(expected.sort());
      },
    ),
  );
});
