import { EVENT_ID, SCALAR_STYLE, YAMLException, getScalarValue, parseEvents } from "js-yaml";
import type { Event, ScalarEvent } from "js-yaml";
import { OpenContainer, PositionTable, PositionedDocument, TextLines } from "../shared/located-document.ts";
import type { LocatedDocument } from "../shared/located-document.ts";
import { finish } from "../shared/steps.ts";
import type { Steps } from "../shared/steps.ts";
import { FormatError } from "../format-error.ts";
import type { FormatProblem } from "../format-error.ts";
import { plainScalar } from "./go-scalar.ts";
import type { YamlBooleans } from "./go-scalar.ts";
import { mendIndentation } from "./mend-indentation.ts";

/** How a stream of YAML documents is read. */
export interface YamlDocumentOptions {
  /** Absent: `1.1`, as Kubernetes reads manifests. */
  readonly booleans?: YamlBooleans | undefined;
}

/** Why one document of a stream, or a part of it, is not there. */
export interface YamlProblem {
  readonly problem: FormatProblem;
  readonly message: string;
  /** Line in the whole text, 1-based. */
  readonly line: number;
}

/** What is in a stream of YAML documents. */
export interface YamlDocuments {
  /** In order; a document that only holds comments has the value null. */
  readonly documents: readonly LocatedDocument[];
  readonly problems: readonly YamlProblem[];
}

/** The deepest nesting that is read. No real file is deeper, and code that walks documents recursively would run out of stack. */
const maxDepth = 200;
/** How many values the aliases of one document may repeat, since code that follows aliases walks each of them again. */
const maxAliased = 1_000_000;

/**
 * Reads a stream of YAML documents as Go's YAML packages do, and remembers where each value stands. JSON is YAML.
 * Every document is read alone: a broken one is a problem and the others are kept. The last of a repeated key counts, merge keys (`<<`)
 * are followed, tags other than those of YAML itself are ignored, keys are text. Aliased values are shared, not copied; more than a million
 * repeated values in a document, and recursive aliases, are refused. Two asterisks and more where a value begins are text, not an alias: so
 * are secrets masked, and a masked file is to be read like the file itself.
 */
export function parseYamlDocuments(text: string, options: YamlDocumentOptions = {}): YamlDocuments {
  return finish(yamlDocumentsSteps(text, options));
}

/** To read a document takes about as long as looking at its characters so many times. */
const timesToRead = 16;

/** The same in portions; each document is parsed at once. */
export function* yamlDocumentsSteps(text: string, options: YamlDocumentOptions = {}): Steps<YamlDocuments> {
  const read: StreamReading = {
    text,
    source: withoutMasks(text),
    booleans: options.booleans ?? "1.1",
    lines: new TextLines(text),
    table: new PositionTable(),
    documents: [],
    problems: [],
  };
  for (const group of groupsOf(documentRanges(text))) {
    if (!readTogether(group, read))
      for (const range of group) {
        readAlone(range, read);
        yield (range[1] - range[0]) * timesToRead;
      }
    else yield ((group.at(-1)?.[1] ?? 0) - (group[0]?.[0] ?? 0)) * timesToRead;
  }
  return { documents: read.documents, problems: read.problems };
}

/**
 * The character that stands for an asterisk at the beginning of a value while the text is parsed. It is for private use: a text that has
 * it, or an escape for it, is parsed as it is.
 */
const mask = "\ue000";
const holdsMask = /\ue000|\\u[eE]000|\\U0000[eE]000/;
/** Matches asterisks where a value may begin: two or more, or one that is the whole value. */
const masked = /(?<=^|[\s[{,])(?:\*{2,}|\*(?=[ \t\r]*$))/gm;

/** The text with {@link mask} for asterisks that begin a value: no anchor has a name with asterisks, but a secret that is masked begins with them. */
function withoutMasks(text: string): string {
  if (!text.includes("*") || holdsMask.test(text)) return text;
  return text.replace(masked, (run) => mask.repeat(run.length));
}

interface StreamReading {
  readonly text: string;
  /** What the parser gets: the text, with {@link mask} for asterisks that it would take for an alias. */
  readonly source: string;
  readonly booleans: YamlBooleans;
  readonly lines: TextLines;
  readonly table: PositionTable;
  readonly documents: LocatedDocument[];
  readonly problems: YamlProblem[];
}

type DocumentRange = readonly [start: number, end: number];

/** Documents are handed to the parser together up to about this length: what it does at the start of each call takes as long as a short document. */
const groupLength = 32 * 1024;

/** Documents that follow each other without a gap. */
function* groupsOf(ranges: Iterable<DocumentRange>): Generator<readonly DocumentRange[]> {
  let group: DocumentRange[] = [];
  let length = 0;
  for (const range of ranges) {
    const [start, end] = range;
    if (group.length > 0 && (length >= groupLength || group.at(-1)?.[1] !== start)) {
      yield group;
      group = [];
      length = 0;
    }
    group.push(range);
    length += end - start;
  }
  if (group.length > 0) yield group;
}

/** Whether all documents of the group could be read in one go; nothing is kept where not, since each is to be read alone then. */
function readTogether(group: readonly DocumentRange[], read: StreamReading): boolean {
  const [[base] = [0]] = group;
  const source = read.source.slice(base, group.at(-1)?.[1]);
  if (group.length < 2) return false;
  const { lines, table, text } = read;
  const starts = group.map(([start]) => start - base);
  const found: LocatedDocument[] = [];
  try {
    const events = parseEvents(source, { maxDepth });
    const hasMasks = read.source !== text;
    new Composer({ source, table, mended: false, hasMasks, booleans: read.booleans, starts }).run(
      events,
      (value, root) => {
        found.push(new PositionedDocument(value, text, { lines, table, root, base }));
      },
    );
  } catch (error) {
    if (error instanceof YAMLException || error instanceof FormatError) return false;
    throw error;
  }
  if (found.length !== group.length) return false;
  for (const document of found) read.documents.push(document);
  return true;
}

function readAlone(
  [base, end]: DocumentRange,
  { text, source: whole, booleans, lines, table, documents, problems }: StreamReading,
): void {
  const source = whole.slice(base, end);
  try {
    const { events, mended } = eventsOf(source);
    const hasMasks = whole !== text;
    new Composer({ source, table, mended, hasMasks, booleans, starts: [0] }).run(events, (value, root) => {
      documents.push(new PositionedDocument(value, text, { lines, table, root, base }));
    });
  } catch (error) {
    const at = error instanceof YAMLException ? error.mark?.position : undefined;
    const offset = error instanceof FormatError ? error.offset : at;
    if (!(error instanceof YAMLException) && !(error instanceof FormatError)) throw error;
    const reason = error instanceof YAMLException ? error.reason : error.message.replace(/^yaml: /, "");
    const problem = error instanceof FormatError ? error.problem : problemOf(reason);
    problems.push({ problem, message: reason.slice(0, 160), line: lines.lineAt(base + (offset ?? 0)) });
  }
}

function problemOf(reason: string): FormatProblem {
  if (reason.includes("maxDepth")) return "limit-exceeded";
  return reason.startsWith("unexpected end of the stream") ? "truncated" : "malformed";
}

function eventsOf(source: string): { readonly events: Event[]; readonly mended: boolean } {
  try {
    return { events: parseEvents(source, { maxDepth }), mended: false };
  } catch (error) {
    if (!(error instanceof YAMLException) || error.reason !== "deficient indentation") throw error;
    return { events: parseEvents(mendIndentation(source), { maxDepth }), mended: true };
  }
}

/**
 * Where the documents of a stream begin and end: `---` and `...` at the start of a line, which no scalar may contain (YAML 1.2.2, 9.1.2).
 * Directives and comments before a `---` belong to what follows.
 */
function* documentRanges(text: string): Generator<DocumentRange> {
  let start = 0;
  let hasContent = false;
  let at = 0;
  while (at < text.length) {
    let end = text.indexOf("\n", at);
    if (end === -1) end = text.length;
    const first = text.charCodeAt(at);
    if (first === 45 && isMarker(text, at, "---")) {
      if (hasContent) yield [start, at];
      if (hasContent) start = at;
      hasContent = true;
    } else if (first === 46 && isMarker(text, at, "...")) {
      if (hasContent) yield [start, at];
      start = Math.min(end + 1, text.length);
      hasContent = false;
    } else if (!hasContent && first !== 35 && first !== 37 && !isBlankLine(text, at, end)) hasContent = true;
    at = end + 1;
  }
  if (hasContent) yield [start, text.length];
}

function isMarker(text: string, at: number, marker: string): boolean {
  if (!text.startsWith(marker, at)) return false;
  const after = text.charCodeAt(at + 3);
  return Number.isNaN(after) || after === 32 || after === 9 || after === 10 || after === 13;
}

function isBlankLine(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    // A byte order mark counts as blank.
    if (code !== 32 && code !== 9 && code !== 13 && code !== 0xfeff) return code === 35;
  }
  return true;
}

/** A value that an anchor names. */
interface Anchored {
  readonly value: unknown;
  readonly block: number;
  /** How many values it holds, itself included. */
  readonly weight: number;
}

interface Frame {
  readonly kind: "document" | "mapping" | "sequence";
  readonly value: unknown[] | Record<string, unknown>;
  readonly members: OpenContainer;
  readonly anchor: string | undefined;
  readonly start: number;
  readonly flow: boolean;
  end: number;
  weight: number;
  key: string | undefined;
  keyStart: number;
  keyEnd: number;
  /** The key is a plain `<<`. */
  merging: boolean;
}

/** Makes values and positions from the events of one document or several. */
class Composer {
  readonly #source: string;
  readonly #mended: boolean;
  readonly #hasMasks: boolean;
  readonly #booleans: YamlBooleans;
  readonly #table: PositionTable;
  readonly #starts: readonly number[];
  #document = 0;
  #anchors = new Map<string, Anchored | "open">();
  #aliased = 0;
  #frames: Frame[] = [];
  /** Offset behind the last thing that was read. */
  #last = 0;

  constructor(stream: {
    readonly source: string;
    readonly table: PositionTable;
    readonly mended: boolean;
    /** Whether every {@link mask} in the source is an asterisk. */
    readonly hasMasks: boolean;
    readonly booleans: YamlBooleans;
    /** Offsets in the source at which the documents begin. */
    readonly starts: readonly number[];
  }) {
    this.#source = stream.source;
    this.#table = stream.table;
    this.#mended = stream.mended;
    this.#hasMasks = stream.hasMasks;
    this.#booleans = stream.booleans;
    this.#starts = stream.starts;
  }

  /** Makes the values of documents from events. The events are taken out of the array one by one, so that their memory is free for values. */
  run(events: (Event | undefined)[], finished: (value: unknown, root: readonly number[]) => void): void {
    for (let index = 0; index < events.length; index++) {
      const event = events[index];
      if (event === undefined) continue;
      events[index] = undefined;
      switch (event.type) {
        case EVENT_ID.DOCUMENT:
          this.#anchors = new Map();
          this.#aliased = 0;
          this.#frames = [];
          this.#last = this.#starts[this.#document++] ?? this.#last;
          this.#open("document", [], undefined, this.#last, false);
          break;
        case EVENT_ID.MAPPING:
        case EVENT_ID.SEQUENCE: {
          const mapping = event.type === EVENT_ID.MAPPING;
          const bracket = this.#source[event.start];
          const flow = bracket === (mapping ? "{" : "[");
          this.#open(mapping ? "mapping" : "sequence", mapping ? {} : [], this.#name(event), event.start, flow);
          break;
        }
        case EVENT_ID.SCALAR:
          this.#scalar(event);
          break;
        case EVENT_ID.ALIAS:
          this.#alias(event);
          break;
        case EVENT_ID.POP:
          this.#close(finished);
          break;
      }
    }
  }

  #name(event: { readonly anchorStart: number; readonly anchorEnd: number }): string | undefined {
    return event.anchorStart === -1 ? undefined : this.#source.slice(event.anchorStart, event.anchorEnd);
  }

  #open(
    kind: Frame["kind"],
    value: unknown[] | Record<string, unknown>,
    anchor: string | undefined,
    start: number,
    flow: boolean,
  ): void {
    if (anchor !== undefined) this.#anchors.set(anchor, "open");
    this.#last = flow ? start + 1 : start;
    this.#frames.push({
      kind,
      value,
      members: new OpenContainer(value),
      anchor,
      start,
      flow,
      end: this.#last,
      weight: 1,
      key: undefined,
      keyStart: -1,
      keyEnd: -1,
      merging: false,
    });
  }

  #scalar(event: ScalarEvent): void {
    const value = this.#valueOf(event);
    let start = event.valueStart;
    let end = event.valueEnd;
    if (start === -1) {
      start = this.#emptyPosition();
      end = start;
    } else if (event.style === SCALAR_STYLE.DOUBLE_QUOTED || event.style === SCALAR_STYLE.SINGLE_QUOTED) {
      start--;
      end++;
    } else if (event.style !== SCALAR_STYLE.PLAIN) {
      // A block scalar begins with its header, on the line before its content, and ends with its last line.
      start = Math.max(start - 1, this.#last);
      while (end > start && isSpace(this.#source.charCodeAt(end - 1))) end--;
    }
    const anchor = this.#name(event);
    if (anchor !== undefined) this.#anchors.set(anchor, { value, block: PositionTable.scalar, weight: 1 });
    this.#last = Math.max(this.#last, end);
    const merging = event.style === SCALAR_STYLE.PLAIN && event.tagStart === -1 && value === "<<";
    this.#place(value, start, end, PositionTable.scalar, 1, merging);
  }

  /** Offset of an empty value: behind the colon of its key, or the dash of its item. */
  #emptyPosition(): number {
    const frame = this.#frames.at(-1);
    if (frame?.kind !== "mapping" || frame.key === undefined) return this.#last;
    let at = frame.keyEnd;
    while (isSpace(this.#source.charCodeAt(at))) at++;
    return this.#source[at] === ":" ? at + 1 : this.#last;
  }

  #valueOf(event: ScalarEvent): unknown {
    const read = getScalarValue(this.#source, this.#mended && event.fast ? { ...event, fast: false } : event);
    const text = this.#hasMasks ? read.replaceAll(mask, "*") : read;
    if (event.tagStart !== -1) {
      const tag = this.#source.slice(event.tagStart, event.tagEnd);
      if (tag === "!!str" || tag === "!" || tag === "!!binary") return text;
    }
    return event.style === SCALAR_STYLE.PLAIN ? plainScalar(text, this.#booleans) : text;
  }

  #alias(event: { readonly anchorStart: number; readonly anchorEnd: number }): void {
    const name = this.#source.slice(event.anchorStart, event.anchorEnd);
    const anchored = this.#anchors.get(name);
    if (anchored === undefined) throw this.#refuse(`no anchor is called ${name.slice(0, 40)}`, event.anchorStart);
    if (anchored === "open")
      throw this.#refuse(`the alias ${name.slice(0, 40)} stands inside its own value`, event.anchorStart);
    this.#aliased += anchored.weight;
    if (this.#aliased > maxAliased)
      throw new FormatError("yaml", "limit-exceeded", "aliases repeat more than a million values", {
        offset: event.anchorStart,
      });
    this.#last = Math.max(this.#last, event.anchorEnd);
    this.#place(anchored.value, event.anchorStart - 1, event.anchorEnd, anchored.block, anchored.weight, false);
  }

  #close(finished: (value: unknown, root: readonly number[]) => void): void {
    const frame = this.#frames.pop();
    if (frame === undefined) throw new TypeError("events close more than they open");
    if (frame.kind === "document") {
      const cells = frame.members.cells;
      if (cells.length === 0) finished(null, [-1, frame.start, frame.start, PositionTable.scalar]);
      else finished((frame.value as unknown[])[0], cells); // The value of a document frame is a list.
      return;
    }
    const end = frame.flow ? this.#closingBracket(frame.kind === "mapping" ? 125 : 93) : frame.end;
    this.#last = Math.max(this.#last, end);
    const block = this.#table.close(frame.members);
    if (frame.anchor !== undefined) {
      const anchored = { value: frame.value, block, weight: frame.weight };
      this.#anchors.set(frame.anchor, anchored);
    }
    this.#place(frame.value, frame.start, end, block, frame.weight, false);
  }

  /** Offset behind the bracket that ends a flow collection; blanks, commas and comments before it are skipped. */
  #closingBracket(code: number): number {
    let at = this.#last;
    while (at < this.#source.length) {
      const here = this.#source.charCodeAt(at);
      if (here === code) return at + 1;
      if (here === 35) {
        const end = this.#source.indexOf("\n", at);
        at = end === -1 ? this.#source.length : end;
      } else at++;
    }
    return at;
  }

  #place(value: unknown, start: number, end: number, block: number, weight: number, merging: boolean): void {
    const frame = this.#frames.at(-1);
    if (frame === undefined) return;
    frame.weight += weight;
    frame.end = Math.max(frame.end, this.#last);
    if (Array.isArray(frame.value)) {
      frame.value.push(value);
      frame.members.add(-1, start, end, block);
    } else if (frame.key === undefined) {
      if (typeof value === "object" && value !== null) throw this.#refuse("a mapping or list is used as a key", start);
      frame.key = keyText(value, this.#source.slice(start, end));
      frame.keyStart = start;
      frame.keyEnd = end;
      frame.merging = merging;
    } else {
      const { key, keyStart } = frame;
      frame.key = undefined;
      if (frame.merging && typeof value === "object" && value !== null) this.#merge(frame, frame.value, value, block);
      else {
        frame.members.nextKey(key);
        setOwn(frame.value, key, value);
        frame.members.add(keyStart, start, end, block);
      }
    }
  }

  /** Merges mappings as YAML 1.1 does (`<<`): a key of the mapping itself counts, else that of the earliest mapping that has it. */
  #merge(frame: Frame, target: Record<string, unknown>, source: object, block: number): void {
    const parts = Array.isArray(source) ? source : [source];
    for (const [index, part] of parts.entries()) {
      if (typeof part !== "object" || part === null || Array.isArray(part))
        throw this.#refuse("only mappings can be merged", frame.keyStart);
      const partBlock = Array.isArray(source) ? this.#table.block(this.#table.member(block, source, index)) : block;
      for (const [key, value] of Object.entries(part)) {
        this.#aliased++;
        if (this.#aliased > maxAliased)
          throw new FormatError("yaml", "limit-exceeded", "merges repeat more than a million values", {
            offset: frame.keyStart,
          });
        if (Object.hasOwn(target, key)) continue;
        const cell = this.#table.member(partBlock, part, key);
        frame.members.nextKey(key);
        setOwn(target, key, value);
        frame.members.add(
          this.#table.keyStart(cell),
          this.#table.start(cell),
          this.#table.end(cell),
          this.#table.block(cell),
        );
      }
    }
  }

  #refuse(detail: string, offset: number): FormatError {
    return new FormatError("yaml", "malformed", detail, { offset });
  }
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13;
}

/** Keys become text as Kubernetes makes them: `on` is `true`, `0x10` is `16`, a missing key is `null`. */
function keyText(value: unknown, text: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : text;
  return String(value);
}

/** `__proto__` as a key is data like any other. */
function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}
