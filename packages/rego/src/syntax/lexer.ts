/** Splits the text of a module into tokens. */

import type { Comment, Source } from "./ast.ts";

export type TokenKind =
  | "illegal"
  | "eof"
  | "name"
  | "number"
  | "string"
  | "raw-string"
  | "template-part"
  | "template-end"
  | "raw-template-part"
  | "raw-template-end"
  | "["
  | "]"
  | "{"
  | "}"
  | "("
  | ")"
  | ","
  | ":"
  | ";"
  | "."
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | "&"
  | "|"
  | "="
  | "=="
  | ":="
  | "!="
  | ">"
  | "<"
  | ">="
  | "<=";

export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  /** The text of names and numbers; strings keep their quotes. */
  readonly text: string;
  /** White space or a comment stands before it. */
  readonly spaced: boolean;
  /** A line ends before it. */
  readonly newline: boolean;
  /** Errors of an illegal token. */
  readonly errors?: readonly string[];
  /** How many comments stand before it. */
  readonly comments: number;
}

export interface Tokens {
  readonly tokens: readonly Token[];
  readonly comments: readonly Comment[];
}

const doubles: Readonly<Record<string, TokenKind>> = { "==": "==", ":=": ":=", "!=": "!=", ">=": ">=", "<=": "<=" };
const singles = "[]{}(),:;.+-*/%&|=><";

/** All tokens of a module, the last of which is `eof`. */
export function tokenize(source: Source): Tokens {
  return new Lexer(source).run();
}

interface OpenTemplate {
  readonly raw: boolean;
  depth: number;
}

class Lexer {
  readonly #source: Source;
  readonly #text: string;
  readonly #tokens: Token[] = [];
  readonly #comments: Comment[] = [];
  readonly #templates: OpenTemplate[] = [];
  #at = 0;
  #errors: string[] = [];

  constructor(source: Source) {
    this.#source = source;
    this.#text = source.text;
    if (this.#text.charCodeAt(0) === 0xfeff) this.#at = 1;
  }

  run(): Tokens {
    for (;;) {
      const before = this.#at;
      const newline = this.#skipSpace();
      const spaced = this.#at > before || newline;
      const start = this.#at;
      if (start >= this.#text.length) {
        this.#push("eof", start, spaced, newline, "");
        return { tokens: this.#tokens, comments: this.#comments };
      }
      this.#scan(start, spaced, newline);
    }
  }

  #push(kind: TokenKind, start: number, spaced: boolean, newline: boolean, text: string): void {
    const token = { kind, start, end: this.#at, text, spaced, newline, comments: this.#comments.length };
    if (this.#errors.length === 0) {
      this.#tokens.push(token);
    } else {
      this.#tokens.push({ ...token, kind: "illegal", errors: this.#errors });
      this.#errors = [];
    }
  }

  /** Skips white space and comments; true when a line ended. */
  #skipSpace(): boolean {
    let newline = false;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 10) newline = true;
      if (code === 32 || code === 9 || code === 10 || code === 13) {
        this.#at++;
      } else if (code === 35) {
        this.#comment();
      } else {
        return newline;
      }
    }
  }

  #comment(): void {
    const start = this.#at;
    const end = this.#text.indexOf("\n", start);
    this.#at = end < 0 ? this.#text.length : end;
    const { row, column } = this.#source.locationOf(start);
    const text = this.#text.slice(start + 1, this.#at).replace(/\r+$/, "");
    this.#comments.push({ text, row, column, start, end: this.#at });
  }

  #scan(start: number, spaced: boolean, newline: boolean): void {
    const code = this.#text.charCodeAt(start);
    if (isLetter(code)) {
      while (isLetter(this.#code()) || isDigit(this.#code())) this.#at++;
      this.#push("name", start, spaced, newline, this.#text.slice(start, this.#at));
    } else if (isDecimal(code)) {
      this.#number();
      this.#push("number", start, spaced, newline, this.#text.slice(start, this.#at));
    } else if (code === 34) {
      this.#string();
      this.#push("string", start, spaced, newline, this.#text.slice(start, this.#at));
    } else if (code === 96) {
      this.#at++;
      const end = this.#text.indexOf("`", this.#at);
      if (end < 0) this.#errors.push("non-terminated string");
      this.#at = end < 0 ? this.#text.length : end + 1;
      this.#push("raw-string", start, spaced, newline, this.#text.slice(start, this.#at));
    } else if (code === 36) {
      this.#templateStart(start, spaced, newline);
    } else {
      this.#punctuation(start, spaced, newline);
    }
  }

  #code(): number {
    return this.#text.charCodeAt(this.#at);
  }

  #templateStart(start: number, spaced: boolean, newline: boolean): void {
    this.#at++;
    const quote = this.#code();
    if (quote === 34 || quote === 96) {
      this.#at++;
      this.#template(start, quote === 96, spaced, newline);
    } else {
      this.#errors.push("illegal $ character");
      this.#push("illegal", start, spaced, newline, "$");
    }
  }

  #punctuation(start: number, spaced: boolean, newline: boolean): void {
    const two = this.#text.slice(start, start + 2);
    const double = doubles[two];
    if (double !== undefined) {
      this.#at += 2;
      this.#push(double, start, spaced, newline, two);
      return;
    }
    const one = this.#text.charAt(start);
    this.#at++;
    if (singles.includes(one)) {
      const open = this.#templates.at(-1);
      if (open !== undefined && one === "{") open.depth++;
      if (open !== undefined && one === "}") {
        if (open.depth === 0) {
          this.#push("}", start, spaced, newline, one);
          this.#templates.pop();
          this.#template(start, open.raw, false, false);
          return;
        }
        open.depth--;
      }
      this.#push(one as TokenKind, start, spaced, newline, one); // as: each of these is a kind of its own
      return;
    }
    const code = one.charCodeAt(0);
    if (code === 33) this.#errors.push("illegal ! character");
    else if (code === 0xa0) this.#errors.push("illegal non-breaking space character, use a regular space instead");
    else if (code === 0) this.#errors.push("illegal null character");
    else if (code === 0xfeff) this.#errors.push("illegal byte-order mark");
    this.#push("illegal", start, spaced, newline, one);
  }

  #number(): void {
    while (isDecimal(this.#code())) this.#at++;
    if (this.#code() === 46) {
      this.#at++;
      if (!isDecimal(this.#code())) this.#errors.push("expected fraction");
      while (isDecimal(this.#code())) this.#at++;
    }
    if ((this.#code() | 32) === 101) {
      this.#at++;
      if (this.#code() === 43 || this.#code() === 45) this.#at++;
      if (!isDecimal(this.#code())) this.#errors.push("expected exponent");
      while (isDecimal(this.#code())) this.#at++;
    }
    if (isLetter(this.#code())) {
      this.#errors.push("illegal number format");
      while (isLetter(this.#code()) || isDigit(this.#code())) this.#at++;
    }
  }

  #string(): void {
    this.#at++;
    for (;;) {
      const code = this.#code();
      if (code === 10 || Number.isNaN(code)) {
        this.#errors.push("non-terminated string");
        return;
      }
      this.#at++;
      if (code === 34) return;
      if (code === 92) this.#escape(false);
    }
  }

  #escape(template: boolean): void {
    const next = this.#text[this.#at] ?? "";
    if ('\\"/bfnrt'.includes(next) && next !== "") this.#at++;
    else if (next === "u") this.#at = Math.min(this.#at + 4, this.#text.length);
    else if (template && next === "{") this.#at++;
    else this.#errors.push("illegal escape sequence");
  }

  /** From after an opening quote, or the brace that ends an expression, to the next brace or the closing quote. */
  #template(start: number, raw: boolean, spaced: boolean, newline: boolean): void {
    const from = this.#at;
    for (;;) {
      const code = this.#code();
      if (Number.isNaN(code) || (code === 10 && !raw)) {
        this.#errors.push("non-terminated string");
        this.#push(raw ? "raw-template-end" : "template-end", start, spaced, newline, this.#text.slice(from, this.#at));
        return;
      }
      this.#at++;
      if (code === (raw ? 96 : 34)) {
        const text = this.#text.slice(from, this.#at - 1);
        this.#push(raw ? "raw-template-end" : "template-end", start, spaced, newline, text);
        return;
      }
      if (code === 123) {
        const text = this.#text.slice(from, this.#at - 1);
        this.#push(raw ? "raw-template-part" : "template-part", start, spaced, newline, text);
        this.#templates.push({ raw, depth: 0 });
        return;
      }
      if (code === 92) {
        if (!raw) this.#escape(true);
        else if (this.#code() === 123) this.#at++;
      }
    }
  }
}

function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
}

function isDecimal(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isDigit(code: number): boolean {
  return isDecimal(code) || (code >= 128 && /\p{Nd}/u.test(String.fromCharCode(code)));
}
