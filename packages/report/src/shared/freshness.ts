import type { Report } from "@plimsoll/model";

/** How many sources are named; the others are counted, since a database may have hundreds. */
const mostNamed = 12;

/**
 * The age of each advisory source that was asked about the packages, in one line: `osv/Alpine fetched 2026-11-20; osv/npm of 2026-11-18`.
 * Undefined: the report was made without an advisory database, or no source was asked.
 */
export function freshnessText({ advisories }: Report): string | undefined {
  if (advisories === undefined) return undefined;
  const asked = advisories.asked === undefined ? undefined : new Set(advisories.asked);
  const sources = advisories.sources.filter(({ id }) => asked?.has(id) !== false);
  if (sources.length === 0) return undefined;
  const named = sources
    .slice(0, mostNamed)
    .map(({ id, checkedAt, updatedAt }) =>
      checkedAt !== undefined
        ? `${id} fetched ${checkedAt.slice(0, 10)}`
        : updatedAt !== undefined
          ? `${id} of ${updatedAt.slice(0, 10)}`
          : `${id}, date unknown`,
    );
  const rest = sources.length - named.length;
  return [...named, ...(rest > 0 ? [`and ${rest} more`] : [])].join("; ");
}

/** Messages about advisory data that is old, but not old enough to be a coverage gap. */
export function oldDataLines({ diagnostics }: Report): readonly string[] {
  return diagnostics.flatMap(({ code, effect, message }) =>
    code === "stale-advisories" && effect === "none" ? [message] : [],
  );
}

/**
 * Whether the distribution was past its end of support when the report was made: a coverage gap states it, or the end lies before the report's date
 * or, without one, before the date of its newest advisory data. Without any date: false.
 */
export function hasEnded(report: Report): boolean {
  const end = report.artifact.distro?.endOfLife;
  if (end === undefined) return false;
  if (report.coverage.gaps.some(({ code }) => code === "end-of-life")) return true;
  const dates = (report.advisories?.sources ?? []).flatMap(({ checkedAt, updatedAt }) => checkedAt ?? updatedAt ?? []);
  const now = report.createdAt ?? dates.sort().at(-1);
  return now !== undefined && end < now.slice(0, 10);
}
