import { FormatError } from "../format-error.ts";
import type { Pages } from "./pages.ts";

/** The kinds of pages, by their first byte (fileformat2 §1.6). */
export const pageTypes = { indexInterior: 0x02, tableInterior: 0x05, indexLeaf: 0x0a, tableLeaf: 0x0d } as const;

/** The most levels of a tree. One of so many would hold more rows than a file can. */
export const maxDepth = 40;

export function problem(kind: "malformed" | "truncated" | "limit-exceeded", detail: string): FormatError {
  return new FormatError("sqlite", kind, detail);
}

/** A page of a tree. What it says of itself is checked before it is used. */
export class TreePage {
  readonly bytes: Uint8Array;
  readonly number: number;
  readonly type: number;
  readonly #view: DataView;
  readonly #start: number;
  readonly #isInterior: boolean;

  constructor(bytes: Uint8Array, number: number) {
    this.bytes = bytes;
    this.number = number;
    // The first page begins with the header of the file.
    this.#start = number === 1 ? 100 : 0;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.type = bytes[this.#start] ?? 0;
    this.#isInterior = this.type === pageTypes.tableInterior || this.type === pageTypes.indexInterior;
  }

  /** Offsets of cells within the page; those that lie outside are left out. */
  cells(): number[] {
    const first = this.#start + (this.#isInterior ? 12 : 8);
    const count = Math.min(this.#view.getUint16(this.#start + 3), Math.floor((this.bytes.length - first) / 2));
    return Array.from({ length: count }, (_, index) => this.#view.getUint16(first + 2 * index)).filter(
      (at) => at >= first && at + 4 <= this.bytes.length,
    );
  }

  /** Page numbers below an interior page, in order. */
  children(): number[] {
    return [...this.cells().map((at) => this.#view.getUint32(at)), this.lastChild()];
  }

  /** Number of the page for the keys behind all cells of an interior page. */
  lastChild(): number {
    return this.#view.getUint32(this.#start + 8);
  }

  uint32(at: number): number {
    return at + 4 <= this.bytes.length ? this.#view.getUint32(at) : 0;
  }
}

/** The content of a cell, the part on overflow pages with it (fileformat2 §1.6, "payload"). */
export function readPayload(
  pages: Pages,
  page: TreePage,
  start: number,
  length: number,
  visited: Set<number>,
): Uint8Array | FormatError {
  const local = localBytes(pages.usable, length, page.type);
  if (start + local > page.bytes.length) return problem("malformed", `a cell of page ${page.number} leaves the page`);
  if (local === length) return page.bytes.subarray(start, start + length);
  const chunks = [page.bytes.subarray(start, start + local)];
  let missing = length - local;
  for (let number = page.uint32(start + local); missing > 0;) {
    const overflow = number === 0 || visited.has(number) ? undefined : pages.page(number);
    if (overflow === undefined)
      return problem("malformed", `the content of a cell of page ${page.number} ends early, at page ${number}`);
    visited.add(number);
    const chunk = overflow.subarray(4, Math.min(pages.usable, 4 + missing));
    chunks.push(chunk);
    missing -= chunk.length;
    number = new DataView(overflow.buffer, overflow.byteOffset, 4).getUint32(0);
  }
  return join(chunks, length);
}

/** How much of a cell's content lies on its own page; rows may fill it, keys leave room for three more. */
export function localBytes(usable: number, length: number, pageType: number): number {
  const most = pageType === pageTypes.tableLeaf ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23;
  if (length <= most) return length;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const fitting = least + ((length - least) % (usable - 4));
  return fitting <= most ? fitting : least;
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const joined = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}
