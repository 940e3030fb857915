import { CelCompileError, positionAt } from "./cel-error.ts";

/** A token: `text` is the source's, `value` what a literal or quoted name stands for. */
export interface Token {
  readonly kind: "ident" | "quoted" | "int" | "uint" | "double" | "string" | "bytes" | "operator" | "end";
  readonly text: string;
  readonly offset: number;
  readonly value?: bigint | number | string | Uint8Array;
}

/** Reserved words, which cannot be identifiers (CEL specification, "Syntax") but can be field names. */
export const reservedWords: ReadonlySet<string> = new Set(
  "as break const continue else for function if import let loop package namespace return var void while".split(" "),
);

const operators = ["&&", "||", "==", "!=", "<=", ">=", ..."+-*/%!<>?:.,()[]{}"];
const spaces = /[\t\n\f\r ]*(?:\/\/[^\n]*(?:\n[\t\n\f\r ]*|$))*/y;
const identifier = /[_a-zA-Z][_a-zA-Z0-9]*/y;
const number = /0[xX][0-9a-fA-F]+[uU]?|(?:[0-9]+\.[0-9]+|\.[0-9]+|[0-9]+)(?:[eE][+-]?[0-9]+)?[uU]?/y;
const quotedName = /`([a-zA-Z0-9_./ -]+)`/y;

/** Cuts an expression into tokens; the last is `end`. @throws {CelCompileError} at the first character that starts none. */
export function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = skip(source, 0);
  while (at < source.length) {
    const token = readToken(source, at);
    tokens.push(token);
    at = skip(source, at + token.text.length);
  }
  tokens.push({ kind: "end", text: "", offset: source.length });
  return tokens;
}

function skip(source: string, at: number): number {
  return at + (matchAt(spaces, source, at)?.[0].length ?? 0);
}

function matchAt(pattern: RegExp, source: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(source);
}

function readToken(source: string, at: number): Token {
  const quoted = readQuoted(source, at);
  if (quoted !== undefined) return quoted;
  const word = matchAt(identifier, source, at);
  if (word !== null) return { kind: "ident", text: word[0], offset: at };
  const digits = matchAt(number, source, at);
  if (digits !== null) return readNumber(source, digits[0], at);
  const name = matchAt(quotedName, source, at);
  if (name !== null) return { kind: "quoted", text: name[0], offset: at, value: name[1] ?? "" };
  const operator = operators.find((text) => source.startsWith(text, at));
  if (operator !== undefined) return { kind: "operator", text: operator, offset: at };
  const character = String.fromCodePoint(source.codePointAt(at) ?? 0);
  throw failure(source, at, `Syntax error: token recognition error at: '${character}'`);
}

function readNumber(source: string, text: string, offset: number): Token {
  const unsigned = /[uU]$/.test(text);
  const digits = unsigned ? text.slice(0, -1) : text;
  if (!/^0[xX]/.test(digits) && /[.eE]/.test(digits)) {
    if (unsigned) throw failure(source, offset, `Syntax error: '${text}' is not a valid number`);
    return { kind: "double", text, offset, value: Number(digits) };
  }
  return { kind: unsigned ? "uint" : "int", text, offset, value: BigInt(digits) };
}

const quotes = ['"""', "'''", '"', "'"];

/** A string or bytes literal with its prefix (`r`, `b`, `rb`, `br` in either case), or undefined where none starts. */
function readQuoted(source: string, at: number): Token | undefined {
  const prefix = /^(?:[rR][bB]?|[bB][rR]?)?(?=["'])/.exec(source.slice(at, at + 3))?.[0];
  if (prefix === undefined) return undefined;
  const raw = /r/i.test(prefix);
  const bytes = /b/i.test(prefix);
  const start = at + prefix.length;
  const quote = quotes.find((text) => source.startsWith(text, start)) ?? "";
  const end = closingQuote(source, start + quote.length, quote, raw);
  if (end === undefined) throw failure(source, at, `Syntax error: the ${bytes ? "bytes" : "string"} is not closed`);
  const body = source.slice(start + quote.length, end).replaceAll(/\r\n?/g, "\n");
  const text = source.slice(at, end + quote.length);
  const parts = raw ? [body] : unescape(source, body, start + quote.length, bytes);
  return bytes
    ? { kind: "bytes", text, offset: at, value: joinBytes(parts) }
    : { kind: "string", text, offset: at, value: parts.map((part) => textOf(part)).join("") };
}

function closingQuote(source: string, from: number, quote: string, raw: boolean): number | undefined {
  for (let at = from; at < source.length; at += 1) {
    if (source.startsWith(quote, at)) return at;
    const character = source[at];
    if (character === "\\" && !raw) at += 1;
    else if (quote.length === 1 && (character === "\n" || character === "\r")) return undefined;
  }
  return undefined;
}

const simpleEscapes: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "?": "?",
  '"': '"',
  "'": "'",
  "`": "`",
};

const escape = /\\(?:([abfnrtv\\?"'`])|[xX]([0-9a-fA-F]{2})|([0-3][0-7]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/y;

/** Text parts, and numbers for octal and hexadecimal escapes: a byte in bytes, a code point in strings. */
function unescape(source: string, body: string, offset: number, bytes: boolean): readonly (string | number)[] {
  const parts: (string | number)[] = [];
  let at = 0;
  while (at < body.length) {
    const next = body.indexOf("\\", at);
    if (next === -1) break;
    if (next > at) parts.push(body.slice(at, next));
    const found = matchAt(escape, body, next);
    if (found === null)
      throw failure(source, offset + next, `Syntax error: unknown escape '${body.slice(next, next + 2)}'`);
    const [whole, simple, hex, octal, short, long] = found;
    const code = short ?? long;
    if (simple !== undefined) parts.push(simpleEscapes[simple] ?? simple);
    else if (code === undefined)
      parts.push(hex === undefined ? Number.parseInt(octal ?? "0", 8) : Number.parseInt(hex, 16));
    else {
      const point = Number.parseInt(code, 16);
      if (bytes || point > 0x10_ff_ff || (point >= 0xd800 && point <= 0xdfff))
        throw failure(source, offset + next, `Syntax error: '${whole}' is not a valid code point`);
      parts.push(String.fromCodePoint(point));
    }
    at = next + whole.length;
  }
  parts.push(body.slice(at));
  return parts;
}

function textOf(part: string | number): string {
  return typeof part === "string" ? part : String.fromCodePoint(part);
}

function joinBytes(parts: readonly (string | number)[]): Uint8Array {
  const encoder = new TextEncoder();
  const chunks = parts.map((part) => (typeof part === "string" ? encoder.encode(part) : Uint8Array.of(part)));
  const bytes = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** A compile error with one issue at an offset. */
export function failure(source: string, offset: number, message: string): CelCompileError {
  return new CelCompileError([{ message, position: positionAt(source, offset) }]);
}
