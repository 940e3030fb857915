import { defineVersionScheme, satisfiesOperators } from "@plimsoll/model";
import type { VersionScheme } from "@plimsoll/model";
import { compareDigitLists, compareDigits, withoutLeadingZeros } from "./digits.ts";
import { comparePreReleases } from "./identifiers.ts";

interface GenericVersion {
  readonly release: readonly string[];
  readonly pre: readonly string[];
}

/** Any number of numbers; a pre-release behind a hyphen, or right behind the numbers when it starts with a letter. */
const shape =
  /^v?(\d+(?:\.\d+)*)(?:-(\d[0-9A-Za-z~-]*(?:\.[0-9A-Za-z~-]+)*)|-?([A-Za-z~-][0-9A-Za-z~-]*(?:\.[0-9A-Za-z~-]+)*))?(?:\+[0-9A-Za-z.~-]+)?$/;

/** Semantic Versioning with any number of parts: for projects whose releases follow no documented scheme. */
export const genericVersions: VersionScheme = defineVersionScheme<GenericVersion>({
  id: "generic",
  parse,
  compare: compareGeneric,
  satisfies: (version, range) => satisfies(version, range),
});

function parse(text: string): GenericVersion | undefined {
  const match = shape.exec(text);
  if (match === null) return undefined;
  const pre = match[2] ?? match[3];
  return { release: (match[1] ?? "").split("."), pre: pre === undefined ? [] : pre.split(".") };
}

function compareGeneric(a: GenericVersion, b: GenericVersion): number {
  return compareDigitLists(a.release, b.release) || comparePreReleases(a.pre, b.pre);
}

/**
 * Whether a version lies in a range: comparisons such as `>=1.2`, and `^1.2`, `~1.2`, `~>1.2` as lock files write them, which fix the first
 * numbers. Undefined when either cannot be read.
 */
function satisfies(version: string, range: string): boolean | undefined {
  let unknown = false;
  for (const alternative of range.split("||")) {
    const verdict = satisfiesAll(version, alternative);
    if (verdict === true) return true;
    if (verdict === undefined) unknown = true;
  }
  return unknown ? undefined : false;
}

function satisfiesAll(version: string, conditions: string): boolean | undefined {
  let unknown = !genericVersions.isValid(version);
  const parts = conditions
    .replaceAll("=>", ">=")
    .replaceAll("=<", "<=")
    .replaceAll(/([<>=!~^])\s+/g, "$1")
    .split(/[\s,]+/);
  for (const part of parts) {
    if (part === "" || part === "*") continue;
    const verdict = satisfiesOne(version, part);
    if (verdict === false) return false;
    if (verdict === undefined) unknown = true;
  }
  return unknown ? undefined : true;
}

function satisfiesOne(version: string, condition: string): boolean | undefined {
  const [, operator, bound] = /^(~>|~|\^)(.*)$/s.exec(condition) ?? [];
  if (operator === undefined || bound === undefined) {
    return satisfiesOperators(genericVersions.compare, version, condition);
  }
  const wanted = parse(bound);
  const actual = parse(version);
  if (wanted === undefined || actual === undefined) return undefined;
  if (compareGeneric(actual, wanted) < 0) return false;
  const fixed = wanted.release.slice(0, fixedParts(operator, wanted.release));
  return fixed.every((digits, index) => compareDigits(digits, actual.release[index] ?? "") === 0);
}

/** How many leading numbers of a bound the operator `^`, `~` or `~>` fixes. */
function fixedParts(operator: string, release: readonly string[]): number {
  if (operator === "~>") return Math.max(1, release.length - 1);
  if (operator === "~") return Math.min(2, release.length);
  const nonZero = release.findIndex((digits) => withoutLeadingZeros(digits) !== "");
  return nonZero === -1 ? release.length : nonZero + 1;
}
