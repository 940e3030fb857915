import type { AnyConfigDocument } from "@plimsoll/configs";
import type { TextRange } from "@plimsoll/formats";
import type { TextEdit, TextPosition } from "@plimsoll/model";

type Path = readonly (string | number)[];

interface SplitText {
  readonly text: string;
  readonly lines: readonly string[];
  readonly starts: readonly number[];
  readonly isTemplate: boolean;
}

/** Documents of one stream share their text, so what was split last is kept for the next. */
let latest: SplitText | undefined;

function splitText(text: string): SplitText {
  if (latest?.text === text) return latest;
  const lines = text.split("\n");
  let at = 0;
  const starts = lines.map((line) => {
    const start = at;
    at += line.length + 1;
    return start;
  });
  latest = { text, lines, starts, isTemplate: /\{\{[^\n]*\}\}/.test(text) };
  return latest;
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
const properties = /(?:[&!]\S*\s+)*/y;

/** Where things stand in one text. */
export class TextPlaces {
  /** Whether the file is a template of Go, whose values are not there yet. */
  readonly isTemplate: boolean;
  readonly #document: AnyConfigDocument;
  readonly #lines: readonly string[];
  readonly #starts: readonly number[];

  constructor(document: AnyConfigDocument) {
    this.#document = document;
    const { lines, starts, isTemplate } = splitText(document.text);
    this.#lines = lines;
    this.#starts = starts;
    this.isTemplate = isTemplate;
  }

  line(number: number): string {
    return this.#lines[number - 1] ?? "";
  }

  offset({ line, column }: TextPosition): number {
    return (this.#starts[line - 1] ?? this.#document.text.length) + column - 1;
  }

  position(offset: number): TextPosition {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
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

  /** Whether a mapping stands between braces. */
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
