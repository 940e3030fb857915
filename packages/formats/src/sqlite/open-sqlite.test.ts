import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormatError } from "../format-error.ts";
import { fuzz } from "./open-sqlite.fuzz.ts";
import { openSqlite } from "./open-sqlite.ts";
import type { SqliteKey } from "./look-up.ts";
import type { SqliteSource } from "./pages.ts";
import type { SqliteValue } from "./record.ts";

function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url)));
}

const rows = fixture("rows.db");
const pageSize = 512;

/** A copy with bytes written into it. */
function damaged(at: number, ...bytes: number[]): Uint8Array {
  const copy = rows.slice();
  copy.set(bytes, at);
  return copy;
}

function read(file: Uint8Array): { rowids: number[]; problems: FormatError[] } {
  const problems: FormatError[] = [];
  const rowids = [...openSqlite(file).rows("Packages", (problem) => problems.push(problem))].map(({ rowid }) => rowid);
  return { rowids, problems };
}

const everyRow = Array.from({ length: 60 }, (_, index) => index + 1);

describe("openSqlite", () => {
  test("lists tables, not indexes", () => {
    expect(openSqlite(rows).tables).toEqual(["Packages", "kinds"]);
  });

  test("reads rows in order through interior and overflow pages", () => {
    const found = [...openSqlite(rows).rows("Packages")];

    expect(found.map(({ rowid }) => rowid)).toEqual(everyRow);
    for (const { rowid, values } of found)
      expect(values).toEqual([null, new Uint8Array((rowid * 37) % 1500).fill("x".charCodeAt(0))]);
  });

  test("reads every kind of value", () => {
    expect([...openSqlite(rows).rows("kinds")].map(({ values }) => values)).toEqual([
      [null, 0, 1, -2, 70_000, 9_007_199_254_740_993n, 1.5, "é"],
      [-40_000, 8_388_607, 2_147_483_648, -140_737_488_355_328, "", new Uint8Array(), "text", new Uint8Array([0, 255])],
    ]);
  });

  test("reads text in UTF-16", () => {
    expect([...openSqlite(fixture("utf16.db")).rows("t")][0]?.values).toEqual(["é€"]);
  });

  test("takes committed pages from the write-ahead log", () => {
    const texts = (wal?: Uint8Array): unknown[] =>
      [...openSqlite(fixture("logged.db"), { wal }).rows("t")].map(({ values }) => values[0]);

    expect(texts()).toEqual(["old"]);
    expect(texts(fixture("logged.db-wal"))).toEqual(["new", "added"]);
  });

  test("leaves out what a damaged log did not finish", () => {
    const wal = fixture("logged.db-wal");
    const texts = (log: Uint8Array): unknown[] =>
      [...openSqlite(fixture("logged.db"), { wal: log }).rows("t")].map(({ values }) => values[0]);
    const flipped = wal.slice();
    flipped[wal.length - 1] = (flipped[wal.length - 1] ?? 0) ^ 1;

    expect(texts(flipped)).toEqual(["new"]);
    expect(texts(wal.subarray(0, wal.length - 1))).toEqual(["new"]);
    expect(texts(wal.subarray(0, 40))).toEqual(["old"]);
    expect(texts(new Uint8Array(1000))).toEqual(["old"]);
  });

  test.each([
    ["nothing", new Uint8Array()],
    ["a text", new TextEncoder().encode("SQLite format 4\0".padEnd(200))],
    ["a page size of 0", damaged(16, 0, 0)],
    ["a page size of 3", damaged(16, 0, 3)],
    ["pages without room", damaged(20, 255)],
    ["half a header", rows.subarray(0, 60)],
    ["a schema on a page that is no table", damaged(100, 0x0a)],
  ])("refuses %s", (_, file) => {
    expect(() => openSqlite(file)).toThrow(FormatError);
  });

  test("refuses a table that is not there", () => {
    expect(() => [...openSqlite(rows).rows("constructor")]).toThrow(FormatError);
  });
});

/** The file as one that is not in memory. */
function onDisk(file: Uint8Array): SqliteSource {
  return { size: file.length, read: (start, end) => file.slice(start, end) };
}

describe("look-ups", () => {
  const indexed = fixture("indexed.db");
  const all = [...openSqlite(indexed).rows("things")].map(({ rowid, values }) => ({ rowid, values }));
  const [word, number, hash] = [1, 2, 3];

  test("list the indexes with their tables", () => {
    expect(openSqlite(indexed).indexes.map(({ name, table, sql }) => [name, table, sql !== undefined])).toEqual([
      ["sqlite_autoindex_things_1", "things", false],
      ["by_word", "things", true],
      ["by_number", "things", true],
    ]);
  });

  test.each([
    ["in memory", indexed],
    ["read page by page", onDisk(indexed)],
  ])("find the rows that a walk finds, of a file %s", (_, file) => {
    const database = openSqlite(file);
    const expected = (column: number, wanted: SqliteValue | undefined): number[] =>
      all.filter(({ values }) => isSame(values[column], wanted)).map(({ rowid }) => rowid);
    const found = (index: string, key: SqliteValue | undefined): number[] =>
      [...database.find(index, [key as SqliteKey])].sort((a, b) => a - b);

    for (const { values } of all) {
      if (values[word] !== null) expect(found("by_word", values[word])).toEqual(expected(word, values[word]));
      expect(found("by_number", values[number])).toEqual(expected(number, values[number]));
      expect(found("sqlite_autoindex_things_1", values[hash])).toEqual(expected(hash, values[hash]));
    }
    for (const absent of ["", "w", "wörd-1\0", "x", "z".repeat(2000)]) expect(found("by_word", absent)).toEqual([]);
    expect(found("sqlite_autoindex_things_1", new Uint8Array(20))).toEqual([]);
    expect([...database.find("by_word", ["wörd-5", -1000])]).toEqual([]);
  });

  test("find by several columns", () => {
    const some = all.find(({ values }) => values[word] === "wörd-5");
    const [first = 0] = [some?.values[number]] as number[];

    expect([...openSqlite(indexed).find("by_word", ["wörd-5", first])]).toEqual(
      all.filter(({ values }) => values[word] === "wörd-5" && values[number] === first).map(({ rowid }) => rowid),
    );
  });

  test("give each row by its number, and no other", () => {
    const database = openSqlite(onDisk(indexed));

    for (const { rowid, values } of all) expect(database.row("things", rowid)?.values).toEqual(values);
    for (const absent of [-1, 0, 1, 2, 1201, 2 ** 40]) expect(database.row("things", absent)).toBeUndefined();
  });

  test("refuse what is not there", () => {
    expect(() => openSqlite(indexed).row("by_word", 1)).toThrow(FormatError);
    expect(() => [...openSqlite(indexed).find("things", ["x"])]).toThrow(FormatError);
  });

  test("of a damaged file give the right rows, fewer of them, or an error, and always end", () => {
    fc.assert(
      fc.property(fc.nat(indexed.length - 1), fc.nat(255), (at, byte) => {
        const copy = indexed.slice();
        copy[at] = byte;
        fuzz(copy);
      }),
      { numRuns: 150 },
    );
  });
});

function isSame(a: SqliteValue | undefined, b: SqliteValue | undefined): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array ? Buffer.compare(a, b) === 0 : a === b;
}

describe("a damaged database", () => {
  const root = 2;
  const rootStart = (root - 1) * pageSize;

  test("gives the rows before the end of a truncated file", () => {
    const { rowids, problems } = read(rows.subarray(0, pageSize * 12));

    expect(rowids.length).toBeGreaterThan(0);
    expect(rowids.length).toBeLessThan(60);
    expect(problems.map(({ problem }) => problem)).toContain("truncated");
  });

  test("with a tree that leads back to its root still ends", () => {
    const { rowids, problems } = read(damaged(rootStart + 8, 0, 0, 0, root));

    expect(rowids.length).toBeGreaterThan(0);
    expect(problems.map(({ message }) => message).join()).toContain("twice");
  });

  test("with a page of another kind in the tree gives the others", () => {
    const view = new DataView(rows.buffer);
    const child = view.getUint32(rootStart + 8);
    const { rowids, problems } = read(damaged((child - 1) * pageSize, 0x0a));

    expect(rowids.length).toBeGreaterThan(0);
    expect(problems).toHaveLength(1);
  });

  test("whose overflow pages form a circle gives the other rows", () => {
    // Every page that begins like an overflow page now points at itself.
    const looped = rows.slice();
    const view = new DataView(looped.buffer);
    for (let page = 3; page * pageSize <= looped.length; page++) {
      const start = (page - 1) * pageSize;
      if (looped[start] === 0 && view.getUint32(start) !== 0) view.setUint32(start, page);
    }

    const { rowids, problems } = read(looped);

    expect(rowids.length).toBeGreaterThan(0);
    expect(rowids.length).toBeLessThan(60);
    expect(problems.length).toBeGreaterThan(0);
  });

  test("whose cells overlap gives no more than a page holds", () => {
    // All cells of the last leaf are its first one.
    const view = new DataView(rows.slice().buffer);
    const leaf = (view.getUint32(rootStart + 8) - 1) * pageSize;
    const count = view.getUint16(leaf + 3);
    for (let cell = 1; cell < count; cell++) view.setUint16(leaf + 8 + 2 * cell, view.getUint16(leaf + 8));

    const { rowids, problems } = read(new Uint8Array(view.buffer));

    expect(count).toBeGreaterThan(1);
    expect(new Set(rowids).size).toBe(rowids.length);
    expect(problems.length).toBeGreaterThan(0);
  });

  test("gives rows or problems, nothing else, whichever byte is wrong", () => {
    fc.assert(
      fc.property(fc.nat(rows.length - 1), fc.nat(255), (at, byte) => {
        fuzz(damaged(at, byte));
      }),
      { numRuns: 500 },
    );
  });

  test("any bytes behind the magic are read or refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 84, maxLength: 3000 }), (tail) => {
        const file = new Uint8Array(18 + tail.length);
        file.set(rows.subarray(0, 18));
        file.set(tail, 18);
        fuzz(file);
      }),
      { numRuns: 200 },
    );
  });
});
