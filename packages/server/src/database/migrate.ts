import { sql } from "kysely";
import type { Kysely, Transaction } from "kysely";
import { index } from "./migrations/0001-index.ts";
import { tenants } from "./migrations/0002-tenants.ts";
import { audit } from "./migrations/0003-audit.ts";
import { scans } from "./migrations/0004-scans.ts";
import { fleet } from "./migrations/0005-fleet.ts";
import { totals } from "./migrations/0006-totals.ts";
import { places } from "./migrations/0007-places.ts";
import type { Tables } from "./tables.ts";

/** One step from an older schema to the next. Never edited once released. */
export interface Migration {
  /** The name, which sorts after those of all earlier migrations. */
  readonly name: string;
  up(database: Transaction<Tables>): Promise<void>;
}

/** Every migration, oldest first. */
export const migrations: readonly Migration[] = [index, tenants, audit, scans, fleet, totals, places];

/** Number of the advisory lock that processes which migrate the same database wait for. */
const migrationLock = 7_514_622_001;

/**
 * Migrates a database to the newest schema, in one transaction under a lock: of processes that start together, one migrates and the others wait.
 * @throws Error when the database was migrated by a newer version than this.
 */
export async function migrate(database: Kysely<Tables>, steps: readonly Migration[] = migrations): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(migrationLock)})`.execute(transaction);
    await sql`create table if not exists schema_migration (name text primary key, applied_at timestamptz not null default now())`.execute(
      transaction,
    );
    const { rows } = await sql<{ readonly name: string }>`select name from schema_migration`.execute(transaction);
    const done = new Set(rows.map(({ name }) => name));
    const strangers = [...done].filter((name) => !steps.some((step) => step.name === name));
    if (strangers.length > 0)
      throw new Error(
        `The database was last used by a newer version: it has the migrations ${strangers.join(", ")}, which this version does not know`,
      );
    for (const step of steps) {
      if (done.has(step.name)) continue;
      await step.up(transaction);
      await sql`insert into schema_migration (name) values (${step.name})`.execute(transaction);
    }
  });
}
