import { createHash } from "node:crypto";
import { sql } from "kysely";
import type { Distro } from "@plimsoll/model";
import type { KnownFinding } from "../catalog/known-finding.ts";
import type { MatchablePackage } from "../catalog/matchable-package.ts";
import type { Database, Queries } from "../database/open-database.ts";
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
export function notificationPage(
  queries: Database["queries"],
  id: string,
  query: NotificationQuery,
): Promise<ClairNotificationPage | undefined> {
  // One view of the database: an update that is deleted in between would leave places of whose changes nothing is known any more.
  return queries
    .transaction()
    .setIsolationLevel("repeatable read")
    .execute((transaction) => pageOf(transaction, id, query));
}

async function pageOf(
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
  const places = await placesOf(
    queries,
    { updateId, lastInventory, tenant, summary, after: readCursor(next) },
    size + 1,
  );
  const page = places.slice(0, size);
  const last = page.at(-1);
  const told = await changesWith(
    queries,
    page.map(({ change }) => change),
  );
  return {
    page: {
      size: page.length,
      ...(places.length > size && last !== undefined ? { next: `${last.inventory}.${last.change}` } : {}),
    },
    notifications: page.flatMap((place) => {
      const change = told.get(place.change);
      return change === undefined ? [] : [toNotification(id, place, change)];
    }),
  };
}

/** What of an update's changes is asked for. */
interface PlacesQuery {
  readonly updateId: number;
  readonly lastInventory: number;
  readonly tenant: string;
  readonly summary: boolean;
  /** Inventory and change that come before the first. */
  readonly after: readonly number[];
}

/** A change in an inventory. */
interface Place {
  readonly inventory: number;
  readonly manifest: string;
  readonly change: number;
}

/** Inventories that are looked at first; how many changes they have tells how many more a page needs. */
const firstInventories = 16;

/** Inventories that are looked at at a time: what is kept of them does not grow with the page. */
const mostInventories = 256;

/**
 * Changes of the next inventories in the order of the cursor, so many at most. Few inventories are looked at at a time: an update may touch all there are,
 * and each has hundreds of packages, whose changes are read in vain when the page is full. Several small questions, since a
 * database takes longer to plan one with all of these tables than to answer it.
 */
async function placesOf(queries: Queries, query: PlacesQuery, limit: number): Promise<readonly Place[]> {
  const places: Place[] = [];
  // The first may be told of already.
  let [from = 0, afterChange = 0] = query.after;
  let count = Math.min(firstInventories, limit);
  while (places.length < limit) {
    const images = await imagesFrom(queries, query, { from, count });
    const changes = await changesOfSets(queries, query, [...new Set(images.flatMap(({ sets }) => sets))]);
    const before = places.length;
    for (const { inventory, manifest, sets } of images) {
      const own = sets.flatMap((set) => changes.get(set) ?? []);
      const chosen = query.summary ? worstOfEachKind(own) : own;
      const ids = [...new Set(chosen.map(({ change }) => change))].sort((a, b) => a - b);
      for (const change of ids)
        if (inventory !== query.after[0] || change > afterChange) places.push({ inventory, manifest, change });
    }
    if (images.length < count) break;
    from = (images.at(-1)?.inventory ?? 0) + 1;
    const perImage = Math.max(1, (places.length - before) / count);
    count = Math.min(mostInventories, Math.ceil((limit - places.length) / perImage) + 1);
  }
  return places.slice(0, limit);
}

/** An inventory that an update touched, and its sets that it touched. */
interface TouchedImage {
  readonly inventory: number;
  readonly manifest: string;
  readonly sets: readonly number[];
}

/** The next inventories that have something to be told of, in order. */
async function imagesFrom(
  queries: Queries,
  { tenant, updateId, lastInventory }: PlacesQuery,
  { from, count }: { readonly from: number; readonly count: number },
): Promise<readonly TouchedImage[]> {
  const { rows } = await sql<{ readonly id: number; readonly digest: string; readonly set: number }>`
    with image AS materialized (select inventory.id, inventory.digest from inventory
      where inventory.tenant = ${tenant} and inventory.id >= ${from} and inventory.id <= ${lastInventory}
        and exists (select from inventory_set join update_set using (set_id)
          where inventory_set.inventory_id = inventory.id and update_set.update_id = ${updateId} and update_set.told)
      order by inventory.id limit ${count})
    select image.id, image.digest, update_set.set_id AS set
    from image join inventory_set on inventory_set.inventory_id = image.id
      join update_set on update_set.set_id = inventory_set.set_id and update_set.update_id = ${updateId} and update_set.told
    order by image.id`.execute(queries);
  const images = new Map<number, { readonly inventory: number; readonly manifest: string; readonly sets: number[] }>();
  for (const { id, digest, set } of rows) {
    const known = images.get(id);
    if (known === undefined) images.set(id, { inventory: id, manifest: digest, sets: [set] });
    else known.sets.push(set);
  }
  return [...images.values()];
}

interface ChangeOfSet {
  readonly set: number;
  readonly change: number;
  readonly kind: string;
  readonly severity: number;
}

/** What an update made appear or disappear in package sets; in summary the worst of each kind in each set, which the worst in an image is among. */
async function changesOfSets(
  queries: Queries,
  { updateId, summary }: PlacesQuery,
  sets: readonly number[],
): Promise<ReadonlyMap<number, readonly ChangeOfSet[]>> {
  const changes = new Map<number, ChangeOfSet[]>();
  if (sets.length === 0) return changes;
  const [distinct, order] = summary
    ? [
        sql`distinct on (set_package.set_id, finding_change.kind)`,
        sql`order by set_package.set_id, finding_change.kind, severity, finding_change.id`,
      ]
    : [sql``, sql``];
  const { rows } =
    await sql<ChangeOfSet>`select ${distinct} set_package.set_id AS set, finding_change.id AS change, kind, severity
    from set_package join finding_change using (package_id)
    where set_package.set_id = any(${sets}::bigint[]) and finding_change.update_id = ${updateId}
      and finding_change.kind in ('added', 'removed') ${order}`.execute(queries);
  for (const row of rows) {
    const known = changes.get(row.set);
    if (known === undefined) changes.set(row.set, [row]);
    else known.push(row);
  }
  return changes;
}

/** One for each reason, the worst, as Clair does unless told otherwise. */
function worstOfEachKind(changes: readonly ChangeOfSet[]): readonly ChangeOfSet[] {
  const worst = new Map<string, ChangeOfSet>();
  for (const change of changes) {
    const known = worst.get(change.kind);
    const before = known === undefined ? -1 : change.severity - known.severity || change.change - known.change;
    if (before < 0) worst.set(change.kind, change);
  }
  return [...worst.values()];
}

/** What is told of a change, wherever it is. */
interface ToldChange {
  readonly id: number;
  readonly kind: "added" | "removed";
  readonly before: string | null;
  readonly after: string | null;
  readonly data: string;
  readonly distribution: string;
}

async function changesWith(queries: Queries, ids: readonly number[]): Promise<ReadonlyMap<number, ToldChange>> {
  if (ids.length === 0) return new Map();
  const { rows } =
    await sql<ToldChange>`select finding_change.id, finding_change.kind, finding_change.before, finding_change.after,
      package.data, distribution.data AS distribution
    from finding_change join package on package.id = finding_change.package_id
    join distribution on distribution.id = package.distribution_id
    where finding_change.id = any(${[...new Set(ids)]}::bigint[])`.execute(queries);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Whether a text is a valid `next` cursor. */
export function isCursor(text: string): boolean {
  return /^\d{1,15}\.\d{1,15}$/.test(text);
}

function readCursor(text: string | undefined): readonly number[] {
  return text === undefined ? [] : text.split(".").map(Number);
}

function toNotification(id: string, { manifest, change }: Place, told: ToldChange): ClairNotification {
  return {
    id: uuidOf(`${id} ${manifest} ${change}`),
    manifest,
    reason: told.kind,
    vulnerability: vulnerabilitySummary(JSON.parse(told.after ?? told.before ?? "{}") as KnownFinding, told), // as: written by insertChanges
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
