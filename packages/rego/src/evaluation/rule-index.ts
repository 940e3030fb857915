/** Picks the clauses of a rule that can hold, by the constants that they compare a document or an argument with. */

import { isEquality } from "../compiler/scope.ts";
import { operatorName } from "../syntax/expressions.ts";
import type { Expression, Rule, Term } from "../syntax/ast.ts";
import { equalValues, hashKey, type HashKey, type Value } from "../values/value.ts";
import type { Context } from "./context.ts";
import { branchesOf } from "../syntax/visit.ts";
import { lookup } from "../values/lookup.ts";
import type { Clause } from "./rules.ts";

/** The clauses that can be true for these arguments, in order. */
export type ClauseIndex<Each = Clause> = (context: Context, args: readonly Value[]) => readonly Each[];

/** A rule with as many branches as it has. */
interface Indexed {
  readonly rule: Rule;
  readonly branches: readonly unknown[];
}

interface Condition {
  /** What is compared: the same text for the same thing. */
  readonly subject: string;
  readonly value: Value;
  readonly read: (context: Context, args: readonly Value[]) => Value | undefined;
}

/** Whether rules without arguments have an index that leaves some of them out. */
export function isIndexed(rules: readonly Rule[]): boolean {
  return indexClauses(rules.map((rule) => ({ rule, branches: branchesOf(rule) }))) !== undefined;
}

/** An index over clauses; undefined if it would not exclude any. */
export function indexClauses<Each extends Indexed>(clauses: readonly Each[]): ClauseIndex<Each> | undefined {
  if (clauses.length < 3) return undefined;
  const conditions = clauses.map(({ rule, branches }) =>
    branches.length === 1 ? conditionsOf(rule) : new Map<string, Condition>(),
  );
  const counts = new Map<string, number>();
  for (const each of conditions) for (const subject of each.keys()) counts.set(subject, (counts.get(subject) ?? 0) + 1);
  const [best] = [...counts].sort((a, b) => b[1] - a[1]);
  if (best === undefined || best[1] < 2) return undefined;
  const [subject] = best;
  const byValue = new Map<HashKey, Each[]>();
  const always: Each[] = [];
  for (const each of conditions) {
    const condition = each.get(subject);
    if (condition !== undefined) byValue.set(hashKey(condition.value), []);
  }
  for (const [index, clause] of clauses.entries()) {
    const condition = conditions[index]?.get(subject);
    if (condition === undefined) {
      always.push(clause);
      for (const list of byValue.values()) list.push(clause);
    } else {
      byValue.get(hashKey(condition.value))?.push(clause);
    }
  }
  const read = conditions.find((each) => each.has(subject))?.get(subject)?.read;
  if (read === undefined) return undefined;
  return (context, args) => {
    const value = read(context, args);
    return value === undefined ? always : (byValue.get(hashKeyOfScalar(value)) ?? always);
  };
}

/** Whether a rule can be true, by the constants that it compares. Like OPA, coverage leaves out the bodies of rules that the index excludes. */
export function mayHold(rule: Rule): (context: Context, args: readonly Value[]) => boolean {
  const conditions = [...conditionsOf(rule).values()];
  return (context, args) =>
    conditions.every(({ read, value }) => {
      const found = read(context, args);
      return found !== undefined && equalValues(found, value);
    });
}

function hashKeyOfScalar(value: Value): HashKey {
  // No clause compares with a collection.
  return typeof value === "object" && value !== null && "size" in value
    ? "\0"
    : Array.isArray(value)
      ? "\0"
      : hashKey(value);
}

function conditionsOf(rule: Rule): Map<string, Condition> {
  const found = new Map<string, Condition>();
  const args = new Map<string, number>();
  for (const [index, arg] of rule.head.args.entries()) {
    if (arg.kind === "var" && !args.has(arg.name)) args.set(arg.name, index);
    if (arg.kind === "scalar") add(found, argument(index, [], arg.value));
  }
  for (const expression of rule.body) {
    const condition = conditionOf(expression, args);
    if (condition !== undefined) add(found, condition);
  }
  return found;
}

function add(found: Map<string, Condition>, condition: Condition): void {
  if (!found.has(condition.subject)) found.set(condition.subject, condition);
}

function argument(index: number, path: readonly Value[], value: Value): Condition {
  return {
    subject: `argument ${index} ${JSON.stringify(path)}`,
    value,
    read: (_, args) => follow(args[index], path),
  };
}

function follow(start: Value | undefined, path: readonly Value[]): Value | undefined {
  let value = start;
  for (const key of path) value = value === undefined ? undefined : lookup(value, key);
  return value;
}

function conditionOf(expression: Expression, args: ReadonlyMap<string, number>): Condition | undefined {
  if (expression.kind !== "call" || expression.negated || expression.with.length > 0 || expression.args.length !== 2)
    return undefined;
  if (!isEquality(expression) && operatorName(expression) !== "equal") return undefined;
  const [left, right] = expression.args as [Term, Term]; // as: two, by the condition above
  if (right.kind === "scalar") return subjectOf(left, right.value, args);
  return left.kind === "scalar" ? subjectOf(right, left.value, args) : undefined;
}

function subjectOf(term: Term, value: Value, args: ReadonlyMap<string, number>): Condition | undefined {
  if (term.kind === "var") {
    const index = args.get(term.name);
    return index === undefined ? undefined : argument(index, [], value);
  }
  if (term.kind !== "ref" || term.head.kind !== "var") return undefined;
  const path: Value[] = [];
  for (const part of term.path) {
    if (part.kind !== "scalar") return undefined;
    path.push(part.value);
  }
  const index = args.get(term.head.name);
  if (index !== undefined) return argument(index, path, value);
  if (term.head.name !== "input") return undefined;
  return {
    subject: `input ${JSON.stringify(path)}`,
    value,
    read: (context) => follow(context.world.input, path),
  };
}
