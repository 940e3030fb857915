import { FormatError } from "../format-error.ts";
import { readVarint } from "./varint.ts";

/** A stored value; integers beyond 2^53 are bigints. */
export type SqliteValue = null | number | bigint | string | Uint8Array;

/** The most columns of a table that is read. SQLite's own limit is 32767; tables of package databases have some dozens. */
const maxColumns = 2_000;

/** The values of a record (fileformat2 §2.1), or what is wrong with it. */
export function readRecord(
  payload: Uint8Array,
  encoding: "utf-8" | "utf-16le" | "utf-16be",
): readonly SqliteValue[] | FormatError {
  const header = readVarint(payload, 0);
  if (header === undefined || header.value > payload.length) return broken("its header is longer than itself");
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const values: SqliteValue[] = [];
  let at = header.end;
  let body = header.value;
  while (at < header.value) {
    const type = readVarint(payload, at);
    if (type === undefined || values.length >= maxColumns) return broken("its header cannot be read");
    const length = lengthOf(type.value);
    if (length === undefined || body + length > payload.length) return broken("a value ends after it");
    values.push(readValue(view, payload, type.value, body, length, encoding));
    at = type.end;
    body += length;
  }
  return values;
}

function broken(detail: string): FormatError {
  return new FormatError("sqlite", "malformed", `a record cannot be read: ${detail}`);
}

const fixedLengths = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];

function lengthOf(type: number): number | undefined {
  return type < 12 ? fixedLengths[type] : Math.floor((type - 12) / 2);
}

function readValue(
  view: DataView,
  bytes: Uint8Array,
  type: number,
  at: number,
  length: number,
  encoding: string,
): SqliteValue {
  switch (type) {
    case 0:
      return null;
    case 7:
      return view.getFloat64(at);
    case 8:
      return 0;
    case 9:
      return 1;
    default:
  }
  if (type < 7) return readInteger(view, at, length);
  const content = bytes.subarray(at, at + length);
  return type % 2 === 0 ? content : new TextDecoder(encoding).decode(content);
}

function readInteger(view: DataView, at: number, length: number): number | bigint {
  if (length === 8) {
    const value = view.getBigInt64(at);
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  }
  let value = view.getInt8(at);
  for (let index = 1; index < length; index++) value = value * 256 + view.getUint8(at + index);
  return value;
}
