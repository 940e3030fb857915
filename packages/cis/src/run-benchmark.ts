import { checkOptions, optionIs } from "@plimsoll/model";
import { BenchmarkError } from "./benchmark/benchmark-error.ts";
import type { Benchmark } from "./benchmark/benchmark.ts";
import type { Check, Controls } from "./benchmark/controls.ts";
import { readControls } from "./benchmark/controls.ts";
import { runFilter } from "./benchmark/select.ts";
import type { Selection } from "./benchmark/select.ts";
import { fileKinds } from "./benchmark/settings.ts";
import type { ComponentSettings } from "./benchmark/settings.ts";
import { chooseBinaries, chooseFiles, environmentAudit, findExecutable, substitute } from "./benchmark/substitute.ts";
import { targetName } from "./benchmark/versions.ts";
import { defaultAuditLimits, runAudit } from "./audit/run-script.ts";
import type { AuditLimits } from "./audit/run-script.ts";
import { UnsupportedAudit } from "./audit/unsupported.ts";
import { maskOutput } from "./facts/mask-secrets.ts";
import type { NodeFacts } from "./facts/node-facts.ts";
import { judgeCheck, stateWithoutAudit } from "./judge/judge-check.ts";
import type { CheckState } from "./judge/judge-check.ts";

/** Options of {@link runBenchmark}. */
export interface RunOptions extends Selection {
  readonly benchmark: Benchmark;
  /** Kinds of nodes to check; `worker` is an alias of `node`. Absent: chosen by the components that run on the node, as in kube-bench. */
  readonly targets?: readonly string[] | undefined;
  /** Limits of one audit. */
  readonly limits?: AuditLimits | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The result of one check. */
export interface CheckResult {
  readonly check: Check;
  /** kube-bench's state; WARN for checks whose result is unknown. */
  readonly state: CheckState;
  /** `unknown`: the audit is unsupported or a fact is missing; see `reason`. `skipped`: requested by the caller. */
  readonly status: "pass" | "fail" | "manual" | "unknown" | "skipped";
  readonly expected: string;
  readonly actual: string;
  readonly reason: string;
  /** What is unsupported or missing, in a few words for statistics. */
  readonly shape?: string;
}

export interface GroupResult {
  readonly id: string;
  readonly text: string;
  readonly results: readonly CheckResult[];
}

/** The result of one controls file. */
export interface ControlsResult {
  readonly id: string;
  readonly version: string;
  readonly text: string;
  readonly type: string;
  readonly groups: readonly GroupResult[];
}

/** The result of a benchmark. */
export interface BenchmarkResult {
  readonly benchmark: string;
  readonly origin: string;
  readonly controls: readonly ControlsResult[];
}

/**
 * Runs a benchmark over facts about a node: no process is started and nothing is changed. Checks whose facts are missing are `unknown`, never
 * passed.
 * @throws BenchmarkError for a target that the benchmark does not have, and for an invalid controls file.
 */
export async function runBenchmark(facts: NodeFacts, options: RunOptions): Promise<BenchmarkResult> {
  checkOptions("runBenchmark", options, {
    benchmark: optionIs.object,
    targets: optionIs.listOf(optionIs.text),
    limits: optionIs.object,
    signal: optionIs.signal,
    checks: optionIs.listOf(optionIs.text),
    groups: optionIs.listOf(optionIs.text),
    skip: optionIs.listOf(optionIs.text),
    scored: optionIs.flag,
    unscored: optionIs.flag,
  });
  const { benchmark } = options;
  const filter = runFilter(options);
  const skip = new Set(options.skip);
  const controls: ControlsResult[] = [];
  for (const target of await chosenTargets(facts, options)) {
    options.signal?.throwIfAborted();
    const source = benchmark.controls.get(target);
    if (source === undefined) continue;
    const read = await prepare(facts, benchmark, target, source);
    controls.push(await runControls(facts, read, { filter, skip, options }));
  }
  controls.sort((a, b) => (Number.parseInt(a.id, 10) || 0) - (Number.parseInt(b.id, 10) || 0));
  return { benchmark: benchmark.id, origin: facts.origin, controls };
}

async function chosenTargets(facts: NodeFacts, { benchmark, targets }: RunOptions): Promise<readonly string[]> {
  if (targets !== undefined && targets.length > 0) {
    const names = [...new Set(targets.map(targetName))];
    const unknown = names.find((name) => !benchmark.controls.has(name));
    if (unknown !== undefined)
      throw new BenchmarkError(
        "targets",
        `${unknown} is no target of ${benchmark.id}, which has ${[...benchmark.controls.keys()].join(", ")}`,
      );
    return names;
  }
  const commandLines = await commandLinesOf(facts);
  const runs = (target: string): boolean => {
    const chosen = chooseBinaries(benchmark.settings.targets.get(target) ?? new Map(), commandLines);
    return chosen.missing === undefined && chosen.binaries.size > 0;
  };
  const order: string[] = [];
  if (runs("master")) order.push("master", "controlplane");
  if (runs("etcd")) order.push("etcd");
  order.push("node", "policies", "managedservices");
  const found = order.filter((target) => benchmark.controls.has(target));
  // A benchmark of another kind of host has targets of its own.
  return found.length > 0 ? found : [...benchmark.controls.keys()];
}

/** The command lines of processes whose program has a name. */
async function commandLinesOf(facts: NodeFacts): Promise<(word: string) => readonly string[]> {
  const processes = (await facts.processes()) ?? [];
  return (word) =>
    processes
      .filter((process) => {
        const program = process.arguments[0] ?? "";
        return program.slice(program.lastIndexOf("/") + 1).slice(0, 15) === word.slice(0, 15);
      })
      .map((process) => process.arguments.join(" "));
}

/** The program of each component, the usual one where nothing declares it. */
async function declaredBinaries(
  facts: NodeFacts,
  components: ReadonlyMap<string, ComponentSettings>,
): Promise<ReadonlyMap<string, string>> {
  const commandLines = await commandLinesOf(facts);
  const binaries = new Map<string, string>();
  for (const [name, { bins }] of components)
    if (bins.length > 0) binaries.set(name, findExecutable(bins, commandLines) ?? bins[0] ?? name);
  return binaries;
}

/** Reads a controls file with the names of this node's programs and files put in. */
async function prepare(
  facts: NodeFacts,
  benchmark: Benchmark,
  target: string,
  source: { text: string; path: string },
): Promise<Controls> {
  const components: ReadonlyMap<string, ComponentSettings> = benchmark.settings.targets.get(target) ?? new Map();
  const chosen = chooseBinaries(components, await commandLinesOf(facts));
  // Of a node that does not run, one missing component says nothing about the others.
  const binaries = facts.processesAre === "declared" ? await declaredBinaries(facts, components) : chosen.binaries;
  let { text, used } = substitute(source.text, "bin", binaries);
  // A fact that is not known does not exist here: the default stands for it.
  const exists = async (path: string): Promise<boolean> => {
    const file = await facts.stat(path);
    return file !== undefined && file !== null;
  };
  for (const kind of fileKinds) text = substitute(text, kind, await chooseFiles(components, kind, exists)).text;
  const controls = readControls(text, source.path);
  if (controls.type !== target)
    throw new BenchmarkError(source.path, `holds ${controls.type || "no"} controls, not ${target}`);
  const [binary = ""] = used.length === 1 ? used : [];
  if (binary === "") return controls;
  const withEnvironment = (check: Check): Check =>
    check.auditEnv === "" && check.tests?.items.some((item) => item.env !== "") === true
      ? { ...check, auditEnv: environmentAudit(binary) }
      : check;
  return {
    ...controls,
    groups: controls.groups.map((group) => ({ ...group, checks: group.checks.map(withEnvironment) })),
  };
}

async function runControls(
  facts: NodeFacts,
  controls: Controls,
  run: { filter: ReturnType<typeof runFilter>; skip: ReadonlySet<string>; options: RunOptions },
): Promise<ControlsResult> {
  const groups = new Map<string, { id: string; text: string; results: CheckResult[] }>();
  for (const group of controls.groups)
    for (const check of group.checks) {
      if (!run.filter(group.id, check)) continue;
      run.options.signal?.throwIfAborted();
      const skipped = group.type === "skip" || run.skip.has(group.id) || run.skip.has(check.id);
      const result = await runCheck(facts, skipped ? { ...check, type: "skip" } : check, run.options.limits);
      const open = groups.get(group.id) ?? { id: group.id, text: group.text, results: [] };
      groups.set(group.id, open);
      open.results.push(result);
    }
  const { id, version, text, type } = controls;
  return { id, version, text, type, groups: [...groups.values()] };
}

/** Runs the audits of one check and evaluates their output. */
export async function runCheck(
  facts: NodeFacts,
  check: Check,
  limits: AuditLimits = defaultAuditLimits,
): Promise<CheckResult> {
  const early = stateWithoutAudit(check);
  if (early !== undefined) {
    const status = early.state === "INFO" ? "skipped" : early.state === "WARN" ? "manual" : "fail";
    return { check, status, ...early };
  }
  const { actual, reason, ...judged } = await judgeAudits(facts, check, limits);
  // What was printed may hold secrets of the node; judging is over.
  return { ...judged, actual: maskOutput(actual), reason: maskOutput(reason) };
}

async function judgeAudits(facts: NodeFacts, check: Check, limits: AuditLimits): Promise<CheckResult> {
  try {
    const environment = await answer(facts, check.auditEnv, limits);
    const audit = await answer(facts, check.audit, limits);
    let configuration = await answer(facts, check.auditConfig, limits);
    const failure = [environment, audit].find((result) => result.failure !== undefined);
    if (failure !== undefined) return failedAudit(check, failure);
    if (configuration.failure !== undefined) {
      // A configuration file that is not there says nothing when the command line does.
      const absent = configuration.code === 127 || configuration.output.includes("No such file or directory");
      if (!absent || (environment.output === "" && audit.output === "")) return failedAudit(check, configuration);
      configuration = { ...configuration, output: "" };
    }
    const verdict = judgeCheck(check, {
      audit: audit.output,
      auditConfig: configuration.output,
      auditEnv: environment.output,
    });
    if (verdict.reason !== "")
      return { check, ...verdict, state: "WARN", status: "unknown", shape: "unreadable output" };
    const gap = [audit, configuration, environment].find((result) => result.incomplete && result.output.trim() === "");
    if (gap !== undefined) return unknown(check, "processes that are only declared", verdict.actual);
    return { check, ...verdict, status: verdict.state === "PASS" ? "pass" : "fail" };
  } catch (error) {
    if (error instanceof UnsupportedAudit) return unknown(check, error.shape, "", error.message);
    if (
      error instanceof Error &&
      (error instanceof SyntaxError || error.name === "JsonPathError" || error.name === "ConfigurationError")
    )
      return unknown(check, "unreadable pattern", "", error.message);
    throw error;
  }
}

interface Answer {
  readonly output: string;
  readonly code: number;
  readonly incomplete: boolean;
  readonly failure?: string;
}

async function answer(facts: NodeFacts, audit: string, limits: AuditLimits): Promise<Answer> {
  const { output, exitCode, incomplete } = await runAudit(audit, facts, limits);
  if (exitCode === 0) return { output, code: 0, incomplete };
  const failure = `failed to run: ${JSON.stringify(audit.trim())}, output: ${JSON.stringify(output)}, error: exit status ${exitCode}`;
  return { output, code: exitCode, incomplete, failure };
}

/** An audit that ended with an error fails its check, as kube-bench has it, unless a fact was missing. */
function failedAudit(check: Check, result: Answer): CheckResult {
  if (result.incomplete) return unknown(check, "processes that are only declared", result.output);
  return {
    check,
    state: check.scored ? "FAIL" : "WARN",
    status: "fail",
    expected: "",
    actual: "",
    reason: result.failure ?? "",
  };
}

function unknown(check: Check, shape: string, actual: string, reason = shape): CheckResult {
  return { check, state: "WARN", status: "unknown", expected: "", actual, reason: `not judged: ${reason}`, shape };
}
