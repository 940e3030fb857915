import { compileGlob } from "@plimsoll/formats";
import type { Finding, Package } from "@plimsoll/model";
import { purlPattern } from "../../purl-match.ts";
import { goesBy } from "../../ignore-rules.ts";

/** What most formats let a rule say about the findings it means. A list left empty says nothing. */
export interface Scope {
  readonly ids: readonly string[];
  /** Package names, as they are or as the advisory knows them. */
  readonly names?: readonly string[];
  readonly purls: readonly string[];
  /** Globs; one location that matches is enough. */
  readonly paths: readonly string[];
}

/** Compiles a scope into a question; a text says what about it cannot be understood. */
export function compileScope(scope: Scope): ((finding: Finding, pkg: Package | undefined) => boolean) | string {
  const { ids, names = [] } = scope;
  const purls = scope.purls.map((text) => [text, purlPattern(text)] as const);
  const broken = purls.find(([, pattern]) => pattern === undefined)?.[0];
  if (broken !== undefined) return `${JSON.stringify(broken)} is not a package URL`;
  const patterns = purls.flatMap(([, pattern]) => pattern ?? []);
  const globs = scope.paths.map(compileGlob);
  return (finding, pkg) =>
    (ids.length === 0 || goesBy(finding, ids)) &&
    (names.length === 0 || names.includes(finding.package.name) || names.includes(finding.explanation.key.name)) &&
    (patterns.length === 0 || patterns.some((pattern) => pattern.matches(finding, pkg) !== undefined)) &&
    (globs.length === 0 || (pkg?.locations ?? []).some(({ path }) => globs.some((matches) => matches(path))));
}

/** A scope for people: `CVE-2020-1 in pkg:npm/left`. */
export function describeScope({ ids, names = [], purls, paths }: Scope): string {
  const where = [...names, ...purls, ...paths];
  const what = ids.length === 0 ? "everything" : ids.join(", ");
  return where.length === 0 ? what : `${what} in ${where.join(", ")}`;
}
