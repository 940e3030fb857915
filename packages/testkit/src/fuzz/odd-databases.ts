// Whole databases of others, made here: sound where a reader must come through, odd within.
import { oneOf, wholeBelow } from "./random.ts";
import type { Random } from "./random.ts";

const encoder = new TextEncoder();

/** Nested buckets of bbolt: an object is a bucket, a text is a value. */
export interface OddBuckets {
  readonly [key: string]: string | OddBuckets;
}

const boltPage = 1024;

/** A file of bbolt with these buckets, whose numbers are mostly right. */
export function oddBolt(random: Random, content: OddBuckets): Uint8Array {
  const pages: Uint8Array[] = [];
  const root = boltBucket(random, content, pages, false);
  const file = new Uint8Array((4 + pages.length) * boltPage);
  pages.forEach((page, at) => file.set(page, (4 + at) * boltPage));
  for (const meta of [0, 1]) {
    const start = meta * boltPage;
    const view = new DataView(file.buffer, start);
    view.setBigUint64(0, BigInt(meta), true);
    view.setUint16(8, 4, true);
    view.setUint32(16, 0xed0cdaed, true);
    view.setUint32(20, 2, true);
    view.setUint32(24, boltPage, true);
    view.setBigUint64(32, BigInt(root.page), true);
    view.setBigUint64(64, BigInt(meta), true);
    let hash = 0xcbf29ce484222325n;
    for (const byte of file.subarray(start + 16, start + 72))
      hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
    view.setBigUint64(72, hash, true);
  }
  return file;
}

/** A bucket as what stands in its parent: in pages of its own, or within. */
function boltBucket(
  random: Random,
  content: OddBuckets,
  pages: Uint8Array[],
  mayBeInline: boolean,
): { readonly page: number; readonly value: Uint8Array } {
  const entries = Object.entries(content)
    .map(([name, inside]) => ({
      key: encoder.encode(name),
      isBucket: typeof inside !== "string",
      value: typeof inside === "string" ? encoder.encode(inside) : boltBucket(random, inside, pages, true).value,
    }))
    .sort((a, b) => Buffer.compare(a.key, b.key));
  const length = 16 + entries.reduce((sum, { key, value }) => sum + 16 + key.length + value.length, 0);
  const isInline = mayBeInline && length < 400;
  const leaf = new Uint8Array(isInline ? length : Math.ceil(length / boltPage) * boltPage);
  const view = new DataView(leaf.buffer);
  const page = isInline ? 0 : 4 + pages.reduce((sum, { length: bytes }) => sum + bytes / boltPage, 0);
  view.setBigUint64(0, BigInt(page), true);
  view.setUint16(8, slightly(random, 2, [1, 4, 0]), true);
  view.setUint16(10, slightly(random, entries.length, [0, 0xffff]), true);
  view.setUint32(12, isInline ? 0 : slightly(random, leaf.length / boltPage - 1, [5, 0xffffffff]), true);
  let at = 16 + entries.length * 16;
  for (const [index, { key, value, isBucket }] of entries.entries()) {
    const element = 16 + index * 16;
    view.setUint32(element, slightly(random, isBucket ? 1 : 0, [0, 1]), true);
    view.setUint32(element + 4, slightly(random, at - element, [0, 16, 0xfffffff0]), true);
    view.setUint32(element + 8, slightly(random, key.length, [0, 0xffff]), true);
    view.setUint32(element + 12, slightly(random, value.length, [0, 0xffffff]), true);
    leaf.set(key, at);
    leaf.set(value, at + key.length);
    at += key.length + value.length;
  }
  if (!isInline)
    for (let from = 0; from < leaf.length; from += boltPage) pages.push(leaf.subarray(from, from + boltPage));
  const header = new Uint8Array(16 + (isInline ? leaf.length : 0));
  new DataView(header.buffer).setBigUint64(0, BigInt(slightly(random, page, [0, 2, 4, 5])), true);
  if (isInline) header.set(leaf, 16);
  return { page, value: header };
}

/** What a cell of a row holds. */
export type OddCell = string | number | Uint8Array | null;

/** A table of SQLite, or an index over the column of a table that comes before it. */
export interface OddTable {
  readonly name: string;
  readonly sql: string;
  readonly rows: readonly (readonly OddCell[])[];
  /** Table and position of the column that it is sorted by. */
  readonly over?: readonly [table: string, column: number];
}

const sqlitePage = 4096;

/** A file of SQLite with these tables, each in leaves under one page, whose numbers are mostly right. */
export function oddTables(random: Random, tables: readonly OddTable[]): Uint8Array {
  const pages: Uint8Array[] = [new Uint8Array(sqlitePage)];
  const schema: (readonly OddCell[])[] = [];
  for (const { name, sql, rows, over } of tables) {
    const cells =
      over === undefined
        ? rows.map((row, at) => tableCell(row, at + 1))
        : (tables.find((each) => each.name === over[0])?.rows ?? [])
            .map((row, at) => [row[over[1]] ?? null, at + 1] as const)
            .sort(([a], [b]) => Buffer.compare(bytesOfCell(a), bytesOfCell(b)))
            .map((row) => indexCell(row));
    const root = leaves(random, cells, over === undefined, pages);
    const kind = over === undefined ? "table" : "index";
    schema.push([kind, name, over?.[0] ?? name, slightly(random, root, [0, 1, 99]), sql]);
  }
  const first = pages[0] ?? new Uint8Array(sqlitePage);
  fillPage(
    random,
    first,
    100,
    schema.map((row, at) => tableCell(row, at + 1)),
    13,
  );
  const file = new Uint8Array(pages.length * sqlitePage);
  pages.forEach((page, at) => file.set(page, at * sqlitePage));
  const view = new DataView(file.buffer);
  file.set(encoder.encode("SQLite format 3\0"));
  view.setUint16(16, sqlitePage);
  file.set([1, 1, 0, 64, 32, 32], 18);
  view.setUint32(28, pages.length);
  view.setUint32(44, 4);
  view.setUint32(56, slightly(random, 1, [2, 3]));
  return file;
}

/** Puts cells into leaves, and those under one inner page where there are several. @returns the number of the root. */
function leaves(random: Random, cells: readonly Cell[], isTable: boolean, pages: Uint8Array[]): number {
  const groups: Cell[][] = [[]];
  let filled = 0;
  for (const cell of cells) {
    if (filled + cell.bytes.length + 2 > sqlitePage - 16) {
      groups.push([]);
      filled = 0;
    }
    groups.at(-1)?.push(cell);
    filled += cell.bytes.length + 2;
  }
  const numbers = groups.map((group) => {
    const page = new Uint8Array(sqlitePage);
    pages.push(page);
    fillPage(random, page, 0, group, isTable ? 13 : 10);
    return pages.length;
  });
  if (numbers.length === 1) return numbers[0] ?? 0;
  const inner = new Uint8Array(sqlitePage);
  pages.push(inner);
  const children = numbers.slice(0, -1).map((number, at): Cell => {
    const last = groups[at]?.at(-1);
    const pointer = new Uint8Array(4);
    new DataView(pointer.buffer).setUint32(0, slightly(random, number, [0, 1, pages.length]));
    const tail = isTable ? varint(last?.rowid ?? 0) : [...(last?.bytes ?? [])];
    return { rowid: 0, bytes: Uint8Array.of(...pointer, ...tail) };
  });
  fillPage(random, inner, 0, children.slice(0, 200), isTable ? 5 : 2);
  new DataView(inner.buffer).setUint32(8, slightly(random, numbers.at(-1) ?? 0, [0, pages.length]));
  return pages.length;
}

interface Cell {
  readonly rowid: number;
  readonly bytes: Uint8Array;
}

function fillPage(random: Random, page: Uint8Array, head: number, cells: readonly Cell[], kind: number): void {
  const view = new DataView(page.buffer);
  page[head] = slightly(random, kind, [2, 5, 10, 13]);
  const pointers = head + (kind < 8 ? 12 : 8);
  let end = sqlitePage;
  let count = 0;
  for (const { bytes } of cells) {
    if (end - bytes.length < pointers + 2 * (count + 1)) break;
    end -= bytes.length;
    page.set(bytes, end);
    view.setUint16(pointers + 2 * count++, slightly(random, end, [0, pointers, sqlitePage - 1]));
  }
  view.setUint16(head + 3, slightly(random, count, [count + 1, 0xffff]));
  view.setUint16(head + 5, end);
}

function tableCell(row: readonly OddCell[], rowid: number): Cell {
  const payload = record(row);
  return { rowid, bytes: Uint8Array.of(...varint(payload.length), ...varint(rowid), ...payload) };
}

function indexCell(row: readonly OddCell[]): Cell {
  const payload = record(row);
  return { rowid: 0, bytes: Uint8Array.of(...varint(payload.length), ...payload) };
}

function record(row: readonly OddCell[]): readonly number[] {
  const types: number[] = [];
  const body: number[] = [];
  for (const cell of row) {
    const bytes = bytesOfCell(cell);
    if (cell === null) types.push(0);
    else if (typeof cell === "number") types.push(Number.isInteger(cell) ? 4 : 7);
    else types.push((typeof cell === "string" ? 13 : 12) + 2 * bytes.length);
    body.push(...bytes);
  }
  const header = types.flatMap(varint);
  return [...varint(header.length + 1), ...header, ...body];
}

/** Longer contents would need pages of their own. */
const maxCellBytes = 900;

function bytesOfCell(cell: OddCell): Uint8Array {
  if (cell === null) return new Uint8Array(0);
  if (typeof cell === "string") return encoder.encode(cell).subarray(0, maxCellBytes);
  if (typeof cell !== "number") return cell.subarray(0, maxCellBytes);
  const bytes = new Uint8Array(Number.isInteger(cell) ? 4 : 8);
  const view = new DataView(bytes.buffer);
  if (Number.isInteger(cell)) view.setInt32(0, cell);
  else view.setFloat64(0, cell);
  return bytes;
}

function varint(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}

/** A package database of rpm's own form: slots that lead to blobs, mostly to their own. */
export function oddNdb(random: Random, blobs: readonly Uint8Array[]): Uint8Array {
  const slotPages = slightly(random, 1, [0, 2, 0xffffffff]);
  const places: number[] = [];
  let end = 4096;
  for (const blob of blobs) {
    places.push(end);
    end += Math.ceil((32 + blob.length) / 16) * 16;
  }
  const file = new Uint8Array(end);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0x506d7052, true);
  view.setUint32(4, slightly(random, 0, [1]), true);
  view.setUint32(12, slotPages, true);
  for (let slot = 2; slot < 256; slot++) view.setUint32(slot * 16, slightly(random, 0x746f6c53, [0]), true);
  for (const [at, blob] of blobs.slice(0, 254).entries()) {
    const start = places[at] ?? 0;
    const slot = (2 + at) * 16;
    const index = at + 1;
    view.setUint32(slot + 4, slightly(random, index, [0, 1, 0xffffffff]), true);
    view.setUint32(slot + 8, slightly(random, start / 16, [0, 256, 0xffffffff]), true);
    view.setUint32(slot + 12, Math.ceil((32 + blob.length) / 16), true);
    view.setUint32(start, slightly(random, 0x53626c42, [0]), true);
    view.setUint32(start + 4, slightly(random, index, [1]), true);
    view.setUint32(start + 12, slightly(random, blob.length, [0, end, 0xffffffff]), true);
    file.set(blob, start + 16);
  }
  return file;
}

/** The right number, one time in a hundred another. */
function slightly(random: Random, right: number, others: readonly number[]): number {
  return random() < 0.99 ? right : random() < 0.5 ? oneOf(random, others, right) : wholeBelow(random, 2 * right + 2);
}
