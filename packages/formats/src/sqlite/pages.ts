import { FormatError } from "../format-error.ts";
import { readWal } from "./wal.ts";

const magic = "SQLite format 3\0";

/** The pages of a database, those of its write-ahead log first. */
export class Pages {
  /** Label for TextDecoder. */
  readonly encoding: "utf-8" | "utf-16le" | "utf-16be";
  readonly pageSize: number;
  /** Bytes of a page that hold content. */
  readonly usable: number;
  readonly #file: Uint8Array;
  readonly #logged: ReadonlyMap<number, Uint8Array>;

  constructor(file: Uint8Array, wal: Uint8Array | undefined) {
    if (file.length < 100) throw new FormatError("sqlite", "truncated", "the file ends within its header");
    if (String.fromCharCode(...file.subarray(0, magic.length)) !== magic)
      throw new FormatError("sqlite", "malformed", "the file does not begin like a database");
    const header = new DataView(file.buffer, file.byteOffset, 100);
    const size = header.getUint16(16);
    this.pageSize = size === 1 ? 65_536 : size;
    this.usable = this.pageSize - header.getUint8(20);
    if (this.pageSize < 512 || (this.pageSize & (this.pageSize - 1)) !== 0 || this.usable < 480)
      throw new FormatError("sqlite", "malformed", `no page can have ${this.pageSize} bytes`);
    this.#file = file;
    this.#logged = wal === undefined ? new Map() : readWal(wal, this.pageSize);
    // The log may have written the header anew.
    const first = this.#logged.get(1) ?? file;
    const encoding = new DataView(first.buffer, first.byteOffset, 100).getUint32(56);
    this.encoding = encoding === 2 ? "utf-16le" : encoding === 3 ? "utf-16be" : "utf-8";
  }

  /** A whole page by its number, from 1; undefined beyond the end. */
  page(number: number): Uint8Array | undefined {
    const logged = this.#logged.get(number);
    if (logged !== undefined) return logged;
    const start = (number - 1) * this.pageSize;
    return number < 1 || start + this.pageSize > this.#file.length
      ? undefined
      : this.#file.subarray(start, start + this.pageSize);
  }
}
