/** Spellings of "license" in package metadata, typing errors of real packages among them. */
const license = /^(?:licen[sc]e[ds]?|li[sc]{1,2}en[sc]e[ds]?|licese|licen[sc]ing|lic|bsdl|bdsl)$/;

/**
 * The words of a licence name in one spelling: lower case, versions apart from names (`gplv2+` → `gpl 2 +`), without
 * punctuation, articles, and the word "license" itself, which names leave out as they like. `2.0` and `2` are the same.
 */
export function nameWords(text: string): readonly string[] {
  const words: string[] = [];
  const spaced = text
    .toLowerCase()
    .replaceAll(/(\d)_(?=\d)/g, "$1.")
    .replaceAll(/[≥]|>=/g, " + ")
    .replaceAll(/(\d)(?:\.|\b)?\s*\+/g, "$1 + ")
    // A plus sign that follows a name says "or any later version"; elsewhere it joins names.
    .replaceAll(/([a-z])\+(?=$|[\s)])/g, "$1 + ")
    .replaceAll(/\b(?:version|ver|v)[\s.:_-]{0,3}(?=\d)/g, " ")
    .replaceAll(/([a-z])v?\.?(?=\d)/g, (_all, letter: string) => `${letter} `);
  for (const [word] of spaced.matchAll(/\+|\d+(?:\.\d+)*[a-z]?|[\p{L}\p{M}]+(?:'s)?/gu)) {
    if (word === "bsdl" || word === "bdsl") words.push("bsd");
    if (license.test(word) || word === "the" || word === "v" || word === "version") continue;
    words.push(/^\d/.test(word) ? word.replace(/^(\d+)(?:\.0)+$/, "$1") : word);
  }
  return words;
}

/** `nameWords` as one text to look up. */
export function nameKey(text: string): string {
  return nameWords(text).join(" ");
}
