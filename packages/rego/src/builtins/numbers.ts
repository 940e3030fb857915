/** Arithmetic, rounding, bits and ranges. */

import { addFloats, divideFloats, floatOf, isWholeFloat, multiplyFloats, numberFromFloat, truncateFloat, type Float } from "../values/float.ts"; // prettier-ignore
import {
  integerOf,
  isInteger,
  numberFromInteger,
  numberFromText,
  numberText,
  type NumberValue,
} from "../values/number.ts";
import { isNumber, RegoSet, type Value } from "../values/value.ts";
import { builtin, BuiltinError, operandError, operandMessage, type Builtin, type BuiltinContext } from "./builtin.ts";
import { countAt, integerAt, numberAt, stringAt, valueAt } from "./operands.ts";

const two = "(number, number) => number";
const one = "(number) => number";

/** Beyond this many bits, results of shifts and products are refused. */
const mostBits = 400_000;

interface Operation {
  readonly small: (left: number, right: number) => number | undefined;
  readonly exact?: (left: bigint, right: bigint) => bigint;
  readonly float?: (left: Float, right: Float) => Float;
}

function arithmetic(operation: Operation, left: NumberValue, right: NumberValue): NumberValue {
  if (typeof left === "number" && typeof right === "number" && Number.isInteger(left) && Number.isInteger(right)) {
    const result = operation.small(left, right);
    if (result !== undefined && Number.isSafeInteger(result)) return result === 0 ? 0 : result;
  }
  if (operation.exact !== undefined && isInteger(left)) {
    const whole = integerOf(right);
    const other = whole === undefined ? undefined : integerOf(left);
    if (whole !== undefined && other !== undefined) return numberFromInteger(operation.exact(other, whole));
  }
  if (operation.float === undefined) throw new BuiltinError("modulo on floating-point number");
  return numberFromFloat(operation.float(floatOf(left), floatOf(right)));
}

const add: Operation = { small: (a, b) => a + b, exact: (a, b) => a + b, float: (a, b) => addFloats(a, b) };
const subtract: Operation = { small: (a, b) => a - b, exact: (a, b) => a - b, float: (a, b) => addFloats(a, b, true) };
const multiply: Operation = { small: (a, b) => a * b, exact: (a, b) => a * b, float: multiplyFloats };
const divide: Operation = {
  small: (a, b) => {
    if (b === 0) throw new BuiltinError("divide by zero");
    return a !== 0 && a % b === 0 ? a / b : undefined;
  },
  float: (a, b) => {
    if (b.mantissa === 0n) throw new BuiltinError("divide by zero");
    return divideFloats(a, b);
  },
};
const remainder: Operation = {
  small: (a, b) => {
    if (b === 0) throw new BuiltinError("modulo by zero");
    return a % b;
  },
  exact: (a, b) => {
    if (b === 0n) throw new BuiltinError("modulo by zero");
    return a % b;
  },
};

/** The sum of two numbers, as `+` has it. */
export function addNumbers(left: NumberValue, right: NumberValue): NumberValue {
  return arithmetic(add, left, right);
}

/** The product of two numbers, as `*` has it. */
export function multiplyNumbers(left: NumberValue, right: NumberValue): NumberValue {
  return arithmetic(multiply, left, right);
}

function binary(name: string, operation: Operation): Builtin {
  return builtin(name, two, (args, context) => {
    const left = numberAt(args, 0);
    const right = numberAt(args, 1);
    const result = arithmetic(operation, left, right);
    if (typeof result !== "number") context.charge(numberText(result).length);
    return result;
  });
}

function minus(args: readonly Value[], context: BuiltinContext): Value {
  const left = valueAt(args, 0);
  const right = valueAt(args, 1);
  if (isNumber(left) && isNumber(right)) return arithmetic(subtract, left, right);
  if (left instanceof RegoSet && right instanceof RegoSet) {
    const difference = new RegoSet();
    context.step(left.size);
    for (const member of left.members()) if (!right.has(member)) difference.add(member);
    context.charge(16 * difference.size);
    return difference;
  }
  if (!isNumber(left) && !(left instanceof RegoSet)) throw operandError(1, left, "number", "set");
  throw operandError(2, right, isNumber(right) ? "set" : "number");
}

/** A function of one number: integers stay exact. */
function unary(name: string, small: (value: number) => number, other: (value: NumberValue) => NumberValue): Builtin {
  return builtin(name, one, (args) => {
    const value = numberAt(args, 0);
    return typeof value === "number" && Number.isSafeInteger(value) ? small(value) : other(value);
  });
}

const half = floatOf(0.5);

function round(value: NumberValue): NumberValue {
  const float = floatOf(value);
  return numberFromInteger(truncateFloat(addFloats(float, half, float.negative)));
}

function ceil(value: NumberValue): NumberValue {
  const float = floatOf(value);
  const whole = truncateFloat(float);
  return numberFromInteger(float.negative || isWholeFloat(float) ? whole : whole + 1n);
}

function floor(value: NumberValue): NumberValue {
  const float = floatOf(value);
  const whole = truncateFloat(float);
  return numberFromInteger(!float.negative || isWholeFloat(float) ? whole : whole - 1n);
}

function abs(value: NumberValue): NumberValue {
  return numberFromFloat({ ...floatOf(value), negative: false });
}

function bits(name: string, compute: (left: bigint, right: bigint) => bigint): Builtin {
  return builtin(name, two, (args) => numberFromInteger(compute(integerAt(args, 0), integerAt(args, 1))));
}

function shift(name: string, left: boolean): Builtin {
  return builtin(name, two, (args, context) => {
    const value = integerAt(args, 0);
    const by = integerAt(args, 1);
    if (by < 0n) throw operandMessage(2, "a negative integer", "an unsigned integer number");
    if (!left) return numberFromInteger(by > BigInt(mostBits) ? (value < 0n ? -1n : 0n) : value >> by);
    if (value !== 0n && by > BigInt(mostBits)) throw new BuiltinError("result is too big");
    context.charge(Number(by) >> 3);
    return numberFromInteger(value << by);
  });
}

function range(args: readonly Value[], context: BuiltinContext, step: bigint): Value {
  const from = integerAt(args, 0);
  const to = integerAt(args, 1);
  const size = (from <= to ? to - from : from - to) / step + 1n;
  context.charge(size > 1n << 40n ? Infinity : Number(size) * 16);
  context.step(Number(size));
  const values: Value[] = [];
  const by = from <= to ? step : -step;
  for (let index = 0n, value = from; index < size; index++, value += by) values.push(numberFromInteger(value));
  return values;
}

const bases = new Map([
  ["2", 2],
  ["8", 8],
  ["10", 10],
  ["16", 16],
]);

function formatInteger(args: readonly Value[]): string {
  const value = numberAt(args, 0);
  const base = bases.get(numberText(numberAt(args, 1)));
  if (base === undefined) throw new BuiltinError("operand 2 must be one of {2, 8, 10, 16}", "eval_type_error");
  return truncateNumber(value).toString(base);
}

function truncateNumber(value: NumberValue): bigint {
  return integerOf(value) ?? truncateFloat(floatOf(value));
}

const numberPattern = /^[+-]?(?:\d+(?:_?\d)*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function toNumber(args: readonly Value[]): Value {
  const value = valueAt(args, 0);
  if (value === null) return 0;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (isNumber(value)) return value;
  if (typeof value !== "string") throw operandError(1, value, "null", "boolean", "number", "string");
  if (/^[+-]?(?:inf(?:inity)?|nan)$/i.test(value)) throw operandMessage(1, "string", "valid number string");
  if (!numberPattern.test(value) || value.includes("_")) {
    throw new BuiltinError(`strconv.ParseFloat: parsing ${JSON.stringify(value)}: invalid syntax`);
  }
  if (!Number.isFinite(Number(value)))
    throw new BuiltinError(`strconv.ParseFloat: parsing ${JSON.stringify(value)}: value out of range`);
  return numberFromText(value.startsWith("+") ? value.slice(1) : value);
}

export const numberBuiltins: readonly Builtin[] = [
  binary("plus", add),
  builtin("minus", "(any<number, set[any]>, any<number, set[any]>) => any<number, set[any]>", minus),
  binary("mul", multiply),
  binary("div", divide),
  binary("rem", remainder),
  unary("abs", Math.abs, abs),
  unary("round", (value) => value, round),
  unary("ceil", (value) => value, ceil),
  unary("floor", (value) => value, floor),
  bits("bits.and", (left, right) => left & right),
  bits("bits.or", (left, right) => left | right),
  bits("bits.xor", (left, right) => left ^ right),
  builtin("bits.negate", one, (args) => numberFromInteger(~integerAt(args, 0))),
  shift("bits.lsh", true),
  shift("bits.rsh", false),
  builtin("numbers.range", "(number, number) => array[number]", (args, context) => range(args, context, 1n)),
  builtin("numbers.range_step", "(number, number, number) => array[number]", (args, context) => {
    integerAt(args, 0);
    integerAt(args, 1);
    const step = integerAt(args, 2);
    if (step <= 0n) throw new BuiltinError("numbers.range_step: step must be a positive integer");
    return range(args, context, step);
  }),
  builtin("format_int", "(number, number) => string", formatInteger),
  builtin("to_number", "(any<null, boolean, number, string>) => number", toNumber),
  builtin("rand.intn", "(string, number) => number", (args, context) => {
    const seed = stringAt(args, 0);
    const bound = countAt(args, 1);
    const { random } = context.environment;
    if (random === undefined) throw new BuiltinError("randomness is not available: none was injected");
    if (bound === 0) return 0;
    return context.remember(`rand.intn ${JSON.stringify(seed)} ${bound}`, () => Math.floor(random() * Math.abs(bound)));
  }),
];
