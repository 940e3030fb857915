import { comparePep440, comparePublic, compareReleases, parsePep440 } from "./pep440.ts";
import type { Pep440Version } from "./pep440.ts";

const clause = /^(===|==|~=|!=|<=|>=|<|>|=)?([^<>=~,\s!][^<>=~,\s]*)$/;

/**
 * Whether a version meets version specifiers (PEP 440): clauses joined by commas or spaces, alternatives by `||`. A bare version or
 * a single `=` means `==`, `*` everything. Pre-releases are not left out, except as the comparison clauses say.
 * Undefined when the version or a clause that matters cannot be read.
 */
export function satisfiesSpecifiers(version: string, specifiers: string): boolean | undefined {
  const candidate = parsePep440(version);
  if (candidate === undefined || specifiers.length > 4_096) return undefined;
  let unknown = false;
  for (const alternative of specifiers.split("||")) {
    const verdict = meetsAll(candidate, version, alternative);
    if (verdict === true) return true;
    if (verdict === undefined) unknown = true;
  }
  return unknown ? undefined : false;
}

function meetsAll(candidate: Pep440Version, text: string, specifiers: string): boolean | undefined {
  const clauses = specifiers
    .replaceAll('"', "")
    .replace(/([<>=!~])\s+/g, "$1")
    .split(/[\s,]+/)
    .filter((part) => part !== "");
  let unknown = false;
  for (const part of clauses) {
    const verdict = part === "*" ? true : meets(candidate, text, part);
    if (verdict === false) return false;
    if (verdict === undefined) unknown = true;
  }
  return unknown ? undefined : true;
}

function meets(candidate: Pep440Version, text: string, part: string): boolean | undefined {
  const [, operator = "==", operand = ""] = clause.exec(part) ?? [];
  if (operator === "===") return text.trim().toLowerCase() === operand.toLowerCase();
  const isPrefix = operand.endsWith(".*");
  const bound = parsePep440(isPrefix ? operand.slice(0, -2) : operand);
  if (bound === undefined) return undefined;
  const isEquality = operator === "==" || operator === "=" || operator === "!=";
  // Only equality may look at a prefix or a local version label.
  if (isPrefix && (!isEquality || bound.dev !== undefined || bound.local !== undefined)) return undefined;
  if (bound.local !== undefined && !isEquality) return undefined;
  switch (operator) {
    case "~=":
      return bound.release.length < 2 ? undefined : isCompatible(candidate, bound);
    case "!=":
      return !equals(candidate, bound, isPrefix);
    case "<=":
      return comparePublic(candidate, bound) <= 0;
    case ">=":
      return comparePublic(candidate, bound) >= 0;
    case "<":
      return isBelow(candidate, bound);
    case ">":
      return isAbove(candidate, bound);
    default:
      return equals(candidate, bound, isPrefix);
  }
}

function equals(candidate: Pep440Version, bound: Pep440Version, isPrefix: boolean): boolean {
  if (isPrefix) return hasPrefix(candidate, bound);
  return bound.local === undefined ? comparePublic(candidate, bound) === 0 : comparePep440(candidate, bound) === 0;
}

/** `==2.*` holds for every release, pre-release and post-release of 2; `==2.0.post1.*` for those of the post-release. */
function hasPrefix(candidate: Pep440Version, bound: Pep440Version): boolean {
  const release = bound.release.map((_, at) => candidate.release[at] ?? "0");
  if (candidate.epoch !== bound.epoch || compareReleases(release, bound.release) !== 0) return false;
  if (bound.pre === undefined && bound.post === undefined) return true;
  if (compareReleases(candidate.release, bound.release) !== 0 || candidate.pre?.join() !== bound.pre?.join())
    return false;
  return bound.post === undefined || candidate.post === bound.post;
}

/** `~=1.4.5` is `>=1.4.5, ==1.4.*`. */
function isCompatible(candidate: Pep440Version, bound: Pep440Version): boolean {
  const prefix: Pep440Version = { kind: "pep440", epoch: bound.epoch, release: bound.release.slice(0, -1) };
  return comparePublic(candidate, bound) >= 0 && hasPrefix(candidate, prefix);
}

/** A pre-release of the bound is not below it, unless the bound is one itself. */
function isBelow(candidate: Pep440Version, bound: Pep440Version): boolean {
  if (comparePublic(candidate, bound) >= 0) return false;
  const isPre = candidate.pre !== undefined || candidate.dev !== undefined;
  const boundIsPre = bound.pre !== undefined || bound.dev !== undefined;
  return !isPre || boundIsPre || !sameBase(candidate, bound);
}

/** A post-release or local build of the bound is not above it, unless the bound is a post-release itself. */
function isAbove(candidate: Pep440Version, bound: Pep440Version): boolean {
  if (comparePep440(candidate, bound) <= 0) return false;
  if (!sameBase(candidate, bound)) return true;
  if (candidate.post !== undefined && bound.post === undefined) return false;
  return candidate.local === undefined;
}

function sameBase(a: Pep440Version, b: Pep440Version): boolean {
  return a.epoch === b.epoch && compareReleases(a.release, b.release) === 0;
}
