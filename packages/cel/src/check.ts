import {
  qualifiedName,
  type CallExpr,
  type ComprehensionExpr,
  type Expr,
  type ListExpr,
  type MapExpr,
  type MessageExpr,
  type SelectExpr,
} from "./ast.ts";
import { candidates, namedType, undeclared, type CelEnvironment } from "./environment.ts";
import type { CelFunction } from "./functions/define.ts";
import { dyn, formatType, Substitution, type CelType } from "./type-terms.ts";
import type { CelTypeValue } from "./values.ts";

/** What a name or call in the tree resolves to. Other expressions have no entry. */
export type Reference =
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "type"; readonly value: CelTypeValue }
  | { readonly kind: "function"; readonly name: string };

/** Whether a call with a target is one of a function in a namespace, as `math.least(1, 2)`, and not of a method. */
export function isNamespaced({ name, target }: CallExpr, reference: Reference | undefined): boolean {
  return target !== undefined && reference?.kind === "function" && reference.name !== name;
}

/** What a call passes to its function: the arguments, and before them the receiver of a method. */
export function operandsOf(expr: CallExpr, reference: Reference | undefined): readonly Expr[] {
  return expr.target === undefined || isNamespaced(expr, reference) ? expr.args : [expr.target, ...expr.args];
}

/** The result of checking an expression. */
export interface Checked {
  readonly type: CelType;
  readonly references: ReadonlyMap<Expr, Reference>;
  readonly issues: readonly { readonly message: string; readonly offset: number }[];
}

/** How deep a tree may nest: chains of operators and fields make it deep without brackets. */
const maxDepth = 600;

const bool: CelType = { kind: "bool" };

/** Resolves the names of an expression and derives its types, as cel-go's checker does. */
export function check(expr: Expr, environment: CelEnvironment): Checked {
  const checker = new Checker(environment);
  const type = checker.visit(expr, []);
  return { type: checker.types.resolve(type, true), references: checker.references, issues: checker.issues };
}

interface Local {
  readonly name: string;
  readonly type: CelType;
}

class Checker {
  readonly types: Substitution = new Substitution();
  readonly references = new Map<Expr, Reference>();
  readonly issues: { readonly message: string; readonly offset: number }[] = [];
  readonly #environment: CelEnvironment;
  #depth = 0;

  constructor(environment: CelEnvironment) {
    this.#environment = environment;
  }

  visit(expr: Expr, scope: readonly Local[]): CelType {
    this.#depth += 1;
    const type = this.#depth > maxDepth ? this.#tooDeep(expr) : this.#typeOf(expr, scope);
    this.#depth -= 1;
    return type;
  }

  #tooDeep(expr: Expr): CelType {
    if (!this.issues.some(({ message }) => message.startsWith("expression nests")))
      this.#report(expr, `expression nests deeper than ${maxDepth}`);
    return dyn;
  }

  #report(expr: Expr, message: string): CelType {
    this.issues.push({ message, offset: expr.offset });
    return dyn;
  }

  #mismatch(expr: Expr, message: string): void {
    if (this.#environment.typeCheck) this.#report(expr, message);
  }

  #typeOf(expr: Expr, scope: readonly Local[]): CelType {
    switch (expr.kind) {
      case "literal":
        return { kind: expr.literal.kind };
      case "ident":
        return (
          this.#name(expr, expr.absolute ? `.${expr.name}` : expr.name, scope) ?? this.#undeclared(expr, expr.name)
        );
      case "select":
        return this.#select(expr, scope);
      case "call":
        return this.#call(expr, scope);
      case "list":
        return { kind: "list", of: this.#elements(expr, scope) };
      case "map":
        return this.#map(expr, scope);
      case "message":
        return this.#message(expr, scope);
      case "comprehension":
        return this.#comprehension(expr, scope);
      case "bind": {
        const type = this.visit(expr.value, scope);
        return this.visit(expr.body, [...scope, { name: expr.variable, type }]);
      }
    }
  }

  #message(expr: MessageExpr, scope: readonly Local[]): CelType {
    for (const { value, optional } of expr.fields) this.#unwrapped(value, this.visit(value, scope), optional);
    const { construct, messageType } = this.#environment;
    const type = messageType === undefined ? dyn : messageType(expr.name);
    return construct === undefined || type === undefined ? this.#undeclared(expr, expr.name) : type;
  }

  #undeclared(expr: Expr, name: string): CelType {
    return this.#report(expr, `undeclared reference to '${name}' (in container '${this.#environment.container}')`);
  }

  /** A variable or type of that (qualified) name; undefined where there is none. */
  #name(expr: Expr, name: string, scope: readonly Local[]): CelType | undefined {
    const local = scope.findLast((variable) => variable.name === name);
    if (local !== undefined) return local.type;
    const { variables, container } = this.#environment;
    for (const candidate of candidates(container, name)) {
      const declared = variables?.get(candidate);
      if (declared !== undefined) {
        this.references.set(expr, { kind: "variable", name: candidate });
        return declared;
      }
      const named = namedType(candidate);
      if (named !== undefined) {
        this.references.set(expr, { kind: "type", value: named.value });
        return named.type;
      }
    }
    if (variables !== undefined || expr.kind !== "ident") return undefined;
    this.references.set(expr, { kind: "variable", name: expr.name });
    return undeclared;
  }

  #select(expr: SelectExpr, scope: readonly Local[]): CelType {
    const name = qualifiedName(expr);
    if (name !== undefined && !expr.test && !isLocal(scope, name)) {
      const type = this.#name(expr, name, scope);
      if (type !== undefined) return type;
    }
    const operand = this.types.resolve(this.visit(expr.operand, scope));
    const field = this.#field(expr, operand);
    if (expr.test) return bool;
    return expr.optional && operand.kind !== "optional" ? { kind: "optional", of: field } : field;
  }

  #field(expr: SelectExpr, operand: CelType): CelType {
    if (operand.kind === "map") return operand.of;
    if (operand.kind === "optional") {
      const inner = this.types.resolve(operand.of);
      return { kind: "optional", of: inner.kind === "map" ? inner.of : dyn };
    }
    if (operand.kind !== "dyn" && operand.kind !== "param" && operand.kind !== "opaque")
      this.#mismatch(expr, `type '${formatType(operand)}' does not support field selection`);
    return dyn;
  }

  #call(expr: CallExpr, scope: readonly Local[]): CelType {
    const namespaced = expr.target === undefined ? undefined : qualifiedName(expr.target);
    if (namespaced !== undefined && !isLocal(scope, namespaced)) {
      const found = this.#function(`${namespaced}.${expr.name}`, false);
      if (found !== undefined) {
        this.references.set(expr, { kind: "function", name: found[0]?.name ?? expr.name });
        return this.#apply(
          expr,
          found,
          expr.args.map((arg) => this.visit(arg, scope)),
        );
      }
    }
    const args = [...(expr.target === undefined ? [] : [expr.target]), ...expr.args].map((arg) =>
      this.visit(arg, scope),
    );
    if (expr.name === "_&&_" || expr.name === "_||_") return this.#logical(expr, args);
    if (expr.name === "_?_:_") return this.#conditional(expr, args);
    const found = this.#function(expr.name, expr.target !== undefined);
    if (found === undefined) {
      // Without a check, an unknown function fails only if it is called.
      if (this.#environment.typeCheck) this.#undeclared(expr, expr.name);
      return dyn;
    }
    this.references.set(expr, { kind: "function", name: found[0]?.name ?? expr.name });
    return this.#apply(expr, found, args);
  }

  #function(name: string, method: boolean): readonly CelFunction[] | undefined {
    const names = method ? [name] : candidates(this.#environment.container, name);
    for (const candidate of names) {
      const overloads = this.#environment.functions.get(candidate)?.filter((overload) => overload.method === method);
      if (overloads !== undefined && overloads.length > 0) return overloads;
    }
    return undefined;
  }

  #apply(expr: CallExpr, overloads: readonly CelFunction[], args: readonly CelType[]): CelType {
    const results: CelType[] = [];
    for (const overload of overloads) {
      const [result = dyn, ...parameters] = this.types.instantiate([overload.result, ...overload.parameters]);
      if (overload.variadic ? args.length === 0 : args.length !== parameters.length) continue;
      const fits = this.types.try(() =>
        args.every((arg, index) => this.types.assign(parameters[Math.min(index, parameters.length - 1)] ?? dyn, arg)),
      );
      if (fits) results.push(this.types.resolve(result));
    }
    const [first, ...others] = results;
    if (first === undefined) {
      const shown = args.map((arg) => formatType(this.types.resolve(arg, true)));
      this.#mismatch(expr, `found no matching overload for '${expr.name}' applied to '${signature(expr, shown)}'`);
      return dyn;
    }
    return others.every((other) => formatType(other) === formatType(first)) ? first : dyn;
  }

  #logical(expr: CallExpr, args: readonly CelType[]): CelType {
    for (const arg of args)
      if (!this.types.assign(bool, arg))
        this.#mismatch(expr, `expected type 'bool' but found '${formatType(this.types.resolve(arg, true))}'`);
    return bool;
  }

  #conditional(expr: CallExpr, [condition = dyn, whenTrue = dyn, whenFalse = dyn]: readonly CelType[]): CelType {
    if (!this.types.assign(bool, condition))
      this.#mismatch(expr, `expected type 'bool' but found '${formatType(this.types.resolve(condition, true))}'`);
    const joined = this.#join(whenTrue, whenFalse);
    if (joined !== undefined) return joined;
    const shown = [condition, whenTrue, whenFalse].map((type) => formatType(this.types.resolve(type, true)));
    this.#mismatch(expr, `found no matching overload for '_?_:_' applied to '(${shown.join(", ")})'`);
    return dyn;
  }

  /** The type that holds values of both, or undefined. */
  #join(left: CelType, right: CelType): CelType | undefined {
    const a = this.types.resolve(left);
    const b = this.types.resolve(right);
    if (a.kind === "dyn" || b.kind === "dyn") return dyn;
    if (this.types.try(() => this.types.assign(a, b))) return moreGeneral(a, b);
    return this.types.try(() => this.types.assign(b, a)) ? b : undefined;
  }

  #elements({ elements }: ListExpr, scope: readonly Local[]): CelType {
    let joined: CelType | undefined;
    for (const { value, optional } of elements) {
      const type = this.#unwrapped(value, this.visit(value, scope), optional);
      joined = joined === undefined ? type : (this.#join(joined, type) ?? dyn);
    }
    return joined ?? this.types.unknown();
  }

  #map({ entries }: MapExpr, scope: readonly Local[]): CelType {
    let key: CelType | undefined;
    let of: CelType | undefined;
    for (const entry of entries) {
      const keyType = this.visit(entry.key, scope);
      const valueType = this.#unwrapped(entry.value, this.visit(entry.value, scope), entry.optional);
      key = key === undefined ? keyType : (this.#join(key, keyType) ?? dyn);
      of = of === undefined ? valueType : (this.#join(of, valueType) ?? dyn);
    }
    return { kind: "map", key: key ?? this.types.unknown(), of: of ?? this.types.unknown() };
  }

  #unwrapped(expr: Expr, type: CelType, optional: boolean): CelType {
    if (!optional) return type;
    const found = this.types.resolve(type);
    if (found.kind === "optional") return found.of;
    if (found.kind !== "dyn") this.#mismatch(expr, `expected type 'optional_type' but found '${formatType(found)}'`);
    return dyn;
  }

  #comprehension(expr: ComprehensionExpr, scope: readonly Local[]): CelType {
    const range = this.types.resolve(this.visit(expr.range, scope));
    const [first, second] = expr.variables;
    const [element, value] = this.#iteration(expr, range, second !== undefined);
    const inner: readonly Local[] =
      second === undefined
        ? [...scope, { name: first, type: element }]
        : [...scope, { name: first, type: element }, { name: second, type: value }];
    if (expr.filter !== undefined) this.#condition(expr.filter, this.visit(expr.filter, inner));
    const body = this.visit(expr.body, inner);
    return this.#comprehensionResult(expr, body, element, range);
  }

  #comprehensionResult(expr: ComprehensionExpr, body: CelType, element: CelType, range: CelType): CelType {
    switch (expr.type) {
      case "all":
      case "exists":
      case "existsOne":
        this.#condition(expr.body, body);
        return bool;
      case "filter":
        this.#condition(expr.body, body);
        return { kind: "list", of: element };
      case "map":
      case "transformList":
        return { kind: "list", of: body };
      case "transformMap":
        return {
          kind: "map",
          key: range.kind === "map" ? range.key : range.kind === "list" ? { kind: "int" } : dyn,
          of: body,
        };
      case "transformMapEntry":
        return { kind: "map", key: dyn, of: dyn };
    }
  }

  #condition(expr: Expr, type: CelType): void {
    if (!this.types.assign(bool, type))
      this.#mismatch(expr, `expected type 'bool' but found '${formatType(this.types.resolve(type, true))}'`);
  }

  /** The types of the variables of a walk. */
  #iteration(expr: ComprehensionExpr, range: CelType, pairs: boolean): readonly [CelType, CelType] {
    if (range.kind === "list") return pairs ? [{ kind: "int" }, range.of] : [range.of, dyn];
    if (range.kind === "map") return [range.key, range.of];
    if (range.kind !== "dyn" && range.kind !== "param")
      this.#mismatch(
        expr.range,
        `expression of type '${formatType(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
      );
    return [dyn, dyn];
  }
}

/** Of two types that can be assigned to each other, the one that takes more values. */
function moreGeneral(left: CelType, right: CelType): CelType {
  if (left.kind === "dyn" || right.kind === "dyn") return dyn;
  if (left.kind === "null" || right.kind === "wrapper") return right;
  if (left.kind === "map" && right.kind === "map")
    return { kind: "map", key: moreGeneral(left.key, right.key), of: moreGeneral(left.of, right.of) };
  if ("of" in left && left.kind !== "map" && "of" in right && right.kind === left.kind)
    return { kind: left.kind, of: moreGeneral(left.of, right.of) };
  return left;
}

function isLocal(scope: readonly Local[], name: string): boolean {
  const [root = ""] = name.split(".");
  return root !== "" && scope.some((variable) => variable.name === root);
}

function signature({ target }: CallExpr, args: readonly string[]): string {
  const [first = "", ...others] = args;
  return target === undefined ? `(${args.join(", ")})` : `${first}.(${others.join(", ")})`;
}
