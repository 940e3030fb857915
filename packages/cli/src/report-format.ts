import { everyReporter, reporterFor } from "@plimsoll/report";
import type { Reporter } from "@plimsoll/model";
import { UsageError } from "./command-line.ts";
import type { Terminal } from "./command-line.ts";
import { readText } from "./read-text.ts";
import type { ScanFlags } from "./scan-flags.ts";

/** What `--format` takes. */
export const formatNames: readonly string[] = [...everyReporter.keys()];

/** The reporter that the flags ask for; colour and width only for a terminal. */
export function chooseReporter(
  flags: Pick<ScanFlags, "format" | "output" | "listAllPkgs" | "dependencyTree" | "showSuppressed" | "template">,
  terminal: Terminal,
): Reporter {
  if (!everyReporter.has(flags.format))
    throw new UsageError(`--format: "${flags.format}" is none of ${formatNames.join(", ")}`);
  const onTerminal = flags.output === undefined && terminal.stdout.isTTY === true;
  return reporterFor(flags.format, {
    listAllPackages: flags.listAllPkgs,
    dependencyTree: flags.dependencyTree,
    showSuppressed: flags.showSuppressed,
    template: flags.template?.startsWith("@") === true ? readText(flags.template.slice(1)) : flags.template,
    color: onTerminal && terminal.env["NO_COLOR"] === undefined,
    width: onTerminal ? terminal.stdout.columns : undefined,
  });
}
