import { innerShape, ownText } from "../document-shape.ts";
import type { DocumentShape } from "../document-shape.ts";
import { OpenContainer, PositionTable, PositionedDocument, TextLines } from "../shared/located-document.ts";
import type { LocatedDocument } from "../shared/located-document.ts";
import { finish } from "../shared/steps.ts";
import type { Steps } from "../shared/steps.ts";
import { FormatError } from "../format-error.ts";

/** Which extensions of JSON (RFC 8259) are accepted. */
export interface JsonOptions {
  /**
   * `//` and block comments, and a comma before a closing bracket: JSONC, as bun.lock and deno.json use. Asterisks in place of a number are
   * text: so are secrets masked.
   */
  readonly lenient?: boolean;
}

/** How a document is read whose objects and arrays know their line. */
export interface JsonDocumentOptions extends JsonOptions {
  /** Only members that this shape names are kept, which saves most of the memory for a lock file. Absent: all are kept. */
  readonly only?: DocumentShape;
}

/** A JSON document whose objects and arrays know their line. */
export interface JsonDocument {
  readonly value: unknown;
  /** The line, 1-based, on which an object or array of `value` begins; for a member, the line of its key. */
  lineOf(container: unknown): number | undefined;
}

/** The deepest nesting that is read. No real file is deeper, and code that walks documents recursively would run out of stack. */
export const maxDepth = 1_000;

/**
 * Reads JSON (RFC 8259); a leading byte order mark is accepted.
 * @throws FormatError for anything that is not one JSON value, or nested more than 1000 deep.
 */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
    if (opensMany(text) && exceedsDepth(value)) throw tooDeep();
    return value;
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw new FormatError("json", "malformed", error instanceof Error ? shorten(error.message) : "not JSON", {
      cause: error,
    });
  }
}

/**
 * The value of a JSON text, or of one in UTF-8; undefined for anything that {@link parseJson} refuses, and for bytes that are no UTF-8. For
 * what is looked at in passing: an answer, a label, a token.
 */
export function jsonIn(content: string | Uint8Array): unknown {
  try {
    return parseJson(typeof content === "string" ? content : new TextDecoder("utf-8", { fatal: true }).decode(content));
  } catch {
    return undefined;
  }
}

/** Whether a text has so many brackets that it can be nested too deep. Most have not, and need no second look. */
function opensMany(text: string): boolean {
  let count = 0;
  for (let at = 0; at < text.length && count <= maxDepth; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5b || code === 0x7b) count++;
  }
  return count > maxDepth;
}

function shorten(message: string): string {
  return message.length > 160 ? `${message.slice(0, 157)}...` : message;
}

export function tooDeep(offset?: number): FormatError {
  return new FormatError(
    "json",
    "limit-exceeded",
    `nested more than ${maxDepth} deep`,
    offset === undefined ? {} : { offset },
  );
}

function exceedsDepth(root: unknown): boolean {
  let level: unknown[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) return true;
    const next: unknown[] = [];
    for (const value of level)
      if (typeof value === "object" && value !== null)
        for (const child of Object.values(value)) if (typeof child === "object" && child !== null) next.push(child);
    level = next;
  }
  return false;
}

type Container = unknown[] | Record<string, unknown>;

/**
 * Reads JSON and remembers on which line each object and array begins. About a tenth as fast as {@link parseJson}:
 * for lock files, where the line is worth it.
 * @throws FormatError for anything that is not one JSON value, or nested more than 1000 deep.
 */
export function parseJsonDocument(text: string, options: JsonDocumentOptions = {}): JsonDocument {
  return finish(jsonDocumentSteps(text, options));
}

/** The same in portions. */
export function* jsonDocumentSteps(text: string, options: JsonDocumentOptions = {}): Steps<JsonDocument> {
  const lines = new WeakMap<object, number>();
  const value = yield* new JsonReader(text, options.lenient ?? false, lines, undefined, options.only).read();
  return { value, lineOf: lookUp(lines) };
}

/**
 * Reads a value that is part of a larger JSON text as {@link parseJsonDocument} would read it there.
 * @param line on which it begins
 * @param depth how many objects and arrays it stands in
 * @throws FormatError as for the whole text
 */
export function parseJsonPart(text: string, line: number, depth: number): JsonDocument {
  const lines = new WeakMap<object, number>();
  const value = finish(new JsonReader(text, false, lines, undefined, undefined, { line, depth }).read());
  return { value, lineOf: lookUp(lines) };
}

function lookUp(lines: WeakMap<object, number>): JsonDocument["lineOf"] {
  return (container) => (typeof container === "object" && container !== null ? lines.get(container) : undefined);
}

/**
 * Reads JSON and remembers where every value stands. About a tenth as fast as {@link parseJson}.
 * @throws FormatError for anything that is not one JSON value, or nested more than 1000 deep.
 */
export function parseLocatedJson(text: string, options: JsonOptions = {}): LocatedDocument {
  return finish(locatedJsonSteps(text, options));
}

/** The same in portions. */
export function* locatedJsonSteps(text: string, options: JsonOptions = {}): Steps<LocatedDocument> {
  const positions = new JsonPositions();
  const value = yield* new JsonReader(text, options.lenient ?? false, new WeakMap(), positions).read();
  const { table, root } = positions;
  return new PositionedDocument(value, text, { lines: new TextLines(text), table, root, base: 0 });
}

/** Notes where values stand while they are read. */
class JsonPositions {
  readonly table: PositionTable = new PositionTable();
  /** Positions of the whole value, in the form of a member's. */
  root: readonly number[] = [];
  readonly #open: { readonly container: OpenContainer; readonly keyStart: number; readonly start: number }[] = [];

  open(value: object, keyStart: number, start: number): void {
    this.#open.push({ container: new OpenContainer(value), keyStart, start });
  }

  close(end: number): void {
    const closed = this.#open.pop();
    if (closed === undefined) return;
    this.place(closed.keyStart, closed.start, end, this.table.close(closed.container));
  }

  nextKey(key: string): void {
    this.#open.at(-1)?.container.nextKey(key);
  }

  place(keyStart: number, start: number, end: number, block: number): void {
    const parent = this.#open.at(-1);
    if (parent === undefined) this.root = [-1, start, end, block];
    else parent.container.add(keyStart, start, end, block);
  }
}

const everything: DocumentShape = { kind: "anything" };

const wordOrNumber = /[^\s,:[\]{}"/]+/y;
const number = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const words: ReadonlyMap<string, unknown> = new Map([
  ["true", true],
  ["false", false],
  ["null", null],
]);

/** A portion of the reading is about so many characters, and takes as long as looking at each of them so many times. */
const portion = 8_192;
const timesToRead = 8;

/** Reads JSON in one pass without recursion, so that deep documents cannot exhaust the engine's stack. */
class JsonReader {
  readonly #text: string;
  readonly #lenient: boolean;
  readonly #lines: WeakMap<object, number>;
  readonly #positions: JsonPositions | undefined;
  readonly #only: DocumentShape | undefined;
  readonly #depth: number;
  #at = 0;
  #line: number;

  constructor(
    text: string,
    lenient: boolean,
    lines: WeakMap<object, number>,
    positions?: JsonPositions,
    only?: DocumentShape,
    within: { readonly line: number; readonly depth: number } = { line: 1, depth: 0 },
  ) {
    this.#text = text;
    this.#lenient = lenient;
    this.#lines = lines;
    this.#positions = positions;
    this.#only = only;
    this.#line = within.line;
    this.#depth = within.depth;
    if (text.charCodeAt(0) === 0xfeff) this.#at = 1;
  }

  *read(): Steps<unknown> {
    const stack: Container[] = [];
    // What is kept of each open container; of one that is read over, nothing.
    const shapes: (DocumentShape | undefined)[] = [];
    let root: unknown;
    let done = false;
    const place = (value: unknown, key: string | undefined): void => {
      const parent = stack.at(-1);
      if (parent === undefined) {
        root = value;
        done = true;
      } else if (Array.isArray(parent)) parent.push(value);
      else define(parent, this.#only === undefined ? (key ?? "") : ownText(key ?? ""), value);
    };
    const shapeOf = (parent: Container | undefined, key: string | undefined): DocumentShape | undefined => {
      if (parent === undefined) return this.#only ?? everything;
      const outer = shapes.at(-1);
      return outer === undefined || outer === everything ? outer : innerShape(outer, parent, key ?? "");
    };
    let afterValue = false;
    let read = this.#at;
    for (;;) {
      if (this.#at - read >= portion) {
        yield (this.#at - read) * timesToRead;
        read = this.#at;
      }
      this.#skipSpace();
      if (this.#at >= this.#text.length) {
        if (done && stack.length === 0) return root;
        throw this.#malformed("ends early", "truncated");
      }
      if (done && stack.length === 0) throw this.#malformed("text after the end");
      const parent = stack.at(-1);
      const char = this.#text[this.#at];
      if (parent !== undefined && char === (Array.isArray(parent) ? "]" : "}")) {
        this.#at++;
        this.#positions?.close(this.#at);
        stack.pop();
        shapes.pop();
        afterValue = true;
        if (stack.length === 0) done = true;
        continue;
      }
      if (parent !== undefined && afterValue) {
        if (char !== ",") throw this.#malformed("a comma is missing");
        this.#at++;
        this.#skipSpace();
        if (!this.#lenient && (this.#text[this.#at] === "]" || this.#text[this.#at] === "}"))
          throw this.#malformed("a comma before the end");
        afterValue = false;
        continue;
      }
      const line = this.#line;
      const keyStart = this.#at;
      let key: string | undefined;
      if (parent !== undefined && !Array.isArray(parent)) {
        key = this.#string();
        this.#skipSpace();
        if (this.#text[this.#at] !== ":") throw this.#malformed("a colon is missing");
        this.#positions?.nextKey(key);
        this.#at++;
        this.#skipSpace();
      }
      const kept = shapeOf(parent, key);
      const open = this.#text[this.#at];
      if (open === "{" || open === "[") {
        if (this.#depth + stack.length >= maxDepth) throw tooDeep(this.#at);
        const container: Container = open === "{" ? {} : [];
        this.#positions?.open(container, key === undefined ? -1 : keyStart, this.#at);
        this.#at++;
        if (kept !== undefined) {
          this.#lines.set(container, line);
          place(container, key);
        }
        done = false;
        stack.push(container);
        shapes.push(kept);
        afterValue = false;
        continue;
      }
      const start = this.#at;
      const value = open === '"' ? this.#string() : this.#scalar();
      if (kept !== undefined)
        place(this.#only !== undefined && typeof value === "string" ? ownText(value) : value, key);
      this.#positions?.place(key === undefined ? -1 : keyStart, start, this.#at, PositionTable.scalar);
      afterValue = true;
    }
  }

  #skipSpace(): void {
    const text = this.#text;
    for (;;) {
      const code = text.charCodeAt(this.#at);
      if (code === 10) this.#line++;
      else if (code === 47 && this.#lenient) {
        this.#comment();
        continue;
      } else if (code !== 32 && code !== 9 && code !== 13) return;
      this.#at++;
    }
  }

  #comment(): void {
    const kind = this.#text[this.#at + 1];
    if (kind === "/") {
      const end = this.#text.indexOf("\n", this.#at);
      this.#at = end === -1 ? this.#text.length : end;
    } else if (kind === "*") {
      const end = this.#text.indexOf("*/", this.#at + 2);
      if (end === -1) throw this.#malformed("a comment does not end", "truncated");
      for (let at = this.#at; at < end; at++) if (this.#text.charCodeAt(at) === 10) this.#line++;
      this.#at = end + 2;
    } else throw this.#malformed("a stray slash");
  }

  #string(): string {
    const text = this.#text;
    if (text[this.#at] !== '"') throw this.#malformed("a string is missing");
    const start = this.#at;
    let at = start + 1;
    let plain = true;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === 34) break;
      if (Number.isNaN(code)) throw this.#malformed("a string does not end", "truncated");
      if (code < 32) throw this.#malformed("a control character in a string");
      if (code === 92) {
        plain = false;
        at++;
      }
      at++;
    }
    this.#at = at + 1;
    if (plain) return text.slice(start + 1, at);
    try {
      // One string, with its quotes.
      return String(JSON.parse(text.slice(start, at + 1)));
    } catch {
      throw this.#malformed("an unknown escape in a string");
    }
  }

  #scalar(): unknown {
    wordOrNumber.lastIndex = this.#at;
    const token = wordOrNumber.exec(this.#text)?.[0] ?? "";
    const masked = this.#lenient && /^\*+$/.test(token) ? token : undefined;
    const value = words.has(token) ? words.get(token) : number.test(token) ? Number(token) : masked;
    if (value === undefined) throw this.#malformed("not a value");
    this.#at += token.length;
    return value;
  }

  #malformed(detail: string, problem: "malformed" | "truncated" = "malformed"): FormatError {
    return new FormatError("json", problem, `${detail} (line ${this.#line})`, { offset: this.#at });
  }
}

/** `__proto__` as a key is data like any other. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}
