import { CelEvaluationError } from "../cel-error.ts";
import { CelDuration, CelTimestamp } from "../values.ts";
import { method, overload, type CelFunction } from "./define.ts";

const second = 1_000_000_000n;
// 0001-01-01T00:00:00Z and the last nanosecond of 9999 (google/protobuf/timestamp.proto).
const earliest = -62_135_596_800n * second;
const latest = 253_402_300_800n * second - 1n;
const longest = 2n ** 63n - 1n;

/** A timestamp in range. @throws {CelEvaluationError} before year 1 or after year 9999. */
export function toTimestamp(nanoseconds: bigint): CelTimestamp {
  if (nanoseconds < earliest || nanoseconds > latest) throw new CelEvaluationError("timestamp overflow: range error");
  return new CelTimestamp(nanoseconds);
}

/** A duration in range. @throws {CelEvaluationError} where its nanoseconds do not fit 64 bits. */
export function toDuration(nanoseconds: bigint): CelDuration {
  if (nanoseconds < -longest - 1n || nanoseconds > longest)
    throw new CelEvaluationError("duration overflow: range error");
  return new CelDuration(nanoseconds);
}

const dateTime = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** Reads a time as RFC 3339 writes it. @throws {CelEvaluationError} for other text. */
export function parseTimestamp(text: string): CelTimestamp {
  const found = text.length > 64 ? null : dateTime.exec(text);
  if (found === null) throw invalid(text);
  const [year, month, day, hour, minute, seconds] = found.slice(1, 7).map(Number);
  const [, , , , , , , fraction = "", sign, offsetHours = "0", offsetMinutes = "0"] = found;
  const date = new Date(utcMilliseconds(year ?? 0, month ?? 0, day ?? 0, hour ?? 0, minute ?? 0, seconds ?? 0));
  // A date that does not exist (month 13, 30 February, 25 o'clock) has moved on to one that does.
  const exists = date.getUTCMonth() + 1 === month && date.getUTCDate() === day && date.getUTCHours() === hour;
  if (!exists || (minute ?? 0) > 59 || (seconds ?? 0) > 59) throw invalid(text);
  // Go's time.Parse takes 24 hours and 60 minutes of offset, and no more.
  if (Number(offsetHours) > 24 || Number(offsetMinutes) > 60) throw invalid(text);
  const offset = BigInt(Number(offsetHours) * 60 + Number(offsetMinutes)) * 60n * (sign === "-" ? -1n : 1n);
  const whole = BigInt(date.getTime()) / 1000n - offset;
  return toTimestamp(whole * second + BigInt(fraction.padEnd(9, "0")));
}

/** Milliseconds since 1970 of a date and time in UTC. `Date.UTC` would take the years 0 to 99 for 1900 to 1999. */
function utcMilliseconds(
  year: number,
  month: number,
  day: number,
  ...clock: readonly [hour: number, minute: number, second: number]
): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.setUTCHours(...clock);
}

function invalid(text: string): CelEvaluationError {
  return new CelEvaluationError(`"${text.slice(0, 64)}" is not a valid timestamp (RFC 3339: 2006-01-02T15:04:05Z)`);
}

/** Writes a time as RFC 3339, in UTC, with as many decimals as it has. */
export function formatTimestamp({ nanoseconds }: CelTimestamp): string {
  const fraction = modulo(nanoseconds, second);
  const text = new Date(Number((nanoseconds - fraction) / 1_000_000n)).toISOString().replace(/\.\d+Z$/, "");
  return fraction === 0n ? `${text}Z` : `${text}.${decimals(fraction)}Z`;
}

function decimals(fraction: bigint): string {
  return String(fraction).padStart(9, "0").replace(/0+$/, "");
}

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: second,
  m: 60n * second,
  h: 3600n * second,
};

/** Reads a duration as Go's `time.ParseDuration` does. @throws {CelEvaluationError} for other text. */
export function parseDuration(text: string): CelDuration {
  const body = text.replace(/^[+-]/, "");
  if (body === "0") return new CelDuration(0n);
  let total = 0n;
  let at = 0;
  const part = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/y;
  while (at < body.length) {
    part.lastIndex = at;
    const [whole, digits = "", fraction = "", unit = ""] = part.exec(body) ?? [];
    if (whole === undefined || digits.length + fraction.length === 0 || digits.length > 20) throw invalidDuration(text);
    const size = units[unit] ?? 0n;
    const precise = fraction.slice(0, 18);
    total +=
      BigInt(digits === "" ? 0 : digits) * size +
      (BigInt(precise === "" ? 0 : precise) * size) / 10n ** BigInt(precise.length);
    at += whole.length;
  }
  if (body === "") throw invalidDuration(text);
  return toDuration(text.startsWith("-") ? -total : total);
}

function invalidDuration(text: string): CelEvaluationError {
  return new CelEvaluationError(`"${text.slice(0, 64)}" is not a valid duration (as 1h30m, 1.5s or 100ms)`);
}

/** Writes a duration in seconds: `1.5s`. */
export function formatDuration({ nanoseconds }: CelDuration): string {
  const absolute = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const fraction = absolute % second;
  const tail = fraction === 0n ? "" : `.${decimals(fraction)}`;
  return `${nanoseconds < 0n ? "-" : ""}${absolute / second}${tail}s`;
}

function modulo(value: bigint, by: bigint): bigint {
  return ((value % by) + by) % by;
}

interface ClockFields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly yearDay: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
}

/** Clock and calendar of a time in a zone: UTC, an IANA name, or an offset (`+01:00`, `02:00`). */
function fieldsOf({ nanoseconds }: CelTimestamp, zone: string): ClockFields {
  const milliseconds = Number((nanoseconds - modulo(nanoseconds, 1_000_000n)) / 1_000_000n);
  const shown = new Date(milliseconds + zoneOffset(milliseconds, zone));
  const yearStart = new Date(shown);
  yearStart.setUTCMonth(0, 1);
  return {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth(),
    day: shown.getUTCDate(),
    weekday: shown.getUTCDay(),
    yearDay: Math.round((shown.getTime() - yearStart.getTime()) / 86_400_000),
    hours: shown.getUTCHours(),
    minutes: shown.getUTCMinutes(),
    seconds: shown.getUTCSeconds(),
  };
}

/** Milliseconds that a zone is ahead of UTC at an instant. */
function zoneOffset(milliseconds: number, zone: string): number {
  if (zone === "UTC" || zone === "Local" || zone === "") return 0;
  const [, sign, hours, minutes] = /^([+-]?)(\d{1,4}):(\d{1,4})$/.exec(zone) ?? [];
  if (hours !== undefined) return (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === "-" ? -1 : 1);
  const parts = new Map(
    zoneFormat(zone)
      .formatToParts(new Date(milliseconds))
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  const shown = utcMilliseconds(
    part("year"),
    part("month"),
    part("day"),
    part("hour") % 24,
    part("minute"),
    part("second"),
  );
  return shown - Math.floor(milliseconds / 1000) * 1000;
}

function zoneFormat(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "gregory",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    throw new CelEvaluationError(`unknown time zone ${zone.slice(0, 64)}`);
  }
}

const selectors: Readonly<Record<string, (fields: ClockFields) => number>> = {
  getFullYear: ({ year }) => year,
  getMonth: ({ month }) => month,
  getDate: ({ day }) => day,
  getDayOfMonth: ({ day }) => day - 1,
  getDayOfWeek: ({ weekday }) => weekday,
  getDayOfYear: ({ yearDay }) => yearDay,
  getHours: ({ hours }) => hours,
  getMinutes: ({ minutes }) => minutes,
  getSeconds: ({ seconds }) => seconds,
};

/** Times and durations (CEL specification, "Timezones" and the functions on timestamps and durations). */
export const timeFunctions: readonly CelFunction[] = [
  ...Object.entries(selectors).flatMap(([name, select]) => [
    method(name, ["timestamp"], "int", (_, time) => BigInt(select(fieldsOf(time, "UTC")))),
    method(name, ["timestamp", "string"], "int", (_, time, zone) => BigInt(select(fieldsOf(time, zone)))),
  ]),
  method("getMilliseconds", ["timestamp"], "int", (_, { nanoseconds }) => modulo(nanoseconds, second) / 1_000_000n),
  method(
    "getMilliseconds",
    ["timestamp", "string"],
    "int",
    (_, { nanoseconds }) => modulo(nanoseconds, second) / 1_000_000n,
  ),
  method("getHours", ["duration"], "int", (_, { nanoseconds }) => nanoseconds / (3600n * second)),
  method("getMinutes", ["duration"], "int", (_, { nanoseconds }) => nanoseconds / (60n * second)),
  method("getSeconds", ["duration"], "int", (_, { nanoseconds }) => nanoseconds / second),
  method("getMilliseconds", ["duration"], "int", (_, { nanoseconds }) => (nanoseconds / 1_000_000n) % 1000n),
  overload("timestamp", ["string"], "timestamp", (_, text) => parseTimestamp(text)),
  overload("timestamp", ["int"], "timestamp", (_, seconds) => toTimestamp(seconds * second)),
  overload("timestamp", ["timestamp"], "timestamp", (_, time) => time),
  overload("duration", ["string"], "duration", (_, text) => parseDuration(text)),
  overload("duration", ["int"], "duration", (_, nanoseconds) => toDuration(nanoseconds)),
  overload("duration", ["duration"], "duration", (_, time) => time),
  overload("int", ["timestamp"], "int", (_, { nanoseconds }) => (nanoseconds - modulo(nanoseconds, second)) / second),
  overload("int", ["duration"], "int", (_, { nanoseconds }) => nanoseconds),
  overload("string", ["timestamp"], "string", (_, time) => formatTimestamp(time)),
  overload("string", ["duration"], "string", (_, time) => formatDuration(time)),
];
