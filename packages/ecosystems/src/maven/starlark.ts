import { FormatError } from "@plimsoll/formats";

/** The value of an expression, as far as it can be told without running the program; undefined: it cannot. */
export type StarlarkValue = string | readonly StarlarkValue[] | StarlarkCall | StarlarkName | undefined;

/** A name that no assignment of the file explains, or a member of something: `maven.install`. */
export interface StarlarkName {
  readonly kind: "name";
  readonly of?: StarlarkValue;
  readonly name: string;
}

export interface StarlarkCall {
  readonly kind: "call";
  readonly callee: StarlarkValue;
  readonly positional: readonly StarlarkValue[];
  readonly named: ReadonlyMap<string, StarlarkValue>;
  /** 1-based. */
  readonly line: number;
}

/** A call that stands as a statement of its own, or a statement that could not be read. */
export type StarlarkStatement =
  | StarlarkCall
  | { readonly kind: "unread"; readonly line: number; readonly names: ReadonlySet<string> };

interface Token {
  readonly kind: "text" | "name" | "number" | "mark" | "end";
  readonly text: string;
  readonly line: number;
}

/**
 * What is never closed reaches to the end of its line, or of the file; quoted text no further than a million characters: the engine
 * has no stack for tens of them.
 */
const unit =
  /\n|\\\n|[^\S\n]+|#[^\n]*|[rb]{0,2}(?:"""((?:[^\\"]|\\[^]?|"(?!"")){0,1000000})(?:""")?|'''((?:[^\\']|\\[^]?|'(?!'')){0,1000000})(?:''')?|"((?:[^"\\\n]|\\[^]?){0,1000000})"?|'((?:[^'\\\n]|\\[^]?){0,1000000})'?)|([A-Za-z_]\w*)|(\d[\w.]*)|[-+*/%=<>!|&^]=|\*\*|\/\/|[^]/gy;

/** Bounds of what expressions may grow to: names may be joined with themselves over and over. */
const maxDepth = 100;
const maxText = 4_096;
const maxList = 50_000;

/**
 * The calls of a Starlark file (https://github.com/bazelbuild/starlark/blob/master/spec.md), in order, with the constants of the
 * file put in their places: texts, lists, `+` and names that are assigned once before. Functions, loops and conditions are not run.
 * Throws FormatError when there are more than a million units.
 */
export function readStarlark(text: string): readonly StarlarkStatement[] {
  const reader = new Reader(tokensOf(text));
  const statements: StarlarkStatement[] = [];
  while (!reader.isDone) {
    const statement = reader.statement();
    if (statement !== undefined) statements.push(statement);
  }
  return statements;
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let depth = 0;
  let line = 1;
  for (const match of text.replaceAll("\r\n", "\n").matchAll(unit)) {
    const [raw, ...groups] = match;
    const quoted = groups.slice(0, 4).find((group) => group !== undefined);
    const at = line;
    if (raw.includes("\n")) line += raw.split("\n").length - 1;
    if (quoted !== undefined)
      tokens.push({ kind: "text", text: quoted.replaceAll(/\\(?:\n|([\\"']))/g, "$1"), line: at });
    else if (groups[4] !== undefined) tokens.push({ kind: "name", text: raw, line: at });
    else if (groups[5] !== undefined) tokens.push({ kind: "number", text: raw, line: at });
    else if (raw === "\n" || raw === ";") {
      if (depth === 0) tokens.push({ kind: "end", text: "", line: at });
    } else if (raw.trim() !== "" && !raw.startsWith("#") && raw !== "\\\n") {
      if ("[({".includes(raw)) depth++;
      if ("])}".includes(raw)) depth = Math.max(0, depth - 1);
      tokens.push({ kind: "mark", text: raw, line: at });
    }
    if (tokens.length > 1_000_000)
      throw new FormatError("starlark", "limit-exceeded", "it has more than a million words and signs");
  }
  tokens.push({ kind: "end", text: "", line });
  return tokens;
}

/** Thrown, and caught again, where an expression is of another kind than those read here. */
class Unread extends Error {}

class Reader {
  readonly #tokens: readonly Token[];
  readonly #names = new Map<string, StarlarkValue>();
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get isDone(): boolean {
    return this.#at >= this.#tokens.length;
  }

  /** Reads up to the end of a statement, whatever it is. */
  statement(): StarlarkStatement | undefined {
    const start = this.#at;
    this.#depth = 0;
    let read: StarlarkValue;
    let problem = false;
    try {
      read = this.#assignmentOrValue();
      problem = this.#peek().kind !== "end";
    } catch (error) {
      if (!(error instanceof Unread)) throw error;
      problem = true;
    }
    while (this.#peek().kind !== "end") this.#at++;
    const tokens = this.#tokens.slice(start, this.#at);
    this.#at++;
    if (problem) {
      const names = new Set(tokens.flatMap(({ kind, text }) => (kind === "name" ? [text] : [])));
      // What an unread statement assigns is not known any longer.
      if (tokens[0]?.kind === "name") this.#names.delete(tokens[0].text);
      return { kind: "unread", line: tokens[0]?.line ?? 0, names };
    }
    return typeof read === "object" && "kind" in read && read.kind === "call" ? read : undefined;
  }

  #assignmentOrValue(): StarlarkValue {
    const [first, second] = [this.#peek(), this.#tokens[this.#at + 1]];
    if (first.kind === "end") return undefined;
    if (first.kind !== "name" || second?.kind !== "mark" || (second.text !== "=" && second.text !== "+="))
      return this.#sum();
    this.#at += 2;
    const value = this.#sum();
    this.#names.set(first.text, second.text === "=" ? value : join(this.#names.get(first.text), value));
    return undefined;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "", line: 0 };
  }

  #isMark(text: string): boolean {
    const token = this.#peek();
    return token.kind === "mark" && token.text === text;
  }

  #skip(text: string): boolean {
    if (!this.#isMark(text)) return false;
    this.#at++;
    return true;
  }

  #sum(): StarlarkValue {
    if (++this.#depth > maxDepth) throw new Unread();
    let value = this.#postfix();
    while (this.#skip("+")) value = join(value, this.#postfix());
    this.#depth--;
    return value;
  }

  #postfix(): StarlarkValue {
    let value = this.#primary();
    for (;;) {
      const { line } = this.#peek();
      if (this.#skip(".")) {
        const member = this.#peek();
        if (member.kind !== "name") throw new Unread();
        this.#at++;
        value = { kind: "name", of: value, name: member.text };
      } else if (this.#skip("(")) value = this.#call(value, line);
      else if (this.#skip("[")) {
        this.#sum();
        if (!this.#skip("]")) throw new Unread();
        value = undefined;
      } else return value;
    }
  }

  #primary(): StarlarkValue {
    let isNegative = false;
    while (this.#skip("-")) isNegative = true;
    const token = this.#peek();
    this.#at++;
    if (isNegative && token.kind !== "number") throw new Unread();
    if (token.kind === "text") return token.text.length > maxText ? undefined : token.text;
    if (token.kind === "number") return undefined;
    if (token.kind === "name") {
      // Names of constants and of what is done to them.
      if (/^(?:for|if|else|lambda|def|in|and|or|not|return|pass)$/.test(token.text)) throw new Unread();
      return this.#names.has(token.text) ? this.#names.get(token.text) : { kind: "name", name: token.text };
    }
    if (token.kind === "mark" && token.text === "[") return this.#list("]");
    if (token.kind === "mark" && token.text === "(") {
      const items = this.#list(")");
      return items.length === 1 ? items[0] : items;
    }
    if (token.kind === "mark" && token.text === "{") {
      while (!this.#skip("}")) {
        this.#sum();
        if (!this.#skip(":")) throw new Unread();
        this.#sum();
        if (!this.#skip(",") && !this.#isMark("}")) throw new Unread();
      }
      return undefined;
    }
    throw new Unread();
  }

  #list(close: string): readonly StarlarkValue[] {
    const items: StarlarkValue[] = [];
    while (!this.#skip(close)) {
      items.push(this.#sum());
      if (!this.#skip(",") && !this.#isMark(close)) throw new Unread();
    }
    return items;
  }

  #call(callee: StarlarkValue, line: number): StarlarkCall {
    const positional: StarlarkValue[] = [];
    const named = new Map<string, StarlarkValue>();
    while (!this.#skip(")")) {
      const [name, equals] = [this.#peek(), this.#tokens[this.#at + 1]];
      if (name.kind === "name" && equals?.kind === "mark" && equals.text === "=") {
        this.#at += 2;
        named.set(name.text, this.#sum());
      } else {
        if (!this.#skip("**")) this.#skip("*");
        positional.push(this.#sum());
      }
      if (!this.#skip(",") && !this.#isMark(")")) throw new Unread();
    }
    return { kind: "call", callee, positional, named, line };
  }
}

function join(a: StarlarkValue, b: StarlarkValue): StarlarkValue {
  if (typeof a === "string" && typeof b === "string") return a.length + b.length > maxText ? undefined : a + b;
  if (!Array.isArray(a) && !Array.isArray(b)) return undefined;
  // What cannot be told of one list does not hide the other.
  const items = [a, b].flatMap((value) => (Array.isArray(value) ? (value as readonly StarlarkValue[]) : [undefined]));
  return items.length > maxList ? undefined : items;
}
