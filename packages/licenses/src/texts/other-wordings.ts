/**
 * Wordings that a licence has, or had in an earlier revision under the same name, where the text of the SPDX list has others:
 * words of the list's text, and what stands in their place. Each row makes one more text to look for.
 */
const otherWordings: readonly (readonly [id: string, ...changes: (readonly [from: string, to: string])[]])[] = [
  // Ruby's own file up to version 1.9.2, and RubyGems' to this day.
  [
    "Ruby",
    [
      "give non-standard binaries non-standard names, with instructions on where to get the original software distribution",
      "rename any non-standard executables so the names do not conflict with standard executables, which must also be provided",
    ],
    ["binaries", "executables"],
    ["binary form", "executable form"],
  ],
  ["Ruby", ["binaries", "executables"], ["binary form", "executable form"]],
];

const wordLength = 20;

/** The text of a licence in its other wordings; changes of a whole clause hold for its first place, those of words everywhere. */
export function inOtherWords(id: string, text: string): [id: string, text: string][] {
  return otherWordings
    .filter(([of]) => of === id)
    .map(([, ...changes]) => [
      id,
      changes.reduce(
        (before, [from, to]) => (from.length > wordLength ? before.replace(from, to) : before.replaceAll(from, to)),
        text,
      ),
    ]);
}
