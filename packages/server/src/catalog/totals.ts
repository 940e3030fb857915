import { sql } from "kysely";
import { severities } from "@plimsoll/model";
import type { Severity } from "@plimsoll/model";
import type { Queries } from "../database/open-database.ts";
import { isOfTenant } from "./package-owner.ts";

/** Totals of a tenant. */
export interface Totals {
  /** Images that are indexed. */
  readonly images: number;
  /** Their findings by severity; a package counts once, however many images have it. */
  readonly findings: Readonly<Partial<Record<Severity, number>>>;
}

/** The current totals of a tenant. */
export async function totalsNow(queries: Queries, tenant: string): Promise<Totals> {
  const { rows: images } = await sql<{ readonly count: number }>`select count(*) AS count from inventory
    where tenant = ${tenant} and state = 'IndexFinished'`.execute(queries);
  const { rows: findings } = await sql<{ readonly severity: number; readonly count: number }>`
    select finding.severity, count(*) AS count from finding join package on package.id = finding.package_id
    where ${isOfTenant(tenant)} group by 1 order by 1`.execute(queries);
  return {
    images: Number(images[0]?.count ?? 0),
    findings: Object.fromEntries(
      findings.map(({ severity, count }) => [severities[severity] ?? "UNKNOWN", Number(count)]),
    ),
  };
}

/** For how many milliseconds a count is used again. */
const countHolds = 60_000;

/** The most tenants whose counts are kept. */
const mostCounts = 1_000;

/**
 * Tells what a tenant has now, as counted within the last minute: counting looks at every finding, and whoever looks at a page may look again
 * and again.
 * @param clock Milliseconds that only go forward.
 */
export function totalsCounter(
  queries: Queries,
  clock: () => number = () => performance.now(),
): (tenant: string) => Promise<Totals> {
  const counts = new Map<string, { readonly until: number; readonly totals: Promise<Totals> }>();
  return (tenant) => {
    const known = counts.get(tenant);
    if (known !== undefined && clock() < known.until) return known.totals;
    if (counts.size >= mostCounts) counts.clear();
    const counted = { until: clock() + countHolds, totals: totalsNow(queries, tenant) };
    counts.set(tenant, counted);
    counted.totals.catch(() => {
      if (counts.get(tenant) === counted) counts.delete(tenant);
    });
    return counted.totals;
  };
}

/** Days that totals are kept for, and that can be asked for at a time. */
export const maxTrendDays = 366;

/** Records the current totals of each tenant, replacing those recorded earlier on the same day (UTC); removes days that nobody can ask for. */
export async function noteTotals(queries: Queries, now: Date): Promise<void> {
  const oldest = new Date(now.getTime() - maxTrendDays * 86_400_000);
  await sql`delete from daily_total where day < ${dayOf(oldest)}::date`.execute(queries);
  const { rows: tenants } = await sql<{ readonly tenant: string }>`select tenant from inventory
    union select tenant from daily_total`.execute(queries);
  for (const { tenant } of tenants) {
    const { images, findings } = await totalsNow(queries, tenant);
    await sql`insert into daily_total (tenant, day, images, findings)
      values (${tenant}, ${dayOf(now)}::date, ${images}, ${JSON.stringify(findings)})
      on conflict (tenant, day) do update set images = excluded.images, findings = excluded.findings`.execute(queries);
  }
}

/** The recorded totals of a tenant by day, from `day` on. */
export async function totalsSince(queries: Queries, tenant: string, day: string): Promise<ReadonlyMap<string, Totals>> {
  interface Row {
    readonly day: string;
    readonly images: number;
    readonly findings: string;
  }
  const { rows } = await sql<Row>`select to_char(day, 'YYYY-MM-DD') AS day, images, findings from daily_total
    where tenant = ${tenant} and day >= ${day}::date`.execute(queries);
  return new Map(
    rows.map(({ day: name, images, findings }) => [
      name,
      { images: Number(images), findings: JSON.parse(findings) as Totals["findings"] }, // as: written by noteTotals
    ]),
  );
}

/** The day of a date in UTC: `2026-11-29`. */
export function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
