/** Declarations of built-in functions: their types, written as OPA lists them. */

import { anything, type Type } from "./static-types.ts";

/** The compiler's view of a built-in function. */
export interface Declaration {
  readonly name: string;
  readonly args: readonly Type[];
  /** The names of the arguments, followed by that of the result, for messages. */
  readonly names?: readonly string[] | undefined;
  readonly variadic: Type | undefined;
  /** Undefined for functions without a result, such as `print`. */
  readonly result: Type | undefined;
  /** Whether the function has any number of results. */
  readonly relation: boolean;
  readonly deprecated: boolean;
}

/**
 * Reads a signature: `(number, array[string]) => boolean`. `any<a, b>` is a union, `array<a, b>[c]` has fixed items and
 * more of type c, `object<"name": a>[b: c]` fixed fields and further ones, `...any` any number of arguments, `void` no result.
 */
export function readSignature(text: string): { args: Type[]; variadic: Type | undefined; result: Type | undefined } {
  const reader = new SignatureReader(text);
  return reader.signature();
}

class SignatureReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  signature(): { args: Type[]; variadic: Type | undefined; result: Type | undefined } {
    this.#expect("(");
    const args: Type[] = [];
    let variadic: Type | undefined;
    while (!this.#take(")")) {
      if (this.#take("...")) variadic = this.#type();
      else args.push(this.#type());
      this.#take(",");
    }
    this.#expect("=>");
    const result = this.#take("void") ? undefined : this.#type();
    if (this.#text.slice(this.#at).trim() !== "") throw new TypeError(`signature: ${this.#text}`);
    return { args, variadic, result };
  }

  #skip(): void {
    while (this.#text[this.#at] === " ") this.#at++;
  }

  #take(text: string): boolean {
    this.#skip();
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw new TypeError(`signature: expected ${text} at ${this.#at} in ${this.#text}`);
  }

  #list(close: string): Type[] {
    const types: Type[] = [];
    while (!this.#take(close)) {
      types.push(this.#type());
      this.#take(",");
    }
    return types;
  }

  #type(): Type {
    this.#skip();
    const name = /^[a-z]+/.exec(this.#text.slice(this.#at))?.[0] ?? "";
    this.#at += name.length;
    switch (name) {
      case "null":
      case "boolean":
      case "number":
      case "string":
        return { kind: name };
      case "any":
        return this.#take("<") ? { kind: "any", of: this.#list(">") } : anything;
      case "set":
        this.#expect("[");
        return { kind: "set", of: this.#list("]")[0] };
      case "array": {
        const items = this.#take("<") ? this.#list(">") : [];
        return { kind: "array", items, rest: this.#take("[") ? this.#list("]")[0] : undefined };
      }
      case "object":
        return this.#object();
      default:
        throw new TypeError(`signature: no type at ${this.#at} in ${this.#text}`);
    }
  }

  #object(): Type {
    const fields: [string, Type][] = [];
    if (this.#take("<")) {
      while (!this.#take(">")) {
        const key = /^"([^"]*)"/.exec(this.#text.slice(this.#at).trimStart())?.[1] ?? "";
        this.#expect(`"${key}"`);
        this.#expect(":");
        fields.push([key, this.#type()]);
        this.#take(",");
      }
    }
    if (!this.#take("[")) return { kind: "object", fields, rest: undefined };
    const key = this.#type();
    this.#expect(":");
    const value = this.#type();
    this.#expect("]");
    return { kind: "object", fields, rest: { key, value } };
  }
}
