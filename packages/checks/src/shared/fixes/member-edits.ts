import type { AnyConfigDocument } from "@plimsoll/configs";
import { isRecord, pathSegments } from "@plimsoll/formats";
import type { TextRange, ValuePath } from "@plimsoll/formats";
import { member } from "@plimsoll/kubernetes";
import type { TextEdit, TextPosition } from "@plimsoll/model";
import { textPlaces } from "./text-places.ts";

/**
 * The edit that gives a member a value, in the style of the text around it: a value that is there is replaced; where it is missing, the
 * innermost mapping that is there gets a new first line, or a new first member between its braces; an object of Kubernetes gets it behind
 * `metadata`. Everything else of the text stays, comments too. Undefined: the path leads through a list item or scalar that is not there.
 */
export function memberEdit(document: AnyConfigDocument, path: ValuePath, value: unknown): TextEdit | undefined {
  const steps = pathSegments(path);
  const ranges = textPlaces(document).along(steps);
  const known = Math.max(ranges.length - 1, 0);
  const missing = steps.slice(known);
  if (missing.some((step) => typeof step === "number")) return undefined;
  if (missing.length === 0) return replacement(document, steps, value);
  const parent = steps.slice(0, known);
  const container = valueAt(document, parent);
  if (container === null || container === undefined)
    return known === 0 ? undefined : replacement(document, parent, nest(missing, value));
  if (typeof container !== "object" || Array.isArray(container)) return undefined;
  const keys = Object.keys(container);
  // An empty mapping is `{}` in the text.
  if (keys.length === 0) return replacement(document, parent, nest(missing, value));
  const range = ranges[known];
  return range === undefined ? undefined : insertion(document, { steps: parent, range, keys }, missing, value);
}

/**
 * The edits that take a member away: its lines where it has them for itself, its part of the line otherwise, with the comma
 * that joins it to the others. Undefined: it is not there, or a comment stands in the way.
 * @param removed Whether another member of the same mapping is taken away, too: of neighbours between braces, the first
 *   takes the others with it.
 */
export function removalEdits(
  document: AnyConfigDocument,
  path: ValuePath,
  removed: (key: string | number) => boolean,
): readonly TextEdit[] | undefined {
  const range = document.at(path);
  if (range === undefined) return undefined;
  const steps = pathSegments(path);
  const places = textPlaces(document);
  if (places.isFlow(steps.slice(0, -1))) return flowRemoval(document, steps, removed);
  const { start, end } = places.span(range);
  const last = places.position(end);
  const before = places.line(range.line).slice(0, range.column - 1);
  const after = places
    .line(last.line)
    .slice(last.column - 1)
    .replace(/\r$/, "");
  if (!/^\s*(?:#.*)?$/.test(after)) return undefined;
  const next = places.offset({ line: last.line + 1, column: 1 });
  if (before.trim() === "") return [places.edit(start - before.length, Math.min(next, document.text.length), "")];
  // The first member of an item stands behind its dash, where the one that follows takes its place.
  const follower = places.line(last.line + 1);
  const indent = follower.length - follower.trimStart().length;
  if (!/^[\s-]*$/.test(before) || indent !== before.length || follower.trim() === "") return undefined;
  return [places.edit(start, next + indent, "")];
}

/** Takes a member and the neighbours that go with it from between braces. */
function flowRemoval(
  document: AnyConfigDocument,
  steps: readonly (string | number)[],
  removed: (key: string | number) => boolean,
): readonly TextEdit[] | undefined {
  const places = textPlaces(document);
  const parent = steps.slice(0, -1);
  const members = Object.keys(valueAt(document, parent) ?? {}).flatMap((key) => {
    const range = document.at([...parent, key]);
    return range === undefined ? [] : [{ ...places.span(range), gone: key === steps.at(-1) || removed(key), key }];
  });
  members.sort((a, b) => a.start - b.start);
  const at = members.findIndex(({ key }) => key === steps.at(-1));
  if (members[at - 1]?.gone === true) return [];
  let past = at;
  while (members[past]?.gone === true) past += 1;
  const [first, last, next, previous] = [members[at], members[past - 1], members[past], members[at - 1]];
  if (first === undefined || last === undefined) return undefined;
  const edit =
    next !== undefined
      ? { start: first.start, end: next.start }
      : { start: previous === undefined ? first.start : previous.end, end: last.end };
  return document.text.slice(edit.start, edit.end).includes("#") ? undefined : [places.edit(edit.start, edit.end, "")];
}

function valueAt(document: AnyConfigDocument, steps: readonly (string | number)[]): unknown {
  return member(document.value, ...steps);
}

function nest(steps: readonly (string | number)[], value: unknown): unknown {
  let nested = value;
  for (const step of [...steps].reverse()) nested = { [step]: nested };
  return nested;
}

/** A value that stands in the text is replaced together with its key, so that the key's own position is enough. */
function replacement(
  document: AnyConfigDocument,
  steps: readonly (string | number)[],
  value: unknown,
): TextEdit | undefined {
  const range = document.at(steps);
  const key = steps.at(-1);
  if (range === undefined || typeof key !== "string") return undefined;
  const places = textPlaces(document);
  const { start, end } = places.span(range);
  const behindComments = places.behindComments(start, end);
  if (behindComments !== undefined) return places.edit(behindComments, end, flowText(value));
  const name = document.text[start] === '"' ? JSON.stringify(key) : plainKey(key);
  return places.edit(start, end, `${name}: ${flowText(value)}`);
}

/** A mapping with members, and where it stands. */
interface FilledMapping {
  readonly steps: readonly (string | number)[];
  readonly range: TextRange;
  readonly keys: readonly string[];
}

/** Where new members of a mapping go, and how they are written there. */
interface InsertionPlace {
  readonly at: TextPosition;
  /** What stands in front of it in its line. */
  readonly before: string;
  readonly isQuoted: boolean;
  readonly isFlow: boolean;
}

/** Of mappings by their ranges: many checks have something to add to the same container. */
const insertionPlaces = new WeakMap<TextRange, { readonly place: InsertionPlace | undefined }>();

function insertionPlace(document: AnyConfigDocument, mapping: FilledMapping): InsertionPlace | undefined {
  let known = insertionPlaces.get(mapping.range);
  if (known === undefined) {
    known = { place: findInsertionPlace(document, mapping) };
    insertionPlaces.set(mapping.range, known);
  }
  return known.place;
}

function findInsertionPlace(document: AnyConfigDocument, { steps, keys }: FilledMapping): InsertionPlace | undefined {
  const places = textPlaces(document);
  const place = earliest(keys.map((key) => document.at([...steps, key])));
  if (place === undefined) return undefined;
  const line = places.line(place.line);
  return {
    at: { line: place.line, column: place.column },
    before: line.slice(0, place.column - 1),
    isQuoted: line[place.column - 1] === '"',
    isFlow: places.isFlow(steps),
  };
}

function insertion(
  document: AnyConfigDocument,
  mapping: FilledMapping,
  missing: readonly (string | number)[],
  value: unknown,
): TextEdit | undefined {
  const place = insertionPlace(document, mapping);
  if (place === undefined) return undefined;
  const { at, before } = place;
  const head = headOfObject(document, mapping, missing[0]);
  const places = textPlaces(document);
  if (head !== undefined && place.isFlow) {
    const { start, end } = places.span(head);
    const behind = places.line(places.position(start).line).slice(0, head.column - 1);
    const separator = behind.trim() === "" ? `,\n${behind}` : ", ";
    return places.edit(end, end, separator + flowMember(missing, value, place.isQuoted));
  }
  if (place.isFlow) {
    const separator = before.trim() === "" ? `,\n${before}` : ", ";
    return { path: document.path, start: at, end: at, text: flowMember(missing, value, place.isQuoted) + separator };
  }
  // Block style: the new member goes before the first one, with its indentation; a dash in front of it stays where it is.
  if (!/^[\s-]*$/.test(before)) return undefined;
  const indent = " ".repeat(withoutMark(before).length);
  // A head that does not stand where the first member does is not of this mapping's own lines (merged, or behind an anchor).
  if (head !== undefined && withoutMark(places.line(head.line).slice(0, head.column - 1)).length === indent.length) {
    const next = lineBehind(document, head);
    const text = indent + blockText(missing, value, indent);
    if (next !== undefined)
      return places.edit(next, next, document.text[next - 1] === "\n" ? `${text}\n` : `\n${text}`);
  }
  return { path: document.path, start: at, end: at, text: `${blockText(missing, value, indent)}\n${indent}` };
}

/**
 * The last of the members that an object of Kubernetes begins with, as people write them: others go behind it. Undefined where it has none of them.
 */
function headOfObject(
  document: AnyConfigDocument,
  { steps, keys }: FilledMapping,
  name: string | number | undefined,
): TextRange | undefined {
  if (!keys.includes("kind") || !keys.includes("apiVersion")) return undefined;
  const heads = ["apiVersion", "kind", ...(name === "metadata" ? [] : ["metadata"])].filter((key) =>
    keys.includes(key),
  );
  let last: TextRange | undefined;
  for (const key of heads) {
    const range = document.at([...steps, key]);
    if (range !== undefined && (last === undefined || isBefore(last, range))) last = range;
  }
  return last;
}

/** A file may begin with a byte order mark, which is no indentation. */
function withoutMark(before: string): string {
  return before.replace(/^\uFEFF/, "");
}

/** A block scalar's first line, behind which line breaks may belong to the value. */
const blockScalar = /[|>][-+\d]{0,2}[ \t]*(?:#[^\n]*)?\r?$/m;

/** Where the line behind a member begins; undefined where what stands there may still be the member's. */
function lineBehind(document: AnyConfigDocument, member: TextRange): number | undefined {
  const places = textPlaces(document);
  const { start, end } = places.span(member);
  const { line } = places.position(end);
  const next = Math.min(places.offset({ line: line + 1, column: 1 }), document.text.length);
  const mayGoOn = blockScalar.test(document.text.slice(start, end)) && places.line(line + 1).trim() === "";
  return mayGoOn ? undefined : next;
}

function flowMember(missing: readonly (string | number)[], value: unknown, isQuoted: boolean): string {
  const [name = "", ...rest] = missing;
  const key = isQuoted ? JSON.stringify(String(name)) : plainKey(String(name));
  return `${key}: ${flowText(nest(rest, value))}`;
}

function isBefore(first: TextRange, second: TextRange): boolean {
  return first.line < second.line || (first.line === second.line && first.column < second.column);
}

function earliest(ranges: readonly (TextRange | undefined)[]): TextRange | undefined {
  let first: TextRange | undefined;
  for (const range of ranges) if (range !== undefined && (first === undefined || isBefore(range, first))) first = range;
  return first;
}

/** `securityContext:` on a line of its own, with what is inside two columns further in. */
function blockText(steps: readonly (string | number)[], value: unknown, indent: string): string {
  const [first = "", ...rest] = steps;
  if (rest.length > 0) return `${plainKey(String(first))}:\n${indent}  ${blockText(rest, value, `${indent}  `)}`;
  if (isRecord(value)) {
    const members = Object.entries(value).map(([key, each]) => blockText([key], each, `${indent}  `));
    return `${plainKey(String(first))}:\n${indent}  ${members.join(`\n${indent}  `)}`;
  }
  return `${plainKey(String(first))}: ${flowText(value)}`;
}

/** Keys of the Kubernetes API need no quotes. */
function plainKey(key: string): string {
  return /^[A-Za-z][\w./-]*$/.test(key) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(key)
    ? key
    : JSON.stringify(key);
}

/** JSON is YAML; words that need no quotes lose them in lists, as people write them. */
function flowText(value: unknown): string {
  return JSON.stringify(value).replaceAll('":', '": ');
}
