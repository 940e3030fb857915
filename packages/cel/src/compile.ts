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

/** What an expression may use beside the standard library. */
export interface CompileOptions {
  /** Functions in addition to the standard ones; see `overload` and `method`. Kubernetes' are in `kubernetesFunctions`. */
  readonly functions?: readonly CelFunction[] | undefined;
  /** The variables there are and their types (`{ object: "dyn", names: "list(string)" }`). Absent: any name may be a variable. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  /** The namespace in which names are looked up first. */
  readonly container?: string | undefined;
  /** Makes messages (`Name{field: value}`) of their name and fields; undefined for a name it does not know. Absent: refused. */
  readonly construct?: ((name: string, fields: ReadonlyMap<string, CelValue>) => CelValue | undefined) | undefined;
  /** The type of a message, by the message's name; undefined for a name that there is not, which is told before anything runs. Absent: any name, of any type. */
  readonly messageType?: ((name: string) => string | undefined) | undefined;
  /** False: only syntax and names are checked before it runs. True unless told. */
  readonly typeCheck?: boolean | undefined;
}

/** Bounds on one evaluation. */
export interface EvaluationLimits {
  /** Cost units: one per step and per element walked over, more for long text. 10,000,000 unless told, as in Kubernetes. A budget is shared by all that is evaluated with it. */
  readonly cost?: number | CelBudget | undefined;
}

/** How to evaluate. */
export interface EvaluateOptions {
  readonly limits?: EvaluationLimits | undefined;
}

/** Values of variables: JSON-like data, CEL values, and getters, which run only if the variable is used. */
export type Activation = Readonly<Record<string, unknown>>;

/** A compiled expression. It can be evaluated any number of times. */
export interface CelProgram {
  /** The type of its result, as the checker found it (`bool`, `list(string)`, `dyn`). */
  readonly resultType: string;
  /** The variables that it may read: `name`, or `name.field` where only that member of it is asked for. */
  readonly reads: ReadonlySet<string>;
  /**
   * Evaluates to a JavaScript value (see `toNative`): int and uint are bigints, double a number.
   * @throws {CelEvaluationError} where the expression fails; {@link CelLimitError} where it costs too much.
   */
  evaluate(activation?: Activation, options?: EvaluateOptions): unknown;
  /** As `evaluate`, with the CEL value as it is, and what it cost: for values that go into another evaluation. */
  run(activation?: Activation, options?: EvaluateOptions): { readonly value: CelValue; readonly cost: number };
  /** As `run`, for those who evaluate many expressions within one budget, which tells what they cost. */
  valueOf(activation: Activation, budget: CelBudget): CelValue;
}

const defaultCost = 10_000_000;

/**
 * Compiles an expression of the Common Expression Language.
 * @throws {CelCompileError} with all that is wrong with names and types, or the first syntax error; {TypeError} for
 * options that are none.
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

/** Variables that ask for each other, and values within values, may be nested deeper than the stack is: that is a limit, too. */
function withinStack(error: unknown): unknown {
  return error instanceof RangeError && error.message.includes("call stack")
    ? new CelLimitError("operation cancelled: values or variables are nested too deeply")
    : error;
}

const known = new Set(["functions", "variables", "container", "construct", "messageType", "typeCheck"]);

function environmentOf(options: CompileOptions): CelEnvironment {
  const unknown = Object.keys(options).find((name) => !known.has(name));
  if (unknown !== undefined) throw new TypeError(`compile: there is no option "${unknown}"`);
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
  const made = byName([...standardFunctions, ...functions]);
  merged.set(functions, made);
  return made;
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
