import { compareText, defineVersionScheme, satisfiesOperators } from "@plimsoll/model";
import type { VersionScheme } from "@plimsoll/model";
import { compareDigits } from "./digits.ts";
import { genericVersions } from "./generic-versions.ts";

/** Parts between punctuation, each cut into runs of digits and of other characters. */
type FuzzyVersion = readonly (readonly string[])[];

/** What is surely meant as a semantic version: one to three numbers, then a hyphen or a usual word for a pre-release. */
const semanticLike = /^v?\d+(?:\.\d+){0,2}(?:(?:-|alpha|beta|rc)[0-9A-Za-z.-]*)?(?:\+[0-9A-Za-z.-]+)?$/;

/**
 * An order for versions without a documented scheme, for the ranges of the NVD: parts are compared in turn, digits by value, other text
 * as text; all punctuation is the same; the one with more parts is newer (`1.1.1 < 1.1.1w`). In ranges, versions that look like
 * semantic ones are compared as such, so that `1.2.0-rc1` is before `1.2.0`.
 */
export const fuzzyVersions: VersionScheme = defineVersionScheme<FuzzyVersion>({
  id: "fuzzy",
  parse(text) {
    const trimmed = text.trim().replace(/^v(?=\d)/, "");
    if (trimmed === "") return undefined;
    const parts = trimmed.split(/[!-/:-@[-`{-~\s]/);
    while (parts.length > 1 && parts.at(-1) === "") parts.pop();
    return parts.map((part) => part.match(/\d+|\D+/g) ?? []);
  },
  compare: compareParts,
  satisfies: (version, range) =>
    satisfiesOperators(compareForRanges, version, range.replaceAll(/(["'])([^"']*)\1/g, "$2")),
});

function compareForRanges(a: string, b: string): number | undefined {
  if (semanticLike.test(a) && semanticLike.test(b)) return genericVersions.compare(a, b) ?? fuzzyVersions.compare(a, b);
  return fuzzyVersions.compare(a, b);
}

function compareParts(a: FuzzyVersion, b: FuzzyVersion): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const order = compareRuns(a[index] ?? [], b[index] ?? []);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareRuns(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const left = a[index] ?? "";
    const right = b[index] ?? "";
    const leftDigits = /^\d/.test(left);
    const rightDigits = /^\d/.test(right);
    // Text at the place of a number is the older one: "5-appl" before "5-1".
    if (leftDigits !== rightDigits) return leftDigits ? 1 : -1;
    const order = leftDigits ? compareDigits(left, right) : compareText(left, right);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
