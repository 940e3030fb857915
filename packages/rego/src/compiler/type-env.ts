/** What is known of the types of rules and of the variables of one body. */

import type { Rule, Term } from "../syntax/ast.ts";
import { hashKey, type HashKey, type Value } from "../values/value.ts";
import { dottedName, type CompilerScope } from "./scope.ts";
import { anything, select, stringType, typeOfScalar, union, unknownType, valuesOf, type ObjectType, type Type } from "./static-types.ts"; // prettier-ignore

/** The type at one name of `data`, and what is known below it. */
export class TypeNode {
  readonly key: Value;
  type: Type | undefined;
  readonly children: Map<HashKey, TypeNode> = new Map();

  constructor(key: Value) {
    this.key = key;
  }

  /** Adds the type of a rule at a path. */
  insert(path: readonly Value[], type: Type): void {
    const [key, ...rest] = path;
    if (key === undefined) {
      this.type = mergeTypes(this.type, type);
      return;
    }
    const hash = hashKey(key);
    const child = this.children.get(hash) ?? new TypeNode(key);
    this.children.set(hash, child);
    child.insert(rest, type);
  }

  /** The type of everything at and below a node. */
  extent(): Type {
    if (this.type !== undefined && this.children.size === 0) return this.type;
    const fields: [Value, Type][] = [];
    for (const child of this.children.values()) fields.push([child.key, child.extent()]);
    const rest = this.type?.kind === "object" ? this.type.rest : undefined;
    return { kind: "object", fields, rest: rest ?? { key: stringType, value: anything } };
  }
}

function mergeTypes(a: Type | undefined, b: Type): Type {
  if (a === undefined) return b;
  if (
    a.kind === "object" &&
    b.kind === "object" &&
    a.fields.length === 0 &&
    b.fields.length === 0 &&
    a.rest &&
    b.rest
  ) {
    return {
      kind: "object",
      fields: [],
      rest: {
        key: union(a.rest.key, b.rest.key) ?? unknownType,
        value: mergeTypes(a.rest.value, b.rest.value),
      },
    };
  }
  if (a.kind === "function" && b.kind === "function" && a.args.length === b.args.length) {
    return {
      kind: "function",
      args: a.args.map((arg, index) => union(arg, b.args[index]) ?? anything),
      variadic: undefined,
      result: union(a.result, b.result),
    };
  }
  return union(a, b) ?? anything;
}

/** Types of the variables of a body, over those around it. */
export class TypeEnv {
  readonly #vars: Map<string, Type> = new Map();
  readonly #outer: TypeEnv | undefined;
  readonly #scope: CompilerScope;
  readonly data: TypeNode;
  /** Under `with`, nothing is known of the documents. */
  readonly relaxed: boolean;

  constructor(scope: CompilerScope, data: TypeNode, outer?: TypeEnv, relaxed = false) {
    this.#scope = scope;
    this.data = data;
    this.#outer = outer;
    this.relaxed = relaxed || outer?.relaxed === true;
  }

  nested(): TypeEnv {
    return new TypeEnv(this.#scope, this.data, this);
  }

  /** The same variables, without knowledge of the documents. */
  withoutDocuments(): TypeEnv {
    return new RelaxedEnv(this.#scope, this.data, this);
  }

  variable(name: string): Type | undefined {
    return this.#vars.get(name) ?? this.#outer?.variable(name);
  }

  set(name: string, type: Type): void {
    this.#vars.set(name, type);
  }

  /** The type of a function by its reference. */
  callee(operator: Term): Type | undefined {
    if (operator.kind !== "ref") return undefined;
    const declaration = this.#scope.builtins.get(dottedName(operator.head, operator.path) ?? "");
    if (declaration !== undefined) {
      return { kind: "function", args: declaration.args, variadic: declaration.variadic, result: declaration.result };
    }
    return this.reference(operator);
  }

  /** The type of a reference, or undefined where none is known. */
  reference(term: Term & { kind: "ref" }): Type | undefined {
    const { head, path } = term;
    if (head.kind !== "var") return undefined;
    if (head.name === "input") return anything;
    if (head.name !== "data") return selectPath(this.variable(head.name), path);
    let node = this.data;
    for (const [index, part] of path.entries()) {
      if (node.type !== undefined) {
        const child = part.kind === "scalar" ? node.children.get(hashKey(part.value)) : undefined;
        if (child === undefined) return this.relax(selectPath(node.type, path.slice(index)));
        node = child;
        continue;
      }
      if (part.kind !== "scalar") return this.relax(selectPath(node.extent(), path.slice(index)));
      const child = node.children.get(hashKey(part.value));
      if (child === undefined) return anything;
      node = child;
    }
    return this.relax(node.extent());
  }

  private relax(type: Type | undefined): Type | undefined {
    return this.relaxed && type?.kind !== "function" ? anything : type;
  }
}

class RelaxedEnv extends TypeEnv {
  readonly #base: TypeEnv;

  constructor(scope: CompilerScope, data: TypeNode, base: TypeEnv) {
    super(scope, data, base, true);
    this.#base = base;
  }

  override set(name: string, type: Type): void {
    this.#base.set(name, type);
  }
}

/** The type behind a path of keys. */
export function selectPath(type: Type | undefined, path: readonly Term[]): Type | undefined {
  let current = type;
  for (const part of path) {
    if (current === undefined || current.kind === "unknown") return undefined;
    current = part.kind === "scalar" ? select(current, part.value) : valuesOf(current);
  }
  return current;
}

/** The type that a rule's dynamic keys wrap around the type of its values. */
export function wrapKeys(keys: readonly (Type | undefined)[], type: Type): ObjectType | Type {
  let wrapped = type;
  for (const key of [...keys].reverse())
    wrapped = { kind: "object", fields: [], rest: { key: key ?? anything, value: wrapped } };
  return wrapped;
}

/** The type of a constant term. */
export function scalarType(term: Term & { kind: "scalar" }): Type {
  return typeOfScalar(term.value);
}

/** The rule's path to its first variable, and its keys from there. */
export function splitHead(rule: Rule): { path: Value[]; keys: Term[] } {
  const path: Value[] = [...rule.module.package];
  const keys: Term[] = [];
  for (const [index, part] of rule.head.reference.entries()) {
    if (index === 0 && part.kind === "var") path.push(part.name);
    else if (part.kind === "scalar" && keys.length === 0) path.push(part.value);
    else keys.push(part);
  }
  return { path, keys };
}
