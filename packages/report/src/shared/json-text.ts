import { isRecord } from "@plimsoll/formats";
/** Characters that JSON allows in strings but that act on a terminal, turn text around, or begin a command in the log of a build. */
const acting = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|#(?=#(?:\[|vso\[))/gi;

/**
 * JSON, indented by `indent` spaces and each further line by `margin`. Characters that act on terminals are written
 * as escapes, which mean the same to every JSON reader (RFC 8259 §7).
 */
export function jsonText(value: unknown, indent = 2, margin = ""): string {
  const text = JSON.stringify(value, undefined, indent) ?? "null";
  const safe = text.replace(acting, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return margin === "" ? safe : safe.replaceAll("\n", `\n${margin}`);
}

/**
 * One JSON object in pieces: long lists in it, and objects with many members, are written one by one, so that a large document is never one
 * string.
 * @param shown What is written of a member, or of each element of one that is a list.
 */
export function* streamObject(
  object: Readonly<Record<string, unknown>>,
  shown: (value: unknown, name: string) => unknown = (value) => value,
): Iterable<string> {
  let separator = "{";
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue;
    yield `${separator}\n  ${jsonText(key)}: `;
    separator = ",";
    if (Array.isArray(value) && value.length > 0)
      yield* streamList(value, "  ", mostDepth - 2, (element) => shown(element, key));
    else yield* streamValue("", shown(value, key), "  ", mostDepth);
  }
  yield separator === "{" ? "{}\n" : "\n}\n";
}

/** A list or object with more than so many members is written one by one, when it is no deeper than this in a member. */
const mostMembers = 32;
const mostDepth = 4;

function isLong(value: unknown, depth: number): boolean {
  if (Array.isArray(value))
    return value.length > mostMembers || (depth > 1 && value.some((element) => isLong(element, depth - 1)));
  if (depth === 0 || !isRecord(value)) return false;
  let members = 0;
  for (const key in value) {
    const member = value[key];
    if (++members > mostMembers || (depth > 1 && typeof member === "object" && isLong(member, depth - 1))) return true;
  }
  return false;
}

/** A value behind what is written before it. */
function* streamValue(before: string, value: unknown, margin: string, depth: number): Iterable<string> {
  if (!isLong(value, depth)) yield before + jsonText(value, 2, margin);
  else if (Array.isArray(value)) {
    if (before !== "") yield before;
    yield* streamList(value, margin, depth - 1, (element) => element);
  } else if (isRecord(value)) {
    let separator = `${before}{`;
    for (const [key, member] of Object.entries(value)) {
      if (member === undefined) continue;
      yield* streamValue(`${separator}\n${margin}  ${jsonText(key)}: `, member, `${margin}  `, depth - 1);
      separator = ",";
    }
    yield separator === "," ? `\n${margin}}` : `${separator}}`;
  }
}

function* streamList(
  elements: readonly unknown[],
  margin: string,
  depth: number,
  shown: (element: unknown) => unknown,
): Iterable<string> {
  let separator = "[";
  for (const element of elements) {
    yield* streamValue(`${separator}\n${margin}  `, shown(element), `${margin}  `, depth);
    separator = ",";
  }
  yield `\n${margin}]`;
}

/** JSON with sorted keys and no white space: equal data, equal text. */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (isRecord(part) ? sortedRecord(part) : part));
}

function sortedRecord(part: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** So many elements of a list are written at once. */
const elementsPerPart = 16;

/** The same text of a list in parts: lists within its elements, such as those of a report, in several. */
export function* stableJsonSteps(list: readonly unknown[]): Iterable<string> {
  let separator = "[";
  for (const element of list) {
    yield separator;
    separator = ",";
    yield* isRecord(element) ? recordParts(element) : [stableJson([element]).slice(1, -1)];
  }
  yield separator === "[" ? "[]" : "]";
}

function* recordParts(record: Readonly<Record<string, unknown>>): Iterable<string> {
  let separator = "{";
  for (const [key, value] of Object.entries(sortedRecord(record))) {
    const isLong = Array.isArray(value) && value.length > elementsPerPart;
    const text = isLong ? "" : stableJson({ [key]: value }).slice(1, -1);
    if (text === "" && !isLong) continue;
    yield separator + text;
    separator = ",";
    if (isLong) yield* listParts(key, value);
  }
  yield separator === "{" ? "{}" : "}";
}

function* listParts(key: string, elements: readonly unknown[]): Iterable<string> {
  let separator = `${JSON.stringify(key)}:[`;
  for (let at = 0; at < elements.length; at += elementsPerPart) {
    yield separator + stableJson(elements.slice(at, at + elementsPerPart)).slice(1, -1);
    separator = ",";
  }
  yield "]";
}
