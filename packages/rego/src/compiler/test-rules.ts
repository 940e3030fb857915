/** Rules that are tests: their names, and what is done to them before they are run. */

import { operatorRef, variable, stringTerm, type Body, type Expression, type Module, type Rule, type Term } from "../syntax/ast.ts"; // prettier-ignore
import { branchesOf } from "../syntax/visit.ts";
import { printRef } from "../syntax/print.ts";
import { collectExpressionVars, collectVars, dottedName, isEquality, isGenerated } from "./scope.ts";

/** The parts of a test's name. */
export interface TestName {
  /** `test_x`, or `group.test_x`. */
  readonly text: string;
  /** The names up to the one that begins with `test_` or `todo_test_`. */
  readonly names: readonly string[];
  /** Its name begins with `todo_test_`. */
  readonly isSkipped: boolean;
  /** Whether further path elements after the name are names of cases. */
  readonly hasCases: boolean;
}

/** The name of a test, or undefined where a rule is none. */
export function testNameOf({ head: { reference, key } }: Rule): TestName | undefined {
  const names: string[] = [];
  for (const part of reference) {
    const name = nameOf(part);
    if (name === undefined) return undefined;
    names.push(name);
    if (!/^(?:todo_)?test_/.test(name)) continue;
    const [head, ...path] = reference.slice(0, names.length) as [Term, ...Term[]]; // as: there is one
    const hasCases = key === undefined && reference.slice(names.length).some((each) => each.kind !== "scalar");
    return { text: printRef(head, path), names, isSkipped: name.startsWith("todo_"), hasCases };
  }
  return undefined;
}

function nameOf(part: Term): string | undefined {
  if (part.kind === "var") return part.name;
  return part.kind === "scalar" && typeof part.value === "string" ? part.value : undefined;
}

/** Whether modules must be compiled with `tests`, because tests share a name or have cases. */
export function needTestRun(modules: readonly Module[]): boolean {
  const seen = new Set<string>();
  for (const module of modules) {
    for (const rule of module.rules) {
      const name = testNameOf(rule);
      if (name === undefined || name.isSkipped) continue;
      const key = [...module.package, ...name.names].join("\0");
      if (name.hasCases || seen.has(key)) return true;
      seen.add(key);
    }
  }
  return false;
}

/** Gives tests of one name numbers, so that each is run: `test_x`, `test_x#01` … */
export function numberTests(modules: readonly Module[]): void {
  const counts = new Map<string, number>();
  for (const module of modules) {
    for (const rule of module.rules) {
      const name = testNameOf(rule);
      if (name === undefined || name.isSkipped) continue;
      const key = [...module.package, ...name.names].join("\0");
      const count = counts.get(key) ?? 0;
      counts.set(key, count + 1);
      if (count === 0) continue;
      const at = name.names.length - 1;
      const numbered = `${name.names[at]}#${String(count).padStart(2, "0")}`;
      const { head } = rule;
      head.reference = head.reference.map((part, index) =>
        index !== at ? part : at === 0 ? variable(numbered, part.span) : stringTerm(numbered, part.span),
      );
    }
  }
}

const told = "internal.test_case";

/**
 * Makes a test report a case as soon as the variables that name it are bound, so that a case that fails later is known. Its body must be ordered
 * already.
 */
export function tellCases(rule: Rule): void {
  const name = testNameOf(rule);
  if (name === undefined || name.isSkipped || !name.hasCases) return;
  for (const branch of branchesOf(rule)) {
    if (branch.body.some((each) => each.kind === "call" && calledName(each) === told)) continue;
    const parts = branch.head.reference.slice(name.names.length);
    const { span } = branch.head;
    let body = branch.body;
    let at = 0;
    for (const part of parts) {
      if (part.kind !== "var") continue;
      body = withEarlyBinding(body, part.name);
      at = Math.max(at, 1 + body.findIndex((each) => mentions(each, part.name)));
    }
    const call: Expression = {
      kind: "call",
      operator: operatorRef(told, span),
      args: [{ kind: "array", items: [...parts], span }],
      negated: false,
      with: [],
      span,
      generated: true,
    };
    branch.body = [...body.slice(0, at), call, ...body.slice(at)];
  }
}

function calledName(expression: Expression & { kind: "call" }): string | undefined {
  return dottedName(expression.operator.head, expression.operator.path);
}

/** What the compiler took out of a head is computed as soon as what it needs is there. */
function withEarlyBinding(body: Body, name: string): Body {
  const from = body.findIndex(
    (each) =>
      each.kind === "call" && each.generated === true && isEquality(each) && each.args[0]?.kind === "var" && each.args[0].name === name, // prettier-ignore
  );
  const binding = body[from];
  if (binding?.kind !== "call") return body;
  const needed = new Set<string>();
  collectVars(binding.args[1] as Term, needed); // as: it has two sides
  let to = 0;
  for (const each of needed) {
    if (!isGenerated(each)) continue;
    to = Math.max(to, 1 + body.findIndex((expression) => mentions(expression, each)));
  }
  if (to >= from) return body;
  const rest = body.filter((each) => each !== binding);
  return [...rest.slice(0, to), binding, ...rest.slice(to)];
}

function mentions(expression: Expression, name: string): boolean {
  const names = new Set<string>();
  collectExpressionVars(expression, names);
  return names.has(name);
}
