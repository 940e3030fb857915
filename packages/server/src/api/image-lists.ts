import { sql } from "kysely";
import type { RawBuilder } from "kysely";
import { severities } from "@plimsoll/model";
import type { Severity } from "@plimsoll/model";
import type { KnownFinding } from "../catalog/known-finding.ts";
import { isOfTenant } from "../catalog/package-owner.ts";
import type { Queries } from "../database/open-database.ts";

/** An image in a list. */
export interface ListedImage {
  readonly digest: string;
  readonly name: string;
  readonly state: string;
  readonly error?: string;
  readonly indexedAt?: string;
  /** Vulnerabilities of its distinct packages, by severity. */
  readonly vulnerabilities: Readonly<Partial<Record<Severity, number>>>;
}

/** A page of images, newest first. */
export async function listImages(
  queries: Queries,
  { tenant, limit, before }: { readonly tenant: string; readonly limit: number; readonly before: number | undefined },
): Promise<{ readonly images: readonly ListedImage[]; readonly next?: number }> {
  interface Row {
    readonly id: number;
    readonly digest: string;
    readonly name: string;
    readonly state: string;
    readonly error: string;
    readonly indexed_at: Date | null;
  }
  const { rows } = await sql<Row>`select id, digest, name, state, error, indexed_at from inventory
    where tenant = ${tenant} and ${before === undefined ? sql`true` : sql`id < ${before}`} order by id desc limit ${limit + 1}`.execute(
    queries,
  );
  const page = rows.slice(0, limit);
  const counts = await sql<{
    id: number;
    severity: number;
    count: number;
  }>`select inventory_set.inventory_id AS id, finding.severity, count(*) AS count
    from inventory_set join set_package using (set_id) join finding using (package_id)
    where inventory_set.inventory_id = any(${page.map(({ id }) => id)}::bigint[]) group by 1, 2 order by 1, 2`.execute(
    queries,
  );
  const last = page.at(-1);
  return {
    images: page.map((row) => ({
      digest: row.digest,
      name: row.name,
      state: row.state,
      ...(row.error === "" ? {} : { error: row.error }),
      ...(row.indexed_at === null ? {} : { indexedAt: row.indexed_at.toISOString() }),
      vulnerabilities: Object.fromEntries(
        counts.rows
          .filter(({ id }) => id === row.id)
          .map(({ severity, count }) => [severities[severity] ?? "UNKNOWN", Number(count)]),
      ),
    })),
    ...(rows.length > limit && last !== undefined ? { next: last.id } : {}),
  };
}

/** A package with a vulnerability, and the images that have it. */
export interface AffectedImages {
  readonly package: string;
  readonly severity: Severity;
  readonly fixedVersion?: string;
  readonly images: readonly { readonly digest: string; readonly name: string }[];
}

/** Images listed for one package; there may be a hundred thousand. */
const maxImages = 1_000;

/** Where a vulnerability is, by the id that findings go by or one that they go by too. */
export async function imagesWith(
  queries: Queries,
  tenant: string,
  id: string,
): Promise<{ readonly id: string; readonly packages: readonly AffectedImages[] }> {
  const named = await findingsWhere(queries, sql`finding.vulnerability = ${id}`);
  // Other ids have no index, and are asked for rarely.
  const rows = named.length > 0 ? named : await findingsWhere(queries, sql`finding.data::jsonb -> 'aliases' ? ${id}`);
  const packages: AffectedImages[] = [];
  for (const row of rows) {
    const { severity, fixedVersion } = JSON.parse(row.data) as KnownFinding; // as: written by insertFindings
    const images = await sql<{ digest: string; name: string }>`select distinct inventory.digest, inventory.name
      from set_package join inventory_set using (set_id) join inventory on inventory.id = inventory_set.inventory_id
      where set_package.package_id = ${row.package_id} and inventory.tenant = ${tenant} order by name, digest limit ${maxImages}`.execute(
      queries,
    );
    if (images.rows.length === 0) continue;
    packages.push({
      package: row.purl,
      severity,
      ...(fixedVersion === undefined ? {} : { fixedVersion }),
      images: images.rows,
    });
  }
  return { id, packages };
}

interface FindingRow {
  readonly package_id: number;
  readonly data: string;
  readonly purl: string;
}

async function findingsWhere(queries: Queries, condition: RawBuilder<unknown>): Promise<readonly FindingRow[]> {
  const { rows } =
    await sql<FindingRow>`select finding.package_id, finding.data, package.data::json -> 'package' ->> 'purl' AS purl
    from finding join package on package.id = finding.package_id where ${condition} order by finding.package_id`.execute(
      queries,
    );
  return rows;
}

/** A change that an update made. */
export interface ListedChange {
  readonly at: string;
  readonly change: string;
  readonly vulnerability: string;
  readonly severity: Severity;
  readonly package: string;
  readonly before?: KnownFinding;
  readonly after?: KnownFinding;
}

/** The newest changes in what a tenant has. */
export async function recentChanges(
  queries: Queries,
  tenant: string,
  limit: number,
): Promise<{ readonly changes: readonly ListedChange[] }> {
  interface Row {
    readonly date: Date;
    readonly kind: string;
    readonly vulnerability: string;
    readonly severity: number;
    readonly purl: string;
    readonly before: string | null;
    readonly after: string | null;
  }
  const { rows } =
    await sql<Row>`select update_operation.date, finding_change.kind, vulnerability, severity, before, after,
      package.data::json -> 'package' ->> 'purl' AS purl
    from finding_change join update_operation on update_operation.id = finding_change.update_id
    join package on package.id = finding_change.package_id
    where ${isOfTenant(tenant)}
    order by finding_change.id desc limit ${limit}`.execute(queries);
  return {
    changes: rows.map(({ date, kind, vulnerability, severity, purl, before, after }) => ({
      at: date.toISOString(),
      change: kind,
      vulnerability,
      severity: severities[severity] ?? "UNKNOWN",
      package: purl,
      ...(before === null ? {} : { before: JSON.parse(before) as KnownFinding }), // as: written by insertChanges
      ...(after === null ? {} : { after: JSON.parse(after) as KnownFinding }), // as: written by insertChanges
    })),
  };
}
