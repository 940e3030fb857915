/** Where something stands in a text. Lines and columns are 1-based; columns count UTF-16 units; the end column is just behind. */
export interface TextRange {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Offsets of one value in the text it was read from, in UTF-16 units from its start. Ends are just behind. */
export interface ValueSpan {
  /** Where the key of a member begins; absent for items of sequences and for the whole document. */
  readonly keyStart?: number;
  readonly start: number;
  readonly end: number;
}

/** A path of keys and positions, or the same as a JSON Pointer (RFC 6901): `["spec", "containers", 0]`, `/spec/containers/0`. */
export type ValuePath = string | readonly (string | number)[];

/** A value that remembers where each of its parts was written. */
export interface LocatedDocument {
  readonly value: unknown;
  /** The whole text. Documents of one stream have the same text. */
  readonly text: string;
  /** Lines of the text. */
  readonly lines: TextLines;
  /** Where the part at the path was written; undefined when there is none. */
  spanOf(path: ValuePath): ValueSpan | undefined;
  /** The lines of a part, from its key to its end; undefined when there is none. */
  rangeOf(path: ValuePath): TextRange | undefined;
}

/** A place in a text: line and column, 1-based; columns count UTF-16 units. */
export interface TextPoint {
  readonly line: number;
  readonly column: number;
}

/** The lines of a text; where they start is found when first asked for. Documents of one stream share theirs. */
export class TextLines {
  readonly #text: string;
  #starts: Int32Array | undefined;

  /** @param text Lines end with a line feed; a carriage return in front of it is the line's last character. */
  constructor(text: string) {
    this.#text = text;
  }

  /** How many lines there are: one more than line feeds. */
  get count(): number {
    return this.#index().length;
  }

  /** The text of a line, 1-based, without its line feed; empty where there is no such line. */
  line(number: number): string {
    const starts = this.#index();
    const start = starts[number - 1];
    if (start === undefined) return "";
    const next = starts[number];
    return this.#text.slice(start, next === undefined ? this.#text.length : next - 1);
  }

  /** Offset of a place, in UTF-16 units; a line behind the last one is the end of the text. */
  offsetOf({ line, column }: TextPoint): number {
    const start = this.#index()[line - 1];
    return start === undefined ? this.#text.length : Math.min(start + column - 1, this.#text.length);
  }

  /** Line and column of an offset. */
  pointAt(offset: number): TextPoint {
    const line = this.lineAt(offset);
    return { line, column: offset - (this.#index()[line - 1] ?? 0) + 1 };
  }

  /** Line of an offset, 1-based. */
  lineAt(offset: number): number {
    const starts = this.#index();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  /** Line and column of both ends. */
  range(start: number, end: number): TextRange {
    const starts = this.#index();
    const line = this.lineAt(start);
    const endLine = this.lineAt(end);
    return {
      line,
      column: start - (starts[line - 1] ?? 0) + 1,
      endLine,
      endColumn: end - (starts[endLine - 1] ?? 0) + 1,
    };
  }

  #index(): Int32Array {
    if (this.#starts !== undefined) return this.#starts;
    let count = 1;
    for (let at = this.#text.indexOf("\n"); at !== -1; at = this.#text.indexOf("\n", at + 1)) count++;
    const starts = new Int32Array(count);
    let line = 1;
    for (let at = this.#text.indexOf("\n"); at !== -1; at = this.#text.indexOf("\n", at + 1)) starts[line++] = at + 1;
    this.#starts = starts;
    return starts;
  }
}

/** How many numbers the table has for a member: where its key and its value begin, where its value ends, and the block of the value's own members. */
const stride = 4;
const none = -1;

/** A mapping or sequence that is being read. */
export class OpenContainer {
  readonly cells: number[] = [];
  readonly #value: object;
  /** Keys in the order of the text. Kept only when that is not the order of the value's own keys, since a key looks like a number or is repeated. */
  keys: string[] | undefined;

  constructor(value: object) {
    this.#value = value;
  }

  /** Notes the key of the next member. Call it before the member is put into the value. */
  nextKey(key: string): void {
    if (this.keys === undefined) {
      const first = key.charCodeAt(0);
      if (!(first >= 48 && first <= 57) && !Object.hasOwn(this.#value, key)) return;
      this.keys = Object.keys(this.#value);
    }
    this.keys.push(key);
  }

  /** Adds a member; `block` is what {@link PositionTable.close} gave for its value. */
  add(keyStart: number, start: number, end: number, block: number): void {
    this.cells.push(keyStart, start, end, block);
  }
}

/** Keeps where all parts of the documents of a text stand. A member takes four numbers, which is less memory than its value takes. */
export class PositionTable {
  #cells = new Int32Array(256);
  #used = 0;
  readonly #keys = new Map<number, readonly string[]>();
  readonly #found = new Map<number, ReadonlyMap<string, number>>();

  /** The block of a value that has no members. */
  static readonly scalar: number = none;

  /** Stores the positions of a finished container. Gives the number of its block, by which its parent refers to it. */
  close(container: OpenContainer): number {
    if (container.cells.length === 0) return none;
    const block = this.#used;
    const needed = block + 1 + container.cells.length;
    if (needed > this.#cells.length) {
      const larger = new Int32Array(Math.max(needed, this.#cells.length * 2));
      larger.set(this.#cells);
      this.#cells = larger;
    }
    this.#cells[block] = container.cells.length / stride;
    this.#cells.set(container.cells, block + 1);
    this.#used = needed;
    if (container.keys !== undefined) this.#keys.set(block, container.keys);
    return block;
  }

  /**
   * Where the four numbers of a member are, for {@link keyStart}, {@link start}, {@link end} and {@link block}; -1: there is no such
   * member. `container` is the value whose block it is.
   */
  member(block: number, container: unknown, key: string | number): number {
    if (block === none || typeof container !== "object" || container === null) return none;
    const index = Array.isArray(container) ? Number(key) : this.#indexOf(block, container, String(key));
    if (!Number.isInteger(index) || index < 0 || index >= (this.#cells[block] ?? 0)) return none;
    return block + 1 + index * stride;
  }

  /** Offset of the key; -1 for items of sequences, and where there is no such member. */
  keyStart(cell: number): number {
    return this.#number(cell, 0);
  }

  /** Offset at which the value begins. */
  start(cell: number): number {
    return this.#number(cell, 1);
  }

  /** Offset just behind the value. */
  end(cell: number): number {
    return this.#number(cell, 2);
  }

  /** Number of the block of the value's own members. */
  block(cell: number): number {
    return this.#number(cell, 3);
  }

  #number(cell: number, which: number): number {
    return cell === none ? none : (this.#cells[cell + which] ?? none);
  }

  #indexOf(block: number, container: object, key: string): number {
    let found = this.#found.get(block);
    if (found === undefined) {
      const keys = this.#keys.get(block) ?? Object.keys(container);
      // A short list is searched faster than a map is built. The last of a repeated key counts, as it does for the value.
      if (keys.length < 24) return keys.lastIndexOf(key);
      found = new Map(keys.map((name, index) => [name, index]));
      this.#found.set(block, found);
    }
    return found.get(key) ?? -1;
  }
}

/** A document with its value, its text and its positions. */
export class PositionedDocument implements LocatedDocument {
  readonly value: unknown;
  readonly text: string;
  readonly lines: TextLines;
  readonly #table: PositionTable;
  /** The four numbers of the whole value, in the form of a member's. */
  readonly #root: readonly number[];
  /** Offset at which the text of the document begins. Positions are relative to it. */
  readonly #base: number;

  constructor(
    value: unknown,
    text: string,
    positions: {
      readonly lines: TextLines;
      readonly table: PositionTable;
      readonly root: readonly number[];
      readonly base: number;
    },
  ) {
    this.value = value;
    this.text = text;
    this.lines = positions.lines;
    this.#table = positions.table;
    this.#root = positions.root;
    this.#base = positions.base;
  }

  spanOf(path: ValuePath): ValueSpan | undefined {
    const cell = this.#cellOf(path);
    if (cell === undefined) return undefined;
    const [keyStart = none, start = none, end = none] =
      cell === none ? this.#root : [this.#table.keyStart(cell), this.#table.start(cell), this.#table.end(cell)];
    const span = { start: start + this.#base, end: end + this.#base };
    return keyStart === none ? span : { keyStart: keyStart + this.#base, ...span };
  }

  rangeOf(path: ValuePath): TextRange | undefined {
    const cell = this.#cellOf(path);
    if (cell === undefined) return undefined;
    const keyStart = cell === none ? (this.#root[0] ?? none) : this.#table.keyStart(cell);
    const start = cell === none ? (this.#root[1] ?? none) : this.#table.start(cell);
    const end = cell === none ? (this.#root[2] ?? none) : this.#table.end(cell);
    return this.lines.range((keyStart === none ? start : keyStart) + this.#base, end + this.#base);
  }

  /** Index of the part's numbers in the table; -1 for the whole value; undefined when there is no such part. */
  #cellOf(path: ValuePath): number | undefined {
    let cell: number = none;
    let block = this.#root[3] ?? none;
    let container = this.value;
    for (const key of pathSegments(path)) {
      cell = this.#table.member(block, container, key);
      if (cell === none) return undefined;
      block = this.#table.block(cell);
      container = (container as Readonly<Record<string | number, unknown>>)[key]; // Checked: it has this member.
    }
    return cell;
  }
}

/** The steps of a path; a JSON Pointer is taken apart. */
export function pathSegments(path: ValuePath): readonly (string | number)[] {
  if (typeof path !== "string") return path;
  if (path === "") return [];
  return path
    .replace(/^\//, "")
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}
