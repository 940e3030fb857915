import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { formatYaml } from "@plimsoll/formats";
import type { Report } from "@plimsoll/model";
import { pullPolicyFiles } from "@plimsoll/node";
import {
  comparePolicies,
  crossCheckSuites,
  expandObjects,
  isDenial,
  loadPolicies,
  readObjects,
  testObjects,
  verifySuites,
  violationFindings,
  type LoadOptions,
  type TestFailure,
  type TestViolation,
} from "@plimsoll/gatekeeper";
import { exitCodes, oneOf, UsageError } from "../command-line.ts";
import type { Terminal } from "../command-line.ts";
import { findingFormats, findingReport, renderFindingReport } from "../finding-report.ts";
import { listItems } from "../list-items.ts";
import * as values from "../option-values.ts";
import { writeOutput } from "../output.ts";
import { formatFileHelp, outputTargets, placed, writeTargets } from "../output-targets.ts";
import { readPolicyFiles } from "../read-policy-files.ts";
import { formatBench, measure } from "../policy/measure-policies.ts";
import {
  failureLine,
  formatCrossChecks,
  formatSuites,
  formatViolations,
  ignoredInSuite,
  lineOf,
  suiteFailed,
} from "../policy/policy-texts.ts";
import { reportTarget } from "../report-format.ts";
import { registryOf, withRegistryOptions } from "../registry-flags.ts";
import type { RegistryFlags } from "../registry-flags.ts";
import { examples } from "./examples.ts";

interface PolicyFlags extends RegistryFlags {
  readonly image: readonly string[];
  readonly crossCheck?: boolean;
  readonly policies: readonly string[];
  readonly add: readonly string[];
  readonly filename: readonly string[];
  readonly output?: string;
  readonly denyOnly?: boolean;
  readonly verbose?: boolean;
  readonly engine?: string;
  readonly run?: string;
  readonly format?: readonly string[];
  readonly outputfile?: string;
  readonly iterations?: string;
  readonly defaultK8sNativeValidationFailurePolicy?: string;
}

type Finish = (code: number) => void;

/** Adds `policy test|verify|expand|bench`: what gator does, with gator's inputs, outputs and exit codes. */
export function addPolicyCommands(program: Command, terminal: Terminal, finish: Finish): void {
  const policy = program
    .command("policy")
    .description("What gator does with Gatekeeper's templates, constraints, mutators and suites, without a cluster.")
    .addHelpText("after", examples("plimsoll policy test policies/ manifests/", "plimsoll policy verify policies/..."));
  addTest(policy, terminal, finish);
  addVerify(policy, terminal, finish);
  addExpand(policy, terminal, finish);
  addBench(policy, terminal, finish);
  addWhatIf(policy, terminal, finish);
}

const collect = (value: string, others: readonly string[]): readonly string[] => [...others, value];

function withInputs(command: Command): Command {
  return withRegistryOptions(command)
    .argument("[path...]", "files and folders of Kubernetes objects; - reads stdin")
    .option("-f, --filename <path>", "the same; may be repeated", collect, [])
    .option("--image <reference>", "OCI artifact that holds policies; may be repeated", collect, [])
    .option("--engine <engine>", "K8sNativeValidation or Rego, for templates that carry both")
    .option(
      "--default-k8s-native-validation-failure-policy <policy>",
      "Fail or Ignore, for CEL sources that state none (default: Fail)",
    );
}

function addTest(policy: Command, terminal: Terminal, finish: Finish): void {
  withInputs(policy.command("test"))
    .summary("evaluate objects by the policies among them")
    .description(
      "Evaluate every object by the templates and constraints among them, with all objects as the inventory. Exit code 1 when a constraint that denies is violated.",
    )
    .option("-o, --output <format>", "json or yaml (default: text)")
    .option("--deny-only", "only violations of constraints that deny")
    .option(
      "--format <format>",
      `a report of misconfigurations instead: one of ${findingFormats.join(", ")}; ${formatFileHelp}`,
      values.repeated,
    )
    .addHelpText(
      "after",
      examples(
        "plimsoll policy test policies/ manifests/",
        "kubectl get pods -A -o yaml | plimsoll policy test policies/ -",
      ),
    )
    .action(async (paths: readonly string[], flags: PolicyFlags) => {
      const format = ifGiven("--output", flags.output, ["json", "yaml"]);
      const targets = placed((flags.format ?? []).map(reportTarget), []);
      const objects = await objectsOf(paths, flags, terminal);
      if (objects.length === 0) throw new Error("no input data identified");
      const ignored: TestFailure[] = [];
      const violations = testObjects(objects, {
        ...loadOptions(flags, terminal),
        onIgnored: (each) => void ignored.push(each),
      });
      const shown = flags.denyOnly === true ? violations.filter(isDenial) : violations;
      if (targets.length === 0) await writeOutput([formatViolations(shown, format)], undefined, terminal);
      else {
        const report = violationReport(objects, { violations: shown, ignored }, paths, loadOptions(flags, terminal));
        await writeTargets(targets, (target) => renderFindingReport(report, target.format, terminal), terminal);
      }
      warnOfIgnored(ignored.map(failureLine), terminal);
      finish(violations.some(isDenial) ? exitCodes.failed : exitCodes.done);
    });
}

function addVerify(policy: Command, terminal: Terminal, finish: Finish): void {
  policy
    .command("verify")
    .summary("run suites of tests of policies")
    .description(
      "Run the Suites in files and folders; PATH/... takes the folders below, too. Exit code 1 when a test fails.",
    )
    .argument("<path...>", "files and folders that hold suites")
    .option("--run <filter>", "only tests and cases that match: regex, or test-regex//case-regex")
    .option("-v, --verbose", "print every test and case")
    .option(
      "--cross-check",
      "also compare the CEL and the Rego of templates on the cases' objects and variants of them, and list validations that none reaches",
    )
    .option("--engine <engine>", "K8sNativeValidation or Rego, for templates that carry both")
    .option(
      "--default-k8s-native-validation-failure-policy <policy>",
      "Fail or Ignore, for CEL sources that state none (default: Fail)",
    )
    .addHelpText(
      "after",
      examples(
        "plimsoll policy verify policies/...",
        "plimsoll policy verify suite.yaml --run 'required-labels//missing' -v",
        "plimsoll policy verify policies/... --cross-check",
      ),
    )
    .action(async (paths: readonly string[], flags: PolicyFlags) => {
      const files = Object.fromEntries(paths.flatMap((path) => readPolicyFiles(path, { below: path.endsWith("...") })));
      const suites = verifySuites(files, { ...loadOptions(flags, terminal), run: flags.run });
      if (suites.length === 0) throw new Error(`there is no suite in ${paths.join(", ")}`);
      const checks = flags.crossCheck === true ? crossCheckSuites(files) : [];
      await writeOutput(
        [formatSuites(suites, flags.verbose === true), ...formatCrossChecks(checks)],
        undefined,
        terminal,
      );
      warnOfIgnored(suites.flatMap(ignoredInSuite), terminal);
      const disagree = checks.some(({ disagreements }) => disagreements.length > 0);
      finish(disagree || suites.some(suiteFailed) ? exitCodes.failed : exitCodes.done);
    });
}

function addExpand(policy: Command, terminal: Terminal, finish: Finish): void {
  withInputs(policy.command("expand"))
    .summary("objects that generators will create")
    .description(
      "Show the objects that generators will create by the expansion templates among the objects, after their mutators.",
    )
    .option("--format <format>", `yaml or json (default: yaml); ${formatFileHelp}`, values.repeated)
    .option("--outputfile <file>", "write the objects to a file")
    .addHelpText("after", examples("plimsoll policy expand expansions/ deployment.yaml"))
    .action(async (paths: readonly string[], flags: PolicyFlags) => {
      const targets = outputTargets(["yaml", "json"], { format: flags.format, output: flags.outputfile });
      const objects = await objectsOf(paths, flags, terminal);
      if (objects.length === 0) throw new Error("no input data identified");
      const ignored: TestFailure[] = [];
      const expanded = expandObjects(objects, {
        ...loadOptions(flags, terminal),
        onIgnored: (each) => void ignored.push(each),
      });
      await writeTargets(
        targets,
        ({ format }) => [
          format === "json" ? `${JSON.stringify(expanded, undefined, 4)}\n` : expanded.map(formatYaml).join("---\n"),
        ],
        terminal,
      );
      warnOfIgnored(ignored.map(failureLine), terminal);
      finish(exitCodes.done);
    });
}

function addBench(policy: Command, terminal: Terminal, finish: Finish): void {
  withInputs(policy.command("bench"))
    .summary("measure how long policies take")
    .description(
      "Evaluate the objects repeatedly by the policies among them, and print how long loading and a review take.",
    )
    .option("--iterations <n>", "how often all objects are evaluated", "100")
    .option("-o, --output <format>", "table or json", "table")
    .addHelpText("after", examples("plimsoll policy bench policies/ manifests/ --iterations 1000"))
    .action(async (paths: readonly string[], flags: PolicyFlags) => {
      const format = oneOf("--output", flags.output ?? "table", ["table", "json"]);
      const iterations = Number(flags.iterations);
      if (!Number.isInteger(iterations) || iterations < 1)
        throw new UsageError("--iterations takes a whole number above 0");
      const objects = await objectsOf(paths, flags, terminal);
      if (objects.length === 0) throw new Error("no input data identified");
      await writeOutput(
        [formatBench(measure(objects, iterations, loadOptions(flags, terminal)), format)],
        undefined,
        terminal,
      );
      finish(exitCodes.done);
    });
}

type Objects = readonly Readonly<Record<string, unknown>>[];

async function objectsOf(
  paths: readonly string[],
  flags: Pick<PolicyFlags, "filename" | "image" | keyof RegistryFlags>,
  terminal: Terminal,
): Promise<Objects> {
  const pulled: Objects[] = [];
  for (const reference of flags.image) {
    const files = await pullPolicyFiles(reference, { registry: registryOf(flags, terminal), signal: terminal.signal });
    for (const [path, text] of files) if (!path.endsWith(".rego")) pulled.push(objectsIn(text, `${reference}:${path}`));
  }
  return [...[...paths, ...flags.filename].flatMap(readPath), ...pulled.flat()];
}

function readPath(path: string): Objects {
  return path === "-"
    ? objectsIn(readFileSync(0, "utf8"), "stdin")
    : readPolicyFiles(path, { below: true }).flatMap(([file, text]) => objectsIn(text, file));
}

function objectsIn(text: string, path: string): Objects {
  return readObjects(text, path).flatMap((object) => listItems(object, path));
}

function violationReport(
  objects: Objects,
  { violations, ignored }: { readonly violations: readonly TestViolation[]; readonly ignored: readonly TestFailure[] },
  paths: readonly string[],
  options: LoadOptions,
): Report {
  const policies = loadPolicies(objects, options);
  const misconfigurations = violationFindings(policies, [
    ...violations.map((violation) => ({ object: violation.object, violations: [violation], ignored: [] })),
    ...ignored.map((failure) => ({ object: failure.object, violations: [], ignored: [failure] })),
  ]);
  const gaps = misconfigurations
    .filter(({ status }) => status === "unknown")
    .map(
      ({ title, message }) =>
        ({ scanner: "misconfig", code: "check-failed", message: `${title}: ${message}` }) as const,
    );
  return findingReport({ name: paths.join(", ") || "stdin", kind: "cluster" }, { misconfigurations, gaps });
}

/** Adds `policy what-if`: what policies would break that are not in force yet. */
function addWhatIf(policy: Command, terminal: Terminal, finish: Finish): void {
  policy
    .command("what-if")
    .summary("what new policies would refuse")
    .description(
      "Evaluate objects by the policies that are in force, and by the same with others added or replaced, and list the violations that are added and removed. Exit code 1 when a new one denies.",
    )
    .argument("<path...>", "files and folders of stored objects; - reads stdin")
    .option("-p, --policies <path>", "policies that are in force; may be repeated", collect, [])
    .option("--add <path>", "policies to add; one of the same kind and name takes the place of the other", collect, [])
    .option("-o, --output <format>", "json (default: text)")
    .addHelpText(
      "after",
      examples("plimsoll policy what-if cluster-dump/ --policies policies/ --add new-constraint.yaml"),
    )
    .action(async (paths: readonly string[], flags: PolicyFlags) => {
      const format = ifGiven("--output", flags.output, ["json"]);
      if (flags.add.length === 0) throw new UsageError("--add: there is nothing to try");
      const before = flags.policies.flatMap(readPath);
      const added = flags.add.flatMap(readPath);
      const taken = new Set(added.map(keyOf));
      const after = [...before.filter((each) => !taken.has(keyOf(each))), ...added];
      const [problem] = loadPolicies(after).problems;
      if (problem !== undefined) throw new Error(`${problem.kind} "${problem.name}": ${problem.message}`);
      const compared = comparePolicies(before, after, paths.flatMap(readPath), { clock: clockOf(terminal) });
      const text =
        format === "json"
          ? `${JSON.stringify(compared, undefined, 2)}\n`
          : [
              ...compared.added.map((each) => `+ ${lineOf(each)}`),
              ...compared.removed.map((each) => `- ${lineOf(each)}`),
              `${compared.added.length} more, ${compared.removed.length} less, ${compared.same} as before\n`,
            ].join("");
      await writeOutput([text], undefined, terminal);
      warnOfIgnored(
        compared.ignored.map((each) => `${each.of} the change, ${failureLine(each)}`),
        terminal,
      );
      finish(compared.added.some(isDenial) ? exitCodes.failed : exitCodes.done);
    });
}

function keyOf(object: Readonly<Record<string, unknown>>): string {
  const { name = "" } = (object["metadata"] ?? {}) as { readonly name?: string }; // as: what else it holds is not asked
  return JSON.stringify([object["apiVersion"], object["kind"], name]);
}

/** How many failures are reported one by one. */
const mostWarnings = 10;

/** Where failing does not mean refusing, what is not said must not look like leave. */
function warnOfIgnored(failures: readonly string[], terminal: Terminal): void {
  for (const each of failures.slice(0, mostWarnings)) terminal.stderr.write(`warning: ${each}\n`);
  if (failures.length > mostWarnings) terminal.stderr.write(`warning: … and ${failures.length - mostWarnings} more\n`);
}

function loadOptions(flags: PolicyFlags, terminal: Terminal): LoadOptions {
  const engine = ifGiven("--engine", flags.engine, ["K8sNativeValidation", "Rego"]);
  const failurePolicy = ifGiven(
    "--default-k8s-native-validation-failure-policy",
    flags.defaultK8sNativeValidationFailurePolicy,
    ["Fail", "Ignore"],
  );
  return { engine, defaultFailurePolicy: failurePolicy, clock: clockOf(terminal) };
}

/** The clock for templates that ask for the time, in milliseconds. */
function clockOf(terminal: Terminal): () => number {
  return () => Date.parse(terminal.now());
}

function ifGiven<const T extends string>(flag: string, value: string | undefined, known: readonly T[]): T | undefined {
  return value === undefined ? undefined : oneOf(flag, value, known);
}
