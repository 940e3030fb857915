import { compareText } from "@plimsoll/model";

/** A version from before PEP 440. */
export interface LegacyVersion {
  readonly kind: "legacy";
  readonly parts: readonly string[];
}

/** Times with a zone have been published as versions, too. */
const allowed = /^[A-Za-z0-9._:-]+(?:\+\d+)?$/;

/** Words that setuptools read as another one when it orders versions (`pkg_resources.parse_version` before version 66). */
const synonyms: ReadonlyMap<string, string> = new Map([
  ["pre", "c"],
  ["preview", "c"],
  ["-", "final-"],
  ["rc", "c"],
  ["dev", "@"],
]);

/** Reads such a version; undefined for texts with characters that no version ever had. */
export function parseLegacyVersion(text: string): LegacyVersion | undefined {
  if (text.length > 256 || !allowed.test(text)) return undefined;
  const parts: string[] = [];
  for (const token of [...(text.toLowerCase().match(/\d+|[a-z]+|[.-]|[_:+]+/g) ?? []), "final"]) {
    const word = synonyms.get(token) ?? token;
    if (word === ".") continue;
    if (/^\d/.test(word)) parts.push(word.replace(/^0+(?=\d)/, ""));
    else {
      dropInsignificant(parts, word);
      parts.push(`*${word}`);
    }
  }
  return { kind: "legacy", parts };
}

/** Dashes before a pre-release word, and zeros at the end of a series of numbers, do not count. */
function dropInsignificant(parts: string[], word: string): void {
  if (word < "final") while (parts.at(-1) === "*final-") parts.pop();
  while (parts.at(-1) === "0") parts.pop();
}

/** Words sort below numbers, numbers by size, words as text. */
export function compareLegacyVersions(a: LegacyVersion, b: LegacyVersion): number {
  for (let at = 0; at < Math.min(a.parts.length, b.parts.length); at++) {
    const order = compareParts(a.parts[at] ?? "", b.parts[at] ?? "");
    if (order !== 0) return order;
  }
  return a.parts.length - b.parts.length;
}

function compareParts(a: string, b: string): number {
  const aIsWord = a.startsWith("*");
  if (aIsWord !== b.startsWith("*")) return aIsWord ? -1 : 1;
  return !aIsWord && a.length !== b.length ? a.length - b.length : compareText(a, b);
}
