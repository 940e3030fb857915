import { readFileSync } from "node:fs";
import {
  Coverage,
  failuresOf,
  formatErrors,
  formatResults,
  formatTrace,
  Profile,
  profileOrders,
  resultFormats,
  TraceBuffer,
  type ProfileOrder,
  type QueryOptions,
  type RegoIssue,
  type ResultFormat,
  type Stage,
  type TraceEvent,
  type Tracer,
} from "@plimsoll/rego";
import { oneOf, UsageError, type Terminal } from "../command-line.ts";
import { compilePaths, durationOf, type CompileFlags } from "./compile-loaded.ts";
import { LoadError, parseDocument, readDocument } from "./load-policies.ts";
import { tellingErrors, writeLines } from "./told-errors.ts";

/** The options of `rego eval`. */
export interface EvalFlags extends CompileFlags {
  readonly data?: readonly string[];
  readonly input?: string;
  readonly stdinInput?: boolean;
  readonly stdin?: boolean;
  readonly package?: string;
  readonly import?: readonly string[];
  readonly ignore?: readonly string[];
  readonly format: string;
  readonly fail?: boolean;
  readonly failDefined?: boolean;
  readonly strictBuiltinErrors?: boolean;
  readonly showBuiltinErrors?: boolean;
  readonly explain: string;
  readonly coverage?: boolean;
  readonly metrics?: boolean;
  readonly profile?: boolean;
  readonly profileLimit?: string;
  readonly profileSort?: readonly string[];
  readonly timeout?: string;
  readonly partial?: boolean;
}

/** The values of `--explain`. */
export const explainModes = ["off", "full", "fails"] as const;

/** As `opa`: 1 is for what `--fail` asks about, 2 for errors. */
const failed = 2;

/** Evaluates a query and prints the result; returns the exit code. */
export function evaluate(argument: string | undefined, flags: EvalFlags, terminal: Terminal): number {
  const format = settledFormat(argument, flags);
  const query = argument ?? readFileSync(0, "utf8");
  let input: { readonly input?: unknown };
  try {
    input = inputOf(flags);
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    terminal.stderr.write(`${error.message}\n`);
    return failed;
  }
  const report = { terminal, isJson: format === "json" || format === "discard", code: failed, tellsLoading: false };
  return tellingErrors(report, () => answer(query, flags, format, input, terminal));
}

/** Refuses options that do not go together, and those that cannot be had. */
function settledFormat(argument: string | undefined, flags: EvalFlags): ResultFormat {
  if (flags.partial === true)
    throw new UsageError(
      "--partial is not there: queries are evaluated whole. Give the documents that are known by --input and --data; to see what a query depends on, use `plimsoll rego deps`",
    );
  if (flags.format === "source")
    throw new UsageError("--format source is for the results of --partial, which is not there; known: " + resultFormats.join(", ")); // prettier-ignore
  if (argument !== undefined && flags.stdin === true) throw new UsageError("give a query or --stdin, not both");
  if (argument === undefined && flags.stdin !== true) throw new UsageError("give a query, or --stdin");
  if (flags.stdin === true && flags.stdinInput === true)
    throw new UsageError("give --stdin or --stdin-input, not both");
  if (flags.stdinInput === true && flags.input !== undefined)
    throw new UsageError("give --input or --stdin-input, not both");
  if (flags.fail === true && flags.failDefined === true)
    throw new UsageError("give --fail or --fail-defined, not both");
  if (flags.strictBuiltinErrors === true && flags.showBuiltinErrors === true)
    throw new UsageError("give --strict-builtin-errors or --show-builtin-errors, not both");
  return oneOf("--format", flags.format, resultFormats);
}

function inputOf({ input, stdinInput }: EvalFlags): { readonly input?: unknown } {
  if (input !== undefined) return { input: readDocument(input, "unable to parse input") };
  return stdinInput === true ? { input: parseDocument("unable to parse input", readFileSync(0, "utf8")) } : {};
}

function answer(
  query: string,
  flags: EvalFlags,
  format: ResultFormat,
  input: Pick<QueryOptions, "input">,
  terminal: Terminal,
): number {
  if (query.trim() === "") throw new LoadError([{ message: "cannot evaluate empty query" }]);
  const explain = oneOf("--explain", flags.explain, explainModes);
  const orders = (flags.profileSort ?? []).map((each) => oneOf<ProfileOrder>("--profile-sort", each, profileOrders));
  const most = wholeNumber("--profile-limit", flags.profileLimit ?? "10");
  const isProfiled = flags.profile === true || flags.profileLimit !== undefined || flags.profileSort !== undefined;
  const timers = new Timers();
  timers.begin("load_files");
  const { policies, data } = compilePaths(
    flags.data ?? [],
    flags,
    { ignored: flags.ignore },
    { print: (text) => terminal.stderr.write(`${text}\n`), onStage: (stage) => timers.begin(stage) },
  );
  const trace = explain === "off" ? undefined : new TraceBuffer();
  const profile = isProfiled ? new Profile(() => performance.now()) : undefined;
  const coverage = flags.coverage === true ? new Coverage() : undefined;
  const errors: RegoIssue[] = [];
  const tracers = [trace, profile].filter((each) => each !== undefined);
  const results = policies.present(query, {
    ...input,
    data,
    signal: terminal.signal,
    stackTraces: true,
    strictBuiltinErrors: flags.strictBuiltinErrors === true,
    ...(flags.timeout === undefined ? {} : { limits: { milliseconds: durationOf("--timeout", flags.timeout) } }),
    ...(flags.package === undefined ? {} : { package: flags.package }),
    ...(flags.import === undefined ? {} : { imports: flags.import }),
    ...(flags.showBuiltinErrors === true ? { onBuiltinError: (issue) => errors.push(issue) } : {}),
    ...(tracers.length === 0 ? {} : { tracer: toAll(tracers) }),
    ...(coverage === undefined ? {} : { coverage }),
  });
  timers.end();
  const events = trace?.events ?? [];
  const explained = formatTrace(explain === "fails" ? failuresOf(events) : events);
  const parts = {
    errors,
    ...(flags.metrics === true || isProfiled ? { metrics: timers.nanoseconds } : {}),
    ...(explained === "" ? {} : { explanation: explained.trimEnd().split("\n") }),
    ...(profile === undefined ? {} : { profile: profile.report(most, orders) }),
    ...(coverage === undefined ? {} : { coverage: policies.coverageReport(coverage) }),
  };
  const isDocument = format === "json" || format === "discard";
  if (!isDocument && errors.length > 0) writeLines(terminal.stderr, formatErrors(errors));
  if (isDocument || format === "pretty" || errors.length === 0)
    terminal.stdout.write(formatResults(results, format, { parts }));
  if (flags.fail === true && results.length === 0) return 1;
  return flags.failDefined === true && results.length > 0 ? 1 : 0;
}

function toAll(tracers: readonly Tracer[]): Tracer {
  return {
    event: (event: TraceEvent) => {
      for (const tracer of tracers) tracer.event(event);
    },
  };
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`${option} is a number from 0`);
  return Number(text);
}

/** How long each stage took, by the names that `opa` gives its timers. */
class Timers {
  readonly #spent: Map<string, number> = new Map();
  #current: { readonly stage: string; readonly since: number } | undefined;

  begin(stage: Stage | "load_files"): void {
    this.end();
    this.#current = { stage, since: performance.now() };
  }

  end(): void {
    if (this.#current === undefined) return;
    const { stage, since } = this.#current;
    this.#spent.set(stage, (this.#spent.get(stage) ?? 0) + performance.now() - since);
    this.#current = undefined;
  }

  get nanoseconds(): Readonly<Record<string, number>> {
    const entries = [...this.#spent].map(([stage, spent]) => [`timer_rego_${stage}_ns`, Math.round(spent * 1e6)] as const); // prettier-ignore
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
