/** Which rules depend on which. */

import type { RefTerm, Rule, Term } from "../syntax/ast.ts";
import { branchesOf, walkExpression, walkRule, walkTerm, type Visitor } from "../syntax/visit.ts";
import { equalValues, hashKey } from "../values/value.ts";
import { constantOf } from "./constant-terms.ts";
import { knownValues, possiblePaths, type KnownValues, type PathKeys } from "./known-values.ts";
import { walkNodes, type RuleNode } from "./rule-tree.ts";
import { collectExpressionVars, collectVars, type CompilerScope } from "./scope.ts";

/** The rules that each rule refers to. */
export type Dependencies = ReadonlyMap<Rule, ReadonlySet<Rule>>;

/** A reference that denotes a rule only if its parts have certain values. */
export interface PossibleReference {
  readonly term: RefTerm;
  /** Its path, with the values that are known at compile time. */
  readonly keys: PathKeys;
  /** The rule or else branch that contains it. */
  readonly branch: Rule;
  readonly index: number;
  /** Variables that may have a value there. */
  readonly bound: ReadonlySet<string>;
}

/** The dependencies of all rules, and which of them are only possible. */
export interface RuleGraph {
  readonly all: Dependencies;
  /** The same with each else branch as a rule of its own. */
  readonly branches: Dependencies;
  /** For a branch and a rule that it possibly depends on, the reference that causes it. Dependencies without an entry are certain. */
  readonly possible: ReadonlyMap<Rule, ReadonlyMap<Rule, PossibleReference>>;
}

/**
 * Finds the dependencies of all rules. A variable whose values are constants in the source stands for those only, so that `some root in ["a", "b"];
 * data[root].p` does not depend on every rule. Must be called before bodies are reordered.
 */
export function dependenciesOf(scope: CompilerScope): RuleGraph {
  const all = new Map<Rule, Set<Rule>>();
  const branches = new Map<Rule, Set<Rule>>();
  const possible = new Map<Rule, ReadonlyMap<Rule, PossibleReference>>();
  walkNodes(scope.tree.root, (node) => {
    for (const rule of node.rules) {
      const found = new Set<Rule>();
      for (const branch of branchesOf(rule)) {
        const certain = new Set<Rule>();
        const uncertain = new Map<Rule, PossibleReference>();
        addBranch(scope, branch, certain, uncertain);
        for (const each of certain) uncertain.delete(each);
        const targets = [...certain, ...uncertain.keys()];
        for (const each of targets) found.add(each);
        branches.set(branch, new Set(targets.flatMap(branchesOf)));
        if (uncertain.size > 0)
          possible.set(
            branch,
            new Map([...uncertain].flatMap(([each, by]) => branchesOf(each).map((target) => [target, by]))),
          );
      }
      all.set(rule, found);
    }
  });
  return { all, branches, possible };
}

function addBranch(
  scope: CompilerScope,
  branch: Rule,
  certain: Set<Rule>,
  uncertain: Map<Rule, PossibleReference>,
): void {
  // Most rules have no reference with variables: what is known and bound is looked for when one comes.
  let known: readonly KnownValues[] | undefined;
  const bounds = new Map<number, ReadonlySet<string>>();
  let index = 0;
  const add = (term: RefTerm): void => {
    if (term.path.every((part) => part.kind === "scalar")) {
      for (const each of rulesAt(scope, term.path.map(constantOf))) certain.add(each);
      return;
    }
    known ??= knownValues(branch.body);
    const paths = possiblePaths(term.path, known[index] as KnownValues); // as: one more than there are expressions
    const [first] = paths as [PathKeys]; // as: there is always one
    const keys = paths.length === 1 ? first : term.path.map(constantOf);
    const bound = bounds.get(index) ?? variablesBefore(branch, index);
    bounds.set(index, bound);
    const reference = { term, keys, branch, index, bound };
    for (const path of paths)
      for (const rule of rulesAt(scope, path)) {
        if (openParts(reference, rule) === "none") certain.add(rule);
        else if (!uncertain.has(rule)) uncertain.set(rule, reference);
      }
  };
  const visitor: Visitor = {
    term: (term) => {
      if (term.kind === "var" && term.name === "data") add({ kind: "ref", head: term, path: [], span: term.span });
      if (term.kind !== "ref" || term.head.kind !== "var" || term.head.name !== "data") return false;
      add(term);
      for (const part of term.path) walkTerm(part, visitor);
      return true;
    },
  };
  for (const expression of branch.body) {
    walkExpression(expression, visitor);
    index++;
  }
  for (const term of termsOfHead(branch)) walkTerm(term, visitor);
}

/** All of a head but the name. */
function termsOfHead({ head: { reference, args, key, value } }: Pick<Rule, "head">): Term[] {
  return [...reference.slice(1), ...args, ...[key, value].filter((each) => each !== undefined)];
}

/** Variables that may have a value when an expression is met: those of the head, which a caller binds, and those before. */
function variablesBefore({ head, body }: Rule, index: number): Set<string> {
  const names = new Set<string>();
  for (const term of termsOfHead({ head })) collectVars(term, names);
  for (const expression of body.slice(0, index)) collectExpressionVars(expression, names);
  return names;
}

/**
 * The positions of a reference's path that must have a certain value for it to denote a rule; "none" if it always denotes the rule, "never" if a
 * constant in it differs.
 */
export function openParts({ term, keys, bound }: PossibleReference, rule: Rule): readonly number[] | "none" | "never" {
  const path = rulePath(rule);
  const open: number[] = [];
  for (let index = 0; index < Math.min(term.path.length, path.length); index++) {
    const wanted = constantOf(path[index] as Term); // as: below the length
    if (wanted === undefined) continue;
    const key = keys[index];
    const part = term.path[index] as Term; // as: below the length
    if (key !== undefined) {
      if (!equalValues(key, wanted)) return "never";
    } else if (part.kind !== "var" || bound.has(part.name) || occurrences(term, keys, part.name) > 1) {
      open.push(index);
    }
  }
  return open.length === 0 ? "none" : open;
}

function occurrences({ path }: RefTerm, keys: PathKeys, name: string): number {
  return path.filter((part, index) => keys[index] === undefined && part.kind === "var" && part.name === name).length;
}

/** The whole path of a rule below `data`. */
export function rulePath({ module, head, span }: Rule): Term[] {
  const [first, ...rest] = head.reference as [Term, ...Term[]]; // as: a head has a name
  const name = first.kind === "var" ? first.name : "";
  return [...[...module.package, name].map((value): Term => ({ kind: "scalar", value, span })), ...rest];
}

/** All rules that a reference may denote; a variable in it may be any name. */
export function rulesOfReference(scope: CompilerScope, term: RefTerm): Set<Rule> {
  if (term.head.kind !== "var" || term.head.name !== "data") return new Set();
  return rulesAt(scope, term.path.map(constantOf));
}

function rulesAt(scope: CompilerScope, keys: PathKeys): Set<Rule> {
  const found = new Set<Rule>();
  let nodes: RuleNode[] = [scope.tree.root];
  for (const [index, key] of keys.entries()) {
    const next: RuleNode[] = [];
    for (const node of nodes) {
      for (const rule of node.rules) if (mayMeet(rule, keys, index)) found.add(rule);
      if (key === undefined) {
        next.push(...node.children.values());
        continue;
      }
      const child = node.children.get(hashKey(key));
      if (child !== undefined) next.push(child);
    }
    nodes = next;
    if (nodes.length === 0) return found;
  }
  for (const node of nodes) walkNodes(node, (each) => each.rules.forEach((rule) => found.add(rule)));
  return found;
}

/** Whether a path can mean a part of a rule: rules with variables in their heads all lie where the first of them stands. */
function mayMeet(rule: Rule, keys: PathKeys, from: number): boolean {
  if (rule.head.reference.length === 1) return true;
  const path = rulePath(rule);
  for (let index = from; index < Math.min(keys.length, path.length); index++) {
    const key = keys[index];
    const own = constantOf(path[index] as Term); // as: below the length
    if (key !== undefined && own !== undefined && !equalValues(key, own)) return false;
  }
  return true;
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
    for (let top = work.at(-1); top !== undefined; top = work.at(-1)) {
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

/** Returns a function that finds the rules that a reference may denote, and all rules that depend on them. */
export function affectedRules(scope: CompilerScope, dependencies: Dependencies): (target: RefTerm) => Rule[] {
  let dependents: Map<Rule, Rule[]> | undefined;
  return (target) => {
    const affected = rulesOfReference(scope, target);
    if (affected.size === 0) return [];
    dependents ??= dependentsOf(dependencies);
    // A set goes on to what is added while it is gone through.
    for (const rule of affected) for (const dependent of dependents.get(rule) ?? []) affected.add(dependent);
    return [...affected];
  };
}

function dependentsOf(dependencies: Dependencies): Map<Rule, Rule[]> {
  const dependents = new Map<Rule, Rule[]>();
  for (const [rule, targets] of dependencies) {
    for (const target of targets) {
      const known = dependents.get(target);
      if (known === undefined) dependents.set(target, [rule]);
      else known.push(rule);
    }
  }
  return dependents;
}

/** The rules that a `with` modifier in one of `rules` could replace. */
export function replacedRules(scope: CompilerScope, rules: readonly Rule[]): Set<Rule> {
  const replaced = new Set<Rule>();
  const visitor: Visitor = {
    expression: (expression) => {
      for (const { target } of expression.with) {
        if (target.kind !== "ref") continue;
        for (const rule of rulesOfReference(scope, target)) replaced.add(rule);
      }
    },
  };
  for (const rule of rules) walkRule(rule, visitor);
  return replaced;
}
