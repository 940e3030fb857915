/** The texts in compiled Python files (`.pyc`), which name and hold every constant of a program. */

/** Shorter texts hold no secret. */
const shortest = 5;
/** Lengths above this are none: what looked like the beginning of a text is something else. */
const longest = 1024 * 1024;

/** Types of texts with a length of one byte, and of four (https://github.com/python/cpython/blob/main/Python/marshal.c). */
const shortTypes: ReadonlySet<number> = new Set(["z", "Z"].map((type) => type.charCodeAt(0)));
const longTypes: ReadonlySet<number> = new Set(["s", "t", "u", "a", "A"].map((type) => type.charCodeAt(0)));
/** The bit that tells that an object will be referred to. */
const referred = 0x80;

/** Whether a file is compiled Python, by its path. */
export function isCompiledPython(path: string): boolean {
  return path.endsWith(".pyc");
}

/**
 * Takes the texts out of compiled Python: each becomes a line. What surrounds them is not understood, since it differs from version to version;
 * any byte may be the type of a text, and it is one as long as no control character shows that it is not.
 */
export class CompiledTexts {
  /** Bytes of the length that are still to come. */
  #lengthBytes = 0;
  #lengthShift = 0;
  #length = 0;
  /** Bytes of the text that are still to come. */
  #left = 0;
  /** The beginning of a text, until it is long enough to be one. */
  readonly #held = new Uint8Array(shortest);
  #heldBytes = 0;

  /** The texts, or parts of texts, that end in these bytes; how a file is cut does not matter. */
  push(bytes: Uint8Array): Uint8Array {
    // A text has a type and a length before it, so that a line end has room.
    const out = new Uint8Array(bytes.length + shortest + 1);
    let size = 0;
    const endText = (): void => {
      if (this.#heldBytes === shortest) out[size++] = 10;
      this.#heldBytes = 0;
      this.#left = 0;
    };
    for (const byte of bytes) {
      if (this.#lengthBytes > 0) {
        this.#length += byte * 2 ** this.#lengthShift;
        this.#lengthShift += 8;
        if (--this.#lengthBytes === 0 && this.#length >= shortest && this.#length <= longest) this.#left = this.#length;
        continue;
      }
      if (this.#left > 0 && isText(byte)) {
        if (this.#heldBytes < shortest) {
          this.#held[this.#heldBytes++] = byte;
          if (this.#heldBytes === shortest) {
            out.set(this.#held, size);
            size += shortest;
          }
        } else out[size++] = byte;
        if (--this.#left === 0) endText();
        continue;
      }
      endText();
      const type = byte & ~referred;
      const lengthBytes = shortTypes.has(type) ? 1 : longTypes.has(type) ? 4 : 0;
      if (lengthBytes === 0) continue;
      this.#lengthBytes = lengthBytes;
      this.#lengthShift = 0;
      this.#length = 0;
    }
    return out.subarray(0, size);
  }
}

function isText(byte: number): boolean {
  return (byte >= 0x20 && byte !== 0x7f) || byte === 9 || byte === 10 || byte === 13;
}
