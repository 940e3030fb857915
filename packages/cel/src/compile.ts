import { checkOptions, optionIs } from "@plimsoll/model";
import { CelCompileError, CelLimitError, positionAt } from "./cel-error.ts";
import { check } from "./check.ts";
import type { CelEnvironment } from "./environment.ts";
import { CelBudget, Evaluation } from "./evaluation.ts";
import type { CelFunction } from "./functions/define.ts";
import { standardFunctions } from "./functions/standard.ts";
import { parse } from "./parser.ts";
import { Planner } from "./plan.ts";
import { readsOf } from "./reads.ts";
import { formatType, parseType } from "./type-terms.ts";
import { copyNative, type CelValue } from "./values.ts";

/** The environment of an expression, in addition to the standard library. */
export interface CompileOptions {
  /** Functions in addition to the standard ones, such as `kubernetesFunctions` or your own from `overload` and `method`. */
  readonly functions?: readonly CelFunction[] | undefined;
  /** The declared variables and their types (`{ object: "dyn", names: "list(string)" }`); other names are compile errors. Absent: any name may be a variable. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  /** The namespace ("container") in which names are looked up first: in `a.b`, the name `c` is looked up as `a.b.c`, `a.c`, then `c`. Absent: none. */
  readonly container?: string | undefined;
  /** Constructs a message (`Name{field: value}`) from its name and fields; returns undefined for an unknown name. Absent: messages are errors. */
  readonly construct?: ((name: string, fields: ReadonlyMap<string, CelValue>) => CelValue | undefined) | undefined;
  /** The type of a message by its name; undefined for an unknown name, which is a compile error. Absent: any name is allowed, with type dyn. */
  readonly messageType?: ((name: string) => string | undefined) | undefined;
  /** False: only syntax and names are checked when compiling. Absent: true. */
  readonly typeCheck?: boolean | undefined;
}

/** Limits on one evaluation. */
export interface EvaluationLimits {
  /**
   * Cost units: one for each step and each element of a comprehension, more for long text. Absent: 10,000,000, as in Kubernetes. A `CelBudget` is
   * shared by all evaluations that use it.
   */
  readonly cost?: number | CelBudget | undefined;
}

/** Options of an evaluation. */
export interface EvaluateOptions {
  readonly limits?: EvaluationLimits | undefined;
}

/** Values of variables: JSON-like data, CEL values, and getters, which run only if the variable is used. */
export type Activation = Readonly<Record<string, unknown>>;

/** A compiled expression. It can be evaluated any number of times. */
export interface CelProgram {
  /** The type of its result, as the checker found it (`bool`, `list(string)`, `dyn`). */
  readonly resultType: string;
  /** The variables that it may read: `name`, or `name.field` where only that member is read. */
  readonly reads: ReadonlySet<string>;
  /**
   * Evaluates to a JavaScript value (see `toNative`): int and uint are bigints, double a number.
   * @throws {CelEvaluationError} where the expression ends in an error; {@link CelLimitError} where it exceeds its cost limit.
   */
  evaluate(activation?: Activation, options?: EvaluateOptions): unknown;
  /** Evaluates to a CEL value, which can be passed to another evaluation, and tells what it cost in cost units. Throws as `evaluate` does. */
  run(activation?: Activation, options?: EvaluateOptions): { readonly value: CelValue; readonly cost: number };
  /** Evaluates to a CEL value within a budget that may be shared by many evaluations. Throws as `evaluate` does. */
  valueOf(activation: Activation, budget: CelBudget): CelValue;
}

const defaultCost = 10_000_000;

/**
 * Compiles an expression of the Common Expression Language.
 * @throws {CelCompileError} with all errors in names and types, or the first syntax error; {TypeError} for invalid options.
 */
export function compile(source: string, options: CompileOptions = {}): CelProgram {
  checkOptions("compile", options, {
    functions: optionIs.listOf(optionIs.object),
    variables: optionIs.mapOf(optionIs.text),
    container: optionIs.text,
    construct: optionIs.call,
    messageType: optionIs.call,
    typeCheck: optionIs.flag,
  });
  const environment = environmentOf(options);
  const expr = parse(source);
  const { type, references, issues } = check(expr, environment);
  if (issues.length > 0)
    throw new CelCompileError(issues.map(({ message, offset }) => ({ message, position: positionAt(source, offset) })));
  const planner = new Planner(environment, references);
  const step = planner.plan(expr, new Map());
  const valueOf = (evaluation: Evaluation): CelValue => {
    try {
      return step(evaluation);
    } catch (error) {
      throw withinStack(error);
    }
  };
  const evaluated = (activation: Activation = {}, evaluateOptions: EvaluateOptions = {}) => {
    const evaluation = new Evaluation(planner.slots, budgetOf(evaluateOptions), activation);
    return { value: valueOf(evaluation), evaluation };
  };
  return {
    resultType: formatType(type),
    reads: readsOf(expr, references),
    run: (activation, how) => {
      const { value, evaluation } = evaluated(activation, how);
      return { value, cost: evaluation.cost };
    },
    evaluate: (activation, how) => {
      const { value, evaluation } = evaluated(activation, how);
      try {
        return copyNative(value, (parts) => evaluation.spend(parts));
      } catch (error) {
        throw withinStack(error);
      }
    },
    valueOf: (activation, budget) => valueOf(new Evaluation(planner.slots, budget, activation)),
  };
}

/** Variables that refer to each other and nested values may exhaust the stack: to callers that is one more limit. */
function withinStack(error: unknown): unknown {
  return error instanceof RangeError && error.message.includes("call stack")
    ? new CelLimitError("operation cancelled: values or variables are nested too deeply")
    : error;
}

function environmentOf(options: CompileOptions): CelEnvironment {
  const { functions = [], variables, container = "", construct, messageType, typeCheck = true } = options;
  return {
    functions: withStandard(functions),
    variables:
      variables === undefined
        ? undefined
        : new Map(Object.entries(variables).map(([name, type]) => [name, parseType(type)])),
    container,
    construct,
    messageType:
      messageType === undefined
        ? undefined
        : (name) => {
            const type = messageType(name);
            return type === undefined ? undefined : parseType(type);
          },
    typeCheck,
  };
}

const standardByName = byName(standardFunctions);
/** A policy set compiles hundreds of expressions with one list of functions. */
const merged = new WeakMap<readonly CelFunction[], ReadonlyMap<string, readonly CelFunction[]>>();

function withStandard(functions: readonly CelFunction[]): ReadonlyMap<string, readonly CelFunction[]> {
  if (functions.length === 0) return standardByName;
  const known = merged.get(functions);
  if (known !== undefined) return known;
  const replaced = new Set(functions.map(signatureOf));
  const made = byName([...standardFunctions.filter((each) => !replaced.has(signatureOf(each))), ...functions]);
  merged.set(functions, made);
  return made;
}

/** What tells overloads apart: one given by the caller stands for the standard one. */
function signatureOf({ name, method, parameters }: CelFunction): string {
  return `${method ? "." : ""}${name}(${parameters.map((type) => formatType(type)).join()})`;
}

function byName(functions: readonly CelFunction[]): ReadonlyMap<string, readonly CelFunction[]> {
  const found = new Map<string, CelFunction[]>();
  for (const each of functions) {
    const others = found.get(each.name);
    if (others === undefined) found.set(each.name, [each]);
    else others.push(each);
  }
  return found;
}

function budgetOf(options: EvaluateOptions): CelBudget {
  for (const name in options) if (name !== "limits") throw new TypeError(`evaluate: there is no option "${name}"`);
  const { limits = {} } = options;
  for (const name in limits) if (name !== "cost") throw new TypeError(`evaluate: there is no limit "${name}"`);
  const { cost = defaultCost } = limits;
  if (cost instanceof CelBudget) return cost;
  if (typeof cost !== "number" || !(cost > 0)) throw new TypeError("evaluate: limits.cost is a number above 0");
  return new CelBudget(cost);
}
