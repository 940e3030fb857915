import { CelEvaluationError } from "../cel-error.ts";
import { compare } from "../equality.ts";
import { CelDouble, CelUint, isList, type CelList, type CelValue } from "../values.ts";
import { noOverload, overload, variadic, type CelCall, type CelFunction } from "./define.ts";
import { toInt, toUint } from "./integers.ts";

const bits = 64n;

function extreme(call: CelCall, name: string, sign: number, values: Iterable<CelValue>): CelValue {
  let found: CelValue | undefined;
  for (const value of values) {
    call.spend(1);
    if (typeof value !== "bigint" && !(value instanceof CelUint) && !(value instanceof CelDouble))
      throw noOverload(name, [value]);
    if (found === undefined || (compare(value, found) ?? 0) * sign > 0) found = value;
  }
  if (found === undefined) throw new CelEvaluationError(`${name}(list) argument must not be empty`);
  return found;
}

function extremes(name: string, sign: number): readonly CelFunction[] {
  return [
    overload(name, ["list(dyn)"], "dyn", (call, list: CelList) => extreme(call, name, sign, list.values())),
    variadic(name, "dyn", "dyn", (call, ...values) => {
      const [only] = values;
      if (values.length === 1 && only !== undefined && typeof only === "object" && only !== null && isList(only))
        return extreme(call, name, sign, only.values());
      return extreme(call, name, sign, values);
    }),
  ];
}

/** Halves away from zero, as Go's math.Round. */
function round(value: number): number {
  const whole = Math.trunc(value);
  return Math.abs(value - whole) >= 0.5 ? whole + Math.sign(value) : whole;
}

function rounding(name: string, change: (value: number) => number): CelFunction {
  return overload(name, ["double"], "double", (_, { value }) => new CelDouble(change(value)));
}

function check(name: string, holds: (value: number) => boolean): CelFunction {
  return overload(name, ["double"], "bool", (_, { value }) => holds(value));
}

function bitwise(name: string, change: (a: bigint, b: bigint) => bigint): readonly CelFunction[] {
  return [
    overload(name, ["int", "int"], "int", (_, a, b) => BigInt.asIntN(64, change(a, b))),
    overload(name, ["uint", "uint"], "uint", (_, a, b) => new CelUint(BigInt.asUintN(64, change(a.value, b.value)))),
  ];
}

function shift(name: string, change: (value: bigint, by: bigint) => bigint): readonly CelFunction[] {
  const by = (value: bigint, offset: bigint): bigint => {
    if (offset < 0n) throw new CelEvaluationError(`${name}() negative offset: ${offset}`);
    return offset >= bits ? 0n : change(BigInt.asUintN(64, value), offset);
  };
  return [
    overload(name, ["int", "int"], "int", (_, value, offset) => BigInt.asIntN(64, by(value, offset))),
    overload(
      name,
      ["uint", "int"],
      "uint",
      (_, { value }, offset) => new CelUint(BigInt.asUintN(64, by(value, offset))),
    ),
  ];
}

/** cel-go's `math` extension. */
export const mathFunctions: readonly CelFunction[] = [
  ...extremes("math.greatest", 1),
  ...extremes("math.least", -1),
  rounding("math.ceil", Math.ceil),
  rounding("math.floor", Math.floor),
  rounding("math.round", round),
  rounding("math.trunc", Math.trunc),
  overload("math.abs", ["int"], "int", (_, value) => toInt(value < 0n ? -value : value)),
  overload("math.abs", ["uint"], "uint", (_, value) => value),
  overload("math.abs", ["double"], "double", (_, { value }) => new CelDouble(Math.abs(value))),
  overload("math.sign", ["int"], "int", (_, value) => BigInt(Number(value > 0n) - Number(value < 0n))),
  overload("math.sign", ["uint"], "uint", (_, { value }) => toUint(value > 0n ? 1n : 0n)),
  overload("math.sign", ["double"], "double", (_, { value }) => new CelDouble(Math.sign(value))),
  overload("math.sqrt", ["double"], "double", (_, { value }) => new CelDouble(Math.sqrt(value))),
  overload("math.sqrt", ["int"], "double", (_, value) => new CelDouble(Math.sqrt(Number(value)))),
  overload("math.sqrt", ["uint"], "double", (_, { value }) => new CelDouble(Math.sqrt(Number(value)))),
  check("math.isNaN", Number.isNaN),
  check("math.isInf", (value) => Math.abs(value) === Number.POSITIVE_INFINITY),
  check("math.isFinite", Number.isFinite),
  ...bitwise("math.bitAnd", (a, b) => a & b),
  ...bitwise("math.bitOr", (a, b) => a | b),
  ...bitwise("math.bitXor", (a, b) => a ^ b),
  overload("math.bitNot", ["int"], "int", (_, value) => ~value),
  overload("math.bitNot", ["uint"], "uint", (_, { value }) => new CelUint(BigInt.asUintN(64, ~value))),
  ...shift("math.bitShiftLeft", (value, by) => value << by),
  ...shift("math.bitShiftRight", (value, by) => value >> by),
];
