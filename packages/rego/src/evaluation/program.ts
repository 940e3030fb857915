/** Compiled rules, planned when they are first needed. */

import type { Builtin } from "../builtins/builtin.ts";
import type { RuleNode, RuleTree } from "../compiler/rule-tree.ts";
import type { Value } from "../values/value.ts";
import type { Context } from "./context.ts";
import { PureRules } from "./pure-rules.ts";
import { RulePlan } from "./rules.ts";

export class Program {
  readonly tree: RuleTree;
  readonly builtins: ReadonlyMap<string, Builtin>;
  /** Expressions report trace events. */
  readonly traced: boolean;
  /** Expressions and heads of rules record coverage. */
  readonly covered: boolean;
  /** There are asynchronous functions, whose answers may be missing. */
  readonly awaits: boolean;
  readonly pureRules: PureRules;
  readonly #plans: (RulePlan | undefined)[] = [];

  constructor(tree: RuleTree, builtins: ReadonlyMap<string, Builtin>, traced: boolean, covered = false) {
    this.tree = tree;
    this.builtins = builtins;
    this.traced = traced;
    this.covered = covered;
    this.awaits = [...builtins.values()].some(({ awaits }) => awaits === true);
    this.pureRules = new PureRules(tree, builtins);
  }

  /** Whether there is neither tracing nor coverage, so that evaluations may be skipped or cached. */
  get unwatched(): boolean {
    return !this.traced && !this.covered;
  }

  /** The plan of the rules at a node. */
  plan(node: RuleNode): RulePlan {
    return (this.#plans[node.id] ??= new RulePlan(this, node));
  }

  valueOf(context: Context, node: RuleNode): Value | undefined {
    return this.plan(node).value(context);
  }
}
