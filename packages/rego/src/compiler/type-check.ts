/** Checks types before anything runs, as OPA does: references that cannot exist, arguments that cannot fit. */

import { SchemaError } from "../json-schema/schema.ts";
import type { Body, CallExpression, Expression, RefTerm, Rule, Span, Term } from "../syntax/ast.ts";
import type { IssueDetails } from "../syntax/errors.ts";
import { printPath, printRef, printTerm } from "../syntax/print.ts";
import { branchesOf, visitTerms, walkExpression } from "../syntax/visit.ts";
import type { Value } from "../values/value.ts";
import { dottedName, isEquality, type BinaryCall, type CompilerScope } from "./scope.ts";
import { AnnotatedSchemas, inputSchema, schemaReference, typeOfSchema, withTypeAt, type SchemaAnnotation, type Schemas } from "./schema-types.ts"; // prettier-ignore
import { anything, isAnything, isEmptyCollection, isUnknown, keysOf, select, stringType, unifies, union, unknownType, unrolled, valuesOf, withoutEmptyCollections, type ArrayType, type ObjectType, type Type } from "./static-types.ts"; // prettier-ignore
import { argumentDetails, keyDetails, mismatchDetails, namesOfFields, unsupportedDetails } from "./type-details.ts";
import { scalarType, splitHead, TypeEnv, TypeNode, wrapKeys } from "./type-env.ts";

interface Found {
  readonly message: string;
  readonly span: Span;
  readonly details?: IssueDetails;
  /** Something in it had no type, so it may follow from another error. */
  readonly unknown: boolean;
}

/** What the type checker needs from the compiler. */
export interface TypeSettings {
  /** Schemas by reference; undefined: annotations that refer to schemas are ignored. */
  readonly schemas: Schemas | undefined;
  readonly annotated: AnnotatedSchemas;
  /** The rules that a `with` target may denote, and all rules that depend on them. */
  readonly affectedBy: (target: RefTerm) => readonly Rule[];
  /** The rules that some `with` may replace. */
  readonly replaced: () => ReadonlySet<Rule>;
}

/** Under `with`, a document has the type that it had or that of what it is replaced by. */
type Replacement = readonly [path: readonly Value[], type: Type];

export class TypeChecker {
  #scope: CompilerScope;
  readonly #settings: TypeSettings;
  /** Rules, by their paths. */
  readonly #rules: TypeNode = new TypeNode(null);
  readonly #global: TypeEnv;
  readonly #schemaTypes: Map<string, Type> = new Map();
  /** Of what a `with` replaces: the documents with all that depends on it relaxed. */
  readonly #relaxed: Map<string, TypeNode | undefined> = new Map();
  #replaced: ReadonlySet<Rule> | undefined;

  constructor(scope: CompilerScope, settings: TypeSettings) {
    this.#scope = scope;
    this.#settings = settings;
    const given = new TypeNode(null);
    const raw = settings.schemas?.get(inputSchema);
    if (raw !== undefined) {
      const type = this.#schemaType(raw, undefined);
      if (type !== undefined) given.put(["input"], type);
    }
    this.#global = new TypeEnv(scope, new TypeEnv(scope, undefined, given), this.#rules);
  }

  /** Checks a rule and learns its type. */
  checkRule(rule: Rule): void {
    for (const branch of branchesOf(rule)) this.#checkBranch(branch, rule);
  }

  /** Checks a query; rules are known by now. */
  checkQuery(scope: CompilerScope, body: Body): void {
    const outer = this.#scope;
    this.#scope = scope;
    this.#report(this.#body(new TypeEnv(scope, this.#global), body));
    this.#scope = outer;
  }

  /** The type of a term that stands alone. */
  typeOf(term: Term): Type | undefined {
    return this.#typeOf(new TypeEnv(this.#scope, this.#global), term);
  }

  #report(found: readonly Found[]): void {
    for (const { message, span, details } of found) this.#scope.report("rego_type_error", message, span, details);
  }

  #schemaType(raw: unknown, span: Span | undefined): Type | undefined {
    try {
      return typeOfSchema(raw);
    } catch (error) {
      if (!(error instanceof SchemaError)) throw error;
      this.#scope.report("rego_type_error", error.message, span);
      return undefined;
    }
  }

  /** The types that annotations give documents within a rule. */
  #annotated(rule: Rule): TypeEnv {
    const given = this.#settings.annotated.for(rule);
    if (given.length === 0) return this.#global;
    const documents = new TypeNode(null);
    const env = new TypeEnv(this.#scope, this.#global, documents);
    for (const each of given) {
      const type = this.#annotatedType(each, rule);
      const [root, ...path] = each.path;
      if (type === undefined || root === undefined) continue;
      const { span } = rule;
      const known = env.reference({ kind: "ref", head: { kind: "var", name: root, span }, path: [], span });
      documents.put([root], withTypeAt(known, path, type));
    }
    return env;
  }

  #annotatedType(annotation: SchemaAnnotation, rule: Rule): Type | undefined {
    const reference = schemaReference(annotation);
    if (reference === undefined) return this.#schemaType(annotation.definition, rule.span);
    const known = this.#schemaTypes.get(reference);
    const { schemas } = this.#settings;
    if (known !== undefined || schemas === undefined) return known;
    if (!schemas.has(reference)) {
      this.#scope.report("rego_type_error", `undefined schema: ${reference}`, rule.span);
      return undefined;
    }
    const type = this.#schemaType(schemas.get(reference), rule.span);
    if (type !== undefined) this.#schemaTypes.set(reference, type);
    return type;
  }

  #checkBranch(branch: Rule, rule: Rule): void {
    const env = new TypeEnv(this.#scope, this.#annotated(rule));
    const { path, keys } = splitHead(branch);
    const found = this.#body(env, branch.body);
    if (found.length > 0) {
      this.#report(found);
      this.#rules.put(["data", ...path], anything);
      return;
    }
    const type = this.#ruleType(env, branch, keys);
    if (type === undefined) return;
    this.#replaced ??= this.#settings.replaced();
    // What tests replace is empty at the moment only.
    const isReplaced = this.#replaced.has(rule);
    this.#rules.insert(["data", ...path], isReplaced ? withoutEmptyCollections(type) : type);
  }

  #ruleType(env: TypeEnv, { head }: Rule, keys: readonly Term[]): Type | undefined {
    if (head.args.length > 0) {
      for (const arg of head.args) {
        visitTerms(arg, (term) => {
          if (term.kind === "var" && env.variable(term.name) === undefined) env.set(term.name, anything);
        });
      }
      const args = head.args.map((arg) => this.#typeOf(env, arg) ?? anything);
      const result = head.value === undefined ? undefined : this.#typeOf(env, head.value);
      return { kind: "function", args, variadic: undefined, result: result ?? anything };
    }
    const isSet = head.key !== undefined && head.value === undefined;
    const value = this.#typeOf(env, (isSet ? head.key : head.value) as Term); // as: a rule that is no set has a value
    if (value === undefined) return undefined;
    const keyTypes = keys.map((key) => this.#typeOf(env, key));
    return wrapKeys(keyTypes, isSet ? { kind: "set", of: value } : value);
  }

  #body(env: TypeEnv, body: Body): Found[] {
    const found: Found[] = [];
    for (const expression of body) {
      const inner = expression.with.length > 0 ? this.#replacing(env, expression) : env;
      const closures = this.#closures(inner, expression);
      const references = this.#references(inner, expression);
      found.push(...closures, ...references);
      const wrong = this.#expression(inner, expression);
      if (wrong !== undefined && !(wrong.unknown && closures.length + references.length > 0)) found.push(wrong);
    }
    return found;
  }

  /** The documents as an expression with `with` sees them: what depends on what is replaced may be anything. */
  #replacing(env: TypeEnv, expression: Expression): TypeEnv {
    let inner = env;
    const replacements: Replacement[] = [];
    for (const { target, value } of expression.with) {
      if (target.kind !== "ref") continue;
      const type = env.callee(target);
      const isFunction = type?.kind === "function";
      const relaxed = this.#relaxedBy(target, isFunction);
      if (relaxed !== undefined) inner = inner.replacing(relaxed);
      if (isFunction || target.head.kind !== "var") continue;
      const end = target.path.findIndex((part) => part.kind !== "scalar");
      const path = [target.head.name, ...groundKeys(end < 0 ? target.path : target.path.slice(0, end))];
      const replaced = end < 0 && type !== undefined ? this.#typeOf(env, value) : undefined;
      const either = replaced === undefined ? undefined : union(type, replaced);
      replacements.push([path, either ?? anything]);
    }
    if (replacements.length === 0) return inner;
    // Above the others, so that what is replaced has the type of what replaces it.
    const documents = new TypeNode(null);
    for (const [path, type] of replacements) documents.put(path, type);
    return inner.replacing(documents);
  }

  #relaxedBy(target: RefTerm, isFunction: boolean): TypeNode | undefined {
    const key = `${isFunction ? "f:" : ""}${printTerm(target)}`;
    if (this.#relaxed.has(key)) return this.#relaxed.get(key);
    const own = printTerm(target);
    let documents: TypeNode | undefined;
    for (const rule of this.#settings.affectedBy(target)) {
      const { path } = splitHead(rule);
      if (isFunction && printPath(["data", ...path.map(String)]) === own) continue;
      documents ??= new TypeNode(null);
      documents.put(["data", ...path], anything);
    }
    this.#relaxed.set(key, documents);
    return documents;
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
    if (term.head.kind !== "var") return undefined;
    const type = env.reference(term);
    if (type?.kind === "function") return this.#unsupported(term, term.path.length, type);
    const { name } = term.head;
    if (name === "input" || name === "data") return this.#document(env, term);
    const known = env.variable(name);
    // Arguments may be anything until something narrows them.
    if (known === undefined) env.set(name, anything);
    return this.#leaf(env, known ?? anything, term, 0);
  }

  /** Goes from scope to scope outwards, until one knows the document. */
  #document(env: TypeEnv, term: RefTerm): Found | undefined {
    for (let scope: TypeEnv | undefined = env; scope !== undefined; scope = scope.outer) {
      const root = scope.documents.childAt(keyOfHead(term));
      if (root === undefined) continue;
      const found = this.#node(env, root, term, 0);
      if (found !== "elsewhere") return found;
    }
    return this.#leaf(env, anything, term, 0);
  }

  #shown(term: RefTerm): RefTerm {
    const rename = (each: Term): Term => {
      if (each.kind === "var") {
        const subject = this.#scope.subjects.get(each.name);
        return subject === undefined ? { ...each, name: this.#scope.originalName(each.name) } : rename(subject);
      }
      if (each.kind === "ref") return { ...each, head: rename(each.head), path: each.path.map(rename) };
      return each;
    };
    return { ...term, head: rename(term.head), path: term.path.map(rename) };
  }

  /** A part of a reference that what is before it does not have. */
  #missing(
    env: TypeEnv,
    term: RefTerm,
    index: number,
    want: Type | undefined,
    names: readonly Value[] | undefined,
  ): Found {
    const part = term.path[index] as Term; // as: the index is within the path
    const have = part.kind === "scalar" ? undefined : this.#typeOf(env, part);
    const shown = this.#shown(term);
    const message = `undefined ref: ${printRef(shown.head, shown.path)}`;
    return {
      message,
      span: term.head.span,
      details: keyDetails(shown, index + 1, have, want, names),
      unknown: false,
    };
  }

  /** A reference to a part of what has no parts. */
  #unsupported(term: RefTerm, position: number, have: Type): Found {
    const shown = this.#shown(term);
    const details = unsupportedDetails(shown, position, have);
    const { span } = term.head;
    if (have.kind !== "function")
      return { message: `undefined ref: ${printRef(shown.head, shown.path)}`, span, details, unknown: false };
    const last = shown.path.at(-1);
    const path = last?.kind === "var" && /__local\d+__/.test(last.name) ? shown.path.slice(0, -1) : shown.path;
    const message = `function ${printRef(shown.head, path)} used as reference, not called`;
    return { message, span, details, unknown: false };
  }

  /** What is wrong with a path from one of a scope's nodes on; `elsewhere` where the scope knows nothing of it. */
  #node(env: TypeEnv, start: TypeNode, term: RefTerm, from: number): Found | undefined | "elsewhere" {
    let node = start;
    for (let index = from; index < term.path.length; index++) {
      if (node.type !== undefined) return this.#leaf(env, node.type, term, index);
      const part = term.path[index] as Term; // as: below the length
      if (index < 2 && part.kind !== "var" && !(part.kind === "scalar" && typeof part.value === "string")) {
        const have = this.#typeOf(env, part);
        const shown = this.#shown(term);
        const details = keyDetails(shown, index + 1, have, stringType, node.keys());
        const message = `undefined ref: ${printRef(shown.head, shown.path)}`;
        return { message, span: term.head.span, details, unknown: false };
      }
      if (part.kind === "var") {
        const keys = keysOf(node.extent()) ?? unknownType;
        const known = env.variable(part.name);
        if (known === undefined) env.set(part.name, keys);
        else if (!unifies(keys, known)) return this.#missing(env, term, index, keys, node.keys());
      }
      const child = node.childAt(part);
      if (child === undefined) return "elsewhere";
      node = child;
    }
    return undefined;
  }

  /** What is wrong with a path from a value of a type on. */
  #leaf(env: TypeEnv, type: Type | undefined, term: RefTerm, index: number): Found | undefined {
    const part = term.path[index];
    if (part === undefined || type === undefined || type.kind === "unknown") return undefined;
    if (isEmptyCollection(type)) return this.#emptyLeaf(env, type, term, index);
    const keys = keysOf(type);
    if (keys === undefined) return this.#unsupported(term, index, type);
    switch (part.kind) {
      case "var": {
        const known = env.variable(part.name);
        if (known === undefined) env.set(part.name, keys);
        else if (!unifies(known, keys)) return this.#missing(env, term, index, keys, namesOfFields(type));
        break;
      }
      case "ref": {
        const known = env.reference(part);
        if (known !== undefined && !unifies(known, keys))
          return this.#missing(env, term, index, keys, namesOfFields(type));
        break;
      }
      case "array":
      case "object":
      case "set":
        if (!this.#fit(env, part, keys, false)) return this.#missing(env, term, index, keys, undefined);
        break;
      case "scalar": {
        const child = select(type, part.value);
        if (child === undefined) return this.#missing(env, term, index, keys, namesOfFields(type));
        return this.#leaf(env, child, term, index + 1);
      }
      default:
        break;
    }
    return this.#leaf(env, valuesOf(type), term, index + 1);
  }

  #emptyLeaf(env: TypeEnv, type: Type, term: RefTerm, index: number): Found | undefined {
    const part = term.path[index] as Term; // as: the caller has looked
    if (part.kind === "scalar") return this.#missing(env, term, index, undefined, undefined);
    if (part.kind !== "var") return undefined;
    const known = env.variable(part.name);
    if (known === undefined) {
      env.set(part.name, anything);
      return undefined;
    }
    const keys = keysOf(type);
    if (keys === undefined || keys.kind === "unknown" || unifies(known, keys)) return undefined;
    return this.#missing(env, term, index, keys, undefined);
  }

  #expression(env: TypeEnv, expression: Expression): Found | undefined {
    for (const { target, value, span } of expression.with) {
      const [want, have] = [env.callee(target), env.callee(value)];
      if (want?.kind !== "function" || have?.kind !== "function" || unifies(want, have)) continue;
      const details = argumentDetails(have.args, { ...want, result: undefined });
      return { message: `${printTerm(target)}: arity mismatch`, span, details, unknown: false };
    }
    if (expression.kind !== "call") return undefined;
    if (isEquality(expression)) return this.#equality(env, expression);
    const name = dottedName(expression.operator.head, expression.operator.path) ?? "";
    if (name === "internal.member_2" || name === "internal.member_3") {
      const wrong = this.#member(env, expression, name === "internal.member_3");
      if (wrong !== undefined) return wrong;
    }
    return this.#call(env, expression);
  }

  #equality(env: TypeEnv, expression: BinaryCall): Found | undefined {
    const [a, b] = expression.args;
    const [left, right] = [this.#typeOf(env, a), this.#typeOf(env, b)];
    if (this.#unify(env, a, left, b, right)) return undefined;
    return mismatch(left, right, expression.span);
  }

  #member(env: TypeEnv, expression: CallExpression, keyed: boolean): Found | undefined {
    const [key, value, searched] = keyed ? expression.args : [undefined, ...expression.args];
    if (value === undefined || searched === undefined) return undefined;
    const collection = this.#typeOf(env, searched);
    const values = valuesOf(collection);
    if (values === undefined) return undefined;
    const wrong = (term: Term, type: Type | undefined): Found | undefined => {
      if (type === undefined || isUnknown(type)) return undefined;
      const have = this.#typeOf(env, term);
      const fits = (have === undefined || isUnknown(have) || unifies(have, type)) && this.#fit(env, term, type, false);
      return fits ? undefined : { ...mismatch(have, type, expression.span), unknown: false };
    };
    return (key === undefined ? undefined : wrong(key, keysOf(collection))) ?? wrong(value, values);
  }

  #call(env: TypeEnv, expression: CallExpression): Found | undefined {
    const { operator, args, span } = expression;
    const name = printTerm(operator);
    const type = env.callee(operator);
    if (type === undefined) return { message: `undefined function ${name}`, span, unknown: false };
    if (isAnything(type)) return undefined;
    if (type.kind !== "function") return { message: `undefined function ${name}`, span, unknown: false };
    const wanted = type.result === undefined ? type.args : [...type.args, type.result];
    const before = args.map((arg) => this.#typeOf(env, arg));
    const wrong = (what: string, have: readonly (Type | undefined)[]): Found => ({
      message: `${name}: ${what}`,
      span,
      details: argumentDetails(have, type),
      unknown: have.some(isUnknown),
    });
    if (args.length > wanted.length && type.variadic === undefined) return wrong("too many arguments", before);
    if (args.length < type.args.length) return wrong("too few arguments", before);
    for (const [index, arg] of args.entries()) {
      const want = wanted[index] ?? type.variadic ?? anything;
      const have = before[index];
      if (have !== undefined && !isUnknown(have) && !unifies(have, want)) return wrong("invalid argument(s)", before);
      if (this.#fit(env, arg, want, false)) continue;
      return wrong(
        "invalid argument(s)",
        args.map((each) => this.#typeOf(env, each)),
      );
    }
    return undefined;
  }

  #typeOf(env: TypeEnv, term: Term): Type | undefined {
    switch (term.kind) {
      case "scalar":
        return scalarType(term);
      case "var":
        if (term.name === "input" || term.name === "data")
          return env.reference({ kind: "ref", head: term, path: [], span: term.span });
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
        const key = (term.key === undefined ? undefined : this.#typeOf(inner, term.key)) ?? unknownType;
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
    const noLeft = left === undefined || isUnknown(left);
    const noRight = right === undefined || isUnknown(right);
    if (noLeft && !noRight) return this.#fit(env, a, right, false);
    if (noRight && !noLeft) return this.#fit(env, b, left, false);
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
        const other = b.items[index] as Term; // as: both are as long
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

  #fitCollection(
    env: TypeEnv,
    term: Term & { kind: "array" | "object" | "set" },
    given: Type,
    widen: boolean,
  ): boolean {
    const type = unrolled(given) ?? anything;
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

function mismatch(left: Type | undefined, right: Type | undefined, span: Span): Found {
  const unknown = isUnknown(left) || isUnknown(right);
  return { message: "match error", span, details: mismatchDetails(left, right), unknown };
}

/** The name of a root document, as the key that it is under. */
function keyOfHead({ head, span }: RefTerm): Term {
  return { kind: "scalar", value: head.kind === "var" ? head.name : null, span };
}

function groundKeys(path: readonly Term[]): Value[] {
  return path.flatMap((part) => (part.kind === "scalar" ? [part.value] : []));
}
