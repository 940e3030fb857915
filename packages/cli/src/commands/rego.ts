import type { Command } from "commander";
import { formatDependencies, profileOrders, resultFormats } from "@plimsoll/rego";
import { oneOf, UsageError, type Terminal } from "../command-line.ts";
import { compilePaths, type CompileFlags } from "../rego/compile-loaded.ts";
import { evaluate, explainModes, type EvalFlags } from "../rego/evaluate.ts";
import { runTests, type TestFlags } from "../rego/run-tests.ts";
import { mostErrors, tellingErrors } from "../rego/told-errors.ts";
import { examples } from "./examples.ts";

interface CheckFlags extends CompileFlags {
  readonly format: string;
  readonly maxErrors: string;
  readonly ignore?: readonly string[];
}

interface DependencyFlags extends CompileFlags {
  readonly data?: readonly string[];
  readonly ignore?: readonly string[];
  readonly format: string;
}

const ignoreText = "leave out files and directories of these names or paths, such as *.yaml";
const schemaText = "JSON Schema of the input, or a directory of those that METADATA blocks name";
const dataText = "a Rego, JSON or YAML file, or a directory of them; a.b:PATH puts it under data.a.b; repeatable";

/** Adds `rego eval`, `rego test`, `rego check` and `rego deps`. */
export function addRegoCommands(program: Command, terminal: Terminal, finish: (code: number) => void): void {
  const rego = program
    .command("rego")
    .addHelpText("after", examples("plimsoll rego eval --data policy.rego --input input.json data.example.deny"));

  rego
    .command("eval")
    .summary("evaluate a query")
    .argument("[query]", "such as data.example.deny")
    .option("-d, --data <path>", dataText, listed)
    .option("-i, --input <file>", "the document input, JSON or YAML")
    .option("-I, --stdin-input", "read the document input from standard input")
    .option("--stdin", "read the query from standard input")
    .option("--package <path>", "the package in which the query is resolved, such as example")
    .option("--import <path>", "imports of the query, such as 'data.example as e'; repeatable", listed)
    .option("-f, --format <format>", resultFormats.join(", "), "json")
    .option("--ignore <globs>", ignoreText, listedByComma)
    .option("--fail", "exit code 1 when the query is undefined")
    .option("--fail-defined", "exit code 1 when it is defined")
    .option("--strict-builtin-errors", "errors of built-in functions end the evaluation")
    .option("--show-builtin-errors", "report errors of built-in functions, which do not end the evaluation")
    .option("-S, --strict", "also refuse unused imports, variables and arguments")
    .option("-s, --schema <path>", schemaText)
    .option(
      "--explain <mode>",
      `trace which rules were entered and which expressions were true or failed: ${explainModes.join(", ")}`,
      "off",
    ) // prettier-ignore
    .option("--coverage", "report which rules and expressions were evaluated")
    .option("--metrics", "report how long reading, compiling and evaluating took")
    .option("--profile", "report how long expressions took")
    .option("--profile-limit <number>", "how many of them, 0 for all (default: 10)")
    .option("--profile-sort <order>", `what they are ordered by: ${profileOrders.join(", ")}; repeatable`, listed)
    .option("--timeout <duration>", "how long the evaluation may take, such as 30s (default: 5s)")
    .option("-p, --partial", "refused: queries are evaluated whole")
    .option("--v0-compatible", "read modules as Rego v0")
    .addHelpText(
      "after",
      examples(
        "plimsoll rego eval --format pretty 'count([1, 2, 3])'",
        "plimsoll rego eval --data policies/ --input input.json --package example --explain fails deny",
      ),
    )
    .action((query: string | undefined, flags: EvalFlags) => finish(evaluate(query, flags, terminal)));

  rego
    .command("test")
    .summary("run the rules whose names begin with test_")
    .argument("<path...>", "Rego, JSON and YAML files, or directories of them")
    .option("-v, --verbose", "also those that passed, and where those that did not failed")
    .option("-r, --run <pattern>", "only tests whose names match a regular expression")
    .option("--ignore <globs>", ignoreText, listedByComma)
    .option("-f, --format <format>", "pretty or json", "pretty")
    .option("-c, --coverage", "write in JSON which rules and expressions the tests evaluated")
    .option("--threshold <percent>", "the same, and exit code 2 when less than this is covered")
    .option("--timeout <duration>", "how long a test may take, such as 30s (default: 5s)")
    .option("-z, --exit-zero-on-skipped", "exit code 0 although tests were skipped")
    .option("--fail-on-empty", "exit code 1 when there are no tests")
    .option("-s, --schema <path>", schemaText)
    .option("-m, --max-errors <number>", "how many compile errors are printed", String(mostErrors))
    .option("--v0-compatible", "read modules as Rego v0")
    .addHelpText(
      "after",
      examples(
        "plimsoll rego test policies/",
        "plimsoll rego test --threshold 80 policies/",
        "plimsoll rego test checks/docker lib --ignore '*.yaml'",
      ),
    )
    .action((paths: string[], flags: TestFlags & { maxErrors: string }) => {
      const isJson = oneOf("--format", flags.format, ["pretty", "json"]) === "json";
      const report = { terminal, isJson: false, code: 1, most: errorCount(flags.maxErrors) };
      finish(tellingErrors(report, () => runTests(paths, flags, isJson, terminal)));
    });

  rego
    .command("check")
    .summary("list all errors in policies")
    .argument("<path...>", "Rego files, or directories of them")
    .option("-S, --strict", "also unused imports, variables and arguments")
    .option("-s, --schema <path>", schemaText)
    .option("-m, --max-errors <number>", "how many errors are printed", String(mostErrors))
    .option("--ignore <globs>", ignoreText, listedByComma)
    .option("-f, --format <format>", "pretty or json", "pretty")
    .option("--v0-compatible", "read modules as Rego v0")
    .addHelpText(
      "after",
      examples("plimsoll rego check --strict policies/", "plimsoll rego check --schema input.json policies/"),
    )
    .action((paths: string[], flags: CheckFlags) => {
      const isJson = oneOf("--format", flags.format, ["pretty", "json"]) === "json";
      // As `opa check`, errors go to stderr in each form.
      const report = { terminal, isJson, code: 1, most: errorCount(flags.maxErrors), jsonTo: terminal.stderr };
      finish(
        tellingErrors(report, () => {
          compilePaths(paths, flags, { ignored: flags.ignore, onlyPolicies: true }, { print: () => {} });
          return 0;
        }),
      );
    });

  rego
    .command("deps")
    .summary("the rules and documents that a query depends on")
    .argument("<query>", "such as data.example.deny")
    .option("-d, --data <path>", dataText, listed)
    .option("--ignore <globs>", ignoreText, listedByComma)
    .option("-f, --format <format>", "pretty or json", "pretty")
    .option("--v0-compatible", "read modules as Rego v0")
    .addHelpText("after", examples("plimsoll rego deps --data policies/ data.example.deny"))
    .action((query: string, flags: DependencyFlags) => {
      const format = oneOf("--format", flags.format, ["pretty", "json"]);
      finish(
        tellingErrors({ terminal, isJson: false, code: 1 }, () => {
          const { policies } = compilePaths(flags.data ?? [], flags, { ignored: flags.ignore });
          terminal.stdout.write(formatDependencies(policies.dependencies(query), format));
          return 0;
        }),
      );
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

function errorCount(text: string): number {
  const most = Number(text);
  if (!Number.isSafeInteger(most) || most < 1) throw new UsageError("--max-errors is a number from 1");
  return most;
}
