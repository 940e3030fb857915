/** Amounts with units: exact ones, and bytes. */

import { addFloats, floatOf, multiplyFloats, truncateFloat } from "../values/float.ts";
import {
  decimalOf,
  isNumberText,
  isTractable,
  numberFromInteger,
  numberFromText,
  type NumberValue,
} from "../values/number.ts";
import type { Value } from "../values/value.ts";
import { builtin, BuiltinError, type Builtin } from "./builtin.ts";
import { stringAt } from "./operands.ts";

const powers = ["", "k", "m", "g", "t", "p", "e"];

// More digits than OPA takes in an exponent.
const longExponent = /^\d{7}/;

/** Where the number ends and the unit begins. */
function splitAmount(name: string, text: string): { amount: string; unit: string } {
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    const next = text.charAt(at + 1);
    if (/[eE]/.test(character)) {
      if (!/[\d+-]/.test(next)) return { amount: text.slice(0, at), unit: text.slice(at) };
      if (/[+-]/.test(next)) at++;
      if (longExponent.test(text.slice(at + 1))) throw new BuiltinError(`${name}: exponent too large`);
    } else if (!/[\d.+-]/.test(character)) {
      return { amount: text.slice(0, at), unit: text.slice(at) };
    }
  }
  return { amount: text, unit: "" };
}

/** Whether an amount is a number, perhaps with a plus sign, of a size that can be reckoned with. */
function isAmount(amount: string): boolean {
  const number = amount.replace(/^\+/, "");
  return isNumberText(number) && isTractable(number);
}

function amountOf(amount: string): NumberValue {
  return numberFromText(amount.replace(/^\+/, ""));
}

/** Factor of a unit: powers of 1000, or of 1024 with `i`. */
function factor(unit: string): bigint | undefined {
  const binary = unit.length === 2 && unit.endsWith("i");
  const power = powers.indexOf(binary ? unit.charAt(0) : unit);
  if (power < 0 || (binary && power === 0)) return undefined;
  return (binary ? 1024n : 1000n) ** BigInt(power);
}

function parseUnits(args: readonly Value[]): Value {
  const text = stringAt(args, 0).replaceAll('"', "");
  if (text.includes(" ")) throw new BuiltinError("units.parse: spaces not allowed in resource strings");
  const { amount, unit: written } = splitAmount("units.parse", text);
  if (amount === "") throw new BuiltinError("units.parse: no amount provided");
  const unit = written.slice(0, 1) + written.slice(1).toLowerCase();
  // `m` is a thousandth, `M` a million.
  const isMilli = unit === "m";
  const known = isMilli
    ? 1n
    : /^[EGKMPTgkpte]?i?$/.test(unit) || unit === "mi"
      ? factor(unit.toLowerCase())
      : undefined;
  if (known === undefined) throw new BuiltinError(`units.parse: unit ${unit} not recognized`);
  if (!isAmount(amount)) throw new BuiltinError("units.parse: could not parse amount to a number");
  const { digits, exponent } = decimalOf(amountOf(amount));
  const shift = exponent - (isMilli ? 3 : 0);
  const value = digits * known;
  if (shift >= 0) return numberFromInteger(value * 10n ** BigInt(shift));
  const divisor = 10n ** BigInt(-shift);
  if (value % divisor === 0n) return numberFromInteger(value / divisor);
  return numberFromText(tenPlaces(value, divisor));
}

/** A quotient with ten decimal places, halves rounded away from zero. */
function tenPlaces(value: bigint, divisor: bigint): string {
  const size = value < 0n ? -value : value;
  const scaled = (size * 10n ** 10n * 2n + divisor) / (divisor * 2n);
  const text = scaled.toString().padStart(11, "0");
  return `${value < 0n ? "-" : ""}${text.slice(0, -10)}.${text.slice(-10)}`;
}

function parseBytes(args: readonly Value[]): Value {
  const text = stringAt(args, 0).replaceAll('"', "").toLowerCase();
  if (text.includes(" ")) throw new BuiltinError("units.parse_bytes: spaces not allowed in resource strings");
  const { amount, unit } = splitAmount("units.parse_bytes", text);
  if (amount === "") throw new BuiltinError("units.parse_bytes: no byte amount provided");
  const known = factor(unit.length > 1 ? unit.replace(/b$/, "") : unit);
  if (known === undefined) throw new BuiltinError(`units.parse_bytes: byte unit ${unit} not recognized`);
  if (!isAmount(amount)) throw new BuiltinError("units.parse_bytes: could not parse byte amount to a number");
  const float = multiplyFloats(floatOf(amountOf(amount)), floatOf(numberFromInteger(known)));
  return numberFromInteger(truncateFloat(addFloats(float, floatOf(0))));
}

export const unitBuiltins: readonly Builtin[] = [
  builtin("units.parse", "(string) => number", parseUnits),
  builtin("units.parse_bytes", "(string) => number", parseBytes),
];
