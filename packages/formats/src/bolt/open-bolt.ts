import { FormatError } from "../format-error.ts";
import type { RandomAccessBytes } from "../bytes.ts";
import { BoltPages, readMeta, readNode, viewOf, wide } from "./pages.ts";
import type { BoltNode, LeafElement } from "./pages.ts";

/** An entry of a bucket: a value, or a bucket inside. */
export type BoltEntry =
  | { readonly key: Uint8Array; readonly value: Uint8Array; readonly bucket?: never }
  | { readonly key: Uint8Array; readonly bucket: BoltBucket; readonly value?: never };

/** Keys in byte order, each with a value or with a bucket of its own. */
export interface BoltBucket {
  /**
   * The value under a key; undefined when there is none or a bucket stands there. With a walk, what several calls read together has a
   * bound: what each of them reads beyond some pages counts.
   * @throws FormatError for damaged pages, and when a walk has used up its bytes.
   */
  get(key: Uint8Array | string, walk?: BoltWalk): Promise<Uint8Array | undefined>;
  /** The bucket under a key; undefined when there is none. @throws FormatError for damaged pages. */
  bucket(key: Uint8Array | string): Promise<BoltBucket | undefined>;
  /**
   * Entries whose keys begin with `prefix`, in order. With a walk, what several calls read together has a bound.
   * @throws FormatError for damaged pages, and when a walk has used up its bytes.
   */
  entries(prefix?: Uint8Array | string, walk?: BoltWalk): AsyncIterable<BoltEntry>;
}

/** How much several calls may still read together. In a hostile file the same pages may belong to any number of buckets. */
export interface BoltWalk {
  /** Bytes of pages that may still be read. */
  left: number;
}

/** How a bbolt database is opened. */
export interface BoltOptions {
  /** Bytes of pages kept for the next look-up; default 16 MiB. */
  readonly cacheBytes?: number | undefined;
}

/** The most levels of a tree. No tree in a file has as many, since a page refers to dozens of others. */
const maxDepth = 40;

/**
 * Opens a bbolt database (https://github.com/etcd-io/bbolt) for reading: the newest committed state, nothing locked.
 * Pages are read when they are needed; cycles and wild pointers end in an error.
 * @throws FormatError when the file is no such database.
 */
export async function openBolt(source: RandomAccessBytes, options: BoltOptions = {}): Promise<BoltBucket> {
  const meta = await readMeta(source);
  const pages = new BoltPages(source, meta.pageSize, options.cacheBytes ?? 16 * 1024 * 1024);
  return new TreeBucket(pages, { page: meta.root }, 0);
}

/** Where the tree of a bucket begins: on a page, or, for a small bucket, in the value that stands for it. */
type Root = { readonly page: number } | { readonly inline: BoltNode };

const encoder = new TextEncoder();

class TreeBucket implements BoltBucket {
  readonly #pages: BoltPages;
  readonly #root: Root;
  readonly #nesting: number;

  constructor(pages: BoltPages, root: Root, nesting: number) {
    if (nesting > maxDepth) throw new FormatError("bolt", "limit-exceeded", "buckets are nested too deeply");
    this.#pages = pages;
    this.#root = root;
    this.#nesting = nesting;
  }

  async get(key: Uint8Array | string, walk: BoltWalk = { left: this.#pages.size }): Promise<Uint8Array | undefined> {
    let free = this.#pages.fewPages;
    const pay = (bytes: number): void => {
      free -= bytes;
      if (free >= 0) return;
      walk.left += free;
      free = 0;
      if (walk.left < 0) throw new FormatError("bolt", "malformed", "the pages of a bucket overlap");
    };
    const element = await this.#find(bytesOf(key), pay);
    if (element === undefined || element.isBucket) return undefined;
    pay(element.value.length);
    return element.value;
  }

  async bucket(key: Uint8Array | string): Promise<BoltBucket | undefined> {
    const element = await this.#find(bytesOf(key));
    return element?.isBucket === true ? this.#open(element) : undefined;
  }

  async *entries(
    prefix: Uint8Array | string = "",
    walk: BoltWalk = { left: this.#pages.size },
  ): AsyncGenerator<BoltEntry> {
    const from = bytesOf(prefix);
    for await (const element of this.#walk(await this.#rootNode(), from, walk, 0)) {
      const { key } = element;
      if (!startsWith(key, from)) {
        if (compare(key, from) > 0) return;
        continue;
      }
      yield element.isBucket ? { key, bucket: this.#open(element) } : { key, value: element.value };
    }
  }

  /**
   * The leaves below a node in order, from the first that can hold the key `from`. Pages of a sound file do not overlap, so that a walk
   * that reads more bytes than the file has is ended with an error.
   */
  async *#walk(node: BoltNode, from: Uint8Array, walk: BoltWalk, depth: number): AsyncGenerator<LeafElement> {
    walk.left -= node.size;
    if (depth > maxDepth || walk.left < 0)
      throw new FormatError("bolt", "malformed", "the pages of a bucket overlap or go in a circle");
    if (node.kind === "leaf") {
      for (let at = 0; at < node.count; at++) yield node.leaf(at);
      return;
    }
    for (let at = Math.max(0, lastNotAfter(node, from)); at < node.count; at++) {
      yield* this.#walk(await this.#pages.node(node.branch(at).page), from, walk, depth + 1);
      // The rest of the tree is of no use once a key after the prefix was met; the caller stops there.
    }
  }

  async #find(key: Uint8Array, read?: (bytes: number) => void): Promise<LeafElement | undefined> {
    let node = await this.#rootNode(read);
    let left = this.#pages.size;
    for (let depth = 0; node.kind === "branch"; depth++) {
      left -= node.size;
      if (depth > maxDepth || left < 0)
        throw new FormatError("bolt", "malformed", "the pages of a bucket go in a circle");
      const at = lastNotAfter(node, key);
      if (at < 0) return undefined;
      node = await this.#pages.node(node.branch(at).page, read);
    }
    const at = lastNotAfter(node, key);
    if (at < 0) return undefined;
    const element = node.leaf(at);
    return compare(element.key, key) === 0 ? element : undefined;
  }

  async #rootNode(read?: (bytes: number) => void): Promise<BoltNode> {
    return "inline" in this.#root ? this.#root.inline : this.#pages.node(this.#root.page, read);
  }

  #open(element: LeafElement): BoltBucket {
    if (element.value.length < 16) throw new FormatError("bolt", "malformed", "a bucket without a header");
    const page = wide(viewOf(element.value), 0);
    const root = page === 0 ? { inline: readNode(element.value.subarray(16), 0) } : { page };
    return new TreeBucket(this.#pages, root, this.#nesting + 1);
  }
}

/** The last entry whose key is not after the wanted one; -1 when all are. */
function lastNotAfter(node: BoltNode, key: Uint8Array): number {
  let low = 0;
  let high = node.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (node.compareKey(middle, key) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function compare(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const order = (a[at] ?? 0) - (b[at] ?? 0);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function startsWith(key: Uint8Array, prefix: Uint8Array): boolean {
  return key.length >= prefix.length && compare(key.subarray(0, prefix.length), prefix) === 0;
}

function bytesOf(key: Uint8Array | string): Uint8Array {
  return typeof key === "string" ? encoder.encode(key) : key;
}
