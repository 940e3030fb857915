import { oddSqlite } from "@plimsoll/testkit";
import type { Random } from "@plimsoll/testkit";
import { FormatError } from "../format-error.ts";
import { openSqlite } from "./open-sqlite.ts";

/** Files whose trees lead anywhere. */
export function make(random: Random): Uint8Array {
  return oddSqlite(random);
}

/** Binary content of a table is never larger than the file. */
export function fuzz(input: Uint8Array): void {
  try {
    const database = openSqlite(input);
    for (const table of database.tables) {
      let held = 0;
      for (const { values } of database.rows(table))
        for (const value of values) if (value instanceof Uint8Array) held += value.length;
      database.row(table, held % 64);
      if (held > input.length) throw new Error(`${held} bytes read from ${input.length}`);
    }
    for (const { name, table } of database.indexes)
      for (const key of ["wörd-5", 1.5, new Uint8Array(3)])
        for (const rowid of database.find(name, [key])) database.row(table, rowid);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
