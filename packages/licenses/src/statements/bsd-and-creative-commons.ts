import { licenseId } from "../spdx/license-list.ts";

const counts: ReadonlyMap<string, string> = new Map([
  ["0", "0"],
  ["zero", "0"],
  ["1", "1"],
  ["one", "1"],
  ["2", "2"],
  ["two", "2"],
  ["simplified", "2"],
  ["3", "3"],
  ["three", "3"],
  ["new", "3"],
  ["modified", "3"],
  ["revised", "3"],
  ["4", "4"],
  ["four", "4"],
  ["old", "4"],
  ["original", "4"],
  ["advertising", "4"],
]);
const bsdNoise: ReadonlySet<string> = new Set([
  "bsd",
  "bs",
  "bd",
  "clause",
  "clauses",
  "claude",
  "style",
  "like",
  "with",
  "or",
  "software",
  "berkeley",
  "distribution",
  "open",
  "source",
  "type",
  "ucb",
]);

/**
 * The BSD licence that words name by the number of its clauses or by a nickname. Bare "BSD" is taken for the one with three
 * clauses, as other scanners do; undefined when other words are among them, or nothing says BSD.
 */
export function bsdLicense(words: readonly string[]): string | undefined {
  if (words.includes("freebsd")) return special(words);
  if (!words.some((word) => word === "bsd" || ((word === "bs" || word === "bd") && words.includes("clause"))))
    return undefined;
  const said = new Set<string>();
  for (const word of words) {
    const count = counts.get(word);
    if (count !== undefined) said.add(count);
    else if (!bsdNoise.has(word)) return special(words);
  }
  const [count = "3", other] = said;
  if (other !== undefined) return undefined;
  return count === "0" ? "0BSD" : licenseId(`BSD-${count}-Clause`);
}

function special(words: readonly string[]): string | undefined {
  const key = words.filter((word) => word !== "style" && word !== "+" && word !== "with").join(" ");
  if (/^(?:bsd )?(?:3 clause )?(?:bsd )?clear(?: bsd)?(?: 3 clause)?$/.test(key)) return "BSD-3-Clause-Clear";
  if (/^free ?bsd$|^bsd 2 clause (?:simplified )?freebsd$/.test(key)) return "BSD-2-Clause-Views";
  if (/^bsd (?:3 clause )?attribution$/.test(key)) return "BSD-3-Clause-Attribution";
  return undefined;
}

const elements: ReadonlyMap<string, string> = new Map([
  ["by", "BY"],
  ["attribution", "BY"],
  ["nc", "NC"],
  ["noncommercial", "NC"],
  ["nd", "ND"],
  ["noderivs", "ND"],
  ["noderivatives", "ND"],
  ["noderivative", "ND"],
  ["sa", "SA"],
  ["sharealike", "SA"],
]);
const ccNoise: ReadonlySet<string> = new Set([
  "cc",
  "creative",
  "commons",
  "international",
  "unported",
  "generic",
  "public",
  "non",
  "commercial",
  "share",
  "alike",
  "no",
  "derivatives",
  "derivs",
  "works",
]);

/** The Creative Commons licence that words name by its elements and version: `CC BY-NC-SA 3.0`, `Creative Commons Attribution 4.0 International`. */
export function creativeCommonsLicense(words: readonly string[]): string | undefined {
  const joined = words
    .join(" ")
    .replaceAll("non commercial", "noncommercial")
    .replaceAll("share alike", "sharealike")
    .replaceAll(/no deriv/g, "noderiv");
  const all = joined.split(" ");
  const named = all.includes("cc") || joined.includes("creative commons");
  const said = new Set<string>();
  let version: string | undefined;
  let place: string | undefined;
  for (const word of all) {
    const element = elements.get(word);
    if (element !== undefined) said.add(element);
    else if (/^\d/.test(word)) {
      if (version !== undefined && version !== word) return undefined;
      version = word;
    } else if (/^[a-z]{2,3}$/.test(word) && version !== undefined && !ccNoise.has(word)) place = word;
    else if (!ccNoise.has(word)) return undefined;
  }
  if (!named && !(said.has("BY") && said.size > 1)) return undefined;
  if (version === undefined && said.size === 0) return undefined;
  // "Creative Commons 3.0" alone is taken for attribution, which every licence of that version asks for.
  const kinds = ["BY", "NC", "ND", "SA"].filter((element) => element === "BY" || said.has(element)).join("-");
  const versions = version === undefined ? [] : [version, `${version}.0`];
  for (const each of versions) {
    const id = licenseId(`CC-${kinds}-${each}${place === undefined ? "" : `-${place}`}`);
    if (id !== undefined) return id;
  }
  return undefined;
}
