import { PGlite } from "@electric-sql/pglite";
import { dataDir } from "@electric-sql/pglite-prepopulatedfs";
import { Kysely, sql } from "kysely";
import { describe, expect, test } from "vitest";
import { testDatabases } from "../fixtures/test-databases.ts";
import { migrate, migrations } from "./migrate.ts";
import { pgliteDialect } from "./pglite-dialect.ts";
import type { Tables } from "./tables.ts";

describe.each(testDatabases)("migrations on $name", ({ open }) => {
  test("are done once, and a schema from the future is refused", async () => {
    const { queries } = await open();
    let times = 0;
    const further = { name: "9999-further", up: async () => void times++ };

    await migrate(queries);
    await Promise.all([migrate(queries, [...migrations, further]), migrate(queries, [...migrations, further])]);

    expect(times).toBe(1);
    await expect(migrate(queries)).rejects.toThrow("9999-further");
    await sql`delete from schema_migration where name = '9999-further'`.execute(queries);
  });

  test("that fail leave nothing behind", async () => {
    const { queries } = await open();
    const broken = {
      name: "9999-broken",
      up: async (transaction: typeof queries) => {
        await sql`create table half (id integer)`.execute(transaction);
        throw new Error("broken");
      },
    };

    await expect(migrate(queries, [...migrations, broken])).rejects.toThrow("broken");

    const { rows } = await sql`select from pg_tables where tablename = 'half'`.execute(queries);
    expect(rows).toEqual([]);
    await migrate(queries);
  });

  test("come in the order of their names", () => {
    const names = migrations.map(({ name }) => name);

    expect(names).toEqual(names.toSorted());
  });
});

test("migrations bring what an earlier schema holds along, from each", async () => {
  const client = await PGlite.create({ loadDataDir: await dataDir() });
  const queries = new Kysely<Tables>({ dialect: pgliteDialect(client) });
  for (let known = 1; known < migrations.length; known++) {
    await sql`drop schema public cascade`.execute(queries);
    await sql`create schema public`.execute(queries);
    await migrate(queries, migrations.slice(0, known));
    await sql`insert into inventory (digest, name, state, error, indexer, created_at)
      values ('sha256:00', 'app', 'IndexFinished', '', 'i', now())`.execute(queries);
    await sql`insert into token (hash, name, access, created_at) values ('h', 'ci', 'read', now())`.execute(queries);

    await migrate(queries);

    expect(await queries.selectFrom("inventory").select(["digest", "tenant", "basis"]).execute()).toEqual([
      { digest: "sha256:00", tenant: "", basis: "layers" },
    ]);
    expect(await queries.selectFrom("token").select(["name", "tenant"]).execute()).toEqual([
      { name: "ci", tenant: "" },
    ]);
  }
  await queries.destroy();
});
