import type { AnalyzedFile, FileAnalyzer, Observation } from "@plimsoll/model";
import { analyzedFile, matchesFile, observe } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { databases } from "./databases.ts";
import { writeAheadLog } from "./write-ahead-log.ts";

const pageSize = 1024;

/** The header of a package that says its name, version and release. */
function headerOf(name: string): Uint8Array {
  const data = new TextEncoder().encode(`${name}\0` + "1.0\0" + "1\0");
  const blob = new Uint8Array(8 + 3 * 16 + data.length);
  const view = new DataView(blob.buffer);
  view.setUint32(0, 3);
  view.setUint32(4, data.length);
  [1000, 1001, 1002].forEach((tag, at) => {
    const offset = [0, name.length + 1, name.length + 5][at] ?? 0;
    [tag, 6, offset, 1].forEach((word, column) => view.setUint32(8 + 16 * at + 4 * column, word));
  });
  blob.set(data, 8 + 3 * 16);
  return blob;
}

/** A record of null and a blob, as `Packages(hnum INTEGER PRIMARY KEY, blob BLOB)` has them. */
function rowOf(blob: Uint8Array): Uint8Array {
  const type = 12 + 2 * blob.length;
  return new Uint8Array([4, 0, 0x80 | (type >> 7), type & 0x7f, ...blob]);
}

/** A leaf of a table tree, its header at `start`. */
function leafPage(records: readonly Uint8Array[], start = 0): Uint8Array {
  const page = new Uint8Array(pageSize);
  const view = new DataView(page.buffer);
  page[start] = 0x0d;
  view.setUint16(start + 3, records.length);
  let free = pageSize;
  records.forEach((record, at) => {
    const cell = new Uint8Array([0x80 | (record.length >> 7), record.length & 0x7f, at + 1, ...record]);
    free -= cell.length;
    page.set(cell, free);
    view.setUint16(start + 8 + 2 * at, free);
  });
  return page;
}

function databaseOf(names: readonly string[]): Uint8Array {
  const text = (content: string): number[] => [...new TextEncoder().encode(content)];
  // type, name, tbl_name, rootpage, sql
  const schema = new Uint8Array([6, 23, 29, 29, 1, 13, ...text("table"), ...text("Packages"), ...text("Packages"), 2]);
  const first = leafPage([schema], 100);
  first.set(new TextEncoder().encode("SQLite format 3\0"));
  new DataView(first.buffer).setUint16(16, pageSize);
  return new Uint8Array([...first, ...packagesPage(names)]);
}

function packagesPage(names: readonly string[]): Uint8Array {
  return leafPage(names.map((name) => rowOf(headerOf(name))));
}

/** A log with one committed transaction that replaces the second page. */
function logOf(page: Uint8Array): Uint8Array {
  const log = new Uint8Array(32 + 24 + pageSize);
  const view = new DataView(log.buffer);
  [0x377f0683, 3_007_000, pageSize, 0, 7, 9].forEach((word, at) => view.setUint32(4 * at, word));
  let sum = checksum(view, 0, 24, [0, 0]);
  sum.forEach((word, at) => view.setUint32(24 + 4 * at, word));
  [2, 2, 7, 9].forEach((word, at) => view.setUint32(32 + 4 * at, word));
  log.set(page, 56);
  sum = checksum(view, 56, pageSize, checksum(view, 32, 8, sum));
  sum.forEach((word, at) => view.setUint32(48 + 4 * at, word));
  return log;
}

function checksum(view: DataView, start: number, length: number, [first, second]: readonly number[]): number[] {
  let a = first ?? 0;
  let b = second ?? 0;
  for (let at = start; at < start + length; at += 8) {
    a = (a + view.getUint32(at) + b) >>> 0;
    b = (b + view.getUint32(at + 4) + a) >>> 0;
  }
  return [a, b];
}

async function analyze(content: Readonly<Record<string, Uint8Array>>): Promise<readonly Observation[]> {
  const files = new Map<string, AnalyzedFile>(
    Object.entries(content).map(([path, bytes]) => [path, analyzedFile(path, bytes)]),
  );
  const said: Observation[] = [];
  const retained = { get: (path: string) => files.get(path), [Symbol.iterator]: () => files.values() };
  for await (const observation of writeAheadLog.analyze(retained, [], {})) said.push(observation);
  return said;
}

const path = "var/lib/rpm/rpmdb.sqlite";

describe("the write-ahead log", () => {
  test("tells all packages as it leaves them: what it adds is there, what it removes is not", async () => {
    const content = {
      [path]: databaseOf(["bash", "removed"]),
      [`${path}-wal`]: logOf(packagesPage(["bash", "added"])),
    };

    expect(await analyze(content)).toEqual(
      ["bash", "added"].map((name) => ({
        kind: "package",
        package: { name, version: "1.0-1", key: `${name}-1.0-1.noarch` },
        at: path,
      })),
    );
    expect(databases[2]?.yieldsTo?.analyzer).toBe(writeAheadLog.id);
  });

  test.each<[string, Record<string, Uint8Array>]>([
    ["no log", { [path]: databaseOf(["bash"]) }],
    ["an empty log", { [path]: databaseOf(["bash"]), [`${path}-wal`]: new Uint8Array() }],
    ["a log of nonsense", { [path]: databaseOf(["bash"]), [`${path}-wal`]: new Uint8Array(2000).fill(7) }],
    ["a log without database", { [`${path}-wal`]: logOf(packagesPage(["bash"])) }],
  ])("says nothing for %s", async (_, content) => {
    expect(await analyze(content)).toEqual([]);
  });
});

test("the database is asked for beside a log that is not empty, and not kept without one", async () => {
  const isKept = (name: string, content: string): unknown =>
    matchesFile(writeAheadLog.matches, name, new Uint8Array()) && writeAheadLog.wants?.(analyzedFile(name, content));

  expect([isKept(path, "x"), isKept(`${path}-wal`, ""), isKept(`${path}-wal`, "x")]).toEqual([false, false, true]);
  expect(writeAheadLog.needsBeside?.(`${path}-wal`)).toEqual([path]);
  expect(await writeAheadLog.wants?.(analyzedFile(path, "x"))).toBe(true);
});

test("a damaged header costs one package", async () => {
  const file = databaseOf(["first", "broken", "last"]);
  const at = new TextDecoder("latin1").decode(file).indexOf("broken");
  // The number of tags of that header.
  file.fill(0xff, at - 56, at - 52);

  const { packages, diagnostics } = await observe(databases[2] as FileAnalyzer, path, file);

  expect(packages.map(({ name }) => name)).toEqual(["first", "last"]);
  expect(diagnostics).toEqual([expect.objectContaining({ code: "malformed-file", effect: "incomplete" })]);
});

test("a large database is read page by page", async () => {
  const small = databaseOf(["bash", "curl"]);
  const large = new Uint8Array(17 * 1024 * 1024);
  large.set(small);
  let largest = 0;
  const read = (start: number, end: number): Uint8Array => {
    largest = Math.max(largest, end - start);
    return large.subarray(start, end);
  };
  const file: AnalyzedFile = {
    ...analyzedFile(path, large),
    bytes: () => Promise.reject(new Error("it was read as a whole")),
    ranges: async () => ({ size: large.length, read }),
  };
  const names: string[] = [];
  for await (const found of databases[2]?.analyze(file, {}) ?? [])
    if (found.kind === "package") names.push(found.package.name);

  expect(names).toEqual(["bash", "curl"]);
  expect(largest).toBe(pageSize);
});
