/** The texts in compiled Python files (`.pyc`; `.pyo` of optimised code before Python 3.5), which name and hold every constant of a program. */

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
  return /\.py[co]$/.test(path);
}

/**
 * Takes the texts out of compiled Python: each becomes a line. What surrounds them is not understood, since it differs from version to version;
 * any byte may be the type of a text, and it is one as long as neither its length nor a control character shows that it is not.
 */
export class CompiledTexts {
  /** What was read since a type: the bytes of a length, and a text as long as it is too short to be one. If there is none, they are read again. */
  #since: number[] = [];
  /** Bytes that the length has; 0 outside of a text and where its type stood. */
  #lengthBytes = 0;
  /** Bytes of the text that are still to come. */
  #left = 0;
  #isLongEnough = false;
  #out: Uint8Array = new Uint8Array(0);
  #size = 0;

  /** The texts, or parts of texts, that end in these bytes; how a file is cut does not matter. */
  push(bytes: Uint8Array): Uint8Array {
    // A text has a type and a length before it, so that a line end has room.
    this.#out = new Uint8Array(bytes.length + shortest + 5);
    this.#size = 0;
    for (const byte of bytes) this.#read(byte);
    return this.#out.subarray(0, this.#size);
  }

  #read(byte: number): void {
    if (this.#lengthBytes === 0) {
      const type = byte & ~referred;
      this.#lengthBytes = shortTypes.has(type) ? 1 : longTypes.has(type) ? 4 : 0;
    } else if (this.#left === 0) this.#readLength(byte);
    else if (isText(byte)) this.#readText(byte);
    else {
      this.#end();
      this.#read(byte);
    }
  }

  #readLength(byte: number): void {
    if (this.#since.push(byte) < this.#lengthBytes) return;
    const length = this.#since.reduce((sum, each, at) => sum + each * 256 ** at, 0);
    if (length >= shortest && length <= longest) this.#left = length;
    else this.#end();
  }

  #readText(byte: number): void {
    if (this.#isLongEnough) this.#write(byte);
    else if (this.#since.push(byte) === this.#lengthBytes + shortest) {
      this.#isLongEnough = true;
      for (const each of this.#since.slice(this.#lengthBytes)) this.#write(each);
    }
    if (--this.#left === 0) this.#end();
  }

  /** Ends a text. Where there was none, what was read may hold the type of one. */
  #end(): void {
    const again = this.#isLongEnough ? [] : this.#since;
    if (this.#isLongEnough) this.#write(10);
    this.#since = [];
    this.#lengthBytes = 0;
    this.#left = 0;
    this.#isLongEnough = false;
    for (const byte of again) this.#read(byte);
  }

  #write(byte: number): void {
    this.#out[this.#size++] = byte;
  }
}

function isText(byte: number): boolean {
  return (byte >= 0x20 && byte !== 0x7f) || byte === 9 || byte === 10 || byte === 13;
}
