/** A piece of a location: `spec`, `.`, `[`, `name`, `:`, `*`, `]`. */
export interface LocationToken {
  readonly type: "IDENT" | "INT" | "SEPARATOR" | "LBRACKET" | "RBRACKET" | "GLOB" | "COLON" | "EOF" | "ERROR";
  readonly text: string;
  /** The error, for tokens of kind `ERROR`. */
  readonly code?: "ErrInvalidCharacter" | "ErrUnterminatedString";
}

const signs: Readonly<Record<string, LocationToken["type"]>> = {
  ".": "SEPARATOR",
  "[": "LBRACKET",
  "]": "RBRACKET",
  "*": "GLOB",
  ":": "COLON",
};

const space = /[ \t\r\n]*/y;
const digits = /[0-9]+/y;
const word = /[A-Za-z0-9_-]+/y;

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}

/** Cuts a location of a mutator into tokens. The last is `EOF`, or the first `ERROR`. */
export function locationTokens(text: string): readonly LocationToken[] {
  const tokens: LocationToken[] = [];
  let at = matchAt(space, text, 0).length;
  while (at < text.length) {
    const { token, end } = readToken(text, at);
    tokens.push(token);
    if (token.type === "ERROR") return tokens;
    at = end + matchAt(space, text, end).length;
  }
  return [...tokens, { type: "EOF", text: "" }];
}

function readToken(text: string, at: number): { readonly token: LocationToken; readonly end: number } {
  const number = matchAt(digits, text, at);
  if (number !== "") return { token: { type: "INT", text: number }, end: at + number.length };
  const name = matchAt(word, text, at);
  if (name !== "") return { token: { type: "IDENT", text: name }, end: at + name.length };
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  if (character === '"' || character === "'") return readQuoted(text, at, character);
  const type = Object.hasOwn(signs, character) ? signs[character] : undefined;
  const token: LocationToken =
    type === undefined ? { type: "ERROR", text: character, code: "ErrInvalidCharacter" } : { type, text: character };
  return { token, end: at + character.length };
}

/** A backslash takes the next character as it is. */
function readQuoted(
  text: string,
  start: number,
  quote: string,
): { readonly token: LocationToken; readonly end: number } {
  let value = "";
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (character === quote) return { token: { type: "IDENT", text: value }, end: at + 1 };
    if (character === "\\") at += 1;
    value += text[at] ?? "";
  }
  return { token: { type: "ERROR", text: value, code: "ErrUnterminatedString" }, end: text.length };
}
