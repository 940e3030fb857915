/** Globs, with delimiters that `*` does not cross. */

import { isArray, typeName, type Value } from "../values/value.ts";
import { builtin, BuiltinError, operandMessage, type Builtin, type BuiltinContext } from "./builtin.ts";
import { codePointCount } from "./aggregates.ts";
import { intersectGlobs } from "./glob-intersection.ts";
import { stringAt, valueAt } from "./operands.ts";
import { patternOf } from "./regex.ts";

function quote(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&");
}

class GlobTranslator {
  readonly #glob: string;
  readonly #single: string;
  #at = 0;

  constructor(glob: string, delimiters: readonly string[]) {
    this.#glob = glob;
    this.#single = delimiters.length === 0 ? "(?s:.)" : `[^${delimiters.map(classQuote).join("")}]`;
  }

  translate(): string {
    const source = this.#sequence("");
    return `^(?:${source})$`;
  }

  #error(what: string): BuiltinError {
    return new BuiltinError(`glob: syntax error at ${this.#at}: ${what}`);
  }

  #sequence(until: string): string {
    let source = "";
    for (;;) {
      const code = this.#glob.codePointAt(this.#at);
      if (code === undefined) break;
      const character = String.fromCodePoint(code);
      if (until.includes(character)) return source;
      this.#at += character.length;
      source += this.#one(character);
    }
    if (until !== "") throw this.#error("unexpected end of input");
    return source;
  }

  #one(character: string): string {
    switch (character) {
      case "*":
        if (this.#glob[this.#at] !== "*") return `${this.#single}*`;
        while (this.#glob[this.#at] === "*") this.#at++;
        return "(?s:.)*";
      case "?":
        return this.#single;
      case "[":
        return this.#class();
      case "{":
        return this.#alternatives();
      case "\\": {
        const next = this.#glob.codePointAt(this.#at);
        if (next === undefined) throw this.#error("unexpected end of input");
        const escaped = String.fromCodePoint(next);
        this.#at += escaped.length;
        return quote(escaped);
      }
      default:
        return quote(character);
    }
  }

  #alternatives(): string {
    const parts: string[] = [];
    for (;;) {
      parts.push(this.#sequence(",}"));
      if (this.#glob[this.#at++] === "}") return `(?:${parts.join("|")})`;
    }
  }

  #class(): string {
    const range = /^(!?)(.)-(.)(\])?/su.exec(this.#glob.slice(this.#at));
    if (range !== null) {
      const [all, negation, from = "", to = "", end] = range;
      this.#at += all.length;
      if (end === undefined) {
        const isCut = this.#at >= this.#glob.length;
        if (!isCut) this.#at++;
        throw this.#error(isCut ? "unexpected end of input" : "expected close range character");
      }
      if (from > to) throw this.#error("range hi character is less than lo");
      return `[${negation === "" ? "" : "^"}${classQuote(from)}-${classQuote(to)}]`;
    }
    const close = this.#glob.indexOf("]", this.#at + 1);
    if (close < 0) throw this.#error("unexpected end of input");
    let inside = this.#glob.slice(this.#at, close);
    this.#at = close + 1;
    const negated = inside.startsWith("!");
    if (negated) inside = inside.slice(1);
    return `[${negated ? "^" : ""}${[...inside].map(classQuote).join("")}]`;
  }
}

function classQuote(character: string): string {
  return /[\\\]\-^[]/.test(character) ? `\\${character}` : character;
}

function delimitersOf(value: Value): readonly string[] {
  if (value === null) return [];
  if (!isArray(value))
    throw new BuiltinError("operand 2 must be one of {array, null} but got other", "eval_type_error");
  if (value.length === 0) return ["."];
  return value.map((each) => {
    if (typeof each !== "string" || codePointCount(each) !== 1) {
      throw operandMessage(2, `array containing ${typeName(each)}`, "array of runes");
    }
    return each;
  });
}

function match(args: readonly Value[], context: BuiltinContext): boolean {
  const glob = stringAt(args, 0);
  const delimiters = delimitersOf(valueAt(args, 1));
  const text = stringAt(args, 2);
  context.step(1 + (text.length >> 5));
  const source = context.keep(`glob ${delimiters.join("")}`, glob, 1 + glob.length, () =>
    new GlobTranslator(glob, delimiters).translate(),
  );
  return patternOf(source, context).test(text);
}

export const globBuiltins: readonly Builtin[] = [
  builtin("glob.match", "(string, any<null, array[string]>, string) => boolean", match),
  builtin("glob.quote_meta", "(string) => string", (args) => stringAt(args, 0).replace(/[*?\\[\]{}]/g, "\\$&")),
  builtin("regex.globs_match", "(string, string) => boolean", (args, context) =>
    intersectGlobs(stringAt(args, 0), stringAt(args, 1), context),
  ),
];
