import { FormatError } from "../format-error.ts";
import { openSqlite } from "./open-sqlite.ts";

/** Binary content of a table is never larger than the file. */
export function fuzz(input: Uint8Array): void {
  try {
    const database = openSqlite(input);
    for (const table of database.tables) {
      let held = 0;
      for (const { values } of database.rows(table))
        for (const value of values) if (value instanceof Uint8Array) held += value.length;
      if (held > input.length) throw new Error(`${held} bytes read from ${input.length}`);
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
