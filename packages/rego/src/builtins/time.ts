/** Times in nanoseconds since 1970. Zones come from the runtime's own table of time zones. */

import { integerOf, isTractable, numberFromInteger, numberText } from "../values/number.ts";
import { isArray, isNumber, type Value } from "../values/value.ts";
import { builtin, BuiltinError, operandError, RefusedBuiltin, type Builtin, type BuiltinContext } from "./builtin.ts";
import { dateOf, daysInMonth, daysOf } from "./calendar.ts";
import { formatTime, namedLayouts, parseTime, weekdayOf, type WallTime } from "./go-layouts.ts";
import { countAt, stringAt, valueAt } from "./operands.ts";

const second = 1_000_000_000n;
const smallest = -(2n ** 63n);
const largest = 2n ** 63n - 1n;

function inRange(nanoseconds: bigint): Value {
  if (nanoseconds < smallest || nanoseconds > largest) throw new BuiltinError("time outside of valid range");
  return numberFromInteger(nanoseconds);
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

/** Seconds east of Greenwich that a zone has at a moment. */
function offsetAt(zone: string, seconds: number, context: BuiltinContext): number {
  const format = context.keep("zone", zone, 1, () => formatOf(zone));
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(new Date(seconds * 1000))) parts[type] = Number(value);
  const days = daysOf(parts["year"] ?? 0, parts["month"] ?? 1, parts["day"] ?? 1);
  const shown = days * 86_400 + (parts["hour"] ?? 0) * 3600 + (parts["minute"] ?? 0) * 60 + (parts["second"] ?? 0);
  return shown - seconds;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const unknown = new BuiltinError(`unknown time zone ${zone}`);
  if (zone.includes("..") || zone.startsWith("/") || zone.includes("\\"))
    throw new BuiltinError("time: invalid location name");
  // Names are those of files: the runtime would heed no case, and takes offsets.
  if (/^[+-]/.test(zone) || /^[a-z]/.test(zone)) throw unknown;
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    throw unknown;
  }
}

/** The abbreviation of a zone at a moment, such as CET; hours where it has none. */
function abbreviation(zone: string, seconds: number, offset: number): string {
  for (const locale of ["en-US", "en-GB", "en-AU", "en-IN"]) {
    const parts = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: "short" }).formatToParts(
      new Date(seconds * 1000),
    );
    const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
    if (name !== "" && !/^(?:GMT|UTC)[+-]/.test(name)) return name;
  }
  const japan = zone === "Asia/Tokyo" || zone === "Japan";
  if (japan) return "JST";
  const hours = Math.floor(Math.abs(offset) / 3600);
  const minutes = Math.floor(Math.abs(offset) / 60) % 60;
  return `${offset < 0 ? "-" : "+"}${String(hours).padStart(2, "0")}${minutes === 0 ? "" : String(minutes).padStart(2, "0")}`;
}

/** A moment in a zone. */
function wallTime(nanoseconds: bigint, zone: string, context: BuiltinContext): WallTime {
  const seconds = Number(floorDivide(nanoseconds, second));
  const isUtc = zone === "" || zone === "UTC" || zone === "Local";
  const offset = isUtc ? 0 : offsetAt(zone, seconds, context);
  const shown = seconds + offset;
  const days = Math.floor(shown / 86_400);
  const rest = shown - days * 86_400;
  return {
    ...dateOf(days),
    hour: Math.floor(rest / 3600),
    minute: Math.floor(rest / 60) % 60,
    second: rest % 60,
    nanosecond: Number(nanoseconds - floorDivide(nanoseconds, second) * second),
    offset,
    zone: isUtc ? "UTC" : abbreviation(zone, seconds, offset),
  };
}

interface Moment {
  readonly nanoseconds: bigint;
  readonly zone: string;
  readonly layout: string | undefined;
}

/** A number, or an array of a number, a zone and perhaps a layout. */
function momentAt(args: readonly Value[], index: number): Moment {
  const value = valueAt(args, index);
  const [number, zone = "UTC", layout] = isArray(value) ? value : [value];
  if (!isArray(value) && !isNumber(value))
    throw operandError(index + 1, value, "either number (ns) or [number (ns), string (tz)]");
  if (number === undefined || !isNumber(number)) throw operandError(index + 1, number ?? null, "number");
  if (typeof zone !== "string") throw operandError(index + 1, zone, "string");
  if (layout !== undefined && typeof layout !== "string") throw operandError(index + 1, layout, "string");
  const nanoseconds = isTractable(numberText(number)) ? integerOf(number) : undefined;
  if (nanoseconds === undefined || nanoseconds < smallest || nanoseconds > largest)
    throw new BuiltinError("timestamp too big");
  return { nanoseconds, zone, layout };
}

function wallAt(args: readonly Value[], index: number, context: BuiltinContext): WallTime {
  const { nanoseconds, zone } = momentAt(args, index);
  return wallTime(nanoseconds, zone, context);
}

function nanosecondsOf(time: Omit<WallTime, "zone">): bigint {
  const days = daysOf(time.year, time.month, time.day);
  const seconds = days * 86_400 + time.hour * 3600 + time.minute * 60 + time.second - time.offset;
  return BigInt(seconds) * second + BigInt(time.nanosecond);
}

function addDate(args: readonly Value[], context: BuiltinContext): Value {
  const time = wallTime(momentAt(args, 0).nanoseconds, "UTC", context);
  const [years, months, days] = [countAt(args, 1), countAt(args, 2), countAt(args, 3)];
  const far = 1_000_000;
  if (![years, months / 12, days / 365].every((each) => Math.abs(each) < far))
    throw new BuiltinError("time outside of valid range");
  const date = dateOf(daysOf(time.year + years, time.month + months, time.day + days));
  return inRange(nanosecondsOf({ ...time, ...date, offset: 0 }));
}

/** Years, months, days, hours, minutes and seconds between two moments. */
function difference(args: readonly Value[], context: BuiltinContext): Value {
  const first = momentAt(args, 0);
  const other = momentAt(args, 1);
  const [from, to] = first.nanoseconds <= other.nanoseconds ? [first, other] : [other, first];
  // Both are read in one zone, so that a day is a day.
  const a = wallTime(from.nanoseconds, first.zone, context);
  const b = wallTime(to.nanoseconds, first.zone, context);
  const [seconds, minute] = borrowing(b.second - a.second, 60);
  const [minutes, hour] = borrowing(b.minute - a.minute - minute, 60);
  const [hours, day] = borrowing(b.hour - a.hour - hour, 24);
  const [days, month] = borrowing(b.day - a.day - day, daysInMonth(a.year, a.month));
  const [months, year] = borrowing(b.month - a.month - month, 12);
  return [b.year - a.year - year, months, days, hours, minutes, seconds];
}

/** An amount that is not negative, and how many of the next larger unit, of `size`, were taken for it: none or one. */
function borrowing(amount: number, size: number): readonly [amount: number, taken: number] {
  return amount < 0 ? [amount + size, 1] : [amount, 0];
}

const durationUnits: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  "\u00b5s": 1000n,
  "\u03bcs": 1000n,
  ms: 1_000_000n,
  s: second,
  m: 60n * second,
  h: 3600n * second,
  d: 24n * 3600n * second,
  w: 7n * 24n * 3600n * second,
  y: 365n * 24n * 3600n * second,
};

// Days, weeks and years are read by a stricter grammar than Go's own units: one letter each, one sign before all.
const longUnits = /[dwy]/;
const longDuration = /^[+-]?(?:[0-9.]+(?:ms|us|\u00b5s|ns|[a-z]))+$/;

function parseDuration(text: string): Value {
  const invalid = new BuiltinError(`time: invalid duration ${JSON.stringify(text)}`);
  const match = /^([+-]?)(.*)$/s.exec(text);
  const body = match?.[2] ?? "";
  if (body === "0") return 0;
  if (body === "") throw invalid;
  if (longUnits.test(text) && !longDuration.test(text)) throw invalid;
  let total = 0n;
  let rest = body;
  while (rest !== "") {
    const [all = "", whole = "", decimals = "", unit = ""] = /^(\d*)(?:\.(\d*))?([^\d.]*)/.exec(rest) ?? [];
    if (whole === "" && decimals === "") throw invalid;
    if (unit === "") throw new BuiltinError(`time: missing unit in duration ${JSON.stringify(text)}`);
    const size = Object.hasOwn(durationUnits, unit) ? durationUnits[unit] : undefined;
    if (size === undefined)
      throw new BuiltinError(`time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`);
    if (whole.length > 19) throw invalid;
    total += BigInt(whole || "0") * size + fractionOf(decimals, size);
    if (total > largest + 1n) throw invalid;
    rest = rest.slice(all.length);
  }
  const isNegative = match?.[1] === "-";
  if (!isNegative && total > largest) throw invalid;
  return numberFromInteger(isNegative ? -total : total);
}

function fractionOf(decimals: string, size: bigint): bigint {
  const digits = decimals.slice(0, 18);
  return digits === "" ? 0n : (BigInt(digits) * size) / 10n ** BigInt(digits.length);
}

function parseByLayout(layout: string, text: string): Value {
  return inRange(nanosecondsOf(parseTime(layoutNamed(layout), text)));
}

function layoutNamed(name: string): string {
  return (Object.hasOwn(namedLayouts, name) ? namedLayouts[name] : undefined) ?? name;
}

const moment = "any<number, array<number, string>>";

export const timeBuiltins: readonly Builtin[] = [
  builtin("time.now_ns", "() => number", (_, context) => {
    const { now } = context.environment;
    if (now === undefined) throw new RefusedBuiltin("the clock is not available: none was injected");
    return context.remember("time.now_ns", () => numberFromInteger(now()));
  }),
  builtin("time.add_date", "(number, number, number, number) => number", addDate),
  builtin("time.clock", `(${moment}) => array<number, number, number>`, (args, context) => {
    const { hour, minute, second: seconds } = wallAt(args, 0, context);
    return [hour, minute, seconds];
  }),
  builtin("time.date", `(${moment}) => array<number, number, number>`, (args, context) => {
    const { year, month, day } = wallAt(args, 0, context);
    return [year, month, day];
  }),
  builtin("time.weekday", `(${moment}) => string`, (args, context) => weekdayOf(wallAt(args, 0, context))),
  builtin("time.diff", `(${moment}, ${moment}) => array<number, number, number, number, number, number>`, difference),
  builtin(
    "time.format",
    "(any<number, array<number, string>, array<number, string, string>>) => string",
    (args, context) => {
      const { nanoseconds, zone, layout = "" } = momentAt(args, 0);
      return formatTime(wallTime(nanoseconds, zone, context), layoutNamed(layout === "" ? "RFC3339Nano" : layout));
    },
  ),
  builtin("time.parse_duration_ns", "(string) => number", (args) => parseDuration(stringAt(args, 0))),
  builtin("time.parse_ns", "(string, string) => number", (args) => parseByLayout(stringAt(args, 0), stringAt(args, 1))),
  builtin("time.parse_rfc3339_ns", "(string) => number", (args) => parseByLayout("RFC3339", stringAt(args, 0))),
];
