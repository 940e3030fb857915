/** How values are written: as Rego terms (in messages), as JSON, and as plain JavaScript for callers. */

import { compareNumbers, numberText, RegoNumber, type NumberValue } from "./number.ts";
import { grow, growing, visit, visitText } from "./work.ts";
import { compareStrings, isArray, isObject, objectGet, objectKeys, RegoSet, type Value } from "./value.ts";

const shortEscapes: Readonly<Record<string, string>> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  '"': '\\"',
  "\\": "\\\\",
};

export const printable: RegExp = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** A string in double quotes as Go's `strconv.Quote` writes it; with `ascii`, `strconv.QuoteToASCII`. */
export function goQuoted(text: string, ascii = false): string {
  if (/^[\u0020\u0021\u0023-\u005b\u005d-\u007e]*$/.test(text)) return `"${text}"`;
  let quoted = "";
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const short = Object.hasOwn(shortEscapes, character) ? shortEscapes[character] : undefined;
    if (short !== undefined) quoted += short;
    else if (code >= 0x20 && code < 0x7f) quoted += character;
    else if (code < 0x20 || code === 0x7f) quoted += `\\x${code.toString(16).padStart(2, "0")}`;
    else if (!ascii && printable.test(character)) quoted += character;
    else if (code > 0xffff) quoted += `\\U${code.toString(16).padStart(8, "0")}`;
    else quoted += `\\u${code.toString(16).padStart(4, "0")}`;
  }
  return `"${quoted}"`;
}

/** A string as Go's `encoding/json` writes it, where asked for with `<`, `>` and `&` escaped. */
export function goQuote(text: string, escapeHtml = true): string {
  const quoted = JSON.stringify(text).replace(/[\u2028\u2029]/g, (ch) => `\\u${ch.charCodeAt(0).toString(16)}`);
  if (!escapeHtml) return quoted;
  return quoted.replace(/[<>&]/g, (ch) => `\\u${ch.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** A value as a Rego term: `{1, 2}` is a set, `set()` the empty one. */
export function termText(value: Value): string {
  return growing(() => writeTerm(value));
}

function writeTerm(value: Value): string {
  if (typeof value !== "object" || value === null || value instanceof RegoNumber) return sized(scalarTerm(value));
  if (isArray(value)) {
    made(value.length);
    return `[${value.map(writeTerm).join(", ")}]`;
  }
  if (value instanceof RegoSet) {
    made(value.size);
    return value.size === 0 ? "set()" : `{${value.sorted().map(writeTerm).join(", ")}}`;
  }
  if (!isObject(value)) throw new TypeError("no value of Rego");
  const keys = objectKeys(value);
  made(keys.length);
  const entries = keys.map((key) => `${writeTerm(key)}: ${writeTerm(objectGet(value, key) as Value)}`); // as: each key has a value
  return `{${entries.join(", ")}}`;
}

function scalarTerm(value: null | boolean | string | NumberValue): string {
  if (value === null) return "null";
  if (typeof value === "string") return goQuoted(value);
  return typeof value === "boolean" ? String(value) : numberText(value);
}

/** Accounts for the text of a scalar. */
function sized(text: string): string {
  visitText(text.length);
  grow(text.length);
  return text;
}

/** Accounts for brackets and separators around so many members. */
function made(members: number): void {
  visit(1 + members);
  grow(2 + 2 * members);
}

/** How JSON text is laid out. */
export interface JsonLayout {
  readonly indent?: string;
  readonly prefix?: string;
  readonly escapeHtml?: boolean;
}

/** JSON text of a value: sets become sorted arrays, keys that are no strings the JSON text of the key. */
export function jsonText(value: Value, layout: JsonLayout = {}): string {
  return growing(() => write(value, layout, ""));
}

function write(value: Value, layout: JsonLayout, outer: string): string {
  if (typeof value !== "object" || value === null || value instanceof RegoNumber)
    return sized(scalarJson(value, layout));
  const inner = layout.indent === undefined ? "" : outer + layout.indent;
  const before = layout.indent === undefined ? "" : `\n${layout.prefix ?? ""}${inner}`;
  const after = layout.indent === undefined ? "" : `\n${layout.prefix ?? ""}${outer}`;
  if (isArray(value) || value instanceof RegoSet) {
    const items = isArray(value) ? value : value.sorted();
    made(items.length);
    grow(items.length * before.length + after.length);
    if (items.length === 0) return "[]";
    return `[${items.map((item) => before + write(item, layout, inner)).join(",")}${after}]`;
  }
  if (!isObject(value)) throw new TypeError("no value of Rego");
  const entries = objectKeys(value).map((key): [string, Value] => [
    sized(keyText(key)),
    objectGet(value, key) as Value, // as: each key has a value
  ]);
  made(2 * entries.length);
  grow(entries.length * before.length + after.length);
  if (entries.length === 0) return "{}";
  entries.sort(([left], [right]) => compareStrings(left, right));
  const colon = layout.indent === undefined ? ":" : ": ";
  const lines = entries.map(
    ([key, item]) => `${before}${goQuote(key, layout.escapeHtml ?? true)}${colon}${write(item, layout, inner)}`,
  );
  return `{${lines.join(",")}${after}}`;
}

function scalarJson(value: null | boolean | string | NumberValue, layout: JsonLayout): string {
  if (value === null) return "null";
  if (typeof value === "string") return goQuote(value, layout.escapeHtml ?? true);
  return typeof value === "boolean" ? String(value) : numberText(value);
}

/** The text of an object's key in JSON. */
export function keyText(key: Value): string {
  return typeof key === "string" ? key : jsonText(key);
}

/** A value of Rego as callers get it: plain arrays and objects; numbers that JavaScript cannot hold stay `RegoNumber`. */
export function toPlain(value: Value): unknown {
  return growing(() => copyPlain(value));
}

/** Roughly what a place in an array or an object takes. */
const bytesOfPlace = 8;

function copyPlain(value: Value): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof RegoNumber) return plainNumber(value);
  if (isArray(value) || value instanceof RegoSet) {
    const items = isArray(value) ? value : value.sorted();
    visit(1 + items.length);
    grow(bytesOfPlace * (2 + items.length));
    return items.map(copyPlain);
  }
  const object: Record<string, unknown> = {};
  if (!isObject(value)) throw new TypeError("no value of Rego");
  const keys = objectKeys(value);
  visit(1 + keys.length);
  grow(bytesOfPlace * (2 + keys.length));
  for (const key of keys) {
    const name = keyText(key);
    const member = copyPlain(objectGet(value, key) as Value); // as: each key has a value
    if (name !== "__proto__") object[name] = member;
    else Object.defineProperty(object, name, { value: member, writable: true, enumerable: true, configurable: true });
  }
  return object;
}

function plainNumber(value: RegoNumber): number | RegoNumber {
  const plain = Number(value.text);
  if (!Number.isFinite(plain)) return value;
  return equalDecimal(plain, value) ? plain : value;
}

function equalDecimal(plain: number, value: RegoNumber): boolean {
  return compareNumbers(plain, value) === 0;
}
