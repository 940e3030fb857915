/** Syntax as the trees that OPA writes in JSON. */

import { toBase64, utf8 } from "../builtins/bytes.ts";
import { compareStrings, compareValues, RegoObject, type Value } from "../values/value.ts";
import type { Body, Expression, Head, Module, Rule, Term } from "./ast.ts";
import { printTerm } from "./print.ts";
import { isExpression } from "./visit.ts";

/** An object of what is there. */
function node(fields: Readonly<Record<string, Value | undefined>>): Value {
  const object = new RegoObject();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) object.set(name, value);
  return object;
}

function typed(type: string, value: Value): Value {
  return node({ type, value });
}

function scalarTree(value: Value): Value {
  if (value === null) return typed("null", new RegoObject());
  return typed(typeof value === "string" ? "string" : typeof value === "boolean" ? "boolean" : "number", value);
}

/** The order of kinds of terms in OPA, which sorts members of sets and keys of objects by it. */
const kinds: readonly Term["kind"][] = ["scalar", "template", "var", "ref", "array", "object", "set", "comprehension", "call"]; // prettier-ignore

function compareTerms(left: Term, right: Term): number {
  if (left.kind === "scalar" && right.kind === "scalar") return compareValues(left.value, right.value);
  return kinds.indexOf(left.kind) - kinds.indexOf(right.kind) || compareStrings(printTerm(left), printTerm(right));
}

/** A term as JSON. */
export function termTree(term: Term): Value {
  switch (term.kind) {
    case "scalar":
      return scalarTree(term.value);
    case "var":
      return typed("var", term.name);
    case "ref":
      return typed("ref", [term.head, ...term.path].map(termTree));
    case "array":
      return typed("array", term.items.map(termTree));
    case "set":
      return typed("set", [...term.items].sort(compareTerms).map(termTree));
    case "object":
      return typed(
        "object",
        [...term.entries].sort(([a], [b]) => compareTerms(a, b)).map((entry) => entry.map(termTree)),
      );
    case "call":
      return typed("call", [term.operator, ...term.args].map(termTree));
    case "comprehension":
      return typed(
        `${term.shape}comprehension`,
        term.key === undefined
          ? node({ term: termTree(term.value), body: bodyTree(term.body) })
          : node({ key: termTree(term.key), value: termTree(term.value), body: bodyTree(term.body) }),
      );
    case "template":
      return typed(
        "templatestring",
        node({
          multi_line: term.span.source.text.startsWith("$`", term.span.start),
          parts: term.parts.map((part) => (isExpression(part) ? expressionTree(part, 0) : termTree(part))),
        }),
      );
  }
}

function bodyTree(body: Body): Value {
  return body.map((expression, index) => expressionTree(expression, index));
}

function expressionTree(expression: Expression, index: number): Value {
  return node({
    index,
    negated: expression.negated ? true : undefined,
    terms: termsOf(expression),
    with:
      expression.with.length === 0
        ? undefined
        : expression.with.map(({ target, value }) =>
            node({ target: termTree(target.kind === "var" ? asReference(target) : target), value: termTree(value) }),
          ),
  });
}

function asReference(term: Term): Term {
  return { kind: "ref", head: term, path: [], span: term.span };
}

function termsOf(expression: Expression): Value {
  switch (expression.kind) {
    case "term":
      return termTree(expression.term);
    case "call":
      return [expression.operator, ...expression.args].map(termTree);
    case "some":
      return node({ symbols: expression.symbols.map(termTree) });
    case "every": {
      const { key, value, domain, body } = expression;
      return node({
        key: key === undefined ? null : termTree(key),
        value: termTree(value),
        domain: termTree(domain),
        body: bodyTree(body),
      });
    }
    case "not":
      return node({ body: bodyTree(expression.body) });
    case "logical":
      return node({
        operator: expression.operator,
        left: bodyTree(expression.left),
        right: bodyTree(expression.right),
      });
  }
}

function headTree({ reference, args, key, value, assign }: Head): Value {
  const [first, second] = reference as [Term, Term | undefined]; // as: a head has a name
  // `p[k] := v` has a key beside its name, as in the older form.
  const isKeyed = reference.length === 2 && key === undefined;
  const named = first.kind === "var" && (reference.length === 1 || isKeyed) ? first.name : undefined;
  const keyed = key ?? (isKeyed ? second : undefined);
  return node({
    name: named,
    args: args.length === 0 ? undefined : args.map(termTree),
    key: keyed === undefined ? undefined : termTree(keyed),
    value: value === undefined ? undefined : termTree(value),
    assign: assign ? true : undefined,
    ref: reference.map(termTree),
  });
}

function ruleTree(rule: Rule): Value {
  const generated = node({ generated: true, index: 0, terms: scalarTree(true) });
  return node({
    default: rule.default ? true : undefined,
    head: headTree(rule.head),
    body: rule.generatedBody || rule.default ? [generated] : bodyTree(rule.body),
    else: rule.otherwise === undefined ? undefined : ruleTree(rule.otherwise),
  });
}

/** A module as JSON. */
export function moduleTree({ package: path, imports, rules, comments, source }: Module): Value {
  return node({
    package: node({ path: [typed("var", "data"), ...path.map((name) => scalarTree(name))] }),
    imports:
      imports.length === 0 ? undefined : imports.map((each) => node({ path: termTree(each.path), alias: each.alias })),
    rules: rules.length === 0 ? undefined : rules.map(ruleTree),
    comments:
      comments.length === 0
        ? undefined
        : comments.map(({ text, row, column }) =>
            node({
              Text: toBase64(utf8(text)),
              Location: node({ file: source.path, row, col: column }),
            }),
          ),
  });
}
