import type { PGlite } from "@electric-sql/pglite";
import { Kysely, sql } from "kysely";
import { expect, test } from "vitest";
import { isDiskFull } from "./disk-health.ts";
import { DatabaseBroken, pgliteDialect } from "./pglite-dialect.ts";

/** What PGlite throws; a statement that comes after a panic would never return. */
function client(error: Error): { readonly client: PGlite; readonly asked: string[] } {
  const asked: string[] = [];
  const fake = {
    waitReady: Promise.resolve(),
    exec: (text: string) => {
      asked.push(text);
      return text === "select 1" ? Promise.resolve([{ rows: [{ one: 1 }] }]) : Promise.reject(error);
    },
    close: () => {
      asked.push("close");
      return Promise.resolve();
    },
  };
  return { client: fake as unknown as PGlite, asked }; // as: what the dialect uses of it
}

const noRoom = (severity: string): Error =>
  Object.assign(new Error('could not write to file "pg_wal/xlogtemp.42": No space left on device'), {
    code: "53100",
    severity,
  });

test.each([
  ["a panic", noRoom("PANIC"), true],
  ["WebAssembly that was aborted", new WebAssembly.RuntimeError("Aborted()"), false],
])("after %s nothing is handed to the embedded database any more, nor is it closed", async (_, error, full) => {
  const { client: embedded, asked } = client(error);
  const told: DatabaseBroken[] = [];
  const queries = new Kysely({ dialect: pgliteDialect(embedded, (broken) => told.push(broken)) });

  const first = await sql`update`.execute(queries).catch((thrown: unknown) => thrown);
  expect(first).toBeInstanceOf(DatabaseBroken);
  expect(isDiskFull(first)).toBe(full);
  await expect(sql`select 1`.execute(queries)).rejects.toBe(first);
  await queries.destroy();

  expect(asked).toEqual(["update"]);
  expect(told).toEqual([first]);
});

test("an error of a statement is that statement's alone", async () => {
  const error = noRoom("ERROR");
  const { client: embedded, asked } = client(error);
  const queries = new Kysely({ dialect: pgliteDialect(embedded, () => expect.unreachable()) });

  await expect(sql`update`.execute(queries)).rejects.toBe(error);
  expect((await sql`select 1`.execute(queries)).rows).toEqual([{ one: 1 }]);
  await queries.destroy();

  expect(asked).toEqual(["update", "select 1", "close"]);
});
