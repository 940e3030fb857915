import { sql } from "kysely";
import type { AdvisoryStore, CallOptions, Inventory } from "@plimsoll/model";
import type { Database, Queries } from "../database/open-database.ts";
import { canonicalText, contentHash } from "./content-hash.ts";
import { weakerThan } from "./image-key.ts";
import type { Basis, ImageKey } from "./image-key.ts";
import { packSet, takeApart } from "./inventory-parts.ts";
import { matchPackages, severityRank } from "./known-finding.ts";
import type { KnownFinding } from "./known-finding.ts";
import { digestLookups } from "./lookup-digest.ts";
import { distributionText, hashPackages } from "./matchable-package.ts";
import type { HashedPackage, LookupName } from "./matchable-package.ts";

/** An inventory to store. */
export interface InventoryToStore {
  readonly image: ImageKey;
  /** Who vouches for the inventory. */
  readonly basis: Basis;
  readonly inventory: Inventory;
  /** Fingerprint of the indexer that made it; see `indexerState`. */
  readonly indexer: string;
  readonly now: Date;
}

/** The advisories were replaced while packages were being matched with the previous ones. */
export class AdvisoriesReplaced extends Error {
  override readonly name = "AdvisoriesReplaced";
}

/** Name of the setting that holds the revision of the advisories that all findings were made with. */
export const advisoryRevision = "advisories";

/** The revision that all findings were made with; empty before the first. */
export async function currentRevision(queries: Queries): Promise<string> {
  const row = await queries
    .selectFrom("setting")
    .select("value")
    .where("name", "=", advisoryRevision)
    .executeTakeFirst();
  return row?.value ?? "";
}

/**
 * Stores an inventory, and matches those of its packages that no stored inventory has. `also` runs in the same transaction. Returns false, and
 * writes nothing, when an inventory with a stronger basis is stored already.
 * @throws AdvisoriesReplaced when the stored findings were made with other advisories than `store`; the caller repeats with the current ones.
 */
export async function storeInventory(
  database: Database,
  { image, basis, inventory, indexer, now }: InventoryToStore,
  store: AdvisoryStore | undefined,
  options: CallOptions & { readonly also?: (queries: Queries) => Promise<void> } = {},
): Promise<boolean> {
  const { document, sets } = takeApart(inventory);
  const hashed = hashPackages(inventory);
  const distinct = new Map([...hashed.values()].map((each) => [each.hash, each]));
  const fresh = await unknownPackages(database.queries, distinct);
  const matched = await matchFresh(fresh, inventory, store, options);
  const lookups = await digestFresh(database.queries, fresh, store, options);
  return database.queries.transaction().execute(async (transaction) => {
    // Holds off updates of the advisories until this is committed: what is matched with old ones is then seen by the update.
    const { rows } = await sql<{
      value: string;
    }>`select value from setting where name = ${advisoryRevision} for share`.execute(transaction);
    if ((rows[0]?.value ?? "") !== (store?.revision ?? ""))
      throw new AdvisoriesReplaced("the advisories were replaced");
    const name = inventory.artifact.name;
    const id = await upsertInventory(transaction, { image, basis, name, indexer, now, document });
    if (id === undefined) {
      await options.also?.(transaction);
      return false;
    }
    const distribution = await insertDistribution(transaction, distributionText(inventory.artifact.distro));
    const ids = await insertPackages(transaction, distinct, distribution, { matched, lookups });
    const setIds: number[] = [];
    for (const set of sets) {
      const members = set.packages.flatMap(({ id }) => ids.get(hashed.get(id)?.hash ?? "") ?? []);
      setIds.push(await insertSet(transaction, set.hash, packSet(set), [...new Set(members)]));
    }
    await sql`delete from inventory_set where inventory_id = ${id}`.execute(transaction);
    await sql`insert into inventory_set (inventory_id, set_id)
      select ${id}, set_id from unnest(${setIds}::bigint[]) AS set_id on conflict do nothing`.execute(transaction);
    await options.also?.(transaction);
    return true;
  });
}

async function unknownPackages(
  queries: Queries,
  distinct: ReadonlyMap<string, HashedPackage>,
): Promise<ReadonlyMap<string, HashedPackage>> {
  const { rows } = await sql<{
    hash: string;
  }>`select hash from package where hash = any(${[...distinct.keys()]}::text[])`.execute(queries);
  const known = new Set(rows.map(({ hash }) => hash));
  return new Map([...distinct].filter(([hash]) => !known.has(hash)));
}

async function matchFresh(
  fresh: ReadonlyMap<string, HashedPackage>,
  inventory: Inventory,
  store: AdvisoryStore | undefined,
  options: CallOptions,
): Promise<ReadonlyMap<string, readonly KnownFinding[]>> {
  if (store === undefined) return new Map();
  const packages = new Map([...fresh].map(([hash, { matchable }]) => [hash, matchable]));
  return matchPackages(packages, inventory.artifact.distro, store, options);
}

async function digestFresh(
  queries: Queries,
  fresh: ReadonlyMap<string, HashedPackage>,
  store: AdvisoryStore | undefined,
  options: CallOptions,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map([...fresh.values()].flatMap(({ lookups }) => lookups.map((name) => [nameText(name), name])));
  if (store === undefined) return new Map([...names.keys()].map((text) => [text, ""]));
  const list = [...names.values()];
  const { rows } = await sql<LookupName>`select namespace, name from lookup
    where (namespace, name) in (select * from unnest(${list.map(({ namespace }) => namespace)}::text[], ${list.map(({ name }) => name)}::text[]))`.execute(
    queries,
  );
  const known = new Set(rows.map(nameText));
  const asked = [...names].filter(([text]) => !known.has(text));
  const digests = await digestLookups(
    asked.map(([, name]) => name),
    store,
    options,
  );
  return new Map(asked.map(([text], at) => [text, digests[at] ?? ""]));
}

function nameText({ namespace, name }: LookupName): string {
  return JSON.stringify([namespace, name]);
}

async function insertDistribution(queries: Queries, data: string): Promise<number> {
  const hash = contentHash(data);
  await sql`insert into distribution (hash, data) values (${hash}, ${data}) on conflict (hash) do nothing`.execute(
    queries,
  );
  const { rows } = await sql<{ id: number }>`select id from distribution where hash = ${hash}`.execute(queries);
  return only(rows).id;
}

/** Ids by hash. Everything is written in the order of its keys, so that two transactions never wait for each other. */
async function insertPackages(
  queries: Queries,
  distinct: ReadonlyMap<string, HashedPackage>,
  distribution: number,
  known: {
    readonly matched: ReadonlyMap<string, readonly KnownFinding[]>;
    readonly lookups: ReadonlyMap<string, string>;
  },
): Promise<ReadonlyMap<string, number>> {
  const hashes = [...distinct.keys()].sort();
  const data = hashes.map((hash) => distinct.get(hash)?.data ?? "");
  const inserted = await sql<{ id: number; hash: string }>`insert into package (hash, distribution_id, data)
    select hash, ${distribution}, data from unnest(${hashes}::text[], ${data}::text[]) AS fresh (hash, data)
    on conflict (hash) do nothing returning id, hash`.execute(queries);
  await insertLookups(
    queries,
    new Map(inserted.rows.map(({ id, hash }) => [id, distinct.get(hash)?.lookups ?? []])),
    known.lookups,
  );
  await insertFindings(queries, new Map(inserted.rows.map(({ id, hash }) => [id, known.matched.get(hash) ?? []])));
  const { rows } = await sql<{
    id: number;
    hash: string;
  }>`select id, hash from package where hash = any(${hashes}::text[])`.execute(queries);
  return new Map(rows.map(({ id, hash }) => [hash, id]));
}

async function insertLookups(
  queries: Queries,
  ofPackages: ReadonlyMap<number, readonly LookupName[]>,
  digests: ReadonlyMap<string, string>,
): Promise<void> {
  const pairs = [...ofPackages].flatMap(([id, names]) => names.map((name) => [id, name] as const));
  if (pairs.length === 0) return;
  const names = new Map(pairs.map(([, name]) => [nameText(name), name]));
  const sorted = [...names.keys()].sort().flatMap((text) => names.get(text) ?? []);
  await sql`insert into lookup (namespace, name, digest)
    select * from unnest(${sorted.map(({ namespace }) => namespace)}::text[], ${sorted.map(({ name }) => name)}::text[],
      ${sorted.map((name) => digests.get(nameText(name)) ?? "")}::text[]) on conflict (namespace, name) do nothing`.execute(
    queries,
  );
  await sql`insert into package_lookup (lookup_id, package_id)
    select lookup.id, pair.package_id
    from unnest(${pairs.map(([id]) => id)}::bigint[], ${pairs.map(([, { namespace }]) => namespace)}::text[],
      ${pairs.map(([, { name }]) => name)}::text[]) AS pair (package_id, namespace, name)
    join lookup on lookup.namespace = pair.namespace and lookup.name = pair.name on conflict do nothing`.execute(
    queries,
  );
}

/** Replaces the stored findings of these packages. */
export async function insertFindings(
  queries: Queries,
  ofPackages: ReadonlyMap<number, readonly KnownFinding[]>,
): Promise<void> {
  const pairs = [...ofPackages].flatMap(([id, findings]) => findings.map((finding) => [id, finding] as const));
  await sql`delete from finding where package_id = any(${[...ofPackages.keys()]}::bigint[])`.execute(queries);
  if (pairs.length === 0) return;
  await sql`insert into finding (package_id, vulnerability, severity, data)
    select * from unnest(${pairs.map(([id]) => id)}::bigint[], ${pairs.map(([, { id }]) => id)}::text[],
      ${pairs.map(([, { severity }]) => severityRank(severity))}::integer[],
      ${pairs.map(([, finding]) => canonicalText(finding))}::text[])
    on conflict (package_id, vulnerability) do nothing`.execute(queries);
}

async function insertSet(
  queries: Queries,
  hash: string,
  packages: Uint8Array,
  members: readonly number[],
): Promise<number> {
  const inserted = await sql<{ id: number }>`insert into package_set (hash, packages) values (${hash}, ${packages})
    on conflict (hash) do nothing returning id`.execute(queries);
  const [fresh] = inserted.rows;
  if (fresh === undefined) {
    const { rows } = await sql<{ id: number }>`select id from package_set where hash = ${hash}`.execute(queries);
    return only(rows).id;
  }
  await sql`insert into set_package (set_id, package_id)
    select ${fresh.id}, package_id from unnest(${[...members]}::bigint[]) AS package_id`.execute(queries);
  return fresh.id;
}

/** Its row; undefined when what is there stands on a better basis. */
async function upsertInventory(
  queries: Queries,
  row: Omit<InventoryToStore, "inventory"> & { readonly name: string; readonly document: Uint8Array },
): Promise<number | undefined> {
  const { image, basis, name, indexer, now, document } = row;
  const { rows } = await sql<{
    id: number;
  }>`insert into inventory (tenant, digest, basis, name, state, error, indexer, document, created_at, indexed_at)
    values (${image.tenant}, ${image.digest}, ${basis}, ${name}, 'IndexFinished', '', ${indexer}, ${document}, ${now}, ${now})
    on conflict (tenant, digest) do update set basis = excluded.basis, name = excluded.name, state = excluded.state, error = '',
      indexer = excluded.indexer, document = excluded.document, indexed_at = excluded.indexed_at
      where inventory.document is null or inventory.basis = excluded.basis
        or inventory.basis = any(${[...weakerThan(basis)]}::text[]) returning id`.execute(queries);
  return rows[0]?.id;
}

function only<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new Error("a row that was just written is gone");
  return row;
}
