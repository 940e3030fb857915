/** Resolves names: rules of the package and imports become references to `data`, unless a local hides them. */

import {
  variable,
  stringTerm,
  type Body,
  type Expression,
  type Import,
  type Module,
  type Rule,
  type Span,
  type Term,
} from "../syntax/ast.ts";
import { printTerm } from "../syntax/print.ts";
import { isRootRef } from "../syntax/terms.ts";
import { branchesOf, isExpression, mapMembers, visitTerms, walkBody } from "../syntax/visit.ts";
import { collectVars, isAssignment, type CompilerScope } from "./scope.ts";

/** The document that a name denotes in a module. */
export interface Global {
  readonly head: string;
  readonly path: readonly string[];
  used: boolean;
}

type Globals = ReadonlyMap<string, Global>;

/** The name that an import defines. */
export function importName({ path, alias }: Import): string {
  if (alias !== undefined) return alias;
  const last = path.path.at(-1);
  if (last?.kind === "scalar") return String(last.value);
  return path.head.kind === "var" ? path.head.name : "";
}

/** Whether an import changes the grammar (`rego.v1`, `future.keywords`) instead of defining a name. */
export function isGrammarImport({ path }: Import): boolean {
  return path.head.kind === "var" && (path.head.name === "future" || path.head.name === "rego");
}

/** The names that the modules of a package and a module's imports define. */
export function globalsOf(
  packagePath: readonly string[],
  rules: Iterable<string>,
  imports: readonly Import[],
): Map<string, Global> {
  const globals = new Map<string, Global>();
  for (const name of rules) globals.set(name, { head: "data", path: [...packagePath, name], used: false });
  for (const each of imports) {
    if (isGrammarImport(each) || each.path.head.kind !== "var") continue;
    const path = each.path.path.map((part) => (part.kind === "scalar" ? String(part.value) : ""));
    globals.set(importName(each), { head: each.path.head.name, path, used: false });
  }
  return globals;
}

/** Names of rules by package. */
export function exportsOf(modules: Iterable<Module>): Map<string, Set<string>> {
  const exports = new Map<string, Set<string>>();
  for (const module of modules) {
    const key = module.package.join("\0");
    const names = exports.get(key) ?? new Set<string>();
    exports.set(key, names);
    for (const rule of module.rules) if (rule.head.reference[0]?.kind === "var") names.add(rule.head.reference[0].name);
  }
  return exports;
}

/** Resolves all names of a module; unused imports are returned. */
export function resolveModule(
  scope: CompilerScope,
  module: Module,
  exports: ReadonlyMap<string, Set<string>>,
): Import[] {
  const globals = globalsOf(module.package, exports.get(module.package.join("\0")) ?? [], module.imports);
  for (const rule of module.rules) for (const branch of branchesOf(rule)) resolveRule(scope, globals, branch);
  return module.imports.filter((each) => !isGrammarImport(each) && globals.get(importName(each))?.used === false);
}

function resolveRule(scope: CompilerScope, globals: Globals, rule: Rule): void {
  const args = new Set<string>();
  const roots: Term[] = [];
  for (const arg of rule.head.args) {
    visitTerms(arg, (term) => {
      if (isRootRef(term)) {
        roots.push(term);
        return true;
      }
      if (term.kind === "set" || term.kind === "comprehension" || term.kind === "call") return true;
      if (term.kind === "object") {
        for (const [, value] of term.entries) collectVars(value, args);
        return true;
      }
      if (term.kind === "var") args.add(term.name);
      return false;
    });
  }
  const [root] = roots;
  if (root !== undefined) {
    const message = `args must not shadow ${printTerm(root)} (use a different variable name)`;
    scope.report("rego_compile_error", message, rule.span);
  }
  const resolver = new Resolver(globals, [args, declaredIn(rule.body)]);
  const { head } = rule;
  head.reference = head.reference.map((part, index) => (index === 0 ? part : resolver.term(part)));
  if (head.key !== undefined) head.key = resolver.term(head.key);
  if (head.value !== undefined) head.value = resolver.term(head.value);
  resolver.body(rule.body);
}

/** Resolves the names of a query in a package's view. */
export function resolveBody(globals: Globals, body: Body): void {
  new Resolver(globals, [declaredIn(body)]).body(body);
}

/** Names that a body declares with `some` or `:=`, without those in its comprehensions. */
export function declaredIn(body: Body): Set<string> {
  const names = new Set<string>();
  walkBody(body, {
    term: (term) => term.kind === "comprehension",
    expression: (expression) => {
      if (isAssignment(expression)) {
        collectVars(expression.args[0], names);
      } else if (expression.kind === "some") {
        for (const symbol of expression.symbols) {
          if (symbol.kind === "call") for (const arg of symbol.args.slice(0, -1)) collectVars(arg, names);
          else collectVars(symbol, names);
        }
      }
    },
  });
  return names;
}

class Resolver {
  readonly #globals: Globals;
  readonly #hidden: Set<string>[];

  constructor(globals: Globals, hidden: Set<string>[]) {
    this.#globals = globals;
    this.#hidden = hidden;
  }

  #global(name: string): Global | undefined {
    const global = this.#globals.get(name);
    if (global === undefined || this.#hidden.some((names) => names.has(name))) return undefined;
    global.used = true;
    return global;
  }

  #within(names: Set<string>, resolve: () => void): void {
    this.#hidden.push(names);
    resolve();
    this.#hidden.pop();
  }

  body(body: Body): void {
    for (const expression of body) this.expression(expression);
  }

  expression(expression: Expression): void {
    switch (expression.kind) {
      case "term":
        expression.term = this.term(expression.term);
        break;
      case "call":
        expression.operator = this.#operator(expression.operator);
        expression.args = expression.args.map((arg) => this.term(arg));
        break;
      case "some":
        expression.symbols = expression.symbols.map((symbol) => (symbol.kind === "call" ? this.term(symbol) : symbol));
        break;
      case "every": {
        const names = new Set<string>();
        if (expression.key !== undefined) collectVars(expression.key, names);
        collectVars(expression.value, names);
        this.#within(names, () => {
          expression.domain = this.term(expression.domain);
          this.#within(declaredIn(expression.body), () => this.body(expression.body));
        });
        break;
      }
      case "not":
        this.#within(declaredIn(expression.body), () => this.body(expression.body));
        break;
      case "logical":
        this.#within(declaredIn(expression.left), () => this.body(expression.left));
        this.#within(declaredIn(expression.right), () => this.body(expression.right));
    }
    for (const each of expression.with) {
      each.target = this.term(each.target);
      each.value = this.term(each.value);
    }
  }

  #operator<T extends Term>(term: T): T {
    return this.term(term) as T; // as: a reference stays one, and a variable of an operator is none
  }

  term(term: Term): Term {
    switch (term.kind) {
      case "var": {
        const global = this.#global(term.name);
        return global === undefined ? term : globalRef(global, term.span);
      }
      case "ref": {
        const path = term.path.map((part) => this.term(part));
        if (term.head.kind !== "var") return { ...term, head: this.term(term.head), path };
        const global = this.#global(term.head.name);
        if (global === undefined) return { ...term, path };
        const { span } = term.head;
        const names = global.path.map((name) => stringTerm(name, span));
        return { ...term, head: variable(global.head, span), path: [...names, ...path] };
      }
      case "array":
      case "set":
      case "object":
        return mapMembers(term, (part) => this.term(part));
      case "call":
        return { ...term, operator: this.#operator(term.operator), args: term.args.map((arg) => this.term(arg)) };
      case "comprehension": {
        const copy = { ...term };
        this.#within(declaredIn(term.body), () => {
          if (copy.key !== undefined) copy.key = this.term(copy.key);
          copy.value = this.term(copy.value);
          this.body(copy.body);
        });
        return copy;
      }
      case "template":
        for (const part of term.parts) if (isExpression(part)) this.expression(part);
        return term;
      case "scalar":
        return term;
    }
  }
}

function globalRef(global: Global, span: Span): Term {
  return {
    kind: "ref",
    head: variable(global.head, span),
    path: global.path.map((name) => stringTerm(name, span)),
    span,
  };
}
