/** The syntax tree of Rego. Nodes are plain objects with offsets into the text of their module. */

import type { RegoNumber } from "../values/number.ts";

/** A position in a module: rows and columns from 1, columns in characters. */
export interface Location {
  readonly path: string;
  readonly row: number;
  readonly column: number;
}

/** A range of the text of a module. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** The text of one module and where its lines begin. */
export class Source {
  readonly path: string;
  readonly text: string;
  #lines: number[] | undefined;
  #halves: number[] | undefined;

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
  }

  #lineStarts(): readonly number[] {
    if (this.#lines === undefined) {
      this.#lines = [0];
      for (let at = this.text.indexOf("\n"); at >= 0; at = this.text.indexOf("\n", at + 1)) this.#lines.push(at + 1);
    }
    return this.#lines;
  }

  /** Where the second halves of pairs are, which are no characters of their own. */
  #secondHalves(): readonly number[] {
    if (this.#halves === undefined) {
      this.#halves = [];
      for (let at = 0; at < this.text.length; at++) {
        const code = this.text.charCodeAt(at);
        if (code >= 0xdc00 && code <= 0xdfff) this.#halves.push(at);
      }
    }
    return this.#halves;
  }

  /** The row of an offset, from 1. */
  rowOf(offset: number): number {
    return Math.max(1, countBelow(this.#lineStarts(), offset + 1));
  }

  /** The place of an offset. */
  locationOf(offset: number): Location {
    const row = this.rowOf(offset);
    const start = this.#lineStarts()[row - 1] ?? 0;
    const halves = this.#secondHalves();
    const column = 1 + Math.max(0, offset - start) - (countBelow(halves, offset) - countBelow(halves, start));
    return { path: this.path, row, column };
  }
}

/** How many of the numbers, which are sorted, are less than the limit. */
function countBelow(numbers: readonly number[], limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The location of a span. */
export function locationOf(span: Span): Location {
  return span.source.locationOf(span.start);
}

/** The text that a span covers. */
export function textOf(span: Span): string {
  return span.source.text.slice(span.start, span.end);
}

export interface ScalarTerm {
  kind: "scalar";
  value: null | boolean | string | number | RegoNumber;
  span: Span;
}

export interface VarTerm {
  kind: "var";
  name: string;
  span: Span;
}

/** A reference: `head` is a variable, a call, or a collection. */
export interface RefTerm {
  kind: "ref";
  head: Term;
  path: Term[];
  span: Span;
}

export interface ArrayTerm {
  kind: "array";
  items: Term[];
  span: Span;
}

export interface SetTerm {
  kind: "set";
  items: Term[];
  span: Span;
}

export interface ObjectTerm {
  kind: "object";
  entries: [Term, Term][];
  span: Span;
}

export interface ComprehensionTerm {
  kind: "comprehension";
  shape: "array" | "set" | "object";
  /** Only objects have one. */
  key?: Term;
  value: Term;
  body: Body;
  span: Span;
}

export interface CallTerm {
  kind: "call";
  operator: RefTerm;
  args: Term[];
  span: Span;
}

/** `$"…{expression}…"`: texts, and expressions whose value may be undefined. */
export interface TemplateTerm {
  kind: "template";
  parts: (Term | Expression)[];
  span: Span;
}

export type Term =
  | ScalarTerm
  | VarTerm
  | RefTerm
  | ArrayTerm
  | SetTerm
  | ObjectTerm
  | ComprehensionTerm
  | CallTerm
  | TemplateTerm;

export interface With {
  target: Term;
  value: Term;
  span: Span;
  /** The target is a function, whose names are no variables. */
  onFunction?: boolean;
  /** The value is a function. */
  byFunction?: boolean;
}

/** What all expressions have. */
interface ExpressionBase {
  negated: boolean;
  with: With[];
  span: Span;
  /** Made by the compiler: a call's last argument is its result. */
  generated?: boolean;
  /** Was an assignment before locals were renamed. */
  fromAssignment?: boolean;
}

export interface TermExpression extends ExpressionBase {
  kind: "term";
  term: Term;
}

/** A call as a statement; `=` is `eq`, `:=` is `assign`. */
export interface CallExpression extends ExpressionBase {
  kind: "call";
  operator: RefTerm;
  args: Term[];
}

/** `some x, y`, or `some k, v in xs` as one call of `internal.member_2` or `_3`. */
export interface SomeExpression extends ExpressionBase {
  kind: "some";
  symbols: Term[];
}

export interface EveryExpression extends ExpressionBase {
  kind: "every";
  key?: Term;
  value: Term;
  domain: Term;
  body: Body;
}

/** `not { … }` of `future.keywords.not`; `explicit` when braces stand there. */
export interface NotExpression extends ExpressionBase {
  kind: "not";
  body: Body;
  explicit: boolean;
}

/** `a and b`, `a or b` of `future.keywords`. */
export interface LogicalExpression extends ExpressionBase {
  kind: "logical";
  operator: "and" | "or";
  left: Body;
  right: Body;
  explicitLeft: boolean;
  explicitRight: boolean;
}

export type Expression =
  | TermExpression
  | CallExpression
  | SomeExpression
  | EveryExpression
  | NotExpression
  | LogicalExpression;

export type Body = Expression[];

export interface Head {
  /** `p`, `p.q`, `p[x]` …: the first is a variable, the rest any terms. */
  reference: Term[];
  args: Term[];
  /** The member that `contains` adds. */
  key?: Term;
  value?: Term;
  /** Declared with `:=`. */
  assign: boolean;
  /** The value `true` was not written. */
  generatedValue: boolean;
  usesIf: boolean;
  usesContains: boolean;
  span: Span;
}

export interface Rule {
  head: Head;
  body: Body;
  otherwise?: Rule;
  default: boolean;
  /** No body was written. */
  generatedBody: boolean;
  span: Span;
  module: Module;
  annotations: Annotation[];
}

export interface Import {
  path: RefTerm;
  alias?: string;
  span: Span;
}

export interface Comment {
  text: string;
  row: number;
  column: number;
  start: number;
  end: number;
}

/** A METADATA block. */
export interface Annotation {
  scope: "rule" | "document" | "package" | "subpackages";
  /** The block as data: only the fields that were given. */
  fields: Readonly<Record<string, unknown>>;
  /** The block in the text. */
  span: Span;
  /** The last row of the block. */
  endRow: number;
}

export interface Module {
  source: Source;
  /** Names after `data`. */
  package: string[];
  packageSpan: Span;
  imports: Import[];
  rules: Rule[];
  comments: Comment[];
  annotations: Annotation[];
  /** `v1` also when a v0 module imports `rego.v1`. */
  version: "v0" | "v1";
}

/** A term for a variable. */
export function variable(name: string, span: Span): VarTerm {
  return { kind: "var", name, span };
}

/** A term for a text. */
export function stringTerm(value: string, span: Span): ScalarTerm {
  return { kind: "scalar", value, span };
}

/** A reference to a built-in function by its dotted name. */
export function operatorRef(name: string, span: Span): RefTerm {
  const [first = "", ...rest] = name.split(".");
  return { kind: "ref", head: variable(first, span), path: rest.map((part) => stringTerm(part, span)), span };
}
