import { isSpace } from "./words.ts";
import type { EscapeCharacter } from "./words.ts";

/** Variables that `ARG` and `ENV` set. */
export type Variables = ReadonlyMap<string, string>;

/** A text whose variables were replaced, and the names of the variables. */
export interface ExpandedWord {
  readonly text: string;
  /** Variables that have a value and were asked for. Sorted. */
  readonly used: readonly string[];
  /** Variables that have none. Sorted. */
  readonly unset: readonly string[];
}

/** Thrown by {@link expandWord} and {@link expandWords} for a text that the build would refuse. */
export class ExpansionError extends Error {
  override readonly name = "ExpansionError";
}

/** An expansion may not grow beyond this: `ENV a=$a$a`, thirty times, would. In UTF-16 units. */
const maxLength = 1 << 20;
/** The most levels of `${a:-${b:-…}}`. */
const maxDepth = 100;

/**
 * Replaces the variables of a word and takes its quotes away, as the build does for the arguments of most instructions: `$x`, `${x}`,
 * `${x:-default}`, `-`, `+`, `?` with and without colon, `${x#pattern}`, `##`, `%`, `%%`, `${x/pattern/text}`, `//`.
 * @throws ExpansionError for open quotes, a bad substitution, and results of more than a million characters.
 */
export function expandWord(text: string, variables: Variables, escape: EscapeCharacter = "\\"): ExpandedWord {
  return new Expander(text, variables, escape).word();
}

/**
 * The same for a text of several words: whitespace outside of quotes separates them, also where it comes out of a variable.
 * @throws ExpansionError as {@link expandWord} does.
 */
export function expandWords(text: string, variables: Variables, escape: EscapeCharacter = "\\"): readonly string[] {
  return new Expander(text, variables, escape).words();
}

class Expander {
  readonly #text: string;
  readonly #variables: Variables;
  readonly #escape: EscapeCharacter;
  readonly #used = new Set<string>();
  readonly #unset = new Set<string>();
  readonly #words: string[] = [];
  #word = "";
  #at = 0;
  #length = 0;

  constructor(text: string, variables: Variables, escape: EscapeCharacter) {
    this.#text = text;
    this.#variables = variables;
    this.#escape = escape;
  }

  word(): ExpandedWord {
    const text = this.#until(undefined, false, 0);
    return { text, used: [...this.#used].sort(), unset: [...this.#unset].sort() };
  }

  words(): readonly string[] {
    this.#until(undefined, false, 0);
    if (this.#word !== "") this.#words.push(this.#word);
    return this.#words;
  }

  /** Reads up to the stop character, which is skipped, or to the end of the text. */
  #until(stop: string | undefined, keepEscapes: boolean, depth: number): string {
    if (depth > maxDepth) throw new ExpansionError("substitutions nest too deeply");
    const parts: string[] = [];
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined) {
        if (stop !== undefined) throw new ExpansionError(`${stop} is missing in a substitution`);
        return parts.join("");
      }
      if (char === stop) {
        this.#at++;
        return parts.join("");
      }
      if (char === "'" || char === '"') {
        const quoted = char === "'" ? this.#singleQuoted() : this.#doubleQuoted(depth);
        this.#add(quoted, parts, depth, true);
      } else if (char === "$") this.#add(this.#dollar(depth), parts, depth, false);
      else if (char === this.#escape) {
        this.#at++;
        const next = this.#text[this.#at];
        if (keepEscapes) parts.push(char);
        if (next === undefined) continue;
        this.#at++;
        this.#add(next, parts, depth, true);
      } else {
        this.#at++;
        this.#add(char, parts, depth, false);
      }
    }
  }

  /** Adds text to the words. Blanks separate words unless `together` is set, as it is for text that was quoted or escaped. */
  #add(text: string, parts: string[], depth: number, together: boolean): void {
    this.#grow(text);
    parts.push(text);
    if (depth > 0) return;
    if (together) this.#word += text;
    else
      for (const char of text) {
        if (!isSpace(char)) this.#word += char;
        else if (this.#word !== "") {
          this.#words.push(this.#word);
          this.#word = "";
        }
      }
  }

  #grow(text: string): void {
    this.#length += text.length;
    if (this.#length > maxLength) throw new ExpansionError("variables expand to more than a million characters");
  }

  #singleQuoted(): string {
    const end = this.#text.indexOf("'", this.#at + 1);
    if (end === -1) throw new ExpansionError("a single quote is not closed");
    const text = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return text;
  }

  #doubleQuoted(depth: number): string {
    const parts: string[] = [];
    this.#at++;
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined) throw new ExpansionError("a double quote is not closed");
      if (char === '"') {
        this.#at++;
        return parts.join("");
      }
      if (char === "$") {
        const value = this.#dollar(depth);
        this.#grow(value);
        parts.push(value);
      } else if (char === this.#escape) {
        const next = this.#text[this.#at + 1];
        if (next === undefined) throw new ExpansionError("a double quote is not closed");
        parts.push(next === '"' || next === "$" || next === this.#escape ? next : char + next);
        this.#at += 2;
      } else {
        this.#at++;
        parts.push(char);
      }
    }
  }

  #dollar(depth: number): string {
    this.#at++;
    if (this.#text[this.#at] !== "{") {
      const name = this.#name();
      return name === "" ? "$" : (this.#get(name) ?? "");
    }
    this.#at++;
    const first = this.#text[this.#at];
    if (first === undefined) throw new ExpansionError("} is missing in a substitution");
    if (first === "{" || first === "}" || first === ":") throw new ExpansionError("a substitution has no name");
    const name = this.#name();
    const operator = this.#text[this.#at++];
    if (operator === undefined) throw new ExpansionError("} is missing in a substitution");
    if (operator === "}") return this.#get(name) ?? "";
    if (operator === "/") return this.#replace(name, depth);
    if (operator === ":") {
      const real = this.#text[this.#at++];
      if (real !== "-" && real !== "+" && real !== "?") throw new ExpansionError(`:${real ?? ""} is no modifier`);
      return this.#conditional(name, real, true, depth);
    }
    if (operator === "-" || operator === "+" || operator === "?")
      return this.#conditional(name, operator, false, depth);
    if (operator === "#" || operator === "%") return this.#trim(name, operator, depth);
    throw new ExpansionError(`${operator} is no modifier`);
  }

  #conditional(name: string, operator: "-" | "+" | "?", emptyIsUnset: boolean, depth: number): string {
    const word = this.#until("}", false, depth + 1);
    const value = this.#get(name);
    const isSet = value !== undefined && !(emptyIsUnset && value === "");
    if (operator === "+") return isSet ? word : "";
    if (isSet) return value;
    if (operator === "?") throw new ExpansionError(`${name.slice(0, 60)} is not set`);
    return word;
  }

  #trim(name: string, operator: "#" | "%", depth: number): string {
    const word = this.#until("}", true, depth + 1);
    const value = this.#get(name) ?? "";
    const longest = word.startsWith(operator);
    const pattern = patternOf(longest ? word.slice(1) : word);
    if (operator === "#") {
      const length = matchLengths(pattern, value, 0);
      return value.slice(choose(length, longest) ?? 0);
    }
    const reversed = [...value].reverse().join("");
    const length = choose(matchLengths([...pattern].reverse(), reversed, 0), longest) ?? 0;
    return value.slice(0, value.length - length);
  }

  #replace(name: string, depth: number): string {
    const all = this.#text[this.#at] === "/";
    if (all) this.#at++;
    const pattern = patternOf(this.#until("/", true, depth + 1));
    const replacement = this.#until("}", true, depth + 1);
    const value = this.#get(name) ?? "";
    const parts: string[] = [];
    let at = 0;
    let budget = 2_000_000;
    while (at < value.length) {
      budget -= pattern.length * Math.max(1, value.length - at);
      if (budget < 0) throw new ExpansionError("a substitution takes too long");
      const length = choose(matchLengths(pattern, value, at), true) ?? 0;
      if (length === 0) parts.push(value[at++] ?? "");
      else {
        this.#grow(replacement);
        parts.push(replacement);
        at += length;
        if (!all) break;
      }
    }
    return parts.join("") + value.slice(at);
  }

  /** Letters, digits and `_`; or only digits; or one of the shell's own parameters. */
  #name(): string {
    const first = this.#text[this.#at] ?? "";
    if (/[0-9]/.test(first)) return this.#take(/[0-9]/);
    if (first !== "" && "@*#?-$!".includes(first)) {
      this.#at++;
      return first;
    }
    return this.#take(/[\p{L}\p{Nd}_]/u);
  }

  #take(allowed: RegExp): string {
    const start = this.#at;
    while (this.#at < this.#text.length && allowed.test(this.#text[this.#at] ?? "")) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #get(name: string): string | undefined {
    const value = this.#variables.get(name);
    (value === undefined ? this.#unset : this.#used).add(name);
    return value;
  }
}

/** One step of a shell pattern: a character, `?` as `any`, `*` as `many`. */
type PatternStep = { readonly kind: "any" | "many" } | { readonly kind: "char"; readonly char: string };

function patternOf(text: string): readonly PatternStep[] {
  const steps: PatternStep[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? "";
    if (char === "*") steps.push({ kind: "many" });
    else if (char === "?") steps.push({ kind: "any" });
    else if (char === "\\") {
      at++;
      if (at >= text.length) throw new ExpansionError("a pattern ends in an escape");
      steps.push({ kind: "char", char: text[at] ?? "" });
    } else steps.push({ kind: "char", char });
  }
  return steps;
}

/** The most work for one pattern: its steps times the characters of the text. */
const maxPatternWork = 4_000_000;

/** Lengths that the pattern matches from an offset, as sets of positions: no backtracking. */
function matchLengths(pattern: readonly PatternStep[], value: string, from: number): readonly number[] {
  const size = value.length - from + 1;
  if (pattern.length * size > maxPatternWork) throw new ExpansionError("a substitution takes too long");
  let reached = new Uint8Array(size);
  reached[0] = 1;
  for (const step of pattern) {
    const next = new Uint8Array(size);
    if (step.kind === "many") {
      const first = reached.indexOf(1);
      if (first !== -1) next.fill(1, first);
    } else
      for (let at = 0; at + 1 < size; at++)
        if (reached[at] === 1 && (step.kind !== "char" || value[from + at] === step.char)) next[at + 1] = 1;
    reached = next;
  }
  const lengths: number[] = [];
  for (let at = 0; at < size; at++) if (reached[at] === 1) lengths.push(at);
  return lengths;
}

function choose(lengths: readonly number[], longest: boolean): number | undefined {
  return longest ? lengths.at(-1) : lengths[0];
}
