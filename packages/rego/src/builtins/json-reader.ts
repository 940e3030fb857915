/** Reads JSON text with the numbers as they are spelled, and with the complaints of Go's `encoding/json`. */

import { isTractable, numberFromText } from "../values/number.ts";
import { RegoObject, type Value } from "../values/value.ts";
import { BuiltinError } from "./builtin.ts";
import { utf8 } from "./bytes.ts";

const deepest = 10_000;
// An exponent has 32 bits in Go.
const largestReadExponent = 2 ** 31 - 1;

/** The value that a JSON text holds; throws a BuiltinError. With `tractable` also where a number in it is too large to reckon with. */
export function readJson(text: string, tractable = false): Value {
  const reader = new JsonReader(text, tractable);
  return reader.document();
}

class JsonReader {
  readonly #text: string;
  readonly #tractable: boolean;
  #at = 0;
  #depth = 0;

  constructor(text: string, tractable: boolean) {
    this.#text = text;
    this.#tractable = tractable;
  }

  document(): Value {
    const value = this.#value();
    this.#space();
    if (this.#at < this.#text.length) {
      throw new BuiltinError(`error: invalid character ${quoted(this.#text, this.#at)} after top-level value`);
    }
    return value;
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.#at++;
    }
  }

  #fail(where: string): BuiltinError {
    if (this.#at >= this.#text.length)
      return new BuiltinError(
        "unexpected EOF".replace("unexpected EOF", this.#text.trim() === "" ? "EOF" : "unexpected EOF"),
      );
    return new BuiltinError(`invalid character ${quoted(this.#text, this.#at)} ${where}`);
  }

  #value(): Value {
    this.#space();
    const code = this.#text.charCodeAt(this.#at);
    if (code === 123) return this.#nested(() => this.#object());
    if (code === 91) return this.#nested(() => this.#array());
    if (code === 34) return this.#string();
    if (code === 45 || (code >= 48 && code <= 57)) return this.#number();
    for (const [word, value] of words) if (code === word.charCodeAt(0)) return this.#word(word, value);
    throw this.#fail("looking for beginning of value");
  }

  #nested(read: () => Value): Value {
    if (++this.#depth > deepest) throw new BuiltinError("exceeded max depth");
    const value = read();
    this.#depth--;
    return value;
  }

  #word(word: string, value: Value): Value {
    for (let index = 1; index < word.length; index++) {
      this.#at++;
      if (this.#text[this.#at] !== word[index]) throw this.#fail(`in literal ${word} (expecting '${word[index]}')`);
    }
    this.#at++;
    return value;
  }

  #object(): Value {
    const object = new RegoObject();
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === "}") {
      this.#at++;
      return object;
    }
    for (;;) {
      this.#space();
      if (this.#text[this.#at] !== '"') throw this.#fail("looking for beginning of object key string");
      const key = this.#string();
      this.#space();
      if (this.#text[this.#at] !== ":") throw this.#fail("after object key");
      this.#at++;
      object.set(key, this.#value());
      this.#space();
      if (this.#text[this.#at] === ",") this.#at++;
      else if (this.#text[this.#at] === "}") break;
      else throw this.#fail("after object key:value pair");
    }
    this.#at++;
    return object;
  }

  #array(): Value {
    const items: Value[] = [];
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === "]") {
      this.#at++;
      return items;
    }
    for (;;) {
      items.push(this.#value());
      this.#space();
      if (this.#text[this.#at] === ",") this.#at++;
      else if (this.#text[this.#at] === "]") break;
      else throw this.#fail("after array element");
    }
    this.#at++;
    return items;
  }

  #string(): string {
    const start = this.#at++;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (Number.isNaN(code)) throw this.#fail("");
      if (code < 32) throw this.#fail("in string literal");
      if (code === 34) break;
      if (code === 92) this.#escape();
      this.#at++;
    }
    this.#at++;
    const literal = this.#text.slice(start, this.#at);
    if (!literal.includes("\\")) return literal.slice(1, -1);
    // One string, with its quotes.
    return (JSON.parse(literal) as string).replace(/\p{Surrogate}/gu, "\ufffd");
  }

  #escape(): void {
    this.#at++;
    const next = this.#text[this.#at] ?? "";
    if (next === "u") {
      for (let index = 0; index < 4; index++) {
        this.#at++;
        if (!/[0-9a-fA-F]/.test(this.#text[this.#at] ?? "")) throw this.#fail("in \\u hexadecimal character escape");
      }
    } else if (next === "" || !'"\\/bfnrt'.includes(next)) {
      throw this.#fail("in string escape code");
    }
  }

  #digits(where: string): void {
    if (!/[0-9]/.test(this.#text[this.#at] ?? "")) throw this.#fail(where);
    while (/[0-9]/.test(this.#text[this.#at] ?? "")) this.#at++;
  }

  #number(): Value {
    const start = this.#at;
    if (this.#text[this.#at] === "-") this.#at++;
    if (this.#text[this.#at] === "0") this.#at++;
    else this.#digits("in numeric literal");
    if (this.#text[this.#at] === ".") {
      this.#at++;
      this.#digits("after decimal point in numeric literal");
    }
    if (this.#text[this.#at] === "e" || this.#text[this.#at] === "E") {
      this.#at++;
      if (this.#text[this.#at] === "+" || this.#text[this.#at] === "-") this.#at++;
      this.#digits("in exponent of numeric literal");
    }
    const number = this.#text.slice(start, this.#at);
    const exponent = /[eE](.*)$/.exec(number)?.[1];
    if (exponent !== undefined && this.#tractable && !isTractable(number)) {
      const reason = Math.abs(Number(exponent)) > largestReadExponent ? "invalid float" : "number too big";
      throw new BuiltinError(`invalid number: ${reason}`);
    }
    return numberFromText(number);
  }
}

const words: readonly (readonly [string, Value])[] = [
  ["true", true],
  ["false", false],
  ["null", null],
];

function quoted(text: string, at: number): string {
  // Go tells the first byte of what is not ASCII.
  const [byte = 0] = utf8(String.fromCodePoint(text.codePointAt(at) ?? 0xfffd));
  return quotedByte(byte);
}

/** A byte as Go's `strconv.QuoteRune` writes it. */
export function quotedByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (character === "'") return "'\\''";
  if (character === '"') return "'\"'";
  return `'${JSON.stringify(character).slice(1, -1)}'`;
}
