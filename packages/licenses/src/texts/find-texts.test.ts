import list from "spdx-license-list/full.js";
import { describe, expect, test } from "vitest";
import { findTexts } from "./find-texts.ts";

function textOf(id: string): string {
  return list[id]?.licenseText ?? "";
}

function wordCount(text: string): number {
  return text.split(/\s+/).length;
}

describe("what the search for texts costs", () => {
  test.each(["MIT", "BSD-3-Clause", "Apache-2.0", "GPL-2.0-only", "CC-BY-SA-4.0"])(
    "%s, word for word, is compared with no other, and with a word of forty changed with few",
    (id) => {
      const text = `A work of ours.\n${textOf(id)}`;
      const changed = text.replaceAll(/((?:\S+\s+){39})\S+/g, "$1something");

      expect(findTexts(text, 0.9).compared).toBeLessThanOrEqual(wordCount(text));
      expect(findTexts(changed, 0.9).compared).toBeLessThan(7 * wordCount(text));
    },
  );

  test("grows with the document, however many texts it holds", () => {
    const texts = ["MIT", "ISC", "BSD-2-Clause", "Apache-2.0", "MPL-2.0", "Zlib"].map(textOf).join("\n\n");
    const [once, often] = [3, 24].map((count) => findTexts(texts.repeat(count), 0.9).compared);

    expect(often).toBeLessThan(9 * (once ?? 0));
  });

  test("words that no licence has cost nothing", () => {
    expect(findTexts("lorem ipsum dolor sit amet ".repeat(20_000), 0.9).compared).toBe(0);
  });

  test("the same words again, with other lines between, are remembered, with their own places", () => {
    const plain = findTexts(textOf("Zlib"), 0.9);
    const commented = `Copyright 2020 Somebody else\n${textOf("Zlib").replaceAll("\n", "\n * ")}`;
    const again = findTexts(commented, 0.9);

    expect(again.compared).toBe(0);
    expect(again.found.map(({ id, confidence }) => [id, confidence])).toEqual(
      plain.found.map(({ id, confidence }) => [id, confidence]),
    );
    expect(commented.slice(again.found[0]?.start, again.found[0]?.end)).toMatch(/^zlib License[^]*distribution$/);
  });
});
