/** Writes syntax as OPA writes it in messages. */

import { numberText } from "../values/number.ts";
import { goQuoted } from "../values/text.ts";
import type { Body, Expression, Term } from "./ast.ts";

const infix: Readonly<Record<string, string>> = {
  eq: "=",
  assign: ":=",
  equal: "==",
  neq: "!=",
  lt: "<",
  gt: ">",
  lte: "<=",
  gte: ">=",
  plus: "+",
  minus: "-",
  mul: "*",
  div: "/",
  rem: "%",
  and: "&",
  or: "|",
};

const plainName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A term as text. */
export function printTerm(term: Term): string {
  switch (term.kind) {
    case "scalar":
      if (typeof term.value === "string") return goQuoted(term.value);
      if (term.value === null || typeof term.value === "boolean") return String(term.value);
      return numberText(term.value);
    case "var":
      return term.name.startsWith("$") ? "_" : term.name;
    case "ref":
      return printRef(term.head, term.path);
    case "array":
      return `[${term.items.map(printTerm).join(", ")}]`;
    case "set":
      return term.items.length === 0 ? "set()" : `{${term.items.map(printTerm).join(", ")}}`;
    case "object":
      return `{${term.entries.map(([key, value]) => `${printTerm(key)}: ${printTerm(value)}`).join(", ")}}`;
    case "comprehension": {
      const [open, close] = term.shape === "array" ? "[]" : "{}";
      const key = term.key === undefined ? "" : `${printTerm(term.key)}: `;
      return `${open}${key}${printTerm(term.value)} | ${printBody(term.body)}${close}`;
    }
    case "call":
      return `${printTerm(term.operator)}(${term.args.map(printTerm).join(", ")})`;
    case "template":
      return '$"…"';
  }
}

/** A reference as text: `.name` where it can be, else brackets. */
export function printRef(head: Term, path: readonly Term[]): string {
  let text = printTerm(head);
  for (const part of path) {
    if (part.kind === "scalar" && typeof part.value === "string" && plainName.test(part.value))
      text += `.${part.value}`;
    else text += `[${printTerm(part)}]`;
  }
  return text;
}

/** A path of names as a reference. */
export function printPath(names: readonly string[]): string {
  return names
    .map((name, index) => (index === 0 ? name : plainName.test(name) ? `.${name}` : `[${goQuoted(name)}]`))
    .join("");
}

/** A body on one line. */
export function printBody(body: Body): string {
  return body.map(printExpression).join("; ");
}

/** An expression as text. */
export function printExpression(expression: Expression): string {
  const modifiers = expression.with
    .map(({ target, value }) => ` with ${printTerm(target)} as ${printTerm(value)}`)
    .join("");
  return `${expression.negated ? "not " : ""}${printBare(expression)}${modifiers}`;
}

function printBare(expression: Expression): string {
  switch (expression.kind) {
    case "term":
      return printTerm(expression.term);
    case "call": {
      const name = printTerm(expression.operator);
      const sign = Object.hasOwn(infix, name) ? infix[name] : undefined;
      const args = expression.args.map(printTerm);
      if (sign !== undefined && args.length === 2) return `${args[0]} ${sign} ${args[1]}`;
      if (sign !== undefined && args.length === 3) return `${args[2]} = ${args[0]} ${sign} ${args[1]}`;
      return `${name}(${args.join(", ")})`;
    }
    case "some":
      return `some ${expression.symbols.map(printTerm).join(", ")}`;
    case "every": {
      const key = expression.key === undefined ? "" : `${printTerm(expression.key)}, `;
      return `every ${key}${printTerm(expression.value)} in ${printTerm(expression.domain)} { ${printBody(expression.body)} }`;
    }
    case "not":
      return `not { ${printBody(expression.body)} }`;
    case "logical":
      return `{ ${printBody(expression.left)} } ${expression.operator} { ${printBody(expression.right)} }`;
  }
}
