import { openSqlite } from "@plimsoll/formats";
import type { FormatError, SqliteDatabase, SqliteSource, SqliteValue } from "@plimsoll/formats";

/** A row by the names of its columns. */
export interface Row {
  text(column: string): string | undefined;
  number(column: string): number | undefined;
}

/** The tables of an SQLite file, their columns by name: the order of columns differs between schema revisions. */
export class Tables {
  readonly #database: SqliteDatabase;
  readonly #columns = new Map<string, readonly string[]>();
  /** The first damage met while reading rows; what can be reached is read all the same. */
  problem: FormatError | undefined;

  /** @throws FormatError when the file is no database. */
  constructor(file: Uint8Array | SqliteSource) {
    this.#database = openSqlite(file);
    for (const { values } of this.#database.rows("sqlite_schema", (problem) => (this.problem ??= problem))) {
      const [type, name, , , sql] = values;
      if (type === "table" && typeof name === "string" && typeof sql === "string") {
        this.#columns.set(name, columnsOf(sql));
      }
    }
  }

  has(table: string): boolean {
    return this.#database.tables.includes(table);
  }

  /** The rows of a table; none when there is no such table. */
  *rows(table: string): Generator<Row> {
    if (!this.has(table)) return;
    const columns = new Map((this.#columns.get(table) ?? []).map((name, at) => [name, at]));
    const idColumn = columns.get("id");
    for (const { rowid, values } of this.#database.rows(table, (problem) => (this.problem ??= problem))) {
      const value = (column: string): SqliteValue | undefined => {
        const at = columns.get(column);
        // The primary key is stored as the row's number.
        return at === undefined ? undefined : at === idColumn && values[at] === null ? rowid : values[at];
      };
      yield {
        text: (column) => {
          const found = value(column);
          return typeof found === "string" && found !== "" ? found : undefined;
        },
        number: (column) => {
          const found = value(column);
          return typeof found === "number" ? found : undefined;
        },
      };
    }
  }
}

/** Names of the columns that a `CREATE TABLE` statement declares, in order. */
export function columnsOf(sql: string): readonly string[] {
  const open = sql.indexOf("(");
  if (open < 0) return [];
  const parts: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let at = open; at < sql.length; at++) {
    const sign = sql[at];
    if (sign === "(") depth++;
    else if (sign === ")") depth--;
    if ((sign === "," && depth === 1) || (sign === ")" && depth === 0)) {
      parts.push(sql.slice(start, at));
      start = at + 1;
      if (depth === 0) break;
    }
  }
  return parts.flatMap((part) => {
    const name = /^\s*[`"[]?([A-Za-z_][A-Za-z0-9_]*)/.exec(part)?.[1];
    return name === undefined || /^(?:CONSTRAINT|PRIMARY|UNIQUE|CHECK|FOREIGN)$/i.test(name) ? [] : [name];
  });
}
