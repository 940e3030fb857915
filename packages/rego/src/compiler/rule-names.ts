/** Names of rules in messages. */

import { textOf, type Rule, type Term } from "../syntax/ast.ts";
import { printRef } from "../syntax/print.ts";

/** The whole reference of a rule; `original` gives variables their written names. */
export function ruleLabel(rule: Rule, original: (name: string) => string = (name) => name): string {
  const { span } = rule.head;
  const [first, ...rest] = rule.head.reference;
  const names = [...rule.module.package, first?.kind === "var" ? first.name : ""];
  const path: Term[] = names.map((value) => ({ kind: "scalar", value, span }));
  for (const part of rest) path.push(part.kind === "var" ? { ...part, name: original(part.name) } : part);
  return printRef({ kind: "var", name: "data", span }, path);
}

/** The same with variables as they are written. */
export function writtenLabel(rule: Rule): string {
  const written = new Map(rule.head.reference.map((part) => [part.kind === "var" ? part.name : "", textOf(part.span)]));
  return ruleLabel(rule, (name) => written.get(name) ?? name);
}
