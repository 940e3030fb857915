import { beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../database/open-database.ts";
import { testDatabases } from "../fixtures/test-databases.ts";
import { noteTotals, totalsCounter, totalsSince } from "./totals.ts";

describe.each(testDatabases)("totals on $name", ({ open }) => {
  let database: Database;

  beforeEach(async () => {
    database = await open();
  });

  async function addImage(digest: string): Promise<void> {
    const now = new Date();
    await database.queries
      .insertInto("inventory")
      .values({ digest, name: "", state: "IndexFinished", error: "", indexer: "", created_at: now, indexed_at: now })
      .execute();
  }

  test("are counted once a minute, however often somebody looks", async () => {
    let now = 0;
    const totals = totalsCounter(database.queries, () => now);
    await addImage("sha256:1");
    expect((await totals("")).images).toBe(1);

    await addImage("sha256:2");
    now = 59_999;
    expect((await totals("")).images).toBe(1);
    now = 60_000;
    expect((await totals("")).images).toBe(2);
  });

  test("of days that nobody can ask for are forgotten", async () => {
    await addImage("sha256:1");
    await noteTotals(database.queries, new Date("2025-01-01T12:00:00Z"));
    await noteTotals(database.queries, new Date("2026-01-02T12:00:00Z"));
    expect([...(await totalsSince(database.queries, "", "2000-01-01")).keys()]).toEqual(["2025-01-01", "2026-01-02"]);

    await noteTotals(database.queries, new Date("2026-01-03T12:00:00Z"));
    expect([...(await totalsSince(database.queries, "", "2000-01-01")).keys()]).toEqual(["2026-01-02", "2026-01-03"]);
  });
});
