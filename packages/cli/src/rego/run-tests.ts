import {
  Coverage,
  failuresOf,
  formatTrace,
  frameLine,
  goDuration,
  goJson,
  issueText,
  placeObject,
  RegoError,
  TraceBuffer,
  type CoverageReport,
  type Policies,
  type QueryOptions,
  type TestCase,
  type TestResult,
  type TestRule,
} from "@plimsoll/rego";
import { UsageError, type Terminal } from "../command-line.ts";
import { compilePaths, durationOf, type CompileFlags } from "./compile-loaded.ts";
import { writeLines } from "./told-errors.ts";

/** The options of `rego test`. */
export interface TestFlags extends CompileFlags {
  readonly verbose?: boolean;
  readonly format: string;
  readonly ignore?: readonly string[];
  readonly coverage?: boolean;
  readonly threshold?: string;
  readonly run?: string;
  readonly timeout?: string;
  readonly exitZeroOnSkipped?: boolean;
  readonly failOnEmpty?: boolean;
}

/** As `opa`: 2 is for tests that did not pass, 1 for everything else that went wrong. */
const notPassed = 2;

/** Runs tests; returns the exit code. */
export function runTests(paths: readonly string[], flags: TestFlags, isJson: boolean, terminal: Terminal): number {
  const threshold = Number(flags.threshold ?? 0);
  if (!(threshold >= 0 && threshold <= 100)) throw new UsageError("--threshold is a number from 0 to 100");
  const { policies, data } = compilePaths(paths, flags, { ignored: flags.ignore }, { print: () => {} });
  const options: QueryOptions = {
    data,
    signal: terminal.signal,
    stackTraces: true,
    ...(flags.timeout === undefined ? {} : { limits: { milliseconds: durationOf("--timeout", flags.timeout) } }),
  };
  const tests = pickedTests(policies.tests, flags.run);
  if (flags.coverage === true || threshold > 0) return testCoverage(policies, tests, options, threshold, flags, terminal); // prettier-ignore
  const results = policies.test(options, tests);
  if (isJson) terminal.stdout.write(`${goJson(results.map(resultObject))}\n`);
  else {
    const traceOf = flags.verbose === true ? traces(policies, tests, options) : undefined;
    terminal.stdout.write(testReport(results, flags.verbose === true, traceOf));
  }
  if (results.length === 0 && flags.failOnEmpty === true) {
    terminal.stderr.write("no tests were run\n");
    return 1;
  }
  const isFine = ({ status }: TestResult): boolean =>
    status === "pass" || (status === "skip" && flags.exitZeroOnSkipped === true);
  return results.every(isFine) ? 0 : notPassed;
}

function pickedTests(tests: readonly TestRule[], pattern: string | undefined): readonly TestRule[] {
  if (pattern === undefined) return tests;
  let matches: RegExp;
  try {
    matches = new RegExp(pattern, "u");
  } catch (error) {
    throw new UsageError(`--run is no regular expression: ${error instanceof Error ? error.message : pattern}`);
  }
  return tests.filter(({ name }) => matches.test(name));
}

/** Tells what the tests come to; where one does not pass, that instead. */
function testCoverage(
  policies: Policies,
  tests: readonly TestRule[],
  options: QueryOptions,
  threshold: number,
  flags: TestFlags,
  terminal: Terminal,
): number {
  const coverage = new Coverage();
  const results = policies.test({ ...options, coverage }, tests);
  const wrong = results.find(({ status }) => status === "error");
  if (wrong?.error !== undefined) {
    writeLines(terminal.stderr, wrong.error.errors.map(issueText).join("\n"));
    return 1;
  }
  const failures = results.filter(({ status }) => status === "fail");
  if (failures[0] !== undefined) {
    const traceOf = flags.verbose === true ? traces(policies, tests, options) : undefined;
    terminal.stdout.write(testReport(failures, flags.verbose === true, traceOf));
    writeLines(terminal.stderr, `${headline(failures[0])}\n${caseLines(failures[0].cases ?? [], true, "")}`);
    return 1;
  }
  const report = policies.coverageReport(coverage);
  if (report.coverage < threshold) {
    const got = report.coverage.toFixed(2);
    terminal.stderr.write(`Code coverage threshold not met: got ${got} instead of ${threshold.toFixed(2)}\n`);
    if (flags.verbose === true) writeLines(terminal.stderr, ["Lines not covered:", ...openRows(report)].join("\n"));
    return notPassed;
  }
  terminal.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  return 0;
}

/** The rows that no test has covered, by file. */
function openRows({ files }: CoverageReport): readonly string[] {
  return Object.entries(files).flatMap(([file, { not_covered: open = [] }]) => {
    const spans: [number, number][] = [];
    for (const { start, end } of open) {
      const last = spans.at(-1);
      if (last !== undefined && start.row <= last[1] + 1) last[1] = Math.max(last[1], end.row);
      else spans.push([start.row, end.row]);
    }
    return spans.map(([from, to]) => `\t${file}:${from === to ? from : `${from}-${to}`}`);
  });
}

/** Runs a test that failed once more, to see where. */
function traces(
  policies: Policies,
  tests: readonly TestRule[],
  options: QueryOptions,
): (result: TestResult) => readonly string[] {
  return ({ name }) => {
    const buffer = new TraceBuffer();
    const test = tests.filter((each) => each.name === name);
    policies.test({ ...options, stackTraces: false, tracer: buffer }, test);
    return formatTrace(failuresOf(buffer.events)).trimEnd().split("\n");
  };
}

const rule = "-".repeat(80);

/** What became of tests as `opa test` prints it; of those that failed, where, if `traceOf` tells. */
function testReport(
  results: readonly TestResult[],
  isVerbose: boolean,
  traceOf?: (result: TestResult) => readonly string[],
): string {
  const shown = results.filter(({ status }) => isVerbose || status !== "pass");
  let text = "";
  let lastFile: string | undefined;
  for (const result of shown) {
    const { location, cases = [], printed, error } = result;
    if (lastFile !== undefined && lastFile !== location.path) text += "\n";
    lastFile = location.path;
    text += `${location.path}:${location.row}:\n${headline(result)}\n${caseLines(cases, isVerbose, "  ")}`;
    if (printed !== "") text += `\n${indented(printed.trim().split("\n"))}\n`;
    if (error !== undefined) text += errorLines(error);
  }
  const failures = results.filter(({ status }) => status === "fail");
  if (traceOf !== undefined && failures.length > 0) {
    text += `${rule}\nFAILURES\n${rule}\n`;
    for (const result of failures) {
      text += `${headline(result)}\n\n${indented(traceOf(result))}\n`;
      text += failedCases(result.cases ?? [], "  ");
    }
  }
  if (shown.length > 0) text += `${rule}\n`;
  return text + totals(results);
}

function headline({ name, status, milliseconds }: TestResult): string {
  if (status === "skip") return `${name}: SKIPPED`;
  return `${name}: ${status.toUpperCase()} (${goDuration(milliseconds * 1e6)})`;
}

function indented(lines: readonly string[], indent = "  "): string {
  return lines.map((line) => `${indent}${line}\n`).join("");
}

function caseLines(cases: readonly TestCase[], withPassed: boolean, indent: string): string {
  return cases
    .map(({ name, status, cases: further }) => {
      const line = withPassed || status === "fail" ? `${indent}${name}: ${status.toUpperCase()}\n` : "";
      return line + caseLines(further, withPassed, `${indent}  `);
    })
    .join("");
}

/** Each case that failed with the names that lead to it. */
function failedCases(cases: readonly TestCase[], indent: string): string {
  return cases
    .filter(({ status }) => status === "fail")
    .map(({ name, cases: further }) => `${indent}${name}: FAIL\n${failedCases(further, `${indent}  `)}`)
    .join("\n");
}

function errorLines(error: RegoError): string {
  const [issue] = error.errors;
  const stack = issue?.stack ?? [];
  const traceback = stack.length === 0 ? "" : `  Traceback:\n${indented(stack.map(frameLine), "    ")}`;
  return indented(error.errors.map(issueText)) + traceback;
}

function totals(results: readonly TestResult[]): string {
  const outcomes = results.flatMap(({ status, cases = [] }): readonly TestResult["status"][] =>
    cases.length === 0 || status === "error" ? [status] : leafStatuses(cases),
  );
  const words = [
    ["PASS", "pass"],
    ["FAIL", "fail"],
    ["SKIPPED", "skip"],
    ["ERROR", "error"],
  ] as const;
  return words
    .map(([word, status]) => [word, outcomes.filter((each) => each === status).length] as const)
    .map(([word, count]) => (count === 0 ? "" : `${word}: ${count}/${outcomes.length}\n`))
    .join("");
}

function leafStatuses(cases: readonly TestCase[]): readonly TestCase["status"][] {
  return cases.flatMap(({ status, cases: further }) => (further.length === 0 ? [status] : leafStatuses(further)));
}

/** A result as `opa test --format json` writes it; what was printed stands in base64. */
function resultObject(result: TestResult): object {
  const { name, package: packageName, location, status, error, milliseconds, printed, cases = [] } = result;
  const [issue] = error?.errors ?? [];
  return {
    location: placeObject(location),
    package: packageName,
    name: name.slice(packageName.length + 1),
    ...(status === "fail" ? { fail: true } : {}),
    ...(issue === undefined
      ? {}
      : {
          error: {
            code: issue.code,
            message: issue.message,
            ...(issue.location === undefined ? {} : { location: placeObject(issue.location) }),
            ...(issue.stack === undefined
              ? {}
              : {
                  stack_trace: issue.stack.map((frame) => ({
                    query_id: frame.query,
                    location: placeObject(frame.location),
                  })),
                }),
          },
        }),
    ...(status === "skip" ? { skip: true } : {}),
    duration: Math.round(milliseconds * 1e6),
    ...(printed === "" ? {} : { output: Buffer.from(printed).toString("base64") }),
    ...(cases.length === 0 ? {} : { sub_results: caseObjects(cases) }),
  };
}

function caseObjects(cases: readonly TestCase[]): object {
  return Object.fromEntries(
    cases.map(({ name, status, cases: further }) => [
      name,
      {
        name,
        ...(status === "fail" ? { fail: true } : {}),
        ...(further.length === 0 ? {} : { sub_results: caseObjects(further) }),
      },
    ]),
  );
}
