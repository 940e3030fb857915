/** `sprintf` with the verbs, flags and complaints of Go's `fmt`. */

import { binaryFloat, hexadecimalFloat } from "./binary-floats.ts";
import { numberText } from "../values/number.ts";
import { goQuoted, printable, termText } from "../values/text.ts";
import { isNumber, type Value } from "../values/value.ts";
import type { BuiltinContext } from "./builtin.ts";

/** An argument as Go would hold it. */
type Operand =
  | { readonly type: "int64" | "*big.Int"; readonly value: bigint }
  | { readonly type: "float64"; readonly value: number }
  | { readonly type: "string"; readonly value: string };

interface Flags {
  minus: boolean;
  plus: boolean;
  sharp: boolean;
  space: boolean;
  zero: boolean;
  width: number | undefined;
  precision: number | undefined;
}

const widest = 1_000_000;

function operandOf(value: Value): Operand {
  if (typeof value === "string") return { type: "string", value };
  if (!isNumber(value)) return { type: "string", value: termText(value) };
  const text = numberText(value);
  if (/[.eE]/.test(text)) {
    const plain = Number(text);
    return Number.isFinite(plain) ? { type: "float64", value: plain } : { type: "string", value: text };
  }
  const integer = BigInt(text);
  return { type: BigInt.asIntN(64, integer) === integer ? "int64" : "*big.Int", value: integer };
}

/** Formats values by a format text. */
export function sprintf(format: string, values: readonly Value[], context: BuiltinContext): string {
  return new Formatter(format, values, context).run();
}

class Formatter {
  readonly #format: string;
  readonly #values: readonly Value[];
  readonly #context: BuiltinContext;
  #at = 0;
  #next = 0;
  #reordered = false;
  #goodIndex = true;
  #output = "";

  constructor(format: string, values: readonly Value[], context: BuiltinContext) {
    this.#format = format;
    this.#values = values;
    this.#context = context;
  }

  run(): string {
    while (this.#at < this.#format.length) {
      const percent = this.#format.indexOf("%", this.#at);
      const end = percent < 0 ? this.#format.length : percent;
      this.#write(this.#format.slice(this.#at, end));
      this.#at = end;
      if (percent >= 0) {
        this.#at++;
        if (!this.#plainText()) this.#verb();
      }
    }
    if (!this.#reordered && this.#next < this.#values.length) this.#extra();
    return this.#output;
  }

  #write(text: string): void {
    this.#context.charge(text.length);
    this.#output += text;
  }

  #extra(): void {
    this.#write("%!(EXTRA ");
    for (let index = this.#next; index < this.#values.length; index++) {
      const operand = operandOf(this.#values[index] as Value); // as: below the length
      this.#write(`${index > this.#next ? ", " : ""}${operand.type}=${plain(operand)}`);
    }
    this.#write(")");
  }

  /** `%v` and `%s` of a text, which most verbs are; false for all else. */
  #plainText(): boolean {
    const verb = this.#format[this.#at];
    const value = this.#values[this.#next];
    if ((verb !== "v" && verb !== "s") || typeof value !== "string") return false;
    this.#at++;
    this.#next++;
    this.#write(value);
    return true;
  }

  #verb(): void {
    const flags: Flags = {
      minus: false,
      plus: false,
      sharp: false,
      space: false,
      zero: false,
      width: undefined,
      precision: undefined,
    };
    this.#goodIndex = true;
    this.#readFlags(flags);
    let afterIndex = this.#argumentIndex();
    if (this.#format[this.#at] === "*") {
      this.#at++;
      const width = this.#starOperand();
      if (width === undefined) this.#write("%!(BADWIDTH)");
      else {
        flags.width = Math.abs(width);
        if (width < 0) {
          flags.minus = true;
          flags.zero = false;
        }
      }
      afterIndex = false;
    } else {
      flags.width = this.#number();
      if (afterIndex && flags.width !== undefined) this.#goodIndex = false;
    }
    if (this.#format[this.#at] === ".") {
      this.#at++;
      if (afterIndex) this.#goodIndex = false;
      afterIndex = this.#argumentIndex();
      if (this.#format[this.#at] === "*") {
        this.#at++;
        const precision = this.#starOperand();
        if (precision === undefined) this.#write("%!(BADPREC)");
        else if (precision >= 0) flags.precision = precision;
        afterIndex = false;
      } else {
        flags.precision = this.#number() ?? 0;
      }
    }
    if (!afterIndex) this.#argumentIndex();
    this.#finish(flags);
  }

  #finish(flags: Flags): void {
    const code = this.#format.codePointAt(this.#at);
    if (code === undefined) {
      this.#write("%!(NOVERB)");
      return;
    }
    const verb = String.fromCodePoint(code);
    this.#at += verb.length;
    if (verb === "%") {
      this.#write("%");
    } else if (!this.#goodIndex) {
      this.#write(`%!${verb}(BADINDEX)`);
    } else if (this.#next >= this.#values.length) {
      this.#write(`%!${verb}(MISSING)`);
    } else {
      const operand = operandOf(this.#values[this.#next++] as Value); // as: below the length
      // Under %v, + and # ask for names of members and Go's syntax, which numbers have none of; large integers write themselves.
      const plus = flags.plus && operand.type === "*big.Int";
      const asValue = verb === "v" ? { plus, sharp: flags.sharp && operand.type === "string" } : {};
      this.#write(formatOperand(verb, operand, { ...flags, ...asValue }));
    }
  }

  #readFlags(flags: Flags): void {
    for (; ; this.#at++) {
      switch (this.#format[this.#at]) {
        case "#":
          flags.sharp = true;
          break;
        case "0":
          flags.zero = true;
          break;
        case "+":
          flags.plus = true;
          break;
        case "-":
          flags.minus = true;
          break;
        case " ":
          flags.space = true;
          break;
        default:
          return;
      }
    }
  }

  #number(): number | undefined {
    let value: number | undefined;
    for (; ; this.#at++) {
      const digit = this.#format.charCodeAt(this.#at) - 48;
      if (!(digit >= 0 && digit <= 9)) return value;
      value = (value ?? 0) * 10 + digit;
      if (value > widest) return undefined;
    }
  }

  /** `[n]` chooses the next argument. */
  #argumentIndex(): boolean {
    if (this.#format[this.#at] !== "[") return false;
    this.#reordered = true;
    const close = this.#format.indexOf("]", this.#at);
    if (close < 0) {
      this.#goodIndex = false;
      this.#at++;
      return false;
    }
    const text = this.#format.slice(this.#at + 1, close);
    this.#at = close + 1;
    const index = /^\d{1,6}$/.test(text) ? Number(text) : 0;
    if (index < 1 || index > this.#values.length) {
      this.#goodIndex = false;
      return true;
    }
    this.#next = index - 1;
    return true;
  }

  #starOperand(): number | undefined {
    const given = this.#values[this.#next++];
    const operand = given === undefined ? undefined : operandOf(given);
    if (operand?.type !== "int64") return undefined;
    const value = Number(operand.value);
    return Math.abs(value) > widest ? undefined : value;
  }
}

/** As `%v` without flags. */
function plain(operand: Operand): string {
  return operand.type === "float64" ? shortest(operand.value) : String(operand.value);
}

function bad(verb: string, operand: Operand, flags: Flags): string {
  // Large integers write themselves, as what they point at, and heed no flags there.
  if (operand.type === "*big.Int") return `%!${verb}(big.Int=${operand.value})`;
  const value = formatOperand("v", operand, { ...flags, sharp: flags.sharp && operand.type === "float64" });
  return `%!${verb}(${operand.type}=${value})`;
}

function pad(text: string, flags: Flags, zero = false): string {
  if (flags.width === undefined) return text;
  const missing = flags.width - [...text].length;
  if (missing <= 0) return text;
  if (flags.minus) return text + " ".repeat(missing);
  return (zero && flags.zero ? "0" : " ").repeat(missing) + text;
}

function formatOperand(verb: string, operand: Operand, flags: Flags): string {
  if (verb === "T") return pad(cut(operand.type, flags), flags, true);
  if (verb === "p") return bad(verb, operand, flags);
  switch (operand.type) {
    case "string":
      return formatString(verb, operand, flags);
    case "float64":
      return formatFloat(verb, operand, flags);
    default:
      return formatInteger(verb, operand, flags);
  }
}

function cut(text: string, flags: Flags): string {
  return flags.precision === undefined ? text : [...text].slice(0, flags.precision).join("");
}

function formatString(verb: string, operand: Operand & { type: "string" }, flags: Flags): string {
  const { value } = operand;
  switch (verb) {
    case "v":
      return pad(flags.sharp ? goQuoted(cut(value, flags)) : cut(value, flags), flags, true);
    case "s":
      return pad(cut(value, flags), flags, true);
    case "q":
      return pad(quoted(cut(value, flags), flags), flags, true);
    case "x":
    case "X":
      return pad(hexText(value, verb === "X", flags), flags, true);
    default:
      return bad(verb, operand, flags);
  }
}

function quoted(text: string, flags: Flags): string {
  if (flags.sharp && !/[`\u0000-\u0008\u000a-\u001f\u007f\ufeff]/.test(text)) return `\`${text}\``;
  return goQuoted(text, flags.plus);
}

function hexText(text: string, upper: boolean, flags: Flags): string {
  const bytes = new TextEncoder().encode(text).slice(0, flags.precision);
  let hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0"));
  if (upper) hex = hex.map((each) => each.toUpperCase());
  const prefix = upper ? "0X" : "0x";
  if (flags.space) return hex.map((each) => (flags.sharp ? prefix : "") + each).join(" ");
  return (flags.sharp && hex.length > 0 ? prefix : "") + hex.join("");
}

const integerBases: Readonly<Record<string, number>> = { d: 10, v: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };

function formatInteger(verb: string, operand: Operand & { type: "int64" | "*big.Int" }, flags: Flags): string {
  const { value } = operand;
  const base = Object.hasOwn(integerBases, verb) ? integerBases[verb] : undefined;
  if (base !== undefined) return formatDigits(verb, value, base, flags);
  if (operand.type === "*big.Int" && verb === "s") return formatDigits("d", value, 10, flags);
  const code = value >= 0n && value <= 0x10ffffn && !(value >= 0xd800n && value <= 0xdfffn) ? Number(value) : 0xfffd;
  switch (operand.type === "*big.Int" ? "" : verb) {
    case "c":
      return pad(String.fromCodePoint(code), flags, true);
    case "q":
      return pad(quotedCharacter(code, flags.plus), flags, true);
    case "U": {
      const digits = BigInt.asUintN(64, value)
        .toString(16)
        .toUpperCase()
        .padStart(Math.max(4, flags.precision ?? 0), "0");
      const character = BigInt(code) === value ? String.fromCodePoint(code) : "";
      return pad(`U+${digits}${flags.sharp && printable.test(character) ? ` '${character}'` : ""}`, flags);
    }
    default:
      return bad(verb, operand, flags);
  }
}

function quotedCharacter(code: number, ascii: boolean): string {
  const text = String.fromCodePoint(code);
  if (text === "'") return "'\\''";
  if (text === '"') return "'\"'";
  return `'${goQuoted(text, ascii).slice(1, -1)}'`;
}

function formatDigits(verb: string, value: bigint, base: number, flags: Flags): string {
  const negative = value < 0n;
  let digits = (negative ? -value : value).toString(base);
  if (verb === "X") digits = digits.toUpperCase();
  const sign = negative ? "-" : flags.plus ? "+" : flags.space ? " " : "";
  if (flags.precision !== undefined) {
    if (flags.precision === 0 && value === 0n) return pad("", { ...flags, zero: false });
    digits = digits.padStart(flags.precision, "0");
  }
  let prefix = "";
  if (verb === "O") prefix = "0o";
  if (flags.sharp) {
    if (verb === "b") prefix = "0b";
    else if (verb === "o" && !digits.startsWith("0")) prefix = "0";
    else if (verb === "x") prefix = "0x";
    else if (verb === "X") prefix = "0X";
  }
  if (flags.zero && !flags.minus && flags.precision === undefined && flags.width !== undefined) {
    digits = digits.padStart(flags.width - sign.length, "0");
    return sign + prefix + digits;
  }
  return pad(sign + prefix + digits, flags);
}

function formatFloat(verb: string, operand: Operand & { type: "float64" }, flags: Flags): string {
  const { value } = operand;
  let text: string;
  switch (verb) {
    case "v":
    case "g":
    case "G":
      text = flags.precision === undefined ? shortest(value) : general(value, flags.precision);
      if (flags.sharp) text = sharpened(text, flags.precision ?? 6);
      if (verb === "G") text = text.toUpperCase();
      break;
    case "f":
    case "F":
      text = fixed(value, flags.precision ?? 6);
      if (flags.sharp) text = sharpened(text, 0);
      break;
    case "e":
    case "E":
      text = exponential(value, flags.precision ?? 6);
      if (flags.sharp) text = sharpened(text, 0);
      if (verb === "E") text = text.toUpperCase();
      break;
    case "x":
    case "X":
      text = hexadecimalFloat(value, flags.precision, flags.sharp ? (verb === "x" ? 4 : 0) : undefined);
      if (verb === "X") text = text.toUpperCase();
      break;
    case "b":
      text = binaryFloat(value);
      break;
    default:
      return bad(verb, operand, flags);
  }
  const isSigned = text.startsWith("-");
  const sign = isSigned || Object.is(value, -0) ? "-" : flags.plus ? "+" : flags.space ? " " : "";
  const body = isSigned ? text.slice(1) : text;
  if (flags.zero && !flags.minus && flags.width !== undefined)
    return sign + body.padStart(flags.width - sign.length, "0");
  return pad(sign + body, flags);
}

/** Decimal places without the limit of 100, rounding the exact value half to even. */
function fixed(value: number, places: number): string {
  if (places <= 100 && Math.abs(value) < 1e21) {
    const text = value.toFixed(places);
    return isTie(value, places) ? roundTie(value, places) : text;
  }
  const digits = BigInt(Math.trunc(value)).toString();
  return places === 0 ? digits : `${digits}.${"0".repeat(Math.min(places, widest))}`;
}

/** `toFixed` rounds halves up, Go to even; only values with few binary places can be halves. */
function isTie(value: number, places: number): boolean {
  if (places > 20) return false;
  const scaled = Math.abs(value) * 10 ** places;
  return scaled < 2 ** 50 && scaled - Math.floor(scaled) === 0.5 && exactlyScaled(value, places, scaled);
}

function exactlyScaled(value: number, places: number, scaled: number): boolean {
  return scaled / 10 ** places === Math.abs(value) && Number.isInteger(Math.abs(value) * 2 ** 30);
}

function roundTie(value: number, places: number): string {
  const scaled = Math.floor(Math.abs(value) * 10 ** places);
  const even = scaled % 2 === 0 ? scaled : scaled + 1;
  return `${value < 0 ? "-" : ""}${(even / 10 ** places).toFixed(places)}`;
}

function exponential(value: number, places: number): string {
  return evenExponential(value, Math.min(places, mostDigits)).replace(/e([+-])(\d)$/, "e$10$2");
}

/** As many digits as JavaScript writes. They tell a half from what is close to one. */
const mostDigits = 100;

/** `toExponential` rounds halves up, Go to even. */
function evenExponential(value: number, places: number): string {
  const [digits = "", exponent = ""] = value.toExponential(mostDigits).split("e");
  const end = digits.indexOf(".") + 1 + places;
  const kept = digits.slice(0, places === 0 ? end - 1 : end);
  const isEvenHalf = /^50*$/.test(digits.slice(end)) && /[02468]$/.test(kept);
  return isEvenHalf ? `${kept}e${exponent}` : value.toExponential(places);
}

/** `%g` with the fewest digits: with an exponent from 6 up and below -4, however few digits there are. */
function shortest(value: number): string {
  const text = value.toExponential();
  const exponent = Number(text.slice(text.indexOf("e") + 1));
  if (value !== 0 && (exponent < -4 || exponent >= 6)) return text.replace(/e([+-])(\d)$/, "e$10$2");
  return Object.is(value, -0) ? "-0" : value.toFixed(Math.max(0, decimals(text, exponent)));
}

/** The flag `#`: a point in any case, and no trailing zeros cut off of so many digits. */
function sharpened(text: string, digits: number): string {
  const [, number = "", exponent = ""] = /^([^eE]*)(.*)$/.exec(text) ?? [];
  const significant = number.replace(/^[-0.]+|\./g, "").length + (/^-?0$/.test(number) ? 1 : 0);
  const point = number.includes(".") ? "" : ".";
  return `${number}${point}${"0".repeat(Math.max(0, digits - significant))}${exponent}`;
}

function decimals(text: string, exponent: number): number {
  const mantissa = text.slice(0, text.indexOf("e")).replace("-", "");
  return mantissa.length <= 1 ? -exponent : mantissa.length - 2 - exponent;
}

function general(value: number, precision: number): string {
  const digits = Math.min(Math.max(precision, 1), 100);
  const text = evenExponential(value, digits - 1);
  const exponent = Number(text.slice(text.indexOf("e") + 1));
  const trim = (each: string): string => (each.includes(".") ? each.replace(/\.?0+$/, "") : each);
  if (value !== 0 && (exponent < -4 || exponent >= digits)) {
    const [mantissa = "", power] = text.split("e");
    return `${trim(mantissa)}e${power}`.replace(/e([+-])(\d)$/, "e$10$2");
  }
  return trim(fixed(value, Math.max(0, digits - 1 - exponent)));
}
