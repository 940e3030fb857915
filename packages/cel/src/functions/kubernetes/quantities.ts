import { compareQuantities, parseQuantity, type Quantity } from "@plimsoll/kubernetes";
import { CelEvaluationError } from "../../cel-error.ts";
import { CelDouble, type CelObject, type CelValue } from "../../values.ts";
import { method, overload, type CelFunction } from "../define.ts";

const typeName = "kubernetes.Quantity";
const maxInt = 2n ** 63n - 1n;

/** A resource quantity as a CEL value. */
class QuantityValue implements CelObject {
  readonly celType = typeName;
  readonly quantity: Quantity;
  constructor(quantity: Quantity) {
    this.quantity = quantity;
  }
  equals(other: CelObject): boolean {
    return other instanceof QuantityValue && compareQuantities(this.quantity, other.quantity) === 0;
  }
}

function quantityOf(value: CelValue): Quantity {
  if (value instanceof QuantityValue) return value.quantity;
  throw new CelEvaluationError("no such overload: the value is not a quantity");
}

function parse(text: string): QuantityValue {
  const quantity = parseQuantity(text);
  if (quantity === undefined)
    throw new CelEvaluationError(`"${text.slice(0, 64)}" is not a valid quantity (as 500m, 1.5Gi or 2e3)`);
  return new QuantityValue(quantity);
}

/** The whole number of an amount; undefined where it has a fraction or does not fit 64 bits. */
function integerOf({ mantissa, exponent }: Quantity): bigint | undefined {
  const divisor = exponent < 0 ? 10n ** BigInt(-exponent) : 1n;
  if (mantissa % divisor !== 0n) return undefined;
  const whole = exponent < 0 ? mantissa / divisor : mantissa * 10n ** BigInt(exponent);
  return whole > maxInt || whole < -maxInt - 1n ? undefined : whole;
}

function plus(left: Quantity, right: Quantity, sign: bigint): QuantityValue {
  const exponent = Math.min(left.exponent, right.exponent);
  const scaled = ({ mantissa, exponent: own }: Quantity): bigint => mantissa * 10n ** BigInt(own - exponent);
  return new QuantityValue({ mantissa: scaled(left) + sign * scaled(right), exponent });
}

function operand(value: CelValue): Quantity {
  return typeof value === "bigint" ? { mantissa: value, exponent: 0 } : quantityOf(value);
}

function comparison(name: string, holds: (order: number) => boolean): CelFunction {
  return method(name, [typeName, typeName], "bool", (_, left, right) =>
    holds(compareQuantities(quantityOf(left), quantityOf(right))),
  );
}

function sum(name: string, sign: bigint): readonly CelFunction[] {
  return [typeName, "int"].map((other) =>
    method(name, [typeName, other], typeName, (_, left, right) => plus(quantityOf(left), operand(right), sign)),
  );
}

/** Resource quantities (Kubernetes' CEL library `quantity`). */
export const quantityFunctions: readonly CelFunction[] = [
  overload("quantity", ["string"], typeName, (_, text) => parse(text)),
  overload("isQuantity", ["string"], "bool", (_, text) => parseQuantity(text) !== undefined),
  method("isInteger", [typeName], "bool", (_, value) => integerOf(quantityOf(value)) !== undefined),
  method("asInteger", [typeName], "int", (_, value) => {
    const whole = integerOf(quantityOf(value));
    if (whole === undefined) throw new CelEvaluationError("cannot convert value to integer");
    return whole;
  }),
  method("asApproximateFloat", [typeName], "double", (_, value) => {
    const { mantissa, exponent } = quantityOf(value);
    return new CelDouble(Number(`${mantissa}e${exponent}`));
  }),
  method("sign", [typeName], "int", (_, value) => {
    const { mantissa } = quantityOf(value);
    return BigInt(Number(mantissa > 0n) - Number(mantissa < 0n));
  }),
  ...sum("add", 1n),
  ...sum("sub", -1n),
  comparison("isLessThan", (order) => order < 0),
  comparison("isGreaterThan", (order) => order > 0),
  method("compareTo", [typeName, typeName], "int", (_, left, right) =>
    BigInt(compareQuantities(quantityOf(left), quantityOf(right))),
  ),
];
