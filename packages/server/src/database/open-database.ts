import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PGlite } from "@electric-sql/pglite";
import { CompiledQuery, Kysely } from "kysely";
import type { Transaction } from "kysely";
import { embeddedDirectory, isServer } from "./database-location.ts";
import { lockDirectory } from "./directory-lock.ts";
import { migrate } from "./migrate.ts";
import { pgliteDialect } from "./pglite-dialect.ts";
import { openPool, postgresDialect } from "./postgres-pool.ts";
import { storableValue } from "./storable-text.ts";
import type { Tables } from "./tables.ts";

/** Runs queries: on the database, or within a transaction. */
export type Queries = Kysely<Tables> | Transaction<Tables>;

/** An open database with the newest schema. */
export interface Database {
  /** `pglite`: embedded, for this process alone. */
  readonly kind: "postgres" | "pglite";
  readonly queries: Kysely<Tables>;
  /** Aborted with the reason when an embedded database broke down and answers nothing any more. Absent: whoever has it looks after itself. */
  readonly broken?: AbortSignal;
  close(): Promise<void>;
}

/** How a database is opened. */
export interface OpenDatabaseOptions {
  /** Connections to a PostgreSQL server at a time. Absent: 10. */
  readonly connections?: number | undefined;
}

/**
 * Opens `postgres://…`, or the embedded PostgreSQL in a directory (`file:DIR`) or in memory (`memory:`), and migrates it.
 * @throws DirectoryInUse when another process has locked the directory; the database's own error when it cannot be opened.
 */
export async function openDatabase(location: string, options: OpenDatabaseOptions = {}): Promise<Database> {
  const database = isServer(location) ? openPostgres(location, options) : await openPglite(location);
  try {
    await migrate(database.queries);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

function openPostgres(url: string, { connections = 10 }: OpenDatabaseOptions): Database {
  const queries = new Kysely<Tables>({ dialect: postgresDialect(openPool(url, connections)) });
  return { kind: "postgres", queries, close: () => queries.destroy() };
}

async function openPglite(location: string): Promise<Database> {
  const directory = embeddedDirectory(location);
  const lock = directory === undefined ? undefined : lockDirectory(directory);
  try {
    const client = await openClient(directory);
    const broken = new AbortController();
    const queries = new Kysely<Tables>({ dialect: pgliteDialect(client, (error) => broken.abort(error)) });
    return {
      kind: "pglite",
      queries,
      broken: broken.signal,
      close: async () => {
        await queries.destroy();
        lock?.release();
      },
    };
  } catch (error) {
    lock?.release();
    throw error;
  }
}

/** Opens PGlite in a directory, or in memory. A directory that was only half made, when a process died, is made anew. */
async function openClient(directory: string | undefined): Promise<PGlite> {
  const { PGlite: Client } = await import("@electric-sql/pglite");
  // Making the system's tables takes four times as long, and twice the memory, as unpacking them.
  const { dataDir: readMade } = await import("@electric-sql/pglite-prepopulatedfs");
  if (directory === undefined) return Client.create({ loadDataDir: await readMade() });
  const data = join(directory, "postgres");
  const unfinished = join(directory, "postgres.unfinished");
  if (existsSync(unfinished)) rmSync(data, { recursive: true, force: true });
  if (existsSync(join(data, "PG_VERSION"))) return Client.create({ dataDir: data });
  writeFileSync(unfinished, "", { mode: 0o600 });
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const client = await Client.create({ dataDir: data, loadDataDir: await readMade() });
  rmSync(unfinished);
  return client;
}

/** Runs a statement given as SQL text, for libraries that write their own SQL. */
export async function executeText(
  queries: Queries,
  text: string,
  values: readonly unknown[] = [],
): Promise<{ rows: Record<string, unknown>[] }> {
  const { rows } = await queries.executeQuery<Record<string, unknown>>(
    CompiledQuery.raw(text, values.map(storableValue)),
  );
  return { rows };
}
