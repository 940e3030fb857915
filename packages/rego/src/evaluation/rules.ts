/** Plans and evaluates rules: complete ones, functions, partial sets and objects. Each value is computed once per world. */

import type { RuleNode } from "../compiler/rule-tree.ts";
import { ruleLabel, writtenLabel } from "../compiler/rule-names.ts";
import { locationOf, type Rule, type Term } from "../syntax/ast.ts";
import { issueAt, RegoError } from "../syntax/errors.ts";
import { branchesOf } from "../syntax/visit.ts";
import { termText } from "../values/text.ts";
import { equalValues, hashKey, isObject, objectEntries, RegoObject, RegoSet, type HashKey, type Value } from "../values/value.ts"; // prettier-ignore
import { assemble, emptyRegisters, type Evaluate, type Item, type Run } from "./closures.ts";
import { nothing, type Context } from "./context.ts";
import { lookup } from "../values/lookup.ts";
import { CallCache, type CachedCall } from "./call-cache.ts";
import { isFunctionNode } from "./documents.ts";
import { KeptCalls } from "./kept-calls.ts";
import { BodyPlanner } from "./plan-bodies.ts";
import { constantOf } from "../compiler/constant-terms.ts";
import { testItem } from "./plan-terms.ts";
import type { Program } from "./program.ts";
import { alikeInARow, commonLength, forkedAt, type Beginning } from "./shared-beginnings.ts";
import { Slots } from "./slots.ts";
import { headSpan, hitSpan } from "./coverage.ts";
import { indexClauses, isIndexed, mayHold, type ClauseIndex } from "./rule-index.ts";

/** What the branches of complete rules and functions find. */
interface Outcome {
  value: Value | undefined;
  rule: Rule | undefined;
  hits: number;
}

/** One branch of a clause: the clause itself, or what stands after an `else`. */
interface Branch {
  readonly size: number;
  readonly run: Run;
}

/** A rule with its else branches. */
export interface Clause {
  readonly rule: Rule;
  /** Set only when coverage is recorded. */
  readonly mayHold?: (context: Context, args: readonly Value[]) => boolean;
  readonly branches: readonly Branch[];
}

/** All rules of one name. */
export class RulePlan {
  readonly #program: Program;
  readonly #node: RuleNode;
  #clauses: readonly Clause[] | undefined;
  #index: ClauseIndex | undefined;
  #default: Value | undefined;
  #stopsEarly = false;
  /** How deep the rules call others, where they depend on their arguments alone. */
  #pureHeight: number | undefined;
  readonly #kept: KeptCalls = new KeptCalls();
  readonly #first: Rule;
  /** What the rules make together. */
  readonly #makes: "value" | "set" | "object";

  constructor(program: Program, node: RuleNode) {
    this.#program = program;
    this.#node = node;
    const [first] = node.rules as [Rule]; // as: plans are made for nodes with rules
    this.#first = first;
    this.#makes = node.rules.every((rule) => rule.head.value !== undefined && isComplete(rule))
      ? "value"
      : first.head.key !== undefined && first.head.value === undefined && isComplete(first)
        ? "set"
        : "object";
  }

  #prepare(): readonly Clause[] {
    if (this.#clauses !== undefined) return this.#clauses;
    const rules = this.#node.rules.filter((rule) => !rule.default);
    const fallback = this.#node.rules.find((rule) => rule.default);
    const clauses = this.#plan(rules);
    if (fallback !== undefined) {
      this.#default = constantOf(fallback.head.value ?? nothingTerm);
      if (this.#default === undefined || this.#program.covered) {
        const clause = planClause(this.#program, fallback);
        this.#fallback = clause;
      }
    }
    const constants = rules.map((rule) =>
      branchesOf(rule).length === 1 ? constantOf(rule.head.value ?? nothingTerm) : undefined,
    );
    const [constant] = constants;
    this.#stopsEarly =
      constant !== undefined && constants.every((each) => each !== undefined && equalValues(each, constant));
    this.#index = this.#program.traced ? undefined : indexClauses(clauses);
    this.#clauses = clauses;
    const [first] = rules;
    if (this.#program.unwatched && first !== undefined && first.head.args.length !== 0)
      this.#pureHeight = this.#program.pureRules.height(this.#node);
    return clauses;
  }

  #plan(rules: readonly Rule[]): readonly Clause[] {
    const apart = (): readonly Clause[] => rules.map((rule) => planClause(this.#program, rule));
    const { unwatched, awaits } = this.#program;
    // Where an index leaves out most of them, rules are better off by themselves; so are calls that wait for answers.
    if (this.#makes !== "set" || !unwatched || awaits || isIndexed(rules)) return apart();
    return alikeInARow(rules).map((alike) => planTogether(this.#program, alike));
  }

  #fallback: Clause | undefined;

  /** The value of a rule without arguments, or undefined. */
  value(context: Context): Value | undefined {
    const { values } = context.world;
    const known = values[this.#node.id];
    if (known !== undefined) return known === nothing ? undefined : (known as Value); // as: all but the sentinel are values
    const value = this.#evaluate(context);
    values[this.#node.id] = value === undefined ? nothing : value;
    return value;
  }

  #evaluate(context: Context): Value | undefined {
    const clauses = this.#prepare();
    context.meter.enter();
    const first = this.#first;
    this.#event(context, "enter", first);
    try {
      const value = this.#made(context, clauses);
      this.#event(context, "exit", first);
      return value;
    } finally {
      context.meter.leave();
    }
  }

  #made(context: Context, clauses: readonly Clause[]): Value | undefined {
    if (this.#makes === "value")
      return this.#complete(context, this.#index === undefined ? clauses : this.#index(context, []), []);
    return this.#makes === "set" ? this.#set(context, clauses) : this.#object(context, clauses);
  }

  #event(context: Context, kind: "enter" | "exit", rule: Rule): void {
    if (context.tracer === undefined) return;
    context.tracer.event({
      kind,
      depth: context.meter.depth,
      text: writtenLabel(rule),
      location: locationOf(rule.span),
    });
  }

  /** The result of a function, or undefined. */
  call(context: Context, args: readonly Value[]): Value | undefined {
    if (context.world.hidden?.has(this.#node) === true) return undefined;
    const cache = this.#cacheFor(context, args);
    if (cache.result !== undefined) return cache.result === nothing ? undefined : (cache.result as Value); // as: all but the sentinel are values
    const clauses = this.#prepare();
    const result = this.#keptResult(context, args, clauses) ?? this.#compute(context, args, clauses);
    cache.result = result;
    return result === nothing ? undefined : (result as Value); // as: all but the sentinel are values
  }

  /** The result of a function that depends on its arguments alone, where they are few and small. */
  #keptResult(
    context: Context,
    args: readonly Value[],
    clauses: readonly Clause[],
  ): Value | typeof nothing | undefined {
    const height = this.#pureHeight;
    if (height === undefined) return undefined;
    const { world, strict, onBuiltinError, meter } = context;
    if (strict || onBuiltinError !== undefined || world.mocks !== undefined || world.hidden !== undefined)
      return undefined;
    if (!meter.canEnter(height)) return undefined;
    return this.#kept.result(context, args, () => this.#compute(context, args, clauses));
  }

  #compute(context: Context, args: readonly Value[], clauses: readonly Clause[]): Value | typeof nothing {
    context.meter.enter();
    const first = this.#first;
    this.#event(context, "enter", first);
    try {
      const value = this.#complete(context, this.#index === undefined ? clauses : this.#index(context, args), args);
      this.#event(context, "exit", first);
      return value === undefined ? nothing : value;
    } finally {
      context.meter.leave();
    }
  }

  /** Where the result of a call with these arguments is kept. */
  #cacheFor(context: Context, args: readonly Value[]): CachedCall {
    const { functions } = context.world;
    let cache = functions[this.#node.id];
    if (cache === undefined) {
      cache = new CallCache();
      functions[this.#node.id] = cache;
    }
    return cache.entry(args);
  }

  #complete(context: Context, clauses: readonly Clause[], args: readonly Value[]): Value | undefined {
    const outcome: Outcome = { value: undefined, rule: undefined, hits: 0 };
    for (const clause of clauses) {
      this.#runClause(context, clause, args, outcome);
      if (outcome.value !== undefined && this.#stopsEarly) return outcome.value;
    }
    if (outcome.value !== undefined) return outcome.value;
    if (this.#fallback !== undefined) {
      this.#runClause(context, this.#fallback, args, outcome);
      return outcome.value;
    }
    return this.#default;
  }

  #runClause(context: Context, clause: Clause, args: readonly Value[], outcome: Outcome): void {
    if (clause.mayHold?.(context, args) === false) return;
    for (const branch of clause.branches) {
      const registers = emptyRegisters(branch.size);
      registers[0] = outcome;
      for (let index = 0; index < args.length; index++) registers[index + 1] = args[index];
      const before = outcome.hits;
      branch.run(context, registers);
      if (outcome.hits > before) return;
    }
  }

  #set(context: Context, clauses: readonly Clause[]): Value {
    const set = new RegoSet();
    this.#collect(context, clauses, set);
    return set;
  }

  #collect(context: Context, clauses: readonly Clause[], into: unknown): void {
    const candidates = this.#index === undefined ? clauses : this.#index(context, []);
    for (const { branches, mayHold: isOpen } of candidates) {
      if (isOpen?.(context, []) === false) continue;
      const [branch] = branches as [Branch]; // as: rules of sets and objects have no `else`
      const registers = emptyRegisters(branch.size);
      registers[0] = into;
      branch.run(context, registers);
    }
  }

  /** Adds what rules further down define. */
  #graft(context: Context, builder: ObjectBuilder, path: readonly Value[], node: RuleNode): void {
    context.meter.step();
    const [rule] = node.rules;
    if (rule === undefined) {
      for (const child of node.children.values()) this.#graft(context, builder, [...path, child.key], child);
      return;
    }
    if (isFunctionNode(node)) return;
    const value = this.#program.valueOf(context, node);
    if (value === undefined) return;
    if (isComplete(rule) && rule.head.value !== undefined) {
      builder.put(path, value, rule, false);
    } else if (value instanceof RegoSet) {
      for (const member of value.sorted()) builder.put(path, member, rule, true);
    } else if (isObject(value)) {
      for (const [key, member] of objectEntries(value)) builder.put([...path, key], member, rule, false);
    }
  }

  /** An object whose keys the rules make, together with rules that name keys outright. */
  #object(context: Context, clauses: readonly Clause[]): Value {
    const builder = new ObjectBuilder();
    this.#collect(context, clauses, builder);
    for (const child of this.#node.children.values()) this.#graft(context, builder, [child.key], child);
    return builder.finish();
  }
}

/** Stands for the value of a head that has none: no constant, whose place nobody asks for. */
const nothingTerm: Term = { kind: "var", name: "", span: { source: undefined as never, start: 0, end: 0 } }; // as: see above

function isComplete(rule: Rule): boolean {
  return rule.head.reference.slice(1).every((part) => part.kind === "scalar");
}

/** Collects values under paths of keys, and notices when two differ. */
class ObjectBuilder {
  readonly #root = new Map<HashKey, Entry>();

  /** Puts one value at a path; with `member`, adds to the set there. */
  put(path: readonly Value[], value: Value, rule: Rule, isMember: boolean): void {
    let entries = this.#root;
    for (const [index, key] of path.entries()) {
      const hash = hashKey(key);
      let entry = entries.get(hash);
      const last = index === path.length - 1;
      if (entry === undefined) {
        entry = { key, value: undefined, rule, children: undefined };
        entries.set(hash, entry);
      } else if (last ? entry.children !== undefined : entry.value !== undefined) {
        this.#meet(entry, path, index, value, rule);
        return;
      }
      if (last) {
        this.#settle(entry, value, rule, isMember);
        return;
      }
      entry.children ??= new Map();
      entries = entry.children;
    }
  }

  #settle(entry: Entry, value: Value, rule: Rule, isMember: boolean): void {
    if (isMember) {
      if (entry.value === undefined) entry.value = new RegoSet();
      if (!(entry.value instanceof RegoSet)) throw conflict(rule);
      entry.value.add(value);
    } else if (entry.value === undefined) {
      entry.value = value;
    } else if (!equalValues(entry.value, value)) {
      throw conflict(rule);
    }
  }

  /** A rule gives a whole value where another gives parts of it. */
  #meet(entry: Entry, path: readonly Value[], index: number, value: Value, rule: Rule): void {
    if (entry.children === undefined) {
      // A whole value is there already; the part must be in it.
      let inside: Value | undefined = entry.value;
      for (const key of path.slice(index + 1)) inside = inside === undefined ? undefined : lookup(inside, key);
      if (inside === undefined || !equalValues(inside, value)) throw conflict(rule);
      return;
    }
    const whole = finishEntries(entry.children);
    if (!equalValues(whole, value)) throw conflict(rule);
  }

  finish(): Value {
    return finishEntries(this.#root);
  }
}

interface Entry {
  readonly key: Value;
  value: Value | undefined;
  readonly rule: Rule;
  children: Map<HashKey, Entry> | undefined;
}

function finishEntries(entries: ReadonlyMap<HashKey, Entry>): RegoObject {
  const object = new RegoObject();
  for (const { key, value, children } of entries.values()) {
    object.set(key, value === undefined ? finishEntries(children ?? new Map()) : value);
  }
  return object;
}

function conflict(rule: Rule): RegoError {
  return new RegoError([issueAt("eval_conflict_error", "object keys must be unique", rule.span)]);
}

function planClause(program: Program, rule: Rule): Clause {
  const branches = branchesOf(rule);
  return {
    rule,
    branches: branches.map((branch) => planBranch(program, branch, rule)),
    ...(program.covered && branches.length === 1 ? { mayHold: mayHold(rule) } : {}),
  };
}

function branchOf({ awaits }: Program, slots: Slots, run: Run): Branch {
  if (!awaits) return { size: slots.size, run };
  // What comes after an answer that is lacking is planned when one lacks for the first time.
  return {
    get size() {
      return slots.size;
    },
    run,
  };
}

/** One clause for rules of a set that begin alike. */
function planTogether(program: Program, alike: readonly Beginning[]): Clause {
  const [{ rule }] = alike as [Beginning]; // as: groups have members
  if (alike.length === 1) return planClause(program, rule);
  const slots = new Slots();
  const run = planFrom(new BodyPlanner(program, slots), alike, 0);
  return {
    rule,
    branches: [branchOf(program, slots, run)],
  };
}

/** Plans rules from an expression on, before which they are the same. */
function planFrom(planner: BodyPlanner, alike: readonly Beginning[], from: number): Run {
  const [{ rule }] = alike as [Beginning]; // as: groups have members
  const to = alike.length === 1 ? rule.body.length : commonLength(alike, from);
  const { items, leave } = planner.nested(rule.body.slice(from, to));
  let last: Run;
  if (alike.length === 1) {
    last = planHead(planner, rule, rule, items);
  } else {
    const rests = forkedAt(alike, to).map((group) => planFrom(planner, group, to));
    last = (context, registers) => {
      for (const rest of rests) rest(context, registers);
      return false;
    };
  }
  leave();
  return assemble(items, last);
}

function planBranch(program: Program, branch: Rule, rule: Rule): Branch {
  const slots = new Slots();
  const planner = new BodyPlanner(program, slots);
  const { head } = branch;
  slots.size = head.args.length + 1;
  const items: Item[] = [];
  planArguments(planner, slots, head.args, items);
  for (const item of planner.body(branch.body)) items.push(item);
  const planned = planHead(planner, branch, rule, items);
  const last = program.covered ? coveredHead(branch, planned) : planned;
  const run = assemble(items, last);
  return branchOf(program, slots, run);
}

function coveredHead(branch: Rule, run: Run): Run {
  const span = headSpan(branch);
  return (context, registers) => {
    hitSpan(context.coverage, span);
    return run(context, registers);
  };
}

function planArguments(planner: BodyPlanner, slots: Slots, args: readonly Term[], items: Item[]): void {
  const seen = new Set<string>();
  for (const [index, arg] of args.entries()) {
    if (arg.kind === "var" && !seen.has(arg.name)) {
      slots.assign(arg.name, index + 1);
      seen.add(arg.name);
      planner.bind(arg.name);
    }
  }
  for (const [index, arg] of args.entries()) {
    if (arg.kind === "var" && slots.of(arg.name) === index + 1) continue;
    const fits = planner.pattern(arg, items);
    items.push(testItem((context, registers) => fits(context, registers, registers[index + 1] as Value))); // as: arguments are values
  }
}

function planHead(planner: BodyPlanner, branch: Rule, rule: Rule, items: Item[]): Run {
  const { head } = branch;
  const keys: Evaluate[] = [];
  const firstVariable = head.reference.findIndex((part, index) => index > 0 && part.kind !== "scalar");
  if (firstVariable > 0) for (const part of head.reference.slice(firstVariable)) keys.push(planner.term(part, items));
  const isMember = head.key !== undefined && head.value === undefined;
  const valueOf = planner.term((isMember ? head.key : head.value) as Term, items); // as: heads without a key have a value
  if (keys.length > 0) return putRun(keys, valueOf, branch, isMember);
  if (isMember) {
    return (context, registers) => {
      const value = valueOf(context, registers);
      if (value !== undefined && (registers[0] as RegoSet).add(value)) context.meter.charge(32); // as: `#set` put one there
      return false;
    };
  }
  const isConstant = constantOf(head.value ?? nothingTerm) !== undefined;
  return (context, registers) => {
    const value = valueOf(context, registers);
    if (value === undefined) return false;
    const outcome = registers[0] as Outcome; // as: `#runClause` put it there
    outcome.hits++;
    if (outcome.value === undefined) {
      outcome.value = value;
      outcome.rule = branch;
    } else if (!equalValues(outcome.value, value)) {
      throw differentValues(rule, [outcome.value, outcome.rule], [value, branch]);
    }
    return isConstant;
  };
}

function putRun(keys: readonly Evaluate[], valueOf: Evaluate, rule: Rule, isMember: boolean): Run {
  return (context, registers) => {
    const path: Value[] = [];
    for (const keyOf of keys) {
      const key = keyOf(context, registers);
      if (key === undefined) return false;
      path.push(key);
    }
    const value = valueOf(context, registers);
    if (value === undefined) return false;
    context.meter.charge(48);
    (registers[0] as ObjectBuilder).put(path, value, rule, isMember); // as: `#object` put it there
    return false;
  };
}

type Made = readonly [value: Value, by: Rule | undefined];

function differentValues(rule: Rule, before: Made, now: Made): RegoError {
  const what = rule.head.args.length > 0 ? "function" : "rule";
  const inputs = what === "function" ? " for the same inputs" : "";
  const line = ([each, at]: Made): string => {
    const { path, row } = locationOf((at ?? rule).span);
    return `\n  ${termText(each)} at ${path}:${row}`;
  };
  const message = `${what} ${ruleLabel(rule)} produced conflicting values${inputs}:${line(before)}${line(now)}`;
  return new RegoError([issueAt("eval_conflict_error", message, now[1]?.span)]);
}
