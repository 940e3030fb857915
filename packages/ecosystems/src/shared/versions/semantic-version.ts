import { compareText } from "@plimsoll/model";

/** A version by the rules of Semantic Versioning 2.0, read leniently. */
export interface SemanticVersion {
  /** At least three; decimal digits without leading zeros, of any length. */
  readonly numbers: readonly string[];
  /** Identifiers of the pre-release, empty for a release. */
  readonly prerelease: readonly string[];
}

const shape =
  /^\s*[vV]?(\d+(?:\.\d+)*)(?:\.?([A-Za-z][0-9A-Za-z.~_-]*)|-([0-9A-Za-z~_-][0-9A-Za-z.~_-]*))?(?:\+[0-9A-Za-z.~_+-]*)?\s*$/;

/**
 * Reads versions as ecosystems with Semantic Versioning publish them: a leading `v`, fewer or more than three numbers, a pre-release
 * without its dash (`1.20rc1`, `1.0.0.alpha.1`). Undefined for anything else.
 */
export function parseSemanticVersion(text: string): SemanticVersion | undefined {
  if (text.length > 256) return undefined;
  const [, core, bare, dashed] = shape.exec(text) ?? [];
  if (core === undefined) return undefined;
  const numbers = core.split(".").map((digits) => digits.replace(/^0+(?=\d)/, ""));
  while (numbers.length < 3) numbers.push("0");
  const prerelease = (dashed ?? bare)?.split(".") ?? [];
  if (prerelease.includes("")) return undefined;
  return { numbers, prerelease };
}

/** Precedence, Semantic Versioning 2.0 §11; missing numbers count as zero, build metadata not at all. */
export function compareSemanticVersions(a: SemanticVersion, b: SemanticVersion): number {
  for (let at = 0; at < Math.max(a.numbers.length, b.numbers.length); at++) {
    const order = compareNumbers(a.numbers[at] ?? "0", b.numbers[at] ?? "0");
    if (order !== 0) return order;
  }
  return comparePrereleases(a.prerelease, b.prerelease);
}

function comparePrereleases(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const order = compareIdentifiers(a[at] ?? "", b[at] ?? "");
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

const digits = /^\d+$/;

function compareIdentifiers(a: string, b: string): number {
  const aIsNumber = digits.test(a);
  const bIsNumber = digits.test(b);
  if (aIsNumber && bIsNumber) return compareNumbers(a.replace(/^0+(?=\d)/, ""), b.replace(/^0+(?=\d)/, ""));
  if (aIsNumber !== bIsNumber) return aIsNumber ? -1 : 1;
  return compareText(a, b);
}

/** Decimal digits without leading zeros: the longer is the greater. */
function compareNumbers(a: string, b: string): number {
  return a.length === b.length ? compareText(a, b) : a.length - b.length;
}
