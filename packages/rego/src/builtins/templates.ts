/** `strings.render_template`: Go's `text/template` over JSON, where numbers are texts; without its functions `call`, `js` and `slice`. */

import { numberText } from "../values/number.ts";
import { compareStrings, isArray, isNumber, isObject, objectEntries, objectGet, objectSize, RegoSet, type Value } from "../values/value.ts"; // prettier-ignore
import { builtin, BuiltinError, type Builtin, type BuiltinContext } from "./builtin.ts";
import { utf8 } from "./bytes.ts";
import { sprintf } from "./format.ts";
import { objectAt, stringAt } from "./operands.ts";

/** A number that the template itself has: those of the data are texts. */
class GoNumber {
  readonly value: number;
  readonly type: "int" | "float64";
  constructor(value: number, type: "int" | "float64") {
    this.value = value;
    this.type = type;
  }
}

/** What an expression stands for; undefined where a key is not there. */
type Item = Value | GoNumber | undefined;

type Operand =
  | { readonly kind: "constant"; readonly value: Item }
  | { readonly kind: "variable"; readonly name: string; readonly path: readonly string[] }
  | { readonly kind: "dot"; readonly path: readonly string[] }
  | { readonly kind: "call"; readonly name: string }
  | { readonly kind: "group"; readonly pipe: Pipe; readonly path: readonly string[] };

/** An operand and its arguments. */
type Command = readonly Operand[];

interface Pipe {
  readonly names: readonly string[];
  /** Whether the variables are there already. */
  readonly assigns: boolean;
  readonly commands: readonly Command[];
}

type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly pipe: Pipe }
  | { readonly kind: "break" }
  | { readonly kind: "continue" }
  | { readonly kind: "template"; readonly name: string; readonly pipe: Pipe | undefined }
  | {
      readonly kind: "if" | "range" | "with";
      readonly pipe: Pipe;
      readonly body: readonly Part[];
      readonly otherwise: readonly Part[];
    };

type Block = Extract<Part, { readonly body: unknown }>;

interface Template {
  readonly parts: readonly Part[];
  readonly named: ReadonlyMap<string, readonly Part[]>;
}

const deepest = 100;
const failure = (what: string): BuiltinError => new BuiltinError(`template: ${what}`);

const tokenPattern =
  /\s+|"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)'|:=|[|(),=]|[-+]?(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)|\$\w*|(?:\.[\p{L}_][\p{L}\p{N}_]*)+|\.|[\p{L}_][\p{L}\p{N}_]*/uy;

function tokensOf(action: string): string[] {
  const tokens: string[] = [];
  for (tokenPattern.lastIndex = 0; tokenPattern.lastIndex < action.length;) {
    const at = tokenPattern.lastIndex;
    const [token] = tokenPattern.exec(action) ?? [];
    if (token === undefined) throw failure(`unexpected ${JSON.stringify(action.slice(at, at + 1))} in command`);
    tokens.push(/^\s/.test(token) ? " " : token);
  }
  return tokens;
}

/** Reads what stands within one pair of braces. */
class ActionParser {
  readonly #tokens: readonly string[];
  readonly #variables: Set<string>;
  #at = 0;

  constructor(action: string, variables: Set<string>) {
    this.#tokens = tokensOf(action.trim());
    this.#variables = variables;
  }

  /** The next word, without taking it. */
  get word(): string {
    return this.#tokens[this.#at] ?? "";
  }

  take(): string {
    const word = this.word;
    this.#at++;
    return word;
  }

  space(): void {
    while (this.word === " ") this.#at++;
  }

  get atEnd(): boolean {
    this.space();
    return this.#at >= this.#tokens.length;
  }

  pipe(depth = 0): Pipe {
    if (depth > deepest) throw failure("nested too deeply");
    const { names, assigns } = this.#declaration();
    const commands: Command[] = [];
    do commands.push(this.#command(depth));
    while (this.#taken("|"));
    return { names, assigns, commands };
  }

  #taken(word: string): boolean {
    this.space();
    if (this.word !== word) return false;
    this.#at++;
    return true;
  }

  #declaration(): { readonly names: readonly string[]; readonly assigns: boolean } {
    const mark = this.#at;
    const names: string[] = [];
    do {
      this.space();
      if (!this.word.startsWith("$")) break;
      names.push(this.take());
    } while (this.#taken(","));
    const isNew = names.length > 0 && this.#taken(":=");
    if (isNew || (names.length > 0 && this.#taken("="))) {
      for (const name of names) if (isNew) this.#variables.add(name);
      return { names, assigns: !isNew };
    }
    this.#at = mark;
    return { names: [], assigns: false };
  }

  #command(depth: number): Command {
    const operands: Operand[] = [];
    while (!this.atEnd && this.word !== "|" && this.word !== ")") operands.push(this.#operand(depth));
    const [first] = operands;
    if (first === undefined) throw failure("missing value for command");
    if (first.kind === "constant" && first.value === null) throw failure("nil is not a command");
    if (operands.length > 1 && first.kind !== "call") throw failure("can't give argument to non-function");
    return operands;
  }

  #operand(depth: number): Operand {
    const word = this.take();
    if (word === "(") {
      const pipe = this.pipe(depth + 1);
      if (!this.#taken(")")) throw failure("unclosed left paren");
      return { kind: "group", pipe, path: this.#path() };
    }
    if (word === ".") return { kind: "dot", path: [] };
    if (word.startsWith(".")) return { kind: "dot", path: word.slice(1).split(".") };
    if (word.startsWith("$")) {
      if (word !== "$" && !this.#variables.has(word)) throw failure(`undefined variable "${word}"`);
      return { kind: "variable", name: word, path: this.#path() };
    }
    if (/^["'`]/.test(word)) return { kind: "constant", value: literal(word) };
    if (/^[-+\d]/.test(word))
      return {
        kind: "constant",
        value: new GoNumber(Number(word), /^[-+]?(?:0[xX]|\d+$)/.test(word) ? "int" : "float64"),
      };
    const constant = { true: true, false: false, nil: null }[word];
    if (constant !== undefined) return { kind: "constant", value: constant };
    if (/^[\p{L}_]/u.test(word)) {
      if (!Object.hasOwn(functions, word) && word !== "and" && word !== "or")
        throw failure(`function "${word}" not defined`);
      return { kind: "call", name: word };
    }
    throw failure(`unexpected ${JSON.stringify(word)} in command`);
  }

  /** The fields that follow at once. */
  #path(): readonly string[] {
    return /^\../.test(this.word) ? this.take().slice(1).split(".") : [];
  }
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", a: "\u0007", b: "\b", f: "\f", v: "\v" };

function literal(word: string): Item {
  if (word.startsWith("`")) return word.slice(1, -1);
  const text = word
    .slice(1, -1)
    .replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))/gu, (_, x?: string, u?: string, other = "") =>
      other === "" ? String.fromCharCode(parseInt(x ?? u ?? "", 16)) : (escapes[other] ?? other),
    );
  return word.startsWith("'") ? new GoNumber(text.codePointAt(0) ?? 0, "int") : text;
}

class TemplateParser {
  readonly #tokens: readonly string[];
  readonly #named = new Map<string, readonly Part[]>();
  #variables = new Set<string>();
  #at = 0;

  constructor(text: string) {
    this.#tokens = text
      .replace(/\{\{- /g, "\u0000{{")
      .replace(/ -\}\}/g, "}}\u0000")
      .replace(/\s*\u0000\{\{/g, "{{")
      .replace(/\}\}\u0000\s*/g, "}}")
      .split(/(\{\{(?:\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|`[^`]*`|(?!\}\})[^"`])*\}\})/);
  }

  parse(): Template {
    const { parts, end } = this.#body(0);
    if (end !== "") throw failure(`unexpected {{${end}}}`);
    return { parts, named: this.#named };
  }

  /** The parts up to `end`, `else` or the end of the text, and which of them it was, with what follows the word. */
  #body(depth: number): { readonly parts: readonly Part[]; readonly end: string } {
    if (depth > deepest) throw failure("nested too deeply");
    const parts: Part[] = [];
    while (this.#at < this.#tokens.length) {
      const token = this.#tokens[this.#at++] ?? "";
      const action = /^\{\{\s*([\s\S]*?)\s*\}\}$/.exec(token)?.[1];
      if (action === undefined) {
        if (token.includes("{{")) throw failure("unclosed action");
        if (token !== "") parts.push({ kind: "text", text: token });
      } else if (/^(?:end$|else\b)/.test(action)) {
        return { parts, end: action };
      } else if (!/^\/\*[\s\S]*\*\/$/.test(action)) {
        parts.push(...this.#action(action, depth));
      }
    }
    return { parts, end: "" };
  }

  #action(action: string, depth: number): readonly Part[] {
    const word = /^\w+/.exec(action)?.[0] ?? "";
    const rest = action.slice(word.length);
    if (word === "break" || word === "continue") return [{ kind: word }];
    if (word === "if" || word === "range" || word === "with") return [this.#block(word, rest, depth)];
    if (word === "define" || word === "block" || word === "template") return this.#template(word, rest, depth);
    return [{ kind: "action", pipe: this.#pipe(action) }];
  }

  #pipe(text: string): Pipe {
    const parser = new ActionParser(text, this.#variables);
    const pipe = parser.pipe();
    if (!parser.atEnd) throw failure(`unexpected ${JSON.stringify(parser.word)} in command`);
    return pipe;
  }

  #block(kind: "if" | "range" | "with", text: string, depth: number): Part {
    const outer = this.#variables;
    this.#variables = new Set(outer);
    const pipe = this.#pipe(text);
    const { parts: body, end } = this.#body(depth + 1);
    const otherwise = this.#otherwise(end, depth);
    this.#variables = outer;
    return { kind, pipe, body, otherwise };
  }

  #otherwise(end: string, depth: number): readonly Part[] {
    if (end === "") throw failure("unexpected EOF");
    const [, word, rest = ""] = /^else\s+(if|with)\b(.*)$/s.exec(end) ?? [];
    // The `end` of what follows is that of the whole.
    if (word === "if" || word === "with") return [this.#block(word, rest, depth + 1)];
    if (end === "end") return [];
    const { parts, end: last } = this.#body(depth + 1);
    if (last !== "end") throw failure(last === "" ? "unexpected EOF" : `unexpected {{${last}}}`);
    return parts;
  }

  #template(word: "define" | "block" | "template", text: string, depth: number): readonly Part[] {
    const [, quoted, rest = ""] = /^\s*("(?:[^"\\\n]|\\.)*"|`[^`]*`)(.*)$/s.exec(text) ?? [];
    const name = quoted === undefined ? undefined : literal(quoted);
    if (typeof name !== "string") throw failure(`missing name in ${word} clause`);
    const pipe = rest.trim() === "" ? undefined : this.#pipe(rest);
    if (word !== "template") {
      const { parts, end } = this.#body(depth + 1);
      if (end !== "end") throw failure(end === "" ? "unexpected EOF" : `unexpected {{${end}}}`);
      this.#named.set(name, parts);
    }
    return word === "define" ? [] : [{ kind: "template", name, pipe }];
  }
}

/** Whether data of a template is JSON: there are no sets in it. All of it is looked at, since OPA writes it as text first. */
function isJson(value: Value, context: BuiltinContext): boolean {
  context.step();
  if (typeof value !== "object" || value === null || isNumber(value)) return true;
  const isSet = value instanceof RegoSet;
  const members = isSet ? value.sorted() : isArray(value) ? value : isObject(value) ? objectEntries(value).flat() : [];
  let holds = !isSet;
  for (const member of members) if (!isJson(member, context)) holds = false;
  return holds;
}

function textOf(item: Item, isNested = false): string {
  if (item instanceof GoNumber) return String(item.value);
  if (item === undefined || item === null) return isNested ? "<nil>" : "<no value>";
  if (typeof item === "string") return item;
  if (isNumber(item)) return numberText(item);
  if (isArray(item)) return `[${item.map((each) => textOf(each, true)).join(" ")}]`;
  if (!isObject(item)) return String(item);
  return `map[${entriesOf(item)
    .map(([key, member]) => `${key}:${textOf(member, true)}`)
    .join(" ")}]`;
}

function entriesOf(value: Value): readonly (readonly [string, Value])[] {
  if (!isObject(value)) return [];
  return objectEntries(value)
    .map(([key, member]): [string, Value] => [textOf(key), member])
    .sort(([a], [b]) => compareStrings(a, b));
}

function isTrue(item: Item): boolean {
  if (item instanceof GoNumber) return item.value !== 0;
  if (item === undefined || item === null || item === false || item === "") return false;
  if (isArray(item)) return item.length > 0;
  return isObject(item) ? objectSize(item) > 0 : true;
}

function fieldOf(item: Item, path: readonly string[]): Item {
  let found = item;
  for (const name of path) {
    if (found === null) throw failure(`nil pointer evaluating interface {}.${name}`);
    if (found instanceof GoNumber || (found !== undefined && !isObject(found)))
      throw failure(`can't evaluate field ${name} in type interface {}`);
    found = found === undefined ? undefined : objectGet(found, name);
  }
  return found;
}

/** What tells values apart that may be compared: numbers of the data are texts. */
function comparable(item: Item): { readonly kind: string; readonly value: string | number | boolean } {
  if (item instanceof GoNumber) return { kind: item.type, value: item.value };
  if (typeof item === "boolean") return { kind: "bool", value: item };
  if (typeof item === "string" || (item !== undefined && item !== null && isNumber(item)))
    return { kind: "string", value: textOf(item) };
  throw failure("error calling eq: non-comparable type");
}

function compared(left: Item, right: Item): number {
  const [a, b] = [comparable(left), comparable(right)];
  if (a.kind !== b.kind) throw failure(`incompatible types for comparison: ${a.kind} and ${b.kind}`);
  if (typeof a.value === "string" && typeof b.value === "string") return compareStrings(a.value, b.value);
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
}

function lengthOf(item: Item): number {
  if (item !== undefined && !(item instanceof GoNumber) && item !== null) {
    if (typeof item === "string" || isNumber(item)) return utf8(textOf(item)).length;
    if (isArray(item)) return item.length;
    if (isObject(item)) return objectSize(item);
  }
  throw failure("error calling len: len of type that has none");
}

function indexed(item: Item, keys: readonly Item[]): Item {
  return keys.reduce<Item>((found, key) => {
    if (found !== undefined && !(found instanceof GoNumber) && isArray(found)) {
      if (!(key instanceof GoNumber) || key.type !== "int") throw failure("cannot index slice/array with such a type");
      if (key.value < 0 || key.value >= found.length)
        throw failure(`error calling index: index out of range: ${key.value}`);
      return found[key.value];
    }
    if (found !== undefined && !(found instanceof GoNumber) && isObject(found)) return objectGet(found, textOf(key));
    throw failure("error calling index: can't index item");
  }, item);
}

/** Texts next to each other are not parted, all else is. */
function printed(items: readonly Item[]): string {
  return items.reduce<string>((text, item, index) => {
    const apart = index > 0 && typeof item !== "string" && typeof items[index - 1] !== "string";
    return `${text}${apart ? " " : ""}${textOf(item, true)}`;
  }, "");
}

const htmlEscapes: Readonly<Record<string, string>> = { "<": "&lt;", ">": "&gt;", "&": "&amp;", "'": "&#39;", '"': "&#34;", "\u0000": "\ufffd" }; // prettier-ignore

const functions: Readonly<Record<string, (args: readonly Item[], context: BuiltinContext) => Item>> = {
  not: ([item]) => !isTrue(item),
  eq: ([first, ...others]) => others.some((other) => compared(first, other) === 0),
  ne: ([first, other]) => compared(first, other) !== 0,
  lt: ([first, other]) => compared(first, other) < 0,
  le: ([first, other]) => compared(first, other) <= 0,
  gt: ([first, other]) => compared(first, other) > 0,
  ge: ([first, other]) => compared(first, other) >= 0,
  len: ([item]) => new GoNumber(lengthOf(item), "int"),
  index: ([item, ...keys]) => indexed(item, keys),
  print: printed,
  println: (items) => `${items.map((item) => textOf(item, true)).join(" ")}\n`,
  printf: ([pattern, ...items], context) =>
    sprintf(
      textOf(pattern),
      items.map((item) => (item instanceof GoNumber ? item.value : item === undefined ? null : formatted(item))),
      context,
    ),
  html: (items) => printed(items).replace(/[<>&'"\u0000]/g, (character) => htmlEscapes[character] ?? ""),
  urlquery: (items) =>
    encodeURIComponent(printed(items))
      .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll("%20", "+"),
};

/** A value for `printf`: numbers are texts there. */
function formatted(value: Value): Value {
  return typeof value === "string" || typeof value === "boolean" ? value : textOf(value, true);
}

class Renderer {
  readonly #template: Template;
  readonly #context: BuiltinContext;
  #text = "";
  #depth = 0;

  constructor(template: Template, context: BuiltinContext) {
    this.#template = template;
    this.#context = context;
  }

  render(data: Value): string {
    this.#parts(this.#template.parts, data, new Map([["$", data]]));
    return this.#text.replaceAll("<no value>", "<undefined>");
  }

  #write(text: string): void {
    this.#context.charge(text.length);
    this.#text += text;
  }

  /** Ends early with the word that leaves a loop, or goes on with its next turn. */
  #parts(parts: readonly Part[], dot: Item, variables: Map<string, Item>): "break" | "continue" | undefined {
    for (const part of parts) {
      this.#context.step();
      if (part.kind === "break" || part.kind === "continue") return part.kind;
      if (part.kind === "text") this.#write(part.text);
      else if (part.kind === "action") {
        const value = this.#pipe(part.pipe, dot, variables);
        if (part.pipe.names.length === 0) this.#write(textOf(value));
      } else if (part.kind === "template") {
        this.#named(part.name, part.pipe === undefined ? undefined : this.#pipe(part.pipe, dot, variables));
      } else {
        const left = part.kind === "range" ? this.#range(part, dot, variables) : this.#choice(part, dot, variables);
        if (left !== undefined) return left;
      }
    }
    return undefined;
  }

  #named(name: string, data: Item): void {
    const parts = this.#template.named.get(name);
    if (parts === undefined) throw failure(`template "${name}" not defined`);
    if (++this.#depth > deepest) throw failure("exceeded maximum template depth");
    this.#parts(parts, data, new Map([["$", data]]));
    this.#depth--;
  }

  #choice(part: Block, dot: Item, variables: Map<string, Item>): "break" | "continue" | undefined {
    const inner = new Map(variables);
    const value = this.#pipe(part.pipe, dot, inner);
    const isMet = isTrue(value);
    const left = this.#parts(isMet ? part.body : part.otherwise, isMet && part.kind === "with" ? value : dot, inner);
    for (const name of variables.keys()) if (!part.pipe.names.includes(name)) variables.set(name, inner.get(name));
    return left;
  }

  #range(part: Block, dot: Item, variables: Map<string, Item>): "break" | "continue" | undefined {
    const [first, second] = part.pipe.names;
    const items = itemsOf(this.#pipe({ ...part.pipe, names: [] }, dot, variables));
    if (items.length === 0) return this.#parts(part.otherwise, dot, variables);
    for (const [key, value] of items) {
      const inner = new Map(variables);
      if (second !== undefined && first !== undefined) inner.set(first, key).set(second, value);
      else if (first !== undefined) inner.set(first, value);
      const left = this.#parts(part.body, value, inner);
      for (const name of variables.keys()) if (!part.pipe.names.includes(name)) variables.set(name, inner.get(name));
      if (left === "break") break;
    }
    return undefined;
  }

  #pipe(pipe: Pipe, dot: Item, variables: Map<string, Item>): Item {
    let value: Item;
    for (const [index, command] of pipe.commands.entries())
      value = this.#command(command, index === 0 ? [] : [value], dot, variables);
    for (const name of pipe.names) variables.set(name, value);
    return value;
  }

  #command([first, ...operands]: Command, last: readonly Item[], dot: Item, variables: Map<string, Item>): Item {
    const valueOf = (operand: Operand): Item => this.#operand(operand, dot, variables);
    if (first?.kind !== "call") {
      if (last.length > 0) throw failure("can't give argument to non-function");
      return first === undefined ? undefined : valueOf(first);
    }
    if (first.name === "and" || first.name === "or") {
      let value: Item;
      for (const operand of operands) {
        value = valueOf(operand);
        if (isTrue(value) === (first.name === "or")) return value;
      }
      return last.length > 0 ? last[0] : value;
    }
    return functions[first.name]?.([...operands.map(valueOf), ...last], this.#context);
  }

  #operand(operand: Operand, dot: Item, variables: Map<string, Item>): Item {
    this.#context.step();
    switch (operand.kind) {
      case "constant":
        return operand.value;
      case "dot":
        return fieldOf(dot, operand.path);
      case "variable":
        return fieldOf(variables.get(operand.name), operand.path);
      case "group":
        return fieldOf(this.#pipe(operand.pipe, dot, variables), operand.path);
      case "call":
        return functions[operand.name]?.([], this.#context);
    }
  }
}

function itemsOf(item: Item): readonly (readonly [Item, Item])[] {
  if (item === undefined || item === null) return [];
  if (item instanceof GoNumber) {
    if (item.value > 1_000_000) throw failure("range over too large a number");
    return Array.from({ length: Math.max(0, item.value) }, (_, index) => [
      new GoNumber(index, "int"),
      new GoNumber(index, "int"),
    ]);
  }
  if (isArray(item)) return item.map((each, index) => [new GoNumber(index, "int"), each]);
  if (isObject(item)) return entriesOf(item);
  throw failure(`range can't iterate over ${textOf(item)}`);
}

export const templateBuiltins: readonly Builtin[] = [
  builtin("strings.render_template", "(string, object<>[string: any]) => string", (args, context) => {
    const text = stringAt(args, 0);
    const data = objectAt(args, 1);
    const template = context.keep("template", text, 1 + text.length, () => new TemplateParser(text).parse());
    if (!isJson(data, context)) throw failure("a set is no JSON");
    return new Renderer(template, context).render(data);
  }),
];
