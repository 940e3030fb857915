/** Compiled policies, which answer queries and run tests. */

import { checkOptions, optionIs, type OptionChecks, type WorkBudget } from "@plimsoll/model";
import { standardBuiltins } from "./builtins/index.ts";
import { awaiting, type AsyncBuiltin, type Builtin, type Environment } from "./builtins/builtin.ts";
import { checkDataConflicts } from "./compiler/checks.ts";
import { compile, compileQuery, parseModules, type CompiledModules, type CompiledQuery, type CompileSettings, type ModuleSource, type Stage } from "./compiler/compile.ts"; // prettier-ignore
import { assemble, emptyRegisters, type Registers } from "./evaluation/closures.ts";
import { AwaitedCalls } from "./evaluation/awaited-calls.ts";
import { Context, type ContextOptions } from "./evaluation/context.ts";
import {
  coverageReport,
  unreachedRules,
  type Coverage,
  type CoverageReport,
  type UnreachedRule,
} from "./evaluation/coverage.ts";
import { KeptValues } from "./evaluation/kept-values.ts";
import { exceeded, Meter, settleLimits, type Limits } from "./evaluation/limits.ts";
import { BodyPlanner } from "./evaluation/plan-bodies.ts";
import { Program } from "./evaluation/program.ts";
import { Slots } from "./evaluation/slots.ts";
import { StackTracer, type Tracer } from "./evaluation/trace.ts";
import { needTestRun, testNameOf } from "./compiler/test-rules.ts";
import { TestRun, type TestResult, type TestRule } from "./test-run.ts";
import { ruleLabel } from "./compiler/rule-names.ts";
import { rulesOfReference } from "./compiler/dependencies.ts";
import type { PresentedResult } from "./present.ts";
import { locationOf, textOf, type Module, type Rule } from "./syntax/ast.ts";
import { parseImport, parsePackage, parseQuery } from "./syntax/modules.ts";
import { printPath, printRef } from "./syntax/print.ts";
import { walkBody, walkRule, type Visitor } from "./syntax/visit.ts";
import { RegoError, type RegoIssue } from "./syntax/errors.ts";
import type { RegoVersion } from "./syntax/token-stream.ts";
import { jsonText, toPlain } from "./values/text.ts";
import { paidBy } from "./values/work.ts";
import { isObject, objectGet, RegoObject, type Value } from "./values/value.ts";

/** Options of {@link compileModules}. */
export interface CompileOptions {
  /** The syntax of modules that do not import `rego.v1`. Default: `v1`. */
  readonly regoVersion?: RegoVersion;
  /** Whether unused imports and variables are errors, too (`opa check --strict`). Default: false. */
  readonly strict?: boolean;
  /**
   * JSON Schemas for type checking, by the references that METADATA blocks use: `schema` is that of `input`, others are `schema.name`. Absent:
   * references to schemas are ignored; inline schemas are used.
   */
  readonly schemas?: ReadonlyMap<string, unknown>;
  /** Additional built-in functions; one with the name of an OPA function replaces it. */
  readonly builtins?: readonly (Builtin | AsyncBuiltin)[];
  /** Cryptography, clock, randomness and print. Functions that need an absent one are refused. */
  readonly environment?: Environment;
  /** Called when a stage begins (parsing and compiling modules; parsing, compiling and evaluating a query), for measurements. */
  readonly onStage?: (stage: Stage) => void;
}

/** The documents that a query sees, and its limits. */
export interface QueryOptions {
  /** The document `input`; absent: `input` is undefined. Read in place, never changed. */
  readonly input?: unknown;
  /** The document `data`. Read in place, never changed. */
  readonly data?: unknown;
  /** Limits on this query. Absent: the defaults of {@link Limits}. */
  readonly limits?: Limits | undefined;
  /** Limits the work of this and other queries together, in addition to `limits`; once it is used up, the query throws `limit_exceeded`. */
  readonly budget?: WorkBudget | undefined;
  /** Ends the query with `eval_cancel_error` when it is aborted. */
  readonly signal?: AbortSignal;
  /** The current time in nanoseconds since 1970, for this query. Absent: that of the environment. */
  readonly now?: bigint | undefined;
  /** Whether errors of built-in functions end the query, instead of making the expression undefined. Default: false. */
  readonly strictBuiltinErrors?: boolean;
  /** Receives the events of the evaluation. */
  readonly tracer?: Tracer;
  /** Collects coverage; see `coverageReport`. */
  readonly coverage?: Coverage | undefined;
  /** The package in which the query is resolved, such as `a.b`, so that its rules need no path. */
  readonly package?: string;
  /** Imports of the query, each without the keyword `import`: `data.a.b`, `data.a.b as c`. */
  readonly imports?: readonly string[];
  /** Whether errors of the evaluation have a stack trace, for which a query that fails is evaluated a second time. Default: false. */
  readonly stackTraces?: boolean;
  /** Called with errors of built-in functions that do not end the query. */
  readonly onBuiltinError?: (issue: RegoIssue) => void;
}

/** One solution of a query. */
export interface QueryResult {
  /** Values of the query's variables. */
  readonly bindings: Readonly<Record<string, unknown>>;
  /** Values of its expressions. */
  readonly expressions: readonly unknown[];
}

interface RawResult {
  readonly bindings: RegoObject;
  readonly expressions: readonly Value[];
}

/** Compiled modules, made by {@link compileModules}. They can be queried any number of times. */
export class Policies {
  readonly #compiled: CompiledModules;
  readonly #settings: CompileSettings;
  readonly #builtins: ReadonlyMap<string, Builtin>;
  readonly #environment: Environment;
  readonly #plain: Program;
  readonly #kept: KeptValues = new KeptValues();
  /** Programs that tell what they do, by what they tell. */
  readonly #watched: Map<string, Program> = new Map();
  #checkedData: unknown;
  #tested: Policies | undefined;
  readonly #queries: Map<string, CompiledQuery> = new Map();
  /** The same for those without a view, by their text: most are asked for thousands of inputs. */
  readonly #plainQueries: Map<string, CompiledQuery> = new Map();
  readonly #plans: WeakMap<CompiledQuery, Map<Program, QueryPlan>> = new WeakMap();

  constructor(
    compiled: CompiledModules,
    settings: CompileSettings,
    builtins: ReadonlyMap<string, Builtin>,
    environment: Environment,
  ) {
    this.#compiled = compiled;
    this.#settings = settings;
    this.#builtins = builtins;
    this.#environment = environment;
    this.#plain = new Program(compiled.tree, builtins, false);
  }

  /**
   * Returns all solutions of a query; none if it is undefined.
   * @throws {RegoError} for a query that does not compile, and an evaluation that fails or exceeds a limit.
   */
  query(text: string, options: QueryOptions = {}): QueryResult[] {
    return this.#run(text, options, plainResults);
  }

  /**
   * {@link query} with asynchronous built-in functions, evaluated in rounds (see `AsyncBuiltin`). Limits of steps and time apply to all rounds
   * together, including the waiting; the limit of bytes to each round. More than eight rounds throw `limit_exceeded`. Traces, coverage and `print`
   * are those of the last round.
   */
  queryAsync(text: string, options: QueryOptions = {}): Promise<QueryResult[]> {
    return this.#runAsync(text, options, plainResults);
  }

  /** The results of {@link query} as JSON text, with numbers spelled as OPA does. */
  queryText(text: string, options: QueryOptions = {}): string {
    return this.#run(text, options, resultsText);
  }

  /** Returns the results of {@link query} with the texts of their expressions, for `formatResults`. */
  present(text: string, options: QueryOptions = {}): PresentedResult[] {
    const results = this.#run(text, options, (raw) => raw);
    const written = parseQuery(text, this.#settings.version).filter(
      ({ kind, span }) => kind !== "some" || textOf(span).includes(" in "),
    );
    return results.map(({ bindings, expressions }) => ({
      bindings,
      expressions: expressions.map((value, index) => {
        const span = written[index]?.span;
        const place = span === undefined ? { row: 1, column: 1 } : locationOf(span);
        return { value, text: span === undefined ? text : textOf(span), row: place.row, column: place.column };
      }),
    }));
  }

  /** Returns the rules and the parts of `data` and `input` that a query depends on, as sorted paths: `data.a.b`, `input.user`. */
  dependencies(text: string): { readonly rules: readonly string[]; readonly documents: readonly string[] } {
    const { body } = this.#compileQuery(text);
    const rules = new Set<Rule>();
    const documents = new Set<string>();
    const { scope, dependencies } = this.#compiled;
    const visitor: Visitor = {
      term: (term) => {
        if (term.kind !== "ref" || term.head.kind !== "var") return;
        const { name } = term.head;
        const found = name === "data" ? rulesOfReference(scope, term) : new Set<Rule>();
        for (const rule of found) rules.add(rule);
        const end = term.path.findIndex((part) => part.kind !== "scalar");
        const path = end < 0 ? term.path : term.path.slice(0, end);
        if (name === "input" || (name === "data" && found.size === 0)) documents.add(printRef(term.head, path));
      },
    };
    walkBody(body, visitor);
    const queue = [...rules];
    for (let rule = queue.pop(); rule !== undefined; rule = queue.pop()) {
      walkRule(rule, visitor);
      for (const next of dependencies.get(rule) ?? []) {
        if (!rules.has(next)) queue.push(next);
        rules.add(next);
      }
    }
    const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
    return {
      rules: [...new Set([...rules].map((rule) => ruleLabel(rule)))].sort(byText),
      documents: [...documents].sort(byText),
    };
  }

  /** The tests: rules whose names begin with `test_`; those that begin with `todo_test_` are skipped when run. */
  get tests(): readonly TestRule[] {
    const tests = new Map<string, TestRule>();
    for (const module of this.#testing().#compiled.modules) {
      for (const rule of module.rules) {
        const found = testNameOf(rule);
        if (found === undefined) continue;
        const packageName = printPath(["data", ...module.package]);
        const query = printPath(["data", ...module.package, ...found.names]);
        const { isSkipped, hasCases } = found;
        const location = locationOf(rule.span);
        const test = {
          name: `${packageName}.${found.text}`,
          package: packageName,
          query,
          location,
          isSkipped,
          hasCases,
        };
        if (!tests.has(query)) tests.set(query, test);
      }
    }
    return [...tests.values()];
  }

  /** Runs all tests, or the given ones, and returns their results in order. */
  test(options: QueryOptions = {}, tests: readonly TestRule[] = this.tests): TestResult[] {
    const policies = this.#testing();
    return tests.map((test) => {
      const run = new TestRun(test, this.#environment, clock);
      if (test.isSkipped) return run.skipped();
      const settings = { ...this.#settingsOf(options), ...run.settings };
      return run.ended(attempt(() => policies.#traced(test.query, options, settings, plainResults)));
    });
  }

  /** {@link test} with asynchronous built-in functions, one test after the other. */
  async testAsync(options: QueryOptions = {}, tests: readonly TestRule[] = this.tests): Promise<TestResult[]> {
    const policies = this.#testing();
    const results: TestResult[] = [];
    for (const test of tests) {
      const run = new TestRun(test, this.#environment, clock);
      if (test.isSkipped) {
        results.push(run.skipped());
        continue;
      }
      const settings = { ...this.#settingsOf(options), ...run.settings };
      const found = await policies.#runAsync(test.query, options, plainResults, settings).then(
        (value) => () => value,
        (error: unknown) => () => {
          throw error;
        },
      );
      results.push(run.ended(found));
    }
    return results;
  }

  /** The same modules ready for tests to be run, where that makes a difference. */
  #testing(): Policies {
    if (this.#tested !== undefined) return this.#tested;
    this.#tested = this;
    if (this.#settings.tests !== true && needTestRun(this.#compiled.modules)) {
      const settings = { ...this.#settings, tests: true, onStage: undefined };
      const compiled = paidBy(compileMeter(), () => compile(this.#sources(), settings));
      this.#tested = new Policies(compiled, settings, this.#builtins, this.#environment);
    }
    return this.#tested;
  }

  /** Runs a query; what is made of its results counts as part of the evaluation. */
  #run<T>(text: string, options: QueryOptions, use: (results: RawResult[]) => T): T {
    const settings = this.#settingsOf(options);
    try {
      return this.#traced(text, options, settings, use);
    } catch (error) {
      throw limitOfEngine(error);
    }
  }

  /** Runs a query once; where it fails and that is asked for, once more to see what was being evaluated. */
  #traced<T>(text: string, options: QueryOptions, settings: ContextOptions, use: (results: RawResult[]) => T): T {
    if (options.stackTraces !== true) return this.#once(text, options, settings, use);
    if (options.onBuiltinError !== undefined)
      return this.#once(text, options, tellingStacks(settings, options.onBuiltinError), use);
    try {
      return this.#once(text, options, settings, use);
    } catch (error) {
      if (!(error instanceof RegoError) || error.errors[0]?.code.startsWith("eval_") !== true) throw error;
      const tracer = new StackTracer();
      const again: ContextOptions = {
        ...this.#settingsOf(options),
        tracer,
        coverage: undefined,
        environment: { ...settings.environment, print: this.#environment.print && (() => {}) },
      };
      const outcome = attempt(() => this.#once(text, options, again, () => undefined));
      throw outcome.fails(error.message) ? withStack(error, tracer) : error;
    }
  }

  /** Runs a query until no answer is lacking. What came of an evaluation that lacked one does not count, nor do its errors but for limits. */
  async #runAsync<T>(
    text: string,
    options: QueryOptions,
    use: (results: RawResult[]) => T,
    watched: ContextOptions = this.#settingsOf(options),
  ): Promise<T> {
    const { tracer, coverage, environment } = watched;
    const isWatched = tracer !== undefined || coverage !== undefined || environment.print !== undefined;
    const quiet: ContextOptions = {
      ...watched,
      tracer: undefined,
      coverage: undefined,
      environment: { ...environment, ...(environment.print === undefined ? {} : { print: () => {} }) },
    };
    const rounds = { calls: new AwaitedCalls(), remembered: new Map<string, unknown>() };
    for (;;) {
      const outcome = attempt(() => this.#once(text, options, { ...quiet, rounds }, use));
      const isSettled = !rounds.calls.lacks;
      if (isSettled && !isWatched) return outcome();
      if (outcome.isLimit) outcome();
      watched.meter.restart(rounds.calls.bytes);
      if (isSettled) return attempt(() => this.#once(text, options, { ...watched, rounds }, use))();
      await rounds.calls.settle(watched.meter, options.signal);
    }
  }

  #settingsOf(options: QueryOptions): ContextOptions {
    checkOptions("query", options, queryChecks);
    const {
      input,
      data,
      limits,
      budget,
      signal,
      now,
      strictBuiltinErrors = false,
      tracer,
      coverage,
      onBuiltinError,
    } = options;
    return {
      // as: documents are JSON; what is not ends an evaluation that comes upon it with a TypeError.
      input: input as Value | undefined,
      data: (data ?? {}) as Value, // as: likewise
      meter: new Meter(settleLimits(limits), clock, signal, budget),
      strictBuiltinErrors,
      environment: now === undefined ? this.#environment : { ...this.#environment, now: () => now },
      tracer,
      coverage,
      onBuiltinError,
      kept: this.#kept,
    };
  }

  #once<T>(text: string, options: QueryOptions, settings: ContextOptions, use: (results: RawResult[]) => T): T {
    this.#checkData(options.data);
    const query = this.#compileQuery(text, options);
    this.#settings.onStage?.("query_eval");
    const context = new Context(settings);
    const program = this.#programFor(settings.tracer !== undefined, settings.coverage !== undefined);
    const { meter } = context;
    try {
      return paidBy(meter, () => use(this.#evaluate(query, context, program)));
    } finally {
      meter.tellBudget();
    }
  }

  /** Given data may not stand where rules are: one of them would be hidden. */
  #checkData(data: unknown): void {
    if (data === undefined || data === this.#checkedData) return;
    const { scope } = this.#compiled;
    checkDataConflicts(scope, (path) => isFilled(data as Value, path)); // as: see `#settingsOf`
    scope.endStage();
    this.#checkedData = data;
  }

  #programFor(traced: boolean, covered: boolean): Program {
    if (!traced && !covered) return this.#plain;
    const key = `${traced} ${covered}`;
    const program = this.#watched.get(key) ?? new Program(this.#compiled.tree, this.#builtins, traced, covered);
    this.#watched.set(key, program);
    return program;
  }

  /** Returns the coverage of the modules by the evaluations that `coverage` recorded, in the form of `opa test --coverage`. */
  coverageReport(coverage: Coverage): CoverageReport {
    return coverageReport(this.#parsed(), coverage);
  }

  /** Returns the rules that were true in none of the evaluations that `coverage` recorded. */
  unreachedRules(coverage: Coverage): readonly UnreachedRule[] {
    return unreachedRules(this.#parsed(), coverage);
  }

  /** The modules as they were written: compiling changes them. */
  #parsed(): readonly Module[] {
    return parseModules(this.#sources(), this.#settings);
  }

  #sources(): readonly ModuleSource[] {
    return this.#compiled.modules.map(({ source: { path, text } }) => ({ path, text }));
  }

  #compileQuery(text: string, options: QueryOptions = {}): CompiledQuery {
    if (options.package !== undefined || options.imports !== undefined) return this.#compileInView(text, options);
    const known = this.#plainQueries.get(text);
    if (known !== undefined) return known;
    const made = this.#compileInView(text, options);
    if (this.#plainQueries.size >= mostQueries) this.#plainQueries.clear();
    this.#plainQueries.set(text, made);
    return made;
  }

  #compileInView(text: string, { package: packageText, imports = [] }: QueryOptions): CompiledQuery {
    const key = JSON.stringify([packageText, imports, text]);
    let query = this.#queries.get(key);
    if (query === undefined) {
      const { onStage } = this.#settings;
      onStage?.("query_parse");
      const view = {
        package: packageText === undefined ? undefined : parsePackage(packageText),
        imports: imports.map(parseImport),
      };
      const parsed = parseQuery(text, this.#settings.version);
      onStage?.("query_compile");
      query = paidBy(compileMeter(), () => compileQuery(this.#compiled, parsed, this.#settings, view));
      if (this.#queries.size >= mostQueries) this.#queries.clear();
      this.#queries.set(key, query);
    }
    return query;
  }

  #evaluate(query: CompiledQuery, context: Context, program: Program): RawResult[] {
    const { run, registers } = this.#planOf(query, program);
    const results: RawResult[] = [];
    const { tracer } = context;
    const location = { path: "", row: 1, column: 1 };
    tracer?.event({ kind: "enter", depth: 0, text: query.text, location });
    run(context, emptyRegisters(registers), results);
    tracer?.event({ kind: results.length > 0 ? "exit" : "fail", depth: 0, text: query.text, location });
    return results;
  }

  /** The plan of a query, made once for each program that runs it. */
  #planOf(query: CompiledQuery, program: Program): QueryPlan {
    const known = this.#plans.get(query)?.get(program);
    if (known !== undefined) return known;
    const slots = new Slots();
    const planner = new BodyPlanner(program, slots);
    const items = planner.body(query.body);
    const bindings = [...query.bindings].map(([name, written]) => [written, slots.of(name)] as const);
    const captures = query.captures.map((name) => (name === undefined ? undefined : slots.of(name)));
    let results: RawResult[] = [];
    const body = assemble(items, (context, registers) => {
      const bound = bindings.length === 0 ? noBindings : new RegoObject();
      for (const [name, slot] of bindings) {
        const value = registers[slot] as Value | undefined; // as: registers of variables hold values
        if (value !== undefined) bound.set(name, value);
      }
      context.meter.charge(64);
      results.push({
        bindings: bound,
        expressions: captures.map((slot) => (slot === undefined ? true : (registers[slot] as Value))), // as: likewise
      });
      return false;
    });
    const plan: QueryPlan = {
      registers: slots.size,
      run: (context, registers, into) => {
        // A query may be asked again before it has ended: by a built-in function of the caller's.
        const outer = results;
        results = into;
        try {
          body(context, registers);
        } finally {
          results = outer;
        }
      },
    };
    const plans = this.#plans.get(query) ?? new Map<Program, QueryPlan>();
    this.#plans.set(query, plans.set(program, plan));
    return plan;
  }
}

const mostQueries = 100;

const noBindings = new RegoObject();

const queryChecks: OptionChecks<QueryOptions> = {
  input: optionIs.any,
  data: optionIs.any,
  limits: optionIs.object,
  budget: optionIs.having("take"),
  signal: optionIs.signal,
  now: (value) => (typeof value === "bigint" ? undefined : `${typeof value} is no bigint`),
  strictBuiltinErrors: optionIs.flag,
  tracer: optionIs.having("event"),
  coverage: optionIs.having("hit"),
  package: optionIs.text,
  imports: optionIs.listOf(optionIs.text),
  stackTraces: optionIs.flag,
  onBuiltinError: optionIs.call,
};

/** Types and constants have parts in common as values have: how often they may be looked at. */
function compileMeter(): Meter {
  const { depth } = settleLimits();
  return new Meter({ depth, steps: 2_000_000, milliseconds: Infinity, bytes: Infinity }, () => 0);
}

const clock = (): number => performance.now();

/** Runs work now; the returned function gives its result or throws its error. */
function attempt<T>(work: () => T): Outcome<T> {
  try {
    const result = work();
    return Object.assign(() => result, { isLimit: false, fails: () => false });
  } catch (thrown) {
    const error = limitOfEngine(thrown);
    const isLimit = error instanceof RegoError && error.errors.some(({ code }) => code === "limit_exceeded");
    return Object.assign(
      () => {
        throw error;
      },
      { isLimit, fails: (message: string) => error instanceof RegoError && error.message === message },
    );
  }
}

/** Gives the result or throws the error. */
interface Outcome<T> {
  (): T;
  readonly isLimit: boolean;
  /** Whether it throws a RegoError that says this. */
  fails(message: string): boolean;
}

function plainResults(results: readonly RawResult[]): QueryResult[] {
  return results.map(({ bindings, expressions }) => ({
    bindings: toPlain(bindings) as Record<string, unknown>, // as: an object becomes one
    expressions: toPlain(expressions) as unknown[], // as: an array becomes one
  }));
}

function resultsText(results: readonly RawResult[]): string {
  return jsonText(
    results.map(({ bindings, expressions }) =>
      RegoObject.of([
        ["bindings", bindings],
        ["expressions", expressions],
      ]),
    ),
  );
}

/** An error whose issues tell what was being evaluated. */
function withStack(error: RegoError, tracer: StackTracer): RegoError {
  return new RegoError(
    error.errors.map((issue) => stacked(issue, tracer)),
    { cause: error },
  );
}

function stacked(issue: RegoIssue, tracer: StackTracer): RegoIssue {
  const stack = tracer.frames();
  return stack.length === 0 ? issue : { ...issue, stack };
}

/** Errors that do not end an evaluation tell what was being evaluated, too. */
function tellingStacks(settings: ContextOptions, onBuiltinError: (issue: RegoIssue) => void): ContextOptions {
  const stacks = new StackTracer();
  const { tracer } = settings;
  return {
    ...settings,
    tracer: {
      event: (event) => {
        stacks.event(event);
        tracer?.event(event);
      },
    },
    onBuiltinError: (issue) => onBuiltinError(stacked(issue, stacks)),
  };
}

/** Converts a RangeError of the JavaScript engine, such as an exhausted stack, to an exceeded limit. */
function limitOfEngine(error: unknown): unknown {
  if (!(error instanceof RangeError)) return error;
  if (/call stack/i.test(error.message)) return exceeded("rules or values are nested too deeply");
  return /invalid (?:string|array|map|set) length|too large|maximum (?:size|bigint)/i.test(error.message)
    ? exceeded("a value is larger than can be held")
    : error;
}

/** How a query runs in a program. */
interface QueryPlan {
  /** How many registers it needs. */
  readonly registers: number;
  run(context: Context, registers: Registers, results: RawResult[]): void;
}

/** Whether a document has something at a path, or something that is no object on the way there. */
function isFilled(document: Value, path: readonly string[]): boolean {
  let value: Value | undefined = document;
  for (const name of path) {
    if (!isObject(value)) return true;
    value = objectGet(value, name);
    if (value === undefined) return false;
  }
  return true;
}

/**
 * Compiles modules.
 * @throws {RegoError} for modules that do not compile, with the errors of all stages up to the first that compilation cannot continue after, as OPA
 * does.
 * @throws {TypeError} for unknown or invalid options.
 */
export function compileModules(sources: readonly ModuleSource[], options: CompileOptions = {}): Policies {
  checkOptions("compileModules", options, {
    regoVersion: optionIs.oneOf(["v0", "v1"]),
    strict: optionIs.flag,
    schemas: optionIs.object,
    builtins: optionIs.listOf(optionIs.object),
    environment: optionIs.object,
    onStage: optionIs.call,
  });
  const { regoVersion = "v1", strict = false, schemas, builtins = [], environment = {}, onStage } = options;
  if (schemas !== undefined && !(schemas instanceof Map)) throw new TypeError("compileModules: schemas must be a Map");
  const all = new Map(standardBuiltins);
  for (const each of builtins) all.set(each.name, "answer" in each ? awaiting(each) : each);
  const settings: CompileSettings = {
    version: regoVersion,
    strict,
    schemas,
    builtins: all,
    print: environment.print !== undefined,
    onStage,
  };
  const compiled = attempt(() => paidBy(compileMeter(), () => compile(sources, settings)))();
  return new Policies(compiled, settings, all, environment);
}
