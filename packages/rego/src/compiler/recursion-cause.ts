/** Says which reference may make a rule recursive, for which values, and where those come from. */

import type { Expression, RefTerm, Rule, Term } from "../syntax/ast.ts";
import { operatorName } from "../syntax/expressions.ts";
import { printRef, printTerm } from "../syntax/print.ts";
import { termText } from "../values/text.ts";
import { equalValues, type Value } from "../values/value.ts";
import { ruleName } from "./checks.ts";
import { constantOf } from "./constant-terms.ts";
import { openParts, rulePath, type PossibleReference, type RuleGraph } from "./dependencies.ts";
import { membersOf } from "./known-values.ts";
import { isEquality, type CompilerScope } from "./scope.ts";
import { typeOfScalar, unifies } from "./static-types.ts";

/** With more conditions the message names the reference only. */
const mostConditions = 2;
/** With more members a collection is counted. */
const mostMembers = 5;

/** What must have which value for a reference to mean a rule. */
interface Condition {
  readonly part: Term;
  readonly value: Term;
}

/** Where a variable gets its value. */
type Origin =
  | { readonly kind: "input" | "rule"; readonly reference: RefTerm }
  | { readonly kind: "collection"; readonly value: Value; readonly members: readonly Value[] }
  | { readonly kind: "builtin"; readonly name: string }
  | { readonly kind: "key" | "argument" };

/** The explanation in parentheses after a recursion path: its first dependency that is only possible. */
export function possibleCause(scope: CompilerScope, { possible }: RuleGraph, path: readonly Rule[]): string {
  for (const [index, target] of path.entries()) {
    const from = path[index - 1];
    const reference = from === undefined ? undefined : possible.get(from)?.get(target);
    if (from === undefined || reference === undefined) continue;
    const { head, path: parts } = reference.term;
    // What lies beyond the rule only reads its value.
    const shown = printRef(
      head,
      parts.slice(0, rulePath(target).length).map((part) => original(scope, part)),
    );
    const where = index > 1 ? ` in ${ruleName(scope, from)}` : "";
    const conditions = conditionsOf(reference, target);
    const origins = conditions?.map(({ part }) => originOf(scope, reference, part)) ?? [];
    const told =
      conditions !== undefined &&
      conditions.length > 0 &&
      conditions.length <= mostConditions &&
      conditions.every(({ value }, at) => admits(scope, origins[at], value));
    if (!told) return ` (${shown}${where} could refer to ${ruleName(scope, target)})`;
    const texts = conditions.map(({ part, value }, at) => {
      const term = printTerm(original(scope, part));
      const note = noteOf(scope, term, part, origins[at], from);
      return `${term} is ${printTerm(value)}${note === "" ? "" : ` (${note})`}`;
    });
    return ` (${shown}${where} refers to ${ruleName(scope, target)} if ${texts.join(" and ")})`;
  }
  return "";
}

/** One condition for each part; undefined where a part would need two values. */
function conditionsOf(reference: PossibleReference, target: Rule): Condition[] | undefined {
  const open = openParts(reference, target);
  const path = rulePath(target);
  const conditions: Condition[] = [];
  for (const index of typeof open === "string" ? [] : open) {
    const part = reference.term.path[index] as Term; // as: an index into it
    const value = path[index] as Term; // as: an index into it
    const before = conditions.find((each) => printTerm(each.part) === printTerm(part));
    if (before === undefined) conditions.push({ part, value });
    else if (printTerm(before.value) !== printTerm(value)) return undefined;
  }
  return conditions;
}

/** Whether a value can come from where it comes from; what is not known may. */
function admits(scope: CompilerScope, origin: Origin | undefined, wanted: Term): boolean {
  const value = constantOf(wanted);
  if (origin === undefined || value === undefined) return true;
  if (origin.kind === "collection") return origin.members.some((member) => equalValues(member, value));
  if (origin.kind !== "builtin") return true;
  const result = scope.builtins.get(origin.name)?.result;
  return result === undefined || unifies(typeOfScalar(value), result);
}

function noteOf(scope: CompilerScope, text: string, part: Term, origin: Origin | undefined, rule: Rule): string {
  if (part.kind === "ref")
    return part.head.kind === "var" && part.head.name === "data" ? "rule values aren't known at compile time" : "";
  switch (origin?.kind) {
    case undefined:
      return "";
    case "input":
      return `${text} comes from ${printTerm(original(scope, origin.reference))}`;
    case "rule":
      return `${text} comes from rule ${printTerm(origin.reference)}, whose value isn't known at compile time`;
    case "collection":
      return origin.members.length > mostMembers
        ? `${text} is one of ${origin.members.length} values`
        : `${text} is one of ${termText(origin.value)}`;
    case "builtin":
      return `${text} is computed by ${origin.name}`;
    case "key":
      return `${text} is a key of ${ruleName(scope, rule)}`;
    case "argument":
      return `${text} is an argument of ${ruleName(scope, rule)}`;
  }
}

function originOf(scope: CompilerScope, { branch, index }: PossibleReference, part: Term): Origin | undefined {
  if (part.kind !== "var") return undefined;
  const bindings = new Map<string, Term>();
  const outputs = new Map<string, string>();
  for (const expression of branch.body.slice(0, index)) addBindings(scope, expression, bindings, outputs);
  let { name } = part;
  // A chain of bindings is no longer than the body; what is longer goes round.
  for (let depth = 0; depth <= branch.body.length; depth++) {
    const builtin = outputs.get(name);
    if (builtin !== undefined) return { kind: "builtin", name: builtin };
    const bound = bindings.get(name);
    if (bound?.kind === "var" && bound.name !== "input" && bound.name !== "data") {
      name = bound.name;
      continue;
    }
    return (bound === undefined ? undefined : originOfTerm(bound, bindings)) ?? originInHead(branch, name);
  }
  return undefined;
}

function addBindings(
  scope: CompilerScope,
  expression: Expression,
  bindings: Map<string, Term>,
  outputs: Map<string, string>,
): void {
  if (expression.kind !== "call" || expression.negated || expression.with.length > 0) return;
  const { args } = expression;
  if (isEquality(expression)) {
    const [left, right] = expression.args;
    for (const [variable, other] of [
      [left, right],
      [right, left],
    ] as const)
      if (variable.kind === "var" && !bindings.has(variable.name)) bindings.set(variable.name, other);
    return;
  }
  const name = operatorName(expression);
  const output = args.at(-1);
  if (output?.kind === "var" && args.length === (scope.builtins.get(name)?.args.length ?? -1) + 1)
    outputs.set(output.name, name);
}

function originOfTerm(term: Term, bindings: ReadonlyMap<string, Term>): Origin | undefined {
  if (term.kind === "var") return { kind: "input", reference: { kind: "ref", head: term, path: [], span: term.span } };
  if (term.kind !== "ref") return undefined;
  const root = term.head.kind === "var" ? term.head.name : "";
  if (root === "input" || root === "data") {
    const end = term.path.findIndex((part) => constantOf(part) === undefined);
    const reference = { ...term, path: end < 0 ? term.path : term.path.slice(0, end) };
    return { kind: root === "input" ? "input" : "rule", reference };
  }
  const [key, ...further] = term.path;
  if (key === undefined || further.length > 0 || constantOf(key) !== undefined) return undefined;
  let collection: Term | undefined = term.head;
  for (let depth = 0; collection?.kind === "var" && depth <= bindings.size; depth++)
    collection = bindings.get(collection.name);
  const value = collection === undefined ? undefined : constantOf(collection);
  const members = value === undefined ? undefined : membersOf(value);
  return value === undefined || members === undefined ? undefined : { kind: "collection", value, members };
}

function originInHead({ head }: Rule, name: string): Origin | undefined {
  const isIt = (term: Term | undefined): boolean => term?.kind === "var" && term.name === name;
  if (head.args.some(isIt)) return { kind: "argument" };
  return head.reference.slice(1).some(isIt) || isIt(head.key) ? { kind: "key" } : undefined;
}

/** A term with the names of variables as they are written. */
function original(scope: CompilerScope, term: Term): Term {
  if (term.kind === "var") return { ...term, name: scope.originalName(term.name) };
  if (term.kind !== "ref") return term;
  return { ...term, head: original(scope, term.head), path: term.path.map((part) => original(scope, part)) };
}
