import { rangesOf } from "../byte-ranges.ts";
import type { ByteRanges } from "../byte-ranges.ts";
import { FormatError } from "../format-error.ts";
import { limitProblems } from "../problem-limit.ts";

const magic = 0x00061561;
const hashMeta = 8;
const hashLeaf: ReadonlySet<number> = new Set([2, 13]);
const overflow = 7;
const pageHeader = 26;
/** Read at once: whole pages of any size. Most overflow pages of a value follow each other. */
const windowBytes = 256 * 1024;
/** One for the page that is looked at, one for the pages that its values go on in, and one for a value that crosses to the next. */
const keptWindows = 3;
const keyData = 1;
const offPage = 3;

/**
 * The values of a Berkeley DB hash database, such as `var/lib/rpm/Packages`, in page order; keys are not read. `onProblem` is called
 * for damage, and reading goes on with the next value. Each overflow page is used once, so that values together are never larger than
 * the file. A file that is not in memory is read a window at a time. Throws FormatError when the file is no such database, or damaged in
 * more places than are worth telling. Layout: Berkeley DB
 * source, `src/dbinc/db_page.h`.
 */
export function* readHashValues(
  file: Uint8Array | ByteRanges,
  onProblem: (problem: FormatError) => void = () => {},
): Generator<Uint8Array> {
  const tell = limitProblems("berkeley-db", onProblem);
  const database = new HashFile(file);
  for (let number = 1; number <= database.lastPage; number++) {
    const page = database.page(number);
    if (page === undefined) {
      tell(problem("truncated", `page ${number} of ${database.lastPage} lies behind the end of the file`));
      return;
    }
    if (!hashLeaf.has(page.type)) continue;
    for (const value of database.valuesOf(page)) {
      if (value instanceof FormatError) tell(value);
      else yield value;
    }
  }
}

function problem(kind: "malformed" | "truncated" | "unsupported", detail: string): FormatError {
  return new FormatError("berkeley-db", kind, detail);
}

interface Page {
  readonly number: number;
  readonly type: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

class HashFile {
  readonly lastPage: number;
  readonly #file: ByteRanges;
  readonly #littleEndian: boolean;
  readonly #pageSize: number;
  readonly #usedOverflow = new Set<number>();
  /** By the offset where they begin, the last used one last. */
  readonly #windows = new Map<number, Uint8Array>();

  constructor(content: Uint8Array | ByteRanges) {
    this.#file = rangesOf(content);
    if (this.#file.size < 512) throw problem("truncated", "the file ends within its first page");
    const first = this.#file.read(0, 512);
    const view = new DataView(first.buffer, first.byteOffset, first.length);
    this.#littleEndian = view.getUint32(12, true) === magic;
    if (!this.#littleEndian && view.getUint32(12) !== magic) throw problem("malformed", "the file is no hash database");
    this.#pageSize = view.getUint32(20, this.#littleEndian);
    this.lastPage = view.getUint32(32, this.#littleEndian);
    if (view.getUint8(24) !== 0) throw problem("unsupported", "the database is encrypted");
    if (view.getUint8(25) !== hashMeta) throw problem("malformed", "the first page does not describe a hash");
    if (this.#pageSize < 512 || this.#pageSize > 65_536 || (this.#pageSize & (this.#pageSize - 1)) !== 0)
      throw problem("malformed", `${this.#pageSize} bytes is no size of a page`);
  }

  page(number: number): Page | undefined {
    const start = number * this.#pageSize;
    if (start + this.#pageSize > this.#file.size) return undefined;
    const offset = start % windowBytes;
    const bytes = this.#window(start - offset).subarray(offset, offset + this.#pageSize);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return { number, type: view.getUint8(25), bytes, view };
  }

  #window(start: number): Uint8Array {
    const kept = this.#windows.get(start);
    const window = kept ?? this.#file.read(start, start + windowBytes);
    this.#windows.delete(start);
    this.#windows.set(start, window);
    const [oldest] = this.#windows.keys();
    if (this.#windows.size > keptWindows && oldest !== undefined) this.#windows.delete(oldest);
    return window;
  }

  /** Items alternate: key, value, key, value. */
  *valuesOf(page: Page): Generator<Uint8Array | FormatError> {
    const items = Math.min(page.view.getUint16(20, this.#littleEndian), (this.#pageSize - pageHeader) >> 1);
    let left = this.#pageSize;
    for (let item = 1; item < items; item += 2) {
      const at = this.#itemAt(page, item);
      if (at < pageHeader || at + 12 > this.#pageSize) {
        // A value stored within the page may be shorter; a number of packages is.
        if (at < pageHeader || at >= this.#pageSize || page.bytes[at] !== keyData)
          yield problem("malformed", `item ${item} of page ${page.number} lies outside of it`);
      } else if (page.bytes[at] === offPage)
        yield this.#readOverflow(
          page.view.getUint32(at + 4, this.#littleEndian),
          page.view.getUint32(at + 8, this.#littleEndian),
        );
      else if (page.bytes[at] === keyData) {
        const end = this.#itemAt(page, item - 1);
        if (end <= at || end > this.#pageSize) continue;
        left -= end - at;
        if (left < 0) {
          yield problem("malformed", `values of page ${page.number} overlap`);
          return;
        }
        yield page.bytes.subarray(at + 1, end);
      }
    }
  }

  /** The bytes of an item of a page. Items are stored from the end of the page downwards: each ends where the one before it begins. */
  #itemAt(page: Page, item: number): number {
    return page.view.getUint16(pageHeader + 2 * item, this.#littleEndian);
  }

  #readOverflow(first: number, length: number): Uint8Array | FormatError {
    if (length > this.#file.size) return problem("malformed", `a value of ${length} bytes does not fit in the file`);
    // Joined at the end: a length that nothing backs costs nothing.
    const chunks: Uint8Array[] = [];
    let filled = 0;
    for (let number = first; filled < length;) {
      const page = number === 0 || this.#usedOverflow.has(number) ? undefined : this.page(number);
      if (page === undefined || page.type !== overflow)
        return problem("malformed", `a value of ${length} bytes ends after ${filled}, at page ${number}`);
      this.#usedOverflow.add(number);
      const stored = page.view.getUint16(22, this.#littleEndian);
      const room = this.#pageSize - pageHeader;
      const chunk = page.bytes.subarray(
        pageHeader,
        pageHeader + Math.min(stored === 0 ? room : stored, room, length - filled),
      );
      chunks.push(chunk);
      filled += chunk.length;
      number = page.view.getUint32(16, this.#littleEndian);
    }
    const value = new Uint8Array(length);
    let at = 0;
    for (const chunk of chunks) {
      value.set(chunk, at);
      at += chunk.length;
    }
    return value;
  }
}
