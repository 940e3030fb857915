import { compareText } from "@plimsoll/model";
import { compareDigits } from "./digits.ts";

const digitsOnly = /^\d+$/;

/**
 * Orders dot-separated identifiers as Semantic Versioning 2.0.0 §11.4 does: numbers by value and before words,
 * words by code unit, and a list that is a prefix of the other comes first.
 */
export function compareIdentifiers(a: readonly string[], b: readonly string[]): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const order = compareIdentifier(a[index] ?? "", b[index] ?? "");
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Like {@link compareIdentifiers} where no identifiers at all mean a release, which comes after every pre-release. */
export function comparePreReleases(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  return compareIdentifiers(a, b);
}

function compareIdentifier(a: string, b: string): number {
  const numericA = digitsOnly.test(a);
  const numericB = digitsOnly.test(b);
  if (numericA && numericB) return compareDigits(a, b);
  if (numericA !== numericB) return numericA ? -1 : 1;
  return compareText(a, b);
}
