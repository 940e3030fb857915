/** Encodings: JSON, YAML, base64, hexadecimal, URLs. */

import {
  CORE_SCHEMA,
  defineScalarTag,
  DUMP_SCHEMA,
  binaryTag,
  dump,
  floatCoreTag,
  intCoreTag,
  loadAll,
  mergeTag,
  mapTag,
  NOT_RESOLVED,
  Schema,
  seqTag,
  strTag,
  YAMLException,
} from "js-yaml";
import { integerOf, numberFromText, RegoNumber } from "../values/number.ts";
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
import { builtin, BuiltinError, operandMessage, type Builtin, type BuiltinContext } from "./builtin.ts";
import { fromBase64, textOfBytes, toBase64, utf8 } from "./bytes.ts";
import { quotedByte, readJson } from "./json-reader.ts";
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
      throw new BuiltinError(`operand 2 object contained unknown key ${jsonText(key)}`, "eval_type_error");
    }
  }
  const asked = objectGet(options, "pretty");
  if (asked !== undefined && typeof asked !== "boolean")
    throw new BuiltinError('operand 2 key "pretty" failed cast to bool', "eval_type_error");
  const pretty = asked ?? (objectGet(options, "indent") !== undefined || objectGet(options, "prefix") !== undefined);
  const value = valueAt(args, 0);
  if (!pretty) return charged(jsonText(value), context);
  const prefix = read("prefix", "");
  return charged(prefix + jsonText(value, { indent: read("indent", "\t"), prefix }), context);
}

// Integers as Go reads them: with underscores, with a leading zero for octal, of any sign.
const yamlInteger = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]+|0|[1-9][0-9]*)$/;

const integerTag = defineScalarTag("tag:yaml.org,2002:int", {
  ...intCoreTag,
  resolve: (source) => {
    const [, sign, digits] = yamlInteger.exec(source.replaceAll("_", "")) ?? [];
    if (digits === undefined || source.startsWith("_")) return NOT_RESOLVED;
    const value = BigInt(digits.replace(/^0(?=[0-7])/, "0o"));
    // Beyond 64 bits an integer is a float there.
    if (value >= 2n ** 64n) return Number(`${sign}${value}`);
    return sign === "-" ? -value : value;
  },
});

const floatTag = defineScalarTag("tag:yaml.org,2002:float", {
  ...floatCoreTag,
  resolve: (source, ...how) =>
    floatCoreTag.resolve(source.startsWith("_") ? source : source.replaceAll("_", ""), ...how),
});

const binaryText = defineScalarTag("tag:yaml.org,2002:binary", {
  resolve: (source, ...how) => {
    const bytes = binaryTag.resolve(source, ...how);
    return bytes instanceof Uint8Array ? textOfBytes(bytes) : NOT_RESOLVED;
  },
  identify: () => false,
});

// Tags that nobody knows are as if they were not there.
const ownTag = { tagName: "!", matchByTagPrefix: true, identify: () => false };
const looseTags = [
  { ...strTag, ...ownTag },
  { ...seqTag, ...ownTag },
  { ...mapTag, ...ownTag },
  { ...mapTag, tagName: "tag:yaml.org,2002:set", identify: () => false },
];

const goSchema = new Schema([
  ...CORE_SCHEMA.tags.filter((tag) => tag !== intCoreTag && tag !== floatCoreTag),
  integerTag,
  floatTag,
  mergeTag,
  binaryText,
  ...looseTags,
]);

// Numbers as Go writes them: exponents have two digits. Its other tags tell which texts need quotes.
const writingSchema = new Schema(
  DUMP_SCHEMA.tags.map((tag) => {
    if (tag.tagName === intCoreTag.tagName && tag.nodeKind === "scalar")
      return { ...tag, identify: (value) => typeof value === "bigint" || tag.identify(value), represent: String };
    if (tag.tagName === floatCoreTag.tagName && tag.nodeKind === "scalar")
      return { ...tag, represent: (...of) => goExponent(tag.represent(...of)) };
    return tag;
  }),
);

function goExponent(number: string): string {
  return number.replace(/\.?e([-+])(\d+)$/, (_, sign: string, digits: string) => `e${sign}${digits.padStart(2, "0")}`);
}

/** YAML as a value: that of the first document, though all must be readable. */
function readYaml(text: string, context: BuiltinContext): Value {
  context.step(1 + (text.length >> 3));
  if (/^\s*\t/.test(text)) throw new BuiltinError("yaml: found character that cannot start any token");
  try {
    const [first = null] = loadAll(text, { schema: goSchema, json: true });
    return fromYaml(first, context, 0);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw new BuiltinError(yamlMessage(error));
  }
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

/** Integers of 64 bits keep their digits; other numbers are floats. */
function yamlNumber(value: RegoNumber): number | bigint {
  const integer = /^-?\d{1,19}$/.test(value.text) ? integerOf(value) : undefined;
  return integer !== undefined && BigInt.asIntN(64, integer) === integer ? integer : Number(value.text);
}

function toYaml(value: Value): unknown {
  if (value instanceof RegoNumber) return yamlNumber(value);
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
  return dump(plain, { schema: writingSchema, lineWidth: -1, noRefs: true, sortKeys: false });
}

// Texts that would read as a number, a boolean, null or a merge key, as the key or the value of a line.
const misread = String.raw`((?!-')[A-Za-z0-9.+-]*|~|<<|[-+]?[0-9][0-9_.:]*)`;
const misreadKey = new RegExp(String.raw`^(\s*(?:- )*)'${misread}':`);
const misreadValue = new RegExp(String.raw`^(\s*(?:- )*(?:[^\s'#&*!|>%@${"`"}][^:']*: )?)'${misread}'$`);

/** Go quotes texts that would read as something else in double quotes. Lines of block texts are left as they are. */
function goYaml(text: string): string {
  let block = Infinity;
  const lines = text.split("\n").map((line) => {
    const indentation = line.search(/[^ ]/);
    if (indentation === -1 || indentation > block) return line;
    const [, items = "", key] = blockText.exec(line) ?? [];
    // A text stands below its key, or below the dash of its item.
    block = key === undefined ? Infinity : items.length - (key === "" ? 2 : 0);
    return line.replace(misreadKey, '$1"$2":').replace(misreadValue, '$1"$2"');
  });
  return lines.join("\n");
}

/** A line below which a block text stands: the dashes of items, and the key. */
const blockText = /^( *(?:- )*)((?:(?!- )[^ ].*: )?)[|>][0-9+-]*$/;

function hexDecode(text: string): string {
  const [wrong] = /[^0-9a-fA-F]/u.exec(text) ?? [];
  if (wrong !== undefined) {
    // What is not ASCII is told by its first byte.
    const [byte = 0] = utf8(wrong);
    const code = byte.toString(16).toUpperCase().padStart(4, "0");
    throw new BuiltinError(`encoding/hex: invalid byte: U+${code} ${quotedByte(byte)}`);
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
    if (!part.startsWith("%")) for (const byte of utf8(part.replaceAll("+", " "))) bytes.push(byte);
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
    for (const item of items ?? [null]) {
      if (typeof item !== "string")
        throw new BuiltinError("operand 1 values must be string, array[string], or set[string]", "eval_type_error");
      pairs.push(`${queryEscape(key)}=${queryEscape(item)}`);
    }
  }
  return charged(pairs.join("&"), context);
}

function decodeObject(text: string): Value {
  const found = new Map<string, string[]>();
  for (const pair of text.split("&")) {
    if (pair.includes(";")) throw new BuiltinError("invalid semicolon separator in query");
    if (pair === "") continue;
    const at = pair.indexOf("=");
    const key = queryUnescape(at < 0 ? pair : pair.slice(0, at));
    const value = at < 0 ? "" : queryUnescape(pair.slice(at + 1));
    const values = found.get(key);
    if (values === undefined) found.set(key, [value]);
    else values.push(value);
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
    return readJson(text, true);
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
    try {
      return textOfBytes(fromBase64(text, true, text.endsWith("=")));
    } catch (error) {
      if (!(error instanceof BuiltinError)) throw error;
      throw new BuiltinError(`illegal base64url string: ${text}`);
    }
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
