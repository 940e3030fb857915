import { CelEvaluationError } from "../cel-error.ts";
import { parseType, type CelType } from "../type-terms.ts";
import {
  CelDouble,
  CelDuration,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  isList,
  isMap,
  isObject,
  typeName,
  type CelList,
  type CelMap,
  type CelValue,
} from "../values.ts";

/** The call that a function implements. It counts the cost of its work: one unit for each step, or for ten characters of text. */
export interface CelCall {
  /** Counts cost units; fractions are allowed. Throws once the limit is passed, and the error must be let through. */
  spend(cost: number): void;
}

/** One overload of a function or method: its signature and implementation. Made by {@link overload} and {@link method}. */
export interface CelFunction {
  readonly name: string;
  /** True for a method, which is called as `first.name(others)`; false for a function, `name(first, others)`. */
  readonly method: boolean;
  readonly parameters: readonly CelType[];
  readonly result: CelType;
  /** Whether the last parameter may repeat. */
  readonly variadic: boolean;
  /** Whether each argument has the JavaScript type that its parameter asks for. */
  accepts(args: readonly CelValue[]): boolean;
  evaluate(call: CelCall, args: readonly CelValue[]): CelValue;
}

/** The JavaScript type of an argument, given its CEL type as a signature writes it: `bigint` for `int`, `CelList` for `list(A)`. */
export type ArgumentOf<Written extends string> = Written extends keyof SimpleArguments
  ? SimpleArguments[Written]
  : Written extends `list(${string}`
    ? CelList
    : Written extends `map(${string}`
      ? CelMap
      : Written extends `optional(${string}`
        ? CelOptional
        : Written extends `type(${string}`
          ? CelTypeValue
          : CelValue;

interface SimpleArguments {
  readonly bool: boolean;
  readonly int: bigint;
  readonly uint: CelUint;
  readonly double: CelDouble;
  readonly string: string;
  readonly bytes: Uint8Array;
  readonly timestamp: CelTimestamp;
  readonly duration: CelDuration;
  readonly null: null;
}

type ArgumentsOf<Written extends readonly string[]> = { [Index in keyof Written]: ArgumentOf<Written[Index]> };

/**
 * Makes an overload of a function.
 * @param name The name that expressions call; it may have a namespace (`math.least`).
 * @param parameters The types of the parameters: `int`, `list(string)`, `map(string, dyn)`, `optional(A)`; a single capital letter is a type
 * parameter.
 * @param result The type of the result.
 * @param evaluate Computes the result; it is called only with arguments of the types in `parameters`.
 * @throws {TypeError} for text that is not a type.
 * @example
 * overload("twice", ["int"], "int", (call, value) => value * 2n);
 */
export function overload<const Written extends readonly string[]>(
  name: string,
  parameters: Written,
  result: string,
  evaluate: (call: CelCall, ...args: ArgumentsOf<Written>) => CelValue,
): CelFunction {
  return build({ name, method: false, variadic: false, parameters, result, evaluate: erased(evaluate) });
}

/**
 * Makes an overload of a method. Its first parameter is the receiver, else all is as in {@link overload}.
 * @throws {TypeError} for text that is not a type.
 * @example
 * method("shout", ["string"], "string", (call, text) => text + "!"); // for 'hello'.shout()
 */
export function method<const Written extends readonly string[]>(
  name: string,
  parameters: Written,
  result: string,
  evaluate: (call: CelCall, ...args: ArgumentsOf<Written>) => CelValue,
): CelFunction {
  return build({ name, method: true, variadic: false, parameters, result, evaluate: erased(evaluate) });
}

/** Makes a function that takes one or more arguments of the same type. */
export function variadic(
  name: string,
  parameter: string,
  result: string,
  evaluate: (call: CelCall, ...args: CelValue[]) => CelValue,
): CelFunction {
  return build({ name, method: false, variadic: true, parameters: [parameter], result, evaluate });
}

/** Forgets the types of the arguments, which `accepts` checks at run time. */
function erased<Args extends readonly unknown[]>(evaluate: (call: CelCall, ...args: Args) => CelValue): Evaluate {
  return evaluate as unknown as Evaluate; // as: see above
}

type Evaluate = (call: CelCall, ...args: readonly CelValue[]) => CelValue;

interface Written {
  readonly name: string;
  readonly method: boolean;
  readonly variadic: boolean;
  readonly parameters: readonly string[];
  readonly result: string;
  readonly evaluate: Evaluate;
}

function build({ name, method: isMethod, variadic: repeats, parameters, result, evaluate }: Written): CelFunction {
  const types = parameters.map(parseType);
  const tests = types.map(acceptor);
  return {
    name,
    method: isMethod,
    variadic: repeats,
    parameters: types,
    result: parseType(result),
    accepts: acceptance(tests, repeats),
    evaluate: repeats ? (call, args) => evaluate(call, ...args) : spread(evaluate, tests.length),
  };
}

type Acceptor = (value: CelValue) => boolean;

/** Expressions do nothing as often as call functions, so one and two arguments are checked without a loop. */
function acceptance(tests: readonly Acceptor[], repeats: boolean): CelFunction["accepts"] {
  const [first, second] = tests;
  if (!repeats && first !== undefined && second === undefined)
    return (args) => args.length === 1 && first(args[0] as CelValue); // as: there is one
  if (!repeats && first !== undefined && second !== undefined && tests.length === 2)
    return (args) => args.length === 2 && first(args[0] as CelValue) && second(args[1] as CelValue); // as: there are two
  return (args) =>
    (repeats ? args.length >= 1 : args.length === tests.length) &&
    args.every((arg, index) => tests[Math.min(index, tests.length - 1)]?.(arg) === true);
}

function spread(evaluate: Evaluate, count: number): CelFunction["evaluate"] {
  if (count === 1) return (call, args) => evaluate(call, args[0] as CelValue); // as: accepted
  if (count === 2) return (call, args) => evaluate(call, args[0] as CelValue, args[1] as CelValue); // as: accepted
  return (call, args) => evaluate(call, ...args);
}

function acceptor(type: CelType): Acceptor {
  switch (type.kind) {
    case "bool":
      return (value) => typeof value === "boolean";
    case "int":
      return (value) => typeof value === "bigint";
    case "string":
      return (value) => typeof value === "string";
    case "null":
      return (value) => value === null;
    case "uint":
      return (value) => value instanceof CelUint;
    case "double":
      return (value) => value instanceof CelDouble;
    case "bytes":
      return (value) => value instanceof Uint8Array;
    case "timestamp":
      return (value) => value instanceof CelTimestamp;
    case "duration":
      return (value) => value instanceof CelDuration;
    case "type":
      return (value) => value instanceof CelTypeValue;
    case "optional":
      return (value) => value instanceof CelOptional;
    case "list":
      return isList;
    case "map":
      return isMap;
    case "opaque":
      return (value) => isObject(value) && value.celType === type.name;
    default:
      return () => true;
  }
}

/** The error for a call that no overload accepts. */
export function noOverload(name: string, args: readonly CelValue[]): CelEvaluationError {
  return new CelEvaluationError(`no such overload: ${name}(${args.map(typeName).join(", ")})`);
}
