/** Renames what is declared with `:=`, `some`, `every` or as an argument, so that every name means one thing in a rule. */

import type { Body, EveryExpression, Expression, LogicalExpression, NotExpression, Rule, SomeExpression, Span, Term, With } from "../syntax/ast.ts"; // prettier-ignore
import { operatorRef } from "../syntax/ast.ts";
import { printTerm } from "../syntax/print.ts";
import { isRootRef, termKind } from "../syntax/terms.ts";
import { branchesOf, isExpression, mapMembers } from "../syntax/visit.ts";
import { declaredIn } from "./resolve.ts";
import { equalityOutputs } from "./outputs.ts";
import { collectBodyVars, collectExpressionVars, collectVars, isAssignment, isGenerated, isWildcard, type BinaryCall, type CompilerScope } from "./scope.ts"; // prettier-ignore

type Occurrence = "argument" | "seen" | "assigned" | "declared";

interface Frame {
  readonly names: Map<string, string>;
  readonly occurrences: Map<string, Occurrence>;
  readonly counts: Map<string, number>;
}

function frame(): Frame {
  return { names: new Map(), occurrences: new Map(), counts: new Map() };
}

/** Renames the locals of a rule and its else branches. */
export function renameRule(scope: CompilerScope, rule: Rule): void {
  const args = new LocalNames(scope);
  rule.head.args = rule.head.args.map((arg) => args.argument(arg));
  const unusedArgs = new Set([...args.top.names.keys()].filter((name) => !isWildcard(name)));
  for (const branch of branchesOf(rule)) {
    if (branch !== rule) {
      // The arguments stand there once more: that is no use of them.
      const again = new LocalNames(scope, args.copyFrames());
      branch.head.args = branch.head.args.map((arg) => again.argument(arg));
    }
    renameBranch(scope, args, branch, unusedArgs);
  }
  if (!scope.strict) return;
  for (const name of unusedArgs) {
    const message = `unused argument ${name}. (hint: use _ (wildcard variable) instead)`;
    scope.reportLater("rego_compile_error", message, rule.head.span);
  }
}

function renameBranch(scope: CompilerScope, args: LocalNames, rule: Rule, unusedArgs: Set<string>): void {
  const { head } = rule;
  const parts = [
    ...head.reference.slice(1),
    ...(head.key === undefined ? [] : [head.key]),
    ...(head.value === undefined ? [] : [head.value]),
  ];
  // Comprehensions in the head have a scope of their own, before the body's.
  for (const part of parts) new LocalNames(scope).headClosures(part);
  const used = new Set<string>();
  for (const part of parts) collectVars(part, used);
  if (head.value !== undefined) {
    const inValue = new Set<string>();
    collectVars(head.value, inValue);
    for (const name of inValue) unusedArgs.delete(name);
  }
  const names = new LocalNames(scope, args.copyFrames());
  names.renameBuiltinNames(rule.body);
  rule.body = names.body(rule.body, used);
  head.reference = head.reference.map((part, index) => (index === 0 ? part : names.inHead(part)));
  if (head.key !== undefined) head.key = names.inHead(head.key);
  if (head.value !== undefined) head.value = names.inHead(head.value);
  for (const name of unusedArgs) if (names.count(name) > 1) unusedArgs.delete(name);
}

/** Renames the locals of a query's body. */
export function renameQuery(scope: CompilerScope, body: Body): Body {
  return new LocalNames(scope).body(body, new Set());
}

class LocalNames {
  readonly #scope: CompilerScope;
  readonly #frames: Frame[];
  readonly #foundBefore: number;
  #silent = false;

  constructor(scope: CompilerScope, frames: Frame[] = [frame()]) {
    this.#scope = scope;
    this.#foundBefore = scope.found;
    this.#frames = frames;
  }

  get top(): Frame {
    return this.#frames.at(-1) as Frame; // as: the first frame is never taken away
  }

  copyFrames(): Frame[] {
    return this.#frames.map(({ names, occurrences, counts }) => ({
      names: new Map(names),
      occurrences: new Map(occurrences),
      counts: new Map(counts),
    }));
  }

  #declared(name: string): string | undefined {
    return this.#frames.findLast(({ names }) => names.has(name))?.names.get(name);
  }

  #seen(name: string): void {
    const counts = this.#frames.findLast(({ names }) => names.has(name))?.counts;
    counts?.set(name, (counts.get(name) ?? 0) + 1);
  }

  count(name: string): number {
    return this.#frames.findLast(({ counts }) => counts.has(name))?.counts.get(name) ?? 0;
  }

  #insert(name: string, renamed: string, occurrence: Occurrence): void {
    this.top.names.set(name, renamed);
    this.top.occurrences.set(name, occurrence);
    this.top.counts.set(name, 1);
    if (renamed !== name) this.#scope.renamed.set(renamed, name);
  }

  #report(message: string, span: Span): void {
    this.#scope.report("rego_compile_error", message, span);
  }

  #reportUnused(message: string, span: Span | undefined): void {
    this.#scope.reportLater("rego_compile_error", message, span);
  }

  /** Whether nothing was found in this rule so far: what is unused is told only then. */
  #isSound(): boolean {
    return !this.#silent && this.#scope.found === this.#foundBefore;
  }

  /** Declares a name here; reports when it already means something here. */
  #declare(name: string, occurrence: Occurrence, span: Span): string | undefined {
    switch (this.top.occurrences.get(name)) {
      case "seen":
        this.#report(`var ${name} referenced above`, span);
        return undefined;
      case "assigned":
        this.#report(`var ${name} assigned above`, span);
        return undefined;
      case "declared":
        this.#report(`var ${name} declared above`, span);
        return undefined;
      case "argument":
        this.#report(`arg ${name} redeclared`, span);
        return undefined;
      case undefined: {
        const renamed = this.#scope.fresh(span).name;
        this.#insert(name, renamed, occurrence);
        return renamed;
      }
    }
  }

  argument(term: Term): Term {
    switch (term.kind) {
      case "var": {
        const known = this.#declared(term.name);
        if (known !== undefined) {
          this.#seen(term.name);
          return { ...term, name: known };
        }
        const renamed = this.#scope.fresh(term.span).name;
        this.#insert(term.name, renamed, "argument");
        return { ...term, name: renamed };
      }
      case "array":
        return { ...term, items: term.items.map((item) => this.argument(item)) };
      case "object":
        return { ...term, entries: term.entries.map(([key, value]) => [key, this.argument(value)]) };
      case "ref":
        return { ...term, path: term.path.map((part) => this.argument(part)) };
      case "call":
        this.#report("rule arguments cannot contain calls", term.span);
        return term;
      default:
        return term;
    }
  }

  /** Variables called like a built-in function get names of their own, or they would be taken for it. */
  renameBuiltinNames(body: Body): void {
    const inBody = new Set<string>();
    collectBodyVars(body, inBody, { skipCallHead: true, skipClosures: true, skipRefHead: false });
    const declared = declaredIn(body);
    const [first] = body;
    if (first === undefined) return;
    for (const name of [...inBody].sort()) {
      if (!this.#scope.builtins.has(name) || declared.has(name) || this.#declared(name) !== undefined) continue;
      if (mocks(body, name)) continue;
      this.#insert(name, this.#scope.fresh(first.span).name, "seen");
    }
  }

  body(body: Body, used: ReadonlySet<string>): Body {
    const result: Body = [];
    for (const expression of body) {
      const renamed = this.#statement(expression);
      if (renamed !== undefined) result.push(renamed);
    }
    const [first] = body;
    if (result.length === 0 && first !== undefined) {
      const { span } = first;
      result.push({ kind: "term", term: { kind: "scalar", value: true, span }, negated: false, with: [], span });
    }
    if (this.#isSound()) this.#checkUnusedAssigned(body, used);
    if (this.#isSound()) this.#checkUnusedDeclared(body, result, used);
    return result;
  }

  #statement(expression: Expression): Expression | undefined {
    if (isAssignment(expression)) return this.#assignment(expression);
    switch (expression.kind) {
      case "some":
        return this.#some(expression);
      case "every":
        return this.#every(expression);
      case "not":
        return this.#not(expression);
      case "logical":
        return this.#logical(expression);
      default:
        return this.#expression(expression);
    }
  }

  #expression(expression: Expression): Expression {
    if (expression.kind === "term") expression.term = this.#term(expression.term);
    if (expression.kind === "call") {
      this.#checkOperator(expression.operator, expression.span);
      expression.args = expression.args.map((arg) => this.#term(arg));
    }
    this.#modifiers(expression.with);
    return expression;
  }

  #modifiers(modifiers: readonly With[]): void {
    for (const each of modifiers) {
      const { target } = each;
      // The document is meant here, also where an argument is called `input`.
      const isInput = target.kind === "ref" && target.head.kind === "var" && target.head.name === "input";
      each.target = isInput ? { ...target, path: target.path.map((part) => this.#term(part)) } : this.#term(target);
      each.value = this.#term(each.value);
    }
  }

  #checkOperator(operator: Term, span: Span): void {
    const head = operator.kind === "ref" && operator.head.kind === "var" ? operator.head.name : undefined;
    if (head === undefined || this.#scope.builtins.has(printTerm(operator))) return;
    const renamed = this.#declared(head);
    if (renamed !== undefined && renamed !== head)
      this.#report(`called function ${printTerm(operator)} shadowed`, span);
  }

  #assignment(expression: BinaryCall): Expression {
    const [left, right] = expression.args;
    if (expression.negated) {
      this.#report("cannot assign vars inside negated expression", expression.span);
      return expression;
    }
    const before = this.#scope.found;
    expression.args[1] = this.#term(right);
    this.#modifiers(expression.with);
    expression.args[0] = this.#target(left);
    if (this.#scope.found === before) {
      expression.operator = operatorRef("eq", expression.operator.span);
      expression.fromAssignment = true;
    }
    return expression;
  }

  /** The left side of an assignment: variables, alone or in arrays and values of objects. */
  #target(term: Term): Term {
    switch (term.kind) {
      case "var": {
        const renamed = this.#declare(term.name, "assigned", term.span);
        return renamed === undefined ? term : { ...term, name: renamed };
      }
      case "array":
        return { ...term, items: term.items.map((item) => this.#target(item)) };
      case "object":
        return { ...term, entries: term.entries.map(([key, value]) => [this.#term(key), this.#target(value)]) };
      default:
        if (isRootRef(term) && term.kind === "ref" && term.head.kind === "var") {
          const renamed = this.#declare(term.head.name, "assigned", term.span);
          return renamed === undefined ? term : { kind: "var", name: renamed, span: term.span };
        }
        this.#report(`cannot assign to ${termKind(term)}`, term.span);
        return term;
    }
  }

  #some(expression: SomeExpression): Expression | undefined {
    const [first] = expression.symbols;
    if (first?.kind === "call") return this.#someIn(expression, first.args);
    for (const symbol of expression.symbols) {
      if (symbol.kind === "var") this.#declare(symbol.name, "declared", expression.span);
    }
    return undefined;
  }

  #someIn(expression: SomeExpression, args: readonly Term[]): Expression | undefined {
    const [value, domain] = args.slice(-2) as [Term, Term]; // as: `some … in …` is a call of two or three arguments
    const [written] = args.slice(0, -2);
    const key = written ?? this.#scope.fresh(expression.span);
    const bound = new Set<string>();
    const options = { skipRefHead: true, skipObjectKeys: true, skipClosures: true };
    collectVars(key, bound, options);
    collectVars(value, bound, options);
    const inDomain = new Set<string>();
    collectVars(domain, inDomain, { skipClosures: true });
    const both = [...bound].filter((name) => inDomain.has(name) && !isWildcard(name)).sort();
    for (const name of both) this.#report(`var ${name} assigned before`, expression.span);
    if (both.length > 0) return undefined;
    const right: Term =
      domain.kind === "ref"
        ? { ...domain, path: [...domain.path, key] }
        : { kind: "ref", head: domain, path: [key], span: domain.span };
    const renamed: BinaryCall = {
      kind: "call",
      operator: operatorRef("eq", expression.span),
      args: [value, right],
      negated: false,
      with: expression.with,
      span: expression.span,
    };
    // What a comprehension in the domain declares is its own.
    const known = new Set<string>();
    collectVars(domain, known);
    const outputs = equalityOutputs(this.#scope, renamed, known);
    for (const name of [...outputs].sort()) if (!isGenerated(name)) this.#declare(name, "declared", expression.span);
    return this.#expression(renamed);
  }

  #within<T>(rename: () => T): T {
    this.#frames.push(frame());
    try {
      return rename();
    } finally {
      this.#frames.pop();
    }
  }

  #every(expression: EveryExpression): Expression {
    expression.domain = this.#term(expression.domain);
    return this.#within(() => {
      for (const part of ["key", "value"] as const) {
        const term = expression[part];
        if (term === undefined) {
          expression.key = this.#scope.fresh(expression.span);
        } else if (term.kind === "var" && !isWildcard(term.name)) {
          const renamed = this.#declare(term.name, "declared", expression.span);
          if (renamed !== undefined) expression[part] = { ...term, name: renamed };
        }
      }
      expression.body = this.body(expression.body, new Set());
      this.#modifiers(expression.with);
      return expression;
    });
  }

  #not(expression: NotExpression): Expression {
    if (!expression.explicit) {
      this.#implicit(expression.body, "cannot assign vars inside negated expression");
      this.#modifiers(expression.with);
      return expression;
    }
    return this.#within(() => {
      expression.body = this.body(expression.body, new Set());
      this.#modifiers(expression.with);
      return expression;
    });
  }

  #logical(expression: LogicalExpression): Expression {
    const refusal = `cannot assign vars inside operand of \`${expression.operator}\``;
    for (const side of ["left", "right"] as const) {
      const explicit = side === "left" ? expression.explicitLeft : expression.explicitRight;
      if (explicit) this.#within(() => (expression[side] = this.body(expression[side], new Set())));
      else this.#implicit(expression[side], refusal);
    }
    this.#modifiers(expression.with);
    return expression;
  }

  /** Operands without braces declare nothing. */
  #implicit(body: Body, refusal: string): void {
    for (const each of body) {
      if (isAssignment(each)) this.#report(refusal, each.span);
      else if (each.kind === "not") this.#not(each);
      else if (each.kind === "logical") this.#logical(each);
      else this.#expression(each);
    }
  }

  #term(term: Term): Term {
    switch (term.kind) {
      case "var": {
        const renamed = this.#declared(term.name);
        if (renamed === undefined) {
          if (this.top.occurrences.get(term.name) === undefined) this.#insert(term.name, term.name, "seen");
          return term;
        }
        this.#seen(term.name);
        return renamed === term.name ? term : { ...term, name: renamed };
      }
      case "ref":
        return this.#reference(term);
      case "array":
      case "set":
        return { ...term, items: term.items.map((item) => this.#term(item)) };
      case "object":
        return { ...term, entries: term.entries.map(([key, value]) => [this.#term(key), this.#term(value)]) };
      case "call":
        this.#checkOperator(term.operator, term.span);
        return { ...term, args: term.args.map((arg) => this.#term(arg)) };
      case "comprehension":
        return this.#comprehension(term);
      case "template":
        for (const part of term.parts) if (isExpression(part)) this.#within(() => this.#expression(part));
        return term;
      case "scalar":
        return term;
    }
  }

  #reference(term: Term & { kind: "ref" }): Term {
    const { head } = term;
    if (head.kind === "var" && (head.name === "input" || head.name === "data")) {
      const renamed = this.#declared(head.name);
      if (renamed !== undefined && renamed !== head.name) {
        this.#seen(head.name);
        if (term.path.length === 0) return { kind: "var", name: renamed, span: term.span };
        return { ...term, head: { ...head, name: renamed }, path: term.path.map((part) => this.#term(part)) };
      }
      return { ...term, path: term.path.map((part) => this.#term(part)) };
    }
    return { ...term, head: this.#term(head), path: term.path.map((part) => this.#term(part)) };
  }

  #comprehension(term: Term & { kind: "comprehension" }): Term {
    const used = new Set<string>();
    if (term.key !== undefined) collectVars(term.key, used);
    collectVars(term.value, used);
    return this.#within(() => {
      const body = this.body(term.body, used);
      const copy = { ...term, body };
      if (copy.key !== undefined) copy.key = this.#term(copy.key);
      copy.value = this.#term(copy.value);
      return copy;
    });
  }

  /** Renames within the comprehensions of a head, and nothing else. */
  headClosures(term: Term): void {
    if (term.kind === "comprehension") {
      Object.assign(term, this.#comprehension(term));
    } else if (term.kind === "template") {
      for (const part of term.parts) if (isExpression(part)) this.#within(() => this.#expression(part));
    } else if (term.kind === "array" || term.kind === "set") {
      for (const item of term.items) this.headClosures(item);
    } else if (term.kind === "object") {
      for (const [key, value] of term.entries) {
        this.headClosures(key);
        this.headClosures(value);
      }
    } else if (term.kind === "call") {
      for (const arg of term.args) this.headClosures(arg);
    } else if (term.kind === "ref") {
      this.headClosures(term.head);
      for (const part of term.path) this.headClosures(part);
    }
  }

  /** A part of the head, with the names that the body declared. */
  inHead(term: Term): Term {
    this.#silent = true;
    const names = this.top.names;
    const rename = (each: Term): Term => {
      switch (each.kind) {
        case "var":
          return { ...each, name: names.get(each.name) ?? each.name };
        case "ref": {
          const head = rename(each.head);
          return { ...each, head, path: each.path.map(rename) };
        }
        case "array":
        case "set":
        case "object":
          return mapMembers(each, rename);
        case "call":
          return { ...each, args: each.args.map(rename) };
        case "comprehension":
          return {
            ...each,
            ...(each.key === undefined ? {} : { key: rename(each.key) }),
            value: rename(each.value),
            body: each.body.map((expression) => renameExpression(expression, rename)),
          };
        case "template":
          return {
            ...each,
            parts: each.parts.map((part) => (isExpression(part) ? renameExpression(part, rename) : part)),
          };
        case "scalar":
          return each;
      }
    };
    return rename(term);
  }

  #checkUnusedAssigned(body: Body, used: ReadonlySet<string>): void {
    if (!this.#scope.strict) return;
    for (const [name, occurrence] of this.top.occurrences) {
      if (occurrence !== "assigned" || isWildcard(name) || this.count(name) > 1) continue;
      const local = this.top.names.get(name);
      if (local === undefined || used.has(name) || used.has(local)) continue;
      this.#reportUnused(`assigned var ${name} unused`, spanOfUse(body, local));
    }
  }

  #checkUnusedDeclared(body: Body, renamed: Body, used: ReadonlySet<string>): void {
    const inBody = new Set<string>();
    collectBodyVars(renamed, inBody);
    for (const [name, occurrence] of this.top.occurrences) {
      const local = this.top.names.get(name);
      if (occurrence !== "declared" || local === undefined || inBody.has(local)) continue;
      if (used.has(name) || used.has(local) || isGenerated(name)) continue;
      const declaring = body.find((expression) => declaredIn([expression]).has(name)) ?? body[0];
      this.#reportUnused(`declared var ${name} unused`, declaring?.span);
    }
  }
}

function spanOfUse(body: Body, name: string): Span | undefined {
  const found = body.find((expression) => {
    const names = new Set<string>();
    collectExpressionVars(expression, names);
    return names.has(name);
  });
  return (found ?? body[0])?.span;
}

function mocks(body: Body, name: string): boolean {
  return body.some((expression) =>
    expression.with.some(({ target, value }) => printTerm(target) === name || printTerm(value) === name),
  );
}

function renameExpression(expression: Expression, rename: (term: Term) => Term): Expression {
  const modifiers = expression.with.map((each) => ({
    ...each,
    target: rename(each.target),
    value: rename(each.value),
  }));
  const bodyOf = (body: Body): Body => body.map((each) => renameExpression(each, rename));
  switch (expression.kind) {
    case "term":
      return { ...expression, with: modifiers, term: rename(expression.term) };
    case "call":
      return { ...expression, with: modifiers, args: expression.args.map(rename) };
    case "some":
      return expression;
    case "every":
      return { ...expression, with: modifiers, domain: rename(expression.domain), body: bodyOf(expression.body) };
    case "not":
      return { ...expression, with: modifiers, body: bodyOf(expression.body) };
    case "logical":
      return { ...expression, with: modifiers, left: bodyOf(expression.left), right: bodyOf(expression.right) };
  }
}
