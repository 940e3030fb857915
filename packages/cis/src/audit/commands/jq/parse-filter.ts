import { UnsupportedAudit } from "../../unsupported.ts";
import type { Filter } from "./filter.ts";

const maxDepth = 100;
const identity: Filter = { kind: "identity" };

/** Parses a jq program; definitions, update assignments and labels are not supported. @throws UnsupportedAudit */
export function parseFilter(program: string): Filter {
  if (program.length > 20_000) throw new UnsupportedAudit("jq program", "too long");
  const parser = new FilterParser(program);
  const filter = parser.pipe(0);
  parser.end();
  return filter;
}

const precedences: readonly (readonly string[])[] = [
  ["//"],
  ["or"],
  ["and"],
  ["==", "!=", "<=", ">=", "<", ">"],
  ["+", "-"],
  ["*", "/", "%"],
];

/** What a letter after a backslash stands for in a string. */
const escapes: ReadonlyMap<string, string> = new Map(Object.entries({ n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" }));

class FilterParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  #blanks(): void {
    for (;;) {
      while (/\s/.test(this.#text[this.#at] ?? "")) this.#at++;
      if (this.#text[this.#at] !== "#") return;
      const end = this.#text.indexOf("\n", this.#at);
      this.#at = end === -1 ? this.#text.length : end;
    }
  }

  end(): void {
    this.#blanks();
    if (this.#at < this.#text.length) throw this.#refuse();
  }

  #refuse(): UnsupportedAudit {
    return new UnsupportedAudit("jq program", this.#text.slice(this.#at, this.#at + 40));
  }

  #take(token: string): boolean {
    this.#blanks();
    if (!this.#text.startsWith(token, this.#at)) return false;
    const after = this.#text[this.#at + token.length] ?? "";
    if (/^\w+$/.test(token) && /\w/.test(after)) return false;
    if (token === "/" && after === "/") return false;
    // `|=` and its kind change values; nothing in an audit needs to.
    if (/^[|+\-*/%]$/.test(token) && after === "=") throw this.#refuse();
    if (token === "//" && after === "=") throw this.#refuse();
    this.#at += token.length;
    return true;
  }

  #need(token: string): void {
    if (!this.#take(token)) throw this.#refuse();
  }

  pipe(depth: number): Filter {
    if (depth > maxDepth) throw new UnsupportedAudit("jq program", "nested too deeply");
    const left = this.#comma(depth);
    if (this.#take("as")) {
      const name = this.#variable();
      this.#need("|");
      return { kind: "bind", source: left, name, body: this.pipe(depth + 1) };
    }
    return this.#take("|") ? { kind: "pipe", left, right: this.pipe(depth + 1) } : left;
  }

  #comma(depth: number): Filter {
    let left = this.#binary(0, depth);
    while (this.#take(",")) left = { kind: "comma", left, right: this.#binary(0, depth) };
    return left;
  }

  #binary(level: number, depth: number): Filter {
    const operators = precedences[level];
    if (operators === undefined) return this.#unary(depth);
    let left = this.#binary(level + 1, depth);
    for (;;) {
      const operator = operators.find((token) => this.#take(token));
      if (operator === undefined) return left;
      // `//` binds to the right.
      const right = this.#binary(operator === "//" ? level : level + 1, depth);
      left = { kind: "binary", operator, left, right };
    }
  }

  #unary(depth: number): Filter {
    return this.#take("-") ? { kind: "negate", body: this.#postfix(depth) } : this.#postfix(depth);
  }

  #postfix(depth: number): Filter {
    let filter = this.#term(depth + 1);
    for (;;) {
      const char = this.#text[this.#at];
      if (char === "[") filter = this.#bracket(filter, depth);
      else if (char === "?") {
        this.#at++;
        filter = { kind: "try", body: filter };
      } else if (char === "." && /[A-Za-z_"[]/.test(this.#text[this.#at + 1] ?? "")) {
        this.#at++;
        if (this.#text[this.#at] !== "[") filter = { kind: "index", of: filter, key: this.#fieldName(depth) };
      } else {
        const kept = this.#at;
        this.#blanks();
        const next = this.#text[this.#at];
        if (next === "[" || next === "?" || (next === "." && /[A-Za-z_"[]/.test(this.#text[this.#at + 1] ?? "")))
          continue;
        this.#at = kept;
        return filter;
      }
    }
  }

  #bracket(of: Filter, depth: number): Filter {
    this.#need("[");
    if (this.#take("]")) return { kind: "iterate", of };
    if (this.#take(":")) {
      const to = this.pipe(depth + 1);
      this.#need("]");
      return { kind: "slice", of, to };
    }
    const key = this.pipe(depth + 1);
    if (this.#take(":")) {
      if (this.#take("]")) return { kind: "slice", of, from: key };
      const to = this.pipe(depth + 1);
      this.#need("]");
      return { kind: "slice", of, from: key, to };
    }
    this.#need("]");
    return { kind: "index", of, key };
  }

  #fieldName(depth: number): Filter {
    if (this.#text[this.#at] === '"') return this.#string(depth);
    const name = /^[A-Za-z_]\w*/.exec(this.#text.slice(this.#at, this.#at + 200))?.[0];
    if (name === undefined) throw this.#refuse();
    this.#at += name.length;
    return { kind: "literal", value: name };
  }

  #variable(): string {
    this.#blanks();
    const name = /^\$([A-Za-z_]\w*)/.exec(this.#text.slice(this.#at, this.#at + 100))?.[1];
    if (name === undefined) throw this.#refuse();
    this.#at += name.length + 1;
    return name;
  }

  #term(depth: number): Filter {
    if (depth > maxDepth) throw new UnsupportedAudit("jq program", "nested too deeply");
    this.#blanks();
    const char = this.#text[this.#at] ?? "";
    if (char === "(") {
      this.#at++;
      const inner = this.pipe(depth + 1);
      this.#need(")");
      return inner;
    }
    if (char === "[") {
      this.#at++;
      if (this.#take("]")) return { kind: "array" };
      const body = this.pipe(depth + 1);
      this.#need("]");
      return { kind: "array", body };
    }
    if (char === "{") return this.#object(depth);
    if (char === '"') return this.#string(depth);
    if (char === "$") return { kind: "variable", name: this.#variable() };
    if (char === ".") {
      this.#at++;
      if (this.#text[this.#at] === ".") {
        this.#at++;
        return { kind: "recurse" };
      }
      if (/[A-Za-z_"]/.test(this.#text[this.#at] ?? ""))
        return { kind: "index", of: identity, key: this.#fieldName(depth) };
      return identity;
    }
    const number = /^\d+(\.\d+)?/.exec(this.#text.slice(this.#at, this.#at + 40))?.[0];
    if (number !== undefined) {
      this.#at += number.length;
      return { kind: "literal", value: Number(number) };
    }
    return this.#word(depth);
  }

  #word(depth: number): Filter {
    const name = /^@?[A-Za-z_]\w*/.exec(this.#text.slice(this.#at, this.#at + 100))?.[0];
    if (name === undefined) throw this.#refuse();
    this.#at += name.length;
    switch (name) {
      case "true":
        return { kind: "literal", value: true };
      case "false":
        return { kind: "literal", value: false };
      case "null":
        return { kind: "literal", value: null };
      case "if":
        return this.#if(depth);
      case "reduce": {
        const source = this.#postfix(depth + 1);
        this.#need("as");
        const variable = this.#variable();
        this.#need("(");
        const start = this.pipe(depth + 1);
        this.#need(";");
        const update = this.pipe(depth + 1);
        this.#need(")");
        return { kind: "reduce", source, name: variable, start, update };
      }
      case "try": {
        const body = this.#postfix(depth + 1);
        if (this.#take("catch")) throw this.#refuse();
        return { kind: "try", body };
      }
      case "def":
      case "foreach":
      case "label":
      case "import":
        this.#at -= name.length;
        throw this.#refuse();
    }
    const args: Filter[] = [];
    if (this.#take("(")) {
      do args.push(this.pipe(depth + 1));
      while (this.#take(";"));
      this.#need(")");
    }
    return { kind: "call", name, args };
  }

  #if(depth: number): Filter {
    const when = this.pipe(depth + 1);
    this.#need("then");
    const body = this.pipe(depth + 1);
    let otherwise: Filter = identity;
    if (this.#take("elif")) return { kind: "if", when, body, otherwise: this.#if(depth + 1) };
    if (this.#take("else")) otherwise = this.pipe(depth + 1);
    this.#need("end");
    return { kind: "if", when, body, otherwise };
  }

  #object(depth: number): Filter {
    this.#need("{");
    const entries: { key: Filter; value: Filter }[] = [];
    while (!this.#take("}")) {
      if (entries.length > 0) this.#need(",");
      this.#blanks();
      const char = this.#text[this.#at];
      if (char === "$") {
        const name = this.#variable();
        entries.push({ key: { kind: "literal", value: name }, value: { kind: "variable", name } });
        continue;
      }
      let key: Filter;
      if (char === "(") {
        this.#at++;
        key = this.pipe(depth + 1);
        this.#need(")");
      } else key = this.#fieldName(depth);
      if (!this.#take(":")) {
        entries.push({ key, value: { kind: "index", of: identity, key } });
        continue;
      }
      let value = this.#binary(0, depth + 1);
      while (this.#take("|")) value = { kind: "pipe", left: value, right: this.#binary(0, depth + 1) };
      entries.push({ key, value });
    }
    return { kind: "object", entries };
  }

  #string(depth: number): Filter {
    this.#at++;
    const parts: (string | Filter)[] = [];
    let text = "";
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at++] ?? "";
      if (char === '"') {
        parts.push(text);
        return parts.length === 1 ? { kind: "literal", value: text } : { kind: "text", parts };
      }
      if (char !== "\\") {
        text += char;
        continue;
      }
      const next = this.#text[this.#at++] ?? "";
      if (next === "(") {
        parts.push(text, this.pipe(depth + 1));
        text = "";
        this.#need(")");
      } else if (next === "u") {
        text += String.fromCharCode(Number.parseInt(this.#text.slice(this.#at, this.#at + 4), 16) || 0);
        this.#at += 4;
      } else text += escapes.get(next) ?? next;
    }
    throw new UnsupportedAudit("jq program", "a string has no end");
  }
}
