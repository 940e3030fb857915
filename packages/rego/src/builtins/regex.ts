/** Regular expressions in RE2 syntax, which take time linear in the text. */

import { compile, type Re2, type Re2Match } from "@plimsoll/re2";
import type { Value } from "../values/value.ts";
import { builtin, BuiltinError, deprecated, type Builtin, type BuiltinContext } from "./builtin.ts";
import { codePointCount } from "./aggregates.ts";
import { countAt, stringAt } from "./operands.ts";

/** Compiles an RE2 pattern; compiled patterns are cached, up to a limit. */
export function patternOf(source: string, context: BuiltinContext): Re2 {
  return context.keep("regex", source, 1 + source.length, () => {
    try {
      return compile(source);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new BuiltinError(goMessage(source, error.message));
    }
  });
}

/** Go names the escape sequence that it does not know, and the class that does not end. */
function goMessage(source: string, message: string): string {
  if (message.includes("missing closing ]"))
    return `error parsing regexp: missing closing ]: \`${source.slice(openClassAt(source))}\``;
  const at = /invalid escape sequence at (\d+)/.exec(message);
  if (at === null) return message.startsWith("error parsing") ? message : `error parsing regexp: ${message}`;
  const sequence = source.slice(Number(at[1])).match(/^\\.?/su)?.[0] ?? source;
  return `error parsing regexp: invalid escape sequence: \`${sequence}\``;
}

/** Where the class begins that a pattern ends within. */
function openClassAt(source: string): number {
  const piece = /\[:\^?\w+:\]|\\[\s\S]|[\s\S]/y;
  let open: number | undefined;
  for (let at = 0; at < source.length; at = piece.lastIndex) {
    piece.lastIndex = at;
    const text = piece.exec(source)?.[0];
    if (open !== undefined) {
      // A bracket that closes is a member where it comes first.
      if (text === "]" && !/^\[\^?$/.test(source.slice(open, at))) open = undefined;
    } else if (text?.startsWith("[") === true) {
      open = at;
      piece.lastIndex = at + 1;
    }
  }
  return open ?? 0;
}

/** Matches from left to right without overlap, as Go's `FindAll` has them; at most `most`; all for a negative `most`. */
export function* matchesOf(pattern: Re2, text: string, most: number, context: BuiltinContext): Generator<Re2Match> {
  let found = 0;
  let last = -1;
  for (let at = 0; at <= text.length && (most < 0 || found < most);) {
    const match = pattern.exec(text, at);
    context.step(1 + ((match === undefined ? text.length - at : match.end - at) >> 6));
    if (match === undefined) return;
    // An empty match directly after a match does not count.
    if (match.end > match.start || match.start !== last) {
      found++;
      yield match;
    }
    last = match.end;
    at = match.end > match.start ? match.end : nextIndex(text, match.end);
  }
}

function nextIndex(text: string, at: number): number {
  return at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
}

function work(text: string, context: BuiltinContext): void {
  context.step(1 + (text.length >> 5));
}

function matches(args: readonly Value[], context: BuiltinContext): boolean {
  const text = stringAt(args, 1);
  work(text, context);
  return patternOf(stringAt(args, 0), context).test(text);
}

function replace(args: readonly Value[], context: BuiltinContext): string {
  const text = stringAt(args, 0);
  const pattern = patternOf(stringAt(args, 1), context);
  const template = stringAt(args, 2);
  work(text, context);
  let result = "";
  let at = 0;
  for (const match of matchesOf(pattern, text, -1, context)) {
    const by = expand(template, match);
    context.charge(by.length + match.start - at);
    result += text.slice(at, match.start) + by;
    at = match.end;
  }
  return result + text.slice(at);
}

/** `$1`, `${name}` and `$$` of a replacement, as Go's `Expand` reads them. */
function expand(template: string, match: Re2Match): string {
  return template.replace(/\$(?:\$|\{(\w+)\}|(\w+))/g, (all, braced: string | undefined, bare: string | undefined) => {
    const name = braced ?? bare;
    if (name === undefined) return all === "$$" ? "$" : all;
    return (/^\d+$/.test(name) ? match.groups[Number(name)] : match.named[name]) ?? "";
  });
}

function split(args: readonly Value[], context: BuiltinContext): string[] {
  const pattern = patternOf(stringAt(args, 0), context);
  const text = stringAt(args, 1);
  work(text, context);
  if (stringAt(args, 0).length > 0 && text.length === 0) return [""];
  const parts: string[] = [];
  let begin = 0;
  let end = 0;
  for (const match of matchesOf(pattern, text, -1, context)) {
    end = match.start;
    if (match.end !== 0) parts.push(text.slice(begin, end));
    begin = match.end;
  }
  if (end !== text.length) parts.push(text.slice(begin));
  context.charge(text.length + 16 * parts.length);
  return parts;
}

function findAll(args: readonly Value[], context: BuiltinContext): string[] {
  const text = stringAt(args, 1);
  // A count that is none is told before a pattern that is none.
  const most = countAt(args, 2);
  const pattern = patternOf(stringAt(args, 0), context);
  const found: string[] = [];
  for (const match of matchesOf(pattern, text, most, context)) {
    context.charge(16 + match.text.length);
    found.push(match.text);
  }
  return found;
}

function findSubmatches(args: readonly Value[], context: BuiltinContext): Value {
  const text = stringAt(args, 1);
  const pattern = patternOf(stringAt(args, 0), context);
  const found: Value[] = [];
  for (const match of matchesOf(pattern, text, countAt(args, 2), context)) {
    context.charge(32 + match.text.length * 2);
    found.push(match.groups.map((group) => group ?? ""));
  }
  return found;
}

/** A template with patterns between delimiters, matched as a whole. */
function templateMatch(args: readonly Value[], context: BuiltinContext): boolean {
  const template = stringAt(args, 0);
  const text = stringAt(args, 1);
  const [open, close] = [stringAt(args, 2), stringAt(args, 3)];
  for (const delimiter of [open, close]) {
    if (codePointCount(delimiter) !== 1) {
      const which = delimiter === open ? "start" : "end";
      throw new BuiltinError(`${which} delimiter has to be exactly one character long but is ${delimiter.length} long`);
    }
  }
  let source = "^";
  let at = 0;
  for (const [from, to] of delimited(template, open, close)) {
    const inner = template.slice(from + 1, to - 1);
    patternOf(`^${inner}$`, context);
    source += `${escape(template.slice(at, from))}(${inner})`;
    at = to;
  }
  work(text, context);
  return patternOf(`${source}${escape(template.slice(at))}$`, context).test(text);
}

function delimited(template: string, open: string, close: string): [number, number][] {
  const ranges: [number, number][] = [];
  let level = 0;
  let start = 0;
  for (let at = 0; at < template.length; at++) {
    if (template[at] === open) {
      if (level++ === 0) start = at;
    } else if (template[at] === close) {
      if (--level === 0) ranges.push([start, at + 1]);
      else if (level < 0) throw new BuiltinError(`unbalanced braces in ${JSON.stringify(template)}`);
    }
  }
  if (level !== 0) throw new BuiltinError(`unbalanced braces in ${JSON.stringify(template)}`);
  return ranges;
}

function escape(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&");
}

const match = "(string, string) => boolean";

export const regexBuiltins: readonly Builtin[] = [
  builtin("regex.match", match, matches),
  deprecated("re_match", match, matches),
  builtin("regex.is_valid", "(string) => boolean", ([source]) => {
    if (typeof source !== "string") return false;
    try {
      compile(source);
      return true;
    } catch {
      return false;
    }
  }),
  builtin("regex.replace", "(string, string, string) => string", replace),
  builtin("regex.split", "(string, string) => array[string]", split),
  builtin("regex.find_n", "(string, string, number) => array[string]", findAll),
  builtin("regex.find_all_string_submatch_n", "(string, string, number) => array[array[string]]", findSubmatches),
  builtin("regex.template_match", "(string, string, string, string) => boolean", templateMatch),
];
