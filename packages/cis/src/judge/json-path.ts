import { isRecord } from "@plimsoll/formats";
/** A JSONPath is malformed, uses an index on an object, or an index beyond a list's end. */
export class JsonPathError extends Error {
  override readonly name = "JsonPathError";
}

type Step =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "wildcard" }
  | { readonly kind: "recursive" }
  | {
      readonly kind: "slice";
      readonly from?: number;
      readonly to?: number;
      readonly step?: number;
      readonly single: boolean;
    }
  | { readonly kind: "union"; readonly members: readonly (readonly Step[])[] }
  | { readonly kind: "filter"; readonly left: Operand; readonly operator?: string; readonly right?: Operand };

type Operand = { readonly steps: readonly Step[] } | { readonly literal: string | number | boolean };

type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "path"; readonly steps: readonly Step[] }
  | { readonly kind: "range"; readonly steps: readonly Step[]; readonly body: readonly Piece[] };

/** Values visited by one evaluation; larger documents are refused. */
const maxVisits = 2_000_000;
const maxTemplateLength = 10_000;

/**
 * Evaluates a kubectl JSONPath template (`{.a.b[*].c}`, `{range .items[*]}{.name}{"\n"}{end}`) to text. Missing keys give nothing, so an
 * absent path is the empty text. Several results of one path are separated by blanks; objects and lists are printed as JSON.
 * Source: the JSONPath page of the Kubernetes reference and client-go's `util/jsonpath`.
 * @throws JsonPathError
 */
export function evaluateJsonPath(template: string, document: unknown): string {
  if (template.length > maxTemplateLength) throw new JsonPathError("the template is too long");
  const pieces = new TemplateParser(template).parse();
  return new Evaluation().print(pieces, document);
}

/** Results of one path without braces, such as `.metadata.name` of a custom column. @throws JsonPathError */
export function jsonPathResults(path: string, document: unknown): readonly unknown[] {
  if (path.length > maxTemplateLength) throw new JsonPathError("the path is too long");
  const parser = new TemplateParser(path);
  return new Evaluation().follow(parser.parsePathToEnd(), document);
}

class TemplateParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): readonly Piece[] {
    const pieces = this.#pieces(0);
    if (this.#at < this.#text.length) throw new JsonPathError("not in range, nothing to end");
    return pieces;
  }

  parsePathToEnd(): readonly Step[] {
    const steps = this.#steps("");
    if (this.#at < this.#text.length) throw new JsonPathError(`unexpected ${this.#text[this.#at]} in ${this.#text}`);
    return steps;
  }

  #pieces(depth: number): readonly Piece[] {
    if (depth > 20) throw new JsonPathError("ranges are nested too deeply");
    const pieces: Piece[] = [];
    while (this.#at < this.#text.length) {
      const open = this.#text.indexOf("{", this.#at);
      if (open !== this.#at) {
        const end = open === -1 ? this.#text.length : open;
        pieces.push({ kind: "text", text: this.#text.slice(this.#at, end) });
        this.#at = end;
        continue;
      }
      const start = this.#at;
      this.#at++;
      this.#blanks();
      if (this.#word("end")) {
        this.#blanks();
        this.#expect("}");
        if (depth === 0) throw new JsonPathError("not in range, nothing to end");
        return pieces;
      }
      if (this.#word("range")) {
        this.#blanks();
        const steps = this.#steps("}");
        this.#expect("}");
        pieces.push({ kind: "range", steps, body: this.#pieces(depth + 1) });
        continue;
      }
      const quote = this.#text[this.#at];
      if (quote === '"' || quote === "'") {
        pieces.push({ kind: "text", text: this.#quoted() });
        this.#blanks();
        this.#expect("}");
        continue;
      }
      pieces.push({ kind: "path", steps: this.#steps("}") });
      this.#expect("}");
      if (this.#at === start) throw new JsonPathError("nothing was read");
    }
    if (depth > 0) throw new JsonPathError("a range has no end");
    return pieces;
  }

  #word(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    const after = this.#text[this.#at + word.length];
    if (after !== undefined && /[\w]/.test(after)) return false;
    this.#at += word.length;
    return true;
  }

  #blanks(): void {
    while (this.#text[this.#at] === " " || this.#text[this.#at] === "\n" || this.#text[this.#at] === "\t") this.#at++;
  }

  #expect(char: string): void {
    if (this.#text[this.#at] !== char) throw new JsonPathError(`${char} is missing in ${this.#text.slice(0, 80)}`);
    this.#at++;
  }

  #quoted(): string {
    const quote = this.#text[this.#at++];
    let value = "";
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at++] ?? "";
      if (char === quote) return value;
      if (char === "\\") {
        const next = this.#text[this.#at++] ?? "";
        value += next === "n" ? "\n" : next === "t" ? "\t" : next === "r" ? "\r" : next;
      } else value += char;
    }
    throw new JsonPathError("a quote has no end");
  }

  /** Steps up to one of the closing characters, which is left. */
  #steps(closing: string, depth = 0): readonly Step[] {
    if (depth > 20) throw new JsonPathError("filters are nested too deeply");
    const steps: Step[] = [];
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at] ?? "";
      if (closing.includes(char)) break;
      if (char === " " || char === "\n") {
        if (closing !== "}" && closing !== "") break;
        this.#at++;
      } else if (char === "$" || char === "@") this.#at++;
      else if (char === ".") {
        this.#at++;
        if (this.#text[this.#at] === ".") {
          this.#at++;
          steps.push({ kind: "recursive" });
          if (this.#text[this.#at] !== "[") steps.push(...this.#field());
        } else if (this.#text[this.#at] !== "[") steps.push(...this.#field());
      } else if (char === "[") steps.push(this.#bracket(depth));
      else if (char === "*") {
        this.#at++;
        steps.push({ kind: "wildcard" });
      } else if (/[\w-]/.test(char) && steps.length === 0) steps.push(...this.#field());
      else throw new JsonPathError(`unexpected ${char} in ${this.#text.slice(0, 80)}`);
    }
    return steps;
  }

  #field(): readonly Step[] {
    if (this.#text[this.#at] === "*") {
      this.#at++;
      return [{ kind: "wildcard" }];
    }
    let name = "";
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at] ?? "";
      if (char === "\\") {
        name += this.#text[this.#at + 1] ?? "";
        this.#at += 2;
      } else if (/[.[\]{}()\s,|=!<>]/.test(char)) break;
      else {
        name += char;
        this.#at++;
      }
    }
    return name === "" ? [] : [{ kind: "field", name }];
  }

  #bracket(depth: number): Step {
    this.#expect("[");
    this.#blanks();
    if (this.#text[this.#at] === "?") return this.#filter(depth);
    const members: Step[][] = [];
    for (;;) {
      members.push([this.#member()]);
      this.#blanks();
      if (this.#text[this.#at] !== ",") break;
      this.#at++;
      this.#blanks();
    }
    this.#expect("]");
    const first = members[0]?.[0];
    return members.length === 1 && first !== undefined ? first : { kind: "union", members };
  }

  #member(): Step {
    const char = this.#text[this.#at];
    if (char === '"' || char === "'") {
      const name = this.#quoted();
      // kubectl also takes `['.data.x']`; a leading dot does not belong to the key.
      return { kind: "field", name: name.startsWith(".") ? name.slice(1) : name };
    }
    if (char === "*") {
      this.#at++;
      return { kind: "wildcard" };
    }
    const end = this.#text.slice(this.#at).search(/[\],]/);
    if (end === -1) throw new JsonPathError("] is missing");
    const text = this.#text.slice(this.#at, this.#at + end).trim();
    this.#at += end;
    const parts = text.split(":").map((part) => part.trim());
    if (parts.length > 3 || parts.some((part) => !/^-?\d{0,9}$/.test(part) || part === "-"))
      throw new JsonPathError(`invalid array index ${text.slice(0, 40)}`);
    if (parts.length === 1 && parts[0] === "") throw new JsonPathError("an index is empty");
    const [from, to, step] = parts.map((part) => (part === "" ? undefined : Number(part)));
    return {
      kind: "slice",
      single: parts.length === 1,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(step === undefined ? {} : { step }),
    };
  }

  #filter(depth: number): Step {
    this.#expect("?");
    this.#expect("(");
    const left = this.#operand(depth);
    this.#blanks();
    const operator = /^(==|!=|<=|>=|<|>)/.exec(this.#text.slice(this.#at, this.#at + 2))?.[0];
    let right: Operand | undefined;
    if (operator !== undefined) {
      this.#at += operator.length;
      right = this.#operand(depth);
      this.#blanks();
    }
    this.#expect(")");
    this.#blanks();
    this.#expect("]");
    return {
      kind: "filter",
      left,
      ...(operator === undefined ? {} : { operator }),
      ...(right === undefined ? {} : { right }),
    };
  }

  #operand(depth: number): Operand {
    this.#blanks();
    const char = this.#text[this.#at];
    if (char === '"' || char === "'") return { literal: this.#quoted() };
    if (char === "@" || char === "." || char === "$") return { steps: this.#steps(")=!<>", depth + 1) };
    const word = /^(true|false|-?\d+(?:\.\d+)?)/.exec(this.#text.slice(this.#at, this.#at + 40))?.[0];
    if (word === undefined) throw new JsonPathError(`a filter compares ${this.#text.slice(this.#at, this.#at + 20)}`);
    this.#at += word.length;
    return { literal: word === "true" ? true : word === "false" ? false : Number(word) };
  }
}

class Evaluation {
  #visits = 0;

  print(pieces: readonly Piece[], value: unknown): string {
    let text = "";
    for (const piece of pieces) {
      if (piece.kind === "text") text += piece.text;
      else if (piece.kind === "path") text += this.follow(piece.steps, value).map(printed).join(" ");
      else for (const item of this.follow(piece.steps, value)) text += this.print(piece.body, item);
    }
    return text;
  }

  follow(steps: readonly Step[], value: unknown): readonly unknown[] {
    let values: readonly unknown[] = [value];
    for (const step of steps) {
      const next: unknown[] = [];
      for (const each of values) this.#step(step, each, next);
      values = next;
    }
    return values;
  }

  #count(): void {
    if (++this.#visits > maxVisits) throw new JsonPathError("the document is too large for this path");
  }

  #step(step: Step, value: unknown, results: unknown[]): void {
    this.#count();
    if (value === null || value === undefined) return;
    switch (step.kind) {
      case "field":
        if (isRecord(value) && Object.hasOwn(value, step.name)) results.push(value[step.name]);
        return;
      case "wildcard":
        for (const member of membersOf(value)) {
          this.#count();
          results.push(member);
        }
        return;
      case "recursive":
        this.#descend(value, results, 0);
        return;
      case "slice":
        this.#slice(step, value, results);
        return;
      case "union":
        for (const steps of step.members) for (const found of this.follow(steps, value)) results.push(found);
        return;
      case "filter":
        if (!Array.isArray(value)) throw new JsonPathError("only a list can be filtered");
        for (const item of value) if (this.#keeps(step, item)) results.push(item);
    }
  }

  #descend(value: unknown, results: unknown[], depth: number): void {
    const members = membersOf(value);
    if (members.length === 0 || depth > 300) return;
    results.push(value);
    for (const member of members) {
      this.#count();
      this.#descend(member, results, depth + 1);
    }
  }

  #slice(step: Extract<Step, { kind: "slice" }>, value: unknown, results: unknown[]): void {
    if (!Array.isArray(value)) throw new JsonPathError("only a list has positions");
    let from = step.from ?? 0;
    if (from < 0) from += value.length;
    let to = step.single ? from + 1 : (step.to ?? value.length);
    if (to < 0) to += value.length;
    if (from === to) return;
    if (from < 0 || from >= value.length || to > value.length || to < 0)
      throw new JsonPathError(`array index out of bounds: index ${step.from ?? 0}, length ${value.length}`);
    if (from > to) throw new JsonPathError(`starting index ${from} is greater than ending index ${to}`);
    const stride = step.step ?? 1;
    if (stride <= 0) throw new JsonPathError("step must be > 0");
    for (let index = from; index < to; index += stride) {
      this.#count();
      results.push(value[index]);
    }
  }

  #keeps(filter: Extract<Step, { kind: "filter" }>, item: unknown): boolean {
    this.#count();
    const lefts = this.#operand(filter.left, item);
    if (filter.operator === undefined || filter.right === undefined) return lefts.length > 0;
    const rights = this.#operand(filter.right, item);
    if (lefts.length === 0 || rights.length === 0) return false;
    if (lefts.length > 1 || rights.length > 1) throw new JsonPathError("can only compare one element at a time");
    const [left, right] = [lefts[0], rights[0]];
    if (filter.operator === "==") return left === right;
    if (filter.operator === "!=") return left !== right;
    if (typeof left !== typeof right || (typeof left !== "number" && typeof left !== "string")) return false;
    const a = left;
    const b = right as typeof left; // Same type, checked above.
    if (filter.operator === "<") return a < b;
    if (filter.operator === "<=") return a <= b;
    return filter.operator === ">" ? a > b : a >= b;
  }

  #operand(operand: Operand, item: unknown): readonly unknown[] {
    return "literal" in operand ? [operand.literal] : this.follow(operand.steps, item);
  }
}

function membersOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isRecord(value) ? Object.values(value) : [];
}

/** As Go prints values: whole numbers without an exponent, nothing as `<nil>`. */
function printed(value: unknown): string {
  if (value === null || value === undefined) return "<nil>";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
