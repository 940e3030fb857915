/** Text. Positions count code points. */

import { isArray, objectGet, objectKeys, RegoSet, type Value } from "../values/value.ts";
import { codePointCount } from "./aggregates.ts";
import { builtin, BuiltinError, operandError, type Builtin, type BuiltinContext } from "./builtin.ts";
import { textOfBytes, utf8 } from "./bytes.ts";
import { sprintf } from "./format.ts";
import { arrayAt, countAt, objectAt, stringAt, stringsAt, valueAt } from "./operands.ts";

const both = "(string, string) => string";
const test = "(string, string) => boolean";

/** Maps code points one by one: those whose mapping is several stay, as in Go. */
function mapCase(text: string, map: (character: string) => string): string {
  let result = "";
  for (const character of text) {
    const mapped = map(character);
    result += codePointCount(mapped) === 1 ? mapped : character;
  }
  return result;
}

const ascii = /^[\u0000-\u007f]*$/;

function lower(text: string): string {
  if (ascii.test(text)) return text.toLowerCase();
  return mapCase(text, (character) => (character === "\u0130" ? "i" : character.toLowerCase()));
}

function upper(text: string): string {
  return ascii.test(text) ? text.toUpperCase() : mapCase(text, (character) => character.toUpperCase());
}

/** The number of code points before an offset in UTF-16. */
function position(text: string, offset: number): number {
  return codePointCount(text.slice(0, offset));
}

function indexOf(args: readonly Value[]): number {
  const text = stringAt(args, 0);
  const search = stringAt(args, 1);
  if (search === "") throw new BuiltinError("empty search character");
  const found = text.indexOf(search);
  return found < 0 ? -1 : position(text, found);
}

function indexesOf(args: readonly Value[], context: BuiltinContext): number[] {
  const text = stringAt(args, 0);
  const search = stringAt(args, 1);
  if (search === "") throw new BuiltinError("empty search character");
  const found: number[] = [];
  let counted = 0;
  let last = 0;
  for (let at = text.indexOf(search); at >= 0; at = text.indexOf(search, at + 1)) {
    context.step();
    counted += codePointCount(text.slice(last, at));
    last = at;
    found.push(counted);
  }
  context.charge(8 * found.length);
  return found;
}

function substring(args: readonly Value[], context: BuiltinContext): string {
  const text = stringAt(args, 0);
  const from = countAt(args, 1);
  const length = countAt(args, 2);
  if (from < 0) throw new BuiltinError("negative offset");
  context.step(1 + (text.length >> 6));
  if (ascii.test(text)) return length < 0 ? text.slice(from) : text.slice(from, from + length);
  const characters = [...text];
  return characters.slice(from, length < 0 ? undefined : from + length).join("");
}

function split(text: string, separator: string): string[] {
  if (separator === "") return [...text];
  return text.split(separator);
}

function replaceAll(text: string, search: string, by: string): string {
  if (search !== "") return text.split(search).join(by);
  if (by === "") return text;
  // OPA goes by bytes here, of which those above ASCII are no characters of their own.
  return by + [...utf8(text)].map((byte) => (byte < 128 ? String.fromCharCode(byte) : "\ufffd") + by).join("");
}

function trimmed(text: string, cut: (character: string) => boolean, left: boolean, right: boolean): string {
  const characters = [...text];
  let from = 0;
  let to = characters.length;
  if (left) while (from < to && cut(characters[from] ?? "")) from++;
  if (right) while (to > from && cut(characters[to - 1] ?? "")) to--;
  return characters.slice(from, to).join("");
}

function trim(name: string, left: boolean, right: boolean): Builtin {
  return builtin(name, both, (args, context) => {
    const text = stringAt(args, 0);
    const cut = new Set(stringAt(args, 1));
    context.step(1 + (text.length >> 4));
    return trimmed(text, (character) => cut.has(character), left, right);
  });
}

// What Go's unicode.IsSpace says.
const space = /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/;

function listOf(args: readonly Value[], index: number): readonly string[] {
  const value = valueAt(args, index);
  if (typeof value === "string") return [value];
  if (isArray(value) || value instanceof RegoSet) return stringsAt(args, index);
  throw operandError(index + 1, value, "string", "set", "array");
}

function anyMatch(name: string, matches: (text: string, part: string) => boolean): Builtin {
  const list = "any<string, array[string], set[string]>";
  return builtin(name, `(${list}, ${list}) => boolean`, (args, context) => {
    const texts = listOf(args, 0);
    const parts = listOf(args, 1);
    context.step(texts.length * parts.length);
    return texts.some((text) => parts.some((part) => matches(text, part)));
  });
}

/** Texts with each byte as a character of its own, and back: Go's `strings.Replacer` knows no others. */
const byteText = (text: string): string => Array.from(utf8(text), (byte) => String.fromCharCode(byte)).join("");
const textOfByteText = (text: string): string => textOfBytes(Uint8Array.from(text, (byte) => byte.charCodeAt(0)));

/** Replaces by the first pattern that fits at each place, as Go's `strings.Replacer` does. */
function replaceMany(args: readonly Value[], context: BuiltinContext): string {
  const patterns = objectAt(args, 0);
  const pairs: [string, string][] = [];
  for (const key of objectKeys(patterns)) {
    if (typeof key !== "string")
      throw new BuiltinError("operand 1 non-string key found in pattern object", "eval_type_error");
    const by = objectGet(patterns, key);
    if (typeof by !== "string")
      throw new BuiltinError("operand 1 non-string value found in pattern object", "eval_type_error");
    pairs.push([key, by]);
  }
  const text = stringAt(args, 1);
  // Only an empty pattern fits between the bytes of a character.
  if (ascii.test(text) || pairs[0]?.[0] !== "") return replacePairs(text, pairs, context);
  const inBytes = pairs.map(([search, by]) => [byteText(search), byteText(by)] as const);
  return textOfByteText(replacePairs(byteText(text), inBytes, context));
}

function replacePairs(
  text: string,
  pairs: readonly (readonly [search: string, by: string])[],
  context: BuiltinContext,
): string {
  let result = "";
  let at = 0;
  let emptyMatched = false;
  while (at <= text.length) {
    context.step(1 + (pairs.length >> 3));
    const found = pairs.find(([search]) => text.startsWith(search, at) && !(search === "" && emptyMatched));
    emptyMatched = found?.[0] === "";
    if (found === undefined) {
      result += text.charAt(at++);
    } else {
      const [search, by] = found;
      result += by;
      context.charge(by.length);
      at += search.length;
    }
  }
  context.charge(result.length);
  return result;
}

/** The first parts of a text, or for a negative number the last ones; what is beyond them is left out. */
function splitN(args: readonly Value[], context: BuiltinContext): string[] {
  const text = stringAt(args, 0);
  const separator = stringAt(args, 1);
  const most = countAt(args, 2);
  const parts = split(text, separator);
  context.charge(text.length + 16 * parts.length);
  return most < 0 ? parts.slice(most) : parts.slice(0, most);
}

export const stringBuiltins: readonly Builtin[] = [
  builtin("contains", test, (args) => stringAt(args, 0).includes(stringAt(args, 1))),
  builtin("startswith", test, (args) => stringAt(args, 0).startsWith(stringAt(args, 1))),
  builtin("endswith", test, (args) => stringAt(args, 0).endsWith(stringAt(args, 1))),
  builtin("concat", "(string, any<array[string], set[string]>) => string", (args, context) => {
    const separator = stringAt(args, 0);
    const parts = stringsAt(args, 1);
    context.charge(parts.reduce((size, part) => size + part.length + separator.length, 0));
    return parts.join(separator);
  }),
  builtin("lower", "(string) => string", (args, context) => {
    const text = stringAt(args, 0);
    context.charge(text.length);
    return lower(text);
  }),
  builtin("upper", "(string) => string", (args, context) => {
    const text = stringAt(args, 0);
    context.charge(text.length);
    return upper(text);
  }),
  builtin("indexof", "(string, string) => number", indexOf),
  builtin("indexof_n", "(string, string) => array[number]", indexesOf),
  builtin("substring", "(string, number, number) => string", substring),
  builtin("split", "(string, string) => array[string]", (args, context) => {
    const text = stringAt(args, 0);
    const parts = split(text, stringAt(args, 1));
    context.charge(text.length + 16 * parts.length);
    return parts;
  }),
  builtin("strings.split_n", "(string, string, number) => array[string]", splitN),
  builtin("replace", "(string, string, string) => string", (args, context) => {
    const [text, search, by] = [stringAt(args, 0), stringAt(args, 1), stringAt(args, 2)];
    const places = search === "" ? text.length + 1 : text.split(search).length - 1;
    context.charge(text.length + places * by.length);
    return replaceAll(text, search, by);
  }),
  builtin("strings.replace_n", "(object<>[string: string], string) => string", replaceMany),
  builtin("strings.reverse", "(string) => string", (args, context) => {
    const text = stringAt(args, 0);
    context.charge(text.length);
    return [...text].reverse().join("");
  }),
  builtin("strings.count", "(string, string) => number", (args) => {
    const [text, search] = [stringAt(args, 0), stringAt(args, 1)];
    return search === "" ? codePointCount(text) + 1 : text.split(search).length - 1;
  }),
  trim("trim", true, true),
  trim("trim_left", true, false),
  trim("trim_right", false, true),
  builtin("trim_prefix", both, (args) => {
    const [text, prefix] = [stringAt(args, 0), stringAt(args, 1)];
    return text.startsWith(prefix) ? text.slice(prefix.length) : text;
  }),
  builtin("trim_suffix", both, (args) => {
    const [text, suffix] = [stringAt(args, 0), stringAt(args, 1)];
    return text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text;
  }),
  builtin("trim_space", "(string) => string", (args) =>
    trimmed(stringAt(args, 0), (character) => space.test(character), true, true),
  ),
  builtin("sprintf", "(string, array[any]) => string", (args, context) =>
    sprintf(stringAt(args, 0), arrayAt(args, 1), context),
  ),
  anyMatch("strings.any_prefix_match", (text, part) => text.startsWith(part)),
  anyMatch("strings.any_suffix_match", (text, part) => text.endsWith(part)),
];
