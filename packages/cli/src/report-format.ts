import { everyReporter, reporterFor } from "@plimsoll/report";
import type { ReporterOptions } from "@plimsoll/report";
import { ScanError } from "@plimsoll/model";
import type { Reporter } from "@plimsoll/model";
import { ciFacts } from "./ci-facts.ts";
import type { CiFlags } from "./ci-facts.ts";
import { UsageError } from "./command-line.ts";
import type { Terminal } from "./command-line.ts";
import { readText } from "./read-text.ts";
import type { ScanFlags } from "./scan-flags.ts";

/** What `--format` takes. */
export const formatNames: readonly string[] = [...everyReporter.keys()];

/** The reporter that the flags ask for; colour and width only for a terminal. */
export function chooseReporter(
  flags: Pick<
    ScanFlags,
    "format" | "output" | "listAllPkgs" | "dependencyTree" | "showSuppressed" | "template" | "quiet"
  > &
    CiFlags,
  terminal: Terminal,
  licenseText?: ReporterOptions["licenseText"],
): Reporter {
  // Grype's and Syft's -o is what --format is here.
  if (flags.output !== undefined && formatNames.includes(flags.output) && flags.quiet !== true)
    terminal.stderr.write(`warning: the report goes to a file named ${flags.output}; --format chooses the format\n`);
  const onTerminal = flags.output === undefined && terminal.stdout.isTTY === true;
  return reporterOrUsage(flags.format, {
    ...ciFacts(flags.format, flags, terminal),
    listAllPackages: flags.listAllPkgs,
    dependencyTree: flags.dependencyTree,
    showSuppressed: flags.showSuppressed,
    template: flags.template?.startsWith("@") === true ? readText(flags.template.slice(1)) : flags.template,
    licenseText,
    color: onTerminal && terminal.env["NO_COLOR"] === undefined,
    width: onTerminal ? terminal.stdout.columns : undefined,
  });
}

function reporterOrUsage(format: string, options: ReporterOptions): Reporter {
  try {
    return reporterFor(format, options);
  } catch (error) {
    if (error instanceof ScanError && error.failure.kind === "invalid-option")
      throw new UsageError(`--${error.failure.option}: ${error.failure.reason}`);
    throw error;
  }
}
