import { checkOptions, optionIs } from "@plimsoll/model";
import { compareSemanticVersions, parseSemanticVersion } from "./semantic-version.ts";
import type { SemanticVersion } from "./semantic-version.ts";

/** How ranges treat the cases on which tools disagree. */
export interface SemverRangeOptions {
  /** Whether a pre-release may lie in a range that names none. Absent: yes, as a pre-release of a vulnerable version is vulnerable. */
  readonly prereleases?: boolean | undefined;
  /** Whether missing numbers mean zero: `<=1.1` is `<=1.1.0`, not `<1.2.0`. Absent: yes, as advisories mean it. */
  readonly zeros?: boolean | undefined;
}

interface Condition {
  readonly operator: string;
  readonly bound: SemanticVersion;
  /** How many numbers were written before the first wildcard or the end, where that is less than all; else undefined. */
  readonly prefix: number | undefined;
}

/**
 * Whether a version lies in a range of semantic versions: conditions `< <= > >= = == != ^ ~` joined by commas or spaces,
 * alternatives by `||`, wildcards `*` and `x`; an empty range holds for all. Undefined when either cannot be read.
 */
export function satisfiesSemverRange(
  version: string,
  range: string,
  options: SemverRangeOptions = {},
): boolean | undefined {
  checkOptions("satisfiesSemverRange", options, { prereleases: optionIs.flag, zeros: optionIs.flag });
  const candidate = parseSemanticVersion(version);
  if (candidate === undefined || range.length > 4_096) return undefined;
  const { prereleases = true, zeros = true } = options;
  let verdict: false | undefined = false;
  for (const alternative of range.split("||")) {
    const conditions = parseConditions(alternative, zeros);
    if (conditions === undefined) verdict = undefined;
    else if (isAllowed(candidate, conditions, prereleases) && conditions.every((one) => meets(candidate, one)))
      return true;
  }
  return verdict;
}

function isAllowed(candidate: SemanticVersion, conditions: readonly Condition[], prereleases: boolean): boolean {
  if (candidate.prerelease.length === 0 || prereleases) return true;
  return conditions.some(({ bound }) => bound.prerelease.length > 0);
}

const condition = /^(<=|>=|=>|=<|==|!=|~>|<|>|=|\^|~)?(\S+)$/;

function parseConditions(alternative: string, zeros: boolean): readonly Condition[] | undefined {
  const conditions: Condition[] = [];
  for (const part of alternative.replace(/([<>=!~^])\s+/g, "$1").split(/[\s,]+/)) {
    if (part === "") continue;
    const [, operator = "=", text = ""] = condition.exec(part) ?? [];
    const parsed = parseBound(operator, text, zeros);
    if (parsed === undefined) return undefined;
    conditions.push(parsed);
  }
  return conditions;
}

const wildcards = /^[vV]?(\d+(?:\.\d+)*)?\.?[xX*](?:\.[xX*])*(-[0-9A-Za-z.-]+)?$/;

function parseBound(operator: string, text: string, zeros: boolean): Condition | undefined {
  const wild = wildcards.exec(text);
  if (wild !== null) {
    const prefix = wild[1]?.split(".").length ?? 0;
    const bound = parseSemanticVersion(`${wild[1] ?? "0"}${wild[2] ?? ""}`);
    return bound === undefined ? undefined : { operator, bound, prefix };
  }
  const bound = parseSemanticVersion(text);
  if (bound === undefined) return undefined;
  const written = /^[vV]?(\d+(?:\.\d+)*)/.exec(text)?.[1]?.split(".").length ?? 3;
  const counts = !zeros || operator === "^" || operator.startsWith("~");
  return { operator, bound, prefix: written < 3 && counts ? written : undefined };
}

function meets(candidate: SemanticVersion, { operator, bound, prefix }: Condition): boolean {
  if (operator === "^")
    return isFrom(candidate, bound, prefix) && samePrefix(candidate, bound, caretLength(bound, prefix));
  if (operator.startsWith("~"))
    return isFrom(candidate, bound, prefix) && samePrefix(candidate, bound, Math.min(2, prefix ?? 2));
  return prefix === undefined
    ? holds(operator, compareSemanticVersions(candidate, bound))
    : meetsPrefix(candidate, operator, bound, prefix);
}

/**
 * Whether a version meets a bound of which only the first `prefix` numbers are written, such as `>=1.2`. Pre-releases do not meet a bound
 * that names a pre-release itself, since without all its numbers nobody knows of which version.
 */
function meetsPrefix(candidate: SemanticVersion, operator: string, bound: SemanticVersion, prefix: number): boolean {
  if (bound.prerelease.length > 0 && candidate.prerelease.length > 0) return false;
  const order = compareSemanticVersions(firstNumbers(candidate, prefix), firstNumbers(bound, prefix));
  if (operator === "<" && order === 0) return compareSemanticVersions(candidate, { ...bound, prerelease: [] }) < 0;
  return holds(operator, order);
}

function isFrom(candidate: SemanticVersion, bound: SemanticVersion, prefix: number | undefined): boolean {
  return prefix === undefined
    ? compareSemanticVersions(candidate, bound) >= 0
    : meetsPrefix(candidate, ">=", bound, prefix);
}

/** How many leading numbers `^` fixes: up to the first that is not zero (`^1.2.3`: one), or all that are written (`^0.0`: two). */
function caretLength(bound: SemanticVersion, prefix: number | undefined): number {
  const first = bound.numbers.findIndex((number) => number !== "0");
  return Math.min(first === -1 ? 3 : first + 1, prefix ?? 3);
}

function samePrefix(a: SemanticVersion, b: SemanticVersion, length: number): boolean {
  return compareSemanticVersions(firstNumbers(a, length), firstNumbers(b, length)) === 0;
}

function firstNumbers({ numbers }: SemanticVersion, length: number): SemanticVersion {
  return { numbers: numbers.slice(0, length), prerelease: [] };
}

function holds(operator: string, order: number): boolean {
  switch (operator) {
    case "<":
      return order < 0;
    case "<=":
    case "=<":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
    case "=>":
      return order >= 0;
    case "!=":
      return order !== 0;
    default:
      return order === 0;
  }
}
