import { parseAst } from "vitest/node";

/** A node of a syntax tree (ESTree with TypeScript). Which fields it has depends on its type. */
export interface SyntaxNode {
  readonly type: string;
  /** Offsets into the text. */
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** A node with what it lies in. */
export interface Placed {
  readonly node: SyntaxNode;
  readonly around: Placed | undefined;
}

/** A source text as the compiler reads it: what looks for a form of code sees it however it is written. */
export interface ParsedSource {
  readonly text: string;
  readonly lines: readonly string[];
  readonly nodes: readonly Placed[];
  readonly comments: readonly { readonly text: string; readonly start: number }[];
}

/** Parses a module of TypeScript. Throws where the compiler would not read it either. */
export function parseSource(text: string): ParsedSource {
  const nodes: Placed[] = [];
  const visit = (value: unknown, around: Placed | undefined): void => {
    if (Array.isArray(value)) for (const each of value) visit(each, around);
    else if (isNode(value)) {
      const placed = { node: value, around };
      nodes.push(placed);
      for (const field in value) if (typeof value[field] === "object") visit(value[field], placed);
    }
  };
  visit(parseAst(text, { lang: "ts" }), undefined);
  return { text, lines: text.split("\n"), nodes, comments: commentsOf(text, nodes) };
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/** The numbers of the lines, from 1 and each once, that these offsets are in. */
export function linesAt({ lines }: ParsedSource, offsets: readonly number[]): readonly number[] {
  const found = new Set<number>();
  const sorted = offsets.toSorted((a, b) => a - b);
  let line = 1;
  let end = lines[0]?.length ?? 0;
  for (const offset of sorted) {
    while (end < offset) end += 1 + (lines[line++]?.length ?? 0);
    found.add(line);
  }
  return [...found];
}

/** The text that an expression is, where that can be seen: of literals, and of literals that are joined. */
export function constantText(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  const { type, value, expressions, quasis, operator, left, right } = node;
  if (type === "Literal") return typeof value === "string" ? value : undefined;
  if (type === "TSAsExpression" || type === "ParenthesizedExpression" || type === "TSSatisfiesExpression")
    return constantText(node["expression"]);
  if (type === "BinaryExpression" && operator === "+") return joined([constantText(left), constantText(right)]);
  if (type !== "TemplateLiteral" || !Array.isArray(expressions) || !Array.isArray(quasis)) return undefined;
  return joined(
    quasis.flatMap((quasi: { readonly value: { readonly cooked: string } }, at) => [
      quasi.value.cooked,
      ...(at < expressions.length ? [constantText(expressions[at])] : []),
    ]),
  );
}

function joined(parts: readonly (string | undefined)[]): string | undefined {
  return parts.includes(undefined) ? undefined : parts.join("");
}

/** The name of a property that is read or taken apart: `a.b`, `a["b"]`, the key of `{ b }`. Undefined where it is computed of more. */
export function propertyName({ computed, property, key }: SyntaxNode): string | undefined {
  const name = property ?? key;
  if (!isNode(name)) return undefined;
  return computed !== true && name.type === "Identifier" ? String(name["name"]) : constantText(name);
}

/** Texts and patterns may hold what looks like a comment. */
function commentsOf(text: string, nodes: readonly Placed[]): ParsedSource["comments"] {
  const spans = nodes
    .filter(
      ({ node: { type, value } }) => type === "TemplateElement" || (type === "Literal" && typeof value !== "number"),
    )
    .toSorted((a, b) => a.node.start - b.node.start);
  const parts: string[] = [];
  let done = 0;
  for (const { node } of spans) {
    parts.push(text.slice(done, node.start), "_".repeat(node.end - node.start));
    done = node.end;
  }
  const code = parts.join("") + text.slice(done);
  return [...code.matchAll(/\/\/[^\n]*|\/\*[^]*?\*\//g)].map(({ index, 0: { length } }) => ({
    text: text.slice(index, index + length),
    start: index,
  }));
}
