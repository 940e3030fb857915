import { sql } from "kysely";
import type { RawBuilder } from "kysely";
import { compareText, severities } from "@plimsoll/model";
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

/** The most images in one answer. A tenant may have a hundred thousand. */
const maxImages = 250;

/** Where a page of images ended: package, set and inventory, in whose order they come. */
const cursorPattern = /^(\d{1,15})\.(\d{1,15})\.(\d{1,15})$/;

/** Whether a text is a valid `after` cursor. */
export function isImagesCursor(text: string): boolean {
  return cursorPattern.test(text);
}

/** The images that have a vulnerability, found by its id or an alias. `after`: the `next` cursor of the page before. */
export async function imagesWith(
  queries: Queries,
  tenant: string,
  id: string,
  after?: string,
): Promise<{ readonly id: string; readonly packages: readonly AffectedImages[]; readonly next?: string }> {
  const named = await placesOf(queries, tenant, sql`finding.vulnerability = ${id}`, after);
  const rows =
    named.length > 0 ? named : await placesOf(queries, tenant, sql`finding.data::jsonb -> 'aliases' ? ${id}`, after);
  const page = rows.slice(0, maxImages);
  const packages = new Map<number, Omit<AffectedImages, "images"> & { readonly images: Map<string, string> }>();
  for (const { package_id: key, data, purl, digest, name } of page) {
    let found = packages.get(key);
    if (found === undefined) {
      const { severity, fixedVersion } = JSON.parse(data) as KnownFinding; // as: written by insertFindings
      found = { package: purl, severity, ...(fixedVersion === undefined ? {} : { fixedVersion }), images: new Map() };
      packages.set(key, found);
    }
    found.images.set(digest, name);
  }
  const last = page.at(-1);
  return {
    id,
    packages: [...packages.values()].map(({ images, ...rest }) => ({
      ...rest,
      images: [...images]
        .map(([digest, name]) => ({ digest, name }))
        .sort((a, b) => compareText(a.name, b.name) || compareText(a.digest, b.digest)),
    })),
    ...(rows.length > maxImages && last !== undefined
      ? { next: `${last.package_id}.${last.set_id}.${last.inventory_id}` }
      : {}),
  };
}

interface PlaceRow {
  readonly package_id: number;
  readonly set_id: number;
  readonly inventory_id: number;
  readonly data: string;
  readonly purl: string;
  readonly digest: string;
  readonly name: string;
}

/** In the order of two indexes, so that the database stops at the end of the page instead of sorting all there are. */
async function placesOf(
  queries: Queries,
  tenant: string,
  condition: RawBuilder<unknown>,
  after: string | undefined,
): Promise<readonly PlaceRow[]> {
  const [, pkg = "0", set = "0", inventory = "0"] = cursorPattern.exec(after ?? "") ?? [];
  const { rows } =
    await sql<PlaceRow>`select found.package_id, place.set_id, place.inventory_id, found.data, found.purl, place.digest, place.name
    from (select finding.package_id, finding.data, package.data::json -> 'package' ->> 'purl' AS purl
        from finding join package on package.id = finding.package_id
        where ${condition} and finding.package_id >= ${pkg}::bigint order by finding.package_id) AS found
      cross join lateral (select set_package.set_id, inventory_set.inventory_id, inventory.digest, inventory.name
        from set_package join inventory_set using (set_id) join inventory on inventory.id = inventory_set.inventory_id
        where set_package.package_id = found.package_id and inventory.tenant = ${tenant}
          and (found.package_id > ${pkg}::bigint or (set_package.set_id, inventory_set.inventory_id) > (${set}::bigint, ${inventory}::bigint))
        order by set_package.set_id, inventory_set.inventory_id limit ${maxImages + 1}) AS place
    order by found.package_id, place.set_id, place.inventory_id limit ${maxImages + 1}`.execute(queries);
  return rows;
}

/** A finding that an update of the advisories added, removed or changed. */
export interface ListedChange {
  readonly at: string;
  readonly change: string;
  readonly vulnerability: string;
  readonly severity: Severity;
  readonly package: string;
  readonly before?: KnownFinding;
  readonly after?: KnownFinding;
}

/** The newest changes to the findings of a tenant. */
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
