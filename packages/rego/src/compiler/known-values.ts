/** What variables of a body can hold, where the source says so: `some root in ["a", "b"]`. */

import type { Body, Expression, Term } from "../syntax/ast.ts";
import { lookup } from "../values/lookup.ts";
import { isArray, isObject, objectEntries, RegoSet, type Value } from "../values/value.ts";
import { constantOf } from "./constant-terms.ts";
import { isEquality } from "./scope.ts";

/** The possible values of variables that are known at compile time. */
export type KnownValues = ReadonlyMap<string, readonly Value[]>;

/** How many paths one reference may stand for; with more it may be any. */
const mostPaths = 64;

/**
 * The values of the variables that are bound before each expression of a body, one map for each expression and one for
 * what comes after the last. The first binding of a variable counts, and only where all that it reads is bound before it:
 * a body is a conjunction, so one binding is enough, and an expression that waits for another is moved behind it.
 */
export function knownValues(body: Body): readonly KnownValues[] {
  let known: KnownValues = new Map();
  const before: KnownValues[] = [known];
  for (const expression of body) {
    const binding = bindingOf(expression, known);
    if (binding !== undefined && !known.has(binding[0])) known = new Map([...known, binding]);
    before.push(known);
  }
  return before;
}

function bindingOf(expression: Expression, known: KnownValues): [string, readonly Value[]] | undefined {
  if (!isEquality(expression) || expression.negated || expression.with.length > 0) return undefined;
  const [left, right] = expression.args;
  for (const [variable, other] of [
    [left, right],
    [right, left],
  ] as const) {
    const values = variable.kind === "var" ? valuesOfTerm(other, known) : undefined;
    if (variable.kind === "var" && values !== undefined) return [variable.name, values];
  }
  return undefined;
}

/** The values that a term can have; undefined where the source does not say. */
function valuesOfTerm(term: Term, known: KnownValues): readonly Value[] | undefined {
  if (term.kind === "var") return known.get(term.name);
  if (term.kind === "ref") return valuesOfReference(term.head, term.path, known);
  const constant = constantOf(term);
  return constant === undefined ? undefined : [constant];
}

function valuesOfReference(head: Term, path: readonly Term[], known: KnownValues): readonly Value[] | undefined {
  let values = valuesOfTerm(head, known);
  for (const part of path) {
    const key = constantOf(part);
    const next: Value[] = [];
    for (const value of values ?? []) {
      const members = key === undefined ? membersOf(value) : [lookup(value, key)];
      if (members === undefined) return undefined;
      for (const member of members) if (member !== undefined) next.push(member);
    }
    if (values === undefined || next.length > mostPaths) return undefined;
    values = next;
  }
  return values;
}

/** All members of a collection; undefined for what is none. */
export function membersOf(value: Value): readonly Value[] | undefined {
  if (isArray(value)) return value;
  if (value instanceof RegoSet) return value.sorted();
  return isObject(value) ? objectEntries(value).map(([, member]) => member) : undefined;
}

/** The keys of a path; undefined stands for one that only the evaluation knows. */
export type PathKeys = readonly (Value | undefined)[];

/** The paths that a reference can mean, with the values of its variables put in where there are few. Never empty. */
export function possiblePaths(path: readonly Term[], known: KnownValues): readonly PathKeys[] {
  let paths: PathKeys[] = [path.map(constantOf)];
  if (known.size === 0) return paths;
  for (const [index, part] of path.entries()) {
    if (constantOf(part) !== undefined) continue;
    const values = valuesOfTerm(part, known);
    // A part without any value can never be met: that alone is no reason to say that nothing is meant.
    if (values === undefined || values.length === 0 || paths.length * values.length > mostPaths) continue;
    paths = paths.flatMap((each) => values.map((value) => each.with(index, value)));
  }
  return paths;
}
