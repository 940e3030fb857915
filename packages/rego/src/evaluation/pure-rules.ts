/** Which rules depend on nothing but their arguments: not on `input`, given data, the clock or the caller's functions. */

import { isPure } from "../builtins/pure.ts";
import type { Builtin } from "../builtins/builtin.ts";
import type { RuleNode, RuleTree } from "../compiler/rule-tree.ts";
import { dottedName } from "../compiler/scope.ts";
import type { CallExpression, CallTerm, RefTerm, Rule } from "../syntax/ast.ts";
import { walkRule, walkTerm, type Visitor } from "../syntax/visit.ts";
import { hashKey } from "../values/value.ts";

/** Rules that call each other deeper than this count as impure: looking further would not pay. */
const deepest = 32;

/** Determines lazily which rules of a tree are pure. */
export class PureRules {
  readonly #tree: RuleTree;
  readonly #builtins: ReadonlyMap<string, Builtin>;
  /** Absent: not looked at yet. A rule that is being looked at counts as impure for those that it calls. */
  readonly #heights: Map<RuleNode, number | undefined> = new Map();

  constructor(tree: RuleTree, builtins: ReadonlyMap<string, Builtin>) {
    this.#tree = tree;
    this.#builtins = builtins;
  }

  /** How deep pure rules call others: 1 for those that call none. Undefined for impure ones. */
  height(node: RuleNode): number | undefined {
    if (!this.#heights.has(node)) {
      this.#heights.set(node, undefined);
      this.#heights.set(node, this.#measure(node));
    }
    return this.#heights.get(node);
  }

  #measure(node: RuleNode): number | undefined {
    if (node.children.size > 0) return undefined;
    let height = 1;
    let isOpen = false;
    const under = (below: number | undefined): void => {
      if (below === undefined || below >= deepest) isOpen = true;
      else height = Math.max(height, below + 1);
    };
    const call = ({ operator, args }: CallExpression | CallTerm): true => {
      under(this.#called(operator));
      for (const arg of args) walkTerm(arg, visitor);
      return true;
    };
    const visitor: Visitor = {
      term: (term) => {
        if (term.kind === "call") return call(term);
        if (term.kind === "var" && (term.name === "input" || term.name === "data")) isOpen = true;
        if (term.kind !== "ref" || term.head.kind !== "var" || term.head.name !== "data") return isOpen;
        under(this.#referred(term));
        for (const part of term.path) walkTerm(part, visitor);
        return true;
      },
      expression: (expression) => {
        if (expression.with.length > 0) isOpen = true;
        return isOpen || (expression.kind === "call" && call(expression));
      },
    };
    for (const rule of node.rules) if (!isOpen) walkRule(rule, visitor);
    return isOpen ? undefined : height;
  }

  #called(operator: RefTerm): number | undefined {
    const builtin = this.#builtins.get(dottedName(operator.head, operator.path) ?? "");
    if (builtin !== undefined) return isPure(builtin) ? 0 : undefined;
    const node = this.#tree.find(operator);
    return node === undefined || node.rules.length === 0 ? undefined : this.height(node);
  }

  /** What a reference to `data` leads to: a rule, or into its value. */
  #referred({ path }: RefTerm): number | undefined {
    let node: RuleNode | undefined = this.#tree.root;
    for (const part of path) {
      if (part.kind !== "scalar") return undefined;
      node = node.children.get(hashKey(part.value));
      if (node === undefined) return undefined;
      if (node.rules.length > 0) return isConstantRule(node.rules) ? this.height(node) : undefined;
    }
    return undefined;
  }
}

function isConstantRule(rules: readonly Rule[]): boolean {
  return rules.every((rule) => rule.head.args.length === 0);
}
