import { FormatError } from "../format-error.ts";
import type { Pages } from "./pages.ts";
import { readVarint } from "./varint.ts";

/** A row that is not taken apart yet. */
export interface TableCell {
  readonly rowid: number;
  readonly payload: Uint8Array;
}

const interior = 0x05;
const leaf = 0x0d;
/** A tree of this depth holds more rows than a file can. */
const maxDepth = 40;

/**
 * The cells of a table tree (fileformat2 §1.6). Each page is visited once, whichever part of the tree points at it,
 * so that neither cycles nor shared pages make more of the file than is in it.
 */
export function* walkTable(
  pages: Pages,
  root: number,
  onProblem: (problem: FormatError) => void,
): Generator<TableCell> {
  const visited = new Set<number>();
  // Last in, first out: children are pushed in reverse.
  const open = [{ number: root, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { number, depth } = next;
    const bytes = pages.page(number);
    if (bytes === undefined) onProblem(problem("truncated", `page ${number} lies behind the end of the file`));
    else if (visited.has(number)) onProblem(problem("malformed", `page ${number} is in the tree twice`));
    else {
      visited.add(number);
      const page = new TreePage(bytes, number);
      if (page.type === leaf) yield* readLeaf(pages, page, visited, onProblem);
      else if (page.type !== interior) onProblem(problem("malformed", `page ${number} is not part of a table`));
      else if (depth >= maxDepth) onProblem(problem("limit-exceeded", "the tree is too deep"));
      else for (const child of page.children().reverse()) open.push({ number: child, depth: depth + 1 });
    }
  }
}

function problem(kind: "malformed" | "truncated" | "limit-exceeded", detail: string): FormatError {
  return new FormatError("sqlite", kind, detail);
}

class TreePage {
  readonly bytes: Uint8Array;
  readonly number: number;
  readonly type: number;
  readonly #view: DataView;
  readonly #start: number;

  constructor(bytes: Uint8Array, number: number) {
    this.bytes = bytes;
    this.number = number;
    // The first page begins with the header of the file.
    this.#start = number === 1 ? 100 : 0;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.type = bytes[this.#start] ?? 0;
  }

  /** Offsets of cells within the page; those that lie outside are left out. */
  cells(): number[] {
    const first = this.#start + (this.type === interior ? 12 : 8);
    const count = Math.min(this.#view.getUint16(this.#start + 3), Math.floor((this.bytes.length - first) / 2));
    return Array.from({ length: count }, (_, index) => this.#view.getUint16(first + 2 * index)).filter(
      (at) => at >= first && at + 4 <= this.bytes.length,
    );
  }

  /** Page numbers below an interior page, in order. */
  children(): number[] {
    return [...this.cells().map((at) => this.#view.getUint32(at)), this.#view.getUint32(this.#start + 8)];
  }

  uint32(at: number): number {
    return at + 4 <= this.bytes.length ? this.#view.getUint32(at) : 0;
  }
}

function* readLeaf(
  pages: Pages,
  page: TreePage,
  visited: Set<number>,
  onProblem: (problem: FormatError) => void,
): Generator<TableCell> {
  // Cells of a sound page do not overlap.
  let room = page.bytes.length;
  const seen = new Set<number>();
  for (const at of page.cells()) {
    const length = readVarint(page.bytes, at);
    const rowid = length === undefined ? undefined : readVarint(page.bytes, length.end);
    if (length === undefined || rowid === undefined) {
      onProblem(problem("malformed", `a cell of page ${page.number} cannot be read`));
      continue;
    }
    room -= localBytes(pages.usable, length.value);
    if (seen.has(at) || room < 0) {
      onProblem(problem("malformed", `cells of page ${page.number} overlap`));
      return;
    }
    seen.add(at);
    const payload = readPayload(pages, page, rowid.end, length.value, visited);
    if (payload instanceof FormatError) onProblem(payload);
    else yield { rowid: rowid.value, payload };
  }
}

/** The content of a cell, the part on overflow pages with it (fileformat2 §1.6, "payload"). */
function readPayload(
  pages: Pages,
  page: TreePage,
  start: number,
  length: number,
  visited: Set<number>,
): Uint8Array | FormatError {
  const local = localBytes(pages.usable, length);
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

function localBytes(usable: number, length: number): number {
  const most = usable - 35;
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
