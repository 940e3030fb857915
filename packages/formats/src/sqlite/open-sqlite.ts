import { FormatError } from "../format-error.ts";
import { limitProblems } from "../problem-limit.ts";
import { Pages } from "./pages.ts";
import { readRecord } from "./record.ts";
import type { SqliteValue } from "./record.ts";
import { walkTable } from "./table-tree.ts";

/** A row as stored. An `INTEGER PRIMARY KEY` is stored as null: its value is `rowid`. */
export interface SqliteRow {
  readonly rowid: number;
  readonly values: readonly SqliteValue[];
}

/** A database file in memory, read only. */
export interface SqliteDatabase {
  /** Names of its tables. */
  readonly tables: readonly string[];
  /**
   * The rows of a table in the order of the tree. Damage is told to `onProblem`, and the walk goes on with what can
   * still be reached. Throws FormatError when there is no such table, or more damage than is worth telling.
   */
  rows(table: string, onProblem?: (problem: FormatError) => void): Generator<SqliteRow>;
}

export interface SqliteOptions {
  /** Content of the `-wal` file beside the database; committed pages in it replace those of the file. */
  readonly wal?: Uint8Array | undefined;
}

/**
 * Opens an SQLite 3 database (https://www.sqlite.org/fileformat2.html): ordinary tables, all encodings, overflow pages,
 * write-ahead log. Not: indexes, `WITHOUT ROWID`. Bounded by the file: no page is read twice in one walk.
 * Throws FormatError when the file is no such database or its schema cannot be read.
 */
export function openSqlite(file: Uint8Array, options: SqliteOptions = {}): SqliteDatabase {
  const pages = new Pages(file, options.wal);
  const roots = new Map<string, number>();
  for (const { values } of rowsAt(pages, 1, throwProblem)) {
    const [type, name, , rootPage] = values;
    if (type === "table" && typeof name === "string" && typeof rootPage === "number" && !roots.has(name))
      roots.set(name, rootPage);
  }
  return {
    tables: [...roots.keys()],
    *rows(table, onProblem = () => {}) {
      // The table of tables begins on the first page and names everything but itself.
      const root = table === "sqlite_schema" ? 1 : roots.get(table);
      if (root === undefined)
        throw new FormatError("sqlite", "malformed", `there is no table ${JSON.stringify(table)}`);
      yield* rowsAt(pages, root, limitProblems("sqlite", onProblem));
    },
  };
}

function throwProblem(problem: FormatError): never {
  throw problem;
}

function* rowsAt(pages: Pages, root: number, onProblem: (problem: FormatError) => void): Generator<SqliteRow> {
  for (const { rowid, payload } of walkTable(pages, root, onProblem)) {
    const values = readRecord(payload, pages.encoding);
    if (values instanceof FormatError) onProblem(values);
    else yield { rowid, values };
  }
}
