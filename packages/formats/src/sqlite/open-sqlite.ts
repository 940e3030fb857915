import { FormatError } from "../format-error.ts";
import { limitProblems } from "../problem-limit.ts";
import { findInIndex, findRow } from "./look-up.ts";
import type { SqliteKey } from "./look-up.ts";
import { Pages } from "./pages.ts";
import type { SqliteSource } from "./pages.ts";
import { readRecord } from "./record.ts";
import type { SqliteValue } from "./record.ts";
import { walkTable } from "./table-tree.ts";

/** A row as stored. An `INTEGER PRIMARY KEY` is stored as null: its value is `rowid`. */
export interface SqliteRow {
  readonly rowid: number;
  readonly values: readonly SqliteValue[];
}

/** An index, and the columns that it is sorted by. */
export interface SqliteIndex {
  readonly name: string;
  readonly table: string;
  /** The statement that made it. Absent for an index that SQLite made itself, for a `UNIQUE` column of a table. */
  readonly sql?: string;
}

/** A database file, read only. */
export interface SqliteDatabase {
  /** Names of its tables. */
  readonly tables: readonly string[];
  readonly indexes: readonly SqliteIndex[];
  /**
   * The rows of a table in the order of the tree. `onProblem` is called for damage, and reading goes on with what can still be reached.
   * Throws FormatError when there is no such table, or more damage than is worth telling.
   */
  rows(table: string, onProblem?: (problem: FormatError) => void): Generator<SqliteRow>;
  /**
   * The row of a table with this number, reading the pages on the way to it; undefined when there is none.
   * Throws FormatError when there is no such table or a page cannot be read.
   */
  row(table: string, rowid: number): SqliteRow | undefined;
  /**
   * Numbers of the rows whose indexed columns begin with `key`, in the order of the index.
   * Throws FormatError when there is no such index or a page cannot be read.
   */
  find(index: string, key: readonly SqliteKey[]): Generator<number>;
}

/** How a database is opened. */
export interface SqliteOptions {
  /** Content of the `-wal` file beside the database; committed pages in it replace those of the file. */
  readonly wal?: Uint8Array | undefined;
}

/**
 * Opens an SQLite 3 database (https://www.sqlite.org/fileformat2.html): ordinary tables, all encodings, overflow pages,
 * write-ahead log, indexes in ascending order. Not: `WITHOUT ROWID`. Bounded by the file: no page is read twice in one walk.
 * A file that is not in memory is read page by page.
 * Throws FormatError when the file is no such database or its schema cannot be read.
 */
export function openSqlite(file: Uint8Array | SqliteSource, options: SqliteOptions = {}): SqliteDatabase {
  const pages = new Pages(file, options.wal);
  const roots = new Map<string, number>();
  const indexRoots = new Map<string, number>();
  const indexes: SqliteIndex[] = [];
  for (const { values } of rowsAt(pages, 1, throwProblem)) {
    const [type, name, table, rootPage, sql] = values;
    if (typeof name !== "string" || typeof rootPage !== "number") continue;
    if (type === "table" && !roots.has(name)) roots.set(name, rootPage);
    if (type !== "index" || typeof table !== "string" || indexRoots.has(name)) continue;
    indexRoots.set(name, rootPage);
    indexes.push({ name, table, ...(typeof sql === "string" ? { sql } : {}) });
  }
  const rootOf = (kind: "table" | "index", name: string): number => {
    const root = kind === "table" ? roots.get(name) : indexRoots.get(name);
    if (root === undefined) throw new FormatError("sqlite", "malformed", `there is no ${kind} ${JSON.stringify(name)}`);
    return root;
  };
  return {
    tables: [...roots.keys()],
    indexes,
    *rows(table, onProblem = () => {}) {
      // The table of tables begins on the first page and names everything but itself.
      const root = table === "sqlite_schema" ? 1 : rootOf("table", table);
      yield* rowsAt(pages, root, limitProblems("sqlite", onProblem));
    },
    row(table, rowid) {
      const payload = findRow(pages, rootOf("table", table), rowid);
      if (payload === undefined) return undefined;
      const values = readRecord(payload, pages.encoding);
      if (values instanceof FormatError) throw values;
      return { rowid, values };
    },
    *find(index, key) {
      yield* findInIndex(pages, rootOf("index", index), key);
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
