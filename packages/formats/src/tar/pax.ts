import { FormatError } from "../format-error.ts";

/** Keyword to raw value of an extended header. */
export type PaxRecords = ReadonlyMap<string, Uint8Array>;

/** The most bytes of an extended header. Those of real archives have some hundreds. */
export const maxExtendedHeaderBytes: number = 1024 * 1024;

const latin1 = new TextDecoder("latin1");

/**
 * The records `<length> <keyword>=<value>\n` of a pax extended header (POSIX.1-2017 pax, "pax Extended Header").
 * @throws FormatError when the lengths do not add up.
 */
export function parsePax(bytes: Uint8Array, offset: number): PaxRecords {
  const records = new Map<string, Uint8Array>();
  const map: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    // Some writers pad the records with zeros.
    if (bytes[at] === 0) break;
    const space = bytes.indexOf(0x20, at);
    const end = at + (space === -1 ? Number.NaN : (wholeNumber(bytes.subarray(at, space)) ?? Number.NaN));
    const equals = bytes.indexOf(0x3d, space);
    const isWhole = end <= bytes.length && equals > space + 1 && equals < end && bytes[end - 1] === newline;
    if (!isWhole) throw damaged(offset);
    const keyword = latin1.decode(bytes.subarray(space + 1, equals));
    const value = bytes.slice(equals + 1, end - 1);
    // Sparse maps of version 0.0 repeat their keywords, in pairs: keep them all, in order.
    const place = mapKeywords.indexOf(keyword);
    if (place === -1) records.set(keyword, value);
    else if (place === map.length % 2) map.push(value);
    else throw damaged(offset);
    at = end;
  }
  if (map.length > 0) records.set("GNU.sparse.map", joined(map));
  return records;
}

const newline = 0x0a;
const mapKeywords = ["GNU.sparse.offset", "GNU.sparse.numbytes"];

/**
 * Decimal number of a record, which may have a sign; undefined when there is none.
 * @throws FormatError when it is no number, or none that is exact.
 */
export function paxNumber(records: PaxRecords | undefined, keyword: string, offset: number): number | undefined {
  const raw = records?.get(keyword);
  if (raw === undefined || raw.length === 0) return undefined;
  const value = wholeNumber(raw);
  if (value !== undefined) return value;
  throw new FormatError("tar", "malformed", `the extended header's ${keyword} is no number`, { offset });
}

/**
 * The number that digits stand for, with a sign before them or without; undefined when they are no number, or one too large to be exact.
 * Leading zeros are allowed, as Go allows them: a record that Go heeds must be heeded here.
 */
export function wholeNumber(digits: Uint8Array): number | undefined {
  const sign = digits[0] === 0x2d ? -1 : 1;
  const start = digits[0] === 0x2d || digits[0] === 0x2b ? 1 : 0;
  if (start === digits.length) return undefined;
  let value = 0;
  for (let at = start; at < digits.length; at++) {
    const digit = (digits[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9 || !Number.isSafeInteger((value = value * 10 + digit))) return undefined;
  }
  return value === 0 ? 0 : sign * value;
}

function damaged(offset: number): FormatError {
  return new FormatError("tar", "malformed", "an extended header is damaged", { offset });
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length + 1, -1));
  let at = 0;
  for (const part of parts) {
    if (at > 0) whole[at - 1] = 0x2c;
    whole.set(part, at);
    at += part.length + 1;
  }
  return whole;
}
