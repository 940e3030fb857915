/** Names of rules in messages. */

import type { Rule, Term } from "../syntax/ast.ts";
import { printRef } from "../syntax/print.ts";

/** The whole reference of a rule; `original` gives variables their written names. */
export function ruleLabel(rule: Rule, original: (name: string) => string = (name) => name): string {
  const { span } = rule.head;
  const [first, ...rest] = rule.head.reference as [Term, ...Term[]];
  const names = [...rule.module.package, first.kind === "var" ? first.name : ""];
  const path: Term[] = names.map((value) => ({ kind: "scalar", value, span }));
  for (const part of rest) path.push(part.kind === "var" ? { ...part, name: original(part.name) } : part);
  return printRef({ kind: "var", name: "data", span }, path);
}
