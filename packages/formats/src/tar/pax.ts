import { FormatError } from "../format-error.ts";

/** Keyword to raw value of an extended header. */
export type PaxRecords = ReadonlyMap<string, Uint8Array>;

/** No filename, link target or sparse map that exists comes near it. */
export const maxExtendedHeaderBytes: number = 1024 * 1024;

const latin1 = new TextDecoder("latin1");

/**
 * The records `<length> <keyword>=<value>\n` of a pax extended header (POSIX.1-2017 pax, "pax Extended Header").
 * @throws FormatError when the lengths do not add up.
 */
export function parsePax(bytes: Uint8Array, offset: number): PaxRecords {
  const records = new Map<string, Uint8Array>();
  for (let at = 0; at < bytes.length;) {
    // Some writers pad the records with zeros.
    if (bytes[at] === 0) break;
    const space = bytes.indexOf(0x20, at);
    const length = space === -1 || space - at > 8 ? Number.NaN : Number(latin1.decode(bytes.subarray(at, space)));
    const end = at + length;
    const equals = bytes.indexOf(0x3d, space);
    if (!(Number.isInteger(length) && end <= bytes.length && equals > space && equals < end))
      throw new FormatError("tar", "malformed", "an extended header is damaged", { offset });
    const keyword = latin1.decode(bytes.subarray(space + 1, equals));
    const value = bytes.slice(equals + 1, end - 1);
    // Sparse maps of version 0.0 repeat their keywords, in pairs: keep them all, in order.
    if (keyword === "GNU.sparse.offset" || keyword === "GNU.sparse.numbytes") {
      const earlier = records.get("GNU.sparse.map");
      records.set("GNU.sparse.map", earlier === undefined ? value : joined(earlier, value));
    } else records.set(keyword, value);
    at = end;
  }
  return records;
}

/** Non-negative decimal number of a record; undefined when there is none. */
export function paxNumber(records: PaxRecords | undefined, keyword: string, offset: number): number | undefined {
  const raw = records?.get(keyword);
  if (raw === undefined || raw.length === 0) return undefined;
  const text = latin1.decode(raw);
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new FormatError("tar", "malformed", `the extended header's ${keyword} is no number`, { offset });
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const whole = new Uint8Array(left.length + 1 + right.length);
  whole.set(left);
  whole[left.length] = 0x2c;
  whole.set(right, left.length + 1);
  return whole;
}
