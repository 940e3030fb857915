import type { Report } from "@plimsoll/model";

/** More than this many sources are counted: a database may hold hundreds. */
const mostNamed = 12;

/**
 * When each source that may speak of the packages was last known to be current, in one line: `osv/Alpine fetched 2026-11-20; osv/npm of 2026-11-18`.
 * Undefined: no advisories were asked.
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
          : `${id}, nobody knows of when`,
    );
  const rest = sources.length - named.length;
  return [...named, ...(rest > 0 ? [`and ${rest} more`] : [])].join("; ");
}

/** What is told of data that is old, and not so old that it is a gap. */
export function oldDataLines({ diagnostics }: Report): readonly string[] {
  return diagnostics.flatMap(({ code, effect, message }) =>
    code === "stale-advisories" && effect === "none" ? [message] : [],
  );
}

/**
 * Whether the support of the distribution had ended when the report was made: a gap says so. Where there is none, by the time of the report or
 * the newest of its data; where nothing has a date, it is not over yet as far as anybody knows.
 */
export function hasEnded(report: Report): boolean {
  const end = report.artifact.distro?.endOfLife;
  if (end === undefined) return false;
  if (report.coverage.gaps.some(({ code }) => code === "end-of-life")) return true;
  const dates = (report.advisories?.sources ?? []).flatMap(({ checkedAt, updatedAt }) => checkedAt ?? updatedAt ?? []);
  const now = report.createdAt ?? dates.sort().at(-1);
  return now !== undefined && end < now.slice(0, 10);
}
