import { compile } from "@plimsoll/re2";
import { CelEvaluationError } from "../cel-error.ts";
import { ValueList, type CelList } from "../values.ts";
import { codePoints } from "./code-points.ts";
import { method, overload, type CelCall, type CelFunction } from "./define.ts";

type Pattern = ReturnType<typeof compile>;

/** Patterns are compiled once; a policy has few, and what data makes up must not fill the memory. */
const maxPatterns = 200;
const patterns = new Map<string, Pattern>();

/** A compiled RE2 pattern. @throws {CelEvaluationError} for what RE2 refuses. */
export function patternOf(text: string): Pattern {
  const known = patterns.get(text);
  if (known !== undefined) return known;
  try {
    const made = compile(text);
    if (patterns.size >= maxPatterns) patterns.clear();
    patterns.set(text, made);
    return made;
  } catch (error) {
    throw new CelEvaluationError(`invalid pattern: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Counts the cost of a regular expression match, by text and pattern as cel-go estimates it. */
export function spendOnMatch(call: CelCall, text: string, pattern: string): void {
  call.spend(((text.length + 1) / 10) * Math.max(1, pattern.length / 4));
}

function matches(call: CelCall, text: string, pattern: string): boolean {
  spendOnMatch(call, text, pattern);
  return patternOf(pattern).test(text);
}

function outOfRange(index: bigint): CelEvaluationError {
  return new CelEvaluationError(`index out of range: ${index}`);
}

/** The code point index of `part` at or after `from`; -1 where it is not. */
function indexOf(call: CelCall, text: string, part: string, from: bigint): bigint {
  call.spend(text.length / 10);
  const points = codePoints(text);
  if (from < 0n || from > points.length) throw outOfRange(from);
  const found = text.indexOf(part, points.offsetAt(Number(from)));
  return BigInt(found === -1 ? -1 : points.indexAt(found));
}

function lastIndexOf(call: CelCall, text: string, part: string, from?: bigint): bigint {
  call.spend(text.length / 10);
  const points = codePoints(text);
  if (from !== undefined && (from < 0n || from > points.length)) throw outOfRange(from);
  const found = text.lastIndexOf(part, from === undefined ? undefined : points.offsetAt(Number(from)));
  return BigInt(found === -1 ? -1 : points.indexAt(found));
}

function substring(call: CelCall, text: string, start: bigint, end?: bigint): string {
  call.spend(text.length / 10);
  const points = codePoints(text);
  if (start < 0n || start > points.length) throw outOfRange(start);
  if (end !== undefined && (end < 0n || end > points.length)) throw outOfRange(end);
  const stop = end ?? BigInt(points.length);
  if (stop < start) throw new CelEvaluationError(`invalid substring range. start: ${start}, end: ${stop}`);
  return points.slice(Number(start), Number(stop));
}

function replace(call: CelCall, text: string, part: string, by: string, limit?: bigint): string {
  const most = limit === undefined || limit < 0n ? Number.POSITIVE_INFINITY : Number(limit);
  // An empty part stands between all code points, as in Go's strings.Replace.
  const pieces = part === "" ? ["", ...text] : text.split(part);
  const gaps = Math.min(most, part === "" ? pieces.length : pieces.length - 1);
  call.spend((text.length + gaps * by.length) / 10);
  let result = pieces[0] ?? "";
  for (let index = 1; index < pieces.length; index += 1) result += (index <= gaps ? by : part) + (pieces[index] ?? "");
  return part === "" && gaps >= pieces.length ? result + by : result;
}

function split(call: CelCall, text: string, separator: string, limit = -1n): ValueList {
  call.spend(text.length / 10);
  if (limit === 0n) return new ValueList([]);
  const pieces = separator === "" ? [...text] : text.split(separator);
  call.spend(pieces.length);
  if (limit < 0n || BigInt(pieces.length) <= limit) return new ValueList(pieces);
  const kept = Number(limit) - 1;
  return new ValueList([...pieces.slice(0, kept), pieces.slice(kept).join(separator)]);
}

function join(call: CelCall, list: CelList, separator: string): string {
  const parts: string[] = [];
  for (const part of list.values()) {
    if (typeof part !== "string") throw new CelEvaluationError("no such overload: join() takes a list of strings");
    call.spend(1 + (part.length + separator.length) / 10);
    parts.push(part);
  }
  return parts.join(separator);
}

// What Unicode calls white space, which is a little less than what JavaScript trims (U+FEFF).
const edges = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

function trim(text: string): string {
  let end = text.length;
  while (end > 0 && edges.test(text[end - 1] ?? "")) end -= 1;
  return text.slice(0, end).replace(edges, "");
}

function ascii(text: string, pattern: RegExp, change: (text: string) => string): string {
  return text.replaceAll(pattern, change);
}

const quoted: Readonly<Record<string, string>> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

function charged<Rest extends readonly unknown[], Result>(
  change: (text: string, ...rest: Rest) => Result,
): (call: CelCall, text: string, ...rest: Rest) => Result {
  return (call, text, ...rest) => {
    call.spend(text.length / 10);
    return change(text, ...rest);
  };
}

/** Functions on text: the standard ones and cel-go's `strings` extension. Indexes count code points. */
export const stringFunctions: readonly CelFunction[] = [
  method(
    "startsWith",
    ["string", "string"],
    "bool",
    charged((text, part: string) => text.startsWith(part)),
  ),
  method(
    "endsWith",
    ["string", "string"],
    "bool",
    charged((text, part: string) => text.endsWith(part)),
  ),
  method(
    "contains",
    ["string", "string"],
    "bool",
    charged((text, part: string) => text.includes(part)),
  ),
  method("matches", ["string", "string"], "bool", matches),
  overload("matches", ["string", "string"], "bool", matches),
  method("charAt", ["string", "int"], "string", (call, text, index) => {
    call.spend(text.length / 10);
    const points = codePoints(text);
    if (index < 0n || index > points.length) throw outOfRange(index);
    return points.slice(Number(index), Number(index) + 1);
  }),
  method("indexOf", ["string", "string"], "int", (call, text, part) => indexOf(call, text, part, 0n)),
  method("indexOf", ["string", "string", "int"], "int", indexOf),
  method("lastIndexOf", ["string", "string"], "int", (call, text, part) => lastIndexOf(call, text, part)),
  method("lastIndexOf", ["string", "string", "int"], "int", lastIndexOf),
  method(
    "lowerAscii",
    ["string"],
    "string",
    charged((text) => ascii(text, /[A-Z]+/g, (part) => part.toLowerCase())),
  ),
  method(
    "upperAscii",
    ["string"],
    "string",
    charged((text) => ascii(text, /[a-z]+/g, (part) => part.toUpperCase())),
  ),
  method("replace", ["string", "string", "string"], "string", (call, text, part, by) => replace(call, text, part, by)),
  method("replace", ["string", "string", "string", "int"], "string", replace),
  method("split", ["string", "string"], "list(string)", (call, text, separator) => split(call, text, separator)),
  method("split", ["string", "string", "int"], "list(string)", split),
  method("substring", ["string", "int"], "string", (call, text, start) => substring(call, text, start)),
  method("substring", ["string", "int", "int"], "string", substring),
  method("trim", ["string"], "string", charged(trim)),
  method(
    "reverse",
    ["string"],
    "string",
    charged((text) => [...text].reverse().join("")),
  ),
  method("join", ["list(string)"], "string", (call, list) => join(call, list, "")),
  method("join", ["list(string)", "string"], "string", join),
  overload("strings.quote", ["string"], "string", (call, text) => {
    call.spend(text.length / 5);
    // Lone surrogates are no characters: they are replaced as in any conversion to UTF-8.
    const whole = text.replaceAll(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
    return `"${whole.replaceAll(/[\u0007-\r\\"]/g, (character) => quoted[character] ?? character)}"`;
  }),
];
