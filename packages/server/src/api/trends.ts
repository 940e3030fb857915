import { sql } from "kysely";
import { severities } from "@plimsoll/model";
import type { Severity } from "@plimsoll/model";
import { isOfTenant } from "../catalog/package-owner.ts";
import type { Queries } from "../database/open-database.ts";

/** What one day brought, in UTC. */
export interface DayOfTrends {
  /** `2026-11-29`. */
  readonly day: string;
  /** Images that were indexed, or indexed anew, last on that day. */
  readonly images: number;
  /** Findings that updates of the advisories added, by severity; each distinct package counts once, however many images have it. */
  readonly added: Readonly<Partial<Record<Severity, number>>>;
  /** Findings that updates took away, by the severity they had. */
  readonly removed: Readonly<Partial<Record<Severity, number>>>;
}

/** Days that can be asked for at a time. */
export const maxTrendDays = 366;

/**
 * What each of the last days brought for what a tenant has, oldest first; days that brought nothing are there too.
 * @param days At most {@link maxTrendDays}; `now` is in the last one.
 */
export async function dailyTrends(
  queries: Queries,
  { tenant, days, now }: { readonly tenant: string; readonly days: number; readonly now: Date },
): Promise<{ readonly days: readonly DayOfTrends[] }> {
  const names = Array.from({ length: days }, (_, at) => dayOf(new Date(now.getTime() - (days - 1 - at) * 86_400_000)));
  const since = new Date(`${names[0]}T00:00:00Z`);
  interface ChangeRow {
    readonly day: string;
    readonly kind: string;
    readonly severity: number;
    readonly count: number;
  }
  const { rows: changes } =
    await sql<ChangeRow>`select to_char(update_operation.date at time zone 'UTC', 'YYYY-MM-DD') AS day,
      finding_change.kind, finding_change.severity, count(*) AS count
    from finding_change join update_operation on update_operation.id = finding_change.update_id
    join package on package.id = finding_change.package_id
    where update_operation.date >= ${since} and finding_change.kind in ('added', 'removed') and ${isOfTenant(tenant)}
    group by 1, 2, 3`.execute(queries);
  const { rows: indexed } = await sql<{ readonly day: string; readonly count: number }>`
    select to_char(indexed_at at time zone 'UTC', 'YYYY-MM-DD') AS day, count(*) AS count
    from inventory where tenant = ${tenant} and indexed_at >= ${since} group by 1`.execute(queries);
  const images = new Map(indexed.map(({ day, count }) => [day, Number(count)]));
  const counts = (day: string, kind: string): Partial<Record<Severity, number>> =>
    Object.fromEntries(
      changes
        .filter((row) => row.day === day && row.kind === kind)
        .sort((a, b) => a.severity - b.severity)
        .map(({ severity, count }) => [severities[severity] ?? "UNKNOWN", Number(count)]),
    );
  return {
    days: names.map((day) => ({
      day,
      images: images.get(day) ?? 0,
      added: counts(day, "added"),
      removed: counts(day, "removed"),
    })),
  };
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
