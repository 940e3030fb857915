import { existsSync } from "node:fs";
import type { Command } from "commander";
import type { Report, ScannerId } from "@plimsoll/model";
import {
  checkIdsByScanner,
  complianceHtml,
  complianceJson,
  complianceReport,
  complianceSpecs,
  complianceTable,
  findComplianceSpec,
  readComplianceSpec,
} from "@plimsoll/questions";
import type { ComplianceDetail, ComplianceReport, ComplianceSpec } from "@plimsoll/questions";
import { everyScanner } from "plimsoll";
import { exitCodes, UsageError } from "./command-line.ts";
import type { Terminal } from "./command-line.ts";
import { placed, splitTarget, writeTargets } from "./output-targets.ts";
import type { OutputTarget } from "./output-targets.ts";
import { readText } from "./read-text.ts";
import { underHeading } from "./under-heading.ts";

/** Options of commands that can evaluate a compliance specification. */
export interface ComplianceFlags {
  readonly compliance?: string;
  readonly report?: ComplianceDetail;
}

/** The requested compliance evaluation. */
export interface AskedCompliance {
  /** The scanners that its controls need. */
  readonly scanners: readonly ScannerId[];
  /** Evaluates the specification on reports and writes the result; returns the exit code, which is that of `--exit-code` if a control fails. */
  write(reports: readonly Report[], terminal: Terminal): Promise<number>;
}

const complianceFormats = ["table", "json", "html"] as const;
type ComplianceFormat = (typeof complianceFormats)[number];

const renderers: Readonly<Record<ComplianceFormat, (report: ComplianceReport, detail: ComplianceDetail) => string>> = {
  table: complianceTable,
  json: (report, detail) => `${complianceJson(report, detail)}\n`,
  html: complianceHtml,
};

/** Adds the options about compliance. */
export function withComplianceOptions(command: Command): Command {
  underHeading(command, "Reports:", () =>
    command
      .option(
        "--compliance <spec>",
        `evaluate a compliance specification: ${complianceSpecs.map(({ id }) => id).join(", ")}, or a file of Trivy's form`,
      )
      .option("--report <detail>", "with --compliance: summary, or all that fails (default: summary)", detailOf),
  );
  return command;
}

function detailOf(text: string): ComplianceDetail {
  if (text === "summary" || text === "all") return text;
  throw new UsageError(`--report takes summary or all, not ${text}`);
}

/** What flags of every command say that can be asked about compliance. */
interface AskingFlags extends ComplianceFlags {
  /** Each a format, or `FORMAT=FILE`. Absent: the table. */
  readonly format?: readonly string[] | undefined;
  /** Files for the formats that name none. */
  readonly output?: readonly string[] | undefined;
  readonly severity?: readonly unknown[];
  readonly exitCode?: number;
}

/**
 * The compliance evaluation that the flags request; undefined: none.
 * @throws {UsageError} for unknown specifications, and flags that cannot be combined with it.
 */
export function askedCompliance(flags: AskingFlags): AskedCompliance | undefined {
  if (flags.compliance === undefined) {
    if (flags.report !== undefined) throw new UsageError("--report needs --compliance");
    return undefined;
  }
  // What a filter takes out would look as if it were met.
  if (flags.severity !== undefined) throw new UsageError("--severity cannot be used with --compliance");
  const outputs = outputsOf(flags);
  const spec = specOf(flags.compliance);
  const wanted = Object.keys(checkIdsByScanner(spec));
  return {
    scanners: everyScanner.map(({ id }) => id).filter((id) => wanted.includes(id)),
    async write(reports, terminal) {
      const report = complianceReport(spec, reports);
      await writeTargets(outputs, ({ format }) => [renderers[format](report, flags.report ?? "summary")], terminal);
      const failed = report.controls.some(({ status }) => status === "fail");
      return failed && flags.exitCode !== undefined ? flags.exitCode : exitCodes.done;
    },
  };
}

function outputsOf({ format = [complianceFormats[0]], output = [] }: AskingFlags): readonly (OutputTarget & {
  readonly format: ComplianceFormat;
})[] {
  return placed(format.map(splitTarget), output).map((target) => {
    const found = complianceFormats.find((name) => name === target.format);
    if (found === undefined)
      throw new UsageError(`--compliance is shown as ${complianceFormats.join(", ")}, not as ${target.format}`);
    return { ...target, format: found };
  });
}

/** A specification by its id, or from a file, which may have Trivy's `@` in front. */
function specOf(name: string): ComplianceSpec {
  const known = findComplianceSpec(name);
  if (known !== undefined) return known;
  const file = name.startsWith("@") ? name.slice(1) : name;
  if (!existsSync(file))
    throw new UsageError(
      `--compliance: there is no specification and no file ${name}; there are ${complianceSpecs.map(({ id }) => id).join(", ")}`,
    );
  try {
    return readComplianceSpec(readText(file));
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`--compliance ${file}: ${error.message}`);
    throw error;
  }
}
