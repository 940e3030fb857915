/** All rules by their path: `data.a.b.p` and what lies under it. */

import type { Module, Rule, Term } from "../syntax/ast.ts";
import { hashKey, type HashKey, type Value } from "../values/value.ts";

/** One name in the tree of rules. */
export interface RuleNode {
  /** Its number among all nodes. */
  readonly id: number;
  readonly key: Value;
  readonly children: Map<HashKey, RuleNode>;
  readonly rules: Rule[];
  /** Modules whose package this is. */
  readonly modules: Module[];
}

function node(id: number, key: Value): RuleNode {
  return { id, key, children: new Map(), rules: [], modules: [] };
}

/** The path of a rule from below `data` to before its first variable. */
export function groundPath(rule: Rule): Value[] {
  const path: Value[] = [...rule.module.package];
  for (const [index, part] of rule.head.reference.entries()) {
    if (index === 0 && part.kind === "var") path.push(part.name);
    else if (part.kind === "scalar") path.push(part.value);
    else break;
  }
  return path;
}

/** Whether a rule's head has variables in its reference. */
export function isGroundHead(rule: Rule): boolean {
  return rule.head.reference.slice(1).every((part) => part.kind === "scalar");
}

export class RuleTree {
  readonly root: RuleNode = node(0, "data");
  #count = 1;

  constructor(modules: Iterable<Module>) {
    for (const module of modules) {
      this.#reach(module.package).modules.push(module);
      for (const rule of module.rules) this.#reach(groundPath(rule)).rules.push(rule);
    }
  }

  #reach(path: readonly Value[]): RuleNode {
    let current = this.root;
    for (const key of path) {
      const hash = hashKey(key);
      let next = current.children.get(hash);
      if (next === undefined) {
        next = node(this.#count++, key);
        current.children.set(hash, next);
      }
      current = next;
    }
    return current;
  }

  /** The node that a plain reference to `data` names. */
  find(term: Term): RuleNode | undefined {
    if (term.kind !== "ref" || term.head.kind !== "var" || term.head.name !== "data") return undefined;
    let current: RuleNode | undefined = this.root;
    for (const part of term.path) {
      if (current === undefined || part.kind !== "scalar") return undefined;
      current = current.children.get(hashKey(part.value));
    }
    return current;
  }

  /** The rules at exactly a reference. */
  exact(term: Term): readonly Rule[] {
    return this.find(term)?.rules ?? [];
  }
}

/** A node's children in the order of Rego. */
export function walkNodes(start: RuleNode, visit: (node: RuleNode, path: readonly Value[]) => void): void {
  const walk = (current: RuleNode, path: readonly Value[]): void => {
    visit(current, path);
    for (const child of current.children.values()) walk(child, [...path, child.key]);
  };
  walk(start, []);
}
