import type { Command } from "commander";
import { compileGlob } from "@plimsoll/formats";
import type { Severity } from "@plimsoll/model";
import { treeFiles } from "@plimsoll/node";
import { compile } from "@plimsoll/re2";
import { ignoreFile } from "@plimsoll/triage";
import { checkTree, everyCheck } from "plimsoll";
import { withCheckOptions } from "../check-flags.ts";
import type { CheckFlags } from "../check-flags.ts";
import { UsageError } from "../command-line.ts";
import type { Terminal } from "../command-line.ts";
import { askedCompliance, withComplianceOptions } from "../compliance.ts";
import type { ComplianceFlags } from "../compliance.ts";
import * as values from "../option-values.ts";
import type { OwnChecks } from "../own-checks.ts";
import { expectDocument } from "../read-result.ts";
import { readText } from "../read-text.ts";
import { withRegistryOptions } from "../registry-flags.ts";
import type { RegistryFlags } from "../registry-flags.ts";
import { chooseOutputs, writeReports } from "../report-format.ts";
import type { OutputFlags } from "../report-format.ts";
import { withOutputOptions } from "../scan-flags.ts";
import { exitCodeOfFindings, foundIgnoreFiles, tellHidden, tellProblems } from "../scan-artifact.ts";
import { examples } from "./examples.ts";

interface ConfigFlags extends OutputFlags, ComplianceFlags, RegistryFlags, CheckFlags {
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
  readonly kubernetesVersion?: string;
}

/** Adds `config`. `finish` receives the exit code. */
export function addConfigCommand(program: Command, terminal: Terminal, finish: (code: number) => void): void {
  withCheckOptions(
    withRegistryOptions(withComplianceOptions(withOutputOptions(program.command("config").alias("conf")))),
  )
    .description("Check configuration files: Dockerfiles, Kubernetes manifests.")
    .argument("<path>", "a directory, or one file")
    .option("-s, --severity <list>", "only these, such as CRITICAL,HIGH", values.severityList)
    .option("--include-non-failures", "list passed checks, too")
    .option("--file-patterns <pattern>", "TYPE:REGEX, such as dockerfile:^Custom; may be repeated", values.repeated)
    .option("--skip-dirs <glob>", "leave out these directories; may be repeated", values.repeated)
    .option("--skip-files <glob>", "leave out these files; may be repeated", values.repeated)
    .option("--kubernetes-version <version>", "the version of the cluster that manifests are for")
    .option(
      "--ignore-paths <glob>",
      "leave out findings that are only under these paths; may be repeated",
      values.repeated,
    )
    .option(
      "--ignorefile <file>",
      "rules to leave findings out: .plimsollignore.yaml, .trivyignore; may be repeated",
      values.repeated,
    )
    .option("--no-ignore", "read no ignore files of the working directory")
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
  await expectDocument(path);
  const compliance = askedCompliance(flags);
  const outputs = compliance === undefined ? await chooseOutputs(flags, terminal) : [];
  const skipDirectories = [".git", "**/.git", ...(flags.skipDirs ?? [])].map(pathMatcher);
  const skipFiles = (flags.skipFiles ?? []).map(pathMatcher);
  const own = await ownChecksOf(flags, terminal);
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

/** What reads checks in Rego is loaded only where there are some. */
async function ownChecksOf(flags: ConfigFlags, terminal: Terminal): Promise<OwnChecks> {
  const { configCheck, configData, checkNamespaces, configFileSchemas } = flags;
  if ([configCheck, configData, checkNamespaces, configFileSchemas].every((value) => value === undefined))
    return { checks: [], diagnostics: [] };
  const { readOwnChecks } = await import("../own-checks.ts");
  return readOwnChecks(flags, terminal);
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
