import {
  qualifiedName,
  type CallExpr,
  type Expr,
  type ListExpr,
  type LiteralExpr,
  type MapExpr,
  type MessageExpr,
} from "./ast.ts";
import { failure, reservedWords, tokenize, type Token } from "./lexer.ts";
import { expandMacro } from "./macros.ts";

/** How deep an expression may nest; cel-go's own limit. */
const maxNesting = 250;
/** How many fields, indexes or operators of one strength may follow each other; each nests the tree one deeper. */
const maxChain = 500;
/** How long a source may be, in UTF-16 units; cel-go's own limit. */
const maxSourceLength = 100_000;
const maxInt = 2n ** 63n - 1n;
const maxUint = 2n ** 64n - 1n;

/** Operators by binding strength, weakest first; all associate to the left. */
const binary: readonly (readonly string[])[] = [
  ["==", "!=", "<", "<=", ">", ">=", "in"],
  ["+", "-"],
  ["*", "/", "%"],
];

/**
 * Parses an expression of the Common Expression Language and expands its macros.
 * @throws {CelCompileError} for whatever breaks the grammar (CEL specification, "Syntax").
 */
export function parse(source: string): Expr {
  if (source.length > maxSourceLength)
    throw failure(source, 0, `Syntax error: an expression has at most ${maxSourceLength} characters`);
  return new Parser(source).parseAll();
}

class Parser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #nesting = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokenize(source);
  }

  parseAll(): Expr {
    const expr = this.#expression();
    if (this.#peek().kind !== "end") throw this.#unexpected();
    return expr;
  }

  #peek(): Token {
    // The list always ends in an `end` token, past which nothing steps.
    return this.#tokens[Math.min(this.#at, this.#tokens.length - 1)] as Token; // as: see above
  }

  #isOperator(text: string): boolean {
    const token = this.#peek();
    return token.kind === "operator" && token.text === text;
  }

  #take(text: string): boolean {
    const found = this.#isOperator(text);
    if (found) this.#at += 1;
    return found;
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw this.#unexpected(`, expected '${text}'`);
  }

  #unexpected(more = ""): Error {
    const { kind, text, offset } = this.#peek();
    return failure(this.#source, offset, `Syntax error: unexpected '${kind === "end" ? "<EOF>" : text}'${more}`);
  }

  #expression(): Expr {
    this.#nesting += 1;
    if (this.#nesting > maxNesting)
      throw failure(this.#source, this.#peek().offset, `expression nests deeper than ${maxNesting}`);
    const { offset } = this.#peek();
    const condition = this.#logical("||");
    let expr = condition;
    if (this.#take("?")) {
      const whenTrue = this.#logical("||");
      this.#expect(":");
      expr = { kind: "call", name: "_?_:_", args: [condition, whenTrue, this.#expression()], offset };
    }
    this.#nesting -= 1;
    return expr;
  }

  /** `a || b || c` becomes one call, so that long chains nest no deeper than short ones. */
  #logical(operator: "||" | "&&"): Expr {
    const { offset } = this.#peek();
    const next = (): Expr => (operator === "||" ? this.#logical("&&") : this.#binary(0));
    const args = [next()];
    while (this.#take(operator)) args.push(next());
    const [only] = args;
    return args.length === 1 && only !== undefined ? only : { kind: "call", name: `_${operator}_`, args, offset };
  }

  #binary(level: number): Expr {
    const operators = binary[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    let links = 0;
    for (;;) {
      const { kind, text, offset } = this.#peek();
      if (!operators.includes(text) || (kind !== "operator" && text !== "in")) return left;
      this.#at += 1;
      links = this.#link(links, offset);
      const name = text === "in" ? "@in" : `_${text}_`;
      left = { kind: "call", name, args: [left, this.#binary(level + 1)], offset };
    }
  }

  #link(links: number, offset: number): number {
    if (links >= maxChain) throw failure(this.#source, offset, `expression nests deeper than ${maxChain}`);
    return links + 1;
  }

  #unary(): Expr {
    const { offset, text } = this.#peek();
    if (!this.#isOperator("!") && !this.#isOperator("-")) return this.#member();
    let count = 0;
    while (this.#take(text)) count += 1;
    const next = this.#peek();
    if (text === "-" && (next.kind === "int" || next.kind === "double") && count % 2 === 1)
      return this.#members(this.#number(true));
    const operand = this.#member();
    return count % 2 === 0 ? operand : { kind: "call", name: text === "!" ? "!_" : "-_", args: [operand], offset };
  }

  #member(): Expr {
    return this.#members(this.#primary());
  }

  #members(primary: Expr): Expr {
    let expr = primary;
    for (let links = 0; ; links = this.#link(links, expr.offset)) {
      const { offset } = this.#peek();
      if (this.#take(".")) expr = this.#selection(expr, offset);
      else if (this.#take("[")) {
        const optional = this.#take("?");
        const index = this.#expression();
        this.#expect("]");
        expr = { kind: "call", name: optional ? "_[?_]" : "_[_]", args: [expr, index], offset };
      } else if (this.#isOperator("{")) {
        const name = qualifiedName(expr);
        if (name === undefined) throw this.#unexpected();
        expr = this.#message(name, expr.offset);
      } else return expr;
    }
  }

  #selection(operand: Expr, offset: number): Expr {
    const optional = this.#take("?");
    const token = this.#peek();
    const field = this.#fieldName();
    if (optional || token.kind === "quoted" || !this.#take("("))
      return { kind: "select", operand, field, optional, test: false, offset };
    const call: CallExpr = { kind: "call", name: field, target: operand, args: this.#arguments(")"), offset };
    return expandMacro(this.#source, call) ?? call;
  }

  #fieldName(): string {
    const token = this.#peek();
    if (token.kind === "quoted" || (token.kind === "ident" && token.text !== "in" && !isLiteralWord(token.text))) {
      this.#at += 1;
      return token.kind === "quoted" ? String(token.value) : token.text;
    }
    throw this.#unexpected(", expected a field name");
  }

  #arguments(close: string): readonly Expr[] {
    const args: Expr[] = [];
    if (this.#take(close)) return args;
    do args.push(this.#expression());
    while (this.#take(","));
    this.#expect(close);
    return args;
  }

  #primary(): Expr {
    const { kind, offset, value } = this.#peek();
    if (kind === "int" || kind === "uint" || kind === "double") return this.#number(false);
    if (kind === "string" || kind === "bytes") {
      this.#at += 1;
      return literal(
        offset,
        value instanceof Uint8Array ? { kind: "bytes", value } : { kind: "string", value: String(value) },
      );
    }
    if (kind === "ident") return this.#name(false, offset);
    if (this.#take("(")) {
      const inner = this.#expression();
      this.#expect(")");
      return inner;
    }
    if (this.#take("[")) return this.#list(offset);
    if (this.#take("{")) return this.#map(offset);
    if (this.#take(".")) return this.#name(true, offset);
    throw this.#unexpected();
  }

  #name(absolute: boolean, offset: number): Expr {
    const { kind, text } = this.#peek();
    if (kind !== "ident" || text === "in") throw this.#unexpected();
    if (!absolute && isLiteralWord(text)) {
      this.#at += 1;
      return literal(offset, text === "null" ? { kind: "null" } : { kind: "bool", value: text === "true" });
    }
    if (reservedWords.has(text) || isLiteralWord(text))
      throw failure(this.#source, offset, `Syntax error: reserved identifier: ${text}`);
    this.#at += 1;
    if (!this.#take("(")) return { kind: "ident", name: text, absolute, offset };
    const call: CallExpr = { kind: "call", name: text, args: this.#arguments(")"), offset };
    return (absolute ? undefined : expandMacro(this.#source, call)) ?? call;
  }

  #number(negative: boolean): LiteralExpr {
    const { kind, value, offset } = this.#peek();
    this.#at += 1;
    if (kind === "double") return literal(offset, { kind, value: negative ? -Number(value) : Number(value) });
    const whole = negative ? -BigInt(String(value)) : BigInt(String(value));
    const unsigned = kind === "uint";
    if (whole > (unsigned ? maxUint : maxInt) || whole < -maxInt - 1n)
      throw failure(this.#source, offset, `invalid ${unsigned ? "uint" : "int"} literal`);
    return literal(offset, { kind: unsigned ? "uint" : "int", value: whole });
  }

  #list(offset: number): ListExpr {
    const elements: ListExpr["elements"][number][] = [];
    while (!this.#take("]")) {
      const optional = this.#take("?");
      elements.push({ optional, value: this.#expression() });
      if (!this.#take(",") && !this.#isOperator("]")) throw this.#unexpected(", expected ']'");
    }
    return { kind: "list", elements, offset };
  }

  #map(offset: number): MapExpr {
    const entries: MapExpr["entries"][number][] = [];
    while (!this.#take("}")) {
      const optional = this.#take("?");
      const key = this.#expression();
      this.#expect(":");
      entries.push({ optional, key, value: this.#expression() });
      if (!this.#take(",") && !this.#isOperator("}")) throw this.#unexpected(", expected '}'");
    }
    return { kind: "map", entries, offset };
  }

  #message(name: string, offset: number): MessageExpr {
    this.#expect("{");
    const fields: MessageExpr["fields"][number][] = [];
    while (!this.#take("}")) {
      const optional = this.#take("?");
      const field = this.#peek();
      const fieldName = this.#fieldName();
      this.#expect(":");
      fields.push({ optional, name: fieldName, value: this.#expression(), offset: field.offset });
      if (!this.#take(",") && !this.#isOperator("}")) throw this.#unexpected(", expected '}'");
    }
    return { kind: "message", name, fields, offset };
  }
}

function isLiteralWord(text: string): boolean {
  return text === "true" || text === "false" || text === "null";
}

function literal(offset: number, value: LiteralExpr["literal"]): LiteralExpr {
  return { kind: "literal", literal: value, offset };
}
