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

/** A rule that Tarjan's algorithm has come to. */
interface Visited {
  readonly rule: Rule;
  /** The position of the rule in the order in which rules are come to. */
  readonly index: number;
  /** The lowest index that is known to be reached from here. */
  low: number;
  readonly edges: Iterator<Rule>;
}

/** Strongly connected components, by Tarjan's algorithm without recursion. */
function componentsOf({ branches: graph }: RuleGraph): Map<Rule, number> {
  const component = new Map<Rule, number>();
  const seen = new Map<Rule, Visited>();
  const stack: Rule[] = [];
  for (const root of graph.keys()) {
    if (seen.has(root)) continue;
    const work: Visited[] = [];
    const open = (rule: Rule): void => {
      const edges = (graph.get(rule) ?? new Set<Rule>()).values();
      const visited: Visited = { rule, index: seen.size, low: seen.size, edges };
      seen.set(rule, visited);
      stack.push(rule);
      work.push(visited);
    };
    open(root);
    for (let top = work.at(-1); top !== undefined; top = work.at(-1)) {
      const next = top.edges.next();
      if (next.done !== true) {
        const target = seen.get(next.value);
        if (target === undefined) open(next.value);
        else if (!component.has(target.rule)) top.low = Math.min(top.low, target.index);
        continue;
      }
      work.pop();
      const parent = work.at(-1);
      if (parent !== undefined) parent.low = Math.min(parent.low, top.low);
      if (top.low !== top.index) continue;
      for (const member of stack.splice(stack.lastIndexOf(top.rule))) component.set(member, top.index);
    }
  }
  return component;
}
