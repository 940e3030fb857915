/** Encodings: JSON, YAML, base64, hexadecimal, URLs. */

import { CORE_SCHEMA, dump, load, YAMLException } from "js-yaml";
import { numberFromText, RegoNumber } from "../values/number.ts";
import { jsonText, keyText } from "../values/text.ts";
import {
  isArray,
  objectEntries,
  objectGet,
  objectKeys,
  RegoObject,
  RegoSet,
  typeName,
  type Value,
} from "../values/value.ts";
import { grow, growing, visit } from "../values/work.ts";
import { builtin, BuiltinError, operandError, operandMessage, type Builtin, type BuiltinContext } from "./builtin.ts";
import { fromBase64, textOfBytes, toBase64, utf8 } from "./bytes.ts";
import { readJson } from "./json-reader.ts";
import { objectAt, stringAt, valueAt } from "./operands.ts";

const oneText = "(string) => string";
const isText = "(string) => boolean";

function succeeds(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch (error) {
    if (!(error instanceof BuiltinError)) throw error;
    return false;
  }
}

function charged(text: string, context: BuiltinContext): string {
  context.charge(text.length);
  return text;
}

const layoutKeys = ["indent", "prefix", "pretty"];

function marshalWithOptions(args: readonly Value[], context: BuiltinContext): string {
  const options = objectAt(args, 1);
  const read = (name: string, fallback: string): string => {
    const value = objectGet(options, name);
    if (value === undefined) return fallback;
    if (typeof value !== "string") throw operandMessage(2, `key "${name}" of ${typeName(value)}`, "string");
    return value;
  };
  for (const key of objectKeys(options)) {
    if (typeof key !== "string" || !layoutKeys.includes(key)) {
      throw new BuiltinError(`object contained unknown key ${jsonText(key)}`, "eval_type_error");
    }
  }
  const asked = objectGet(options, "pretty");
  if (asked !== undefined && typeof asked !== "boolean")
    throw operandMessage(2, `key "pretty" of ${typeName(asked)}`, "boolean");
  const pretty = asked ?? (objectGet(options, "indent") !== undefined || objectGet(options, "prefix") !== undefined);
  const value = valueAt(args, 0);
  if (!pretty) return charged(jsonText(value), context);
  const prefix = read("prefix", "");
  return charged(prefix + jsonText(value, { indent: read("indent", "\t"), prefix }), context);
}

/** YAML as a value; documents after the first are left out. */
function readYaml(text: string, context: BuiltinContext): Value {
  context.step(1 + (text.length >> 3));
  const first = firstDocument(text);
  if (first.replace(/^[^\S\n]*#.*$/gm, "").trim() === "") return null;
  try {
    return fromYaml(load(first, { schema: CORE_SCHEMA }), context, 0);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw new BuiltinError(yamlMessage(error));
  }
}

/** The first document of a stream with the comments and directives before it, so that lines keep their numbers. */
function firstDocument(text: string): string {
  for (const { index, 0: mark } of text.matchAll(/^(?:---|\.\.\.)(?!\S)/gm))
    if (mark === "..." || !isPreamble(text.slice(0, index))) return text.slice(0, index);
  return text;
}

/** Whether a text that a document marker follows has nothing but comments and directives. */
function isPreamble(text: string): boolean {
  return text.split("\n").every((line) => /^(?:%.*|\s*(?:#.*)?)$/.test(line));
}

function yamlMessage(error: YAMLException): string {
  const line = (error as { mark?: { line?: number } }).mark?.line ?? 0; // as: js-yaml's types leave out what it sets
  const reason = /unexpected end|flow collection/.test(error.message)
    ? "did not find expected node content"
    : error.message.split("\n", 1)[0];
  return `yaml: line ${Math.max(1, line)}: ${reason}`;
}

const deepestYaml = 1000;
/** Roughly what a value of a document takes. */
const bytesOfNode = 32;

function fromYaml(value: unknown, context: BuiltinContext, depth: number): Value {
  context.step();
  // What an alias stands for is made again wherever it stands.
  context.charge(bytesOfNode);
  if (depth > deepestYaml) throw new BuiltinError("yaml: exceeded max depth");
  if (value === undefined || value === null) return null;
  if (typeof value === "bigint") return numberFromText(value.toString());
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new BuiltinError("json: unsupported value");
    return Object.is(value, -0) ? 0 : value;
  }
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map((item) => fromYaml(item, context, depth + 1));
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "object") {
    const object = new RegoObject();
    for (const [key, item] of Object.entries(value)) object.set(key, fromYaml(item, context, depth + 1));
    return object;
  }
  throw new BuiltinError("yaml: unsupported value");
}

function toYaml(value: Value): unknown {
  if (value instanceof RegoNumber) return Number(value.text);
  if (value === null || typeof value !== "object") return value;
  if (isArray(value) || value instanceof RegoSet) {
    const items = isArray(value) ? value : value.sorted();
    visit(1 + items.length);
    grow(bytesOfNode * (1 + items.length));
    return items.map(toYaml);
  }
  const plain: Record<string, unknown> = Object.create(null) as Record<string, unknown>; // as: an object of no class
  const members = objectEntries(value).map(([key, member]) => [keyText(key), member] as const);
  visit(1 + members.length);
  grow(bytesOfNode * (1 + members.length));
  for (const [name, member] of members.sort(([a], [b]) => (a < b ? -1 : 1))) plain[name] = toYaml(member);
  return plain;
}

function yamlText(value: Value, context: BuiltinContext): string {
  const plain = growing(() => toYaml(value));
  // Writing is about as much work as JSON is, indented: a value that is too large is seen before.
  context.step(1 + (jsonText(value, { indent: "  " }).length >> 4));
  return dump(plain, { lineWidth: -1, noRefs: true, sortKeys: false });
}

/** Go quotes texts that would read as something else in double quotes. */
function goYaml(text: string): string {
  return text.replace(/^(\s*(?:- )*(?:[^\s'"#&*!|>%@`][^:'"]*: )?)'([A-Za-z0-9.+-]*)'$/gm, '$1"$2"');
}

function hexDecode(text: string): string {
  const [bad] = /[^0-9a-fA-F]/u.exec(text) ?? [];
  if (bad !== undefined) {
    const code = bad.codePointAt(0)?.toString(16) ?? "";
    throw new BuiltinError(`encoding/hex: invalid byte: U+${code.toUpperCase().padStart(4, "0")} '${bad}'`);
  }
  if (text.length % 2 === 1) throw new BuiltinError("encoding/hex: odd length hex string");
  return textOfBytes(Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16)));
}

/** Query escaping as Go's `url.QueryEscape`. */
function queryEscape(text: string): string {
  let escaped = "";
  for (const byte of utf8(text)) {
    const character = String.fromCharCode(byte);
    if (/[A-Za-z0-9\-_.~]/.test(character)) escaped += character;
    else if (character === " ") escaped += "+";
    else escaped += `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return escaped;
}

function queryUnescape(text: string): string {
  const bytes: number[] = [];
  for (const part of text.match(/%[0-9a-fA-F]{2}|%.{0,2}|[^%]+/gsu) ?? []) {
    if (!part.startsWith("%")) bytes.push(...utf8(part.replaceAll("+", " ")));
    else if (/^%[0-9a-fA-F]{2}$/.test(part)) bytes.push(parseInt(part.slice(1), 16));
    else throw new BuiltinError(`invalid URL escape "${part}"`);
  }
  return textOfBytes(Uint8Array.from(bytes));
}

function encodeObject(args: readonly Value[], context: BuiltinContext): string {
  const source = objectAt(args, 0);
  const pairs: string[] = [];
  for (const [key, value] of objectEntries(source)) {
    if (typeof key !== "string") throw operandMessage(1, `object with ${typeName(key)} keys`, "string");
    const items =
      typeof value === "string"
        ? [value]
        : isArray(value)
          ? value
          : value instanceof RegoSet
            ? value.sorted()
            : undefined;
    if (items === undefined) throw operandError(1, value, "string", "array", "set");
    for (const item of items) {
      if (typeof item !== "string") throw operandError(1, item, "string");
      pairs.push(`${queryEscape(key)}=${queryEscape(item)}`);
    }
  }
  return charged(pairs.join("&"), context);
}

function decodeObject(text: string): Value {
  const found = new Map<string, readonly string[]>();
  for (const pair of text.split("&")) {
    if (pair.includes(";")) throw new BuiltinError("invalid semicolon separator in query");
    if (pair === "") continue;
    const at = pair.indexOf("=");
    const key = queryUnescape(at < 0 ? pair : pair.slice(0, at));
    const value = at < 0 ? "" : queryUnescape(pair.slice(at + 1));
    found.set(key, [...(found.get(key) ?? []), value]);
  }
  return RegoObject.of(found);
}

export const encodingBuiltins: readonly Builtin[] = [
  builtin("json.marshal", "(any) => string", (args, context) => charged(jsonText(valueAt(args, 0)), context)),
  builtin(
    "json.marshal_with_options",
    '(any, object<"indent": string, "prefix": string, "pretty": boolean>[string: any]) => string',
    marshalWithOptions,
  ),
  builtin("json.unmarshal", "(string) => any", (args, context) => {
    const text = stringAt(args, 0);
    context.charge(text.length * 2);
    return readJson(text);
  }),
  builtin("json.is_valid", isText, ([text]) => typeof text === "string" && succeeds(() => readJson(text))),
  builtin("yaml.marshal", "(any) => string", (args, context) =>
    charged(goYaml(yamlText(valueAt(args, 0), context)), context),
  ),
  builtin("yaml.unmarshal", "(string) => any", (args, context) => readYaml(stringAt(args, 0), context)),
  builtin(
    "yaml.is_valid",
    isText,
    ([text], context) => typeof text === "string" && succeeds(() => readYaml(text, context)),
  ),
  builtin("base64.encode", oneText, (args, context) => charged(toBase64(utf8(stringAt(args, 0))), context)),
  builtin("base64.decode", oneText, (args) => textOfBytes(fromBase64(stringAt(args, 0)))),
  builtin("base64.is_valid", isText, ([text]) => typeof text === "string" && succeeds(() => fromBase64(text))),
  builtin("base64url.encode", oneText, (args, context) => charged(toBase64(utf8(stringAt(args, 0)), true), context)),
  builtin("base64url.encode_no_pad", oneText, (args, context) =>
    charged(toBase64(utf8(stringAt(args, 0)), true, false), context),
  ),
  builtin("base64url.decode", oneText, (args) => {
    const text = stringAt(args, 0);
    return textOfBytes(fromBase64(text, true, text.endsWith("=")));
  }),
  builtin("hex.encode", oneText, (args, context) =>
    charged([...utf8(stringAt(args, 0))].map((byte) => byte.toString(16).padStart(2, "0")).join(""), context),
  ),
  builtin("hex.decode", oneText, (args) => hexDecode(stringAt(args, 0))),
  builtin("urlquery.encode", oneText, (args, context) => charged(queryEscape(stringAt(args, 0)), context)),
  builtin("urlquery.decode", oneText, (args) => queryUnescape(stringAt(args, 0))),
  builtin(
    "urlquery.encode_object",
    "(object<>[string: any<string, array[string], set[string]>]) => string",
    encodeObject,
  ),
  builtin("urlquery.decode_object", "(string) => object<>[string: array[string]]", (args) =>
    decodeObject(stringAt(args, 0)),
  ),
];
