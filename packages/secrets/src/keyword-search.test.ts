import fc from "fast-check";
import { expect, test } from "vitest";
import { KeywordSearch } from "./keyword-search.ts";

function occurrences(search: KeywordSearch, bytes: Uint8Array): string[] {
  const found: string[] = [];
  search.search(bytes, (keyword, end) => found.push(`${keyword} ${end}`));
  return found;
}

test("a few lines are searched without the table, which is made for the first file of some size", () => {
  const search = new KeywordSearch(["password", "AKIA"]);
  const line = new TextEncoder().encode("ENV PASSWORD=akiatest\n");

  for (let count = 0; count < 100; count++) expect(occurrences(search, line)).toEqual(["0 12", "1 17"]);
  expect(search.hasTable).toBe(false);
  search.search(new Uint8Array(64 * 1024), () => undefined);
  expect(search.hasTable).toBe(true);
});

test("every occurrence of every keyword is found, in any case of letters, and nothing else", () => {
  const small = fc.string({ unit: fc.constantFrom("a", "B", "c", "_", "é"), minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(
      fc.uniqueArray(small, { maxLength: 6, selector: (text) => text.toLowerCase() }),
      fc.string({ unit: fc.constantFrom("a", "b", "C", "_", "é"), maxLength: 40 }),
      (keywords, text) => {
        const bytes = new TextEncoder().encode(text);
        const search = new KeywordSearch(keywords);
        const found = occurrences(search, bytes);
        search.search(new Uint8Array(64 * 1024), () => undefined);
        // The table finds the same in the same order.
        expect(occurrences(search, bytes)).toEqual(found);
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
