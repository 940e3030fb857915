/** Which rules depend on which, and rules that depend on themselves. */

import type { RefTerm, Rule } from "../syntax/ast.ts";
import { walkRule } from "../syntax/visit.ts";
import { hashKey, type HashKey } from "../values/value.ts";
import { ruleName } from "./checks.ts";
import { walkNodes, type RuleNode } from "./rule-tree.ts";
import type { CompilerScope } from "./scope.ts";

/** The rules that each rule refers to. */
export type Dependencies = ReadonlyMap<Rule, ReadonlySet<Rule>>;

/** Finds the dependencies of all rules. */
export function dependenciesOf(scope: CompilerScope): Dependencies {
  const graph = new Map<Rule, Set<Rule>>();
  walkNodes(scope.tree.root, (node) => {
    for (const rule of node.rules) {
      const found = new Set<Rule>();
      walkRule(rule, {
        term: (term) => {
          if (term.kind === "ref") for (const each of rulesOfReference(scope, term)) found.add(each);
        },
      });
      graph.set(rule, found);
    }
  });
  return graph;
}

/** All rules that a reference may mean: variables in it may be any name. */
export function rulesOfReference(scope: CompilerScope, term: RefTerm): Set<Rule> {
  const found = new Set<Rule>();
  if (term.head.kind !== "var" || term.head.name !== "data") return found;
  let nodes: RuleNode[] = [scope.tree.root];
  for (const part of term.path) {
    const next: RuleNode[] = [];
    for (const node of nodes) {
      for (const rule of node.rules) found.add(rule);
      if (part.kind === "scalar") {
        const child = node.children.get(hashKey(part.value) as HashKey);
        if (child !== undefined) next.push(child);
      } else {
        next.push(...node.children.values());
      }
    }
    nodes = next;
    if (nodes.length === 0) return found;
  }
  for (const node of nodes) walkNodes(node, (each) => each.rules.forEach((rule) => found.add(rule)));
  return found;
}

/** Reports every rule that reaches itself. */
export function checkRecursion(scope: CompilerScope, graph: Dependencies): void {
  const component = componentsOf(graph);
  const members = new Map<number, Rule[]>();
  for (const [rule, id] of component) members.set(id, [...(members.get(id) ?? []), rule]);
  for (const [rule, id] of component) {
    const together = members.get(id) ?? [];
    if (together.length === 1 && graph.get(rule)?.has(rule) !== true) continue;
    const path = cycleFrom(graph, rule, new Set(together));
    const name = ruleName(scope, rule);
    const chain = path.map((each) => ruleName(scope, each)).join(" -> ");
    scope.report("rego_recursion_error", `rule ${name} is recursive: ${chain}`, rule.span);
  }
}

/** The shortest way from a rule back to itself. */
function cycleFrom(graph: Dependencies, start: Rule, within: ReadonlySet<Rule>): Rule[] {
  const before = new Map<Rule, Rule>();
  const queue: Rule[] = [start];
  for (let index = 0; index < queue.length; index++) {
    const current = queue[index] as Rule;
    for (const next of graph.get(current) ?? []) {
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
  return [start, start];
}

/** Strongly connected components, by Tarjan's algorithm without recursion. */
function componentsOf(graph: Dependencies): Map<Rule, number> {
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

/** Rules in an order in which each comes after all that it depends on. */
export function inDependencyOrder(graph: Dependencies): Rule[] {
  const ordered: Rule[] = [];
  const done = new Set<Rule>();
  for (const root of graph.keys()) {
    if (done.has(root)) continue;
    const work: { rule: Rule; edges: Iterator<Rule> }[] = [
      { rule: root, edges: (graph.get(root) ?? new Set<Rule>()).values() },
    ];
    done.add(root);
    while (work.length > 0) {
      const top = work.at(-1) as (typeof work)[number];
      const next = top.edges.next();
      if (next.done === true) {
        ordered.push(top.rule);
        work.pop();
      } else if (!done.has(next.value)) {
        done.add(next.value);
        work.push({ rule: next.value, edges: (graph.get(next.value) ?? new Set<Rule>()).values() });
      }
    }
  }
  return ordered;
}
