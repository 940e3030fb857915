import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { testDatabases } from "../fixtures/test-databases.ts";
import { migrate, migrations } from "./migrate.ts";

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
