import { sql } from "kysely";
import pg from "pg";
import { expect, test } from "vitest";
import { createServerDatabase, serverPrograms } from "../fixtures/test-databases.ts";
import { openDatabase } from "./open-database.ts";
import { outliveConnections } from "./postgres-pool.ts";

test("a connection that breaks is no error of the process, whoever holds it", () => {
  const pool = new pg.Pool();
  outliveConnections(pool);
  const client = new pg.Client();
  pool.emit("connect", client);

  // An emitter throws the errors that nobody listens to.
  expect(() => client.emit("error", new Error("Connection terminated unexpectedly"))).not.toThrow();
});

test.skipIf(serverPrograms === undefined)(
  "a transaction whose connection breaks fails, and the next one holds",
  async () => {
    const database = await openDatabase(await createServerDatabase());
    const broken = database.queries.transaction().execute(async (queries) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(queries);
      await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(database.queries);
      // Between two statements, while the transaction holds the connection.
      await new Promise((resolve) => setTimeout(resolve, 100));
      await sql`select 1`.execute(queries);
    });

    await expect(broken).rejects.toThrow();
    expect((await sql<{ one: number }>`select 1 as one`.execute(database.queries)).rows).toEqual([{ one: 1 }]);
    await database.close();
  },
);
