import type { AnyConfigDocument } from "@plimsoll/configs";
import type { TextLines, TextRange } from "@plimsoll/formats";
import type { TextEdit, TextPosition } from "@plimsoll/model";

type Path = readonly (string | number)[];

/** Whether a text is a template; documents of one stream share their lines. */
const templates = new WeakMap<TextLines, boolean>();

function isTemplate({ text, lines }: AnyConfigDocument): boolean {
  const found = templates.get(lines) ?? text.split("\n").some(holdsTemplate);
  templates.set(lines, found);
  return found;
}

const known = new WeakMap<AnyConfigDocument, TextPlaces>();

/** Offsets, lines and styles of a document's text, worked out once. */
export function textPlaces(document: AnyConfigDocument): TextPlaces {
  const held = known.get(document) ?? new TextPlaces(document);
  known.set(document, held);
  return held;
}

/** A key with its colon, and the tags and anchors behind it. */
const keyAndColon = /(?:"(?:[^"\\]|\\.)*"\s*:|'(?:[^']|'')*'\s*:|[^\n]*?:(?=\s))\s*/y;
/** Comments up to the ends of their lines, and the blanks before what follows. */
const commentLines = /(?:\s+#[^\n]*(?:\n|$))+\s*/y;
const properties = /(?:[&!]\S*\s+)*/y;

/** A part of a document, found once however many changes go through it. */
interface KnownPart {
  /** Undefined: there is no such part. */
  readonly range: TextRange | undefined;
  readonly parts: Map<string | number, KnownPart>;
}

/** The places of a document's parts in its text. */
export class TextPlaces {
  /** Whether the file is a Go template, whose values are not rendered yet. */
  readonly isTemplate: boolean;
  readonly #document: AnyConfigDocument;
  readonly #lines: TextLines;
  readonly #root: KnownPart;

  constructor(document: AnyConfigDocument) {
    this.#document = document;
    this.#lines = document.lines;
    this.isTemplate = isTemplate(document);
    this.#root = { range: document.at([]), parts: new Map() };
  }

  /** The ranges of the parts that a path leads through, from the whole document on, up to the first that is not there. */
  along(path: Path): readonly TextRange[] {
    const ranges: TextRange[] = [];
    let part: KnownPart | undefined = this.#root;
    for (let length = 0; part?.range !== undefined;) {
      ranges.push(part.range);
      const step = path[length++];
      if (step === undefined) break;
      let next: KnownPart | undefined = part.parts.get(step);
      if (next === undefined) {
        next = { range: this.#document.at(path.slice(0, length)), parts: new Map() };
        part.parts.set(step, next);
      }
      part = next;
    }
    return ranges;
  }

  line(number: number): string {
    return this.#lines.line(number);
  }

  offset(position: TextPosition): number {
    return this.#lines.offsetOf(position);
  }

  position(offset: number): TextPosition {
    return this.#lines.pointAt(offset);
  }

  edit(start: number, end: number, text: string): TextEdit {
    return { path: this.#document.path, start: this.position(start), end: this.position(end), text };
  }

  /** Both ends of a part, without the line break behind it. */
  span(range: TextRange): { readonly start: number; readonly end: number } {
    const start = this.offset(range);
    let end = this.offset({ line: range.endLine, column: range.endColumn });
    while (end > start && /[\r\n]/.test(this.#document.text[end - 1] ?? "")) end -= 1;
    return { start, end };
  }

  /** Where the value of a member begins, if comments are between its key and it; both ends are the member's. */
  behindComments(start: number, end: number): number | undefined {
    const { text } = this.#document;
    keyAndColon.lastIndex = start;
    const key = keyAndColon.exec(text)?.[0].trimEnd() ?? "";
    commentLines.lastIndex = start + key.length;
    const comments = commentLines.exec(text)?.[0];
    const behind = start + key.length + (comments?.length ?? 0);
    return comments === undefined || behind >= end ? undefined : behind;
  }

  /** Whether an anchor stands before a part, in its line or at the end of the one before. */
  isAnchored({ line, column }: TextRange): boolean {
    const before = this.line(line).slice(0, column - 1);
    const nearest = before.trim() === "" ? this.line(line - 1) : before;
    return /(?:^|[\s[{,])&[^\s[\]{},]+\s*(?:#.*)?$/.test(nearest);
  }

  /** Whether a mapping is written in braces. */
  isFlow(path: Path): boolean {
    const { text } = this.#document;
    const range = this.#document.at(path);
    let at = range === undefined ? 0 : this.offset(range);
    if (typeof path.at(-1) === "string") {
      keyAndColon.lastIndex = at;
      at += keyAndColon.exec(text)?.[0].length ?? 0;
    }
    properties.lastIndex = at;
    at += properties.exec(text)?.[0].length ?? 0;
    if (path.length === 0) at = text.length - text.slice(at).replace(/^(?:\s|#[^\n]*\n|---)+/, "").length;
    return text[at] === "{" || text[at] === "[";
  }
}

/** Whether a line has `{{` and, behind it, `}}`. One look for each: a pattern looks for the end from every beginning. */
export function holdsTemplate(line: string): boolean {
  const start = line.indexOf("{{");
  return start !== -1 && line.indexOf("}}", start + 2) !== -1;
}
