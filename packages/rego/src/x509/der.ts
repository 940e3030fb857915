/** DER (ITU-T X.690), as far as certificates need it. */

/** The bytes or text are no certificate or certificate request. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
}

/** One element: `bytes` is all of it, `content` what it holds. */
export interface Element {
  /** The identifier byte: class, whether constructed, and number. */
  readonly tag: number;
  readonly bytes: Uint8Array;
  readonly content: Uint8Array;
}

const malformed = (): CertificateError => new CertificateError("x509: malformed certificate");

/** The elements that bytes consist of, one after the other. */
export function elementsOf(bytes: Uint8Array): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const element = elementAt(bytes, at);
    found.push(element);
    at += element.bytes.length;
  }
  return found;
}

function elementAt(bytes: Uint8Array, at: number): Element {
  const tag = bytes[at] ?? 0;
  const first = bytes[at + 1];
  if (first === undefined || (tag & 31) === 31 || first === 0x80 || first > 0x84) throw malformed();
  let length = first;
  let start = at + 2;
  if (first > 0x80) {
    length = 0;
    for (const end = start + (first & 127); start < end; start++) length = length * 256 + (bytes[start] ?? Infinity);
    if (length < 128) throw malformed();
  }
  if (!(start + length <= bytes.length)) throw malformed();
  return { tag, bytes: bytes.subarray(at, start + length), content: bytes.subarray(start, start + length) };
}

/** The element if it has one of the tags; throws a CertificateError otherwise. */
export function expected(element: Element | undefined, ...tags: readonly number[]): Element {
  if (element === undefined || !tags.includes(element.tag)) throw malformed();
  return element;
}

export const tags = { boolean: 1, integer: 2, bits: 3, octets: 4, oid: 6, sequence: 0x30, set: 0x31 } as const;

/** The members of a sequence or set, or of an element with a tag of its own. */
export function membersOf(element: Element): Element[] {
  return elementsOf(element.content);
}

export function integerIn(element: Element): bigint {
  const { content } = element;
  if (content.length === 0) throw malformed();
  const unsigned = unsignedIn(content);
  return (content[0] ?? 0) >= 128 ? unsigned - (1n << BigInt(8 * content.length)) : unsigned;
}

/** Bytes as a number, the first one counting most. */
export function unsignedIn(bytes: Uint8Array): bigint {
  let digits = "";
  for (const byte of bytes) digits += byte.toString(16).padStart(2, "0");
  return BigInt(`0x0${digits}`);
}

/** The bytes of a string of bits, which must be whole bytes unless `partial`. */
export function bitsIn(element: Element, partial = false): Uint8Array {
  const [unused = 8] = element.content;
  if (unused > 7 || (unused > 0 && !partial)) throw malformed();
  return element.content.subarray(1);
}

/** An object identifier's numbers. */
export function identifierIn(content: Uint8Array): number[] {
  const numbers: number[] = [];
  let value = 0;
  for (const [index, byte] of content.entries()) {
    value = value * 128 + (byte & 127);
    if (value > Number.MAX_SAFE_INTEGER) throw malformed();
    if (byte >= 128) {
      if (index === content.length - 1) throw malformed();
      continue;
    }
    if (numbers.length > 0) numbers.push(value);
    else numbers.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)));
    value = 0;
  }
  if (numbers.length === 0) throw malformed();
  return numbers;
}

/** A text of any of the kinds that names have. */
export function textIn({ tag, content }: Element): string {
  if (tag === 30) {
    let text = "";
    for (let at = 0; at + 1 < content.length; at += 2)
      text += String.fromCharCode((content[at] ?? 0) * 256 + (content[at + 1] ?? 0));
    return text;
  }
  if (tag === 12) return new TextDecoder().decode(content);
  if (tag !== 18 && tag !== 19 && tag !== 20 && tag !== 22) throw malformed();
  return latinText(content);
}

/** Bytes as the characters of the same numbers. */
export function latinText(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** A time in milliseconds since 1970; two digits of a year are one of 1950 to 2049. */
export function timeIn({ tag, content }: Element): number {
  const text = latinText(content);
  const match = (tag === 23 ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?Z$/ : /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/).exec(text); // prettier-ignore
  if (match === null || (tag !== 23 && tag !== 24)) throw malformed();
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map((each) => Number(each ?? 0)); // prettier-ignore
  const full = tag === 24 ? year : year + (year < 50 ? 2000 : 1900);
  return Date.UTC(full, month - 1, day, hour, minute, second);
}
