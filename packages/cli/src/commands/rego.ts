import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { Command } from "commander";
import { trivyFunctions } from "@plimsoll/checks";
import { compileGlob, parseYaml } from "@plimsoll/formats";
import { regoEnvironment } from "@plimsoll/node";
import {
  compileModules,
  Coverage,
  formatDependencies,
  formatErrors,
  formatErrorsJson,
  formatResults,
  formatTrace,
  issueText,
  schemaName,
  parseJson,
  RegoError,
  resultFormats,
  TraceBuffer,
  type Policies,
  type RegoIssue,
  type ResultFormat,
  type TestResult,
} from "@plimsoll/rego";
import { UsageError, type Terminal } from "../command-line.ts";
import { readText } from "../read-text.ts";
import { examples } from "./examples.ts";

/** Exit codes are those of `opa`: 1 for what `--fail` asks about, 2 for errors and failed tests. */
const failed = 2;

interface Loaded {
  readonly modules: readonly { path: string; text: string }[];
  readonly data: Record<string, unknown>;
}

interface CompileFlags {
  readonly v0Compatible?: boolean;
  readonly strict?: boolean;
  readonly schema?: string;
}

/** How many errors are told, as `opa` does. */
const mostErrors = 10;

interface EvalFlags extends CompileFlags {
  readonly data?: readonly string[];
  readonly input?: string;
  readonly stdinInput?: boolean;
  readonly ignore?: readonly string[];
  readonly format: string;
  readonly fail?: boolean;
  readonly failDefined?: boolean;
  readonly strictBuiltinErrors?: boolean;
  readonly explain?: boolean;
}

interface CheckFlags extends CompileFlags {
  readonly format: string;
  readonly maxErrors: string;
  readonly ignore?: readonly string[];
}

interface TestFlags extends CompileFlags {
  readonly verbose?: boolean;
  readonly format: string;
  readonly ignore?: readonly string[];
  readonly coverage?: boolean;
  readonly threshold?: string;
}

/** Adds `rego eval`, `rego test`, `rego check` and `rego deps`. */
export function addRegoCommands(program: Command, terminal: Terminal, finish: (code: number) => void): void {
  const rego = program
    .command("rego")
    .addHelpText("after", examples("plimsoll rego eval --data policy.rego --input input.json data.example.deny"));

  rego
    .command("eval")
    .summary("the answer to a query")
    .argument("<query>", "such as data.example.deny")
    .option("-d, --data <path>", "a Rego, JSON or YAML file, or a directory of them; repeatable", listed)
    .option("-i, --input <file>", "the document input, JSON or YAML")
    .option("-I, --stdin-input", "read the document input from standard input")
    .option("-f, --format <format>", resultFormats.join(", "), "json")
    .option(
      "--ignore <globs>",
      "leave out files and directories of these names or paths, such as *.yaml",
      listedByComma,
    )
    .option("--fail", "exit code 1 when the query is undefined")
    .option("--fail-defined", "exit code 1 when it is defined")
    .option("--strict-builtin-errors", "errors of built-in functions end the evaluation")
    .option("-S, --strict", "also refuse unused imports, variables and arguments")
    .option("-s, --schema <path>", "JSON Schema of the input, or a directory of those that METADATA blocks name")
    .option("--explain", "write to stderr which rules were entered and which expressions held or failed")
    .option("--v0-compatible", "read modules as Rego v0")
    .addHelpText("after", examples("plimsoll rego eval --format pretty 'count([1, 2, 3])'"))
    .action((query: string, flags: EvalFlags) => {
      const format = formatOf(flags.format);
      const isJson = format !== "pretty" && format !== "raw";
      finish(reporting(terminal, isJson, () => evaluate(query, flags, format, terminal)));
    });

  rego
    .command("test")
    .summary("run the rules whose names begin with test_")
    .argument("<path...>", "Rego, JSON and YAML files, or directories of them")
    .option("-v, --verbose", "also those that passed")
    .option(
      "--ignore <globs>",
      "leave out files and directories of these names or paths, such as *.yaml",
      listedByComma,
    )
    .option("-f, --format <format>", "pretty or json", "pretty")
    .option("-c, --coverage", "write in JSON which rules and expressions the tests came to")
    .option("--threshold <percent>", "exit code 2 when less than this is covered")
    .option("--v0-compatible", "read modules as Rego v0")
    .addHelpText(
      "after",
      examples(
        "plimsoll rego test policies/",
        "plimsoll rego test --threshold 80 policies/",
        "plimsoll rego test checks/docker lib --ignore '*.yaml'",
      ),
    )
    .action((paths: string[], flags: TestFlags) => {
      const isJson = oneOf(flags.format, ["pretty", "json"]) === "json" || flags.coverage === true;
      const run = flags.coverage === true || flags.threshold !== undefined ? testWithCoverage : test;
      finish(reporting(terminal, isJson, () => run(paths, flags, isJson, terminal)));
    });

  rego
    .command("check")
    .summary("everything that is wrong with policies")
    .argument("<path...>", "Rego files, or directories of them")
    .option("-S, --strict", "also unused imports, variables and arguments")
    .option("-s, --schema <path>", "JSON Schema of the input, or a directory of those that METADATA blocks name")
    .option("-m, --max-errors <number>", "how many errors are told", String(mostErrors))
    .option(
      "--ignore <globs>",
      "leave out files and directories of these names or paths, such as *.yaml",
      listedByComma,
    )
    .option("-f, --format <format>", "pretty or json", "pretty")
    .option("--v0-compatible", "read modules as Rego v0")
    .addHelpText(
      "after",
      examples("plimsoll rego check --strict policies/", "plimsoll rego check --schema input.json policies/"),
    )
    .action((paths: string[], flags: CheckFlags) => {
      const isJson = oneOf(flags.format, ["pretty", "json"]) === "json";
      const most = Number(flags.maxErrors);
      if (!Number.isSafeInteger(most) || most < 1) throw new UsageError("--max-errors is a number from 1");
      const run = (): number => {
        compileLoaded(load(paths, flags.ignore), flags);
        return 0;
      };
      // As `opa check`, errors go to stderr in each form.
      finish(reporting(terminal, isJson, run, { most, jsonTo: terminal.stderr }) === 0 ? 0 : 1);
    });

  rego
    .command("deps")
    .summary("the rules and documents that a query depends on")
    .argument("<query>", "such as data.example.deny")
    .option("-d, --data <path>", "a Rego file, or a directory of them; repeatable", listed)
    .option("-f, --format <format>", "pretty or json", "pretty")
    .option("--v0-compatible", "read modules as Rego v0")
    .addHelpText("after", examples("plimsoll rego deps --data policies/ data.example.deny"))
    .action((query: string, flags: CompileFlags & { data?: string[]; format: string }) => {
      const isJson = oneOf(flags.format, ["pretty", "json"]) === "json";
      finish(reporting(terminal, isJson, () => dependencies(query, flags, isJson, terminal)));
    });
}

/** Of an option that may be given several times: all values. */
function listed(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** The same with several values in one, separated by commas. */
function listedByComma(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...value.split(",")];
}

function oneOf(value: string, known: readonly string[]): string {
  if (!known.includes(value)) throw new UsageError(`unknown format ${value}; known: ${known.join(", ")}`);
  return value;
}

function formatOf(value: string): ResultFormat {
  return oneOf(value, resultFormats) as ResultFormat;
}

interface Reporting {
  readonly most?: number;
  readonly jsonTo?: Terminal["stdout"];
}

/** Runs a command; what is wrong with policies is told in the form that was asked for. */
function reporting(
  terminal: Terminal,
  isJson: boolean,
  run: () => number,
  { most = mostErrors, jsonTo = terminal.stdout }: Reporting = {},
): number {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof RegoError)) throw error;
    const errors = upTo(most, error.errors);
    if (isJson) jsonTo.write(formatErrorsJson(errors));
    else for (const line of formatErrors(errors).trimEnd().split("\n")) terminal.stderr.write(`${line}\n`);
    return failed;
  }
}

/** The first errors; a last one tells that there are more. Of what cannot be read at all, nothing is left out. */
function upTo(most: number, errors: readonly RegoIssue[]): readonly RegoIssue[] {
  if (errors.length <= most || errors[0]?.code === "rego_parse_error") return errors;
  return [
    ...errors.slice(0, most),
    { code: "rego_compile_error", message: "error limit reached", location: undefined },
  ];
}

function compileLoaded({ modules }: Loaded, flags: CompileFlags): Policies {
  return compileModules(modules, {
    regoVersion: flags.v0Compatible === true ? "v0" : "v1",
    strict: flags.strict === true,
    ...(flags.schema === undefined ? {} : { schemas: readSchemas(flags.schema) }),
    environment: regoEnvironment(),
    // What checks for Trivy call is known here, too: their tests run as they are.
    builtins: trivyFunctions,
  });
}

/** A file is the schema of `input`; files of a directory have the names that lead to them. */
function readSchemas(path: string): ReadonlyMap<string, unknown> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new UsageError(`there is no ${path}`);
  if (found.isFile()) return new Map([["schema", document(path, readText(path))]]);
  return new Map(
    filesBelow(path)
      .filter((file) => !file.endsWith(".rego"))
      .map((file) => {
        const names = relative(path, file)
          .replace(/\.[^.]*$/, "")
          .split(sep);
        return [schemaName(names), document(file, readText(file))] as const;
      }),
  );
}

function evaluate(query: string, flags: EvalFlags, format: ResultFormat, terminal: Terminal): number {
  const loaded = load(flags.data ?? [], flags.ignore);
  const policies = compileLoaded(loaded, flags);
  const { input } = flags;
  if (flags.stdinInput === true && input !== undefined) throw new UsageError("give --input or --stdin-input, not both");
  const tracer = flags.explain === true ? new TraceBuffer() : undefined;
  const results = policies.present(query, {
    data: loaded.data,
    signal: terminal.signal,
    strictBuiltinErrors: flags.strictBuiltinErrors === true,
    ...(flags.stdinInput === true ? { input: document("standard input", readFileSync(0, "utf8")) } : {}),
    ...(input === undefined ? {} : { input: document(input, readText(input)) }),
    ...(tracer === undefined ? {} : { tracer }),
  });
  for (const line of tracer === undefined ? [] : formatTrace(tracer.events).trimEnd().split("\n"))
    terminal.stderr.write(`${line}\n`);
  terminal.stdout.write(formatResults(results, format));
  if (flags.fail === true && results.length === 0) return 1;
  return flags.failDefined === true && results.length > 0 ? 1 : 0;
}

/** Tells what tests come to, and not which of them pass, unless one does not. */
function testWithCoverage(paths: readonly string[], flags: TestFlags, isJson: boolean, terminal: Terminal): number {
  const threshold = Number(flags.threshold ?? 0);
  if (!(threshold >= 0 && threshold <= 100)) throw new UsageError("--threshold is a number from 0 to 100");
  const loaded = load(paths, flags.ignore);
  const policies = compileLoaded(loaded, flags);
  const coverage = new Coverage();
  const results = policies.test({ data: loaded.data, signal: terminal.signal, coverage });
  if (results.some(({ status }) => status === "fail" || status === "error"))
    return tell(results, flags, isJson, terminal);
  const report = policies.coverageReport(coverage);
  if (flags.coverage === true) terminal.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  if (report.coverage >= threshold) return 0;
  const got = report.coverage.toFixed(2);
  terminal.stderr.write(`Code coverage threshold not met: got ${got} instead of ${threshold.toFixed(2)}\n`);
  return failed;
}

function test(paths: readonly string[], flags: TestFlags, isJson: boolean, terminal: Terminal): number {
  const loaded = load(paths, flags.ignore);
  const results = compileLoaded(loaded, flags).test({ data: loaded.data, signal: terminal.signal });
  return tell(results, flags, isJson, terminal);
}

function tell(results: readonly TestResult[], flags: TestFlags, isJson: boolean, terminal: Terminal): number {
  const passed = results.filter(({ status }) => status === "pass").length;
  if (isJson) {
    const rows = results.map(({ name, status, location, error }) => ({
      location: { file: location.path, row: location.row, col: location.column },
      package: name.slice(0, name.lastIndexOf(".")),
      name: name.slice(name.lastIndexOf(".") + 1),
      ...(status === "fail" ? { fail: true } : {}),
      ...(status === "skip" ? { skip: true } : {}),
      ...(error === undefined ? {} : { error: error.errors[0] }),
    }));
    terminal.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
  } else {
    for (const { name, status, location, error } of results) {
      if (status === "pass" && flags.verbose !== true) continue;
      const word = status === "skip" ? "SKIPPED" : status.toUpperCase();
      terminal.stdout.write(`${location.path}:${location.row}:\n${name}: ${word}\n`);
      for (const issue of error?.errors ?? []) terminal.stdout.write(`  ${issueText(issue)}\n`);
    }
    terminal.stdout.write(`${"-".repeat(80)}\nPASS: ${passed}/${results.length}\n`);
    for (const [word, status] of [
      ["FAIL", "fail"],
      ["ERROR", "error"],
      ["SKIPPED", "skip"],
    ] as const) {
      const count = results.filter((each) => each.status === status).length;
      if (count > 0) terminal.stdout.write(`${word}: ${count}/${results.length}\n`);
    }
  }
  return results.some(({ status }) => status === "fail" || status === "error") ? failed : 0;
}

function dependencies(
  query: string,
  flags: CompileFlags & { data?: string[] },
  isJson: boolean,
  terminal: Terminal,
): number {
  const found = compileLoaded(load(flags.data ?? []), flags).dependencies(query);
  terminal.stdout.write(formatDependencies(found, isJson ? "json" : "pretty"));
  return 0;
}

/** Reads policies and data; files in directories below a named one have their data under the names of those. */
function load(paths: readonly string[], ignored: readonly string[] = []): Loaded {
  const isIgnored = ignored.map((glob) => compileGlob(glob.includes("/") ? glob : `**/${glob}`));
  const modules: { path: string; text: string }[] = [];
  const data: Record<string, unknown> = {};
  for (const path of paths) {
    for (const file of filesBelow(path)) {
      if (isIgnored.some((matches) => matches(file) || matches(relative(path, file)))) continue;
      if (file.endsWith(".rego")) {
        modules.push({ path: file, text: readText(file) });
      } else {
        const folders = statSync(path).isDirectory() ? relative(path, file).split(sep).slice(0, -1) : [];
        merge(data, folders, document(file, readText(file)), file);
      }
    }
  }
  return { modules, data };
}

function filesBelow(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new UsageError(`there is no ${path}`);
  if (found.isFile()) return [path];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(?:rego|json|ya?ml)$/.test(name))
    .sort()
    .map((name) => join(path, name))
    .filter((file) => statSync(file).isFile());
}

function document(file: string, text: string): unknown {
  try {
    return /\.ya?ml$/.test(file) ? (parseYaml(text)[0] ?? null) : parseJson(text);
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : "unreadable"}`);
  }
}

function merge(data: Record<string, unknown>, folders: readonly string[], value: unknown, file: string): void {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new UsageError(`${file}: data must be an object`);
  let at = data;
  for (const folder of folders) at = (at[folder] ??= {}) as Record<string, unknown>;
  for (const [key, member] of Object.entries(value)) {
    if (Object.hasOwn(at, key)) throw new UsageError(`${file}: ${key} is given twice`);
    Object.defineProperty(at, key, { value: member, enumerable: true, configurable: true, writable: true });
  }
}
