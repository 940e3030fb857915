/** What one compilation shares: fresh names, names that were renamed, and the errors of the current stage. */

import type { Body, CallExpression, Expression, Span, Term, VarTerm, With } from "../syntax/ast.ts";
import { operatorRef, variable } from "../syntax/ast.ts";
import {
  issueAt,
  RegoError,
  sortIssues,
  type IssueDetails,
  type RegoErrorCode,
  type RegoIssue,
} from "../syntax/errors.ts";
import { operatorName } from "../syntax/expressions.ts";
import { walkBody, walkTerm } from "../syntax/visit.ts";
import type { Declaration } from "./declarations.ts";
import type { RuleTree } from "./rule-tree.ts";

export class CompilerScope {
  readonly builtins: ReadonlyMap<string, Declaration>;
  readonly strict: boolean;
  /** The name that a generated one stands for. */
  readonly renamed: Map<string, string> = new Map();
  /** The call or collection that a generated name stands for in references. */
  readonly subjects: Map<string, Term> = new Map();
  tree: RuleTree;
  #issues: RegoIssue[] = [];
  #later: RegoIssue[] = [];
  #locals = 0;

  constructor(builtins: ReadonlyMap<string, Declaration>, tree: RuleTree, strict: boolean, firstLocal = 0) {
    this.builtins = builtins;
    this.tree = tree;
    this.strict = strict;
    this.#locals = firstLocal;
  }

  /** A new variable whose name cannot occur in source text. */
  fresh(span: Span): VarTerm {
    return variable(`__local${this.#locals++}__#`, span);
  }

  get localCount(): number {
    return this.#locals;
  }

  report(code: RegoErrorCode, message: string, span: Span | undefined, details?: IssueDetails): void {
    this.#issues.push(issueAt(code, message, span, details));
  }

  /** Reports an error with which later stages can still run; it is thrown together with theirs. */
  reportLater(code: RegoErrorCode, message: string, span: Span | undefined): void {
    this.#later.push(issueAt(code, message, span));
  }

  /** The number of errors so far. */
  get found(): number {
    return this.#issues.length + this.#later.length;
  }

  /** Ends a stage: throws all errors so far if the stage reported one that ends the compilation. */
  endStage(): void {
    if (this.#issues.length > 0) this.#throwAll();
  }

  /** Ends a stage after whose errors later stages can still run. */
  endBearableStage(): void {
    this.#later.push(...this.#issues);
    this.#issues = [];
  }

  /** Ends the compilation: throws all errors, if there are any. */
  endAll(): void {
    if (this.found > 0) this.#throwAll();
  }

  #throwAll(): never {
    const issues = sortIssues([...this.#later, ...this.#issues]);
    this.#issues = [];
    this.#later = [];
    const seen = new Set<string>();
    throw new RegoError(issues.filter((issue) => isNew(seen, issue)));
  }

  /** The name as the policy spells it. */
  originalName(name: string): string {
    return this.renamed.get(name) ?? name;
  }

  /** The declaration of a built-in function, unless a rule hides it. */
  builtin(operator: Term): Declaration | undefined {
    return operator.kind === "ref" ? this.builtins.get(dottedName(operator.head, operator.path) ?? "") : undefined;
  }

  /** The number of arguments of a function, zero for a rule without arguments; undefined for other references. */
  arity(operator: Term): number | undefined {
    const declaration = this.builtin(operator);
    if (declaration !== undefined) return declaration.args?.length ?? -1;
    if (operator.kind !== "ref") return undefined;
    const [rule] = this.tree.exact(operator);
    return rule?.head.args.length;
  }
}

function isNew(seen: Set<string>, issue: RegoIssue): boolean {
  const { location } = issue;
  const key = `${issue.code}\0${issue.message}\0${location?.path}\0${location?.row}\0${location?.column}`;
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}

/** The names of a plain reference joined by dots, or undefined. */
export function dottedName(head: Term, path: readonly Term[]): string | undefined {
  if (head.kind !== "var") return undefined;
  let name = head.name;
  for (const part of path) {
    if (part.kind !== "scalar" || typeof part.value !== "string") return undefined;
    name += `.${part.value}`;
  }
  return name;
}

/** Whether a name was made by the compiler. */
export function isGenerated(name: string): boolean {
  return name.startsWith("__local");
}

/** Whether a name is a wildcard. */
export function isWildcard(name: string): boolean {
  return name.startsWith("$");
}

/** `left = right`. */
export function equality(left: Term, right: Term, span: Span): Expression {
  return {
    kind: "call",
    operator: operatorRef("eq", span),
    args: [left, right],
    negated: false,
    with: [],
    span,
    generated: true,
  };
}

/** A call of two arguments. */
export interface BinaryCall extends CallExpression {
  args: [left: Term, right: Term];
}

/** Whether an expression is `=` with two sides. */
export function isEquality(expression: Expression): expression is BinaryCall {
  return expression.kind === "call" && expression.args.length === 2 && operatorName(expression) === "eq";
}

/** Whether an expression is `:=` with two sides. */
export function isAssignment(expression: Expression): expression is BinaryCall {
  return expression.kind === "call" && expression.args.length === 2 && operatorName(expression) === "assign";
}

/** Which variables `collectVars` leaves out. */
export interface VarOptions {
  /** Heads of references are no outputs. */
  readonly skipRefHead?: boolean;
  /** Names of called functions are no variables. */
  readonly skipCallHead?: boolean;
  readonly skipClosures?: boolean;
  readonly skipObjectKeys?: boolean;
  readonly skipSets?: boolean;
}

/** Adds all variables of a term to a set. */
export function collectVars(term: Term, into: Set<string>, options: VarOptions = {}): void {
  switch (term.kind) {
    case "var":
      into.add(term.name);
      return;
    case "scalar":
      return;
    case "ref":
      if (!(options.skipRefHead === true && term.head.kind === "var")) collectVars(term.head, into, options);
      for (const part of term.path) collectVars(part, into, options);
      return;
    case "array":
      for (const item of term.items) collectVars(item, into, options);
      return;
    case "set":
      if (options.skipSets !== true) for (const item of term.items) collectVars(item, into, options);
      return;
    case "object":
      for (const [key, value] of term.entries) {
        if (options.skipObjectKeys !== true) collectVars(key, into, options);
        collectVars(value, into, options);
      }
      return;
    case "call":
      if (options.skipCallHead !== true) collectVars(term.operator, into, options);
      for (const arg of term.args) collectVars(arg, into, options);
      return;
    case "comprehension":
    case "template":
      if (options.skipClosures === true) return;
      walkTerm(term, varVisitor(into, options, term));
  }
}

function varVisitor(into: Set<string>, options: VarOptions, within?: Term): Parameters<typeof walkTerm>[1] {
  return {
    term: (term) => {
      if (term === within) return false;
      collectVars(term, into, options);
      return true;
    },
    expression: (expression) => {
      if (options.skipCallHead !== true || expression.kind !== "call") return false;
      collectBodyVars([expression], into, options);
      return true;
    },
  };
}

/** Adds all variables of a body to a set. */
export function collectBodyVars(body: Body, into: Set<string>, options: VarOptions = {}): void {
  for (const expression of body) collectExpressionVars(expression, into, options);
}

/** Adds the variables of `with`; names of functions are none. */
export function collectModifierVars(modifiers: readonly With[], into: Set<string>, options: VarOptions): void {
  for (const { target, value, onFunction, byFunction } of modifiers) {
    if (onFunction !== true) collectVars(target, into, options);
    if (byFunction !== true) collectVars(value, into, options);
  }
}

/** Adds all variables of an expression to a set. */
export function collectExpressionVars(expression: Expression, into: Set<string>, options: VarOptions = {}): void {
  if (expression.kind === "call" && options.skipCallHead === true) {
    for (const arg of expression.args) collectVars(arg, into, options);
    collectModifierVars(expression.with, into, options);
    return;
  }
  if (options.skipClosures === true && (expression.kind === "not" || expression.kind === "logical")) return;
  if (options.skipClosures === true && expression.kind === "every") {
    collectVars(expression.domain, into, options);
    return;
  }
  walkBody([{ ...expression, with: [] }], varVisitorOf(into, options));
  collectModifierVars(expression.with, into, options);
}

function varVisitorOf(into: Set<string>, options: VarOptions): Parameters<typeof walkTerm>[1] {
  const visitor = varVisitor(into, options);
  let outermost = true;
  return {
    ...visitor,
    expression: (each) => {
      if (outermost) {
        outermost = false;
        return false;
      }
      collectExpressionVars(each, into, options);
      return true;
    },
  };
}
