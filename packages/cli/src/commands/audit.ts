import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import type { Command } from "commander";
import {
  auditStatements,
  auditWorkloads,
  everyAuditor,
  FindingLimit,
  fixWorkloads,
  readAuditConfig,
  type AuditFinding,
  type AuditLevel,
  type AuditOptions,
  type AuditStatement,
  type FixedWorkloads,
} from "@plimsoll/checks";
import { readConfigs } from "@plimsoll/configs";
import type { AnyConfigDocument } from "@plimsoll/configs";
import { compareFindings } from "@plimsoll/model";
import type { Diagnostic, Report } from "@plimsoll/model";
import { visibleText } from "@plimsoll/report";
import { tool } from "plimsoll";
import { ciFacts, creationTime } from "../ci-facts.ts";
import { describeError, exitCodes, UsageError } from "../command-line.ts";
import type { Terminal } from "../command-line.ts";
import * as values from "../option-values.ts";
import { writeOutput } from "../output.ts";
import { formatFileHelp, placed, splitTarget, writeTargets } from "../output-targets.ts";
import { readText } from "../read-text.ts";
import { colorWord, lookOf } from "../terminal-look.ts";
import type { ColorWord } from "../terminal-look.ts";
import { unifiedDiff } from "../unified-diff.ts";
import { examples } from "./examples.ts";

const levels = ["info", "warning", "error"] as const;

interface AuditFlags {
  readonly auditConfig?: string;
  readonly minSeverity: AuditLevel;
  readonly namespace?: string;
  readonly includeGenerated?: boolean;
  readonly only?: readonly string[];
  readonly context?: string;
  readonly format?: readonly string[];
  readonly output?: string;
  readonly color?: ColorWord;
  readonly exitCode?: number;
}

interface FixFlags {
  readonly auditConfig?: string;
  readonly only?: readonly string[];
  readonly output?: string;
  readonly diff?: boolean;
  readonly clean?: boolean;
}

/**
 * Adds `audit` and `audit fix`: the successor of kubeaudit's commands. As in kubeaudit, and unlike other commands, failures and wrong usage end
 * with exit code 1, so that 2 always means that something was found.
 */
export function addAuditCommands(program: Command, terminal: Terminal, finish: (code: number) => void): void {
  const names = everyAuditor.map(({ name }) => name);
  const audit = program
    .command("audit")
    .description(
      `Audit Kubernetes workloads as kubeaudit does, by its rules, labels and configuration. Exit code 2 when a finding of level error is left, 1 for failures. Auditors: ${names.join(", ")}.`,
    )
    .argument("[path]", "a file or folder of manifests; - reads stdin")
    .option("--audit-config <file>", "kubeaudit's configuration file")
    .option("-m, --min-severity <level>", "info, warning or error: findings below it are left out", levelOf, "info")
    .option("-n, --namespace <name>", "only objects of this namespace")
    .option("-g, --include-generated", "also objects in a List that a controller made")
    .option("--only <list>", "only these auditors, such as image,limits", auditorList)
    .option(
      "-c, --context <name>",
      "a cluster of the kubeconfig: says how kubectl gives its objects to this command, which reads no cluster itself",
    )
    .option(
      "-p, --format <format>",
      `pretty, logrus, or a format of reports: json, sarif, junit, table … (default: pretty); ${formatFileHelp}`,
      values.repeated,
    )
    .option("-o, --output <file>", "write the result to a file")
    .option("--color <when>", "auto, always or never (default: auto)", colorWord)
    .option("-e, --exit-code <n>", "exit code when a finding of level error is left (default: 2)", values.exitCode)
    .addHelpText(
      "after",
      examples(
        "plimsoll audit deploy/",
        "kubectl get deploy,sts,ds -A -o json | plimsoll audit - -m error",
        "plimsoll audit deploy/ --only image,limits --audit-config audit.yaml --format sarif",
      ),
    )
    .action((path: string | undefined, flags: AuditFlags) =>
      endingWithOne(terminal, finish, () => auditPath(path, flags, terminal)),
    );
  audit
    .command("fix")
    .summary("fix manifests")
    .description(
      "Make the fixes of the audit in a manifest. The whole text goes to stdout, or to --output; everything that is not fixed stays the same, byte for byte.",
    )
    .argument("<path>", "a file of manifests; - reads stdin")
    .option("--audit-config <file>", "kubeaudit's configuration file")
    .option("--only <list>", "only these auditors, such as image,limits", auditorList)
    .option("--clean", "also remove status and creationTimestamp")
    .option("--diff", "show what would change, and write nothing else")
    .option("-o, --output <file>", "write the text to a file, which may be the manifest itself")
    .addHelpText(
      "after",
      examples("plimsoll audit fix deployment.yaml --diff", "plimsoll audit fix deployment.yaml -o deployment.yaml"),
    )
    // Options that audit has too are taken as audit's, wherever they stand.
    .action((path: string, _flags: FixFlags, command: Command) =>
      endingWithOne(terminal, finish, () => fixPath(path, command.optsWithGlobals<FixFlags>(), terminal)),
    );
}

async function endingWithOne(
  terminal: Terminal,
  finish: (code: number) => void,
  work: () => Promise<number>,
): Promise<void> {
  try {
    finish(await work());
  } catch (error) {
    terminal.stderr.write(`error: ${describeError(error)}\n`);
    finish(exitCodes.failed);
  }
}

/** The command that gives the objects of a cluster to the audit. */
function byKubectl({ context, namespace }: AuditFlags): string {
  const scope = namespace === undefined ? "-A" : `-n ${namespace}`;
  const cluster = context === undefined ? "" : ` --context ${context}`;
  return `for a cluster: kubectl${cluster} get ${auditedKinds} ${scope} -o json | plimsoll audit -`;
}

function levelOf(text: string): AuditLevel {
  const found = levels.find((level) => level === text || (text === "warn" && level === "warning"));
  if (found === undefined) throw new UsageError(`--min-severity takes ${levels.join(", ")}, not ${text}`);
  return found;
}

function auditorList(text: string): readonly string[] {
  return text.split(",").map((name) => name.trim());
}

function configOf(file: string | undefined): unknown {
  return file === undefined ? undefined : readAuditConfig(readText(file));
}

/** Kinds that auditors look at, as kubectl names them. */
const auditedKinds =
  "deployments,statefulsets,daemonsets,cronjobs,jobs,replicationcontrollers,podtemplates,pods,namespaces,networkpolicies,serviceaccounts";

async function auditPath(path: string | undefined, flags: AuditFlags, terminal: Terminal): Promise<number> {
  if (flags.context !== undefined)
    throw new UsageError(`--context: nothing here reads clusters yet; ${byKubectl(flags)}`);
  if (path === undefined)
    throw new UsageError(`name a file or folder of manifests, or - for stdin; ${byKubectl(flags)}`);
  const targets = placed(
    (flags.format ?? ["pretty"]).map(splitTarget),
    flags.output === undefined ? [] : [flags.output],
  );
  const { documents, diagnostics } = readConfigs(manifestsAt(path));
  const options: AuditOptions = {
    config: configOf(flags.auditConfig),
    only: flags.only,
    namespace: flags.namespace,
    skipGenerated: path === "-" && flags.includeGenerated !== true,
    minLevel: flags.minSeverity,
  };
  for (const { message, location } of diagnostics)
    terminal.stderr.write(`warning: ${location === undefined ? "" : `${location.path}: `}${message}\n`);
  // Errors are found whatever the least level is.
  let failed = false;
  const statements = function* (): Generator<AuditStatement> {
    for (const statement of auditStatements(documents, options)) {
      failed ||= isError(statement);
      yield statement;
    }
  };
  const { findings, told } = targets.every(({ format }) => isText(format))
    ? { findings: [], told: [] }
    : findingsWithin(documents, options, path);
  for (const { message } of told) terminal.stderr.write(`warning: ${message}\n`);
  failed = findings.some(isError);
  // One of those that a report has no room for may be the only error.
  if (!failed && told.length > 0)
    for (const statement of auditStatements(documents, options)) failed ||= isError(statement);
  await writeTargets(
    targets,
    async ({ format, file }) => {
      const look = lookOf(terminal, { color: flags.color, toFile: file !== undefined });
      if (format === "pretty") return pretty(statements(), look.color);
      if (format === "logrus") return logrusLines(statements(), terminal.now());
      // Lines of text need no writer of reports, which takes longer to load than a small manifest to audit.
      const { reporterOrUsage, reportTarget } = await import("../report-format.ts");
      const { format: name } = reportTarget(format);
      const reporter = reporterOrUsage(name, { ...ciFacts(name, {}, terminal), ...look });
      const createdAt = creationTime(reporter, {}, terminal);
      const report = reportOf(path, findings, [...diagnostics, ...told]);
      return reporter.render(createdAt === undefined ? report : { ...report, createdAt });
    },
    terminal,
  );
  // What could not be read was not audited: that is no success.
  if (!failed) return documents.length === 0 && diagnostics.length > 0 ? exitCodes.failed : exitCodes.done;
  return flags.exitCode ?? exitCodes.usage;
}

function isError({ level }: Pick<AuditStatement, "level">): boolean {
  return level === "error";
}

/** The most findings of one rule in a report: of one file, and of all. Lines of text have no limit, since they need no room. */
const mostOfFile = 5_000;
const mostOfAll = 20_000;

/** The findings of an audit that a report has room for, and how many are left out. */
function findingsWithin(
  documents: readonly AnyConfigDocument[],
  options: AuditOptions,
  path: string,
): { readonly findings: readonly AuditFinding[]; readonly told: readonly Diagnostic[] } {
  const [ofFile, ofAll] = [new FindingLimit(mostOfFile), new FindingLimit(mostOfAll)];
  const keep = (rule: string, file: string): boolean => ofFile.take(`${rule} ${file}`) && ofAll.take(rule);
  const findings = auditWorkloads(documents, { ...options, keep });
  const count = ofFile.count + ofAll.count;
  if (count === 0) return { findings, told: [] };
  const message = `${count} findings were left out: of each rule, ${mostOfFile} in a file and ${mostOfAll} in all are kept; --format pretty and logrus have all of them`;
  const location = { path: path === "-" ? "stdin" : path };
  return {
    findings,
    told: [{ kind: "diagnostic", code: "limit-exceeded", effect: "incomplete", message, location, analyzer: "checks" }],
  };
}

function isText(format: string): boolean {
  return format === "pretty" || format === "logrus";
}

function reportOf(path: string, findings: readonly AuditFinding[], diagnostics: readonly Diagnostic[]): Report {
  const incomplete = diagnostics.filter(({ effect }) => effect === "incomplete");
  const verdict = incomplete.length === 0 ? "complete" : "partial";
  return {
    schemaVersion: 2,
    tool,
    artifact: { name: path === "-" ? "stdin" : path, kind: "filesystem", layers: [] },
    packages: [],
    misconfigurations: [...findings].sort(compareFindings),
    coverage: {
      verdict,
      scanners: { misconfig: verdict },
      gaps: incomplete.map(({ code, message, location }) => ({
        scanner: "misconfig",
        code,
        message,
        ...(location === undefined ? {} : { path: location.path }),
      })),
    },
    diagnostics,
  };
}

const colours: Readonly<Record<AuditLevel | "head", string>> = {
  error: "\u001b[31m",
  warning: "\u001b[33m",
  info: "\u001b[36m",
  head: "\u001b[36m",
};

/** kubeaudit's text: one head for each object, its results below. */
function* pretty(statements: Iterable<AuditStatement>, colour: boolean): Generator<string> {
  const painted = (kind: AuditLevel | "head", text: string): string =>
    colour ? `${colours[kind]}${text}\u001b[0m` : text;
  let known: ToldObject | undefined;
  for (const { resource, level, id, message, metadata, path } of statements) {
    const told = { path, resource };
    if (known === undefined || !isSameObject(known, told)) yield painted("head", headOf(resource));
    known = told;
    let facts = "";
    for (const name of Object.keys(metadata))
      facts += `      ${visibleText(name)}: ${visibleText(metadata[name] ?? "")}\n`;
    const heading = facts === "" ? "" : "   Metadata:\n";
    yield `-- ${painted(level, `[${level}]`)} ${id}\n   Message: ${visibleText(message)}\n${heading}${facts}\n`;
  }
  if (known === undefined) yield "All checks completed. 0 high-risk vulnerabilities found\n";
}

type ToldObject = Pick<AuditStatement, "path" | "resource">;

function isSameObject(a: ToldObject, b: ToldObject): boolean {
  const { apiVersion, type, name, namespace } = a.resource;
  const other = b.resource;
  return (
    a.path === b.path &&
    apiVersion === other.apiVersion &&
    type === other.type &&
    name === other.name &&
    namespace === other.namespace
  );
}

function headOf({ apiVersion, type, name, namespace }: AuditStatement["resource"]): string {
  const lines = [
    "",
    "---------------- Results for ---------------",
    "",
    `  apiVersion: ${visibleText(apiVersion)}`,
    `  kind: ${visibleText(type)}`,
    ...(name === "" && namespace === undefined ? [] : ["  metadata:"]),
    ...(name === "" ? [] : [`    name: ${visibleText(name)}`]),
    ...(namespace === undefined ? [] : [`    namespace: ${visibleText(namespace)}`]),
    "",
    "--------------------------------------------",
    "",
    "",
  ];
  return lines.join("\n");
}

function* logrusLines(statements: Iterable<AuditStatement>, time: string): Generator<string> {
  for (const statement of statements) yield logrusLine(statement, time);
}

/** A line of JSON as logrus writes it, with kubeaudit's names. */
function logrusLine({ id, level, message, metadata, resource }: AuditStatement, time: string): string {
  const fields = {
    ...metadata,
    AuditResultName: id,
    ResourceApiVersion: resource.apiVersion,
    ResourceKind: resource.type,
    ...(resource.name === "" ? {} : { ResourceName: resource.name }),
    ...(resource.namespace === undefined ? {} : { ResourceNamespace: resource.namespace }),
    level,
    msg: message,
    time,
  };
  const entries = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify(Object.fromEntries(entries))}\n`;
}

async function fixPath(path: string, flags: FixFlags, terminal: Terminal): Promise<number> {
  if (path !== "-" && statSync(path).isDirectory())
    throw new UsageError(`${path} is a folder; audit fix takes one file at a time`);
  const [file] = manifestsAt(path);
  const text = file?.text ?? "";
  const fixed = fixWorkloads(text, {
    config: configOf(flags.auditConfig),
    only: flags.only,
    clean: flags.clean,
    path: file?.path,
  });
  const shown = flags.diff === true ? unifiedDiff(file?.path ?? "stdin", text, fixed.text) : fixed.text;
  await writeOutput([shown], flags.output, terminal);
  tellRefused(fixed, terminal);
  return exitCodes.done;
}

function tellRefused({ refused }: FixedWorkloads, { stderr }: Terminal): void {
  for (const { rule, resource, line, reason } of refused)
    stderr.write(
      `not fixed: ${rule} of ${resource.type} ${resource.name}${line === undefined ? "" : `, line ${line}`}: ${reason}\n`,
    );
}

/** Manifests of a file, of a folder with all below it, or of stdin. */
function manifestsAt(path: string): readonly { readonly path: string; readonly text: string }[] {
  // Whatever its name: kubectl's output is JSON, which YAML holds.
  if (path === "-") return [{ path: "stdin.yaml", text: readFileSync(0, "utf8") }];
  if (!statSync(path).isDirectory())
    return [{ path: /\.(?:ya?ml|json)$/.test(path) ? path : `${path}.yaml`, text: readText(path) }];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:ya?ml|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => ({ path: file.split(sep).join("/"), text: readText(file) }));
}
