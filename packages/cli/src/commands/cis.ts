import { readFile, readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { Command } from "commander";
import {
  BenchmarkError,
  benchmarkFindings,
  chooseBenchmark,
  detectKubernetesVersion,
  exitCodeOf,
  kubeBenchAsff,
  kubeBenchControls,
  kubeBenchJson,
  kubeBenchJUnit,
  kubeBenchText,
  listedIds,
  ownBenchmarks,
  readBenchmarkFolder,
  readSnapshot,
  recordFacts,
  recordNode,
  rootfsFacts,
  runBenchmark,
  snapshotFacts,
  targetName,
} from "@plimsoll/cis";
import type { BenchmarkFile, BenchmarkFolder, BenchmarkResult, NodeFacts } from "@plimsoll/cis";
import { imageTree } from "@plimsoll/image";
import { directoryTree, hostFacts } from "@plimsoll/node";
import type { Report } from "@plimsoll/model";
import { imageSource } from "plimsoll";
import { findingFormats, findingReport, renderFindingReport } from "../finding-report.ts";
import { exitCodes, UsageError } from "../command-line.ts";
import type { Terminal } from "../command-line.ts";
import { askedCompliance, withComplianceOptions } from "../compliance.ts";
import type { ComplianceFlags } from "../compliance.ts";
import * as values from "../option-values.ts";
import { writeOutput } from "../output.ts";
import { formatFileHelp, outputTargets, writeTargets } from "../output-targets.ts";
import { reportTarget } from "../report-format.ts";
import { readText } from "../read-text.ts";
import { registryOf, withRegistryOptions } from "../registry-flags.ts";
import type { RegistryFlags } from "../registry-flags.ts";
import { examples } from "./examples.ts";

/** kube-bench's own formats; every other is that of our reports. */
const ownFormats = ["text", "kube-bench-json", "junit", "asff"] as const;
type OwnFormat = (typeof ownFormats)[number];
const formats = ["text", ...ownFormats.slice(1), ...findingFormats.filter((name) => !isOwn(name))] as const;

function isOwn(format: string): format is OwnFormat {
  return ownFormats.some((name) => name === format);
}

/** Adds `cis run` and `cis snapshot`: CIS benchmarks over facts about a node. */
export function addCisCommands(program: Command, terminal: Terminal, finish: (code: number) => void): void {
  const cis = program
    .command("cis")
    .description(
      "Checks a node by a CIS benchmark: kube-bench's files unchanged, or built-in benchmarks. No shell is run.",
    )
    .addHelpText(
      "after",
      examples("plimsoll cis run --targets master,etcd", "plimsoll cis snapshot --output node.json"),
    );

  withComplianceOptions(withRegistryOptions(cis.command("run", { isDefault: true })))
    .summary("check a node by a benchmark")
    .description(
      "Checks a node by a CIS benchmark. Without --config-dir a built-in one is used: Kubernetes 1.29 to 1.34 and Docker. Without --targets every component that runs on the node is checked. Checks whose facts are not known are WARN with the reason, never PASS.",
    )
    .option("--benchmark <id>", "benchmark to run, such as cis-1.11 or docker-cis-1.6")
    .option("--kubernetes-version <version>", "choose the benchmark by a version, such as 1.31 or v1.27.6+k3s1")
    .option("-s, --targets <list>", "master, node (or worker), etcd, controlplane, policies, managedservices")
    .option("--facts <source>", "host, rootfs:DIR, image:REFERENCE or snapshot:FILE", "host")
    .option("-D, --config-dir <dir>", "folder of benchmarks as kube-bench's cfg")
    .option("-c, --check <list>", "only these checks, such as 1.1.1,1.1.2")
    .option("-g, --group <list>", "only the checks of these groups, such as 1.1")
    .option("--skip <list>", "checks and groups to report as skipped")
    .option("--scored [boolean]", "run the scored checks", onOff, true)
    .option("--unscored [boolean]", "run the checks that are not scored", onOff, true)
    .option(
      "--format <format>",
      `one of ${formats.join(", ")} (default: text); json is our report, kube-bench-json that of kube-bench; ${formatFileHelp}`,
      values.repeated,
    )
    .option("--json", "the same as --format kube-bench-json")
    .option("--junit", "the same as --format junit")
    .option("--asff", "the same as --format asff: findings are printed, and sent nowhere")
    .option("--include-non-failures", "in our formats, also list the checks that passed")
    .option("--noresults", "leave the results out of the text")
    .option("--nosummary", "leave the summaries out of the text")
    .option("--noremediations", "leave the remediations out of the text")
    .option("--nototals", "leave the totals out")
    .option("--include-test-output", "show the output that failed checks evaluated")
    .option("--exit-code <n>", "exit code when a check failed", values.exitCode)
    .option("--output <file>", "write the result to a file")
    .option("--outputfile <file>", "kube-bench's name of --output")
    .addHelpText(
      "after",
      examples(
        "plimsoll cis run --targets master,etcd",
        "plimsoll cis run --facts rootfs:/mnt/node --kubernetes-version 1.31 --exit-code 1",
        "plimsoll cis run --facts image:kindest/node:v1.31.0 --targets node",
        "plimsoll cis run --facts snapshot:node.json --config-dir kube-bench/cfg --benchmark cis-1.11 --format junit",
      ),
    )
    .action(async (flags: RunFlags) => {
      finish(await withFacts(flags, terminal, (facts) => judge(facts, flags, terminal)));
    });

  withRegistryOptions(cis.command("snapshot"))
    .summary("write the facts that benchmarks need about this node to a file")
    .description(
      "Writes facts about a node to a file that cis run --facts snapshot:FILE can check elsewhere: processes, modes and owners of files, configuration files. Private keys, tokens and passwords are left out.",
    )
    .option("--facts <source>", "host, rootfs:DIR or image:REFERENCE", "host")
    .option("-D, --config-dir <dir>", "also record the facts that these benchmarks need")
    .option("--output <file>", "file to write (default: stdout)")
    .addHelpText("after", examples("plimsoll cis snapshot --output node.json"))
    .action(async (flags: SnapshotFlags) => {
      await withFacts(flags, terminal, (facts) => record(facts, flags, terminal));
      finish(exitCodes.done);
    });
}

/** Runs a benchmark and writes what it says; gives the exit code. */
async function judge(facts: NodeFacts, flags: RunFlags, terminal: Terminal): Promise<number> {
  const output = flags.output ?? flags.outputfile;
  const asked = askedCompliance({ ...flags, output: output === undefined ? undefined : [output] });
  const targets = asked === undefined ? outputTargets(formats, { format: formatsOf(flags), output }, reportTarget) : [];
  const folder = flags.configDir === undefined ? ownBenchmarks() : await benchmarksIn(flags.configDir);
  const { benchmark, kubernetesVersion } = flags;
  if (benchmark !== undefined && kubernetesVersion !== undefined)
    throw new UsageError("--benchmark and --kubernetes-version cannot both be given");
  const detected = await detectKubernetesVersion(facts);
  if (benchmark === undefined && kubernetesVersion === undefined && detected === undefined)
    throw new UsageError(
      `no manifest of a control plane says which version of Kubernetes this is; give --kubernetes-version, or --benchmark: ${folder.ids.join(", ")}`,
    );
  const chosen = await asUsage(async () => chooseBenchmark(folder, { benchmark, kubernetesVersion, detected }));
  const roles = flags.targets === undefined ? undefined : listedIds(flags.targets).map(targetName);
  const result = await asUsage(() =>
    runBenchmark(facts, {
      benchmark: folder.benchmark(chosen.id),
      targets: roles,
      checks: listedIds(flags.check ?? ""),
      groups: listedIds(flags.group ?? ""),
      skip: listedIds(flags.skip ?? ""),
      scored: flags.scored,
      unscored: flags.unscored,
      signal: terminal.signal,
    }),
  );
  const node = facts.hostname ?? facts.origin;
  const report = (includePassed: boolean | undefined): Report =>
    findingReport({ name: node, kind: "node" }, benchmarkFindings(result, { node, includePassed }));
  if (asked !== undefined) return asked.write([report(true)], terminal);
  await writeTargets(
    targets,
    ({ format }) =>
      isOwn(format)
        ? [rendered(result, format, chosen.because, flags, terminal)]
        : renderFindingReport(report(flags.includeNonFailures), format, terminal),
    terminal,
  );
  return exitCodeOf(result, flags.exitCode ?? exitCodes.done);
}

async function record(node: NodeFacts, flags: SnapshotFlags, terminal: Terminal): Promise<void> {
  const recording = recordFacts(node);
  const folders = [ownBenchmarks(), ...(flags.configDir === undefined ? [] : [await benchmarksIn(flags.configDir)])];
  await recordNode(recording.facts, folders, terminal.signal);
  await writeOutput([JSON.stringify(recording.snapshot(), null, 1), "\n"], flags.output, terminal);
}

interface SnapshotFlags extends RegistryFlags {
  readonly facts: string;
  readonly configDir?: string;
  readonly output?: string;
}

interface RunFlags extends RegistryFlags, ComplianceFlags {
  readonly benchmark?: string;
  readonly kubernetesVersion?: string;
  readonly targets?: string;
  readonly facts: string;
  readonly configDir?: string;
  readonly check?: string;
  readonly group?: string;
  readonly skip?: string;
  readonly scored: boolean;
  readonly unscored: boolean;
  readonly format?: readonly string[];
  readonly json?: boolean;
  readonly junit?: boolean;
  readonly asff?: boolean;
  readonly includeNonFailures?: boolean;
  readonly noresults?: boolean;
  readonly nosummary?: boolean;
  readonly noremediations?: boolean;
  readonly nototals?: boolean;
  readonly includeTestOutput?: boolean;
  readonly exitCode?: number;
  readonly output?: string;
  readonly outputfile?: string;
}

function onOff(text: string): boolean {
  if (text === "true" || text === "false") return text === "true";
  throw new UsageError(`"${text}" is neither true nor false`);
}

function formatsOf({ json, junit, asff, format = ["text"] }: RunFlags): readonly string[] {
  if (json === true) return ["kube-bench-json"];
  if (junit === true) return ["junit"];
  if (asff === true) return ["asff"];
  return format;
}

/** What a benchmark refuses is a mistake of the command line. */
async function asUsage<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BenchmarkError) throw new UsageError(error.message);
    throw error;
  }
}

/** Gives the facts that are named; an image is open for as long as they are used. */
async function withFacts<T>(
  flags: RegistryFlags & { readonly facts: string },
  terminal: Terminal,
  use: (facts: NodeFacts) => Promise<T>,
): Promise<T> {
  const { facts: source } = flags;
  const colon = source.indexOf(":");
  const [kind, rest] = colon === -1 ? [source, ""] : [source.slice(0, colon), source.slice(colon + 1)];
  if (source === "host") return use(hostFacts());
  if (rest === "" || !["rootfs", "image", "snapshot"].includes(kind))
    throw new UsageError(`--facts: "${source}" is none of host, rootfs:DIR, image:REFERENCE, snapshot:FILE`);
  if (kind === "snapshot") return use(await asUsage(async () => snapshotFacts(readSnapshot(readText(rest), rest))));
  if (kind === "rootfs") {
    const tree = directoryTree(rest);
    if ((await tree.stat("/"))?.type !== "directory") throw new UsageError(`--facts: ${rest} is no folder`);
    return use(rootfsFacts(tree, { origin: source }));
  }
  const { signal } = terminal;
  const image = await imageSource(rest, { registry: registryOf(flags, terminal) }).open({ signal });
  try {
    return await use(rootfsFacts(await imageTree(image, { signal }), { origin: source }));
  } finally {
    await image.close?.();
  }
}

/** The most bytes of a file of a benchmark. */
const maxFileBytes = 8 << 20;

async function benchmarksIn(folder: string): Promise<BenchmarkFolder> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: BenchmarkFile[] = [];
  for (const entry of entries) {
    if (!entry.isFile() || !entry.name.endsWith(".yaml")) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    if (bytes.byteLength > maxFileBytes) throw new UsageError(`${path} is larger than ${maxFileBytes} bytes`);
    files.push({ path: relative(folder, path).split(sep).join("/"), text: bytes.toString("utf8") });
  }
  return asUsage(async () => readBenchmarkFolder(files));
}

function rendered(
  result: BenchmarkResult,
  format: OwnFormat,
  because: string,
  flags: RunFlags,
  terminal: Terminal,
): string {
  const controls = kubeBenchControls(result, because);
  switch (format) {
    case "kube-bench-json":
      return `${kubeBenchJson(controls, { totals: flags.nototals !== true })}\n`;
    case "junit":
      return kubeBenchJUnit(controls);
    case "asff": {
      const named = (name: string): string => {
        const value = terminal.env[name];
        if (value === undefined || value === "") throw new UsageError(`--asff: the variable ${name} is not set`);
        return value;
      };
      const findings = kubeBenchAsff(controls, {
        account: named("AWS_ACCOUNT"),
        cluster: named("CLUSTER_ARN"),
        region: named("AWS_REGION"),
        nodeName: terminal.env["NODE_NAME"],
        time: terminal.now(),
      });
      return `${JSON.stringify(findings, null, 2)}\n`;
    }
    default:
      return kubeBenchText(controls, {
        noResults: flags.noresults,
        noSummary: flags.nosummary,
        noRemediations: flags.noremediations,
        noTotals: flags.nototals,
        includeTestOutput: flags.includeTestOutput,
      });
  }
}
