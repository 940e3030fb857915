import { sql } from "kysely";
import type { Inventory } from "@plimsoll/model";
import type { Database, Queries } from "../database/open-database.ts";
import type { Basis, ImageKey } from "./image-key.ts";
import { putTogether } from "./inventory-parts.ts";

/** The state of a manifest's index, and its result. */
export interface IndexedManifest {
  readonly digest: string;
  readonly name: string;
  /** The state as Clair names it: `CheckManifest`, `IndexFinished`, `IndexError`. */
  readonly state: string;
  readonly error: string;
  /** Who vouches for the contents. */
  readonly basis: Basis;
  /** Fingerprint of the indexer; see `indexerState`. */
  readonly indexer: string;
  readonly indexedAt?: Date;
  /** Present when it was indexed at least once. */
  readonly inventory?: Inventory;
}

/** The index of a manifest; undefined for an unknown one. */
export async function loadManifest(
  queries: Queries,
  { tenant, digest }: ImageKey,
): Promise<IndexedManifest | undefined> {
  const row = await queries
    .selectFrom("inventory")
    .selectAll()
    .where("tenant", "=", tenant)
    .where("digest", "=", digest)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { name, state, error, indexer } = row;
  const head = { digest, name, state, error, indexer, basis: row.basis as Basis }; // as: written by storeInventory
  const { document, indexed_at: indexedAt } = row;
  if (document === null) return head;
  const { rows } = await sql<{ hash: string; packages: Uint8Array }>`select hash, packages from package_set
    where id in (select set_id from inventory_set where inventory_id = ${row.id})`.execute(queries);
  const inventory = putTogether(document, new Map(rows.map(({ hash, packages }) => [hash, packages])));
  return { ...head, ...(indexedAt === null ? {} : { indexedAt }), inventory };
}

/** Deletes manifests of a tenant, and the packages that no other image has. Returns the digests that existed. */
export async function deleteManifests(
  database: Database,
  tenant: string,
  digests: readonly string[],
): Promise<readonly string[]> {
  return database.queries.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ id: number; digest: string }>`select id, digest from inventory
      where tenant = ${tenant} and digest = any(${[...digests]}::text[]) order by id for update`.execute(transaction);
    const ids = rows.map(({ id }) => id);
    const sets = await sql<{ set_id: number }>`select distinct set_id from inventory_set
      where inventory_id = any(${ids}::bigint[])`.execute(transaction);
    await sql`delete from inventory where id = any(${ids}::bigint[])`.execute(transaction);
    const orphans = await sql<{ package_id: number }>`with gone AS (
        select id from package_set where id = any(${sets.rows.map(({ set_id }) => set_id)}::bigint[])
          and not exists (select from inventory_set where set_id = package_set.id))
      select distinct package_id from set_package where set_id in (select id from gone)`.execute(transaction);
    await sql`delete from package_set where id = any(${sets.rows.map(({ set_id }) => set_id)}::bigint[])
      and not exists (select from inventory_set where set_id = package_set.id)`.execute(transaction);
    await sql`delete from package where id = any(${orphans.rows.map(({ package_id }) => package_id)}::bigint[])
      and not exists (select from set_package where package_id = package.id)`.execute(transaction);
    return rows.map(({ digest }) => digest);
  });
}
