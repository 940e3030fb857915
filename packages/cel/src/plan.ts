import type {
  BindExpr,
  CallExpr,
  ComprehensionExpr,
  Expr,
  ListExpr,
  LiteralExpr,
  MapExpr,
  MessageExpr,
  SelectExpr,
} from "./ast.ts";
import { CelEvaluationError } from "./cel-error.ts";
import { isNamespaced, operandsOf, type Reference } from "./check.ts";
import type { Evaluation } from "./evaluation.ts";
import { planComprehension } from "./comprehensions.ts";
import type { CelEnvironment } from "./environment.ts";
import { noOverload, type CelFunction } from "./functions/define.ts";
import { hasNoParts } from "./functions/operators.ts";
import { absorbed, asBool, type Step } from "./step.ts";
import {
  CelDouble,
  CelOptional,
  CelUint,
  isList,
  isMap,
  isObject,
  NativeMap,
  typeName,
  ValueList,
  ValueMap,
  type CelValue,
} from "./values.ts";

/** Compiles a checked tree to closures. */
export class Planner {
  /** The number of slots that local names need. */
  slots = 0;
  readonly #environment: CelEnvironment;
  readonly #references: ReadonlyMap<Expr, Reference>;

  constructor(environment: CelEnvironment, references: ReadonlyMap<Expr, Reference>) {
    this.#environment = environment;
    this.#references = references;
  }

  /** Compiles an expression; `scope` has the closure that reads each local name. */
  plan(expr: Expr, scope: ReadonlyMap<string, Step>): Step {
    const reference = this.#references.get(expr);
    if (reference?.kind === "type") return () => reference.value;
    if (reference?.kind === "variable") return planVariable(reference.name);
    switch (expr.kind) {
      case "literal":
        return planLiteral(expr);
      case "ident":
        return scope.get(expr.name) ?? planVariable(expr.name);
      case "select":
        return this.#select(expr, scope);
      case "call":
        return this.#call(expr, reference, scope);
      case "list":
        return this.#list(expr, scope);
      case "map":
        return this.#map(expr, scope);
      case "message":
        return this.#message(expr, scope);
      case "comprehension":
        return this.#comprehension(expr, scope);
      case "bind":
        return this.#bind(expr, scope);
    }
  }

  #comprehension(expr: ComprehensionExpr, scope: ReadonlyMap<string, Step>): Step {
    const range = this.plan(expr.range, scope);
    const [firstName, secondName] = expr.variables;
    const first = this.#declare(firstName, scope);
    const second = secondName === undefined ? undefined : this.#declare(secondName, first.scope);
    const inner = second?.scope ?? first.scope;
    return planComprehension({
      type: expr.type,
      range,
      first: first.slot,
      second: second?.slot,
      filter: expr.filter === undefined ? undefined : this.plan(expr.filter, inner),
      body: this.plan(expr.body, inner),
    });
  }

  /** A slot for a local name, and the scope in which the name reads it. */
  #declare(
    name: string,
    scope: ReadonlyMap<string, Step>,
  ): { readonly slot: number; readonly scope: ReadonlyMap<string, Step> } {
    const slot = this.slots;
    this.slots += 1;
    return {
      slot,
      scope: new Map(scope).set(name, (evaluation) => {
        evaluation.spend(1);
        return evaluation.slots[slot] as CelValue; // as: a slot is filled before the body that reads it runs
      }),
    };
  }

  #bind({ variable, value, body }: BindExpr, scope: ReadonlyMap<string, Step>): Step {
    const slot = this.slots;
    this.slots += 1;
    const make = this.plan(value, scope);
    const read: Step = counted((evaluation) => {
      const known = evaluation.slots[slot];
      if (known !== undefined) return known;
      const made = make(evaluation);
      evaluation.slots[slot] = made;
      return made;
    });
    const inner = this.plan(body, new Map(scope).set(variable, read));
    return (evaluation) => {
      evaluation.slots[slot] = undefined;
      return inner(evaluation);
    };
  }

  #select({ operand, field, optional, test }: SelectExpr, scope: ReadonlyMap<string, Step>): Step {
    // Operands are planned once only: paths within paths would be planned twice as often with each of them.
    const path = test || optional ? undefined : this.#path(operand, [field]);
    if (path !== undefined) return selectPath(this.plan(path.from, scope), path.fields);
    const inner = this.plan(operand, scope);
    if (test)
      return (evaluation) => {
        evaluation.spend(1);
        return hasField(inner(evaluation), field);
      };
    if (optional) return counted((evaluation) => optionalField(inner(evaluation), field));
    return (evaluation) => {
      evaluation.spend(1);
      const value = inner(evaluation);
      return value instanceof CelOptional ? fieldOfHeld(value, field) : requiredField(value, field);
    };
  }

  /** Where a path of fields begins that is longer than one. */
  #path(
    operand: Expr,
    fields: readonly string[],
  ): { readonly from: Expr; readonly fields: readonly string[] } | undefined {
    if (operand.kind === "select" && !operand.test && !operand.optional && !this.#references.has(operand))
      return this.#path(operand.operand, [operand.field, ...fields]);
    return fields.length > 1 ? { from: operand, fields } : undefined;
  }

  #call(expr: CallExpr, reference: Reference | undefined, scope: ReadonlyMap<string, Step>): Step {
    const args = operandsOf(expr, reference).map((arg) => this.plan(arg, scope));
    const [first = nothing, second = nothing, third = nothing] = args;
    switch (expr.name) {
      case "_&&_":
        return logical(args, false);
      case "_||_":
        return logical(args, true);
      case "_?_:_":
        return (evaluation) => {
          evaluation.spend(1);
          return (asBool(first(evaluation), "_?_:_") ? second : third)(evaluation);
        };
      case "or":
      case "orValue":
        if (expr.target !== undefined && args.length === 2) return fallback(first, second, expr.name);
    }
    const name = reference?.kind === "function" ? reference.name : expr.name;
    const method = expr.target !== undefined && !isNamespaced(expr, reference);
    const overloads = (this.#environment.functions.get(name) ?? []).filter((overload) => overload.method === method);
    return dispatch(name, overloads, args);
  }

  #list({ elements }: ListExpr, scope: ReadonlyMap<string, Step>): Step {
    const steps = elements.map(({ value, optional }) => ({ step: this.plan(value, scope), optional }));
    return counted((evaluation) => {
      const items: CelValue[] = [];
      for (const { step, optional } of steps) {
        evaluation.spend(1);
        const value = step(evaluation);
        const item = optional ? optionalEntry(value) : value;
        if (item !== undefined) items.push(item);
      }
      return new ValueList(items);
    });
  }

  #map({ entries }: MapExpr, scope: ReadonlyMap<string, Step>): Step {
    const steps = entries.map(({ key, value, optional }) => ({
      key: this.plan(key, scope),
      value: this.plan(value, scope),
      optional,
    }));
    return counted((evaluation) => {
      const made: (readonly [CelValue, CelValue])[] = [];
      for (const { key, value, optional } of steps) {
        evaluation.spend(1);
        const name = key(evaluation);
        const given = value(evaluation);
        const item = optional ? optionalEntry(given) : given;
        if (item !== undefined) made.push([name, item]);
      }
      return new ValueMap(made);
    });
  }

  #message({ name, fields }: MessageExpr, scope: ReadonlyMap<string, Step>): Step {
    const steps = fields.map((field) => ({ ...field, step: this.plan(field.value, scope) }));
    const { construct } = this.#environment;
    return counted((evaluation) => {
      const given = new Map<string, CelValue>();
      for (const { name: field, step, optional } of steps) {
        evaluation.spend(1);
        const value = step(evaluation);
        const item = optional ? optionalEntry(value) : value;
        if (item !== undefined) given.set(field, item);
      }
      const made = construct?.(name, given);
      if (made === undefined) throw new CelEvaluationError(`unknown type: ${name}`);
      return made;
    });
  }
}

const nothing: Step = () => null;

/** A step that costs one unit. */
function counted(step: Step): Step {
  return (evaluation) => {
    evaluation.spend(1);
    return step(evaluation);
  };
}

/** Fields of fields, one function for all: each costs one unit, before what they are fields of. */
function selectPath(from: Step, fields: readonly string[]): Step {
  return (evaluation) => {
    evaluation.spend(fields.length);
    let value = from(evaluation);
    const found = value instanceof NativeMap ? value.at(fields) : undefined;
    if (found !== undefined) return found;
    for (const field of fields)
      value = value instanceof CelOptional ? fieldOfHeld(value, field) : requiredField(value, field);
    return value;
  };
}

function planLiteral({ literal }: LiteralExpr): Step {
  const value = literalValue(literal);
  return () => value;
}

function literalValue(literal: LiteralExpr["literal"]): CelValue {
  switch (literal.kind) {
    case "null":
      return null;
    case "uint":
      return new CelUint(literal.value);
    case "double":
      return new CelDouble(literal.value);
    default:
      return literal.value;
  }
}

function planVariable(name: string): Step {
  return (evaluation) => {
    evaluation.spend(1);
    return evaluation.variable(name);
  };
}

function dispatch(name: string, overloads: readonly CelFunction[], args: readonly Step[]): Step {
  const count = args.length;
  const fitting = overloads.filter(({ parameters, variadic }) => variadic || parameters.length === count);
  const choose = (evaluation: Evaluation, values: readonly CelValue[]): CelValue => {
    for (const overload of fitting) if (overload.accepts(values)) return overload.evaluate(evaluation, values);
    // What has no parts has none at this place either, as in cel-go.
    if (name === "_[?_]" && hasNoParts(values[0])) return CelOptional.none;
    throw noOverload(name, values);
  };
  const [first = nothing, second = nothing] = args;
  if (count === 1)
    return (evaluation) => {
      evaluation.spend(1);
      return choose(evaluation, [first(evaluation)]);
    };
  if (count === 2)
    return (evaluation) => {
      evaluation.spend(1);
      return choose(evaluation, [first(evaluation), second(evaluation)]);
    };
  return (evaluation) => {
    evaluation.spend(1);
    const values: CelValue[] = [];
    for (const arg of args) values.push(arg(evaluation));
    return choose(evaluation, values);
  };
}

/**
 * `&&` and `||`: one operand that decides (`decisive`) wins over errors of the others, on either side
 * (CEL specification, "Logical operators"). An exceeded limit is not an error of an operand.
 */
function logical(args: readonly Step[], decisive: boolean): Step {
  const name = decisive ? "_||_" : "_&&_";
  return (evaluation) => {
    evaluation.spend(1);
    let problem: unknown;
    for (const arg of args) {
      try {
        if (asBool(arg(evaluation), name) === decisive) return decisive;
      } catch (error) {
        problem ??= absorbed(error);
      }
    }
    if (problem !== undefined) throw problem;
    return !decisive;
  };
}

/** `a.or(b)` and `a.orValue(b)`: `b` is evaluated only where `a` is none. */
function fallback(held: Step, other: Step, name: string): Step {
  return counted((evaluation) => {
    const value = held(evaluation);
    if (!(value instanceof CelOptional)) throw noOverload(name, [value]);
    if (value.value !== undefined) return name === "or" ? value : value.value;
    const instead = other(evaluation);
    if (name === "or" && !(instead instanceof CelOptional)) throw noOverload(name, [value, instead]);
    return instead;
  });
}

function optionalEntry(value: CelValue): CelValue | undefined {
  if (!(value instanceof CelOptional))
    throw new CelEvaluationError(`cannot initialize optional entry from non-optional value of type ${typeName(value)}`);
  return value.value;
}

/** Null, numbers and texts have no fields, as in cel-go: `has` of one is false, not an error. */
function fieldOf(value: CelValue, field: string): CelValue | undefined {
  if (typeof value === "object" && value !== null) {
    if (isMap(value)) return value.get(field);
    if (isObject(value) && value.field !== undefined) return value.field(field);
  }
  if (isList(value)) throw new CelEvaluationError("unsupported index type 'string' in list");
  return undefined;
}

function requiredField(value: CelValue, field: string): CelValue {
  const found = fieldOf(value, field);
  if (found === undefined) throw new CelEvaluationError(`no such key: ${field}`);
  return found;
}

/** `a.?b.c`: what is held must have fields (CEL's own tests), while `a.?b.?c` is none where it has not, as in Kubernetes. */
function fieldOfHeld(held: CelOptional, field: string): CelOptional {
  const { value } = held;
  if (value !== undefined && (typeof value !== "object" || value === null))
    return new CelOptional(requiredField(value, field));
  return optionalField(held, field);
}

function hasField(value: CelValue, field: string): boolean {
  if (!(value instanceof CelOptional)) return fieldOf(value, field) !== undefined;
  return value.value !== undefined && fieldOf(value.value, field) !== undefined;
}

function optionalField(value: CelValue, field: string): CelOptional {
  const inner = value instanceof CelOptional ? value.value : value;
  const found = inner === undefined ? undefined : fieldOf(inner, field);
  return found === undefined ? CelOptional.none : new CelOptional(found);
}
