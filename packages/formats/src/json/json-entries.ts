import { FormatError } from "../format-error.ts";
import { maxDepth, parseJsonPart, tooDeep } from "./json.ts";
import type { JsonDocument } from "./json.ts";

/** A value of a JSON text, and where it stands. */
export interface JsonEntry {
  /** Names of members, and numbers of elements, that lead to it; empty: it is the whole document. */
  readonly path: readonly (string | number)[];
  /** An object or a list that is entered: its members are the entries that follow. A value is read by itself. */
  readonly kind: "object" | "list" | "value";
  /** The value; undefined for what is entered. */
  readonly value: unknown;
  /** The line, 1-based, of its key; of an element the line on which it begins. */
  readonly line: number;
  /** The bytes of the value, without its key: from `start` to before `end`. */
  readonly start: number;
  readonly end: number;
  /** Reads the value once more, with the lines of what is in it. */
  located(): JsonDocument;
}

/**
 * Reads a JSON text (RFC 8259) entry by entry, so that memory is taken for the bytes and one entry. Where a name stands twice in an object,
 * both are given. Accepts and refuses the same texts as `parseJsonDocument`, with the same words, once all entries have been asked for.
 * @param bytes UTF-8
 * @param enters whether the members of an object or list that stands there are to be given one by one
 * @throws FormatError for anything that is not one JSON value, or nested more than 1000 deep; for a value with more than 320,000 in it.
 */
export function jsonEntries(
  bytes: Uint8Array,
  enters: (path: readonly (string | number)[]) => boolean,
): Generator<JsonEntry> {
  return new EntryReader(bytes, enters).read();
}

/** More are no entry of a file that has many, and would take as much memory as all of them. */
const maxEntryValues = 320_000;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const byteOrderMark = [0xef, 0xbb, 0xbf];

interface Place extends Pick<JsonEntry, "line" | "start"> {
  /** The line on which the value itself begins. */
  readonly startLine: number;
  /** How many objects and lists it stands in. */
  readonly depth: number;
}

class EntryReader {
  readonly #bytes: Uint8Array;
  readonly #enters: (path: readonly (string | number)[]) => boolean;
  #at = 0;
  #line = 1;

  constructor(bytes: Uint8Array, enters: (path: readonly (string | number)[]) => boolean) {
    this.#bytes = bytes;
    this.#enters = enters;
    // Whoever decodes a file takes one away, whoever reads its text another.
    for (let marks = 0; marks < 2 && this.#isMarked(); marks++) this.#at += byteOrderMark.length;
  }

  *read(): Generator<JsonEntry> {
    const bytes = this.#bytes;
    /** For each container that is entered: the number of its next element; -1 in an object. */
    const open: number[] = [];
    const path: (string | number)[] = [];
    let done = false;
    let afterValue = false;
    for (;;) {
      this.#skipSpace();
      if (this.#at >= bytes.length) {
        if (done) return;
        throw this.#malformed("ends early", "truncated");
      }
      if (done) throw this.#malformed("text after the end");
      const element = open.at(-1);
      const isList = element !== undefined && element >= 0;
      const byte = bytes[this.#at];
      if (element !== undefined && byte === (isList ? closeList : closeObject)) {
        this.#at++;
        open.pop();
        path.pop();
        afterValue = true;
        done = open.length === 0;
        continue;
      }
      if (element !== undefined && afterValue) {
        if (byte !== comma) throw this.#malformed("a comma is missing");
        this.#at++;
        this.#skipSpace();
        const next = bytes[this.#at];
        if (next === closeList || next === closeObject) throw this.#malformed("a comma before the end");
        afterValue = false;
        continue;
      }
      const line = this.#line;
      if (isList) {
        path.push(element);
        open[open.length - 1] = element + 1;
      } else if (element !== undefined) {
        path.push(this.#key());
        this.#skipSpace();
        if (bytes[this.#at] !== colon) throw this.#malformed("a colon is missing");
        this.#at++;
        this.#skipSpace();
      }
      const start = this.#at;
      const place = { line, start, startLine: this.#line, depth: open.length };
      const first = bytes[start];
      if ((first === openObject || first === openList) && this.#enters(path)) {
        if (open.length >= maxDepth) throw tooDeep(start);
        this.#at++;
        yield this.#entry(path, first === openObject ? "object" : "list", place);
        open.push(first === openObject ? -1 : 0);
        afterValue = false;
        continue;
      }
      if (first === openObject || first === openList) this.#skipContainer(open.length);
      else if (first === quote) this.#skipString();
      else this.#skipScalar();
      yield this.#entry(path, "value", place);
      path.pop();
      afterValue = true;
      done = open.length === 0;
    }
  }

  /** The entry that ends here. */
  #entry(
    path: readonly (string | number)[],
    kind: JsonEntry["kind"],
    { line, start, startLine, depth }: Place,
  ): JsonEntry {
    const end = this.#at;
    const bytes = this.#bytes.subarray(start, end);
    const located = (): JsonDocument => {
      const { value: root, lineOf } = parseJsonPart(decoder.decode(bytes), startLine, depth);
      return { value: root, lineOf: (container) => (container === root ? line : lineOf(container)) };
    };
    const value = kind === "value" ? this.#value(bytes, located) : undefined;
    return { path: path.slice(), kind, value, line, start, end, located };
  }

  #value(bytes: Uint8Array, located: () => JsonDocument): unknown {
    try {
      // How deep it is has been counted.
      return JSON.parse(decoder.decode(bytes));
    } catch {
      // It tells what is wrong, and on which line.
      located();
      throw this.#malformed("not a value");
    }
  }

  #skipSpace(): void {
    const bytes = this.#bytes;
    for (;;) {
      const byte = bytes[this.#at];
      if (byte === newline) this.#line++;
      else if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return;
      this.#at++;
    }
  }

  /** Only brackets are counted: whether the rest is right is seen when it is read. */
  #skipContainer(outer: number): void {
    const bytes = this.#bytes;
    const start = this.#at;
    const line = this.#line;
    let depth = 0;
    let values = 0;
    let at = start;
    for (; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === quote) {
        for (at++; at < bytes.length && bytes[at] !== quote; at++) if (bytes[at] === backslash) at++;
      } else if (byte === openObject || byte === openList) {
        if (outer + depth >= maxDepth) {
          // Something before it may be wrong, too.
          parseJsonPart(decoder.decode(bytes.subarray(start, at + 1)), line, outer);
          throw tooDeep(at);
        }
        depth++;
      } else if (byte === closeObject || byte === closeList) {
        if (--depth === 0) break;
      } else if (byte === newline) this.#line++;
      else if ((byte === comma || byte === colon) && ++values > maxEntryValues)
        throw new FormatError(
          "json",
          "limit-exceeded",
          `an entry has more than ${maxEntryValues} values (line ${line})`,
          {
            offset: start,
          },
        );
    }
    this.#at = Math.min(at + 1, bytes.length);
  }

  #skipString(): void {
    const bytes = this.#bytes;
    let at = this.#at + 1;
    for (; bytes[at] !== quote; at++) {
      const byte = bytes[at];
      if (byte === undefined) throw this.#malformed("a string does not end", "truncated");
      if (byte < 0x20) throw this.#malformed("a control character in a string");
      if (byte === backslash) at++;
    }
    this.#at = at + 1;
  }

  #key(): string {
    const start = this.#at;
    if (this.#bytes[start] !== quote) throw this.#malformed("a string is missing");
    this.#skipString();
    try {
      // One string, with its quotes.
      return String(JSON.parse(decoder.decode(this.#bytes.subarray(start, this.#at))));
    } catch {
      throw this.#malformed("an unknown escape in a string");
    }
  }

  #skipScalar(): void {
    const start = this.#at;
    while (this.#at < this.#bytes.length && !endsScalar.has(this.#bytes[this.#at] ?? 0)) this.#at++;
    if (this.#at === start) throw this.#malformed("not a value");
  }

  #isMarked(): boolean {
    return byteOrderMark.every((byte, index) => this.#bytes[this.#at + index] === byte);
  }

  #malformed(detail: string, problem: "malformed" | "truncated" = "malformed"): FormatError {
    return new FormatError("json", problem, `${detail} (line ${this.#line})`, { offset: this.#at });
  }
}

const [openObject, closeObject, openList, closeList] = [0x7b, 0x7d, 0x5b, 0x5d];
const [quote, backslash, comma, colon, newline] = [0x22, 0x5c, 0x2c, 0x3a, 0x0a];
const endsScalar = new Set([
  openObject,
  closeObject,
  openList,
  closeList,
  quote,
  comma,
  colon,
  0x2f,
  9,
  10,
  11,
  12,
  13,
  32,
]);
