/** Numbers of Rego: decimal text of any size. Those that JavaScript spells the same way are plain numbers. */

/** What all values that are no plain ones of JavaScript have in common: one test tells them from documents. */
export abstract class MadeValue {}

/** A number whose exact decimal text a JavaScript number would lose: `1.10`, `1e3`, thirty digits. */
export class RegoNumber extends MadeValue {
  /** The spelling, as JSON allows it. */
  readonly text: string;

  constructor(text: string) {
    super();
    if (!numberPattern.test(text)) throw new TypeError(`not a number: ${text.slice(0, 40)}`);
    this.text = text;
  }

  toJSON(): unknown {
    return Number(this.text);
  }

  override toString(): string {
    return this.text;
  }
}

/** A number of Rego: a JavaScript number stands for the decimal that `String` prints of it. */
export type NumberValue = number | RegoNumber;

// Also takes `.5`, which the grammar of Rego lets through.
const numberPattern = /^-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Whether a text is a number as Rego writes it. */
export function isNumberText(text: string): boolean {
  return numberPattern.test(text);
}

/** The number that a text spells; `text` must match the grammar of numbers. */
export function numberFromText(text: string): NumberValue {
  if (text === "-0") return 0;
  const plain = Number(text);
  return String(plain) === text ? plain : new RegoNumber(text);
}

/** The spelling of a number. */
export function numberText(value: NumberValue): string {
  return typeof value === "number" ? String(value) : value.text;
}

/** digits × 10^exponent, with no trailing zero in `digits` (zero is 0 × 10^0). */
export interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

/** The largest power of two that a number may reach, so that no operation on it takes long. */
export const largestExponent = 100_000;

/** Whether a number's size is such that arithmetic on it stays cheap. */
export function isTractable(text: string): boolean {
  const at = text.search(/[eE]/);
  if (at < 0) return text.length <= largestExponent;
  const exponent = Number(text.slice(at + 1));
  if (!Number.isFinite(exponent) || text.length > largestExponent) return false;
  const mantissa = text.slice(0, at).replace("-", "");
  const point = mantissa.indexOf(".");
  const whole = (point < 0 ? mantissa : mantissa.slice(0, point)).replace(/^0+/, "");
  const magnitude = (whole === "" ? 0 : whole.length) + exponent;
  if (/^[0.]*$/.test(mantissa)) return true;
  return Math.abs(magnitude) * Math.log2(10) <= largestExponent;
}

/** A number taken apart. */
export function decimalOf(value: NumberValue): Decimal {
  const text = numberText(value);
  const at = text.search(/[eE]/);
  let mantissa = at < 0 ? text : text.slice(0, at);
  let exponent = at < 0 ? 0 : Number(text.slice(at + 1));
  const point = mantissa.indexOf(".");
  if (point >= 0) {
    exponent -= mantissa.length - point - 1;
    mantissa = mantissa.slice(0, point) + mantissa.slice(point + 1);
  }
  const zeros = trailingZeros(mantissa);
  if (zeros > 0) {
    exponent += zeros;
    mantissa = mantissa.slice(0, -zeros);
  }
  if (mantissa === "" || mantissa === "-") return { digits: 0n, exponent: 0 };
  return { digits: BigInt(mantissa), exponent };
}

function trailingZeros(digits: string): number {
  let count = 0;
  while (count < digits.length && digits.charCodeAt(digits.length - 1 - count) === 48) count++;
  return count;
}

/** Compares by value: -1, 0 or 1. */
export function compareNumbers(left: NumberValue, right: NumberValue): number {
  if (typeof left === "number" && typeof right === "number") return left < right ? -1 : left > right ? 1 : 0;
  if (numberText(left) === numberText(right)) return 0;
  const a = decimalOf(left);
  const b = decimalOf(right);
  const signs = sign(a.digits) - sign(b.digits);
  if (signs !== 0 || a.digits === 0n) return Math.sign(signs);
  const magnitudes = magnitude(a) - magnitude(b);
  if (magnitudes !== 0) return magnitudes * sign(a.digits) < 0 ? -1 : 1;
  const shift = a.exponent - b.exponent;
  const x = shift > 0 ? a.digits * 10n ** BigInt(shift) : a.digits;
  const y = shift < 0 ? b.digits * 10n ** BigInt(-shift) : b.digits;
  return x < y ? -1 : x > y ? 1 : 0;
}

function sign(digits: bigint): number {
  return digits < 0n ? -1 : digits > 0n ? 1 : 0;
}

/** The position of the first digit before the point. */
function magnitude(value: Decimal): number {
  const text = value.digits.toString();
  return text.length - (text.startsWith("-") ? 1 : 0) + value.exponent;
}

/** A key that is the same for equal numbers, however they are spelled. */
export function numberKey(value: NumberValue): number | string {
  if (typeof value === "number") return value;
  const { digits, exponent } = decimalOf(value);
  const plain = Number(value.text);
  const spelled = decimalOf(Number.isFinite(plain) ? plain : 0);
  if (spelled.digits === digits && spelled.exponent === exponent) return plain;
  return `\0n${digits}e${exponent}`;
}

/** The integer that a number is, or undefined when it has a fraction. */
export function integerOf(value: NumberValue): bigint | undefined {
  if (typeof value === "number") {
    if (!Number.isInteger(value)) return undefined;
    if (Number.isSafeInteger(value)) return BigInt(value);
  }
  const { digits, exponent } = decimalOf(value);
  if (exponent < 0) return undefined;
  return digits * 10n ** BigInt(exponent);
}

/** Whether a number is an integer. */
export function isInteger(value: NumberValue): boolean {
  return typeof value === "number" ? Number.isInteger(value) : decimalOf(value).exponent >= 0;
}

/** A number within what JavaScript counts exactly, else undefined. */
export function safeIntegerOf(value: NumberValue): number | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? value : undefined;
  const { digits, exponent } = decimalOf(value);
  if (exponent < 0 || exponent > 20) return undefined;
  const plain = Number(digits) * 10 ** exponent;
  return Number.isSafeInteger(plain) ? plain : undefined;
}

/** The number for an integer of any size. */
export function numberFromInteger(value: bigint): NumberValue {
  return numberFromText(value.toString());
}
