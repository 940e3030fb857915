import { sql } from "kysely";
import { severities } from "@plimsoll/model";
import type { Severity } from "@plimsoll/model";
import type { ImageKey } from "../catalog/image-key.ts";
import { isOfTenant } from "../catalog/package-owner.ts";
import { dayOf, totalsSince } from "../catalog/totals.ts";
import type { Totals } from "../catalog/totals.ts";
import type { Queries } from "../database/open-database.ts";

/** The changes of one day (UTC). */
export interface DayOfTrends {
  /** The day: `2026-11-29`. */
  readonly day: string;
  /** Images whose latest indexing was on that day. */
  readonly images: number;
  /** Findings that updates of the advisories added, by severity; a package counts once, however many images have it. */
  readonly added: Readonly<Partial<Record<Severity, number>>>;
  /** Findings that updates removed, by the severity they had. */
  readonly removed: Readonly<Partial<Record<Severity, number>>>;
  /** Totals at the end of the day, or now for the current day. Absent: no totals were recorded on that day. */
  readonly totals?: Totals | undefined;
}

/**
 * The changes to a tenant's images and findings on each of the last days, oldest first, including days without changes.
 * @param days At most 366; the last one is the day of `now`. `present`: the current totals.
 */
export async function dailyTrends(
  queries: Queries,
  {
    tenant,
    days,
    now,
    present,
  }: { readonly tenant: string; readonly days: number; readonly now: Date; readonly present: Totals },
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
  const totals = new Map(await totalsSince(queries, tenant, names[0] ?? ""));
  totals.set(dayOf(now), present);
  return {
    days: names.map((day) => ({
      day,
      images: images.get(day) ?? 0,
      added: counts(day, "added"),
      removed: counts(day, "removed"),
      ...(totals.has(day) ? { totals: totals.get(day) } : {}),
    })),
  };
}

/** How many findings an image had at the end of a day. */
export interface DayOfImage {
  /** The day in UTC: `2026-11-29`. */
  readonly day: string;
  readonly added: number;
  readonly removed: number;
  /** Findings at the end of the day; a package counts once. */
  readonly findings: number;
}

/**
 * The number of findings of an image at the end of each of the last `days` days, oldest first, beginning no earlier than the day when it was
 * indexed. Empty for an image that is not indexed.
 */
export async function imageTrend(
  queries: Queries,
  { tenant, digest }: ImageKey,
  { days, now }: { readonly days: number; readonly now: Date },
): Promise<readonly DayOfImage[]> {
  const image = await queries
    .selectFrom("inventory")
    .select(["id", "indexed_at"])
    .where("tenant", "=", tenant)
    .where("digest", "=", digest)
    .executeTakeFirst();
  if (image === undefined || image.indexed_at === null) return [];
  const packages = sql`(select package_id from set_package join inventory_set using (set_id)
    where inventory_set.inventory_id = ${image.id})`;
  const { rows: present } = await sql<{ readonly count: number }>`select count(*) AS count from finding
    where package_id in ${packages}`.execute(queries);
  interface ChangeRow {
    readonly day: string;
    readonly kind: string;
    readonly count: number;
  }
  const { rows: changes } =
    await sql<ChangeRow>`select to_char(update_operation.date at time zone 'UTC', 'YYYY-MM-DD') AS day,
      finding_change.kind, count(*) AS count
    from finding_change join update_operation on update_operation.id = finding_change.update_id
    where finding_change.package_id in ${packages} and finding_change.kind in ('added', 'removed')
      and update_operation.date >= ${image.indexed_at} group by 1, 2`.execute(queries);
  const count = (day: string, kind: string): number =>
    Number(changes.find((row) => row.day === day && row.kind === kind)?.count ?? 0);
  const first = dayOf(image.indexed_at);
  const trend: DayOfImage[] = [];
  let findings = Number(present[0]?.count ?? 0);
  for (let back = 0; back < days; back++) {
    const day = dayOf(new Date(now.getTime() - back * 86_400_000));
    if (day < first) break;
    const [added, removed] = [count(day, "added"), count(day, "removed")];
    trend.unshift({ day, added, removed, findings });
    findings += removed - added;
  }
  return trend;
}
