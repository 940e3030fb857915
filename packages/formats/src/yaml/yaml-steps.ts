import { innerShape, keptOf, shape } from "../document-shape.ts";
import type { DocumentShape } from "../document-shape.ts";
import { FormatError } from "../format-error.ts";
import { isRecord } from "../json/fields.ts";
import type { Steps } from "../shared/steps.ts";
import { parseYaml, parseYamlPart } from "./yaml.ts";

/** How much of a YAML text is read at once. */
export interface AtOnce {
  readonly characters: number;
  /** Ends of lines, commas and colons, before one of which a value stands. */
  readonly values: number;
}

/** How a YAML text is read in portions. */
export interface YamlStepsOptions {
  /** Members that it does not name may be left out. Absent: all are kept. */
  readonly wanted?: DocumentShape | undefined;
  /** More is refused where it cannot be read in portions. Absent: nothing is. */
  readonly atOnce?: AtOnce | undefined;
  /** Entries are read together up to about so many characters. Absent: 16,384. */
  readonly portion?: number | undefined;
}

/** What the parser does at the start of each call takes as long as a short entry. */
const usualPortion = 16 * 1024;
const everything: AtOnce = { characters: Infinity, values: Infinity };
/** To read a part takes about as long as looking at its characters so many times. */
const timesToRead = 16;
/** How many mappings inside of each other are read entry by entry. */
const maxEntered = 4;

/**
 * Reads the documents of a YAML stream as {@link parseYaml} does, and accepts and refuses the same, in portions: mappings and lists in block
 * style are read entry by entry, as far as the indentation tells where one ends. Memory is taken for the text, a few entries and what is
 * wanted of the others. What cannot be read so, such as a document with aliases, is read at once.
 * @throws FormatError as `parseYaml` does, and for a text that is too long to be read at once.
 */
export function* yamlSteps(
  text: string,
  { wanted = shape.anything, atOnce = everything, portion = usualPortion }: YamlStepsOptions = {},
): Steps<readonly unknown[]> {
  const documents = yield* readInParts(text, wanted, { atOnce, portion });
  if (documents !== undefined) return documents;
  if (isMore(text, { start: 0, end: text.length }, atOnce)) {
    const most = `${atOnce.characters} characters or ${atOnce.values} values`;
    throw new FormatError("yaml", "limit-exceeded", `more than ${most}, and not one entry after the other`);
  }
  // Nothing is left out: an alias may stand for the same value many times.
  return parseYaml(text);
}

/** A part of the text, from `start` to before `end`. */
interface Range {
  readonly start: number;
  readonly end: number;
}

interface Lengths {
  readonly atOnce: AtOnce;
  readonly portion: number;
}

/** Undefined: the text has to be read at once. */
function* readInParts(text: string, wanted: DocumentShape, lengths: Lengths): Steps<readonly unknown[] | undefined> {
  // A carriage return alone ends a line, too.
  if (/\r(?!\n)/.test(text)) return undefined;
  const documents: unknown[] = [];
  for (const range of documentsOf(text)) {
    const read = yield* new BlockReader(text, lengths).read(range, wanted, 0);
    if (read === undefined) return undefined;
    documents.push(read.value);
  }
  return documents;
}

/** Where documents stand between lines `---`; what stands beside such a mark is in none of them. */
function* documentsOf(text: string): Generator<Range> {
  let start = 0;
  let isFirst = true;
  for (const line of linesOf(text, { start: 0, end: text.length })) {
    if (line.indent !== 0 || !text.startsWith("---", line.start) || !isBlank(text, line.start + 3, line.end)) continue;
    // Before the first mark there may be nothing.
    if (!isFirst || hasContent(text, { start, end: line.start })) yield { start, end: line.start };
    isFirst = false;
    start = line.end;
  }
  yield { start, end: text.length };
}

function hasContent(text: string, range: Range): boolean {
  for (const line of linesOf(text, range)) if (!isComment(text, line)) return true;
  return false;
}

function isMore(text: string, { start, end }: Range, { characters, values }: AtOnce): boolean {
  if (end - start > characters) return true;
  let found = 0;
  for (let at = start; at < end && found <= values; at++) {
    const code = text.charCodeAt(at);
    if (code === newlineCode || code === 0x2c || code === 0x3a) found++;
  }
  return found > values;
}

interface Line extends Range {
  /** How many spaces it begins with. */
  readonly indent: number;
}

/** Lines with their ends. */
function* linesOf(text: string, { start, end }: Range): Generator<Line> {
  for (let at = start; at < end;) {
    const newline = text.indexOf("\n", at);
    const next = newline === -1 || newline >= end ? end : newline + 1;
    let first = at;
    while (text.charCodeAt(first) === space) first++;
    yield { start: at, end: next, indent: first - at };
    at = next;
  }
}

const [space, tab, newlineCode, hash, minus] = [0x20, 0x09, 0x0a, 0x23, 0x2d];

function isBlank(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (!isSpace(text.charCodeAt(at))) return false;
  return true;
}

function isSpace(code: number): boolean {
  return code === space || code === tab || code === newlineCode || code === 0x0d;
}

/** Whether there is nothing but a comment in a line; or nothing at all. */
function isComment(text: string, { start, end, indent }: Line): boolean {
  for (let at = start + indent; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === hash) return true;
    if (!isSpace(code)) return false;
  }
  return true;
}

/** An entry of a mapping or an element of a list: the line that it begins with, and those that belong to it. */
interface Entry extends Range {
  /** Where the next line begins, if there is nothing but a key on the first one; else undefined. */
  readonly body: number | undefined;
  readonly isElement: boolean;
}

/** What an entry does not begin with: all of these say more than the line alone tells. */
const notFirst = new Set(Array.from("?:&*!|>%@`[]{},\ufeff", (character) => character.charCodeAt(0)));

/**
 * The entries of what is a mapping or a list if it is in block style, as far as the indentation tells. Whether it is right is seen when they
 * are parsed. Undefined: there is something else.
 */
function* entriesOf(text: string, range: Range): Generator<Entry | undefined> {
  let indent = -1;
  let isList = false;
  let entry: { start: number; end: number; body: number | undefined } | undefined;
  for (const line of linesOf(text, range)) {
    if (indent !== -1 && line.indent > indent) {
      if (entry !== undefined) entry.end = line.end;
      continue;
    }
    if (isComment(text, line)) {
      if (entry !== undefined) entry.end = line.end;
      continue;
    }
    const first = line.start + line.indent;
    const code = text.charCodeAt(first);
    const isElement = code === minus && isSpaceOrEnd(text, first + 1, range.end);
    if (indent === -1) {
      indent = line.indent;
      isList = isElement;
    }
    if (line.indent < indent || code === tab || notFirst.has(code) || isMark(text, line)) return yield undefined;
    if (isElement !== isList) {
      // A list may stand as far left as its key.
      if (isList || entry?.body === undefined) return yield undefined;
      entry.end = line.end;
      continue;
    }
    if (entry !== undefined) yield { ...entry, isElement: isList };
    entry = { start: line.start, end: line.end, body: !isList && isKeyAlone(text, line) ? line.end : undefined };
  }
  yield entry === undefined ? undefined : { ...entry, isElement: isList };
}

function isSpaceOrEnd(text: string, at: number, end: number): boolean {
  return at >= end || isSpace(text.charCodeAt(at));
}

/** Ends of documents, and what stands beside their marks. Further in it is text, but the parser takes it for a mark where a part begins so. */
function isMark(text: string, { start, indent }: Line): boolean {
  return text.startsWith("...", start + indent) || text.startsWith("---", start + indent);
}

/** Whether a line ends with the colon behind a key. With a comment it may end so behind a value, such as the mark of a block scalar. */
function isKeyAlone(text: string, { start, end }: Range): boolean {
  let at = end;
  while (at > start && isSpace(text.charCodeAt(at - 1))) at--;
  return text[at - 1] === ":" && !/\s#/.test(text.slice(start, at));
}

/** Reads one document. */
class BlockReader {
  readonly #text: string;
  readonly #lengths: Lengths;

  constructor(text: string, lengths: Lengths) {
    this.#text = text;
    this.#lengths = lengths;
  }

  /**
   * Reads a mapping or a list. Undefined: it is none in block style, or has to be read together with something else.
   * @param wanted undefined: nothing of it is kept
   * @param depth in how many mappings it stands
   */
  *read(
    range: Range,
    wanted: DocumentShape | undefined,
    depth: number,
  ): Steps<{ readonly value: unknown } | undefined> {
    const block = new Block(wanted);
    let group: Entry[] = [];
    let done = range.start;
    const { portion } = this.#lengths;
    for (const entry of entriesOf(this.#text, range)) {
      if (entry === undefined) return undefined;
      const isLong = entry.end - entry.start >= portion;
      if (isLong || entry.end - (group[0]?.start ?? entry.start) >= portion) {
        if (!this.#add(group, block, depth)) return undefined;
        yield (entry.start - done) * timesToRead;
        done = entry.start;
        group = [];
      }
      if (!isLong || entry.body === undefined || depth >= maxEntered) group.push(entry);
      else {
        const name = this.#nameOf(entry, depth);
        const inside = { start: entry.body, end: entry.end };
        const read = name === undefined ? undefined : yield* this.read(inside, block.shapeOf(name), depth + 1);
        // What is no block in itself may be one value.
        const isAdded =
          name !== undefined && read !== undefined
            ? block.addMember(name, read.value)
            : this.#add([entry], block, depth);
        if (!isAdded) return undefined;
        done = entry.end;
      }
    }
    if (!this.#add(group, block, depth)) return undefined;
    yield (range.end - done) * timesToRead;
    return { value: block.value };
  }

  /** Reads entries that follow each other. False: they are not what they look like. */
  #add(group: readonly Entry[], block: Block, depth: number): boolean {
    const [first] = group;
    const last = group.at(-1);
    if (first === undefined || last === undefined) return true;
    const range = { start: first.start, end: last.end };
    const { atOnce, portion } = this.#lengths;
    if (range.end - range.start > 2 * portion && isMore(this.#text, range, atOnce)) return false;
    const value = parseYamlPart(this.#text.slice(first.start, last.end), depth);
    return block.add(value, first.isElement, group.length);
  }

  /** The key of an entry that has nothing else on its line. */
  #nameOf({ start, body }: Entry, depth: number): string | undefined {
    const value = parseYamlPart(this.#text.slice(start, body), depth);
    const [[name, inside] = [], ...others] = isRecord(value) ? Object.entries(value) : [];
    return inside === "" && others.length === 0 ? name : undefined;
  }
}

/** A mapping or a list that is put together. */
class Block {
  readonly #wanted: DocumentShape | undefined;
  readonly #names = new Set<string>();
  readonly #elements: unknown[] = [];
  readonly #members: Record<string, unknown> = {};
  #isList = false;

  constructor(wanted: DocumentShape | undefined) {
    this.#wanted = wanted;
  }

  get value(): unknown {
    return this.#isList ? this.#elements : this.#members;
  }

  /** What is kept of a member; undefined: nothing. */
  shapeOf(name: string): DocumentShape | undefined {
    return this.#wanted === undefined ? undefined : innerShape(this.#wanted, {}, name);
  }

  /** Adds a mapping or a list that holds so many of its entries. False: it does not. */
  add(value: unknown, isList: boolean, count: number): boolean {
    this.#isList = isList;
    if (isList) {
      if (!Array.isArray(value) || value.length !== count) return false;
      for (const element of listOf(this.#kept(value))) this.#elements.push(element);
      return true;
    }
    if (!isRecord(value)) return false;
    const names = Object.keys(value);
    if (names.length !== count || names.some((name) => this.#names.has(name))) return false;
    for (const name of names) this.#names.add(name);
    for (const [name, member] of Object.entries(this.#kept(value) ?? {})) put(this.#members, name, member);
    return true;
  }

  /** Adds a member of which as much was read as is kept. False: there is one of that name. */
  addMember(name: string, value: unknown): boolean {
    if (this.#names.has(name)) return false;
    this.#names.add(name);
    if (this.shapeOf(name) !== undefined) put(this.#members, name, value);
    return true;
  }

  #kept(value: object): unknown {
    if (this.#wanted === undefined) return undefined;
    return this.#wanted.kind === "anything" ? value : keptOf(value, this.#wanted);
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function put(members: Record<string, unknown>, name: string, value: unknown): void {
  // A name like `__proto__` is data.
  if (name === "__proto__")
    Object.defineProperty(members, name, { value, enumerable: true, configurable: true, writable: true });
  else members[name] = value;
}
