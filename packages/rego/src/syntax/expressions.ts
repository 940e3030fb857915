/** Parses bodies: expressions with `not`, `with`, `some`, `every`, and the logical operators of `future.keywords`. */

import {
  operatorRef,
  textOf,
  type Body,
  type CallExpression,
  type CallTerm,
  type Expression,
  type LogicalExpression,
  type Span,
  type Term,
  type With,
} from "./ast.ts";
import type { TokenKind } from "./lexer.ts";
import { TermParser } from "./terms.ts";

/** One side of `and` or `or`. */
interface Operand {
  readonly body: Body;
  readonly explicit: boolean;
  readonly start: number;
}

/** The name of the operator of a call that is a plain function of one or more names. */
export function operatorName(expression: CallExpression | CallTerm): string {
  const { head, path } = expression.operator;
  if (head.kind !== "var") return "";
  let name = head.name;
  for (const part of path) {
    if (part.kind !== "scalar" || typeof part.value !== "string") return "";
    name += `.${part.value}`;
  }
  return name;
}

export abstract class ExpressionParser extends TermParser {
  /** Expressions up to `end`, which stays. */
  protected body(end: TokenKind): Body | undefined {
    return this.nested(() => this.query(false, end));
  }

  /** Expressions, each on its own line or after `;`. With `single`, only what `;` joins. */
  protected query(single: boolean, end: TokenKind): Body | undefined {
    if (this.at(end)) return this.error(this.here(), "found empty body");
    const body: Body = [];
    for (;;) {
      const expression = this.literal();
      if (expression === undefined) return undefined;
      body.push(expression);
      if (this.at(";")) {
        this.advance();
        continue;
      }
      if (this.at(end) || single) return body;
      if (!this.token.newline) {
        if (this.errors.length > 0) return undefined;
        this.hintMissingInfixKeyword();
        return this.illegal(`expected \\n or ; or ${end}`);
      }
    }
  }

  private hintMissingInfixKeyword(): void {
    if (this.hasHints || !this.at("name") || this.isAnyKeyword()) return;
    const examples: Record<string, string> = { in: "x in xs", and: "x and y", or: "x or y" };
    const example = Object.hasOwn(examples, this.token.text) ? examples[this.token.text] : undefined;
    if (example !== undefined)
      this.hint(`\`import future.keywords.${this.token.text}\` for \`${example}\` expressions`);
  }

  protected literal(): Expression | undefined {
    return this.nested(() => this.freshLiteral());
  }

  private freshLiteral(): Expression | undefined {
    const { start } = this.token;
    const expression = this.literalFrom();
    if (expression !== undefined) expression.span = this.span(start);
    return expression;
  }

  private literalFrom(): Expression | undefined {
    if (this.logicalActive) {
      const logical = this.leadingGroup();
      if (logical !== "none") return logical;
    }
    if (this.isKeywordInRef()) {
      this.keywordLead = this.index;
      return this.simple(false, this.token.start);
    }
    const { start } = this.token;
    const negated = this.isKeyword("not");
    if (negated) this.advance();
    if (negated && this.notBodies && this.at("{")) {
      const not = this.notBody(start);
      return not === undefined ? undefined : this.logicalTail({ body: [not], explicit: false, start });
    }
    if (this.isKeyword("some")) return negated ? this.illegal("illegal negation of 'some'") : this.some();
    if (this.isKeyword("every")) return negated ? this.illegal("illegal negation of 'every'") : this.every();
    return this.simple(negated, start);
  }

  private get logicalActive(): boolean {
    return this.keywords.has("and") || this.keywords.has("or");
  }

  private atLogicalOperator(): boolean {
    return (this.isKeyword("and") || this.isKeyword("or")) && !this.isKeywordInRef();
  }

  /** `{ … } and …` and `(a or b)` at the start of an expression; "none" when it is neither. */
  private leadingGroup(): Expression | undefined | "none" {
    const { start } = this.token;
    const mark = this.save();
    if (this.at("{")) {
      this.advance();
      const body = this.body("}");
      if (body !== undefined) {
        this.advance();
        if (this.atLogicalOperator()) return this.logicalTail({ body, explicit: true, start });
      }
      this.restore(mark);
      this.parsedTerms.clear();
    } else if (this.at("(")) {
      const group = this.logicalGroup(start, false);
      if (group === "failed") return undefined;
      if (group !== undefined) return this.logicalTail(group);
    }
    return "none";
  }

  /** An expression that is no declaration: a term, a comparison, a call, an assignment. */
  private simple(negated: boolean, start: number): Expression | undefined {
    if (negated && this.notBodies && this.at("(")) {
      const group = this.logicalGroup(this.token.start, true);
      if (group === "failed") return undefined;
      if (group !== undefined) {
        const not = this.notExpression(group.body, group.explicit, start);
        return this.logicalTail({ body: [not], explicit: false, start });
      }
    }
    const operandStart = this.token;
    let expression = this.expression();
    if (expression === undefined) return undefined;
    const withStart = this.isModifier() ? this.here() : undefined;
    if (withStart !== undefined && !this.modifiers(expression)) return undefined;
    expression.span = this.span(operandStart.start);
    if (negated && this.notBodies) {
      const modifiers = expression.with;
      expression.with = [];
      expression = this.notExpression([expression], false, start);
      expression.with = modifiers;
    } else {
      expression.negated = negated;
    }
    if (!this.logicalActive || !this.atLogicalOperator()) return expression;
    if (withStart !== undefined) return this.modifierOnOperand(withStart);
    if (!negated && operandStart.kind === "{") return this.braceLedOperand(expression);
    return this.logicalTail({ body: [expression], explicit: false, start });
  }

  private braceLedOperand(expression: Expression): undefined {
    const empty =
      expression.kind === "term" && expression.term.kind === "object" && expression.term.entries.length === 0;
    if (empty) return this.error(expression.span, "found empty body");
    const operator = this.token.text;
    this.hint(`wrap the operand to keep the value: \`(${textOf(expression.span)}) ${operator} ...\``);
    return this.error(
      expression.span,
      `operand of \`${operator}\` cannot begin with \`{\` unless the braces hold a body`,
    );
  }

  private modifierOnOperand(at: Span): undefined {
    const operator = this.token.text;
    this.hint(
      `Wrap the operand in \`(...)\` or \`{...}\` to scope, or move \`with\` after the \`${operator}\` expression to apply it to the whole expression`,
    );
    return this.error(at, `\`with\` modifier is not allowed on operand of \`${operator}\``);
  }

  private notExpression(body: Body, explicit: boolean, start: number): Expression {
    return { kind: "not", body, explicit, negated: false, with: [], span: this.span(start) };
  }

  private notBody(start: number): Expression | undefined {
    this.advance();
    const body = this.body("}");
    if (body === undefined) return undefined;
    this.advance();
    return this.notExpression(body, true, start);
  }

  /** Goes on after an operand: with the operators that follow it, then with `with`. */
  private logicalTail(first: Operand): Expression | undefined {
    const chain = this.nested(() => this.orChain(first));
    if (chain === undefined) return undefined;
    if (this.isModifier() && !this.modifiers(chain)) return undefined;
    return chain;
  }

  private orChain(first: Operand): Expression | undefined {
    let left = this.andChain(first);
    while (left !== undefined && this.isKeyword("or")) {
      this.advance();
      const operand = this.logicalOperand();
      const right = operand === undefined ? undefined : this.andChain(operand);
      if (right === undefined) return undefined;
      left = this.logical("or", left, right);
    }
    return left?.body[0];
  }

  private andChain(first: Operand): Operand | undefined {
    let left = first;
    while (this.isKeyword("and")) {
      this.advance();
      const right = this.logicalOperand();
      if (right === undefined) return undefined;
      left = this.logical("and", left, right);
    }
    return left;
  }

  private logical(operator: "and" | "or", left: Operand, right: Operand): Operand {
    const expression: LogicalExpression = {
      kind: "logical",
      operator,
      left: left.body,
      right: right.body,
      explicitLeft: left.explicit,
      explicitRight: right.explicit,
      negated: false,
      with: [],
      span: this.span(left.start),
    };
    return { body: [expression], explicit: false, start: left.start };
  }

  private logicalOperand(): Operand | undefined {
    const { start } = this.token;
    if (this.at("{")) {
      this.advance();
      const body = this.body("}");
      if (body === undefined) return undefined;
      this.advance();
      return { body, explicit: true, start };
    }
    const negated = this.isKeyword("not") && !this.isKeywordInRef();
    if (negated) this.advance();
    if (negated && this.notBodies && this.at("{")) {
      const not = this.notBody(start);
      return not === undefined ? undefined : { body: [not], explicit: false, start };
    }
    if (this.at("(") && this.logicalActive && (!negated || this.notBodies)) {
      const group = this.logicalGroup(this.token.start, true);
      if (group === "failed") return undefined;
      if (group !== undefined) {
        return negated
          ? { body: [this.notExpression(group.body, group.explicit, start)], explicit: false, start }
          : group;
      }
    }
    const operandStart = this.token.start;
    let expression = this.expression();
    if (expression === undefined) return undefined;
    expression.span = this.span(operandStart);
    if (negated && this.notBodies) expression = this.notExpression([expression], false, start);
    else expression.negated = negated;
    return { body: [expression], explicit: false, start };
  }

  /** A group in parentheses that holds logical operators; undefined (and nothing taken) when it is an ordinary term. */
  private logicalGroup(start: number, operandContext: boolean): Operand | "failed" | undefined {
    const mark = this.save();
    const open = this.here();
    this.advance();
    if (this.at(")")) {
      if (operandContext) {
        this.error(open, "empty parenthesized group");
        return "failed";
      }
      this.restore(mark);
      return undefined;
    }
    const first = this.nested(() => this.logicalOperand());
    if (first !== undefined && this.atLogicalOperator()) {
      const chain = this.logicalTail(first);
      return chain === undefined || !this.closeGroup() ? "failed" : { body: [chain], explicit: false, start };
    }
    const [only] = first === undefined || first.explicit ? [] : first.body;
    if (only !== undefined && this.isModifier()) {
      const at = this.here();
      if (!this.modifiers(only)) return "failed";
      if (this.atLogicalOperator()) this.modifierOnOperand(at);
      else if (this.closeGroup()) {
        if (operandContext || this.atLogicalOperator()) return { body: [only], explicit: false, start };
        this.restore(mark);
        this.parsedTerms.clear();
        return undefined;
      }
      return "failed";
    }
    if (only !== undefined && (only.kind === "logical" || only.kind === "not" || only.negated))
      return this.closeGroup() ? { body: [only], explicit: false, start } : "failed";
    this.restore(mark);
    this.parsedTerms.clear();
    return undefined;
  }

  /** Reads the parenthesis that ends a group; false when there is none. */
  private closeGroup(): boolean {
    if (!this.at(")")) {
      this.error(this.here(), "expected ) to close parenthesized group");
      return false;
    }
    this.advance();
    return true;
  }

  /** Whether a `with` stands here that changes what is before it, and is no name of a rule. */
  private isModifier(): boolean {
    return this.isKeyword("with") && !this.isKeywordInRef();
  }

  private expression(): Expression | undefined {
    const { start } = this.token;
    const left = this.infix();
    if (left === undefined) return undefined;
    if (this.at(":=") || this.at("=")) {
      const operator = operatorRef(this.at("=") ? "eq" : "assign", this.here());
      this.advance();
      const right = this.infix();
      if (right === undefined) return undefined;
      return { kind: "call", operator, args: [left, right], negated: false, with: [], span: this.span(start) };
    }
    return expressionOf(left, this.span(start));
  }

  /** Reads `with target as value …`; false when that failed. */
  private modifiers(expression: Expression): boolean {
    const modifiers: With[] = [];
    while (this.isModifier()) {
      const { start } = this.token;
      this.advance();
      if (!this.isVariable()) {
        this.illegal("expected ident");
        return false;
      }
      const target = this.term();
      if (target === undefined) return false;
      if (target.kind !== "ref" && target.kind !== "var") this.illegal("expected with target path");
      if (!this.isKeyword("as")) {
        this.illegal("expected as keyword");
        return false;
      }
      this.advance();
      const value = this.infix();
      if (value === undefined) return false;
      modifiers.push({ target, value, span: this.span(start) });
    }
    expression.with = modifiers;
    return true;
  }

  private some(): Expression | undefined {
    const { start } = this.token;
    const base = { negated: false, with: [] };
    const mark = this.save();
    this.advance();
    const term = this.infix();
    if (term?.kind === "call") {
      const name = operatorName(term);
      if (name !== "internal.member_2" && name !== "internal.member_3") {
        return this.illegal("expected `x in xs` or `x, y in xs` expression");
      }
      if (term.args.length !== (name === "internal.member_2" ? 2 : 3)) return this.illegal("illegal domain");
      const some: Expression = { ...base, kind: "some", symbols: [term], span: this.span(start) };
      return this.isModifier() && !this.modifiers(some) ? undefined : some;
    }
    this.restore(mark);
    if (!this.keywords.has("in")) this.hintSomeIn();
    const symbols: Term[] = [];
    do {
      this.advance();
      if (!this.isVariable()) return this.illegal("expected var");
      symbols.push(this.variableTerm());
    } while (this.at(","));
    return { ...base, kind: "some", symbols, span: this.span(start) };
  }

  private hintSomeIn(): void {
    const mark = this.save();
    this.advance();
    const found = this.withKeywords(["in"], () => {
      const term = this.infix();
      return term?.kind === "call" && textOf(term.operator.span) === "in";
    });
    this.restore(mark);
    if (found) this.hint("`import future.keywords.in` for `some x in xs` expressions");
  }

  private withKeywords<T>(names: readonly string[], parse: () => T): T {
    const before = this.keywords;
    this.keywords = new Set([...before, ...names]);
    this.parsedTerms.clear();
    try {
      return parse();
    } finally {
      this.keywords = before;
      this.parsedTerms.clear();
    }
  }

  private every(): Expression | undefined {
    const { start } = this.token;
    this.advance();
    const term = this.infix();
    if (term === undefined) return undefined;
    const expected = "expected `x[, y] in xs { ... }` expression";
    if (term.kind !== "call") return this.illegal(expected);
    const name = operatorName(term);
    if (name !== "internal.member_2" && name !== "internal.member_3") return this.illegal(expected);
    if (term.args.length !== (name === "internal.member_2" ? 2 : 3)) return this.illegal("illegal domain");
    const key = name === "internal.member_3" ? term.args[0] : undefined;
    const [value, domain] = term.args.slice(-2) as [Term, Term]; // as: two or three, by the condition above
    if (key !== undefined && key.kind !== "var") return this.illegal("expected key to be a variable");
    if (value.kind !== "var") return this.illegal("expected value to be a variable");
    if (!this.at("{")) return this.illegal("missing body");
    this.advance();
    const body = this.body("}");
    if (body === undefined) return undefined;
    this.advance();
    const every: Expression = {
      kind: "every",
      ...(key === undefined ? {} : { key }),
      value,
      domain,
      body,
      negated: false,
      with: [],
      span: this.span(start),
    };
    return this.isModifier() && !this.modifiers(every) ? undefined : every;
  }
}

/** A term as an expression: calls become call expressions. */
export function expressionOf(term: Term, span: Span): Expression {
  if (term.kind === "call") {
    return { kind: "call", operator: term.operator, args: term.args, negated: false, with: [], span };
  }
  return { kind: "term", term, negated: false, with: [], span };
}
