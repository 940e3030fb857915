/** Plans bodies: unification, calls, `not`, `every`, `with`. */

import type { Builtin } from "../builtins/builtin.ts";
import { collectExpressionVars, dottedName, isEquality } from "../compiler/scope.ts";
import type { Body, CallExpression, EveryExpression, Expression, RefTerm, Span, Term, With } from "../syntax/ast.ts";
import { issueAt, RegoError } from "../syntax/errors.ts";
import { walkBody } from "../syntax/visit.ts";
import { compareValues, equalValues, type Value } from "../values/value.ts";
import { invokeBuiltin } from "./calls.ts";
import { assemble, found, valuesOf, type Evaluate, type Item, type Run, type Test } from "./closures.ts"; // prettier-ignore
import { World, type Context, type Mock } from "./context.ts";
import { hitSpan } from "./coverage.ts";
import { enumerate, isFunctionNode, withPath } from "./documents.ts";
import { TermPlanner, testItem } from "./plan-terms.ts";
import { tellable, tracedRun, type ShownVariable } from "./traced-expression.ts";
import { isRootRef } from "../syntax/terms.ts";
import type { RuleNode } from "../compiler/rule-tree.ts";
import { walkNodes } from "../compiler/rule-tree.ts";

const comparisons: Readonly<Record<string, (left: Value, right: Value) => boolean>> = {
  equal: equalValues,
  neq: (left, right) => !equalValues(left, right),
  lt: (left, right) => compareValues(left, right) < 0,
  lte: (left, right) => compareValues(left, right) <= 0,
  gt: (left, right) => compareValues(left, right) > 0,
  gte: (left, right) => compareValues(left, right) >= 0,
};

/** What a call reaches when nothing replaces it. */
type Callee =
  | { readonly kind: "builtin"; readonly builtin: Builtin }
  | { readonly kind: "rules"; readonly node: RuleNode };

export class BodyPlanner extends TermPlanner {
  /** The parts of a body, in order; its variables stay bound. */
  body(body: Body): Item[] {
    const items: Item[] = [];
    for (const [index, expression] of body.entries()) {
      if (this.program.awaits && index < body.length - 1) this.awaiting(body, index, items);
      else this.expression(expression, items);
    }
    return items;
  }

  /**
   * Plans an expression that may lack answers: where it fails for that, the rest of the body that does not depend on it is gone
   * through for what it asks, so that calls of one body need not be awaited one after the other.
   */
  private awaiting(body: Body, index: number, items: Item[]): void {
    const before = new Set(this.bound);
    const inner: Item[] = [];
    this.expression(body[index] as Expression, inner); // as: the index is within the body
    const unset = new Set([...this.bound].filter((name) => !before.has(name)));
    let ahead: Run | undefined;
    const planAhead = (): Run => {
      const rest = independent(body.slice(index + 1), before, unset);
      const outer = this.bound;
      this.bound = new Set(before);
      try {
        return assemble(this.body(rest), () => false);
      } finally {
        this.bound = outer;
      }
    };
    const held = this.slots.spare();
    items.push({
      kind: "each",
      bind: (next) => {
        const run = assemble(inner, (context, registers) => {
          registers[held] = true;
          return next(context, registers);
        });
        return (context, registers) => {
          const lacking = context.lacking();
          registers[held] = false;
          if (run(context, registers)) return true;
          if (registers[held] === false && context.lacking() > lacking) {
            ahead ??= planAhead();
            ahead(context, registers);
          }
          return false;
        };
      },
    });
  }

  override nested(body: Body): { items: Item[]; leave: () => void } {
    const outer = this.bound;
    this.bound = new Set(outer);
    const items = this.body(body);
    return { items, leave: () => (this.bound = outer) };
  }

  /** Whether a body can hold, with what is bound now. */
  private exists(body: Body): Run {
    const { items, leave } = this.nested(body);
    leave();
    return assemble(items, found);
  }

  expression(expression: Expression, items: Item[]): void {
    const { traced, covered } = this.program;
    if (covered && expression.generated !== true) {
      items.push(
        testItem((context) => {
          hitSpan(context.coverage, expression.span);
          return true;
        }),
      );
    }
    if (!traced) {
      this.untraced(expression, items);
      return;
    }
    const shown = this.boundWithin(expression);
    const inner: Item[] = [];
    this.untraced(expression, inner);
    const told = tellable(expression, shown);
    items.push({ kind: "each", bind: (next) => tracedRun(inner, next, told) });
  }

  /** The places of variables of an expression that are bound before it. */
  private boundWithin(expression: Expression): readonly ShownVariable[] {
    const found: ShownVariable[] = [];
    walkBody([expression], {
      term: (term) => {
        if (term.kind === "comprehension") return true;
        if (term.kind === "var" && this.bound.has(term.name))
          found.push({ start: term.span.start, end: term.span.end, slot: this.slots.of(term.name) });
        return false;
      },
      expression: (each) => each !== expression && each.kind !== "term" && each.kind !== "call",
    });
    const { start, end } = expression.span;
    return found
      .filter((each) => each.start >= start && each.end <= end && each.end > each.start)
      .sort((a, b) => a.start - b.start);
  }

  private untraced(expression: Expression, items: Item[]): void {
    if (expression.with.length > 0) this.modified(expression, items);
    else if (expression.negated) this.negated({ ...expression, negated: false }, items);
    else this.plain(expression, items);
  }

  private negated(expression: Expression, items: Item[]): void {
    const run = this.exists([expression]);
    items.push(testItem((context, registers) => !run(context, registers)));
  }

  private plain(expression: Expression, items: Item[]): void {
    switch (expression.kind) {
      case "term": {
        const value = this.term(expression.term, items);
        items.push(testItem((context, registers) => holds(value(context, registers))));
        break;
      }
      case "call":
        if (isEquality(expression)) this.unify(...expression.args, items);
        else this.call(expression, items);
        break;
      case "every":
        this.every(expression, items);
        break;
      case "not": {
        const run = this.exists(expression.body);
        items.push(testItem((context, registers) => !run(context, registers)));
        break;
      }
      case "logical": {
        const left = this.exists(expression.left);
        const right = this.exists(expression.right);
        const test: Test =
          expression.operator === "and"
            ? (context, registers) => left(context, registers) && right(context, registers)
            : (context, registers) => left(context, registers) || right(context, registers);
        items.push(testItem(test));
        break;
      }
      case "some":
        break;
    }
  }

  /** Plans `left = right`: known sides are computed, unbound variables on the other side get their parts. */
  private unify(left: Term, right: Term, items: Item[]): void {
    let pairs: [Term, Term][] = [[left, right]];
    while (pairs.length > 0) {
      const later: [Term, Term][] = [];
      let progress = false;
      for (const [a, b] of pairs) {
        if (this.unifyPair(a, b, items, later)) progress = true;
        else later.push([a, b]);
      }
      if (!progress)
        throw new RegoError([issueAt("rego_unsafe_var_error", "expression is unsafe", pairs[0]?.[0].span)]);
      pairs = later;
    }
  }

  private unifyPair(a: Term, b: Term, items: Item[], more: [Term, Term][]): boolean {
    if (a.kind === "array" && b.kind === "array" && !(this.isKnown(a) && this.isKnown(b))) {
      if (a.items.length !== b.items.length) {
        items.push(testItem(() => false));
        return this.bindNothing(a) && this.bindNothing(b);
      }
      a.items.forEach((item, index) => more.push([item, b.items[index] as Term])); // as: both are as long
      return true;
    }
    if (this.isSource(a) && !(this.isOpenPattern(b) && this.isSearch(a) && this.isKnown(b)))
      return this.match(a, b, items);
    if (this.isSource(b)) return this.match(b, a, items);
    if (this.isSource(a)) return this.match(a, b, items);
    if (a.kind === "object" && b.kind === "object") return this.unifyObjects(a.entries, b.entries, items, more);
    return false;
  }

  /** Variables of a pattern that can never match still count as bound. */
  private bindNothing(term: Term): boolean {
    this.pattern(term, []);
    return true;
  }

  private isSearch(term: Term): boolean {
    return term.kind === "ref" && !this.isKnown(term);
  }

  private isOpenPattern(term: Term): boolean {
    return term.kind === "var" && !this.bound.has(term.name);
  }

  /** A term that has a value without its other side: all is bound, or it is a reference to search. */
  private isSource(term: Term): boolean {
    if (this.isKnown(term)) return true;
    return term.kind === "ref" && (this.isRoot(term.head) || this.isKnown(term.head));
  }

  private match(source: Term, pattern: Term, items: Item[]): boolean {
    if (this.isKnown(source)) {
      const value = this.term(source, items);
      if (pattern.kind === "ref" && !this.isKnown(pattern)) {
        const searched = this.term(pattern, items);
        items.push(
          testItem((context, registers) => {
            const known = value(context, registers);
            const other = searched(context, registers);
            return known !== undefined && other !== undefined && equalValues(known, other);
          }),
        );
        return true;
      }
      items.push(this.taking(value, pattern, items));
      return true;
    }
    // What is found goes into its variable at once, unless the search itself gives that a value.
    let found = -1;
    items.push(
      // as: all sources but references are known
      this.search(source as RefTerm, items, (next) => {
        const slot = found;
        return (context, registers, value) => {
          registers[slot] = value;
          return next(context, registers);
        };
      }),
    );
    const slot = this.openSlot(pattern);
    found = slot ?? this.slots.spare();
    if (slot === undefined) {
      const held = found;
      items.push(this.taking((_, registers) => registers[held] as Value, pattern, items)); // as: filled by the search
    }
    return true;
  }

  private unifyObjects(
    a: readonly [Term, Term][],
    b: readonly [Term, Term][],
    items: Item[],
    more: [Term, Term][],
  ): boolean {
    const never = testItem(() => false);
    if (a.length !== b.length) {
      items.push(never);
      return true;
    }
    const known = [...a, ...b].every(([key]) => this.isKnown(key));
    if (!known) return false;
    for (const [key, value] of a) {
      const other = b.find(([each]) => each.kind === "scalar" && key.kind === "scalar" && each.value === key.value);
      if (other === undefined) {
        items.push(never);
        return true;
      }
      more.push([value, other[1]]);
    }
    return true;
  }

  private call(expression: CallExpression, items: Item[]): void {
    const { operator, span } = expression;
    const name = dottedName(operator.head, operator.path) ?? "";
    const callee = this.callee(operator, name, span);
    const arity =
      callee.kind === "builtin" ? callee.builtin.args.length : (callee.node.rules[0]?.head.args.length ?? 0);
    const inputs = expression.args.slice(0, arity).map((arg) => this.term(arg, items));
    const output = expression.args[arity];
    if (callee.kind === "builtin" && callee.builtin.relation) {
      this.relation(callee.builtin, inputs, output, items);
      return;
    }
    const compare = Object.hasOwn(comparisons, name) && callee.kind === "builtin" ? comparisons[name] : undefined;
    const invoked = this.invocation(callee, name, inputs, span);
    const [, right] = expression.args;
    const result =
      compare === undefined
        ? invoked
        : comparison(compare, name, inputs, invoked, right?.kind === "scalar" ? right.value : undefined);
    if (output === undefined) {
      items.push(testItem((context, registers) => holds(result(context, registers))));
      return;
    }
    items.push(this.taking(result, output, items));
  }

  /** What gives a term's value to a pattern. Most patterns are a variable that has no value yet. */
  private taking(value: Evaluate, pattern: Term, items: Item[]): Item {
    const slot = this.openSlot(pattern);
    if (slot !== undefined)
      return testItem((context, registers) => {
        const known = value(context, registers);
        if (known === undefined) return false;
        registers[slot] = known;
        return true;
      });
    const fits = this.pattern(pattern, items);
    return testItem((context, registers) => {
      const known = value(context, registers);
      return known !== undefined && fits(context, registers, known);
    });
  }

  private callee(operator: RefTerm, name: string, span: Span): Callee {
    const builtin = this.program.builtins.get(name);
    if (builtin !== undefined) return { kind: "builtin", builtin };
    const node = this.program.tree.find(operator);
    if (node === undefined || node.rules.length === 0) {
      throw new RegoError([issueAt("rego_type_error", `undefined function ${name}`, span)]);
    }
    return { kind: "rules", node };
  }

  private invocation(callee: Callee, name: string, inputs: readonly Evaluate[], span: Span): Evaluate {
    const { program } = this;
    const argumentsIn = valuesOf(inputs);
    const mocked: Evaluate = (context, registers) => {
      const before = context.world;
      const mock = before.mocks?.get(name);
      if (mock === undefined) return undefined;
      const args = argumentsIn(context, registers);
      if (args === undefined) return undefined;
      if (mock.kind === "value") return mock.value;
      context.world = before.unmocked();
      try {
        return mock.kind === "builtin"
          ? invokeBuiltin(
              mock.builtin,
              args.map((arg) => () => arg),
              span,
            )(context, registers)
          : program.plan(mock.node).call(context, args);
      } finally {
        context.world = before;
      }
    };
    if (callee.kind === "builtin") {
      const direct = invokeBuiltin(callee.builtin, inputs, span);
      return (context, registers) =>
        context.world.mocks?.has(name) === true ? mocked(context, registers) : direct(context, registers);
    }
    const plan = program.plan(callee.node);
    return (context, registers) => {
      if (context.world.mocks?.has(name) === true) return mocked(context, registers);
      const args = argumentsIn(context, registers);
      return args === undefined ? undefined : plan.call(context, args);
    };
  }

  private relation(builtin: Builtin, inputs: readonly Evaluate[], output: Term | undefined, items: Item[]): void {
    const fits = output === undefined ? undefined : this.pattern(output, items);
    const argumentsIn = valuesOf(inputs);
    items.push({
      kind: "each",
      bind: (next) => (context, registers) => {
        const args = argumentsIn(context, registers);
        if (args === undefined) return false;
        for (const value of builtin.all?.(args, context) ?? []) {
          context.meter.step();
          if ((fits === undefined || fits(context, registers, value)) && next(context, registers)) return true;
        }
        return false;
      },
    });
  }

  private every(expression: EveryExpression, items: Item[]): void {
    const domain = this.term(expression.domain, items);
    const outer = this.bound;
    this.bound = new Set(outer);
    const inner: Item[] = [];
    const key = this.pattern(expression.key as Term, inner); // as: the compiler gives a key to each that has none
    const value = this.pattern(expression.value, inner);
    const body = this.body(expression.body);
    this.bound = outer;
    const run = assemble([...inner, ...body], found);
    items.push(
      testItem((context, registers) => {
        const collection = domain(context, registers);
        if (collection === undefined || typeof collection !== "object" || collection === null) return false;
        return !enumerate(context, collection, (eachKey, member) => {
          key(context, registers, eachKey);
          value(context, registers, member);
          return !run(context, registers);
        });
      }),
    );
  }

  /** Plans an expression under `with`: it sees other documents, what comes after it does not. */
  private modified(expression: Expression, items: Item[]): void {
    const changes = expression.with.map((each) => this.change(each, items));
    const inner: Item[] = [];
    const bare = { ...expression, with: [] };
    if (bare.negated) this.negated({ ...bare, negated: false }, inner);
    else this.plain(bare, inner);
    const saved = this.slots.spare();
    items.push({
      kind: "each",
      bind: (next) => {
        const run = assemble(inner, (context, registers) => {
          const { world } = context;
          context.world = registers[saved] as World; // as: it is put there below
          const stop = next(context, registers);
          context.world = world;
          return stop;
        });
        return (context, registers) => {
          const before = context.world;
          let world: World | undefined = before;
          for (const change of changes) {
            world = change(context, registers, world);
            if (world === undefined) return false;
          }
          registers[saved] = before;
          context.world = world;
          try {
            return run(context, registers);
          } finally {
            context.world = before;
          }
        };
      },
    });
  }

  private change({ target, value }: With, items: Item[]): Change {
    const name =
      target.kind === "var" ? target.name : target.kind === "ref" ? dottedName(target.head, target.path) : undefined;
    const root = target.kind === "ref" && target.head.kind === "var" ? target.head.name : undefined;
    if (root === "input" && target.kind === "ref") return this.documentChange("input", target, value, items);
    const node = this.program.tree.find(target);
    const isFunction = node !== undefined && isFunctionNode(node);
    if (root === "data" && target.kind === "ref" && !isFunction)
      return this.documentChange("data", target, value, items);
    const mock = this.mock(value);
    const valueOf = mock === undefined ? this.term(value, items) : undefined;
    return (context, registers, world) => {
      const result = valueOf?.(context, registers);
      const replaced: Mock | undefined = result === undefined ? mock : { kind: "value", value: result };
      if (replaced === undefined) return undefined;
      const mocks = new Map(world.mocks);
      mocks.set(name ?? "", replaced);
      return new World(world.input, world.data, world.hidden, mocks);
    };
  }

  /** The function that a value names, if it does. */
  private mock(value: Term): Mock | undefined {
    const name =
      value.kind === "var" ? value.name : value.kind === "ref" ? dottedName(value.head, value.path) : undefined;
    if (name === undefined || (value.kind === "var" && this.bound.has(value.name))) return undefined;
    const builtin = this.program.builtins.get(name);
    if (builtin !== undefined && !isRootRef(value)) return { kind: "builtin", builtin };
    const node = this.program.tree.find(value);
    return node !== undefined && isFunctionNode(node) ? { kind: "rules", node } : undefined;
  }

  private documentChange(root: "input" | "data", target: RefTerm, value: Term, items: Item[]): Change {
    const path = target.path.map((part) => this.term(part, items));
    const valueOf = this.term(value, items);
    const hidden = root === "data" ? nodesUnder(this.program.tree.find(target)) : [];
    return (context, registers, world) => {
      const result = valueOf(context, registers);
      if (result === undefined) return undefined;
      const keys: Value[] = [];
      for (const part of path) {
        const key = part(context, registers);
        if (key === undefined) return undefined;
        keys.push(key);
      }
      const changed = withPath(root === "input" ? world.input : world.data, keys, result);
      if (root === "input") return new World(changed, world.data, world.hidden, world.mocks);
      const all = hidden.length === 0 ? world.hidden : new Set([...(world.hidden ?? []), ...hidden]);
      return new World(world.input, changed, all, world.mocks);
    };
  }
}

type Change = (context: Context, registers: unknown[], world: World) => World | undefined;

function nodesUnder(node: RuleNode | undefined): RuleNode[] {
  const nodes: RuleNode[] = [];
  if (node !== undefined) walkNodes(node, (each) => nodes.push(each));
  return nodes;
}

/** The expressions of a body that need none of the variables that are unset, nor what would be made of them. */
function independent(body: Body, bound: ReadonlySet<string>, unset: Set<string>): Body {
  return body.filter((expression) => {
    const names = new Set<string>();
    collectExpressionVars(expression, names, { skipCallHead: true });
    for (const root of ["input", "data"]) names.delete(root);
    if (![...names].some((name) => unset.has(name))) return true;
    for (const name of names) if (!bound.has(name)) unset.add(name);
    return false;
  });
}

function holds(value: Value | undefined): boolean {
  return value !== undefined && value !== false;
}

function comparison(
  compare: (left: Value, right: Value) => boolean,
  name: string,
  inputs: readonly Evaluate[],
  mocked: Evaluate,
  constant: Value | undefined,
): Evaluate {
  const [left, right] = inputs as [Evaluate, Evaluate]; // as: comparisons are of two
  if (constant !== undefined)
    return (context, registers) => {
      if (context.world.mocks?.has(name) === true) return mocked(context, registers);
      const value = left(context, registers);
      return value === undefined ? undefined : compare(value, constant);
    };
  return (context, registers) => {
    if (context.world.mocks?.has(name) === true) return mocked(context, registers);
    const a = left(context, registers);
    if (a === undefined) return undefined;
    const b = right(context, registers);
    return b === undefined ? undefined : compare(a, b);
  };
}
