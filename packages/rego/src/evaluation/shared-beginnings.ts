/**
 * Rules of a set whose bodies begin alike: `container := input.spec.containers[_]; not exempt(container)` stands in each of a dozen
 * rules. What they begin with is planned once, and for each way in which it holds the rest of each follows.
 */

import type { Expression, Rule, Term } from "../syntax/ast.ts";
import { branchesOf, isExpression, mapMembers, walkRule } from "../syntax/visit.ts";

/** A rule whose variables are renamed by order of occurrence, so that bodies with the same beginning have the same keys. */
export interface Beginning {
  readonly rule: Rule;
  /** The expressions of the body as keys: equal for equal ones. */
  readonly keys: readonly string[];
}

/** Groups consecutive rules whose bodies begin alike; rules that cannot be combined are groups of one. */
export function alikeInARow(rules: readonly Rule[]): readonly (readonly Beginning[])[] {
  const groups: Beginning[][] = [];
  for (const rule of rules) {
    const beginning = beginningOf(rule);
    const last = groups.at(-1);
    const [first] = beginning.keys;
    if (last !== undefined && first !== undefined && last[0]?.keys[0] === first) last.push(beginning);
    else groups.push([beginning]);
  }
  return groups;
}

/** The number of expressions that all rules have in common, starting at index `from`. */
export function commonLength(rules: readonly Beginning[], from: number): number {
  const [{ keys } = { keys: [] }] = rules;
  let length = from;
  while (length < keys.length && rules.every((each) => each.keys[length] === keys[length])) length++;
  return length;
}

/** Groups the rules that have the same expression at an index. */
export function forkedAt(rules: readonly Beginning[], index: number): readonly (readonly Beginning[])[] {
  const groups: Beginning[][] = [];
  for (const rule of rules) {
    const last = groups.at(-1);
    const key = rule.keys[index];
    if (last !== undefined && key !== undefined && last[0]?.keys[index] === key) last.push(rule);
    else groups.push([rule]);
  }
  return groups;
}

function beginningOf(rule: Rule): Beginning {
  if (!canBeShared(rule)) return { rule, keys: [] };
  const renamed = new Renaming().rule(rule);
  return { rule: renamed, keys: renamed.body.map(keyOf) };
}

/** Under `with`, and with else branches, rules stay by themselves. */
function canBeShared(rule: Rule): boolean {
  let can = branchesOf(rule).length === 1 && rule.head.args.length === 0;
  walkRule(rule, {
    term: ({ kind }) => {
      if (kind === "template") can = false;
    },
    expression: (expression) => {
      if (expression.with.length > 0) can = false;
    },
  });
  return can;
}

/** Where something stands in the source is no part of what it is. */
function keyOf(expression: Expression): string {
  return JSON.stringify(expression, (name, value: unknown) =>
    name === "span" ? undefined : Object.is(value, -0) ? "-0" : value,
  );
}

/** Gives variables the names `~0`, `~1` …, in the order in which they come. */
class Renaming {
  readonly #names: Map<string, string> = new Map();

  rule(rule: Rule): Rule {
    const body = rule.body.map((each) => this.expression(each));
    const { head } = rule;
    const [name, ...rest] = head.reference as [Term, ...Term[]]; // as: a head has a name
    return {
      ...rule,
      body,
      head: {
        ...head,
        reference: [name, ...rest.map((each) => this.term(each))],
        ...(head.key === undefined ? {} : { key: this.term(head.key) }),
        ...(head.value === undefined ? {} : { value: this.term(head.value) }),
      },
    };
  }

  #name(name: string): string {
    if (name === "input" || name === "data") return name;
    const known = this.#names.get(name) ?? `~${this.#names.size}`;
    this.#names.set(name, known);
    return known;
  }

  expression(expression: Expression): Expression {
    const terms = (each: readonly Term[]): Term[] => each.map((term) => this.term(term));
    const body = (each: readonly Expression[]): Expression[] => each.map((part) => this.expression(part));
    switch (expression.kind) {
      case "term":
        return { ...expression, term: this.term(expression.term) };
      case "call":
        // The name of a function is no variable.
        return { ...expression, args: terms(expression.args) };
      case "some":
        return { ...expression, symbols: terms(expression.symbols) };
      case "every":
        return {
          ...expression,
          domain: this.term(expression.domain),
          ...(expression.key === undefined ? {} : { key: this.term(expression.key) }),
          value: this.term(expression.value),
          body: body(expression.body),
        };
      case "not":
        return { ...expression, body: body(expression.body) };
      case "logical":
        return { ...expression, left: body(expression.left), right: body(expression.right) };
    }
  }

  term(term: Term): Term {
    switch (term.kind) {
      case "scalar":
        return term;
      case "var":
        return { ...term, name: this.#name(term.name) };
      case "ref":
        return { ...term, head: this.term(term.head), path: term.path.map((part) => this.term(part)) };
      case "array":
      case "set":
      case "object":
        return mapMembers(term, (part) => this.term(part));
      case "call":
        return { ...term, args: term.args.map((arg) => this.term(arg)) };
      case "comprehension":
        return {
          ...term,
          ...(term.key === undefined ? {} : { key: this.term(term.key) }),
          value: this.term(term.value),
          body: term.body.map((each) => this.expression(each)),
        };
      case "template":
        return {
          ...term,
          parts: term.parts.map((part) => (isExpression(part) ? this.expression(part) : this.term(part))),
        };
    }
  }
}
