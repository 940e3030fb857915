import type { AffectedPackage, VersionScheme } from "@plimsoll/model";
import { isInside, judgeVersion } from "./affected.ts";

/** Every version that an entry names as fixed, as text, without order. */
export function namedFixes(entry: AffectedPackage, scheme: VersionScheme): readonly string[] {
  const fixes = new Set<string>();
  for (const { end } of entry.ranges) if (end.kind === "fixed") fixes.add(end.version);
  const patched = (entry.patched ?? []).flatMap((expression) => lowestOf(expression, scheme));
  for (const version of patched) fixes.add(version);
  if (patched.length === 0) for (const version of (entry.expressions ?? []).flatMap(upperBounds)) fixes.add(version);
  // No versions, but what feeds write where there is none.
  fixes.delete("");
  fixes.delete("0");
  return [...fixes];
}

/**
 * The nearest fixed version above `version`, within its series: the end of the range that holds `version`, else the lowest fix above
 * it. Where the same entry lists that fix as affected (adjacent ranges), the next one is taken.
 */
export function nearestFix(
  entry: AffectedPackage,
  version: string,
  scheme: VersionScheme,
  named: readonly string[] = namedFixes(entry, scheme),
): string | undefined {
  let from = version;
  // Each step goes up to another named fix, so there are no more steps than fixes.
  for (let step = 0; step <= named.length; step++) {
    const next = lowestAbove(endsOfRangesAround(entry, from, scheme), from, scheme) ?? lowestAbove(named, from, scheme);
    if (next === undefined || judgeVersion(entry, next, scheme).kind !== "affected") return next;
    from = next;
  }
  return undefined;
}

function endsOfRangesAround(entry: AffectedPackage, version: string, scheme: VersionScheme): readonly string[] {
  const ends: string[] = [];
  for (const range of entry.ranges)
    if (range.end.kind === "fixed" && isInside(range, version, scheme) === true) ends.push(range.end.version);
  return ends;
}

function lowestAbove(candidates: readonly string[], version: string, scheme: VersionScheme): string | undefined {
  let lowest: string | undefined;
  for (const candidate of candidates) {
    const order = scheme.isValid(candidate) ? scheme.compare(candidate, version) : undefined;
    if (order === undefined || order <= 0) continue;
    if (lowest === undefined || (scheme.compare(candidate, lowest) ?? 0) < 0) lowest = candidate;
  }
  return lowest;
}

/** One bound of an expression. Versions of distributions hold signs that are operators elsewhere, but do not begin with them: `3.0.16-1~deb12u1`. */
const bounds = /(>=|<=|!=|~>|==|[<>^~=])?\s*([^\s<>=!~^|,][^\s<>=!|,]*)/g;

const admitsItsVersion: ReadonlySet<string> = new Set(["", ">=", "~>", "^", "~", "=", "=="]);

/**
 * The lowest version that each series of a patched expression admits: `1.2.4` of `>= 1.2.4` or `~> 1.2.4`, `2.0.9.4` of
 * `~> 2.0.9, >= 2.0.9.4`, as databases of gems write it; none of `> 1.2.3`.
 */
function lowestOf(expression: string, scheme: VersionScheme): readonly string[] {
  return expression.split("||").flatMap((alternative) => {
    let lowest: string | undefined;
    for (const [, operator = "", version = ""] of alternative.matchAll(bounds)) {
      if (!admitsItsVersion.has(operator)) continue;
      const isHigher =
        lowest === undefined ||
        (scheme.isValid(version) && scheme.isValid(lowest) && (scheme.compare(version, lowest) ?? 0) > 0);
      if (isHigher) lowest = version;
    }
    return lowest === undefined ? [] : [lowest];
  });
}

/** The exclusive upper bounds of an affected expression. Behind them lies the fix: `1.2.4` of `>=1.0, <1.2.4`. */
function upperBounds(expression: string): readonly string[] {
  return [...expression.matchAll(/<(?!=)\s*([^\s<>=,|]+)/g)].flatMap(([, version]) =>
    version === undefined ? [] : [version],
  );
}
