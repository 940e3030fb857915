import { createHash } from "node:crypto";
import { sql } from "kysely";
import type { RawBuilder } from "kysely";
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
    .select(["update_id", "last_inventory", "inventories"])
    .where("notification.id", "=", id)
    .executeTakeFirst();
  if (notification === undefined) return undefined;
  const { update_id: updateId, last_inventory: lastInventory, inventories: touched } = notification;
  const places = await placesOf(
    queries,
    { updateId, lastInventory, touched, tenant, summary, after: readCursor(next) },
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
      if (change === undefined) return [];
      const { manifest } = place;
      return [{ id: uuidOf(`${id} ${manifest} ${place.change}`), manifest, ...change }];
    }),
  };
}

/** Which of an update's changes to look for. */
interface PlacesQuery {
  readonly updateId: number;
  readonly lastInventory: number;
  /** Inventories of all tenants that the update touched. */
  readonly touched: number;
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

/** Inventories that are asked for first; how many changes they have tells how many more a page needs. */
const firstInventories = 16;

/** Inventories that are asked for at a time: what is kept of them does not grow with the page. */
const mostInventories = 256;

/**
 * Changes of the next inventories in the order of the cursor, so many at most. Their number in each set is known before they are read, so that no more are
 * read than the page has, and the inventory that it ends in. Every question goes by keys, in the order that is written here: right after an update the
 * database would choose another, since it does not know yet how many rows the update wrote.
 */
async function placesOf(queries: Queries, query: PlacesQuery, limit: number): Promise<readonly Place[]> {
  const places: Place[] = [];
  // The first may be told of already.
  let [from = 0, afterChange = 0] = query.after;
  let count = query.summary ? Math.ceil(limit / 2) : firstInventories;
  while (places.length < limit) {
    count = Math.min(mostInventories, limit, count);
    const { images: found, end } = await imagesFrom(queries, query, { from, count });
    const images = query.summary ? found : untilEnough(found, limit - places.length);
    const before = places.length;
    const changes = await changesOf(queries, query, [...new Set(images.flatMap(setsOf))]);
    for (const image of images) {
      const { inventory, manifest } = image;
      const told = setsOf(image).flatMap((set) => changes.get(set) ?? []);
      const ids = new Set((query.summary ? worstOfEachKind(told) : told).map(({ change }) => change));
      for (const change of [...ids].sort((a, b) => a - b))
        if (inventory !== query.after[0] || change > afterChange) places.push({ inventory, manifest, change });
    }
    if (end && images.length === found.length) break;
    from = (images.at(-1)?.inventory ?? 0) + 1;
    const perImage = Math.max(1, places.length - before) / Math.max(1, images.length);
    count = Math.ceil((limit - places.length) / perImage) + 1;
  }
  return places.slice(0, limit);
}

/** An inventory that an update touched, and its sets with something to tell. */
interface TouchedImage {
  readonly inventory: number;
  readonly manifest: string;
  readonly sets: readonly { readonly set: number; readonly told: number }[];
}

/** The first images that have so many changes, those in several sets of one image counted for each. */
function untilEnough(images: readonly TouchedImage[], changes: number): readonly TouchedImage[] {
  let sum = 0;
  const enough = images.findIndex(({ sets }) => {
    for (const { told } of sets) sum += told;
    return sum >= changes;
  });
  return enough < 0 ? images : images.slice(0, enough + 1);
}

/** Which inventories to look at. */
interface InventoryRange {
  readonly from: number;
  readonly count: number;
}

/** The most inventories that are looked at together. */
const mostLooks = 1_024;

/**
 * The next inventories that have something to be told of, in order. An update that touched many is read by looking at one inventory after another; when
 * it touched few, or few here, by going from its sets to their inventories. `end`: there are no others.
 */
async function imagesFrom(
  queries: Queries,
  query: PlacesQuery,
  range: InventoryRange,
): Promise<{ readonly images: readonly TouchedImage[]; readonly end: boolean }> {
  const density = Math.max(1, query.touched) / Math.max(1, query.lastInventory);
  // Twice as many as it takes when they are spread evenly. Looking at one costs about twice as much as coming from a set to one.
  const looks = Math.ceil((2 * range.count) / density);
  if (looks * 2 < query.touched) {
    const next = Math.min(looks, mostLooks);
    const seen = await inventoriesAmong(queries, query, allFrom(query, { ...range, count: next }));
    const images = seen.filter(({ sets }) => sets.length > 0);
    const end = seen.length < next;
    if (end || images.length >= (next * density) / 4)
      return { images: images.slice(0, range.count), end: end && images.length <= range.count };
  }
  const images = await inventoriesAmong(queries, query, touchedFrom(query, range));
  return { images, end: images.length < range.count };
}

function touchedFrom(
  { updateId, lastInventory, tenant }: PlacesQuery,
  { from, count }: InventoryRange,
): RawBuilder<unknown> {
  return sql`select inventory.id, inventory.digest from (select distinct own.inventory_id
      from update_set cross join lateral (select inventory_id from inventory_set
        where inventory_set.set_id = update_set.set_id and inventory_id between ${from} and ${lastInventory} offset 0) AS own
      where update_set.update_id = ${updateId} and update_set.told > 0) AS touched
    cross join lateral (select id, digest from inventory where inventory.id = touched.inventory_id and tenant = ${tenant} offset 0) AS inventory
    order by inventory.id limit ${count}`;
}

function allFrom({ lastInventory, tenant }: PlacesQuery, { from, count }: InventoryRange): RawBuilder<unknown> {
  return sql`select id, digest from inventory where tenant = ${tenant} and id between ${from} and ${lastInventory} order by id limit ${count}`;
}

/** Inventories of a question, in order, with those of their sets that have something to tell. */
async function inventoriesAmong(
  queries: Queries,
  { updateId }: PlacesQuery,
  inventories: RawBuilder<unknown>,
): Promise<readonly TouchedImage[]> {
  interface Row {
    readonly id: number;
    readonly digest: string;
    readonly set: number | null;
    readonly told: number | null;
  }
  // "Offset 0" keeps the database from making one join of all, whose order it would choose.
  const { rows } = await sql<Row>`with image AS materialized (${inventories})
    select image.id, image.digest, own.set_id AS set, own.told
    from image left join lateral (select inventory_set.set_id, (select update_set.told from update_set
        where update_set.update_id = ${updateId} and update_set.set_id = inventory_set.set_id) AS told
      from inventory_set where inventory_set.inventory_id = image.id offset 0) AS own on own.told > 0
    order by image.id`.execute(queries);
  const images = new Map<number, TouchedImage & { readonly sets: TouchedImage["sets"][number][] }>();
  for (const { id, digest, set, told } of rows) {
    const image = images.get(id) ?? { inventory: id, manifest: digest, sets: [] };
    images.set(id, image);
    if (set !== null && told !== null) image.sets.push({ set, told });
  }
  return [...images.values()];
}

function setsOf({ sets }: TouchedImage): readonly number[] {
  return sets.map(({ set }) => set);
}

interface ChangeOfSet {
  readonly change: number;
  readonly kind: string;
  readonly severity: number;
}

/** What an update made appear or disappear in package sets; in summary the worst of each kind in each set, which the worst in an image is among. */
async function changesOf(
  queries: Queries,
  { updateId, summary }: PlacesQuery,
  sets: readonly number[],
): Promise<ReadonlyMap<number, readonly ChangeOfSet[]>> {
  const changes = new Map<number, ChangeOfSet[]>();
  const { rows } = await sql<
    ChangeOfSet & { readonly set: number }
  >`select wanted.id AS set, change.id AS change, change.kind, change.severity
    from unnest(${[...sets]}::bigint[]) AS wanted (id)
      cross join lateral (select ${summary ? sql`worst` : sql`changes`} AS changes from update_set
        where update_id = ${updateId} and set_id = wanted.id offset 0) AS told
      cross join lateral unnest(told.changes) AS own (id)
      cross join lateral (select id, kind, severity from finding_change where finding_change.id = own.id offset 0) AS change`.execute(
    queries,
  );
  for (const { set, ...change } of rows) {
    const known = changes.get(set);
    if (known === undefined) changes.set(set, [change]);
    else known.push(change);
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

/** The members of a notification that do not depend on the manifest. */
type ToldChange = Pick<ClairNotification, "reason" | "vulnerability">;

async function changesWith(queries: Queries, ids: readonly number[]): Promise<ReadonlyMap<number, ToldChange>> {
  if (ids.length === 0) return new Map();
  interface Row {
    readonly id: number;
    readonly kind: "added" | "removed";
    readonly before: string | null;
    readonly after: string | null;
    readonly data: string;
    readonly distribution: string;
  }
  const { rows } =
    await sql<Row>`select finding_change.id, finding_change.kind, finding_change.before, finding_change.after,
      package.data, distribution.data AS distribution
    from finding_change join package on package.id = finding_change.package_id
    join distribution on distribution.id = package.distribution_id
    where finding_change.id = any(${[...new Set(ids)]}::bigint[])`.execute(queries);
  return new Map(
    rows.map(({ id, kind, before, after, ...pkg }) => {
      const finding = JSON.parse(after ?? before ?? "{}") as KnownFinding; // as: written by insertChanges
      return [id, { reason: kind, vulnerability: vulnerabilitySummary(finding, pkg) }];
    }),
  );
}

/** Whether a text is a valid `next` cursor. */
export function isCursor(text: string): boolean {
  return /^\d{1,15}\.\d{1,15}$/.test(text);
}

function readCursor(text: string | undefined): readonly number[] {
  return text === undefined ? [] : text.split(".").map(Number);
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
