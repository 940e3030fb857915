import { createHash } from "node:crypto";
import { sql } from "kysely";
import type { Distro } from "@plimsoll/model";
import type { KnownFinding } from "../catalog/known-finding.ts";
import type { MatchablePackage } from "../catalog/matchable-package.ts";
import type { Queries } from "../database/open-database.ts";
import { normalizedSeverity } from "./documents.ts";
import type { ClairDistribution, ClairVulnerabilityCore } from "./documents.ts";

/** A change in one manifest. */
export interface ClairNotification {
  readonly id: string;
  readonly manifest: string;
  readonly reason: "added" | "removed";
  readonly vulnerability: ClairVulnerabilityCore;
}

/** A page of a notification set. */
export interface ClairNotificationPage {
  readonly page: { readonly size: number; readonly next?: string };
  readonly notifications: readonly ClairNotification[];
}

interface Row {
  readonly inventory: number;
  readonly manifest: string;
  readonly change: number;
  readonly kind: "added" | "removed";
  readonly before: string | null;
  readonly after: string | null;
  readonly data: string;
  readonly distribution: string;
}

/** Which part of a notification set to read. */
export interface NotificationQuery {
  /** The tenant whose manifests are listed. */
  readonly tenant: string;
  readonly size: number;
  /** The `next` cursor of the page before. */
  readonly next: string | undefined;
  /** List only the most severe vulnerability for each manifest and reason. */
  readonly summary: boolean;
}

/**
 * A page of a notification set; undefined when there is no such set. `next` is the cursor of the page before. The manifests that a changed package
 * is in are read from the index; those indexed after the change are left out.
 */
export async function notificationPage(
  queries: Queries,
  id: string,
  { tenant, size, next, summary }: NotificationQuery,
): Promise<ClairNotificationPage | undefined> {
  const notification = await queries
    .selectFrom("notification")
    .innerJoin("update_operation", "update_operation.id", "notification.update_id")
    .select(["update_id", "last_inventory"])
    .where("notification.id", "=", id)
    .executeTakeFirst();
  if (notification === undefined) return undefined;
  const { update_id: updateId, last_inventory: lastInventory } = notification;
  const from = { updateId, lastInventory, tenant, summary, after: readCursor(next) };
  // Each inventory has one change at least. Most have some, and what is read of those beyond the page is read in vain.
  const most = size + 2;
  const some = Math.ceil(size / 2) + 1;
  const few = summary ? [] : await changesOf(queries, { ...from, inventories: some, limit: size + 1 });
  const rows = few.length > size ? few : await changesOf(queries, { ...from, inventories: most, limit: size + 1 });
  const page = rows.slice(0, size);
  const last = page.at(-1);
  return {
    page: {
      size: page.length,
      ...(rows.length > size && last !== undefined ? { next: `${last.inventory}.${last.change}` } : {}),
    },
    notifications: page.map((row) => toNotification(id, row)),
  };
}

/** What of an update's changes is asked for. */
interface ChangesQuery {
  readonly updateId: number;
  readonly lastInventory: number;
  readonly tenant: string;
  readonly summary: boolean;
  /** Inventory and change that come before the first. */
  readonly after: readonly number[];
  /** Inventories that are looked at. */
  readonly inventories: number;
  readonly limit: number;
}

/** Changes of the next inventories, in the order of the cursor. */
async function changesOf(
  queries: Queries,
  { updateId, lastInventory, tenant, summary, after, inventories, limit }: ChangesQuery,
): Promise<readonly Row[]> {
  const [afterInventory = 0, afterChange = 0] = after;
  // Inventories first, in their order and no more than a page needs: an update may touch all there are. The first may be told of already.
  const inPage = sql`select inventory.id, inventory.digest from inventory
    where inventory.tenant = ${tenant} and inventory.id >= ${afterInventory} and inventory.id <= ${lastInventory}
      and exists (select from inventory_set join update_set using (set_id)
        where inventory_set.inventory_id = inventory.id and update_set.update_id = ${updateId} and update_set.told)
    order by inventory.id limit ${inventories}`;
  const touched = sql`select in_page.id AS inventory, in_page.digest, change.id AS change, change.kind, change.severity
    from in_page join inventory_set on inventory_set.inventory_id = in_page.id
      join update_set on update_set.set_id = inventory_set.set_id and update_set.update_id = ${updateId} and update_set.told
      join set_package on set_package.set_id = inventory_set.set_id
      join change using (package_id)`;
  // One for each manifest and reason, the worst, as Clair does unless told otherwise.
  const chosen = summary
    ? sql`select distinct on (inventory, kind) inventory, digest, change from (${touched}) AS touched order by inventory, kind, severity, change`
    : sql`select distinct inventory, digest, change from (${touched}) AS touched`;
  const { rows } = await sql<Row>`with
      in_page AS materialized (${inPage}),
      change AS materialized (select id, package_id, kind, severity from finding_change
        where update_id = ${updateId} and kind in ('added', 'removed'))
    select chosen.inventory, chosen.digest AS manifest, chosen.change, finding_change.kind,
      finding_change.before, finding_change.after, package.data, distribution.data AS distribution
    from (${chosen}) AS chosen
    join finding_change on finding_change.id = chosen.change
    join package on package.id = finding_change.package_id
    join distribution on distribution.id = package.distribution_id
    where (chosen.inventory, chosen.change) > (${afterInventory}::bigint, ${afterChange}::bigint)
    order by chosen.inventory, chosen.change limit ${limit}`.execute(queries);
  return rows;
}

/** Whether a text is a valid `next` cursor. */
export function isCursor(text: string): boolean {
  return /^\d{1,15}\.\d{1,15}$/.test(text);
}

function readCursor(text: string | undefined): readonly number[] {
  return text === undefined ? [] : text.split(".").map(Number);
}

function toNotification(id: string, row: Row): ClairNotification {
  return {
    id: uuidOf(`${id} ${row.manifest} ${row.change}`),
    manifest: row.manifest,
    reason: row.kind,
    vulnerability: vulnerabilitySummary(JSON.parse(row.after ?? row.before ?? "{}") as KnownFinding, row), // as: written by insertChanges
  };
}

/** A finding in the form of Clair's vulnerability summary. */
export function vulnerabilitySummary(
  finding: KnownFinding,
  { data, distribution }: { readonly data: string; readonly distribution: string },
): ClairVulnerabilityCore {
  const { package: pkg } = JSON.parse(data) as MatchablePackage; // as: written by storeInventory
  const distro = clairDistributionOf(JSON.parse(distribution) as Distro | null); // as: written by storeInventory
  return {
    name: finding.id,
    fixed_in_version: finding.fixedVersion ?? "",
    severity: finding.severity,
    normalized_severity: normalizedSeverity(finding.severity),
    arch_op: "equals",
    package: {
      name: pkg.name,
      version: pkg.version,
      kind: "BINARY",
      ...(pkg.architecture === undefined ? {} : { arch: pkg.architecture }),
      ...(pkg.source === undefined ? {} : { source: { id: "", ...pkg.source, kind: "SOURCE" } }),
    },
    ...(pkg.class === "os" && distro !== undefined ? { distribution: distro } : {}),
    ...(pkg.class === "os" ? {} : { repository: { id: "", name: pkg.ecosystem } }),
  };
}

function clairDistributionOf(distro: Distro | null): ClairDistribution | undefined {
  if (distro === null) return undefined;
  const { id: did, name, versionId, codename, prettyName } = distro;
  return {
    id: "",
    did,
    ...(name === undefined ? {} : { name }),
    ...(versionId === undefined ? {} : { version_id: versionId }),
    ...(codename === undefined ? {} : { version_code_name: codename }),
    ...(prettyName === undefined ? {} : { pretty_name: prettyName }),
  };
}

/** A UUID derived from a text, so that a notification has the same id on every request; RFC 9562, version 8. */
export function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
