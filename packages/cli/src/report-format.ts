import { everyReporter, leftOutSentence, reporterFor, splitFormat } from "@plimsoll/report";
import type { ReporterOptions } from "@plimsoll/report";
import { versionScheme } from "@plimsoll/ecosystems";
import { ScanError } from "@plimsoll/model";
import type { Report, Reporter } from "@plimsoll/model";
import { ciFacts, creationTime } from "./ci-facts.ts";
import type { CiFlags } from "./ci-facts.ts";
import { UsageError } from "./command-line.ts";
import type { Terminal } from "./command-line.ts";
import { adviceForFormat, formatAliases } from "./other-scanners.ts";
import { placed, splitTarget, writeTargets } from "./output-targets.ts";
import type { OutputTarget } from "./output-targets.ts";
import { readText } from "./read-text.ts";
import { lookOf } from "./terminal-look.ts";
import type { ColorWord } from "./terminal-look.ts";

/** The values of `--format`. */
export const formatNames: readonly string[] = [...everyReporter.keys()];

/** Options for the format and destination of reports, as commander parses them. */
export interface OutputFlags extends CiFlags {
  /** Each a format, or `FORMAT=FILE`. Absent: the table. */
  readonly format?: readonly string[];
  /** Files; or, where no format is given, formats as Grype's and Syft's `-o` takes them. */
  readonly output?: readonly string[];
  readonly template?: string;
  readonly listAllPkgs?: boolean;
  readonly dependencyTree?: boolean;
  readonly showSuppressed?: boolean;
  readonly quiet?: boolean;
  readonly color?: ColorWord;
}

/** A format and file for a report. */
export interface ReportOutput {
  /** The format's name, without the version of its standard. */
  readonly format: string;
  readonly reporter: Reporter;
  /** Absent: to stdout. */
  readonly file: string | undefined;
  /** Time of the report, RFC 3339; undefined unless the user states one or the format requires one. */
  readonly createdAt: string | undefined;
}

/**
 * The outputs that the flags request: `--format X` and `--format X=FILE`, repeatable, `--output FILE` for the one format without a file, and,
 * without `--format`, `-o X` and `-o X=FILE` as Grype and Syft spell it.
 * @throws UsageError for a format that does not exist, and when two reports would be written to the same file.
 */
export async function chooseOutputs(flags: OutputFlags, terminal: Terminal): Promise<readonly ReportOutput[]> {
  const isTheirs = (text: string): boolean => flags.format === undefined && isFormat(reportTarget(text).format);
  const formats = [...(flags.format ?? []), ...(flags.output ?? []).filter(isTheirs)].map(reportTarget);
  const files = (flags.output ?? []).filter((text) => !isTheirs(text));
  for (const file of files) {
    const advice = flags.format === undefined ? adviceForFormat(file) : undefined;
    if (advice !== undefined)
      throw new UsageError(`--output: "${file}" is the name of a format, not of a file; ${advice}`);
  }
  const targets = placed(formats.length === 0 ? [{ format: "table", file: undefined }] : formats, files);
  const template = flags.template?.startsWith("@") === true ? readText(flags.template.slice(1)) : flags.template;
  // Five megabytes of texts, of use to notices alone.
  const { licenseText } = targets.some(({ format }) => format === "notices") ? await import("@plimsoll/licenses") : {};
  return targets.map(({ format, file }) => {
    const reporter = reporterOrUsage(format, {
      ...ciFacts(splitFormat(format)[0], flags, terminal),
      listAllPackages: flags.listAllPkgs,
      dependencyTree: flags.dependencyTree,
      showSuppressed: flags.showSuppressed,
      template,
      licenseText,
      compareVersions: (scheme, a, b) => versionScheme(scheme)?.compare(a, b),
      ...lookOf(terminal, { color: flags.color, toFile: file !== undefined }),
    });
    return { format: splitFormat(format)[0], reporter, file, createdAt: creationTime(reporter, flags, terminal) };
  });
}

/** Writes a report to all outputs, files first, so that they exist when a reader of stdout sees the report. */
export async function writeReports(
  report: Report,
  outputs: readonly ReportOutput[],
  terminal: Terminal,
): Promise<void> {
  await writeTargets(
    outputs,
    ({ reporter, createdAt }) => reporter.render(createdAt === undefined ? report : { ...report, createdAt }),
    terminal,
  );
}

/** What the formats have no place for, a sentence for each that leaves something out. */
export function leftOutSentences(report: Report, outputs: readonly ReportOutput[]): readonly string[] {
  return outputs.flatMap(({ reporter }) => leftOutSentence(report, reporter) ?? []);
}

/** `json=report.json`; the names of other tools mean the same thing here. */
export function reportTarget(text: string): OutputTarget {
  const { format, file } = splitTarget(text);
  const [id, ...version] = splitFormat(format);
  return { format: [formatAliases.get(id) ?? id, ...version].join("@"), file };
}

function isFormat(format: string): boolean {
  return everyReporter.has(splitFormat(format)[0]);
}

/** The reporter of that name. @throws UsageError when there is none, or its options are wrong. */
export function reporterOrUsage(format: string, options: ReporterOptions): Reporter {
  const advice = isFormat(format) ? undefined : adviceForFormat(format);
  if (advice !== undefined) throw new UsageError(`--format: there is no format "${format}"; ${advice}`);
  try {
    return reporterFor(format, options);
  } catch (error) {
    if (error instanceof ScanError && error.failure.kind === "invalid-option")
      throw new UsageError(`--${error.failure.option}: ${error.failure.reason}`);
    throw error;
  }
}
