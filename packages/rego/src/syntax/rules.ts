/** Parses rules: heads, bodies, `else`, `default`; and statements that are rules without a body. */

import {
  locationOf,
  type Body,
  type Expression,
  type Head,
  type Module,
  type Rule,
  type Span,
  type Term,
} from "./ast.ts";
import type { RegoIssue } from "./errors.ts";
import { ExpressionParser, operatorName } from "./expressions.ts";
import { printTerm } from "./print.ts";
import { isRootRef, termKind } from "./terms.ts";
import { visitTerms } from "./visit.ts";

const operatorKinds = new Set(["+", "-", "*", "/", "%", "&", "|", "==", "!=", ">", ">=", "<", "<="]);

/** What after a keyword makes the statement a rule of that name. */
const ruleFollowers: Readonly<Record<string, readonly string[]>> = {
  every: [":=", "=", "if", "contains", "("],
  if: [":=", "=", "if", "contains", "("],
  in: [":=", "=", "if", "contains", "("],
  some: [":=", "=", "if", "contains", "("],
  as: [":=", "=", "if", "contains", "("],
  package: [":=", "=", "("],
  import: [":=", "=", "("],
  not: [":=", "=", "if", "contains"],
  and: [":=", "=", "if", "contains"],
  or: [":=", "=", "if", "contains"],
  contains: ["if", "contains"],
};

/** A rule whose module is not known yet. */
export type UnboundRule = Omit<Rule, "module" | "otherwise"> & { otherwise?: UnboundRule };

export abstract class RuleParser extends ExpressionParser {
  /** Reports a keyword that is used as the name of a rule. */
  protected refusesKeywordName(isDefault: boolean): boolean {
    if (!this.isAnyKeyword()) return false;
    const name = this.token.text;
    const followers = Object.hasOwn(ruleFollowers, name) ? ruleFollowers[name] : undefined;
    if (followers === undefined) return false;
    if (!isDefault) {
      const next = this.peeked;
      const text = next.kind === "name" ? (this.keywords.has(next.text) ? next.text : "") : next.kind;
      if (!followers.includes(text)) return false;
    }
    this.error(this.here(), `${name} keyword cannot be used for rule name`);
    return true;
  }

  /** The rules that begin here; undefined (perhaps with errors) when it is none. */
  protected rules(): UnboundRule[] | undefined {
    const { start } = this.token;
    const isDefault = this.isKeyword("default") && !this.isKeywordInRef();
    if (isDefault) this.advance();
    if (!this.atHead()) {
      if (isDefault) this.refusesKeywordName(true);
      return undefined;
    }
    const head = this.head(isDefault);
    if (head === undefined) return undefined;
    const rule: UnboundRule = {
      head,
      body: this.trueBody(head.span),
      default: isDefault,
      generatedBody: false,
      span: this.span(start),
      annotations: [],
    };
    if (isDefault) return this.defaultRule(rule) ? [rule] : undefined;
    return this.bodies(rule, start);
  }

  private atHead(): boolean {
    if (this.isKeywordInRef()) return true;
    return this.at("name") && !this.keywords.has(this.token.text);
  }

  private trueBody(span: Span): Body {
    return [trueExpression(span)];
  }

  private defaultRule(rule: UnboundRule): boolean {
    const { value } = rule.head;
    if (value === undefined) {
      this.error(rule.span, "illegal default rule (must have a value)");
      return false;
    }
    let valid = true;
    visitTerms(value, (term) => {
      if (term.kind === "comprehension") return true;
      if (term.kind === "ref" || term.kind === "var" || term.kind === "call") {
        this.error(rule.span, `illegal default rule (value cannot contain ${term.kind})`);
        valid = false;
        return true;
      }
      return false;
    });
    const seen = new Set<string>();
    for (const arg of rule.head.args) {
      if (arg.kind !== "var") {
        this.error(rule.span, `illegal default rule (arguments cannot contain ${termKind(arg)})`);
        valid = false;
      } else if (seen.has(arg.name)) {
        this.error(rule.span, `illegal default rule (arguments cannot be repeated ${arg.name})`);
        valid = false;
      } else {
        seen.add(arg.name);
      }
    }
    return valid;
  }

  private bodies(rule: UnboundRule, start: number): UnboundRule[] | undefined {
    const { head } = rule;
    head.usesIf = this.isKeyword("if") && !this.isKeywordInRef();
    this.settleKey(head);
    if (head.usesIf) {
      this.advance();
      const body = this.ifBody();
      if (body === undefined) return undefined;
      rule.body = body;
    } else if (this.at("{")) {
      const body = this.braces();
      if (body === undefined) return undefined;
      rule.body = body;
    } else if (head.usesContains) {
      rule.generatedBody = true;
      rule.span = head.span;
      return [rule];
    } else {
      return undefined;
    }
    if (this.isKeyword("else") && !this.isKeywordInRef()) {
      if (!this.mayHaveElse(head)) return undefined;
      const otherwise = this.elseRule(head);
      if (otherwise === undefined) return undefined;
      rule.otherwise = otherwise;
    }
    rule.span = this.span(start);
    return this.chained(rule);
  }

  /** `p[x]` without `if` is a set in v0; with `if` an object whose value is true. */
  private settleKey(head: Head): void {
    const [, key] = head.reference;
    if (head.reference.length !== 2 || head.args.length > 0 || head.usesContains || key === undefined) return;
    if (head.usesIf) {
      if (head.value === undefined) {
        head.generatedValue = true;
        head.value = { kind: "scalar", value: true, span: head.span };
      }
    } else if (head.value === undefined) {
      head.key = key;
      head.reference = head.reference.slice(0, 1);
    }
  }

  private ifBody(): Body | undefined {
    const mark = this.save();
    const brace = this.at("{");
    const expression = this.literal();
    if (expression !== undefined) {
      const isSet = brace && expression.kind === "term" && expression.term.kind === "set";
      if (!isSet) return [expression];
    }
    if (!brace) return undefined;
    this.restore(mark);
    return this.braces();
  }

  private braces(): Body | undefined {
    this.advance();
    const body = this.body("}");
    if (body !== undefined) this.advance();
    return body;
  }

  private mayHaveElse(head: Head): boolean {
    if (head.reference.length > 1 && head.reference.slice(1).some((term) => term.kind !== "scalar")) {
      this.error(this.here(), "else keyword cannot be used on rules with variables in head");
      return false;
    }
    if (head.key !== undefined) {
      this.error(this.here(), "else keyword cannot be used on multi-value rules");
      return false;
    }
    return true;
  }

  private chained(rule: UnboundRule): UnboundRule[] | undefined {
    const rules = [rule];
    while (this.at("{")) {
      if (rule.otherwise !== undefined) return this.error(this.here(), "expected else keyword");
      const { start } = this.token;
      const body = this.braces();
      if (body === undefined) return undefined;
      const span = this.span(start);
      const next: UnboundRule = { ...rule, head: this.copyHead(rule.head, span), body, span, annotations: [] };
      delete next.otherwise;
      rules.push(next);
    }
    return rules;
  }

  /** A copy whose wildcards are new variables. */
  private copyHead(head: Head, span: Span): Head {
    const copy = structuredCloneOfHead(head);
    copy.args = copy.args.map((arg) =>
      arg.kind === "var" && arg.name.startsWith("$") ? { ...arg, name: this.wildcard() } : arg,
    );
    copy.span = span;
    return copy;
  }

  private elseRule(head: Head): UnboundRule | undefined {
    const { start } = this.token;
    const copy = this.copyHead(head, this.here());
    copy.generatedValue = false;
    copy.usesIf = false;
    this.advance();
    if (this.at("{") || this.isKeyword("if")) {
      copy.generatedValue = true;
      copy.value = { kind: "scalar", value: true, span: copy.span };
    } else if (this.at(":=") || this.at("=")) {
      copy.assign = this.at(":=");
      this.advance();
      const value = this.infix();
      if (value === undefined) return undefined;
      copy.value = value;
      copy.span = this.span(start);
    } else {
      return this.illegal("expected else value term or rule body");
    }
    const rule: UnboundRule = {
      head: copy,
      body: this.trueBody(this.span(start)),
      default: false,
      generatedBody: false,
      span: this.span(start),
      annotations: [],
    };
    copy.usesIf = this.isKeyword("if");
    if (!copy.usesIf && !this.at("{")) {
      rule.generatedBody = true;
      return rule;
    }
    if (copy.usesIf) this.advance();
    if (this.at("eof")) return this.illegal("rule body expected");
    const body = this.at("{") ? this.braces() : this.elseLiteral();
    if (body === undefined) return undefined;
    rule.body = body;
    if (this.isKeyword("else") && !this.isKeywordInRef()) {
      const otherwise = this.elseRule(head);
      if (otherwise === undefined) return undefined;
      rule.otherwise = otherwise;
    }
    rule.span = this.span(start);
    return rule;
  }

  private elseLiteral(): Body | undefined {
    const expression = this.literal();
    return expression === undefined ? undefined : [expression];
  }

  private head(isDefault: boolean): Head | undefined {
    const { start } = this.token;
    const name = this.variableTerm();
    if (operatorKinds.has(this.token.kind)) this.illegal();
    const follows = this.at("(") || this.at(".") || this.at("[");
    const term = follows ? this.reference(name) : name;
    if (term === undefined) return this.illegal("expected rule head name");
    const head = this.headOf(term, start);
    if (head === undefined) return undefined;
    const shown = printTerm(referenceTerm(head));
    if (this.isKeyword("contains")) return this.containsHead(head, shown, start);
    if (this.at("=") || this.at(":=")) {
      head.assign = this.at(":=");
      this.advance();
      const value = this.infix();
      if (value === undefined) this.missingValue(head, shown, isDefault);
      else head.value = value;
    }
    if (head.value === undefined && (head.reference.length !== 2 || head.args.length > 0)) {
      head.generatedValue = true;
      head.value = { kind: "scalar", value: true, span: this.span(start) };
    }
    head.span = this.span(start);
    return head;
  }

  private headOf(term: Term, start: number): Head | undefined {
    const head: Head = {
      reference: [],
      args: [],
      assign: false,
      generatedValue: false,
      usesIf: false,
      usesContains: false,
      span: this.span(start),
    };
    const name = term.kind === "call" ? term.operator : term;
    if (term.kind === "call") head.args = term.args;
    if (name.kind === "var") head.reference = [name];
    else if (name.kind === "ref" && name.head.kind === "var") head.reference = [name.head, ...name.path];
    else if (term.kind === "call") return this.illegal(`rule head ref ${printTerm(name)} invalid`);
    else return undefined;
    return head;
  }

  private containsHead(head: Head, shown: string, start: number): Head {
    if (head.args.length > 0) {
      this.illegal(
        `the contains keyword can only be used with multi-value rule definitions (e.g., ${shown} contains <VALUE> { ... })`,
      );
    }
    this.advance();
    const key = this.infix();
    if (key === undefined) this.illegal(`expected rule key term (e.g., ${shown} contains <VALUE> { ... })`);
    else head.key = key;
    head.usesContains = true;
    head.span = this.span(start);
    return head;
  }

  private missingValue(head: Head, shown: string, isDefault: boolean): void {
    if (!head.assign) this.illegal(`expected rule value term (e.g., ${shown}[<nil>] = <VALUE> { ... })`);
    else if (head.args.length > 0)
      this.illegal(`expected function value term (e.g., ${shown}(...) := <VALUE> { ... })`);
    else if (isDefault) this.illegal(`expected default rule value term (e.g., default ${shown} := <VALUE>)`);
    else this.illegal(`expected rule value term (e.g., ${shown} := <VALUE> { ... })`);
  }
}

function structuredCloneOfHead(head: Head): Head {
  return { ...head, reference: head.reference.map(cloneTerm), args: head.args.map(cloneTerm), ...clonedParts(head) };
}

function clonedParts(head: Head): { key?: Term; value?: Term } {
  return {
    ...(head.key === undefined ? {} : { key: cloneTerm(head.key) }),
    ...(head.value === undefined ? {} : { value: cloneTerm(head.value) }),
  };
}

/** A deep copy of syntax; spans and module texts are shared. */
export function cloneTerm<T>(node: T): T {
  if (Array.isArray(node)) return node.map(cloneTerm) as T; // as: a copy is of the type of what is copied; here and below
  if (typeof node !== "object" || node === null || Object.getPrototypeOf(node) !== Object.prototype) return node;
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(node))
    copy[key] = key === "span" || key === "module" ? value : cloneTerm(value);
  return copy as T; // as: see above
}

/** The reference that a head names, as a term. */
export function referenceTerm(head: Head): Term {
  const [first, ...path] = head.reference as [Term, ...Term[]]; // as: a head begins with a name
  return path.length === 0 ? first : { kind: "ref", head: first, path, span: first.span };
}

/** `true`, where no body was written. */
export function trueExpression(span: Span): Expression {
  return { kind: "term", term: { kind: "scalar", value: true, span }, negated: false, with: [], span, generated: true };
}

/** A statement without a body that defines something: `pi = 3`, `f(x) = y`, `p.q.r`, or in v0 `p[1]`. */
export function ruleOfStatement(module: Module, body: Body, builtins: ReadonlySet<string>): Rule | string {
  const [expression] = body;
  if (expression === undefined || body.length !== 1) return "multiple expressions cannot be used for rule head";
  if (expression.with.length > 0) return "expressions using with keyword cannot be used for rule head";
  if (expression.negated) return "negated expressions cannot be used for rule head";
  if (expression.kind === "some") return "'some' declarations cannot be used for rule head";
  if (expression.kind === "term") return ruleOfTerm(module, expression.term);
  if (expression.kind !== "call") return "expression cannot be used for rule head";
  const name = operatorName(expression);
  const [left, right] = expression.args;
  if (name === "eq" || name === "assign") {
    if (left === undefined || right === undefined) return "assignment requires two operands";
    const head = headOfLeft(left);
    if (typeof head === "string") return head;
    head.value = right;
    head.assign = name === "assign";
    head.span = expression.span;
    return ruleOf(module, head, expression.span, left.kind !== "call");
  }
  if (builtins.has(name)) return "rule name conflicts with built-in function";
  if (expression.args.length === 0) return "rule argument list must take at least one argument";
  const head = headOfLeft({
    kind: "call",
    operator: expression.operator,
    args: expression.args,
    span: expression.span,
  });
  if (typeof head === "string") return head;
  const span = expression.operator.span;
  head.value = { kind: "scalar", value: true, span };
  return ruleOf(module, head, span, false);
}

function emptyHead(reference: Term[], span: Span): Head {
  return { reference, args: [], assign: false, generatedValue: false, usesIf: false, usesContains: false, span };
}

function headOfLeft(left: Term): Head | string {
  if (left.kind === "call") {
    const { operator } = left;
    if (operator.head.kind !== "var") return `invalid rule head: ${printTerm(operator)}`;
    return { ...emptyHead([operator.head, ...operator.path], left.span), args: left.args };
  }
  if (left.kind === "var") return emptyHead([left], left.span);
  if (left.kind === "ref") {
    if (left.head.kind !== "var") return `invalid rule head: ${printTerm(left)}`;
    return emptyHead([left.head, ...left.path], left.span);
  }
  return `${termKind(left)} cannot be used for rule name`;
}

function ruleOfTerm(module: Module, term: Term): Rule | string {
  if (term.kind !== "ref") return `${termKind(term)} cannot be used for rule name`;
  if (term.path.length === 0 && isRootRef(term)) return "refs cannot be used for rule head";
  if (term.head.kind !== "var") return `invalid rule head: ${printTerm(term)}`;
  if (term.path.length > 1) {
    const head = emptyHead([term.head, ...term.path], term.span);
    head.value = { kind: "scalar", value: true, span: term.span };
    head.generatedValue = true;
    return ruleOf(module, head, term.span, false);
  }
  const head = emptyHead([term.head], term.span);
  const [key] = term.path;
  if (key !== undefined) head.key = key;
  return ruleOf(module, head, term.span, true);
}

function ruleOf(module: Module, head: Head, span: Span, generatedBody: boolean): Rule {
  return { head, body: [trueExpression(span)], default: false, generatedBody, span, module, annotations: [] };
}

/** The errors of a rule by v1's requirements beyond the grammar. */
export function issuesOfVersion1(rule: Rule, keywords: ReadonlySet<string>): RegoIssue[] {
  const issues: RegoIssue[] = [];
  const { head } = rule;
  const what = head.args.length > 0 ? "function" : "rule";
  const report = (message: string): void => {
    issues.push({ code: "rego_parse_error", message, location: locationOf(rule.span) });
  };
  const [name] = head.reference;
  if (head.reference.length < 2 && name?.kind === "var" && keywords.has(name.name)) {
    report(`${name.name} keyword cannot be used for rule name`);
  }
  if (rule.generatedBody && head.generatedValue) report(`${what} must have value assignment and/or body declaration`);
  if (!rule.generatedBody && !head.usesIf && !rule.default) report(`\`if\` keyword is required before ${what} body`);
  if (head.key !== undefined && head.value === undefined && !head.usesContains) {
    report("`contains` keyword is required for partial set rules");
  }
  return issues;
}
