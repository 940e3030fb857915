/** Walks over syntax. A visitor that returns true is not taken into the parts of that node. */

import type { ArrayTerm, Body, Expression, ObjectTerm, Rule, SetTerm, Term } from "./ast.ts";

export type TermVisitor = (term: Term) => boolean | void;
export type ExpressionVisitor = (expression: Expression) => boolean | void;

/** The callbacks of a walk over syntax trees. */
export interface Visitor {
  readonly term?: TermVisitor;
  readonly expression?: ExpressionVisitor;
}

/** Visits a term and all terms within, bodies of comprehensions included. */
export function visitTerms(term: Term, visit: TermVisitor): void {
  walkTerm(term, { term: visit });
}

/** Visits everything in a term. */
export function walkTerm(term: Term, visitor: Visitor): void {
  if (visitor.term?.(term) === true) return;
  switch (term.kind) {
    case "ref":
      walkTerm(term.head, visitor);
      for (const part of term.path) walkTerm(part, visitor);
      break;
    case "array":
    case "set":
      for (const item of term.items) walkTerm(item, visitor);
      break;
    case "object":
      for (const [key, value] of term.entries) {
        walkTerm(key, visitor);
        walkTerm(value, visitor);
      }
      break;
    case "call":
      walkTerm(term.operator, visitor);
      for (const arg of term.args) walkTerm(arg, visitor);
      break;
    case "comprehension":
      if (term.key !== undefined) walkTerm(term.key, visitor);
      walkTerm(term.value, visitor);
      walkBody(term.body, visitor);
      break;
    case "template":
      for (const part of term.parts) {
        if (isExpression(part)) walkExpression(part, visitor);
        else walkTerm(part, visitor);
      }
      break;
    default:
      break;
  }
}

/** A copy of a collection with `map` applied to its members. */
export function mapMembers(term: ArrayTerm | SetTerm | ObjectTerm, map: (part: Term) => Term): Term {
  return term.kind === "object"
    ? { ...term, entries: term.entries.map(([key, value]) => [map(key), map(value)]) }
    : { ...term, items: term.items.map(map) };
}

const expressionOnly = new Set(["term", "some", "every", "not", "logical"]);

/** Whether a part of a template is an expression. */
export function isExpression(part: Term | Expression): part is Expression {
  return expressionOnly.has(part.kind) || (part.kind === "call" && "negated" in part);
}

/** Visits everything in a body. */
export function walkBody(body: Body, visitor: Visitor): void {
  for (const expression of body) walkExpression(expression, visitor);
}

/** Visits everything in an expression. */
export function walkExpression(expression: Expression, visitor: Visitor): void {
  if (visitor.expression?.(expression) === true) return;
  switch (expression.kind) {
    case "term":
      walkTerm(expression.term, visitor);
      break;
    case "call":
      walkTerm(expression.operator, visitor);
      for (const arg of expression.args) walkTerm(arg, visitor);
      break;
    case "some":
      for (const symbol of expression.symbols) walkTerm(symbol, visitor);
      break;
    case "every":
      if (expression.key !== undefined) walkTerm(expression.key, visitor);
      walkTerm(expression.value, visitor);
      walkTerm(expression.domain, visitor);
      walkBody(expression.body, visitor);
      break;
    case "not":
      walkBody(expression.body, visitor);
      break;
    case "logical":
      walkBody(expression.left, visitor);
      walkBody(expression.right, visitor);
  }
  for (const { target, value } of expression.with) {
    walkTerm(target, visitor);
    walkTerm(value, visitor);
  }
}

/** Visits everything in a rule and its else branches. */
export function walkRule(rule: Rule, visitor: Visitor): void {
  for (const branch of branchesOf(rule)) {
    walkHead(branch, visitor);
    walkBody(branch.body, visitor);
  }
}

/** Visits everything in the head of one branch. */
export function walkHead({ head }: Rule, visitor: Visitor): void {
  for (const part of head.reference) walkTerm(part, visitor);
  for (const arg of head.args) walkTerm(arg, visitor);
  if (head.key !== undefined) walkTerm(head.key, visitor);
  if (head.value !== undefined) walkTerm(head.value, visitor);
}

/** A rule and its else branches, in order. */
export function branchesOf(rule: Rule): Rule[] {
  const branches: Rule[] = [];
  for (let each: Rule | undefined = rule; each !== undefined; each = each.otherwise) branches.push(each);
  return branches;
}
