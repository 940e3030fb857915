import { formatYaml, parseYamlDocuments, TextLines } from "@plimsoll/formats";
import type { LocatedDocument } from "@plimsoll/formats";
import { asObject } from "@plimsoll/kubernetes";
import type { JsonObject } from "@plimsoll/kubernetes";
import { isSameItem, isSameValue } from "./list-items.ts";

type Path = readonly (string | number)[];

/** A part of the text that becomes another text; both ends are the same where it is new. */
interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Writes a changed document into the text of the original: what did not change stays as it is, byte for byte, with comments, order and
 * quotes. Members and items that are gone are removed with their comments, new ones come last. Items of lists are matched by the keys
 * that the Kubernetes API uses: containers by name, ports by number. Where no item was added or removed, they keep the order of the text.
 * @param original One YAML document, a mapping.
 * @param changed The same document as it should be, YAML too; its own comments and order do not matter.
 * @throws {TypeError} where one of both is no single mapping, and where the text cannot be changed without changing something else,
 * such as values that an alias shares.
 */
export function mergeManifest(original: string, changed: string): string {
  const document = onlyMapping("the original", original);
  const { value } = onlyMapping("the changed document", changed);
  const merging = new Merging(document);
  const expected = merging.merge([], document.value, value, "");
  const text = merging.text();
  const { documents, problems } = parseYamlDocuments(text);
  // Whatever the style of the text was: what is written says what it should, or nothing is written.
  if (problems.length > 0 || documents.length !== 1 || !isSameValue(documents[0]?.value, expected))
    throw new TypeError("the text cannot be changed without changing what stands around it");
  return text;
}

function onlyMapping(what: string, text: string): LocatedDocument {
  const { documents, problems } = parseYamlDocuments(text);
  const [problem] = problems;
  if (problem !== undefined) throw new TypeError(`${what}: line ${problem.line}: ${problem.message}`);
  const [document] = documents;
  if (document === undefined || documents.length > 1 || asObject(document.value) === undefined)
    throw new TypeError(`${what} is no single mapping`);
  return document;
}

/** Collects what has to be replaced in the text. */
class Merging {
  readonly #document: LocatedDocument;
  readonly #text: string;
  readonly #lines: TextLines;
  readonly #lineBreak: string;
  readonly #replacements: Replacement[] = [];

  constructor(document: LocatedDocument) {
    this.#document = document;
    this.#text = document.text;
    this.#lines = document.lines;
    this.#lineBreak = document.text.includes("\r\n") ? "\r\n" : "\n";
  }

  /** The whole text with everything replaced. */
  text(): string {
    const parts: string[] = [];
    let at = 0;
    for (const { start, end, text } of [...this.#replacements].sort((a, b) => a.start - b.start || a.end - b.end)) {
      if (start < at) throw new TypeError("the text cannot be changed without changing what stands around it");
      parts.push(this.#text.slice(at, start), text.replaceAll(/\r?\n/g, this.#lineBreak));
      at = end;
    }
    return parts.join("") + this.#text.slice(at);
  }

  /**
   * Plans what makes the part at a path say what it should.
   * @param list The key that the value stands behind.
   * @returns The value that will be there: `wanted` in the order of the text.
   */
  merge(path: Path, value: unknown, wanted: unknown, list: string): unknown {
    const [map, wantedMap] = [asObject(value), asObject(wanted)];
    if (map !== undefined && wantedMap !== undefined) return this.#mergeMapping(path, map, wantedMap);
    if (Array.isArray(value) && Array.isArray(wanted)) return this.#mergeList(path, value, wanted, list);
    if (!isSameValue(value, wanted)) this.#replaceValue(path, wanted);
    return wanted;
  }

  #mergeMapping(path: Path, value: JsonObject, wanted: JsonObject): unknown {
    const keys = Object.keys(value);
    const kept = keys.filter((key) => Object.hasOwn(wanted, key));
    const added = Object.keys(wanted).filter((key) => !Object.hasOwn(value, key));
    if (kept.length === 0 && keys.length + added.length > 0 && (path.length > 0 || this.#isFlow(path))) {
      this.#replaceValue(path, wanted);
      return wanted;
    }
    const merged = kept.map((key) => [key, this.merge([...path, key], value[key], wanted[key], key)] as const);
    const news = added.map((key) => [key, wanted[key]] as const);
    const members = keys.map((key): Member => ({ path: [...path, key], gone: !Object.hasOwn(wanted, key) }));
    if (this.#isFlow(path))
      this.#changeFlow(
        members,
        news.map(([key, each]) => `${scalar(key)}: ${flow(each)}`),
      );
    else {
      this.#removeLines(members);
      this.#append(
        members,
        news.map(([key, each]) => block(key, each)),
      );
    }
    return Object.fromEntries([...merged, ...news]);
  }

  #mergeList(path: Path, value: readonly unknown[], wanted: readonly unknown[], list: string): unknown {
    const taken = new Set<number>();
    const partners = value.map((item) => {
      const partner = wanted.findIndex((other, at) => !taken.has(at) && isSameItem(list, item, other));
      if (partner !== -1) taken.add(partner);
      return partner;
    });
    const news = wanted.filter((_, at) => !taken.has(at));
    if (taken.size === 0 && value.length + news.length > 0) {
      if (!isSameValue(value, wanted)) this.#replaceValue(path, wanted);
      return wanted;
    }
    const members = partners.map((partner, at): Member => ({ path: [...path, at], gone: partner === -1 }));
    const merged = partners.flatMap((partner, at) =>
      partner === -1 ? [] : [this.merge([...path, at], value[at], wanted[partner], "")],
    );
    if (this.#isFlow(path)) this.#changeFlow(members, news.map(flow));
    else {
      this.#removeLines(members);
      this.#append(members, news.map(item));
    }
    return [...merged, ...news];
  }

  #span(path: Path): { readonly keyStart: number | undefined; readonly start: number; readonly end: number } {
    const span = this.#document.spanOf(path);
    if (span === undefined) throw new TypeError(`${path.join(".")} stands nowhere in the text`);
    // A block scalar begins with its header: `|`, `>-`.
    const { line, column } = this.#lines.pointAt(span.start);
    const head = /[|>][-+\d]*\s*(?:#.*)?$/.exec(this.#lines.line(line).slice(0, column - 1));
    const isBlock = head !== null && /^\r?\n/.test(this.#text.slice(span.start, span.start + 2));
    const start = isBlock ? span.start - head[0].length : span.start;
    return { keyStart: span.keyStart, start, end: span.end };
  }

  #isFlow(path: Path): boolean {
    const first = this.#text[this.#span(path).start];
    return first === "{" || first === "[";
  }

  /** Another value in the place of one that is there. */
  #replaceValue(path: Path, wanted: unknown): void {
    const { keyStart, start, end } = this.#span(path);
    if (path.length === 0 || this.#isInFlow(path)) {
      this.#replacements.push({ start, end, text: `${start === end ? " " : ""}${flow(wanted)}` });
      return;
    }
    const { column } = this.#lines.pointAt(keyStart ?? start);
    const indent = " ".repeat(keyStart === undefined ? column - 1 : column + 1);
    const text = isFilled(wanted) ? indented(formatYaml(wanted), indent) : plain(wanted);
    const behindKey = keyStart === undefined ? start : this.#behindColon(keyStart, start);
    const between = this.#text.slice(behindKey, start);
    if (keyStart === undefined) this.#replacements.push({ start, end, text });
    else if (isFilled(wanted)) {
      // Comments between key and value stay where they are.
      const breaks = between.includes("\n");
      this.#replacements.push({
        start,
        end,
        text: breaks ? text.replace(/^/, this.#missingIndent(start, indent)) : `\n${indent}${text}`,
      });
    } else if (between.includes("\n") && !between.includes("#"))
      this.#replacements.push({ start: behindKey, end, text: ` ${text}` });
    else
      this.#replacements.push({
        start,
        end,
        text: start === behindKey ? ` ${text}` : this.#missingIndent(start, indent) + text,
      });
  }

  /** What a value on a line of its own lacks of an indentation. */
  #missingIndent(start: number, indent: string): string {
    const { column, line } = this.#lines.pointAt(start);
    return this.#lines
      .line(line)
      .slice(0, column - 1)
      .trim() === ""
      ? indent.slice(column - 1)
      : "";
  }

  #isInFlow(path: Path): boolean {
    for (let length = path.length - 1; length >= 0; length--) if (this.#isFlow(path.slice(0, length))) return true;
    return false;
  }

  /** Behind the colon of a key. */
  #behindColon(keyStart: number, valueStart: number): number {
    const quote = this.#text[keyStart];
    let at = keyStart;
    if (quote === '"' || quote === "'") {
      at = this.#text.indexOf(quote, keyStart + 1);
      while (this.#text[at - 1] === "\\" && quote === '"') at = this.#text.indexOf(quote, at + 1);
    }
    const colon = this.#text.indexOf(":", at);
    return colon === -1 || colon >= valueStart ? valueStart : colon + 1;
  }

  /** Takes members or items out that have lines of their own, with the comments above and beside them. */
  #removeLines(members: readonly Member[]): void {
    if (members.every(({ gone }) => !gone)) return;
    const places = members.map(({ path }) => this.#block(path));
    for (const [at, { gone }] of members.entries()) {
      const place = places[at];
      if (!gone || place === undefined) continue;
      const next = places[at + 1];
      // The first member of an item shares its line with the dash, which the next one takes over.
      if (place.shares && next !== undefined) this.#replacements.push({ start: place.at, end: next.at, text: "" });
      else if (place.shares) throw new TypeError("the text cannot be changed without changing what stands around it");
      else this.#replacements.push({ start: place.start, end: place.end, text: "" });
    }
  }

  /** The lines of a member or an item, with the comments right above it. */
  #block(path: Path): {
    readonly start: number;
    readonly at: number;
    readonly end: number;
    readonly shares: boolean;
    readonly indent: string;
  } {
    const { keyStart, start, end } = this.#span(path);
    let at = keyStart ?? start;
    if (keyStart === undefined) at = this.#dashBefore(start);
    const { line, column } = this.#lines.pointAt(at);
    const before = this.#lines.line(line).slice(0, column - 1);
    let first = line;
    while (first > 1 && isCommentOf(this.#lines.line(first - 1), column)) first--;
    const last = this.#lines.lineAt(Math.max(at, end));
    const from = this.#lines.offsetOf({ line: first, column: 1 });
    const to = this.#lines.offsetOf({ line: last + 1, column: 1 });
    return { start: from, at, end: Math.max(to, end), shares: before.trim() !== "", indent: " ".repeat(column - 1) };
  }

  /** The dash of an item, over comments and properties that stand between. */
  #dashBefore(start: number): number {
    let { line, column } = this.#lines.pointAt(start);
    for (;;) {
      const text = this.#lines
        .line(line)
        .slice(0, column - 1)
        .replace(/(?:^|\s)#.*$/, "");
      const dash = /-(?:\s+[&!]\S+)*\s*$/.exec(text);
      if (dash !== null) return this.#lines.offsetOf({ line, column: dash.index + 1 });
      if (text.trim() !== "" || line === 1)
        throw new TypeError("the text cannot be changed without changing what stands around it");
      line--;
      column = this.#lines.line(line).length + 1;
    }
  }

  /** New members or items, behind the last one that is there. */
  #append(members: readonly Member[], texts: readonly string[]): void {
    const last = members.at(-1);
    if (texts.length === 0) return;
    if (last === undefined) {
      this.#replacements.push({ start: this.#text.length, end: this.#text.length, text: texts.join("") });
      return;
    }
    const { end } = this.#block(last.path);
    const { indent } = this.#block(last.path);
    const lines = texts.map((text) => `${indent}${indented(text, indent)}\n`).join("");
    const atBreak = end === 0 || this.#text[end - 1] === "\n";
    this.#replacements.push({ start: end, end, text: atBreak ? lines : `\n${lines.slice(0, -1)}` });
  }

  /** Members between braces or items between brackets. */
  #changeFlow(members: readonly Member[], texts: readonly string[]): void {
    if (texts.length === 0 && members.every(({ gone }) => !gone)) return;
    const spans = members.map(({ path, gone }) => {
      const { keyStart, start, end } = this.#span(path);
      return { start: keyStart ?? start, end, gone };
    });
    const left = spans.filter(({ gone }) => !gone);
    const [first, last] = [left[0], left.at(-1)];
    if (first === undefined || last === undefined) throw new TypeError("nothing is left between the brackets");
    for (const [at, { start, gone }] of spans.entries()) {
      if (!gone) continue;
      const next = spans[at + 1];
      if (start < first.start && next !== undefined) this.#cut(start, next.start);
      else this.#cut(spans[at - 1]?.end ?? start, spans[at]?.end ?? start);
    }
    if (texts.length > 0) this.#replacements.push({ start: last.end, end: last.end, text: `, ${texts.join(", ")}` });
  }

  #cut(start: number, end: number): void {
    if (this.#text.slice(start, end).replaceAll(quoted, "").includes("#"))
      throw new TypeError("the text cannot be changed without changing what stands around it");
    this.#replacements.push({ start, end, text: "" });
  }
}

const quoted = /"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/g;

interface Member {
  readonly path: Path;
  readonly gone: boolean;
}

/** Whether a line holds nothing but a comment that belongs to what begins in a column of the next line. */
function isCommentOf(line: string, column: number): boolean {
  return line.trimStart().startsWith("#") && line.length - line.trimStart().length === column - 1;
}

function isFilled(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

/** A scalar as people write it, and in quotes where it would be read as something else. */
function scalar(value: unknown): string {
  const text = typeof value === "string" ? formatYaml(value).replace(/\n$/, "") : JSON.stringify(value);
  const read = parseYamlDocuments(`- ${text}\n`).documents[0]?.value;
  return !text.includes("\n") && isSameValue(read, [value]) ? text : JSON.stringify(value);
}

/** What has no members, on a line of its own. */
function plain(value: unknown): string {
  return typeof value === "object" ? flow(value) : scalar(value);
}

/** A value on one line. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  const map = asObject(value);
  if (map === undefined)
    return typeof value === "string" && !/^[\w./-]+$/.test(value) ? JSON.stringify(value) : scalar(value);
  return `{${Object.entries(map)
    .map(([key, each]) => `${scalar(key)}: ${flow(each)}`)
    .join(", ")}}`;
}

/** A member on lines of its own. */
function block(key: string, value: unknown): string {
  return isFilled(value)
    ? `${scalar(key)}:\n  ${indented(formatYaml(value), "  ")}`
    : `${scalar(key)}: ${plain(value)}`;
}

/** An item on lines of its own. */
function item(value: unknown): string {
  return `- ${isFilled(value) ? indented(formatYaml(value), "  ") : plain(value)}`;
}

/** All lines but the first further in. */
function indented(text: string, indent: string): string {
  return text.replace(/\n$/, "").replaceAll(/\n(?=[^\n])/g, `\n${indent}`);
}
