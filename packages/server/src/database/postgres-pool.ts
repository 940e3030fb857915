// Connections to a server. The client's types are not installed with this package: no public declaration may lead here.
import pg from "pg";
import { PostgresDialect } from "kysely";
import type { Dialect } from "kysely";
import { StorableQueryCompiler } from "./storable-text.ts";

/** Row ids and counts come as numbers: they stay far below 2^53. */
const numbersAsNumbers: { getTypeParser: typeof pg.types.getTypeParser } = {
  getTypeParser: ((oid: number, format?: "text") =>
    oid === 20 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser, // as: its overloads differ in the parsers' types alone
};

/** A pool of at most so many connections. */
export function openPool(url: string, connections: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    application_name: "plimsoll",
    types: numbersAsNumbers,
  });
  // Connections that break while nobody uses them, as when the server restarts: the next query gets another one.
  pool.on("error", () => undefined);
  outliveConnections(pool);
  return pool;
}

/** The dialect of a server. */
export function postgresDialect(pool: pg.Pool): Dialect {
  return new StoringDialect({ pool });
}

class StoringDialect extends PostgresDialect {
  override createQueryCompiler(): StorableQueryCompiler {
    return new StorableQueryCompiler();
  }
}

/** Keeps the process alive when a connection breaks between two statements of a transaction; the next statement fails instead. */
export function outliveConnections(pool: pg.Pool): void {
  pool.on("connect", (client) => client.on("error", () => undefined));
}
