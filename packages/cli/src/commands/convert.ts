import type { Command } from "commander";
import { kindsLookedFor, listFindings } from "@plimsoll/model";
import type { Report, Severity } from "@plimsoll/model";
import { filterRules, ignoreFile } from "@plimsoll/triage";
import { findingsOf, inventoryReport, triage } from "plimsoll";
import type { Terminal } from "../command-line.ts";
import * as values from "../option-values.ts";
import { chooseOutputs, leftOutSentences, writeReports } from "../report-format.ts";
import type { OutputFlags } from "../report-format.ts";
import { readResult } from "../read-result.ts";
import { readText } from "../read-text.ts";
import { exitCodeOfFindings } from "../scan-artifact.ts";
import { withOutputOptions } from "../scan-flags.ts";
import { examples } from "./examples.ts";

interface ConvertFlags extends OutputFlags {
  readonly severity?: readonly Severity[];
  readonly ignoreUnfixed?: boolean;
  readonly ignorefile?: readonly string[];
  readonly exitCode?: number;
  readonly unrated?: values.Unrated;
}

/** Adds `convert`: writes an existing report in other formats. */
export function addConvertCommand(program: Command, terminal: Terminal, finish: (code: number) => void): void {
  withOutputOptions(program.command("convert"))
    .description(
      "Write a report that --format json wrote, or what an SBOM lists, in other formats. Nothing is scanned and nothing is fetched.",
    )
    .argument("<report>", "what --format json wrote, or an SBOM; - reads it from stdin")
    .option("-s, --severity <list>", "only these, such as CRITICAL,HIGH", values.severityList)
    .option("--ignore-unfixed", "leave out vulnerabilities without a fixed version")
    .option(
      "--ignorefile <file>",
      "rules to leave findings out: .plimsollignore.yaml, .trivyignore; may be repeated",
      values.repeated,
    )
    .option("--list-all-pkgs", "list packages without vulnerabilities too")
    .option("--dependency-tree", "show which packages depend on vulnerable ones")
    .option("--exit-code <n>", "exit code when findings are left after the filters", values.exitCode)
    .option("--unrated <how>", values.unratedHelp, values.unrated)
    .option("-q, --quiet", "print nothing but the report and errors")
    .addHelpText(
      "after",
      examples(
        "plimsoll convert report.json --format sarif=report.sarif --format markdown",
        "plimsoll convert report.json --format table --severity CRITICAL,HIGH",
      ),
    )
    .action(async (file: string, flags: ConvertFlags) => {
      const outputs = await chooseOutputs(flags, terminal);
      const result = await readResult(file);
      const report = filtered("coverage" in result ? result : inventoryReport(result), flags, terminal.now());
      await writeReports(report, outputs, terminal);
      if (flags.quiet !== true)
        for (const sentence of leftOutSentences(report, outputs)) terminal.stderr.write(`warning: ${sentence}\n`);
      finish(exitCodeOfFindings(report, flags));
    });
}

/** What is left of a report; what the rules take out joins what was suppressed before. */
function filtered(report: Report, flags: ConvertFlags, now: string): Report {
  const rules = [
    ...filterRules({ severities: flags.severity, ignoreUnfixed: flags.ignoreUnfixed }),
    ...(flags.ignorefile ?? []).map((file) => ignoreFile(readText(file), { name: file, now })),
  ];
  if (rules.length === 0) return report;
  const { findings, suppressed, diagnostics } = triage(
    [...findingsOf(report)],
    rules,
    report.packages,
    report.artifact,
  );
  const all = [...(report.suppressed ?? []), ...suppressed];
  return {
    ...report,
    ...listFindings(findings, kindsLookedFor(report)),
    ...(all.length === 0 ? {} : { suppressed: all }),
    diagnostics: [...report.diagnostics, ...diagnostics],
  };
}
