import { FormatError, concatBytes, parseJson } from "@plimsoll/formats";
import type { ByteStream } from "@plimsoll/model";

const [quote, backslash, open, close, openList, closeList] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d];

/** The most bytes of a record, so that a document with a record that never ends is not held in memory. */
const maxElementBytes = 64 * 1024 * 1024;

/**
 * The objects in the list that a member of a document's outermost object holds, one after the other, so that a document of any size is
 * read in the memory of one record. Only what lies between the elements goes unchecked.
 * @throws FormatError for an element above 64 MiB or that is no JSON, and a document that ends within the list.
 */
export async function* listElements(content: ByteStream, member: string): AsyncGenerator<unknown, boolean> {
  const scanner = new ElementScanner(new TextEncoder().encode(`"${member}"`));
  const decoder = new TextDecoder();
  for await (const chunk of content) {
    for (const bytes of scanner.take(chunk)) yield parseJson(decoder.decode(bytes));
  }
  if (scanner.isInside) throw new FormatError("document", "truncated", `it ends within "${member}"`);
  return scanner.wasThere;
}

class ElementScanner {
  readonly #member: Uint8Array;
  #depth = 0;
  #inText = false;
  #escaped = false;
  /** How much of the member's name the present text has matched; -1: it is another one. */
  #matched = -1;
  #named = false;
  #inList = false;
  #element: Uint8Array[] | undefined;
  #length = 0;
  wasThere = false;

  constructor(member: Uint8Array) {
    this.#member = member;
  }

  get isInside(): boolean {
    return this.#inList;
  }

  *take(chunk: Uint8Array): Generator<Uint8Array> {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (this.#inText) this.#text(byte);
      else if (byte === quote) {
        this.#inText = true;
        this.#matched = this.#depth === 1 ? 1 : -1;
      } else if (byte === open || byte === openList) {
        if (byte === openList && this.#depth === 1 && this.#named) this.#inList = this.wasThere = true;
        if (byte === open && this.#depth === 2 && this.#inList) {
          from = at;
          this.#element = [];
          this.#length = 0;
        }
        this.#depth++;
        this.#named = false;
      } else if (byte === close || byte === closeList) {
        this.#depth--;
        if (this.#depth === 2 && this.#element !== undefined) {
          this.#keep(chunk.subarray(from, at + 1));
          yield concatBytes(this.#element);
          this.#element = undefined;
        }
        if (this.#depth <= 1) this.#inList = false;
      } else if (byte === 0x2c) this.#named = false;
    }
    if (this.#element !== undefined) this.#keep(chunk.slice(from));
  }

  #text(byte: number): void {
    if (this.#escaped) {
      this.#escaped = false;
      this.#matched = -1;
    } else if (byte === backslash) {
      this.#escaped = true;
      this.#matched = -1;
    } else {
      if (this.#matched >= 0) this.#matched = this.#member[this.#matched] === byte ? this.#matched + 1 : -1;
      if (byte !== quote) return;
      this.#inText = false;
      this.#named = this.#matched === this.#member.length;
    }
  }

  #keep(part: Uint8Array): void {
    this.#length += part.length;
    if (this.#length > maxElementBytes)
      throw new FormatError("document", "limit-exceeded", `a record of more than ${maxElementBytes} bytes`);
    this.#element?.push(part);
  }
}
