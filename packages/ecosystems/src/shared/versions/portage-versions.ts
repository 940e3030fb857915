import { compareText, defineVersionScheme } from "@plimsoll/model";
import type { VersionScheme } from "@plimsoll/model";
import { compareDigits } from "./digits.ts";

interface EbuildVersion {
  readonly numbers: readonly string[];
  readonly letter: string;
  readonly suffixes: readonly Suffix[];
  readonly revision: string;
}

interface Suffix {
  readonly rank: number;
  readonly number: string;
}

const grammar = /^(\d+(?:\.\d+)*)([a-z]?)((?:_(?:alpha|beta|pre|rc|p)\d*)*)(?:-r(\d+))?$/;

/** The order of suffixes. A version without a suffix has rank 0: only `_p` is newer than it. */
const suffixRanks: Readonly<Record<string, number>> = { alpha: -4, beta: -3, pre: -2, rc: -1, p: 1 };
const noSuffix: Suffix = { rank: 0, number: "" };

/** How portage orders versions: Package Manager Specification, "Version comparison" (algorithms 3.1 to 3.7). */
export const portageVersions: VersionScheme = defineVersionScheme<EbuildVersion>({
  id: "gentoo",
  parse,
  compare: (a, b) =>
    compareNumbers(a.numbers, b.numbers) ||
    compareText(a.letter, b.letter) ||
    compareSuffixes(a.suffixes, b.suffixes) ||
    compareDigits(a.revision, b.revision),
});

function parse(text: string): EbuildVersion | undefined {
  const [whole, numbers = "", letter = "", suffixes = "", revision = ""] = grammar.exec(text) ?? [];
  if (whole === undefined) return undefined;
  return {
    numbers: numbers.split("."),
    letter,
    suffixes: Array.from(suffixes.matchAll(/_([a-z]+)(\d*)/g), ([, name = "", number = ""]) => ({
      rank: suffixRanks[name] ?? 0,
      number,
    })),
    revision,
  };
}

function compareNumbers(a: readonly string[], b: readonly string[]): number {
  const order = compareDigits(a[0] ?? "", b[0] ?? "");
  if (order !== 0) return order;
  for (let at = 1; at < a.length && at < b.length; at++) {
    const later = compareFraction(a[at] ?? "", b[at] ?? "");
    if (later !== 0) return later;
  }
  return a.length - b.length;
}

/** With a leading zero on either side, numbers behind the first are fractions: 1.01 < 1.1, 1.010 = 1.01. */
function compareFraction(a: string, b: string): number {
  return a.startsWith("0") || b.startsWith("0")
    ? compareText(withoutTrailingZeros(a), withoutTrailingZeros(b))
    : compareDigits(a, b);
}

function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === "0") end--;
  return digits.slice(0, end);
}

function compareSuffixes(a: readonly Suffix[], b: readonly Suffix[]): number {
  for (let at = 0; at < a.length || at < b.length; at++) {
    const left = a[at] ?? noSuffix;
    const right = b[at] ?? noSuffix;
    const order = left.rank - right.rank || compareDigits(left.number, right.number);
    if (order !== 0) return order;
  }
  return 0;
}
