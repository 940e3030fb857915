/** Checks types before anything runs, as OPA does: references that cannot exist, arguments that cannot fit. */

import type { Body, CallExpression, Expression, RefTerm, Rule, Span, Term } from "../syntax/ast.ts";
import { printRef, printTerm } from "../syntax/print.ts";
import { branchesOf, visitTerms, walkExpression } from "../syntax/visit.ts";
import { hashKey } from "../values/value.ts";
import { dottedName, isEquality, type CompilerScope } from "./scope.ts";
import { anything, isAnything, isUnknown, keysOf, select, stringType, unifies, union, unknownType, valuesOf, type ArrayType, type FunctionType, type ObjectType, type Type } from "./static-types.ts"; // prettier-ignore
import { scalarType, splitHead, TypeEnv, TypeNode, wrapKeys } from "./type-env.ts";

interface Found {
  readonly message: string;
  readonly span: Span;
  /** Something in it had no type, so it may follow from another error. */
  readonly unknown: boolean;
}

export class TypeChecker {
  #scope: CompilerScope;
  readonly #data: TypeNode = new TypeNode("data");

  constructor(scope: CompilerScope) {
    this.#scope = scope;
  }

  /** Checks a rule and learns its type. */
  checkRule(rule: Rule): void {
    for (const branch of branchesOf(rule)) this.#checkBranch(branch);
  }

  /** Checks a query; rules are known by now. */
  checkQuery(scope: CompilerScope, body: Body): void {
    const outer = this.#scope;
    this.#scope = scope;
    this.#report(this.#body(new TypeEnv(scope, this.#data), body));
    this.#scope = outer;
  }

  #report(found: readonly Found[]): void {
    for (const { message, span } of found) this.#scope.report("rego_type_error", message, span);
  }

  #checkBranch(rule: Rule): void {
    const env = new TypeEnv(this.#scope, this.#data);
    const { path, keys } = splitHead(rule);
    const found = this.#body(env, rule.body);
    if (found.length > 0) {
      this.#report(found);
      this.#data.insert(path, anything);
      return;
    }
    const { head } = rule;
    if (head.args.length > 0) {
      for (const arg of head.args) {
        visitTerms(arg, (term) => {
          if (term.kind === "var" && env.variable(term.name) === undefined) env.set(term.name, anything);
        });
      }
      const args = head.args.map((arg) => this.#typeOf(env, arg) ?? anything);
      const result = head.value === undefined ? undefined : this.#typeOf(env, head.value);
      this.#data.insert(path, { kind: "function", args, variadic: undefined, result: result ?? anything });
      return;
    }
    const isSet = head.key !== undefined && head.value === undefined;
    const value = this.#typeOf(env, (isSet ? head.key : head.value) as Term);
    if (value === undefined) return;
    const type: Type = isSet ? { kind: "set", of: value } : value;
    this.#data.insert(
      path,
      wrapKeys(
        keys.map((key) => this.#typeOf(env, key)),
        type,
      ),
    );
  }

  #body(env: TypeEnv, body: Body): Found[] {
    const found: Found[] = [];
    for (const expression of body) {
      const inner = expression.with.length > 0 ? env.withoutDocuments() : env;
      const closures = this.#closures(inner, expression);
      const references = this.#references(inner, expression);
      found.push(...closures, ...references);
      const wrong = this.#expression(inner, expression);
      if (wrong !== undefined && !(wrong.unknown && closures.length + references.length > 0)) found.push(wrong);
    }
    return found;
  }

  #closures(env: TypeEnv, expression: Expression): Found[] {
    let found: Found[] = [];
    walkExpression(expression, {
      term: (term) => {
        if (term.kind !== "comprehension") return false;
        const wrong = this.#body(env.nested(), term.body);
        if (wrong.length > 0) found = wrong;
        return true;
      },
    });
    return found;
  }

  #references(env: TypeEnv, expression: Expression): Found[] {
    const found: Found[] = [];
    walkExpression(
      { ...expression, with: [] },
      {
        term: (term) => {
          if (term.kind === "comprehension") return true;
          if (expression.kind === "call" && term === expression.operator) return true;
          if (term.kind !== "ref") return false;
          const wrong = this.#reference(env, term);
          if (wrong === undefined) return false;
          found.push(wrong);
          return true;
        },
        expression: (each) => {
          if (each.kind !== "call" || each === expression) return false;
          for (const arg of each.args)
            visitTerms(arg, (term) => {
              if (term.kind === "comprehension") return true;
              const wrong = term.kind === "ref" ? this.#reference(env, term) : undefined;
              if (wrong !== undefined) found.push(wrong);
              return wrong !== undefined;
            });
          return true;
        },
      },
    );
    return found;
  }

  #reference(env: TypeEnv, term: RefTerm): Found | undefined {
    const { head, path } = term;
    if (head.kind !== "var") return undefined;
    const wrong: Found = { message: `undefined ref: ${this.#shown(term)}`, span: head.span, unknown: false };
    if (env.reference(term)?.kind === "function") return wrong;
    if (head.name === "input") return this.#leaf(env, anything, path, 0) ? undefined : wrong;
    if (head.name !== "data") {
      const type = env.variable(head.name) ?? anything;
      // Arguments may be anything until something narrows them.
      env.set(head.name, type);
      return this.#leaf(env, type, path, 0) ? undefined : wrong;
    }
    if (env.relaxed) return this.#leaf(env, anything, path, 0) ? undefined : wrong;
    const ok =
      this.#data.children.size === 0 ? this.#leaf(env, anything, path, 0) : this.#node(env, this.#data, path, 0);
    return ok ? undefined : wrong;
  }

  #shown({ head, path }: RefTerm): string {
    const rename = (term: Term): Term => {
      if (term.kind === "var") {
        const subject = this.#scope.subjects.get(term.name);
        return subject === undefined ? { ...term, name: this.#scope.originalName(term.name) } : rename(subject);
      }
      if (term.kind === "ref") return { ...term, head: rename(term.head), path: term.path.map(rename) };
      return term;
    };
    return printRef(rename(head), path.map(rename));
  }

  /** Whether a path can go on from a node of `data`. */
  #node(env: TypeEnv, node: TypeNode, path: readonly Term[], index: number): boolean {
    const part = path[index];
    if (part === undefined) return true;
    if (index < 2 && part.kind !== "var" && !(part.kind === "scalar" && typeof part.value === "string")) return false;
    if (part.kind === "var") {
      const keys = keysOf(node.extent()) ?? unknownType;
      const known = env.variable(part.name);
      if (known === undefined) env.set(part.name, keys);
      else if (!unifies(keys, known)) return false;
    }
    const child = part.kind === "scalar" ? node.children.get(hashKey(part.value)) : undefined;
    // Where no rule is, given data may be, of which nothing is known.
    if (child === undefined) return true;
    if (child.type !== undefined && child.children.size === 0) return this.#leaf(env, child.type, path, index + 1);
    return this.#node(env, child, path, index + 1);
  }

  /** Whether a path can go on from a value of a type. */
  #leaf(env: TypeEnv, type: Type | undefined, path: readonly Term[], index: number): boolean {
    const part = path[index];
    if (part === undefined || type === undefined || type.kind === "unknown") return true;
    if (isEmptyCollection(type)) return this.#emptyLeaf(env, type, part);
    const keys = keysOf(type);
    if (keys === undefined) return false;
    switch (part.kind) {
      case "var": {
        const known = env.variable(part.name);
        if (known === undefined) env.set(part.name, keys);
        else if (!unifies(known, keys)) return false;
        break;
      }
      case "ref": {
        const known = env.reference(part);
        if (known !== undefined && !unifies(known, keys)) return false;
        break;
      }
      case "array":
      case "object":
      case "set":
        if (!this.#fit(env, part, keys, false)) return false;
        break;
      case "scalar": {
        const child = select(type, part.value);
        return child !== undefined && this.#leaf(env, child, path, index + 1);
      }
      default:
        break;
    }
    return this.#leaf(env, valuesOf(type), path, index + 1);
  }

  #emptyLeaf(env: TypeEnv, type: Type, part: Term): boolean {
    if (part.kind === "scalar") return false;
    if (part.kind !== "var") return true;
    const known = env.variable(part.name);
    if (known === undefined) {
      env.set(part.name, anything);
      return true;
    }
    const keys = keysOf(type);
    return keys === undefined || keys.kind === "unknown" || unifies(known, keys);
  }

  #expression(env: TypeEnv, expression: Expression): Found | undefined {
    if (expression.kind !== "call") return undefined;
    if (isEquality(expression)) return this.#equality(env, expression);
    const name = dottedName(expression.operator.head, expression.operator.path) ?? "";
    if (name === "internal.member_2" || name === "internal.member_3") {
      const wrong = this.#member(env, expression, name === "internal.member_3");
      if (wrong !== undefined) return wrong;
    }
    return this.#call(env, expression);
  }

  #equality(env: TypeEnv, expression: CallExpression): Found | undefined {
    const [a, b] = expression.args as [Term, Term];
    const [left, right] = [this.#typeOf(env, a), this.#typeOf(env, b)];
    if (this.#unify(env, a, left, b, right)) return undefined;
    return { message: "match error", span: expression.span, unknown: left === undefined || right === undefined };
  }

  #member(env: TypeEnv, expression: CallExpression, keyed: boolean): Found | undefined {
    const arity = keyed ? 3 : 2;
    const collection = this.#typeOf(env, expression.args[arity - 1] as Term);
    const values = valuesOf(collection);
    if (values === undefined) return undefined;
    const fits = (term: Term, type: Type | undefined): boolean => {
      if (type === undefined || isUnknown(type)) return true;
      const have = this.#typeOf(env, term);
      return (have === undefined || isUnknown(have) || unifies(have, type)) && this.#fit(env, term, type, false);
    };
    const ok =
      (!keyed || fits(expression.args[0] as Term, keysOf(collection))) &&
      fits(expression.args[arity - 2] as Term, values);
    return ok ? undefined : { message: "match error", span: expression.span, unknown: false };
  }

  #call(env: TypeEnv, expression: CallExpression): Found | undefined {
    const { operator, args, span } = expression;
    const name = printTerm(operator);
    const type = env.callee(operator);
    if (type === undefined) return { message: `undefined function ${name}`, span, unknown: false };
    if (isAnything(type)) return undefined;
    if (type.kind !== "function") return { message: `undefined function ${name}`, span, unknown: false };
    const wanted = type.result === undefined ? type.args : [...type.args, type.result];
    if (args.length > wanted.length && type.variadic === undefined)
      return { message: `${name}: too many arguments`, span, unknown: false };
    if (args.length < type.args.length) return { message: `${name}: too few arguments`, span, unknown: false };
    const before = args.map((arg) => this.#typeOf(env, arg));
    for (const [index, arg] of args.entries()) {
      const want = wanted[index] ?? (type as FunctionType).variadic ?? anything;
      const have = before[index];
      const fits = (have === undefined || isUnknown(have) || unifies(have, want)) && this.#fit(env, arg, want, false);
      if (!fits)
        return { message: `${name}: invalid argument(s)`, span, unknown: before.some((each) => each === undefined) };
    }
    return undefined;
  }

  #typeOf(env: TypeEnv, term: Term): Type | undefined {
    switch (term.kind) {
      case "scalar":
        return scalarType(term);
      case "var":
        if (term.name === "input" || term.name === "data") return anything;
        return env.variable(term.name);
      case "ref":
        return env.reference(term);
      case "array":
        return {
          kind: "array",
          items: term.items.map((item) => this.#typeOf(env, item) ?? unknownType),
          rest: undefined,
        };
      case "set": {
        let of: Type | undefined;
        for (const item of term.items) of = union(of, this.#typeOf(env, item) ?? unknownType);
        return { kind: "set", of };
      }
      case "object":
        return this.#objectType(env, term.entries);
      case "comprehension": {
        const inner = env.nested();
        if (this.#body(inner, term.body).length > 0) return undefined;
        const known = this.#typeOf(inner, term.value);
        if (term.shape === "array") return { kind: "array", items: [], rest: known };
        if (term.shape === "set") return { kind: "set", of: known };
        const value = known ?? unknownType;
        const key = this.#typeOf(inner, term.key as Term) ?? unknownType;
        return { kind: "object", fields: [], rest: { key, value } };
      }
      case "template":
        return stringType;
      case "call":
        return undefined;
    }
  }

  #objectType(env: TypeEnv, entries: readonly [Term, Term][]): ObjectType {
    const fields: ObjectType["fields"][number][] = [];
    let rest: ObjectType["rest"];
    for (const [key, value] of entries) {
      const type = this.#typeOf(env, value) ?? unknownType;
      if (key.kind === "scalar") fields.push([key.value, type]);
      else rest = { key: this.#typeOf(env, key) ?? unknownType, value: type };
    }
    return { kind: "object", fields, rest };
  }

  #unify(env: TypeEnv, a: Term, left: Type | undefined, b: Term, right: Type | undefined): boolean {
    const noLeft = isUnknown(left);
    const noRight = isUnknown(right);
    if (noLeft && !noRight) return this.#fit(env, a, right as Type, false);
    if (noRight && !noLeft) return this.#fit(env, b, left as Type, false);
    if (!noLeft && !noRight) return unifies(left, right);
    if (a.kind === "array" || a.kind === "object") return this.#unifyCollection(env, a, b);
    if (a.kind === "var") {
      if (b.kind === "var")
        return this.#fit(env, a, anything, false) && this.#fit(env, b, env.variable(a.name) ?? anything, false);
      if (b.kind === "array" || b.kind === "object") return this.#unifyCollection(env, b, a);
      if (b.kind === "ref") return this.#fit(env, a, anything, false);
    }
    if (a.kind === "ref" && b.kind === "var") return this.#fit(env, b, anything, false);
    if (a.kind === "var" && left === undefined && right !== undefined) return this.#fit(env, a, right, false);
    if (b.kind === "var" && right === undefined && left !== undefined) return this.#fit(env, b, left, false);
    return a.kind === "comprehension" || b.kind === "comprehension";
  }

  #unifyCollection(env: TypeEnv, a: Term, b: Term): boolean {
    if (b.kind === "var") {
      return this.#fit(env, a, anything, false) && this.#fit(env, b, this.#typeOf(env, a) ?? anything, false);
    }
    if (a.kind === "array" && b.kind === "array") {
      if (a.items.length !== b.items.length) return false;
      return a.items.every((item, index) => {
        const other = b.items[index] as Term;
        return this.#unify(env, item, this.#typeOf(env, item), other, this.#typeOf(env, other));
      });
    }
    if (a.kind !== "object" || b.kind !== "object" || a.entries.length !== b.entries.length) return false;
    return a.entries.every(([key, value]) => {
      const other = b.entries.find(([each]) => printTerm(each) === printTerm(key));
      return (
        other !== undefined && this.#unify(env, value, this.#typeOf(env, value), other[1], this.#typeOf(env, other[1]))
      );
    });
  }

  /** Whether a term can be of a type; variables without a type get it. */
  #fit(env: TypeEnv, term: Term, type: Type, widen: boolean): boolean {
    switch (term.kind) {
      case "var": {
        const known = env.variable(term.name);
        if (widen) env.set(term.name, union(known, type) ?? anything);
        else if (known !== undefined) return unifies(known, type);
        else env.set(term.name, type);
        return true;
      }
      case "array":
      case "object":
      case "set":
        return this.#fitCollection(env, term, type, widen);
      default:
        return unifies(this.#typeOf(env, term), type);
    }
  }

  #fitCollection(env: TypeEnv, term: Term & { kind: "array" | "object" | "set" }, type: Type, widen: boolean): boolean {
    if (type.kind === "any") {
      if (!isAnything(type)) return type.of.map((each) => this.#fit(env, term, each, true)).some(Boolean);
      const parts = term.kind === "object" ? term.entries.flat() : term.items;
      for (const part of parts) this.#fit(env, part, anything, true);
      return true;
    }
    if (term.kind === "array" && type.kind === "array") return this.#fitArray(env, term.items, type, widen);
    if (term.kind === "object" && type.kind === "object") return this.#fitObject(env, term.entries, type, widen);
    if (term.kind === "set" && type.kind === "set")
      return term.items.every((item) => this.#fit(env, item, type.of ?? unknownType, widen));
    return false;
  }

  #fitArray(env: TypeEnv, items: readonly Term[], type: ArrayType, widen: boolean): boolean {
    if (items.length !== type.items.length && type.rest === undefined) return false;
    return items.every((item, index) => this.#fit(env, item, type.items[index] ?? type.rest ?? anything, widen));
  }

  #fitObject(env: TypeEnv, entries: readonly [Term, Term][], type: ObjectType, widen: boolean): boolean {
    if (entries.length !== type.fields.length && type.rest === undefined) return false;
    return entries.every(([key, value]) => {
      if (key.kind !== "scalar") {
        this.#fit(env, value, anything, widen);
        return true;
      }
      const field = select(type, key.value);
      return field !== undefined && this.#fit(env, value, field, widen);
    });
  }
}

function isEmptyCollection(type: Type): boolean {
  if (type.kind === "array") return type.items.length === 0 && type.rest === undefined;
  if (type.kind === "object") return type.fields.length === 0 && type.rest === undefined;
  return type.kind === "set" && type.of === undefined;
}
