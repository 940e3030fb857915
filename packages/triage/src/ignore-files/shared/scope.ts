import { compileGlob } from "@plimsoll/formats";
import { goesBy, packageOf } from "@plimsoll/model";
import type { Finding, FindingKind, Package } from "@plimsoll/model";
import { pathsOf } from "../../filters.ts";
import { purlPattern } from "../../purl-match.ts";
import type { PurlPattern } from "../../purl-match.ts";

/** The conditions by which most formats let a rule choose findings. An empty list is no condition. */
export interface Scope {
  readonly ids: readonly string[];
  readonly kinds: readonly FindingKind[];
  /** Package names, as they are or as the advisory knows them. */
  readonly names: readonly string[];
  readonly purls: readonly string[];
  /** Globs; one location that matches is enough. */
  readonly paths: readonly string[];
}

/** Compiles a scope into a predicate; a text instead says what cannot be understood. */
export function compileScope(scope: Scope): ((finding: Finding, pkg: Package | undefined) => boolean) | string {
  const { ids, kinds, names } = scope;
  const patterns: PurlPattern[] = [];
  for (const text of scope.purls) {
    const pattern = purlPattern(text);
    if (pattern === undefined) return `${JSON.stringify(text)} is not a package URL`;
    patterns.push(pattern);
  }
  const globs = scope.paths.map(compileGlob);
  return (finding, pkg) =>
    (kinds.length === 0 || kinds.includes(finding.kind)) &&
    (ids.length === 0 || goesBy(finding, ids)) &&
    (names.length === 0 || packageNamesOf(finding).some((name) => names.includes(name))) &&
    (patterns.length === 0 || patterns.some((pattern) => pattern.matches(finding))) &&
    (globs.length === 0 || pathsOf(finding, pkg).some((path) => globs.some((matches) => matches(path))));
}

/** The names of a finding's package: its own, and the one its advisory uses. */
export function packageNamesOf(finding: Finding): readonly string[] {
  const pkg = packageOf(finding);
  if (pkg === undefined) return [];
  return finding.kind === "vulnerability" ? [pkg.name, finding.explanation.key.name] : [pkg.name];
}

/** A scope for people: `CVE-2020-1 in pkg:npm/left`. */
export function describeScope({ ids, kinds, names, purls, paths }: Scope): string {
  const where = [...names, ...purls, ...paths];
  const what = ids.length > 0 ? ids.join(", ") : kinds.length > 0 ? `every ${kinds.join(" or ")}` : "everything";
  return where.length === 0 ? what : `${what} in ${where.join(", ")}`;
}
