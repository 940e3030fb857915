import { FormatError } from "../format-error.ts";
import type { RandomAccessBytes } from "../bytes.ts";

const headerBytes = 16;
const elementBytes = 16;
const magic = 0xed0cdaed;
const pageKinds = { branch: 0x01, leaf: 0x02 } as const;

/** An entry of a branch page: the first key of a page below, and the number of that page. */
export interface BranchElement {
  readonly key: Uint8Array;
  readonly page: number;
}

/** An entry of a leaf page. */
export interface LeafElement {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly isBucket: boolean;
}

/** A node of the tree; elements are read when asked for. */
export interface BoltNode {
  readonly kind: "branch" | "leaf";
  readonly count: number;
  /** Bytes of the page and of those that continue it. */
  readonly size: number;
  branch(at: number): BranchElement;
  leaf(at: number): LeafElement;
  /** Less than 0 where the key of an entry is before another one, 0 where they are equal. Looks at it where it lies: searches do nothing else. */
  compareKey(at: number, key: Uint8Array): number;
}

/** The most bytes of a page together with those that continue it, and so of a value. */
const maxPageBytes = 16 * 1024 * 1024;

/** The pages of a bbolt file (etcd-io/bbolt, internal/common/page.go), with a cache of the last ones. */
export class BoltPages {
  readonly #source: RandomAccessBytes;
  readonly #pageSize: number;
  readonly #cacheBytes: number;
  readonly #cache = new Map<number, { readonly node: BoltNode; readonly bytes: number }>();
  #held = 0;

  constructor(source: RandomAccessBytes, pageSize: number, cacheBytes: number) {
    this.#source = source;
    this.#pageSize = pageSize;
    this.#cacheBytes = cacheBytes;
  }

  /** Bytes of the file. Each walk may read as many. */
  get size(): number {
    return this.#source.size;
  }

  /**
   * Bytes that a look-up may read without being charged for them. In a sound tree that is enough, since the pages above a leaf are mostly
   * in the cache.
   */
  get fewPages(): number {
    return Math.min(4 * this.#pageSize, 64 * 1024);
  }

  /** @param read is told how many bytes were read because the page was not kept. */
  async node(page: number, read?: (bytes: number) => void): Promise<BoltNode> {
    const cached = this.#cache.get(page);
    if (cached !== undefined) {
      this.#cache.delete(page);
      this.#cache.set(page, cached);
      return cached.node;
    }
    const bytes = await this.#pageBytes(page);
    read?.(bytes.length);
    const node = readNode(bytes, page * this.#pageSize);
    this.#cache.set(page, { node, bytes: bytes.length });
    this.#held += bytes.length;
    for (const [oldest, entry] of this.#cache) {
      if (this.#held <= this.#cacheBytes) break;
      this.#cache.delete(oldest);
      this.#held -= entry.bytes;
    }
    return node;
  }

  async #pageBytes(page: number): Promise<Uint8Array> {
    const start = page * this.#pageSize;
    if (!Number.isSafeInteger(start) || page < 2 || start >= this.#source.size) {
      throw new FormatError("bolt", "malformed", `page ${page} is not in the file`);
    }
    const first = await readRange(this.#source, start, start + this.#pageSize);
    if (first.length < headerBytes) throw new FormatError("bolt", "truncated", "a page ends early", { offset: start });
    const overflow = viewOf(first).getUint32(12, true);
    const length = (overflow + 1) * this.#pageSize;
    if (overflow === 0) return first;
    if (length > maxPageBytes) {
      throw new FormatError("bolt", "limit-exceeded", `a page has more than ${maxPageBytes} bytes`, { offset: start });
    }
    const whole = await readRange(this.#source, start, start + length);
    if (whole.length < length) throw new FormatError("bolt", "truncated", "a page ends early", { offset: start });
    return whole;
  }
}

/** Reads a page, or the page inside of a small bucket's value. `offset` is for messages. */
export function readNode(bytes: Uint8Array, offset: number): BoltNode {
  const fail = (detail: string): FormatError => new FormatError("bolt", "malformed", detail, { offset });
  if (bytes.length < headerBytes) throw fail("a page without a header");
  const view = viewOf(bytes);
  const flags = view.getUint16(8, true);
  const count = view.getUint16(10, true);
  if (flags !== pageKinds.branch && flags !== pageKinds.leaf) throw fail(`a page of unknown kind ${flags}`);
  if (headerBytes + count * elementBytes > bytes.length) throw fail("a page with more entries than it can hold");

  function slice(start: number, length: number): Uint8Array {
    if (start + length > bytes.length) throw fail("an entry reaches past its page");
    return bytes.subarray(start, start + length);
  }
  function compareAt(start: number, length: number, key: Uint8Array): number {
    if (start + length > bytes.length) throw fail("an entry reaches past its page");
    const shared = Math.min(length, key.length);
    for (let at = 0; at < shared; at++) {
      const order = (bytes[start + at] ?? 0) - (key[at] ?? 0);
      if (order !== 0) return order;
    }
    return length - key.length;
  }
  function elementAt(at: number): number {
    if (at < 0 || at >= count) throw fail("there is no such entry");
    return headerBytes + at * elementBytes;
  }
  function branch(at: number): BranchElement {
    const element = elementAt(at);
    const key = slice(element + view.getUint32(element, true), view.getUint32(element + 4, true));
    return { key, page: wide(view, element + 8) };
  }
  function leaf(at: number): LeafElement {
    const element = elementAt(at);
    const start = element + view.getUint32(element + 4, true);
    const keyLength = view.getUint32(element + 8, true);
    const key = slice(start, keyLength);
    const value = slice(start + keyLength, view.getUint32(element + 12, true));
    return { key, value, isBucket: (view.getUint32(element, true) & 0x01) !== 0 };
  }
  /** Where the numbers stand in an element that say where its key is, and how long. */
  const place = flags === pageKinds.branch ? 0 : 4;
  function compareKey(at: number, key: Uint8Array): number {
    const element = elementAt(at);
    const start = element + view.getUint32(element + place, true);
    return compareAt(start, view.getUint32(element + place + 4, true), key);
  }
  if (flags === pageKinds.leaf) expectApart(view, count, fail);
  return flags === pageKinds.branch
    ? { kind: "branch", count, size: bytes.length, branch, leaf: notHere, compareKey }
    : { kind: "leaf", count, size: bytes.length, branch: notHere, leaf, compareKey };
}

/** Refuses a page whose entries share bytes: otherwise one page could hold any number of large values. */
function expectApart(view: DataView, count: number, fail: (detail: string) => FormatError): void {
  let held = headerBytes + count * elementBytes;
  for (let at = 0; at < count; at++) {
    const element = headerBytes + at * elementBytes;
    held += view.getUint32(element + 8, true) + view.getUint32(element + 12, true);
  }
  if (held > view.byteLength) throw fail("the entries of a page overlap");
}

function notHere(): never {
  throw new FormatError("bolt", "malformed", "a branch where a leaf should be");
}

/** What the file says of its newest committed transaction. */
export interface BoltMeta {
  readonly pageSize: number;
  readonly root: number;
}

/**
 * Chooses between the two meta pages (internal/common/meta.go): of those with a right checksum the one of the later
 * transaction. When the first is damaged, the page size is found by trying.
 */
export async function readMeta(source: RandomAccessBytes): Promise<BoltMeta> {
  const start = await readRange(source, 0, 128 * 1024);
  const first = metaAt(start, 0);
  const sizes = first === undefined ? [1024, 2048, 4096, 8192, 16_384, 32_768, 65_536] : [first.pageSize];
  const second = sizes.map((size) => metaAt(start, size)).find((meta, at) => meta?.pageSize === sizes[at]);
  const newest = [first, second].reduce((a, b) =>
    a === undefined || (b !== undefined && b.transaction > a.transaction) ? b : a,
  );
  if (newest !== undefined) return newest;
  const problem = start.length < 2 * 1024 ? "truncated" : "malformed";
  throw new FormatError("bolt", problem, "neither of the two first pages describes a database", { offset: 0 });
}

function metaAt(bytes: Uint8Array, page: number): (BoltMeta & { readonly transaction: bigint }) | undefined {
  const body = page + headerBytes;
  if (body + 64 > bytes.length) return undefined;
  const view = viewOf(bytes);
  if (view.getUint32(body, true) !== magic || view.getUint32(body + 4, true) !== 2) return undefined;
  if (view.getBigUint64(body + 56, true) !== fnv1a64(bytes.subarray(body, body + 56))) return undefined;
  const pageSize = view.getUint32(body + 8, true);
  if (pageSize < 512 || pageSize > 1024 * 1024 || (pageSize & (pageSize - 1)) !== 0) return undefined;
  return { pageSize, root: wide(view, body + 16), transaction: view.getBigUint64(body + 48, true) };
}

function fnv1a64(bytes: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}

/** Reads a 64-bit number. No file has one that JavaScript cannot hold exactly. */
export function wide(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

async function readRange(source: RandomAccessBytes, start: number, end: number): Promise<Uint8Array> {
  const wanted = Math.max(0, Math.min(end, source.size) - start);
  // A look-up reads some pages of 4 KB: to wait for each takes longer than to read it.
  if (source.readSync !== undefined) return source.readSync(start, start + wanted);
  const whole = new Uint8Array(wanted);
  let filled = 0;
  for await (const chunk of source.read(start, start + wanted)) {
    const taken = chunk.subarray(0, wanted - filled);
    whole.set(taken, filled);
    filled += taken.length;
    if (filled === wanted) break;
  }
  return whole.subarray(0, filled);
}
