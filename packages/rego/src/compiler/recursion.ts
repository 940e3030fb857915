/** Rules that depend on themselves. */

import type { Rule } from "../syntax/ast.ts";
import { ruleName } from "./checks.ts";
import type { RuleGraph } from "./dependencies.ts";
import { possibleCause } from "./recursion-cause.ts";
import type { CompilerScope } from "./scope.ts";

/** A recursive rule. */
export interface Recursion {
  readonly rule: Rule;
  readonly message: string;
}

/**
 * Finds every recursive rule. A path through a variable whose value is not known at compile time is only a possible recursion; the message says so,
 * and for which value. Must be called before bodies are reordered.
 */
export function findRecursions(scope: CompilerScope, graph: RuleGraph): Recursion[] {
  const component = componentsOf(graph);
  const members = new Map<number, Rule[]>();
  for (const [rule, id] of component) members.set(id, [...(members.get(id) ?? []), rule]);
  const found: Recursion[] = [];
  for (const [rule, id] of component) {
    const together = members.get(id) ?? [];
    if (together.length === 1 && graph.branches.get(rule)?.has(rule) !== true) continue;
    const within = new Set(together);
    const isCertain = (from: Rule, to: Rule): boolean => graph.possible.get(from)?.has(to) !== true;
    const certain = cycleFrom(graph, rule, within, isCertain);
    const path = certain ?? cycleFrom(graph, rule, within, () => true) ?? [rule, rule];
    const name = ruleName(scope, rule);
    const chain = path.map((each) => ruleName(scope, each)).join(" -> ");
    const message =
      certain === undefined
        ? `rule ${name} may be recursive: ${chain}${possibleCause(scope, graph, path)}`
        : `rule ${name} is recursive: ${chain}`;
    found.push({ rule, message });
  }
  return found;
}

/** The shortest way from a rule back to itself over dependencies that count. */
function cycleFrom(
  graph: RuleGraph,
  start: Rule,
  within: ReadonlySet<Rule>,
  counts: (from: Rule, to: Rule) => boolean,
): Rule[] | undefined {
  const before = new Map<Rule, Rule>();
  const queue: Rule[] = [start];
  for (let index = 0; index < queue.length; index++) {
    const current = queue[index] as Rule; // as: below the length
    for (const next of graph.branches.get(current) ?? []) {
      if (!counts(current, next)) continue;
      if (next === start) {
        const path: Rule[] = [start];
        for (let each: Rule | undefined = current; each !== undefined && each !== start; each = before.get(each))
          path.unshift(each);
        return [start, ...path];
      }
      if (!within.has(next) || before.has(next)) continue;
      before.set(next, current);
      queue.push(next);
    }
  }
  return undefined;
}

/** Strongly connected components, by Tarjan's algorithm without recursion. */
function componentsOf({ branches: graph }: RuleGraph): Map<Rule, number> {
  const component = new Map<Rule, number>();
  const index = new Map<Rule, number>();
  const low = new Map<Rule, number>();
  const stack: Rule[] = [];
  let counter = 0;
  for (const root of graph.keys()) {
    if (index.has(root)) continue;
    const work: { rule: Rule; edges: Iterator<Rule> }[] = [];
    const open = (rule: Rule): void => {
      index.set(rule, counter);
      low.set(rule, counter++);
      stack.push(rule);
      work.push({ rule, edges: (graph.get(rule) ?? new Set<Rule>()).values() });
    };
    open(root);
    while (work.length > 0) {
      const top = work.at(-1) as (typeof work)[number];
      const next = top.edges.next();
      if (next.done !== true) {
        const target = next.value;
        if (!index.has(target)) open(target);
        else if (!component.has(target))
          low.set(top.rule, Math.min(low.get(top.rule) as number, index.get(target) as number));
        continue;
      }
      work.pop();
      const parent = work.at(-1)?.rule;
      if (parent !== undefined) low.set(parent, Math.min(low.get(parent) as number, low.get(top.rule) as number));
      if (low.get(top.rule) !== index.get(top.rule)) continue;
      for (;;) {
        const member = stack.pop() as Rule;
        component.set(member, index.get(top.rule) as number);
        if (member === top.rule) break;
      }
    }
  }
  return component;
}
