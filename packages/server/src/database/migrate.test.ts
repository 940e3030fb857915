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
    await sql`insert into distribution (hash, data) values ('d', 'null')`.execute(queries);
    await sql`insert into package (hash, distribution_id, data) values ('p', 1, '{}')`.execute(queries);
    await sql`insert into package_set (hash, packages) values ('s', '')`.execute(queries);
    await sql`insert into set_package (set_id, package_id) values (1, 1)`.execute(queries);
    await sql`insert into update_operation (ref, updater, fingerprint, date, kind, last_inventory)
      values ('r', 'plimsoll', 'f', now(), 'vulnerability', 1), ('untold', 'plimsoll', 'g', now(), 'vulnerability', 1)`.execute(
      queries,
    );
    await sql`insert into notification (id, update_id, created_at, inventories) values ('n', 1, now(), 1)`.execute(
      queries,
    );
    await sql`insert into finding_change (update_id, package_id, vulnerability, kind, severity)
      values (1, 1, 'a', 'added', 3), (1, 1, 'b', 'changed', 0), (1, 1, 'c', 'added', 1), (1, 1, 'd', 'removed', 2), (2, 1, 'e', 'added', 0)`.execute(
      queries,
    );

    await migrate(queries);

    expect(await queries.selectFrom("inventory").select(["digest", "tenant", "basis"]).execute()).toEqual([
      { digest: "sha256:00", tenant: "", basis: "layers" },
    ]);
    expect(await queries.selectFrom("token").select(["name", "tenant"]).execute()).toEqual([
      { name: "ci", tenant: "" },
    ]);
    const told =
      await sql`select update_id, set_id, told, array(select unnest(changes) order by 1) AS changes, worst from update_set`.execute(
        queries,
      );
    expect(told.rows).toEqual([{ update_id: 1, set_id: 1, told: 3, changes: [1, 3, 4], worst: [3, 4] }]);
  }
  await queries.destroy();
});
