import { FormatError, parseXml, xmlChild } from "@plimsoll/formats";

/**
 * The texts of a property list's outermost dictionary under these keys, XML or binary (CoreFoundation `CFBinaryPList.c`).
 * Throws FormatError for what is neither.
 */
export function readPropertyTexts(bytes: Uint8Array, keys: ReadonlySet<string>): ReadonlyMap<string, string> {
  const latin = new TextDecoder("latin1");
  return latin.decode(bytes.subarray(0, 8)) === "bplist00"
    ? readBinary(bytes, keys)
    : readXml(new TextDecoder().decode(bytes), keys);
}

function problem(detail: string): FormatError {
  return new FormatError("property-list", "malformed", detail);
}

function readXml(text: string, keys: ReadonlySet<string>): ReadonlyMap<string, string> {
  const { root, problem: fault } = parseXml(text);
  const dictionary = root.name === "plist" ? xmlChild(root, "dict") : undefined;
  if (dictionary === undefined) throw problem(fault ?? "there is no dictionary");
  const texts = new Map<string, string>();
  let key: string | undefined;
  for (const child of dictionary.children) {
    if (child.name === "key") key = child.text;
    else {
      if (key !== undefined && keys.has(key) && child.name === "string") texts.set(key, child.text);
      key = undefined;
    }
  }
  return texts;
}

const trailerBytes = 32;

/** Many keys may point at one long text; those that are asked for are short. */
const maxKeyLength = 128;

function readBinary(bytes: Uint8Array, keys: ReadonlySet<string>): ReadonlyMap<string, string> {
  if (bytes.length < 8 + trailerBytes) throw problem("the file ends within its trailer");
  const objects = new BinaryObjects(bytes);
  const texts = new Map<string, string>();
  for (const [keyObject, valueObject] of objects.outermostDictionary()) {
    const key = objects.text(keyObject, maxKeyLength);
    const value = key === undefined || !keys.has(key) ? undefined : objects.text(valueObject);
    if (key !== undefined && value !== undefined) texts.set(key, value);
  }
  return texts;
}

/** Kinds of objects, in the upper half of their first byte. */
const kinds = { integer: 1, ascii: 5, utf16: 6, dictionary: 13 } as const;

class BinaryObjects {
  readonly #bytes: Uint8Array;
  readonly #offsetBytes: number;
  readonly #referenceBytes: number;
  readonly #count: number;
  readonly #top: number;
  readonly #table: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    const trailer = bytes.length - trailerBytes;
    this.#offsetBytes = bytes[trailer + 6] ?? 0;
    this.#referenceBytes = bytes[trailer + 7] ?? 0;
    if (this.#offsetBytes < 1 || this.#offsetBytes > 8 || this.#referenceBytes < 1 || this.#referenceBytes > 8)
      throw problem("numbers have 1 to 8 bytes");
    this.#count = this.#unsigned(trailer + 8, 8);
    this.#top = this.#unsigned(trailer + 16, 8);
    this.#table = this.#unsigned(trailer + 24, 8);
    if (this.#table + this.#count * this.#offsetBytes > trailer) throw problem("the table of objects leaves the file");
  }

  /** Numbers of the objects that are keys and values. */
  *outermostDictionary(): Generator<readonly [number, number]> {
    const { kind, count, start } = this.#head(this.#top);
    if (kind !== kinds.dictionary) throw problem("the outermost object is no dictionary");
    if (start + 2 * count * this.#referenceBytes > this.#bytes.length) throw problem("the dictionary leaves the file");
    for (let pair = 0; pair < count; pair++)
      yield [
        this.#unsigned(start + pair * this.#referenceBytes, this.#referenceBytes),
        this.#unsigned(start + (count + pair) * this.#referenceBytes, this.#referenceBytes),
      ];
  }

  /** The text of an object; undefined when it is none, or longer. */
  text(object: number, longest: number = Number.POSITIVE_INFINITY): string | undefined {
    const { kind, count, start } = this.#head(object);
    if ((kind !== kinds.ascii && kind !== kinds.utf16) || count > longest) return undefined;
    const end = start + count * (kind === kinds.utf16 ? 2 : 1);
    if (end > this.#bytes.length) throw problem("a text leaves the file");
    return new TextDecoder(kind === kinds.utf16 ? "utf-16be" : "utf-8").decode(this.#bytes.subarray(start, end));
  }

  /** Counts from 15 on follow as an integer object. */
  #head(object: number): { readonly kind: number; readonly count: number; readonly start: number } {
    if (object >= this.#count) throw problem(`there is no object ${object}`);
    const at = this.#unsigned(this.#table + object * this.#offsetBytes, this.#offsetBytes);
    const first = this.#bytes[at];
    if (first === undefined) throw problem(`object ${object} lies behind the end of the file`);
    const count = first & 15;
    if (count < 15 || first >> 4 < kinds.ascii) return { kind: first >> 4, count, start: at + 1 };
    const size = 2 ** ((this.#bytes[at + 1] ?? 0) & 15);
    if (size > 8) throw problem("a count has too many digits");
    return { kind: first >> 4, count: this.#unsigned(at + 2, size), start: at + 2 + size };
  }

  #unsigned(at: number, size: number): number {
    let value = 0;
    for (let index = 0; index < size; index++) value = value * 256 + (this.#bytes[at + index] ?? 0);
    return value;
  }
}
