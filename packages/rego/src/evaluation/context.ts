/** What one evaluation knows: its documents, what it has computed, what it may still use. */

import type { AsyncBuiltin, Builtin, BuiltinContext, Environment } from "../builtins/builtin.ts";
import type { RuleNode } from "../compiler/rule-tree.ts";
import type { RegoIssue } from "../syntax/errors.ts";
import type { Value } from "../values/value.ts";
import type { AwaitedCalls } from "./awaited-calls.ts";
import type { CallCache } from "./call-cache.ts";
import type { KeptValues } from "./kept-values.ts";
import type { Meter } from "./limits.ts";
import type { Coverage } from "./coverage.ts";
import type { Tracer } from "./trace.ts";

/** The replacement of a function by `with`. */
export type Mock =
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "rules"; readonly node: RuleNode }
  | { readonly kind: "builtin"; readonly builtin: Builtin };

/** The documents as an expression sees them. `with` makes a new one. */
export class World {
  readonly input: Value | undefined;
  readonly data: Value | undefined;
  /** Rules that a `with` on `data` hides. */
  readonly hidden: ReadonlySet<RuleNode> | undefined;
  readonly mocks: ReadonlyMap<string, Mock> | undefined;
  /** Values of rules, by the number of their node; null prototype sentinel for undefined ones. */
  readonly values: (Value | typeof nothing | undefined)[] = [];
  readonly functions: (CallCache | undefined)[] = [];
  #unmocked: World | undefined;

  constructor(
    input: Value | undefined,
    data: Value | undefined,
    hidden?: ReadonlySet<RuleNode>,
    mocks?: ReadonlyMap<string, Mock>,
  ) {
    this.input = input;
    this.data = data;
    this.hidden = hidden;
    this.mocks = mocks;
  }

  /** The same documents without replaced functions. */
  unmocked(): World {
    if (this.mocks === undefined) return this;
    this.#unmocked ??= new World(this.input, this.data, this.hidden);
    return this.#unmocked;
  }
}

/** Stands for a rule that is undefined. */
export const nothing: unique symbol = Symbol("undefined");

/** Options of an evaluation. */
export interface ContextOptions {
  readonly input: Value | undefined;
  readonly data: Value | undefined;
  readonly meter: Meter;
  readonly strictBuiltinErrors: boolean;
  readonly environment: Environment;
  readonly tracer?: Tracer | undefined;
  readonly coverage?: Coverage | undefined;
  readonly kept: KeptValues;
  readonly onTestCase?: ((path: readonly Value[]) => void) | undefined;
  /** Called with errors of built-in functions that do not end the evaluation. */
  readonly onBuiltinError?: ((issue: RegoIssue) => void) | undefined;
  /** For asynchronous evaluation: the calls and answers, and the values that stay the same in all rounds. */
  readonly rounds?: { readonly calls: AwaitedCalls; readonly remembered: Map<string, unknown> } | undefined;
}

export class Context implements BuiltinContext {
  world: World;
  readonly meter: Meter;
  readonly strict: boolean;
  readonly environment: Environment;
  readonly tracer: Tracer | undefined;
  readonly coverage: Coverage | undefined;
  readonly onTestCase: ((path: readonly Value[]) => void) | undefined;
  readonly onBuiltinError: ((issue: RegoIssue) => void) | undefined;
  /** Whether the currently traced expression was true. */
  held = false;
  readonly awaited: ((builtin: AsyncBuiltin, args: readonly Value[]) => Value | undefined) | undefined;
  #remembered: Map<string, unknown> | undefined;
  readonly #calls: AwaitedCalls | undefined;
  /** What was taken from the kept values in this evaluation: only the first time is paid for. */
  #taken: Map<string, Map<string, unknown>> | undefined;
  readonly #kept: KeptValues;

  constructor(options: ContextOptions) {
    this.world = new World(options.input, options.data);
    this.meter = options.meter;
    this.strict = options.strictBuiltinErrors;
    this.environment = options.environment;
    this.tracer = options.tracer;
    this.coverage = options.coverage;
    this.onTestCase = options.onTestCase;
    this.onBuiltinError = options.onBuiltinError;
    this.#kept = options.kept;
    const { rounds } = options;
    this.#remembered = rounds?.remembered;
    this.#calls = rounds?.calls;
    if (rounds !== undefined) {
      const charge = (bytes: number): void => this.charge(bytes);
      this.awaited = (builtin, args) => rounds.calls.answer(builtin, args, charge);
    }
  }

  /** The number of calls without an answer so far. If it has grown, a result may be undefined only because of that. */
  lacking(): number {
    return this.#calls?.met ?? 0;
  }

  step(count?: number): void {
    this.meter.step(count);
  }

  charge(bytes: number): void {
    this.meter.charge(bytes);
  }

  remember<T>(key: string, make: () => T): T {
    const remembered = (this.#remembered ??= new Map<string, unknown>());
    if (!remembered.has(key)) remembered.set(key, make());
    return remembered.get(key) as T; // as: a key has one type
  }

  keep<T>(kind: string, key: string, cost: number, make: () => T): T {
    const kinds = (this.#taken ??= new Map<string, Map<string, unknown>>());
    let taken = kinds.get(kind);
    if (taken === undefined) {
      taken = new Map();
      kinds.set(kind, taken);
    }
    const known = taken.get(key);
    if (known !== undefined) return known as T; // as: a kind has one type
    this.step(cost);
    const value = this.#kept.get(kind, key, make);
    taken.set(key, value);
    return value;
  }
}
