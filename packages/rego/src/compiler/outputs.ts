/** Which variables an expression binds, given those that are bound before it. */

import type { Body, CallExpression, Expression, Term } from "../syntax/ast.ts";
import { walkExpression, walkTerm } from "../syntax/visit.ts";
import {
  collectExpressionVars,
  collectModifierVars,
  collectVars,
  isEquality,
  type CompilerScope,
  type VarOptions,
  type BinaryCall,
} from "./scope.ts";

/** What counts for safety: no heads of references to called functions, no closures. */
export const safetyOptions: VarOptions = { skipCallHead: true, skipClosures: true };

const outputOptions: VarOptions = { skipRefHead: true, skipObjectKeys: true, skipClosures: true };

type Names = ReadonlySet<string>;

const rootNames = new Set(["input", "data"]);

/** Whether a name is bound: locals in `safe`, and the documents. */
function isSafe(name: string, safe: Names): boolean {
  return safe.has(name) || rootNames.has(name);
}

function allSafe(names: Iterable<string>, safe: Names): boolean {
  for (const name of names) if (!isSafe(name, safe)) return false;
  return true;
}

/** Variables that an expression binds. */
export function expressionOutputs(scope: CompilerScope, expression: Expression, safe: Names): Set<string> {
  const none = new Set<string>();
  if (expression.negated) return none;
  const modifierVars = new Set<string>();
  collectModifierVars(expression.with, modifierVars, safetyOptions);
  if (!allSafe(modifierVars, safe)) return none;
  switch (expression.kind) {
    case "term":
      return expression.term.kind === "template" ? none : termOutputs(expression.term, safe);
    case "call":
      return isEquality(expression) ? equalityOutputs(scope, expression, safe) : callOutputs(scope, expression, safe);
    case "every":
      return termOutputs(expression.domain, safe);
    default:
      return none;
  }
}

/** Variables that a body binds beyond `safe`. */
export function bodyOutputs(scope: CompilerScope, body: Body, safe: Names): Set<string> {
  const known = new Set(safe);
  const outputs = new Set<string>();
  for (const expression of body) {
    for (const name of expressionOutputs(scope, expression, known)) {
      if (!safe.has(name)) outputs.add(name);
      known.add(name);
    }
  }
  return outputs;
}

/** Variables in the brackets of references whose heads are bound. */
function termOutputs(term: Term, safe: Names, into = new Set<string>()): Set<string> {
  walkTerm(term, {
    term: (each) => {
      if (each.kind === "comprehension" || each.kind === "template") return true;
      if (each.kind !== "ref") return false;
      if (!isRefSafe(each, safe)) return true;
      for (const part of each.path) collectVars(part, into, { skipRefHead: true });
      return false;
    },
  });
  return into;
}

function isRefSafe(term: Term, safe: Names): boolean {
  if (term.kind !== "ref") return false;
  const { head } = term;
  if (head.kind === "var") return isSafe(head.name, safe);
  const names = new Set<string>();
  collectVars(head, names, safetyOptions);
  return allSafe(names, safe);
}

function isCallSafe(term: Term, safe: Names): boolean {
  const names = new Set<string>();
  collectVars(term, names, safetyOptions);
  return allSafe(names, safe);
}

/** Variables that `left = right` binds. */
export function equalityOutputs(scope: CompilerScope, expression: BinaryCall, safe: Names): Set<string> {
  void scope;
  const [left, right] = expression.args;
  const base = new Set(safe);
  for (const arg of expression.args) termOutputs(arg, safe, base);
  for (const { value } of expression.with) termOutputs(value, safe, base);
  if (expression.fromAssignment === true) {
    const assigned = new Set<string>();
    collectVars(left, assigned);
    for (const name of assigned) base.delete(name);
  }
  const unified = unify(base, left, right);
  const outputs = new Set<string>();
  for (const names of [base, unified]) for (const name of names) if (!safe.has(name)) outputs.add(name);
  return outputs;
}

function callOutputs(scope: CompilerScope, expression: CallExpression, safe: Names): Set<string> {
  const arity = scope.arity(expression.operator);
  if (arity === undefined) return new Set();
  const outputs = new Set<string>();
  walkExpression(expression, {
    term: (term) => {
      if (term === expression.operator) return true;
      termOutputs(term, safe, outputs);
      return true;
    },
  });
  if (expression.args.length <= arity) return outputs;
  const options: VarOptions = { skipClosures: true, skipSets: true, skipObjectKeys: true, skipRefHead: true };
  const inputs = new Set<string>();
  for (const arg of expression.args.slice(0, arity)) collectVars(arg, inputs, options);
  for (const name of inputs) if (!outputs.has(name) && !isSafe(name, safe)) return new Set();
  for (const arg of expression.args.slice(arity)) collectVars(arg, outputs, options);
  return outputs;
}

/** Variables that unifying two terms binds when those in `safe` are bound. */
export function unify(safe: Names, left: Term, right: Term): Set<string> {
  const unifier = new Unifier(safe);
  unifier.unify(left, right);
  return unifier.unified;
}

class Unifier {
  readonly unified: Set<string> = new Set();
  readonly #safe: Names;
  readonly #unknown: Map<string, Set<string>> = new Map();

  constructor(safe: Names) {
    this.#safe = safe;
  }

  #isSafe(name: string): boolean {
    return isSafe(name, this.#safe) || this.unified.has(name);
  }

  unify(a: Term, b: Term): void {
    if (a.kind === "var") this.#variable(a.name, b);
    else if (b.kind === "var") this.#variable(b.name, a);
    else if (a.kind === "comprehension" || b.kind === "comprehension") this.#comprehension(a, b);
    else if (this.#isSource(a)) this.#markAll(b);
    else if (this.#isSource(b)) this.#markAll(a);
    else if (a.kind === "array" && b.kind === "array" && a.items.length === b.items.length) {
      for (const [index, item] of a.items.entries()) this.unify(item, b.items[index] as Term); // as: both are as long
    } else if (a.kind === "object" && b.kind === "object" && a.entries.length === b.entries.length) {
      for (const [key, value] of a.entries) {
        const other = b.entries.find(([each]) => sameKey(each, key));
        if (other !== undefined) this.unify(value, other[1]);
      }
    }
  }

  /** A term whose value is known at once: what is unified with it is bound. */
  #isSource(term: Term): boolean {
    if (term.kind === "ref") return isRefSafe(term, this.#safe);
    return term.kind === "call" && isCallSafe(term, this.#safe);
  }

  /** Arrays may be taken from any comprehension, objects only where theirs stands first: so it is in OPA. */
  #comprehension(a: Term, b: Term): void {
    if (a.kind === "comprehension") {
      if (b.kind === a.shape) this.#markAll(b);
    } else if (a.kind === "array") {
      this.#markAll(a);
    }
  }

  #variable(name: string, other: Term): void {
    switch (other.kind) {
      case "var":
        if (this.#isSafe(other.name)) this.#mark(name);
        else if (this.#isSafe(name)) this.#mark(other.name);
        else {
          this.#link(name, other.name);
          this.#link(other.name, name);
        }
        return;
      case "array":
      case "object":
        this.#variableWith(name, other);
        return;
      case "ref":
        if (isRefSafe(other, this.#safe)) this.#mark(name);
        return;
      case "call":
        if (isCallSafe(other, this.#safe)) this.#mark(name);
        return;
      default:
        this.#mark(name);
    }
  }

  #variableWith(name: string, collection: Term): void {
    if (this.#isSafe(name)) {
      this.#markAll(collection);
      return;
    }
    const names = new Set<string>();
    collectVars(collection, names, outputOptions);
    const open = [...names].filter((each) => !this.#isSafe(each));
    if (open.length === 0) this.#mark(name);
    for (const each of open) this.#link(name, each);
  }

  #link(name: string, other: string): void {
    const links = this.#unknown.get(name) ?? new Set();
    links.add(other);
    this.#unknown.set(name, links);
  }

  #markAll(term: Term): void {
    if (term.kind !== "array" && term.kind !== "object") return;
    const names = new Set<string>();
    collectVars(term, names, outputOptions);
    for (const name of names) this.#mark(name);
  }

  #mark(name: string): void {
    this.unified.add(name);
    const links = this.#unknown.get(name);
    this.#unknown.delete(name);
    for (const each of links ?? []) this.#mark(each);
    for (const [each, waits] of this.#unknown) {
      if (waits.delete(name) && waits.size === 0) {
        this.#unknown.delete(each);
        this.#mark(each);
      }
    }
  }
}

function sameKey(left: Term, right: Term): boolean {
  if (left.kind === "scalar" && right.kind === "scalar") return left.value === right.value;
  return left.kind === "var" && right.kind === "var" && left.name === right.name;
}

/** Variables of an expression that must be bound or bind here. */
export function safetyVars(scope: CompilerScope, expression: Expression, into: Set<string>): void {
  if (expression.kind === "not") {
    if (!expression.explicit) promote(scope, expression.body, into);
  } else if (expression.kind === "logical") {
    if (!expression.explicitLeft) promote(scope, expression.left, into);
    if (!expression.explicitRight) promote(scope, expression.right, into);
  } else {
    collectExpressionVars(expression, into, safetyOptions);
    return;
  }
  collectModifierVars(expression.with, into, safetyOptions);
}

/** Operands without braces take the variables they do not bind themselves from around them. */
function promote(scope: CompilerScope, body: Body, into: Set<string>): void {
  const occurrences = new Map<string, number>();
  for (const expression of body) {
    const names = new Set<string>();
    safetyVars(scope, expression, names);
    for (const name of names) occurrences.set(name, (occurrences.get(name) ?? 0) + 1);
  }
  if (body.length === 1) {
    for (const name of occurrences.keys()) into.add(name);
    return;
  }
  const bound = boundWithin(scope, body, occurrences.keys());
  for (const [name, count] of occurrences) if (!bound.has(name) || count === 1) into.add(name);
}

function boundWithin(scope: CompilerScope, body: Body, names: Iterable<string>): Set<string> {
  const safe = new Set(names);
  for (const expression of body) {
    if (!isEquality(expression)) continue;
    for (const arg of expression.args) if (arg.kind === "var") safe.delete(arg.name);
  }
  const bound = new Set<string>();
  for (let changed = true; changed;) {
    changed = false;
    for (const expression of body) {
      if (!isEquality(expression)) continue;
      for (const name of equalityOutputs(scope, expression, safe)) {
        if (bound.has(name)) continue;
        bound.add(name);
        safe.add(name);
        changed = true;
      }
    }
  }
  for (const expression of body) {
    if (expression.kind !== "call" || isEquality(expression)) continue;
    const arity = scope.arity(expression.operator);
    if (arity === undefined) continue;
    for (const arg of expression.args.slice(arity)) collectVars(arg, bound, outputOptions);
  }
  return bound;
}
