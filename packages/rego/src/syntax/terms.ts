/** Parses terms: literals, collections, comprehensions, references, calls and operators. */

import { isNumberText, isTractable, numberFromText } from "../values/number.ts";
import { operatorRef, stringTerm, variable, type Body, type Expression, type RefTerm, type Term } from "./ast.ts";
import type { RegoIssue } from "./errors.ts";
import type { Token, TokenKind } from "./lexer.ts";
import { TokenStream } from "./token-stream.ts";

const operatorNames: Readonly<Partial<Record<TokenKind, string>>> = {
  "==": "equal",
  "!=": "neq",
  "<": "lt",
  ">": "gt",
  "<=": "lte",
  ">=": "gte",
  "|": "or",
  "&": "and",
  "+": "plus",
  "-": "minus",
  "*": "mul",
  "/": "div",
  "%": "rem",
};

/** Operators from the weakest to the strongest. */
const operatorLevels: readonly (readonly TokenKind[])[] = [
  ["==", "!=", "<", ">", "<=", ">="],
  ["|"],
  ["&"],
  ["+", "-"],
  ["*", "/", "%"],
];

interface ParsedTerm {
  readonly term: Term | undefined;
  readonly index: number;
  readonly errors: readonly RegoIssue[];
}

/** A name for the kind of a term in messages. */
export function termKind(term: Term): string {
  if (term.kind === "comprehension") return `${term.shape}comprehension`;
  if (term.kind === "template") return "templatestring";
  if (term.kind !== "scalar") return term.kind;
  if (term.value === null) return "null";
  if (typeof term.value === "boolean") return "boolean";
  return typeof term.value === "string" ? "string" : "number";
}

/** Whether a term is the variable or reference `input` or `data` alone. */
export function isRootRef(term: Term): boolean {
  return term.kind === "ref" && term.path.length === 0 && term.head.kind === "var" && isRoot(term.head.name);
}

function isRoot(name: string): boolean {
  return name === "input" || name === "data";
}

export abstract class TermParser extends TokenStream {
  // Terms are tried as heads of comprehensions first: without this, nesting would double the work at each level.
  protected readonly parsedTerms: Map<number, ParsedTerm> = new Map();

  protected abstract body(end: TokenKind): Body | undefined;
  protected abstract literal(): Expression | undefined;

  /** A term with operators; `pairs` allows `k, v in xs`. */
  protected infix(pairs = true): Term | undefined {
    return this.nested(() => this.membership(pairs));
  }

  protected membership(pairs: boolean): Term | undefined {
    const start = this.token.start;
    let left = this.binary(0);
    if (left === undefined) return undefined;
    for (;;) {
      if (pairs && this.at(",")) {
        const triple = this.keyedMembership(left, start);
        if (triple !== undefined) {
          left = triple;
          continue;
        }
      }
      if (!this.isKeyword("in") || this.isKeywordInRef()) return left;
      const operator = operatorRef("internal.member_2", this.here());
      this.advance();
      const right = this.binary(0);
      if (right === undefined) return left;
      left = { kind: "call", operator, args: [left, right], span: this.span(start) };
    }
  }

  private keyedMembership(key: Term, start: number): Term | undefined {
    const mark = this.save();
    this.advance();
    const value = this.binary(0);
    if (value !== undefined && this.isKeyword("in")) {
      const operator = operatorRef("internal.member_3", this.here());
      this.advance();
      const right = this.binary(0);
      if (right !== undefined) {
        return { kind: "call", operator, args: [key, value, right], span: this.span(start) };
      }
    }
    this.restore(mark);
    return undefined;
  }

  private binary(level: number): Term | undefined {
    const operators = operatorLevels[level];
    if (operators === undefined) return this.term();
    const start = this.token.start;
    let left = this.binary(level + 1);
    while (left !== undefined && operators.includes(this.token.kind)) {
      const operator = operatorRef(operatorNames[this.token.kind] ?? "", this.here());
      this.advance();
      const right = this.binary(level + 1);
      if (right === undefined) return left;
      left = { kind: "call", operator, args: [left, right], span: this.span(start) };
    }
    return left;
  }

  /** A term without operators. */
  protected term(): Term | undefined {
    const index = this.index;
    const known = this.keywordLead === index ? undefined : this.parsedTerms.get(index);
    if (known !== undefined) {
      this.jump(known.index);
      this.errors.push(...known.errors);
      return known.term;
    }
    const before = this.errors.length;
    const term = this.nested(() => this.freshTerm());
    this.parsedTerms.set(index, { term, index: this.index, errors: this.errors.slice(before) });
    return term;
  }

  private freshTerm(): Term | undefined {
    const { token } = this;
    if (token.kind === "-" && this.peeked.kind === "name" && this.isNameAhead()) return this.negatedReference();
    const head = this.operand(token);
    return head === undefined ? undefined : this.finish(head);
  }

  private isNameAhead(): boolean {
    const { text } = this.peeked;
    return !this.keywords.has(text) || text === "contains";
  }

  private negatedReference(): Term | undefined {
    const minus = this.here();
    this.advance();
    const head = this.variableTerm();
    const term = this.finish(head);
    if (term === undefined) return undefined;
    const zero: Term = { kind: "scalar", value: 0, span: minus };
    return {
      kind: "call",
      operator: operatorRef("minus", minus),
      args: [zero, term],
      span: this.span(minus.start),
    };
  }

  private operand(token: Token): Term | undefined {
    switch (token.kind) {
      case "name":
        return this.nameOperand(token);
      case "-":
      case ".":
      case "number":
        return this.number();
      case "string":
      case "raw-string":
        return this.string(token);
      case "template-part":
      case "template-end":
      case "raw-template-part":
      case "raw-template-end":
        return this.template();
      case "[":
        return this.nested(() => this.array());
      case "{":
        return this.nested(() => this.setOrObject());
      case "(":
        return this.parenthesized();
      default:
        return this.illegal();
    }
  }

  private nameOperand(token: Token): Term | undefined {
    const span = this.here();
    if (this.isAnyKeyword() && token.text !== "contains" && this.keywordLead !== this.index) {
      const value =
        token.text === "null" ? null : token.text === "true" ? true : token.text === "false" ? false : undefined;
      if (value !== undefined) {
        this.advance();
        return { kind: "scalar", value, span };
      }
      const call = (token.text === "and" || token.text === "or") && this.peeked.kind === "(" && !this.peeked.spaced;
      if (!call) return this.illegal();
    }
    return this.variableTerm();
  }

  /** Index of the token at which a reference may begin with a keyword (`if.x` at the start of a statement). */
  protected keywordLead = -1;

  protected variableTerm(): Term {
    const span = this.here();
    const name = this.token.text === "_" ? this.wildcard() : this.token.text;
    this.advance();
    return variable(name, span);
  }

  /** What may follow directly after a term: `.name`, `[key]`, `(arguments)`. */
  private finish(head: Term): Term | undefined {
    const { token } = this;
    if (!token.spaced && (token.kind === "(" || token.kind === "." || token.kind === "[")) return this.reference(head);
    if (head.kind === "var" && isRoot(head.name)) return { kind: "ref", head, path: [], span: head.span };
    return head;
  }

  protected reference(head: Term): Term | undefined {
    return this.nested(() => this.referenceTail(head));
  }

  private referenceTail(first: Term): Term | undefined {
    let head = first;
    if (head.kind === "scalar" || head.kind === "template" || head.kind === "ref") {
      this.error(head.span, `illegal ref (head cannot be ${termKind(head)})`);
    }
    const { start } = head.span;
    let path: Term[] = [];
    // The first token may stand apart from a rule's name; later ones may not.
    for (let begun = false; ; begun = true) {
      const { token } = this;
      if (begun && token.spaced) break;
      if (token.kind === ".") {
        this.advance();
        if (!this.at("name") || this.token.spaced) return this.illegal("expected identifier");
        path.push(stringTerm(this.token.text, this.here()));
        this.advance();
      } else if (token.kind === "[") {
        const key = this.bracket();
        if (key === undefined) return undefined;
        path.push(key);
      } else if (token.kind === "(") {
        const operator: RefTerm = { kind: "ref", head, path, span: this.span(start) };
        const call = this.call(operator, start);
        if (call === undefined) return undefined;
        const next = this.token;
        if (next.spaced || (next.kind !== "." && next.kind !== "[")) return call;
        if (call.kind === "set") this.error(head.span, "illegal ref (head cannot be set)");
        head = call;
        path = [];
      } else {
        break;
      }
    }
    return { kind: "ref", head, path, span: this.span(start) };
  }

  private bracket(): Term | undefined {
    this.advance();
    const key = this.infix();
    if (key === undefined) return undefined;
    if (!this.at("]")) return this.illegal("expected [");
    this.advance();
    return key;
  }

  private call(operator: RefTerm, start: number): Term | undefined {
    this.advance();
    const isSet = operator.path.length === 0 && operator.head.kind === "var" && operator.head.name === "set";
    const args = this.at(")") ? [] : this.termList(")", []);
    if (args === undefined) return undefined;
    this.advance();
    if (isSet && args.length === 0) return { kind: "set", items: [], span: this.span(start) };
    return { kind: "call", operator, args, span: this.span(start) };
  }

  private parenthesized(): Term | undefined {
    const { start } = this.token;
    this.advance();
    const inner = this.infix();
    if (inner === undefined) return undefined;
    if (!this.at(")")) return this.error(this.here(), "non-terminated expression");
    this.advance();
    return { ...inner, span: this.span(start) };
  }

  private number(): Term | undefined {
    const span = this.here();
    let prefix = "";
    if (this.at("-")) {
      prefix = "-";
      this.advance();
      if (!this.at("number") && !this.at(".")) return this.illegal("expected number");
    }
    if (this.at(".")) {
      prefix += "0.";
      this.advance();
      if (!this.at("number")) return this.illegal("expected number");
    }
    const digits = this.token.text;
    if (!prefix.endsWith(".") && digits.length > 1 && digits.startsWith("0")) {
      const fraction = digits[1] === "." || (digits.length > 2 && /[eE]/.test(digits.charAt(1)));
      if (!fraction) return this.illegal("expected number without leading zero");
    }
    const text = prefix + digits;
    if (!isNumberText(text)) return this.illegal("invalid float");
    if (!isTractable(text)) return this.error(this.here(), "number too big");
    this.advance();
    return { kind: "scalar", value: numberFromText(text), span: this.span(span.start) };
  }

  private string(token: Token): Term | undefined {
    const span = this.here();
    let value = token.text.slice(1, -1);
    if (token.kind === "string" && value.includes("\\")) {
      const unescaped = unescape(value);
      if (unescaped === undefined) return this.error(span, `illegal string literal: ${token.text}`);
      value = unescaped;
    }
    this.advance();
    return stringTerm(value, span);
  }

  private template(): Term | undefined {
    const { start } = this.token;
    const parts: (Term | Expression)[] = [];
    for (;;) {
      const { token } = this;
      const raw = token.kind.startsWith("raw-");
      const text = raw ? token.text.replaceAll("\\{", "{") : unescape(withoutBraceEscapes(token.text));
      if (text === undefined) return this.error(this.here(), `illegal template-string part: ${token.text}`);
      if (text !== "") parts.push(stringTerm(text, this.here()));
      this.advance();
      if (token.kind === "template-end" || token.kind === "raw-template-end") break;
      if (!token.kind.endsWith("template-part")) return this.error(this.here(), "expected template-string part");
      const part = this.templateExpression();
      if (part === undefined) return undefined;
      parts.push(part);
    }
    return { kind: "template", parts, span: this.span(start) };
  }

  private templateExpression(): Term | Expression | undefined {
    const comments = this.token.comments;
    const expression = this.literal();
    if (expression === undefined) return this.error(this.here(), "invalid template-string expression");
    const { span } = expression;
    if (expression.negated) return this.error(span, "unexpected negation ('not') in template-string expression");
    if (expression.kind === "call") {
      const name = expression.operator.head.kind === "var" ? expression.operator.head.name : "";
      if (name === "eq") return this.error(span, "unexpected unification ('=') in template-string expression");
      if (name === "assign") return this.error(span, "unexpected assignment (':=') in template-string expression");
    }
    if (expression.kind === "every") return this.error(span, "unexpected 'every' in template-string expression");
    if (expression.kind === "some") return this.error(span, "unexpected 'some' in template-string expression");
    if (!this.at("}")) return this.error(this.here(), "expected } to end template string expression");
    this.advance();
    const plain = expression.kind === "term" && expression.term.kind === "scalar" && comments === this.token.comments;
    return plain ? expression.term : expression;
  }

  private array(): Term | undefined {
    const { start } = this.token;
    this.advance();
    if (this.at("]")) {
      this.advance();
      return { kind: "array", items: [], span: this.span(start) };
    }
    let comprehension = true;
    if (this.at(",")) {
      comprehension = false;
      this.advance();
    }
    const mark = this.save();
    const first = this.term();
    if (first === undefined) return undefined;
    if (this.at("|") && comprehension) {
      this.advance();
      const body = this.body("]");
      if (body !== undefined) {
        this.advance();
        return { kind: "comprehension", shape: "array", value: first, body, span: this.span(start) };
      }
      if (!this.at(",")) return undefined;
    }
    this.restore(mark);
    const items = this.termList("]", []);
    if (items === undefined) return undefined;
    this.advance();
    return { kind: "array", items, span: this.span(start) };
  }

  private setOrObject(): Term | undefined {
    const { start } = this.token;
    this.advance();
    if (this.at("}")) {
      this.advance();
      return { kind: "object", entries: [], span: this.span(start) };
    }
    let comprehension = true;
    if (this.at(",")) {
      comprehension = false;
      this.advance();
    }
    const mark = this.save();
    const first = this.term();
    if (first === undefined) return undefined;
    if (this.at(":")) return this.object(start, first, comprehension);
    if (this.at("|") && comprehension) {
      this.advance();
      const body = this.body("}");
      if (body !== undefined) {
        this.advance();
        return { kind: "comprehension", shape: "set", value: first, body, span: this.span(start) };
      }
      if (!this.at(",")) return undefined;
      this.restore(mark);
      return this.setTail(start, []);
    }
    this.restore(mark);
    const key = this.infix(false);
    if (key === undefined) return undefined;
    if (this.at(":")) return this.object(start, key, comprehension);
    if (this.at("}")) return this.close({ kind: "set", items: [key], span: this.span(start) }, start);
    if (!this.at(",")) return this.illegal("non-terminated set");
    this.advance();
    return this.setTail(start, [key]);
  }

  private setTail(start: number, first: Term[]): Term | undefined {
    const items = this.termList("}", first);
    if (items === undefined) return undefined;
    return this.close({ kind: "set", items, span: this.span(start) }, start);
  }

  private close<T extends Term>(term: T, start: number): T {
    this.advance();
    return { ...term, span: this.span(start) };
  }

  private object(start: number, key: Term, comprehension: boolean): Term | undefined {
    this.advance();
    const mark = this.save();
    const first = this.term();
    if (first === undefined) return undefined;
    if (comprehension && this.at("|")) {
      this.advance();
      const body = this.body("}");
      if (body !== undefined) {
        this.advance();
        return { kind: "comprehension", shape: "object", key, value: first, body, span: this.span(start) };
      }
    }
    this.restore(mark);
    const value = this.infix(false);
    if (value === undefined) return undefined;
    if (!this.at("}") && !this.at(",")) return this.illegal("non-terminated object");
    const entries: [Term, Term][] = [[key, value]];
    if (this.at(",") && !this.pairList(entries)) return undefined;
    return this.close({ kind: "object", entries: lastOfEachKey(entries), span: this.span(start) }, start);
  }

  private pairList(entries: [Term, Term][]): boolean {
    this.advance();
    while (!this.at("}")) {
      const key = this.infix(false);
      if (key === undefined) return false;
      if (!this.at(":")) {
        this.illegal('expected ":"');
        return false;
      }
      this.advance();
      const value = this.infix(false);
      if (value === undefined) return false;
      entries.push([key, value]);
      if (this.at(",")) {
        this.advance();
      } else if (!this.at("}")) {
        this.illegal('expected "," or "}"');
        return false;
      }
    }
    return true;
  }

  /** Terms up to `end`, which stays. */
  private termList(end: TokenKind, items: Term[]): Term[] | undefined {
    while (!this.at(end)) {
      const item = this.infix(false);
      if (item === undefined) return undefined;
      items.push(item);
      if (this.at(",")) this.advance();
      else if (!this.at(end)) return this.illegal(`expected "," or "${end}"`);
    }
    return items;
  }
}

/** Of a key that is written twice the last value counts, whatever its terms come to; the others are never asked. */
function lastOfEachKey(entries: [Term, Term][]): [Term, Term][] {
  if (entries.length === 1) return entries;
  const byKey = new Map<string, [Term, Term]>();
  for (const [key, value] of entries) {
    const text = JSON.stringify(key, withoutPlaces);
    byKey.set(text, [byKey.get(text)?.[0] ?? key, value]);
  }
  return byKey.size === entries.length ? entries : [...byKey.values()];
}

function withoutPlaces(name: string, value: unknown): unknown {
  return name === "span" ? undefined : value;
}

function withoutBraceEscapes(text: string): string {
  return text.replace(/\\([\s\S])/g, (escape, ch) => (ch === "{" ? "{" : escape));
}

function unescape(text: string): string | undefined {
  try {
    // Half a surrogate pair is no character.
    // One string, with its quotes.
    return (JSON.parse(`"${text}"`) as string).replace(/\p{Surrogate}/gu, "\ufffd");
  } catch {
    return undefined;
  }
}
