import { FormatError } from "../format-error.ts";
import type { Pages } from "./pages.ts";
import { readRecord } from "./record.ts";
import type { SqliteValue } from "./record.ts";
import { maxDepth, pageTypes, problem, readPayload, TreePage } from "./tree-page.ts";
import { readVarint } from "./varint.ts";

/** Values that an index is searched by; text is compared by its UTF-8 bytes (collation BINARY). */
export type SqliteKey = string | number | Uint8Array;

/**
 * The content of the row with this number, by descending the table's tree; undefined when there is none.
 * @throws FormatError when a page on the way cannot be read: an answer is never guessed.
 */
export function findRow(pages: Pages, root: number, rowid: number): Uint8Array | undefined {
  const visited = new Set<number>();
  let number = root;
  for (let depth = 0; depth <= maxDepth; depth++) {
    const page = openPage(pages, number, visited);
    const cells = page.cells();
    if (page.type === pageTypes.tableInterior) {
      const keyOf = (at: number): number => varint(page, at + 4).value;
      const at = cells[firstIndex(cells, (cell) => keyOf(cell) >= rowid)];
      number = at === undefined ? page.lastChild() : page.uint32(at);
      continue;
    }
    if (page.type !== pageTypes.tableLeaf) throw problem("malformed", `page ${number} is not part of a table`);
    const keyOf = (at: number): number => varint(page, varint(page, at).end).value;
    const at = cells[firstIndex(cells, (cell) => keyOf(cell) >= rowid)];
    if (at === undefined || keyOf(at) !== rowid) return undefined;
    const length = varint(page, at);
    return sound(readPayload(pages, page, varint(page, length.end).end, length.value, new Set()));
  }
  throw problem("limit-exceeded", "the tree is too deep");
}

/**
 * Numbers of the rows whose indexed columns begin with `key`, in the order of the index (fileformat2 §1.6, §2.5).
 * @throws FormatError when a page on the way cannot be read.
 */
export function* findInIndex(pages: Pages, root: number, key: readonly SqliteKey[]): Generator<number> {
  yield* search({ pages, key, visited: new Set() }, root, 0);
}

interface Search {
  readonly pages: Pages;
  readonly key: readonly SqliteKey[];
  /** Numbers of the pages that were visited: none is visited twice, also where a damaged tree leads back into itself. */
  readonly visited: Set<number>;
}

function* search(search_: Search, number: number, depth: number): Generator<number> {
  const { pages, key, visited } = search_;
  if (depth > maxDepth) throw problem("limit-exceeded", "the tree is too deep");
  const page = openPage(pages, number, visited);
  const isInterior = page.type === pageTypes.indexInterior;
  if (!isInterior && page.type !== pageTypes.indexLeaf)
    throw problem("malformed", `page ${number} is not part of an index`);
  const cells = page.cells();
  const entry = (at: number): readonly SqliteValue[] => {
    const length = varint(page, isInterior ? at + 4 : at);
    const values = readRecord(sound(readPayload(pages, page, length.end, length.value, new Set())), pages.encoding);
    return sound(values);
  };
  let at = firstIndex(cells, (cell) => compareKeys(entry(cell), key) >= 0);
  for (; at < cells.length; at++) {
    const cell = cells[at] ?? 0;
    if (isInterior) yield* search(search_, page.uint32(cell), depth + 1);
    const values = entry(cell);
    if (compareKeys(values, key) !== 0) return;
    const rowid = values.at(-1);
    if (typeof rowid !== "number") throw problem("malformed", `an entry of page ${number} names no row`);
    yield rowid;
  }
  if (isInterior) yield* search(search_, page.lastChild(), depth + 1);
}

function openPage(pages: Pages, number: number, visited: Set<number>): TreePage {
  const bytes = pages.page(number);
  if (bytes === undefined) throw problem("truncated", `page ${number} lies behind the end of the file`);
  if (visited.has(number)) throw problem("malformed", `page ${number} is in the tree twice`);
  visited.add(number);
  return new TreePage(bytes, number);
}

/** Index of the first of the sorted cells for which `holds` is true; the number of cells when it is true for none. */
function firstIndex(cells: readonly number[], holds: (cell: number) => boolean): number {
  let low = 0;
  let high = cells.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(cells[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function varint(page: TreePage, at: number): { readonly value: number; readonly end: number } {
  const found = readVarint(page.bytes, at);
  if (found === undefined) throw problem("malformed", `a cell of page ${page.number} cannot be read`);
  return found;
}

function sound<T>(value: T | FormatError): T {
  if (value instanceof FormatError) throw value;
  return value;
}

const encoder = new TextEncoder();

function compareKeys(values: readonly SqliteValue[], key: readonly SqliteKey[]): number {
  for (const [at, wanted] of key.entries()) {
    const order = compareValues(values[at] ?? null, wanted);
    if (order !== 0) return order;
  }
  return 0;
}

/** Compares values in SQLite's order: numbers, then texts, then bytes (https://www.sqlite.org/datatype3.html §4.1). */
function compareValues(value: SqliteValue, wanted: SqliteKey): number {
  const ranks = rank(value) - rank(wanted);
  if (ranks !== 0) return ranks;
  if (typeof wanted === "number") return Number(value) - wanted;
  const [left, right] = [value, wanted].map((each) => (typeof each === "string" ? encoder.encode(each) : each));
  return left instanceof Uint8Array && right instanceof Uint8Array ? compareBytes(left, right) : 0;
}

function rank(value: SqliteValue): number {
  if (value === null) return 0;
  return typeof value === "string" ? 2 : value instanceof Uint8Array ? 3 : 1;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at++) {
    const order = (a[at] ?? 0) - (b[at] ?? 0);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
