/** What is known of the types of documents and rules, and of the variables of one body. */

import type { RefTerm, Rule, Term } from "../syntax/ast.ts";
import { compareValues, hashKey, type HashKey, type Value } from "../values/value.ts";
import { dottedName, type CompilerScope } from "./scope.ts";
import { anything, isEmptyCollection, select, stringType, typeOfScalar, union, unknownType, unrolled, valuesOf, type ObjectType, type Type } from "./static-types.ts"; // prettier-ignore

/** The type at one name of a document, and what is known below it. */
export class TypeNode {
  readonly key: Value;
  type: Type | undefined;
  readonly children: Map<HashKey, TypeNode> = new Map();

  constructor(key: Value) {
    this.key = key;
  }

  /** What is known under a key. */
  child(key: Value): TypeNode | undefined {
    return this.children.get(hashKey(key));
  }

  /** What is known under the key that a term is; nothing for a variable. */
  childAt(part: Term): TypeNode | undefined {
    return part.kind === "scalar" ? this.child(part.value) : undefined;
  }

  /** The names below it, in the order of Rego. */
  keys(): Value[] {
    return [...this.children.values()].map(({ key }) => key).sort(compareValues);
  }

  /** Sets the type at a path. */
  put(path: readonly Value[], type: Type): void {
    reach(this, path).type = type;
  }

  /** Adds the type of a rule at a path to what is known there; objects on the way and below become parts of each other. */
  insert(path: readonly Value[], type: Type): void {
    const [key, ...rest] = path;
    if (key !== undefined) {
      const next = reach(this, [key]);
      const object = unrolled(next.type);
      if (rest.length > 0 && object?.kind === "object") next.type = withMember(object, rest, type);
      next.insert(rest, type);
      return;
    }
    this.type = mergeTypes(this.type, type);
    if (unrolled(type)?.kind !== "object") return;
    for (const { path: below, type: leaf } of this.#leaves()) {
      const object = unrolled(this.type);
      if (object?.kind === "object") this.type = withMember(object, below, leaf);
    }
  }

  #leaves(): { path: Value[]; type: Type }[] {
    return [...this.children.values()].flatMap((child) =>
      child.type !== undefined
        ? [{ path: [child.key], type: child.type }]
        : child.#leaves().map(({ path, type }) => ({ path: [child.key, ...path], type })),
    );
  }

  /** The type of everything at and below a node. */
  extent(): Type {
    if (this.type !== undefined) return this.type;
    const fields: [Value, Type][] = [];
    for (const child of this.children.values()) fields.push([child.key, child.extent()]);
    return { kind: "object", fields, rest: { key: stringType, value: anything } };
  }
}

/** The node at a path below another, made where there is none. */
function reach(from: TypeNode, path: readonly Value[]): TypeNode {
  let node = from;
  for (const key of path) {
    const hash = hashKey(key);
    const child = node.children.get(hash) ?? new TypeNode(key);
    node.children.set(hash, child);
    node = child;
  }
  return node;
}

/** An object type with a member under a path of keys that are not told apart from others of their type. */
function withMember(object: ObjectType, path: readonly Value[], type: Type): ObjectType {
  const [key, ...rest] = path as [Value, ...Value[]]; // as: a path has at least one key
  const member = rest.length === 0 ? type : withMember({ kind: "object", fields: [], rest: undefined }, rest, type);
  const keyType = typeOfScalar(key);
  return {
    ...object,
    rest:
      object.rest === undefined
        ? { key: keyType, value: member }
        : { key: union(object.rest.key, keyType) ?? anything, value: union(object.rest.value, member) ?? anything },
  };
}

function mergeTypes(one: Type | undefined, other: Type): Type {
  const a = unrolled(one);
  const b = unrolled(other) ?? unknownType;
  if (a === undefined) return other;
  if (a.kind === "object" && a.fields.length === 0) {
    if (b.kind === "object" && b.fields.length === 0) {
      if (a.rest === undefined) return b;
      if (b.rest === undefined) return a;
      const key = union(a.rest.key, b.rest.key) ?? unknownType;
      return { kind: "object", fields: [], rest: { key, value: mergeTypes(a.rest.value, b.rest.value) } };
    }
    if (b.kind === "any" && a.rest !== undefined) return mergedIntoAny(a, b);
  }
  if (a.kind === "set" && b.kind === "set") return { kind: "set", of: union(a.of, b.of) };
  if (a.kind === "any" && b.kind !== "any") return mergeTypes(b, a);
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

/** Merges an object of any keys into the first one among several types. */
function mergedIntoAny({ rest }: ObjectType, several: Type & { kind: "any" }): Type {
  let merged = false;
  const of = several.of.map((each): Type => {
    if (merged || each.kind !== "object" || each.fields.length > 0 || each.rest === undefined || rest === undefined)
      return each;
    merged = true;
    const key = union(each.rest.key, rest.key) ?? unknownType;
    return { ...each, rest: { key, value: union(each.rest.value, rest.value) ?? anything } };
  });
  if (merged) return { kind: "any", of };
  return union({ kind: "object", fields: [], rest }, several) ?? anything;
}

/** Types of documents and variables in one scope, over those around it. */
export class TypeEnv {
  readonly #vars: Map<string, Type> = new Map();
  readonly #scope: CompilerScope;
  /** Types of `input` and `data` that this scope overrides. */
  readonly documents: TypeNode;
  readonly outer: TypeEnv | undefined;
  /** Where the types of variables go. */
  readonly #home: TypeEnv;

  constructor(scope: CompilerScope, outer?: TypeEnv, documents: TypeNode = new TypeNode(null), home?: TypeEnv) {
    this.#scope = scope;
    this.outer = outer;
    this.documents = documents;
    this.#home = home ?? this;
  }

  nested(): TypeEnv {
    return new TypeEnv(this.#scope, this);
  }

  /** The same variables, which outlive it, over documents as an expression with `with` sees them. */
  replacing(documents: TypeNode = new TypeNode(null)): TypeEnv {
    return new TypeEnv(this.#scope, this, documents, this.#home);
  }

  variable(name: string): Type | undefined {
    return this.#vars.get(name) ?? this.outer?.variable(name);
  }

  set(name: string, type: Type): void {
    this.#home.#vars.set(name, type);
  }

  /** The type of a function by its reference. */
  callee(operator: Term): Type | undefined {
    if (operator.kind !== "ref" && operator.kind !== "var") return undefined;
    const name = operator.kind === "var" ? operator.name : dottedName(operator.head, operator.path);
    const declaration = this.#scope.builtins.get(name ?? "");
    if (declaration !== undefined) {
      const { args, variadic, result, names } = declaration;
      return { kind: "function", args, variadic, result, names };
    }
    return operator.kind === "ref" ? this.reference(operator) : undefined;
  }

  /** The type of a reference, or undefined where none is known. */
  reference({ head, path }: RefTerm): Type | undefined {
    if (head.kind !== "var") return undefined;
    if (head.name !== "input" && head.name !== "data") return selectPath(this.variable(head.name), path);
    return documentType(this, head.name, path);
  }
}

/** The type of a part of a document, from the innermost scope that knows it. */
function documentType(inner: TypeEnv, name: string, path: readonly Term[]): Type | undefined {
  for (let env: TypeEnv | undefined = inner; env !== undefined; env = env.outer) {
    const root = env.documents.child(name);
    const known = root === undefined ? "elsewhere" : typeBelow(root, path);
    if (known !== "elsewhere") return known;
  }
  return anything;
}

/** The type at a path below a node; `elsewhere` where the node knows nothing of it. */
function typeBelow(root: TypeNode, path: readonly Term[]): Type | undefined | "elsewhere" {
  let node = root;
  for (const [index, part] of path.entries()) {
    const child = node.childAt(part);
    if (node.type !== undefined && child === undefined) return selectPath(node.type, path.slice(index));
    if (part.kind !== "scalar") return selectPath(node.extent(), path.slice(index));
    if (child === undefined) return "elsewhere";
    node = child;
  }
  return node.extent();
}

/** The type behind a path of keys. */
export function selectPath(type: Type | undefined, path: readonly Term[]): Type | undefined {
  let current = type;
  for (const part of path) {
    if (current === undefined || current.kind === "unknown") return undefined;
    if (part.kind === "scalar") current = select(current, part.value);
    // Going through what is empty gives nothing: its members may be anything.
    else current = isEmptyCollection(current) ? anything : valuesOf(current);
  }
  return current;
}

/** The type that a rule's dynamic keys wrap around the type of its values. */
export function wrapKeys(keys: readonly (Type | undefined)[], type: Type): Type | undefined {
  let wrapped = type;
  for (const key of [...keys].reverse()) {
    if (key === undefined) return undefined;
    wrapped = { kind: "object", fields: [], rest: { key, value: wrapped } };
  }
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
