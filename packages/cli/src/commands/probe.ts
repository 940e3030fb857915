import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { parseYamlDocuments } from "@plimsoll/formats";
import { kubernetesObjects } from "@plimsoll/kubernetes";
import { endpointConnection } from "@plimsoll/node";
import {
  kubeHunterReport,
  knownExposures,
  parseTargets,
  predictExposure,
  probe,
  probeFindings,
} from "@plimsoll/probes";
import type { ClusterConfiguration, Exposure, ProbeReport } from "@plimsoll/probes";
import { findingFormats, findingReport, renderFindingReport } from "../finding-report.ts";
import { exitCodes, UsageError } from "../command-line.ts";
import type { Terminal } from "../command-line.ts";
import * as values from "../option-values.ts";
import { writeOutput } from "../output.ts";
import { formatFileHelp, outputTargets, writeTargets } from "../output-targets.ts";
import { reportTarget } from "../report-format.ts";
import { readText } from "../read-text.ts";
import { examples } from "./examples.ts";

const formats = ["text", "kube-hunter-json", ...findingFormats] as const;

/** Adds `probe`: exposures of a cluster's endpoints. */
export function addProbeCommand(program: Command, terminal: Terminal, finish: (code: number) => void): void {
  program
    .command("probe")
    .description(
      "Probes hosts that you name for what they expose without a credential, or with --token: API servers, kubelets, etcd, kubectl proxy, dashboards, certificates. Nothing is changed, and no other hosts are contacted. With --predict the same is predicted from files, without network access. Probe only what is yours.",
    )
    .argument("[targets...]", "hosts, host:port, or a range such as 10.0.0.0/24 with --i-own-this")
    .option("--i-own-this", "say that ranges of addresses are your own")
    .option("--token <file>", "bearer token to send, over TLS only")
    .option("--predict <dir>", "predict from manifests, kubelet configurations and roles in a folder or file")
    .option("--cloud-metadata", "also probe the cloud's metadata service, from inside of it")
    .option("--include-patched-versions", "also report vulnerabilities of vendors' versions, which may be patched")
    .option("--network-timeout <seconds>", "for one request", seconds)
    .option("--concurrency <n>", "ports that are probed at a time", positive)
    .option("--list", "list the known exposures, and probe nothing")
    .option("--format <format>", `one of ${formats.join(", ")} (default: text); ${formatFileHelp}`, values.repeated)
    .option("--exit-code <n>", "exit code when something was found", values.exitCode)
    .option("--output <file>", "write the result to a file")
    .addHelpText(
      "after",
      examples(
        "plimsoll probe 10.0.0.10 node-1:10250",
        "plimsoll probe --predict ./cluster-dump",
        "plimsoll probe 10.0.0.10 --token token.txt --format kube-hunter-json",
      ),
    )
    .action(async (targets: readonly string[], flags: ProbeFlags) => {
      const outputs = outputTargets(formats, flags, reportTarget);
      if (flags.list === true) {
        const lines = [...knownExposures.values()].map(
          ({ id, severity, title }) => `${id}  ${severity.padEnd(6)}  ${title}\n`,
        );
        await writeOutput(lines, flags.output, terminal);
        finish(exitCodes.done);
        return;
      }
      const report = await probed(targets, flags, terminal);
      await writeTargets(outputs, ({ format }) => rendered(report, format, targets, terminal), terminal);
      finish(report.exposures.length > 0 ? (flags.exitCode ?? exitCodes.done) : exitCodes.done);
    });
}

interface ProbeFlags {
  readonly iOwnThis?: boolean;
  readonly token?: string;
  readonly predict?: string;
  readonly cloudMetadata?: boolean;
  readonly includePatchedVersions?: boolean;
  readonly networkTimeout?: number;
  readonly concurrency?: number;
  readonly list?: boolean;
  readonly format?: readonly string[];
  readonly exitCode?: number;
  readonly output?: string;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value <= 0) throw new UsageError(`"${text}" is no positive number`);
  return value;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 3600)) throw new UsageError(`"${text}" is no number of seconds`);
  return Math.ceil(value * 1000);
}

async function probed(targets: readonly string[], flags: ProbeFlags, terminal: Terminal): Promise<ProbeReport> {
  if (targets.length === 0 && flags.predict === undefined && flags.cloudMetadata !== true)
    throw new UsageError("name a host, or a folder with --predict");
  const predicted: readonly Exposure[] =
    flags.predict === undefined
      ? []
      : predictExposure({
          ...(await configurationIn(flags.predict)),
          includePatched: flags.includePatchedVersions === true,
        });
  if (targets.length === 0 && flags.cloudMetadata !== true)
    return { exposures: predicted, services: [], unanswered: [], asked: 0 };
  const parsed = targets.flatMap((text) => {
    try {
      return parseTargets(text, { ranges: flags.iOwnThis });
    } catch (error) {
      throw new UsageError(error instanceof Error ? error.message : text);
    }
  });
  const report = await probe({
    targets: parsed,
    ...endpointConnection(),
    token: flags.token === undefined ? undefined : readText(flags.token).trim(),
    cloudMetadata: flags.cloudMetadata,
    includePatched: flags.includePatchedVersions,
    requestTimeout: flags.networkTimeout,
    endpointTimeout: flags.networkTimeout === undefined ? undefined : Math.max(4_500, flags.networkTimeout),
    concurrency: flags.concurrency,
    signal: terminal.signal,
  });
  return { ...report, exposures: [...predicted, ...report.exposures] };
}

const maxFiles = 20_000;
const maxFileBytes = 16 << 20;

/** Kubelet configurations, command lines of static pods, and objects in the YAML and JSON files of a folder. */
async function configurationIn(path: string): Promise<ClusterConfiguration> {
  const objects: unknown[] = [];
  const kubelets: { name: string; configuration: unknown }[] = [];
  const servers: { name: string; arguments: readonly string[] }[] = [];
  for (const file of await filesIn(path)) {
    for (const { value } of parseYamlDocuments(readText(file)).documents) {
      for (const object of kubernetesObjects(value)) {
        if (object.kind === "KubeletConfiguration") kubelets.push({ name: file, configuration: object.value });
        else objects.push(object.value);
        if (object.kind === "Pod") servers.push(...commandsOf(object.value, file));
      }
    }
  }
  const named = (program: string): typeof servers =>
    servers.filter((server) => (server.arguments[0] ?? "").replace(/^.*\//, "") === program);
  return { objects, kubelets, apiServers: named("kube-apiserver"), etcds: named("etcd") };
}

function commandsOf(pod: unknown, file: string): readonly { name: string; arguments: readonly string[] }[] {
  const spec = (pod as { readonly spec?: { readonly containers?: unknown } }).spec; // Anything else has no containers.
  if (!Array.isArray(spec?.containers)) return [];
  return spec.containers.flatMap((container: unknown) => {
    const { command, args } = (container ?? {}) as { readonly command?: unknown; readonly args?: unknown }; // Checked below.
    const words = [command, args].flatMap((part) => (Array.isArray(part) ? part : []));
    const texts = words.filter((word): word is string => typeof word === "string");
    return texts.length === 0 ? [] : [{ name: file, arguments: texts }];
  });
}

async function filesIn(path: string): Promise<readonly string[]> {
  if ((await stat(path)).isFile()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files: string[] = [];
  for (const entry of entries) {
    if (!entry.isFile() || !/\.(ya?ml|json)$/.test(entry.name)) continue;
    const file = join(entry.parentPath, entry.name);
    if ((await stat(file)).size > maxFileBytes) throw new UsageError(`${file} is larger than ${maxFileBytes} bytes`);
    if (files.push(file) > maxFiles) throw new UsageError(`${path} holds more than ${maxFiles} files`);
  }
  return files.toSorted();
}

function rendered(
  report: ProbeReport,
  format: string,
  targets: readonly string[],
  terminal: Terminal,
): Iterable<string> {
  if (format === "text") return [textOf(report)];
  if (format === "kube-hunter-json") return [`${JSON.stringify(kubeHunterReport(report))}\n`];
  const name = targets.length === 0 ? "cluster" : targets.join(" ");
  return renderFindingReport(findingReport({ name, kind: "cluster" }, probeFindings(report)), format, terminal);
}

function textOf(report: ProbeReport): string {
  const lines: string[] = [];
  for (const { service, location, path } of report.services)
    lines.push(`service  ${location}${path === undefined ? "" : `/${path}`}  ${service}`);
  for (const found of report.exposures)
    lines.push(
      `${found.severity.padEnd(7)}  ${found.location}  ${found.id}  ${found.name}`,
      `         ${found.evidence}`,
      `         ${found.remediation}`,
    );
  if (report.exposures.length === 0) lines.push("No exposures were found.");
  for (const { location, reason } of report.unanswered) lines.push(`unknown  ${location}  ${reason}`);
  return `${lines.join("\n")}\n`;
}
