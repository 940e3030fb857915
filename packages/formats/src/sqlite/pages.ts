import { FormatError } from "../format-error.ts";
import { readWal } from "./wal.ts";

const magic = "SQLite format 3\0";

/** A database file of which any part can be read without waiting, so that it need not be held in memory. */
export interface SqliteSource {
  /** Length in bytes. */
  readonly size: number;
  /** Bytes `start` (inclusive) to `end` (exclusive); fewer where the file ends. */
  read(start: number, end: number): Uint8Array;
}

/** How many pages of a file that is not in memory are kept. Every look-up needs the upper pages of a tree. */
const keptPages = 256;

/** The pages of a database. A page that its write-ahead log has replaces that of the file. */
export class Pages {
  /** Label for TextDecoder. */
  readonly encoding: "utf-8" | "utf-16le" | "utf-16be";
  readonly pageSize: number;
  /** Bytes of a page that hold content. */
  readonly usable: number;
  readonly #file: Uint8Array | SqliteSource;
  readonly #size: number;
  readonly #logged: ReadonlyMap<number, Uint8Array>;
  readonly #kept = new Map<number, Uint8Array>();

  constructor(file: Uint8Array | SqliteSource, wal: Uint8Array | undefined) {
    const head = file instanceof Uint8Array ? file.subarray(0, 100) : file.read(0, 100);
    if (head.length < 100) throw new FormatError("sqlite", "truncated", "the file ends within its header");
    if (String.fromCharCode(...head.subarray(0, magic.length)) !== magic)
      throw new FormatError("sqlite", "malformed", "the file does not begin like a database");
    const header = new DataView(head.buffer, head.byteOffset, 100);
    const size = header.getUint16(16);
    this.pageSize = size === 1 ? 65_536 : size;
    this.usable = this.pageSize - header.getUint8(20);
    if (this.pageSize < 512 || (this.pageSize & (this.pageSize - 1)) !== 0 || this.usable < 480)
      throw new FormatError("sqlite", "malformed", `no page can have ${this.pageSize} bytes`);
    this.#file = file;
    this.#size = file instanceof Uint8Array ? file.length : file.size;
    this.#logged = wal === undefined ? new Map() : readWal(wal, this.pageSize);
    // The log may have written the header anew.
    const first = this.#logged.get(1) ?? head;
    const encoding = new DataView(first.buffer, first.byteOffset, 100).getUint32(56);
    this.encoding = encoding === 2 ? "utf-16le" : encoding === 3 ? "utf-16be" : "utf-8";
  }

  /** A whole page by its number, from 1; undefined beyond the end. */
  page(number: number): Uint8Array | undefined {
    const logged = this.#logged.get(number);
    if (logged !== undefined) return logged;
    const start = (number - 1) * this.pageSize;
    if (number < 1 || start + this.pageSize > this.#size) return undefined;
    return this.#file instanceof Uint8Array
      ? this.#file.subarray(start, start + this.pageSize)
      : this.#readPage(this.#file, number, start);
  }

  #readPage(file: SqliteSource, number: number, start: number): Uint8Array | undefined {
    const kept = this.#kept.get(number);
    if (kept !== undefined) {
      this.#kept.delete(number);
      this.#kept.set(number, kept);
      return kept;
    }
    const page = file.read(start, start + this.pageSize);
    if (page.length < this.pageSize) return undefined;
    this.#kept.set(number, page);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > keptPages && oldest !== undefined) this.#kept.delete(oldest);
    return page;
  }
}
