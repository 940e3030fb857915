/** Plans terms: how to compute them, how to search through references, how to take values apart. */

import type { ComprehensionTerm, ObjectTerm, RefTerm, Term } from "../syntax/ast.ts";
import { constantOf } from "../compiler/constant-terms.ts";
import type { RuleNode } from "../compiler/rule-tree.ts";
import { hashKey, isArray, isObject, equalValues, objectGet, objectSize, RegoObject, RegoSet, type Value } from "../values/value.ts"; // prettier-ignore
import { RegoError, issueAt } from "../syntax/errors.ts";
import { assemble, valuesOf, type Evaluate, type Item, type Run, type Test, type ValueRun } from "./closures.ts";
import type { Context } from "./context.ts";
import { childOf, enumerate, extentOf, nodeKeys } from "./documents.ts";
import { lookup, lookupGiven, lookupName, lookupNames } from "../values/lookup.ts";
import type { Program } from "./program.ts";
import type { Slots } from "./slots.ts";
import type { Body } from "../syntax/ast.ts";

type NodeRun = (context: Context, registers: unknown[], node: RuleNode | undefined, base: Value | undefined) => boolean;

export abstract class TermPlanner {
  protected readonly program: Program;
  protected readonly slots: Slots;
  protected bound: Set<string>;

  constructor(program: Program, slots: Slots, bound: Iterable<string> = []) {
    this.program = program;
    this.slots = slots;
    this.bound = new Set(bound);
  }

  /** Plans a body in its own scope: variables that it binds are not bound after it. */
  abstract nested(body: Body): { items: Item[]; leave: () => void };

  /** Marks a variable as bound from here on. */
  bind(name: string): void {
    this.bound.add(name);
  }

  /** Whether all variables of a term are bound, but for those in closures. */
  protected isKnown(term: Term): boolean {
    switch (term.kind) {
      case "var":
        return this.bound.has(term.name);
      case "ref":
        return (this.isRoot(term.head) || this.isKnown(term.head)) && term.path.every((part) => this.isKnown(part));
      case "array":
      case "set":
        return term.items.every((item) => this.isKnown(item));
      case "object":
        return term.entries.every(([key, value]) => this.isKnown(key) && this.isKnown(value));
      case "call":
        return term.args.every((arg) => this.isKnown(arg));
      default:
        return true;
    }
  }

  protected isRoot(term: Term): boolean {
    return term.kind === "var" && (term.name === "input" || term.name === "data") && !this.bound.has(term.name);
  }

  /** Plans a term; searches that must run before it are added to `items`. */
  term(term: Term, items: Item[]): Evaluate {
    switch (term.kind) {
      case "scalar": {
        const { value } = term;
        return () => value;
      }
      case "var": {
        if (this.isRoot(term)) return this.reference({ kind: "ref", head: term, path: [], span: term.span }, items);
        if (!this.bound.has(term.name)) throw unbound(term);
        const slot = this.slots.of(term.name);
        return (_, registers) => registers[slot] as Value | undefined; // as: registers of variables hold values
      }
      case "ref":
        return this.reference(term, items);
      case "array":
        return this.array(term.items, items);
      case "set":
        return this.set(term.items, items);
      case "object":
        return this.object(term, items);
      case "comprehension":
        return this.comprehension(term);
      case "call":
      case "template":
        throw new RegoError([issueAt("eval_internal_error", "a call was not taken out of its term", term.span)]);
    }
  }

  private array(terms: readonly Term[], items: Item[]): Evaluate {
    const constant = constantOf({ kind: "array", items: [...terms], span: (terms[0] ?? nowhere).span });
    if (constant !== undefined) return () => constant;
    const valuesIn = valuesOf(terms.map((term) => this.term(term, items)));
    return (context, registers) => {
      const values = valuesIn(context, registers);
      if (values !== undefined) context.meter.charge(16 * values.length);
      return values;
    };
  }

  private set(terms: readonly Term[], items: Item[]): Evaluate {
    const constant = constantOf({ kind: "set", items: [...terms], span: (terms[0] ?? nowhere).span });
    if (constant !== undefined) return () => constant;
    const parts = terms.map((term) => this.term(term, items));
    return (context, registers) => {
      const set = new RegoSet();
      for (const part of parts) {
        const value = part(context, registers);
        if (value === undefined) return undefined;
        set.add(value);
      }
      context.meter.charge(32 * set.size);
      return set;
    };
  }

  private object(term: ObjectTerm, items: Item[]): Evaluate {
    const constant = constantOf(term);
    if (constant !== undefined) return () => constant;
    const parts = term.entries.map(([key, value]) => [this.term(key, items), this.term(value, items)] as const);
    return (context, registers) => {
      const object = new RegoObject();
      for (const [keyOf, valueOf] of parts) {
        const key = keyOf(context, registers);
        const value = valueOf(context, registers);
        if (key === undefined || value === undefined) return undefined;
        object.set(key, value);
      }
      context.meter.charge(32 * object.size);
      return object;
    };
  }

  private comprehension(term: ComprehensionTerm): Evaluate {
    const { items, leave } = this.nested(term.body);
    const valueOf = this.term(term.value, items);
    const keyOf = term.key === undefined ? undefined : this.term(term.key, items);
    leave();
    const slot = this.slots.spare();
    switch (term.shape) {
      case "array":
        return collector(slot, (): Value[] => [], assemble(items, collectInto(slot, valueOf)));
      case "set":
        return collector(slot, () => new RegoSet(), assemble(items, addInto(slot, valueOf)));
      case "object":
        return collector(
          slot,
          () => new RegoObject(),
          assemble(items, putInto(slot, keyOf as Evaluate, valueOf, term)), // as: objects have keys
        );
    }
  }

  /** A reference: computed when it is fully known, else searched through into a register. */
  private reference(term: RefTerm, items: Item[]): Evaluate {
    const known = this.knownReference(term, items);
    if (known !== undefined) return known;
    const slot = this.slots.spare();
    items.push(
      this.search(term, items, (next) => (context, registers, value) => {
        registers[slot] = value;
        return next(context, registers);
      }),
    );
    return (_, registers) => registers[slot] as Value; // as: the search puts values there
  }

  /** Plans a search through a reference with unbound variables; binds them. */
  protected search(term: RefTerm, items: Item[], use: (next: Run) => ValueRun): Item {
    const { head } = term;
    if (head.kind === "var" && head.name === "data" && this.isRoot(head)) {
      const steps = this.pathSteps(term.path, 0, items);
      return { kind: "each", bind: (next) => this.dataSearch(term, steps, use(next)) };
    }
    const isInput = head.kind === "var" && head.name === "input" && this.isRoot(head);
    const names = namesAtStart(term.path);
    const start = isInput ? inputAt(names) : named(this.term(head, items), names);
    const steps = this.pathSteps(term.path, names.length, items);
    return {
      kind: "each",
      bind: (next) => {
        const run = valueSteps(steps, 0, use(next));
        return (context, registers) => {
          const value = start(context, registers);
          return value !== undefined && run(context, registers, value);
        };
      },
    };
  }

  private dataSearch(term: RefTerm, steps: readonly PathStep[], use: ValueRun): Run {
    const run = this.nodeSteps(steps, 0, use);
    const { program } = this;
    const { root } = program.tree;
    const { node, names } = this.rulesAt(term.path);
    if (node.rules.length === 0) return (context, registers) => run(context, registers, root, context.world.data);
    const onValue = valueSteps(steps, names.length, use);
    return (context, registers) => {
      if (context.world.hidden !== undefined) return run(context, registers, root, context.world.data);
      const value = extentOf(context, program, node, baseAt(context, names));
      return value !== undefined && onValue(context, registers, value);
    };
  }

  /** How far the names at the beginning of a path lead into the tree of rules. */
  private rulesAt(path: readonly Term[]): { readonly node: RuleNode; readonly names: readonly Value[] } {
    let node = this.program.tree.root;
    const names: Value[] = [];
    for (const part of path) {
      const child = part.kind === "scalar" && node.rules.length === 0 ? childOf(node, part.value) : undefined;
      if (child === undefined) break;
      names.push((part as Term & { kind: "scalar" }).value); // as: it has a child
      node = child;
    }
    return { node, names };
  }

  /** Steps through the tree of rules as long as it goes, then through values. */
  private nodeSteps(steps: readonly PathStep[], index: number, use: ValueRun): NodeRun {
    const { program } = this;
    const step = steps[index];
    const onValue = valueSteps(steps, index, use);
    const onGiven = valueSteps(steps, index, use, lookupGiven);
    if (step === undefined) {
      return (context, registers, node, base) => {
        const value = node === undefined ? base : extentOf(context, program, node, base);
        return value !== undefined && use(context, registers, value);
      };
    }
    const rest = this.nodeSteps(steps, index + 1, use);
    return (context, registers, node, base) => {
      if (node === undefined || context.world.hidden?.has(node) === true) {
        return base !== undefined && onGiven(context, registers, base);
      }
      if (node.rules.length > 0) {
        const value = extentOf(context, program, node, base);
        return value !== undefined && onValue(context, registers, value);
      }
      const into = (key: Value): boolean => {
        const under = base === undefined ? undefined : lookupGiven(base, key);
        return rest(context, registers, childOf(node, key), under);
      };
      if (step.kind === "key") {
        const key = step.key(context, registers);
        return key !== undefined && into(key);
      }
      for (const key of nodeKeys(node, base)) {
        context.meter.step();
        if (step.match(context, registers, key) && into(key)) return true;
      }
      return false;
    };
  }

  private pathSteps(path: readonly Term[], from: number, items: Item[]): PathStep[] {
    return path.slice(from).map((part): PathStep => {
      if (this.isKnown(part) || part.kind === "ref")
        return { kind: "key", key: this.term(part, items), name: nameIn(part) };
      return { kind: "search", match: this.pattern(part, items) };
    });
  }

  private knownReference(term: RefTerm, items: Item[]): Evaluate | undefined {
    const { head, path } = term;
    if (!this.isKnown(term)) return undefined;
    if (head.kind === "var" && this.isRoot(head)) {
      if (head.name === "data") return this.dataReference(term, items);
      const names = namesAtStart(path);
      return this.within(inputAt(names), path.slice(names.length), items);
    }
    return this.within(this.term(head, items), path, items);
  }

  private keys(path: readonly Term[], items: Item[]): Evaluate[] {
    return path.map((part) => this.term(part, items));
  }

  /** What a known path finds in a value. */
  private within(start: Evaluate, path: readonly Term[], items: Item[]): Evaluate {
    const names = namesAtStart(path);
    const first = named(start, names);
    return names.length === path.length ? first : lookupChain(first, this.keys(path.slice(names.length), items));
  }

  /** A known reference to `data`: names lead to a rule at once, the rest is looked up in its value. */
  private dataReference(term: RefTerm, items: Item[]): Evaluate {
    const { program } = this;
    let node: RuleNode | undefined = program.tree.root;
    const names: Value[] = [];
    let at = 0;
    for (; at < term.path.length && node !== undefined && node.rules.length === 0; at++) {
      const part = term.path[at];
      if (part?.kind !== "scalar") break;
      names.push(part.value);
      node = node.children.get(hashKey(part.value));
    }
    if (node !== undefined && node.rules.length === 0 && at < term.path.length) {
      const slot = this.slots.spare();
      const steps = this.pathSteps(term.path, 0, items);
      const run = this.nodeSteps(steps, 0, (_, registers, value) => {
        registers[slot] = value;
        return true;
      });
      const { root } = program.tree;
      return (context, registers) =>
        run(context, registers, root, context.world.data) ? (registers[slot] as Value) : undefined; // as: put there above
    }
    const rest = term.path.slice(at);
    if (node === undefined)
      return lookupChain((context) => baseAt(context, names), this.keys(rest, items), lookupGiven);
    const target = node;
    if (target.rules.length > 0 && target.rules[0]?.head.args.length === 0) {
      const plan = program.plan(target);
      const value: Evaluate = (context) =>
        context.world.hidden?.has(target) === true ? baseAt(context, names) : plan.value(context);
      return this.within(value, rest, items);
    }
    return this.within((context) => extentOf(context, program, target, baseAt(context, names)), rest, items);
  }

  /** The register of a variable that has no value yet, and from here on has one. Undefined for all other terms. */
  protected openSlot(term: Term): number | undefined {
    if (term.kind !== "var" || this.bound.has(term.name) || this.isRoot(term)) return undefined;
    this.bound.add(term.name);
    return this.slots.of(term.name);
  }

  /** A test that a value fits a pattern; binds the pattern's unbound variables. */
  pattern(term: Term, items: Item[]): (context: Context, registers: unknown[], value: Value) => boolean {
    const slot = this.openSlot(term);
    if (slot !== undefined) {
      return (_, registers, value) => {
        registers[slot] = value;
        return true;
      };
    }
    if (term.kind === "scalar" && typeof term.value === "string") {
      const text = term.value;
      return (_context, _registers, value) => value === text;
    }
    if (this.isKnown(term)) {
      const known = this.term(term, items);
      return (context, registers, value) => {
        const wanted = known(context, registers);
        return wanted !== undefined && equalValues(wanted, value);
      };
    }
    switch (term.kind) {
      case "array": {
        const parts = term.items.map((item) => this.pattern(item, items));
        return (context, registers, value) =>
          isArray(value) &&
          value.length === parts.length &&
          parts.every((part, index) => part(context, registers, value[index] as Value)); // as: both are as long
      }
      case "object": {
        const parts = term.entries.map(([key, value]) => [this.term(key, items), this.pattern(value, items)] as const);
        return (context, registers, value) => {
          if (!isObject(value) || objectSize(value) !== parts.length) return false;
          return parts.every(([keyOf, part]) => {
            const key = keyOf(context, registers);
            const member = key === undefined ? undefined : objectGet(value, key);
            return member !== undefined && part(context, registers, member);
          });
        };
      }
      default: {
        const searched = this.term(term, items);
        return (context, registers, value) => {
          const wanted = searched(context, registers);
          return wanted !== undefined && equalValues(wanted, value);
        };
      }
    }
  }
}

type PathStep =
  /** `name`: the key, if it is a text that is written out. */
  | { readonly kind: "key"; readonly key: Evaluate; readonly name: string | undefined }
  | { readonly kind: "search"; readonly match: (context: Context, registers: unknown[], value: Value) => boolean };

/** Constants are evaluated at once, so that nobody asks where they stand. */
const nowhere = { span: { source: undefined as never, start: 0, end: 0 } }; // as: see above

function unbound(term: Term & { kind: "var" }): RegoError {
  return new RegoError([issueAt("rego_unsafe_var_error", `var ${term.name} is unsafe`, term.span)]);
}

/** The text that a term is, if it is written out. */
function nameIn(term: Term): string | undefined {
  return term.kind === "scalar" && typeof term.value === "string" ? term.value : undefined;
}

/** The names that a path begins with. */
function namesAtStart(path: readonly Term[]): readonly string[] {
  const names: string[] = [];
  for (const part of path) {
    const name = nameIn(part);
    if (name === undefined) break;
    names.push(name);
  }
  return names;
}

/** One function for a whole path of names: paths are what policies have most of. */
function inputAt(names: readonly string[]): Evaluate {
  return names.length === 0 ? (context) => context.world.input : (context) => lookupNames(context.world.input, names);
}

function named(start: Evaluate, names: readonly string[]): Evaluate {
  const [name] = names;
  if (name === undefined) return start;
  if (names.length > 1) return (context, registers) => lookupNames(start(context, registers), names);
  return (context, registers) => {
    const value = start(context, registers);
    return value === undefined ? undefined : lookupName(value, name);
  };
}

function valueSteps(steps: readonly PathStep[], index: number, use: ValueRun, get: typeof lookup = lookup): ValueRun {
  const step = steps[index];
  if (step === undefined) return use;
  if (get === lookup && step.kind === "key" && step.name !== undefined) {
    const names: string[] = [];
    let end = index;
    for (let next: PathStep | undefined = step; next?.kind === "key" && next.name !== undefined; next = steps[end]) {
      names.push(next.name);
      end++;
    }
    const after = valueSteps(steps, end, use, get);
    return (context, registers, value) => {
      const member = lookupNames(value, names);
      return member !== undefined && after(context, registers, member);
    };
  }
  const rest = valueSteps(steps, index + 1, use, get);
  if (step.kind === "key") {
    return (context, registers, value) => {
      const key = step.key(context, registers);
      const member = key === undefined ? undefined : get(value, key);
      return member !== undefined && rest(context, registers, member);
    };
  }
  const { match } = step;
  return (context, registers, value) => {
    if (!isArray(value))
      return enumerate(
        context,
        value,
        (key, member) => match(context, registers, key) && rest(context, registers, member),
      );
    for (let index = 0; index < value.length; index++) {
      context.meter.step();
      const member = value[index];
      if (member !== undefined && match(context, registers, index) && rest(context, registers, member)) return true;
    }
    return false;
  };
}

function baseAt(context: Context, names: readonly Value[]): Value | undefined {
  let value = context.world.data;
  for (const name of names) {
    if (value === undefined) return undefined;
    value = lookupGiven(value, name);
  }
  return value;
}

function lookupChain(start: Evaluate, keys: readonly Evaluate[], get: typeof lookup = lookup): Evaluate {
  const [first, second] = keys;
  if (first === undefined) return start;
  if (second === undefined) {
    return (context, registers) => {
      const value = start(context, registers);
      if (value === undefined) return undefined;
      const key = first(context, registers);
      return key === undefined ? undefined : get(value, key);
    };
  }
  return (context, registers) => {
    let value = start(context, registers);
    for (const keyOf of keys) {
      if (value === undefined) return undefined;
      const key = keyOf(context, registers);
      if (key === undefined) return undefined;
      value = get(value, key);
    }
    return value;
  };
}

function collector<T extends Value>(slot: number, make: () => T, run: Run): Evaluate {
  return (context, registers) => {
    const result = make();
    const outer = registers[slot];
    registers[slot] = result;
    run(context, registers);
    registers[slot] = outer;
    return result;
  };
}

function collectInto(slot: number, valueOf: Evaluate): Run {
  return (context, registers) => {
    const value = valueOf(context, registers);
    if (value !== undefined) {
      context.meter.charge(16);
      (registers[slot] as Value[]).push(value); // as: `collector` put a list there
    }
    return false;
  };
}

function addInto(slot: number, valueOf: Evaluate): Run {
  return (context, registers) => {
    const value = valueOf(context, registers);
    if (value !== undefined && (registers[slot] as RegoSet).add(value)) context.meter.charge(32); // as: `collector` put a set there
    return false;
  };
}

function putInto(slot: number, keyOf: Evaluate, valueOf: Evaluate, term: Term): Run {
  return (context, registers) => {
    const key = keyOf(context, registers);
    const value = valueOf(context, registers);
    if (key === undefined || value === undefined) return false;
    const object = registers[slot] as RegoObject; // as: `collector` put one there
    const before = object.get(key);
    if (before === undefined) {
      context.meter.charge(48);
      object.set(key, value);
    } else if (!equalValues(before, value)) {
      throw new RegoError([issueAt("eval_conflict_error", "object keys must be unique", term.span)]);
    }
    return false;
  };
}

/** A test as a part of a body. */
export function testItem(test: Test): Item {
  return { kind: "test", test };
}
