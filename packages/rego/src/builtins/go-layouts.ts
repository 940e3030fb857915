/** Times by Go's layouts: `2006-01-02T15:04:05Z07:00` and the like. */

import { BuiltinError } from "./builtin.ts";
import { daysInMonth, daysOf } from "./calendar.ts";

/** A time in a time zone, by calendar and clock. */
export interface WallTime {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** Seconds east of Greenwich. */
  readonly offset: number;
  readonly zone: string;
}

const months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]; // prettier-ignore
export const weekdays: readonly string[] = [
  "Sunday",
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
];

/** Layouts by the names that Go gives them. */
export const namedLayouts: Readonly<Record<string, string>> = {
  ANSIC: "Mon Jan _2 15:04:05 2006",
  UnixDate: "Mon Jan _2 15:04:05 MST 2006",
  RubyDate: "Mon Jan 02 15:04:05 -0700 2006",
  RFC822: "02 Jan 06 15:04 MST",
  RFC822Z: "02 Jan 06 15:04 -0700",
  RFC850: "Monday, 02-Jan-06 15:04:05 MST",
  RFC1123: "Mon, 02 Jan 2006 15:04:05 MST",
  RFC1123Z: "Mon, 02 Jan 2006 15:04:05 -0700",
  RFC3339: "2006-01-02T15:04:05Z07:00",
  RFC3339Nano: "2006-01-02T15:04:05.999999999Z07:00",
};

const chunk =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|2006|__2|_2(?!006)|002|0[1-6]|15|[12345]|PM|pm|Z07:00:00|Z070000|Z07:00|Z0700|Z07|-07:00:00|-070000|-07:00|-0700|-07|[.,](?:0+|9+)(?![0-9])/g;

interface Part {
  readonly literal: boolean;
  readonly text: string;
}

function parts(layout: string): Part[] {
  const found: Part[] = [];
  let at = 0;
  for (const match of layout.matchAll(chunk)) {
    if (match.index > at) found.push({ literal: true, text: layout.slice(at, match.index) });
    found.push({ literal: false, text: match[0] });
    at = match.index + match[0].length;
  }
  if (at < layout.length) found.push({ literal: true, text: layout.slice(at) });
  return found;
}

function pad(value: number, width: number, fill = "0"): string {
  return String(value).padStart(width, fill);
}

/** Writes a time by a layout. */
export function formatTime(time: WallTime, layout: string): string {
  return parts(layout)
    .map(({ literal, text }) => (literal ? text : formatPart(time, text)))
    .join("");
}

function formatPart(time: WallTime, text: string): string {
  const hour12 = time.hour % 12 === 0 ? 12 : time.hour % 12;
  switch (text) {
    case "January":
      return monthOf(time);
    case "Jan":
      return monthOf(time).slice(0, 3);
    case "1":
      return String(time.month);
    case "01":
      return pad(time.month, 2);
    case "Monday":
      return weekdayOf(time);
    case "Mon":
      return weekdayOf(time).slice(0, 3);
    case "2":
      return String(time.day);
    case "_2":
      return pad(time.day, 2, " ");
    case "02":
      return pad(time.day, 2);
    case "__2":
      return pad(dayOfYear(time), 3, " ");
    case "002":
      return pad(dayOfYear(time), 3);
    case "15":
      return pad(time.hour, 2);
    case "3":
      return String(hour12);
    case "03":
      return pad(hour12, 2);
    case "4":
      return String(time.minute);
    case "04":
      return pad(time.minute, 2);
    case "5":
      return String(time.second);
    case "05":
      return pad(time.second, 2);
    case "2006":
      return time.year < 0 ? `-${pad(-time.year, 4)}` : pad(time.year, 4);
    case "06":
      return pad(((time.year % 100) + 100) % 100, 2);
    case "PM":
      return time.hour >= 12 ? "PM" : "AM";
    case "pm":
      return time.hour >= 12 ? "pm" : "am";
    case "MST":
      return time.zone;
    default:
      return /^[.,]/.test(text) ? fraction(time, text) : offsetText(time.offset, text);
  }
}

function monthOf(time: WallTime): string {
  return months[time.month - 1] ?? "";
}

/** The English name of the day of the week. */
export function weekdayOf(time: WallTime): string {
  const days = daysOf(time.year, time.month, time.day);
  return weekdays.at((days + 4) % 7) ?? "";
}

function dayOfYear(time: WallTime): number {
  return daysOf(time.year, time.month, time.day) - daysOf(time.year, 1, 1) + 1;
}

function fraction(time: WallTime, text: string): string {
  const digits = pad(time.nanosecond, 9)
    .slice(0, text.length - 1)
    .padEnd(text.length - 1, "0");
  if (text[1] === "0") return text[0] + digits;
  const trimmed = digits.replace(/0+$/, "");
  return trimmed === "" ? "" : text[0] + trimmed;
}

function offsetText(offset: number, text: string): string {
  if (text.startsWith("Z") && offset === 0) return "Z";
  const size = Math.abs(offset);
  const hours = pad(Math.floor(size / 3600), 2);
  const minutes = pad(Math.floor(size / 60) % 60, 2);
  const seconds = pad(size % 60, 2);
  const separator = text.includes(":") ? ":" : "";
  const shown = text.replace(/^[Z-]/, "");
  const tail = shown === "07" ? "" : separator + minutes + (shown.length > 5 ? separator + seconds : "");
  return (offset < 0 ? "-" : "+") + hours + tail;
}

interface Parsed {
  year: number;
  month: number;
  day: number;
  yearDay: number;
  hour: number;
  minute: number;
  second: number;
  nanosecond: number;
  afternoon: boolean | undefined;
  offset: number | undefined;
  /** The part of the offset that is too large, if one is: `hour`. */
  beyond: string | undefined;
}

/** Reads a time by a layout; throws a BuiltinError with Go's message. */
export function parseTime(layout: string, text: string): Parsed & { offset: number } {
  const time: Parsed = { year: 0, month: 1, day: 1, yearDay: 0, hour: 0, minute: 0, second: 0, nanosecond: 0, afternoon: undefined, offset: undefined, beyond: undefined }; // prettier-ignore
  let rest = text;
  const fail = (left: string, what: string): BuiltinError =>
    new BuiltinError(
      `parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(left)} as ${JSON.stringify(what)}`,
    );
  const all = parts(layout);
  for (const [index, part] of all.entries()) {
    if (part.literal) {
      if (!rest.startsWith(part.text)) throw fail(rest, part.text);
      rest = rest.slice(part.text.length);
      continue;
    }
    const size = readPart(time, part.text, rest);
    if (size === undefined) throw fail(rest, part.text);
    rest = rest.slice(size);
    // A fraction of a second may follow even where the layout has none.
    const next = all[index + 1]?.text ?? "";
    if ((part.text === "05" || part.text === "5") && !/^[.,][09]/.test(next)) {
      const extra = /^[.,]\d+/.exec(rest)?.[0];
      if (extra !== undefined) {
        time.nanosecond = nanoseconds(extra);
        rest = rest.slice(extra.length);
      }
    }
  }
  if (rest !== "") throw new BuiltinError(`parsing time ${JSON.stringify(text)}: extra text: ${JSON.stringify(rest)}`);
  checkRanges(time, text);
  return { ...time, offset: time.offset ?? 0 };
}

function nanoseconds(text: string): number {
  return Number(text.slice(1, 10).padEnd(9, "0"));
}

function checkRanges(time: Parsed, text: string): void {
  const outOfRange = (what: string): BuiltinError =>
    new BuiltinError(`parsing time ${JSON.stringify(text)}: ${what} out of range`);
  if (time.beyond !== undefined) throw outOfRange(`time zone offset ${time.beyond}`);
  if (time.month < 1 || time.month > 12) throw outOfRange("month");
  if (time.hour > 23) throw outOfRange("hour");
  if (time.minute > 59) throw outOfRange("minute");
  if (time.second > 59) throw outOfRange("second");
  if (time.afternoon === true && time.hour < 12) time.hour += 12;
  if (time.afternoon === false && time.hour === 12) time.hour = 0;
  if (time.yearDay > 0) {
    time.day = time.yearDay;
    time.month = 1;
    while (time.day > daysInMonth(time.year, time.month)) time.day -= daysInMonth(time.year, time.month++);
  }
  if (time.day < 1 || time.day > daysInMonth(time.year, time.month)) throw outOfRange("day");
}

const simple: Readonly<Record<string, readonly [RegExp, Exclude<keyof Parsed, "afternoon" | "offset" | "beyond">]>> = {
  "2006": [/^\d{4}/, "year"],
  "1": [/^\d{1,2}/, "month"],
  "01": [/^\d{2}/, "month"],
  "2": [/^\d{1,2}/, "day"],
  _2: [/^ ?\d{1,2}/, "day"],
  "02": [/^\d{2}/, "day"],
  "002": [/^\d{3}/, "yearDay"],
  __2: [/^ {0,2}\d{1,3}/, "yearDay"],
  "15": [/^\d{1,2}/, "hour"],
  "3": [/^\d{1,2}/, "hour"],
  "03": [/^\d{2}/, "hour"],
  "4": [/^\d{1,2}/, "minute"],
  "04": [/^\d{2}/, "minute"],
  "5": [/^\d{1,2}/, "second"],
  "05": [/^\d{2}/, "second"],
};

/** Reads one part; gives how much of the text it took. */
function readPart(time: Parsed, part: string, text: string): number | undefined {
  const known = Object.hasOwn(simple, part) ? simple[part] : undefined;
  if (known !== undefined) {
    const found = known[0].exec(text)?.[0];
    if (found === undefined) return undefined;
    time[known[1]] = Number(found);
    return found.length;
  }
  switch (part) {
    case "06": {
      const found = /^\d{2}/.exec(text)?.[0];
      if (found !== undefined) time.year = Number(found) + (Number(found) >= 69 ? 1900 : 2000);
      return found?.length;
    }
    case "January":
    case "Jan":
      return readName(text, months, part === "Jan" ? 3 : undefined, (index) => (time.month = index + 1));
    case "Monday":
    case "Mon":
      return readName(text, weekdays, part === "Mon" ? 3 : undefined, () => undefined);
    case "PM":
    case "pm": {
      const found = /^(?:AM|PM|am|pm)/.exec(text)?.[0];
      if (found !== undefined) time.afternoon = found.toUpperCase() === "PM";
      return found?.length;
    }
    case "MST":
      return readZone(time, text);
    default:
      return /^[.,]/.test(part) ? readFraction(time, part, text) : readOffset(time, part, text);
  }
}

function readName(
  text: string,
  names: readonly string[],
  length: number | undefined,
  use: (index: number) => void,
): number | undefined {
  const spellings = names.map((name) => name.slice(0, length));
  const index = spellings.findIndex((name) => text.toLowerCase().startsWith(name.toLowerCase()));
  if (index < 0) return undefined;
  use(index);
  return spellings[index]?.length;
}

function readZone(time: Parsed, text: string): number | undefined {
  const found = /^(?:UTC|GMT[+-]\d{1,2}|[A-Z]{3,5}|[+-]\d{2})/.exec(text)?.[0];
  if (found !== undefined) time.offset = 0;
  return found?.length;
}

function readFraction(time: Parsed, part: string, text: string): number | undefined {
  const found = part[1] === "0" ? text.slice(0, part.length) : (/^[.,]\d+/.exec(text)?.[0] ?? "");
  if (part[1] === "0" && !/^[.,]\d+$/.test(found)) return undefined;
  if (found !== "") time.nanosecond = nanoseconds(found);
  return found.length;
}

const offsetForms: Readonly<Record<string, RegExp>> = {
  "07": /^([+-])(\d{2})/,
  "0700": /^([+-])(\d{2})(\d{2})/,
  "07:00": /^([+-])(\d{2}):(\d{2})/,
  "070000": /^([+-])(\d{2})(\d{2})(\d{2})/,
  "07:00:00": /^([+-])(\d{2}):(\d{2}):(\d{2})/,
};

function readOffset(time: Parsed, part: string, text: string): number | undefined {
  if (part.startsWith("Z") && text.startsWith("Z")) {
    time.offset = 0;
    return 1;
  }
  const found = offsetForms[part.replace(/^[Z-]/, "")]?.exec(text);
  if (found === null || found === undefined) return undefined;
  const [all, sign, hours = "0", minutes = "0", seconds = "0"] = found;
  // Go allows 24 hours and 60 minutes, as some people write them.
  time.beyond =
    Number(hours) > 24 ? "hour" : Number(minutes) > 60 ? "minute" : Number(seconds) > 60 ? "second" : undefined;
  time.offset = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * (sign === "-" ? -1 : 1);
  return all.length;
}
