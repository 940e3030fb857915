/** The tree an expression is parsed to. Macros are already expanded; `offset` counts UTF-16 units into the source. */
export type Expr =
  | LiteralExpr
  | IdentExpr
  | SelectExpr
  | CallExpr
  | ListExpr
  | MapExpr
  | MessageExpr
  | ComprehensionExpr
  | BindExpr;

interface Node {
  readonly offset: number;
}

/** A constant. Whole numbers are `bigint`, with `unsigned` for `1u`; `double` is a number. */
export interface LiteralExpr extends Node {
  readonly kind: "literal";
  readonly literal:
    | { readonly kind: "null" }
    | { readonly kind: "bool"; readonly value: boolean }
    | { readonly kind: "int" | "uint"; readonly value: bigint }
    | { readonly kind: "double"; readonly value: number }
    | { readonly kind: "string"; readonly value: string }
    | { readonly kind: "bytes"; readonly value: Uint8Array };
}

/** A name. `absolute` names (`.a`) are looked up from the root, past local variables and the container. */
export interface IdentExpr extends Node {
  readonly kind: "ident";
  readonly name: string;
  readonly absolute: boolean;
}

/** `operand.field`, `operand.?field`, or with `test` what `has()` asks. */
export interface SelectExpr extends Node {
  readonly kind: "select";
  readonly operand: Expr;
  readonly field: string;
  readonly optional: boolean;
  readonly test: boolean;
}

/** A function, an operator (under its name, `_+_`), or with `target` a method. */
export interface CallExpr extends Node {
  readonly kind: "call";
  readonly name: string;
  readonly target?: Expr;
  readonly args: readonly Expr[];
}

/** A list literal, `[a, ?b]`. An `optional` element is left out where its value is none. */
export interface ListExpr extends Node {
  readonly kind: "list";
  readonly elements: readonly { readonly value: Expr; readonly optional: boolean }[];
}

/** A map literal, `{a: b, ?c: d}`. An `optional` entry is left out where its value is none. */
export interface MapExpr extends Node {
  readonly kind: "map";
  readonly entries: readonly { readonly key: Expr; readonly value: Expr; readonly optional: boolean }[];
}

/** A message, `Name{field: value}`. An `optional` field is left out where its value is none. */
export interface MessageExpr extends Node {
  readonly kind: "message";
  readonly name: string;
  readonly fields: readonly {
    readonly name: string;
    readonly value: Expr;
    readonly optional: boolean;
    readonly offset: number;
  }[];
}

/** The kind of a comprehension, by its macro. */
export type ComprehensionKind =
  | "all"
  | "exists"
  | "existsOne"
  | "map"
  | "filter"
  | "transformList"
  | "transformMap"
  | "transformMapEntry";

/**
 * A loop over a list or map. A single variable is the element of a list or the key of a map; two are index and element, or key and value. Kept
 * whole instead of as a fold, so that `map` costs as much as it has elements.
 */
export interface ComprehensionExpr extends Node {
  readonly kind: "comprehension";
  readonly type: ComprehensionKind;
  readonly range: Expr;
  readonly variables: readonly [string] | readonly [string, string];
  readonly filter?: Expr;
  readonly body: Expr;
}

/** A value under a name while `body` is evaluated: `cel.bind`, `optMap`, `cel.block`. Evaluated when first needed. */
export interface BindExpr extends Node {
  readonly kind: "bind";
  readonly variable: string;
  readonly value: Expr;
  readonly body: Expr;
}

/** `a.b.C` of a chain of plain selections, with the dot that an absolute name starts with; undefined for anything else. */
export function qualifiedName(expr: Expr): string | undefined {
  const fields: string[] = [];
  let at = expr;
  while (at.kind === "select" && !at.optional && !at.test) {
    fields.push(at.field);
    at = at.operand;
  }
  if (at.kind !== "ident") return undefined;
  return [`${at.absolute ? "." : ""}${at.name}`, ...fields.reverse()].join(".");
}
