/**
 * Binary floating point with a mantissa of 64 bits, rounding to nearest even: what OPA computes with as soon as a
 * fraction is involved (Go's `big.Float` at its default precision), and the shortest decimal that reads back the same.
 */

import { decimalOf, numberFromText, type NumberValue } from "./number.ts";

const precision = 64;
/** The bits that the product of a collection has: it begins with a double. */
const productPrecision = 53;

/** mantissa × 2^exponent; the mantissa has 64 bits, or is zero. */
export interface Float {
  readonly negative: boolean;
  readonly mantissa: bigint;
  readonly exponent: number;
}

const zero: Float = { negative: false, mantissa: 0n, exponent: 0 };

function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(16).length * 4 - leadingZeroBits(value);
}

function leadingZeroBits(value: bigint): number {
  const first = parseInt(value.toString(16).charAt(0), 16);
  return first >= 8 ? 0 : first >= 4 ? 1 : first >= 2 ? 2 : 3;
}

/** Rounds mantissa × 2^exponent; `sticky` tells that bits below were not zero. */
function round(negative: boolean, mantissa: bigint, exponent: number, sticky = false, bits = precision): Float {
  if (mantissa === 0n) return { ...zero, negative };
  const excess = bitLength(mantissa) - bits;
  if (excess <= 0) return { negative, mantissa: mantissa << BigInt(-excess), exponent: exponent + excess };
  const shift = BigInt(excess);
  let kept = mantissa >> shift;
  const rest = mantissa - (kept << shift);
  const half = 1n << (shift - 1n);
  if (rest > half || (rest === half && (sticky || (kept & 1n) === 1n))) kept += 1n;
  if (bitLength(kept) > bits) return { negative, mantissa: kept >> 1n, exponent: exponent + excess + 1 };
  return { negative, mantissa: kept, exponent: exponent + excess };
}

/** The nearest float to a number. */
export function floatOf(value: NumberValue): Float {
  const { digits, exponent } = decimalOf(value);
  const negative = digits < 0n || Object.is(value, -0) || (typeof value !== "number" && value.text.startsWith("-"));
  const size = digits < 0n ? -digits : digits;
  if (exponent >= 0) return round(negative, size * 10n ** BigInt(exponent), 0);
  const divisor = 10n ** BigInt(-exponent);
  return quotient(negative, size, divisor);
}

function quotient(negative: boolean, dividend: bigint, divisor: bigint, exponent = 0): Float {
  if (dividend === 0n) return { ...zero, negative };
  const shift = Math.max(0, precision + 2 - (bitLength(dividend) - bitLength(divisor)));
  const scaled = dividend << BigInt(shift);
  const result = scaled / divisor;
  return round(negative, result, exponent - shift, result * divisor !== scaled);
}

/** The sum of two floats; `right` may be negated first. */
export function addFloats(left: Float, right: Float, negateRight = false): Float {
  if (left.mantissa === 0n && right.mantissa === 0n) {
    return { ...zero, negative: left.negative && right.negative !== negateRight };
  }
  const base = Math.min(left.exponent, right.exponent);
  // Operands that lie far apart would need a shift of any length: the small one only matters for rounding.
  if (Math.abs(left.exponent - right.exponent) > 4 * precision && left.mantissa !== 0n && right.mantissa !== 0n) {
    const big = left.exponent > right.exponent ? left : right;
    return big === right && negateRight ? { ...big, negative: !big.negative } : big;
  }
  const a = signed(left) << BigInt(left.mantissa === 0n ? 0 : left.exponent - base);
  const b = signed(right) << BigInt(right.mantissa === 0n ? 0 : right.exponent - base);
  const total = negateRight ? a - b : a + b;
  return round(total < 0n, total < 0n ? -total : total, base);
}

function signed(value: Float): bigint {
  return value.negative ? -value.mantissa : value.mantissa;
}

/** The product of two floats, of 64 bits unless told otherwise. */
export function multiplyFloats(left: Float, right: Float, bits: number = precision): Float {
  const negative = left.negative !== right.negative;
  return round(negative, left.mantissa * right.mantissa, left.exponent + right.exponent, false, bits);
}

/** The product of two floats within the product of a collection. */
export function multiplyOn(total: Float, next: Float): Float {
  return multiplyFloats(total, next, productPrecision);
}

/** The quotient of two floats; the divisor must not be zero. */
export function divideFloats(left: Float, right: Float): Float {
  return quotient(left.negative !== right.negative, left.mantissa, right.mantissa, left.exponent - right.exponent);
}

/** The integer part of a float, towards zero. */
export function truncateFloat(value: Float): bigint {
  const size =
    value.exponent >= 0 ? value.mantissa << BigInt(value.exponent) : value.mantissa >> BigInt(-value.exponent);
  return value.negative ? -size : size;
}

/** Whether a float has no fraction. */
export function isWholeFloat(value: Float): boolean {
  if (value.exponent >= 0) return true;
  const shift = BigInt(-value.exponent);
  return (value.mantissa >> shift) << shift === value.mantissa;
}

/** The number that a float prints as: plain digits for integers, else the shortest decimal, as Go's `%g` spells it. */
export function numberFromFloat(value: Float): NumberValue {
  return numberFromText(floatText(value));
}

function floatText(value: Float): string {
  const prefix = value.negative ? "-" : "";
  if (value.mantissa === 0n) return `${prefix}0`;
  const { digits, point } = shortestDigits(value);
  if (isWholeFloat(value)) return prefix + digits + "0".repeat(Math.max(0, point - digits.length));
  const exponent = point - 1;
  if (exponent < -4 || exponent >= 6) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
    const size = Math.abs(exponent).toString().padStart(2, "0");
    return `${prefix}${digits[0]}${fraction}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  if (point <= 0) return `${prefix}0.${"0".repeat(-point)}${digits}`;
  return `${prefix}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** Exact decimal digits of mantissa × 2^exponent, and where the point stands. */
function exactDigits(mantissa: bigint, exponent: number): { digits: string; point: number } {
  const scaled = exponent >= 0 ? mantissa << BigInt(exponent) : mantissa * 5n ** BigInt(-exponent);
  const text = scaled.toString();
  return { digits: text.replace(/0+$/, ""), point: text.length - (exponent >= 0 ? 0 : -exponent) };
}

/** The fewest digits that lie between the neighbours of a float. */
function shortestDigits(value: Float): { digits: string; point: number } {
  const exact = exactDigits(value.mantissa * 2n, value.exponent - 1);
  const lower = exactDigits(value.mantissa * 2n - 1n, value.exponent - 1);
  const upper = exactDigits(value.mantissa * 2n + 1n, value.exponent - 1);
  const inclusive = (value.mantissa & 1n) === 0n;
  const { digits, point } = exact;
  for (let index = 0; index < digits.length; index++) {
    const middle = digits.charCodeAt(index) - 48;
    const low = index < lower.digits.length ? lower.digits.charCodeAt(index) - 48 : 0;
    const high = index < upper.digits.length ? upper.digits.charCodeAt(index) - 48 : 0;
    const down = low !== middle || (inclusive && index + 1 === lower.digits.length);
    const up = middle !== high && (inclusive || middle + 1 < high || index + 1 < upper.digits.length);
    if (down && up)
      return roundsUp(digits, index + 1) ? increment(digits, index + 1, point) : cut(digits, index + 1, point);
    if (down) return cut(digits, index + 1, point);
    if (up) return increment(digits, index + 1, point);
  }
  return exact;
}

function roundsUp(digits: string, count: number): boolean {
  const next = digits.charCodeAt(count) - 48;
  if (Number.isNaN(next)) return false;
  if (next === 5 && count + 1 === digits.length) return count > 0 && (digits.charCodeAt(count - 1) - 48) % 2 === 1;
  return next >= 5;
}

function cut(digits: string, count: number, point: number): { digits: string; point: number } {
  return { digits: digits.slice(0, count).replace(/0+$/, "") || "0", point };
}

function increment(digits: string, count: number, point: number): { digits: string; point: number } {
  const raised = (BigInt(digits.slice(0, count)) + 1n).toString();
  return { digits: raised.replace(/0+$/, ""), point: point + raised.length - count };
}
