import { existsSync } from "node:fs";
import type { Command } from "commander";
import type { Inventory, Report, ReportDiff, Severity } from "@plimsoll/model";
import {
  compareReportsInTurns,
  defaultStorePath,
  diffMarkdown,
  diffTable,
  explain,
  explanationText,
  failAtOrAbove,
  inventoryReport,
  scanInventory,
  openAdvisories,
} from "plimsoll";
import { jsonText } from "@plimsoll/report";
import { exitCodes, UsageError } from "../command-line.ts";
import type { Terminal } from "../command-line.ts";
import { databaseKeysOf, withDatabaseKeyOption } from "../database-keys.ts";
import type { DatabaseKeyFlags } from "../database-keys.ts";
import * as values from "../option-values.ts";
import { formatFileHelp, outputTargets, writeTargets } from "../output-targets.ts";
import { readResult } from "../read-result.ts";
import { colorWord, lookOf } from "../terminal-look.ts";
import type { ColorWord, Look } from "../terminal-look.ts";
import { examples } from "./examples.ts";

/** Adds `explain` and `diff`: questions about existing results. */
export function addQuestionCommands(program: Command, terminal: Terminal, finish: (code: number) => void): void {
  withDatabaseKeyOption(program.command("explain"))
    .description(
      "Why a vulnerability is among the findings of a report: file, package, key, advisory, range, severity, fix, filters. Or why it is not: not installed, not affected, not covered, suppressed.",
    )
    .argument("<report>", "what --format json wrote, or an SBOM; - reads it from stdin")
    .argument("<id>", "a CVE id, or any other that the vulnerability goes by")
    .option("--db <file>", "advisory database to tell why not (default: the one of the cache directory, if there)")
    .option("--format <format>", `text or json (default: text); ${formatFileHelp}`, values.repeated)
    .option("--output <file>", "write the answer to a file")
    .option("--color <when>", "auto, always or never (default: auto)", colorWord)
    .option("--cache-dir <dir>", "directory of the default database")
    .addHelpText(
      "after",
      examples(
        "plimsoll explain report.json CVE-2019-14697",
        "plimsoll explain report.json CVE-2024-3094 --db advisories.plimsoll",
      ),
    )
    .action(async (file: string, id: string, flags: ExplainFlags) => {
      const targets = outputTargets(["text", "json"], flags);
      const result = await readResult(file);
      const report = "coverage" in result ? result : inventoryReport(result);
      const explanation = await explain(report, id, {
        db: flags.db,
        dbKeys: databaseKeysOf(flags),
        cacheDir: flags.cacheDir,
        signal: terminal.signal,
      });
      await writeTargets(
        targets,
        ({ format, file: to }) =>
          format === "json" ? jsonLines(explanation) : explanationText(explanation, lookOfAnswer(flags, to, terminal)),
        terminal,
      );
      finish(exitCodes.done);
    });

  withDatabaseKeyOption(program.command("diff"))
    .description(
      "Compare two reports, inventories or SBOMs: findings and packages that were added, fixed and changed, with the cause. With --db both are matched anew with the same advisories, so that what differs comes from the packages alone.",
    )
    .argument("<old>", "what --format json wrote, or an SBOM")
    .argument("<new>", "the same, newer; - reads it from stdin")
    .option(
      "--db <file>",
      "match both anew with this advisory database (SBOMs: default the one of the cache directory)",
    )
    .option("--severity <list>", "only findings of these, such as CRITICAL,HIGH", values.severityList)
    .option("--exit-code <n>", "exit code when findings were added", values.exitCode)
    .option(
      "--fail-on-new <severity>",
      "exit code 1, or that of --exit-code, only for added ones as bad as this",
      severity,
    )
    .option("--format <format>", `table, json or markdown (default: table); ${formatFileHelp}`, values.repeated)
    .option("--output <file>", "write the comparison to a file")
    .option("--color <when>", "auto, always or never (default: auto)", colorWord)
    .option("--cache-dir <dir>", "directory of the default database")
    .addHelpText(
      "after",
      examples(
        "plimsoll diff before.json after.json",
        "plimsoll diff main.json pull-request.json --fail-on-new HIGH",
        "plimsoll diff old-sbom.json new-sbom.json --db advisories.plimsoll --format markdown",
      ),
    )
    .action(async (old: string, now: string, flags: DiffFlags) => {
      const targets = outputTargets(["table", "json", "markdown"], flags);
      const sides = await matchedAnew([await readResult(old), await readResult(now)], flags, terminal);
      const diff = onlySeverities(await compareReportsInTurns(...sides), flags.severity);
      await writeTargets(
        targets,
        ({ format, file }) => renderDiff(diff, format, lookOfAnswer(flags, file, terminal)),
        terminal,
      );
      finish(exitCodeOf(diff, flags));
    });
}

interface ExplainFlags extends DatabaseKeyFlags {
  readonly db?: string;
  readonly format?: readonly string[];
  readonly output?: string;
  readonly color?: ColorWord;
  readonly cacheDir?: string;
}

interface DiffFlags extends ExplainFlags {
  readonly severity?: readonly Severity[];
  readonly exitCode?: number;
  readonly failOnNew?: Severity;
}

function severity(text: string): Severity {
  const [one, ...more] = values.severityList(text);
  if (one === undefined || more.length > 0) throw new UsageError("--fail-on-new takes one severity");
  return one;
}

type Result = Report | Inventory;

/** Both sides as they are, unless a database is named, or a side has no findings and there is a database. */
async function matchedAnew(
  sides: readonly [Result, Result],
  flags: DiffFlags,
  terminal: Terminal,
): Promise<readonly [Result, Result]> {
  const { db, cacheDir } = flags;
  const bare = sides.some((side) => !("vulnerabilities" in side) || side.vulnerabilities === undefined);
  const usual = defaultStorePath(cacheDir);
  if (db === undefined && !(bare && existsSync(usual))) return sides;
  const advisories = await openAdvisories(db ?? usual, { cacheDir, keys: databaseKeysOf(flags) });
  const match = ({ artifact, packages, diagnostics }: Result): Promise<Report> =>
    scanInventory({ schemaVersion: 2, artifact, packages, diagnostics }, { advisories, signal: terminal.signal });
  try {
    return [await match(sides[0]), await match(sides[1])];
  } finally {
    await advisories.close?.();
  }
}

function onlySeverities(diff: ReportDiff, severities: readonly Severity[] | undefined): ReportDiff {
  if (severities === undefined || diff.findings === undefined) return diff;
  const { kinds, added, fixed, changed, unchanged } = diff.findings;
  const wanted = <T extends { readonly finding: { readonly severity: Severity } }>(list: readonly T[]): readonly T[] =>
    list.filter(({ finding }) => severities.includes(finding.severity));
  const unrated = severities.includes("UNKNOWN")
    ? 0
    : added.filter(({ finding }) => finding.severity === "UNKNOWN").length;
  return {
    ...diff,
    notes:
      unrated === 0
        ? diff.notes
        : [...diff.notes, `${unrated} unrated ${unrated === 1 ? "finding" : "findings"} among those added left out`],
    findings: { kinds, added: wanted(added), fixed: wanted(fixed), changed: wanted(changed), unchanged },
  };
}

function renderDiff(
  diff: ReportDiff,
  format: "table" | "json" | "markdown",
  { color }: Pick<Look, "color">,
): Iterable<string> {
  switch (format) {
    case "table":
      return diffTable(diff, { color });
    case "json":
      return jsonLines(diff);
    case "markdown":
      return diffMarkdown(diff);
  }
}

function lookOfAnswer({ color }: ExplainFlags, file: string | undefined, terminal: Terminal): Omit<Look, "links"> {
  const { links: _links, ...look } = lookOf(terminal, { color, toFile: file !== undefined });
  return look;
}

function jsonLines(value: unknown): readonly string[] {
  return [`${jsonText(value)}\n`];
}

function exitCodeOf({ findings }: ReportDiff, { exitCode, failOnNew }: DiffFlags): number {
  const added = findings?.added.map(({ finding }) => finding) ?? [];
  if (failOnNew !== undefined)
    return failAtOrAbove(failOnNew).failures(added).length > 0 ? (exitCode ?? exitCodes.failed) : exitCodes.done;
  return exitCode !== undefined && added.length > 0 ? exitCode : exitCodes.done;
}
