import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Command } from "commander";
import { compileGlob, parseYamlDocuments } from "@plimsoll/formats";
import type { Diagnostic, Severity } from "@plimsoll/model";
import { pullPolicyFiles, treeFiles } from "@plimsoll/node";
import { compile } from "@plimsoll/re2";
import { ignoreFile } from "@plimsoll/triage";
import { checkTree, everyCheck, regoChecks } from "plimsoll";
import type { Check } from "plimsoll";
import { UsageError } from "../command-line.ts";
import type { Terminal } from "../command-line.ts";
import { askedCompliance, withComplianceOptions } from "../compliance.ts";
import type { ComplianceFlags } from "../compliance.ts";
import * as values from "../option-values.ts";
import { readText } from "../read-text.ts";
import { registryOf, withRegistryOptions } from "../registry-flags.ts";
import type { RegistryFlags } from "../registry-flags.ts";
import { chooseOutputs, writeReports } from "../report-format.ts";
import type { OutputFlags } from "../report-format.ts";
import { withOutputOptions } from "../scan-flags.ts";
import { exitCodeOfFindings, foundIgnoreFiles, tellHidden, tellProblems } from "../scan-artifact.ts";
import { examples } from "./examples.ts";

interface ConfigFlags extends OutputFlags, ComplianceFlags, RegistryFlags {
  readonly severity?: readonly Severity[];
  readonly ignorefile?: readonly string[];
  readonly ignore: boolean;
  readonly ignorePaths?: readonly string[];
  readonly exitCode?: number;
  readonly unrated?: values.Unrated;
  readonly includeNonFailures?: boolean;
  readonly filePatterns?: readonly string[];
  readonly skipDirs?: readonly string[];
  readonly skipFiles?: readonly string[];
  readonly configCheck?: readonly string[];
  readonly configData?: readonly string[];
  readonly checkNamespaces?: readonly string[];
  readonly kubernetesVersion?: string;
}

/** Adds `config`. `finish` receives the exit code. */
export function addConfigCommand(program: Command, terminal: Terminal, finish: (code: number) => void): void {
  withRegistryOptions(withComplianceOptions(withOutputOptions(program.command("config").alias("conf"))))
    .description("Check configuration files: Dockerfiles, Kubernetes manifests.")
    .argument("<path>", "a directory, or one file")
    .option("-s, --severity <list>", "only these, such as CRITICAL,HIGH", values.severityList)
    .option("--include-non-failures", "list what passed, too")
    .option(
      "--config-check <path>",
      "more checks: a file or directory of Rego, an artifact (oci://REFERENCE), or a module that exports checks; may be repeated",
      values.repeated,
    )
    .option(
      "--config-data <path>",
      "files of YAML or JSON that checks in Rego see as data; may be repeated",
      values.repeated,
    )
    .option(
      "--check-namespaces <name>",
      "packages of Rego that hold checks, such as user (default: all that deny); may be repeated",
      values.repeated,
    )
    .option("--file-patterns <pattern>", "TYPE:REGEX, such as dockerfile:^Custom; may be repeated", values.repeated)
    .option("--skip-dirs <glob>", "leave out these directories; may be repeated", values.repeated)
    .option("--skip-files <glob>", "leave out these files; may be repeated", values.repeated)
    .option("--kubernetes-version <version>", "the version of the cluster that manifests are for")
    .option(
      "--ignore-paths <glob>",
      "leave out what was found only under these paths; may be repeated",
      values.repeated,
    )
    .option(
      "--ignorefile <file>",
      "rules to leave findings out: .plimsollignore.yaml, .trivyignore; may be repeated",
      values.repeated,
    )
    .option("--no-ignore", "leave alone the ignore files that lie in the working directory")
    .option("--exit-code <n>", "exit code when findings are left after the filters", values.exitCode)
    .option("--unrated <how>", values.unratedHelp, values.unrated)
    .option("-q, --quiet", "print nothing but the report and errors")
    .addHelpText(
      "after",
      examples(
        "plimsoll config .",
        "plimsoll config deploy --severity CRITICAL,HIGH --exit-code 1",
        "plimsoll config Dockerfile --format sarif --output config.sarif",
        "plimsoll config . --config-check policies --check-namespaces user",
        "plimsoll config . --config-check oci://registry.example/checks:1 --check-namespaces user",
        "plimsoll config deploy --compliance k8s-pss-restricted-0.1 --report all",
      ),
    )
    .action(async (path: string, flags: ConfigFlags) => finish(await checkConfigs(path, flags, terminal)));
}

async function checkConfigs(path: string, flags: ConfigFlags, terminal: Terminal): Promise<number> {
  const compliance = askedCompliance(flags);
  const outputs = compliance === undefined ? await chooseOutputs(flags, terminal) : [];
  const skipDirectories = [".git", "**/.git", ...(flags.skipDirs ?? [])].map(pathMatcher);
  const skipFiles = (flags.skipFiles ?? []).map(pathMatcher);
  const own = await readChecks(flags, terminal);
  const ignoreFiles = flags.ignorefile ?? foundIgnoreFiles(flags);
  const now = terminal.now();
  const tree = await treeFiles(path, {
    signal: terminal.signal,
    skips: (each, isDirectory) => (isDirectory ? skipDirectories : skipFiles).some((matches) => matches(each)),
  });
  const report = await checkTree(
    {
      name: path,
      paths: tree.paths,
      diagnostics: [...tree.diagnostics, ...own.diagnostics],
      read: (each, most) => tree.read(each, most),
    },
    {
      checks: [...everyCheck, ...own.checks],
      facts: { kubernetesVersion: flags.kubernetesVersion },
      filePatterns: (flags.filePatterns ?? []).map(filePattern),
      includePasses: compliance !== undefined || flags.includeNonFailures,
      severities: flags.severity,
      ignorePaths: flags.ignorePaths,
      triage: ignoreFiles.map((file) => ignoreFile(readText(file), { name: file, now })),
      today: now.slice(0, 10),
      signal: terminal.signal,
    },
  );
  const complied = await compliance?.write([report], terminal);
  await writeReports(report, outputs, terminal);
  if (flags.quiet !== true) tellProblems(report, outputs, terminal);
  tellHidden(report, flags, terminal);
  return complied ?? exitCodeOfFindings(report, flags);
}

/** A path or glob as Trivy's flags take it: `./deploy/` is `deploy`. */
function pathMatcher(glob: string): (path: string) => boolean {
  return compileGlob(glob.replace(/^\.\//, "").replace(/\/$/, ""));
}

function filePattern(text: string): { readonly format: string; readonly matches: { test(path: string): boolean } } {
  const colon = text.indexOf(":");
  if (colon <= 0) throw new UsageError(`--file-patterns takes TYPE:REGEX, such as dockerfile:^Custom, not ${text}`);
  try {
    return { format: text.slice(0, colon), matches: compile(text.slice(colon + 1)) };
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(`--file-patterns: ${error.message}`);
    throw error;
  }
}

/** Largest file of checks or data, in bytes. */
const maxCheckBytes = 16 * 1024 * 1024;

interface OwnChecks {
  readonly checks: readonly Check[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What `--config-check` names: modules in JavaScript one by one, and everything in Rego together, since its packages call each other. */
async function readChecks(flags: ConfigFlags, terminal: Terminal): Promise<OwnChecks> {
  const named = flags.configCheck ?? [];
  const references = named.filter((name) => name.startsWith(artifactPrefix));
  const paths = named.filter((name) => !name.startsWith(artifactPrefix));
  for (const path of paths)
    if (!existsSync(path))
      throw new UsageError(
        path.includes("://")
          ? `--config-check ${path}: checks are read from files, directories and artifacts (oci://REFERENCE)`
          : `--config-check: there is no file or directory ${path}`,
      );
  const isModule = (path: string): boolean => !path.endsWith(".rego") && !statSync(path).isDirectory();
  const modules = await Promise.all(paths.filter(isModule).map(moduleChecks));
  const files = await filesBelow(
    paths.filter((path) => !isModule(path)),
    /\.rego$/,
  );
  const pulled = await Promise.all(references.map((reference) => pulledFiles(reference, flags, terminal)));
  const data = await filesBelow(flags.configData ?? [], /\.(?:ya?ml|json)$/);
  const rego = regoChecks([...files, ...pulled.flat().filter(({ path }) => path.endsWith(".rego"))], {
    data: Object.fromEntries([...pulled.flat().flatMap(bundledData), ...data.flatMap(mappings)]),
    namespaces: flags.checkNamespaces?.flatMap((list) => list.split(",")),
  });
  return { checks: [...modules.flat(), ...rego.checks], diagnostics: rego.diagnostics };
}

const artifactPrefix = "oci://";

interface NamedText {
  readonly path: string;
  readonly text: string;
}

/** The files of an artifact, each under the reference that it came from. */
async function pulledFiles(reference: string, flags: ConfigFlags, terminal: Terminal): Promise<readonly NamedText[]> {
  const files = await pullPolicyFiles(reference, { registry: registryOf(flags, terminal), signal: terminal.signal });
  return Array.from(files, ([path, text]) => ({ path: `${reference}/${path}`, text }));
}

/** Mappings are merged; anything else has no names to be seen by. */
function mappings({ text }: NamedText): readonly (readonly [string, unknown])[] {
  return parseYamlDocuments(text).documents.flatMap(({ value }) =>
    typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [],
  );
}

/** Of an artifact only files called `data` are data, as in OPA's bundles; others are fixtures and specifications. */
function bundledData(file: NamedText): readonly (readonly [string, unknown])[] {
  return /\/data\.(?:ya?ml|json)$/.test(file.path) ? mappings(file) : [];
}

async function filesBelow(paths: readonly string[], wanted: RegExp): Promise<readonly NamedText[]> {
  const files: NamedText[] = [];
  for (const root of paths) {
    const tree = await treeFiles(root);
    for (const path of tree.paths.filter((each) => wanted.test(each))) {
      const text = await tree.read(path, maxCheckBytes);
      if (typeof text !== "string") throw new UsageError(`${root}: ${text.message}`);
      files.push({ path: `${root}/${path}`, text });
    }
  }
  return files;
}

/** Checks that a module exports: its `default`, or `checks`; one of them or a list. */
async function moduleChecks(file: string): Promise<readonly Check[]> {
  let module: Readonly<Record<string, unknown>>;
  try {
    module = (await import(pathToFileURL(resolve(file)).href)) as Readonly<Record<string, unknown>>; // A module's exports.
  } catch (error) {
    throw new UsageError(`--config-check ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const exported = module["default"] ?? module["checks"];
  const checks = Array.isArray(exported) ? (exported as readonly unknown[]) : [exported];
  for (const check of checks) {
    const problem = checkProblem(check);
    if (problem !== undefined) throw new UsageError(`--config-check ${file}: ${problem}`);
  }
  return checks as readonly Check[]; // Each was looked at above.
}

function checkProblem(check: unknown): string | undefined {
  if (typeof check !== "object" || check === null) return "the module exports no check as default or as checks";
  const { id, title, severity, subject, evaluate } = check as Readonly<Record<string, unknown>>; // A non-null object.
  if (typeof id !== "string" || id === "") return "a check has no id";
  if (typeof evaluate !== "function") return `the check ${id} has no function evaluate`;
  if (!["dockerfile", "kubernetes", "document"].includes(String(subject)))
    return `the subject of the check ${id} is none of dockerfile, kubernetes, document`;
  const missing = [
    ["title", title],
    ["severity", severity],
  ].find(([, value]) => typeof value !== "string");
  return missing === undefined ? undefined : `the check ${id} has no ${String(missing[0])}`;
}
