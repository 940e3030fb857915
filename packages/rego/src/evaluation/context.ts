/** What one evaluation knows: its documents, what it has computed, what it may still use. */

import type { Builtin, BuiltinContext, Environment } from "../builtins/builtin.ts";
import type { RuleNode } from "../compiler/rule-tree.ts";
import type { Value } from "../values/value.ts";
import type { CallCache } from "./call-cache.ts";
import type { KeptValues } from "./kept-values.ts";
import { Meter, type Limits } from "./limits.ts";
import type { Coverage } from "./coverage.ts";
import type { Tracer } from "./trace.ts";

/** What a function is replaced by under `with`. */
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

/** How an evaluation runs. */
export interface ContextOptions {
  readonly input: Value | undefined;
  readonly data: Value | undefined;
  readonly limits: Required<Limits>;
  readonly clock: () => number;
  readonly signal?: AbortSignal | undefined;
  readonly strictBuiltinErrors: boolean;
  readonly environment: Environment;
  readonly tracer?: Tracer | undefined;
  readonly coverage?: Coverage | undefined;
  readonly kept: KeptValues;
}

export class Context implements BuiltinContext {
  world: World;
  readonly meter: Meter;
  readonly strict: boolean;
  readonly environment: Environment;
  readonly tracer: Tracer | undefined;
  readonly coverage: Coverage | undefined;
  /** Whether the expression that is traced now has held. */
  held = false;
  readonly #remembered: Map<string, unknown> = new Map();
  /** What was taken from the kept values in this evaluation: only the first time is paid for. */
  readonly #taken: Map<string, Map<string, unknown>> = new Map();
  readonly #kept: KeptValues;

  constructor(options: ContextOptions) {
    this.world = new World(options.input, options.data);
    this.meter = new Meter(options.limits, options.clock, options.signal);
    this.strict = options.strictBuiltinErrors;
    this.environment = options.environment;
    this.tracer = options.tracer;
    this.coverage = options.coverage;
    this.#kept = options.kept;
  }

  step(count?: number): void {
    this.meter.step(count);
  }

  charge(bytes: number): void {
    this.meter.charge(bytes);
  }

  remember<T>(key: string, make: () => T): T {
    if (!this.#remembered.has(key)) this.#remembered.set(key, make());
    return this.#remembered.get(key) as T;
  }

  keep<T>(kind: string, key: string, cost: number, make: () => T): T {
    let taken = this.#taken.get(kind);
    if (taken === undefined) {
      taken = new Map();
      this.#taken.set(kind, taken);
    }
    const known = taken.get(key);
    if (known !== undefined) return known as T; // as: a kind has one type
    this.step(cost);
    const value = this.#kept.get(kind, key, make);
    taken.set(key, value);
    return value;
  }
}
