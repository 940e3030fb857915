import { reporterFor } from "@plimsoll/report";
import type { Artifact, CoverageGap, Misconfiguration, Report } from "@plimsoll/model";
import { tool } from "plimsoll";
import { ciFacts, creationTime } from "./ci-facts.ts";
import type { Terminal } from "./command-line.ts";
import { UsageError } from "./command-line.ts";
import { formatNames } from "./report-format.ts";

/** Report formats that can show findings without packages. */
export const findingFormats: readonly string[] = formatNames.filter((name) => name !== "template" && name !== "table");

/** A report that has only misconfigurations, of a node or of endpoints. */
export function findingReport(
  artifact: Pick<Artifact, "name" | "kind">,
  { misconfigurations, gaps }: { misconfigurations: readonly Misconfiguration[]; gaps: readonly CoverageGap[] },
): Report {
  const verdict = gaps.length === 0 ? "complete" : "partial";
  return {
    schemaVersion: 2,
    tool,
    artifact: { ...artifact, layers: [] },
    packages: [],
    misconfigurations,
    coverage: { verdict, scanners: { misconfig: verdict }, gaps },
    diagnostics: [],
  };
}

/** Renders a report in one of the formats of all reports. @throws UsageError for an unknown format. */
export function renderFindingReport(
  report: Report,
  format: string,
  terminal: Pick<Terminal, "env" | "now">,
): Iterable<string> {
  if (!findingFormats.includes(format))
    throw new UsageError(`--format: "${format}" is none of ${findingFormats.join(", ")}`);
  const reporter = reporterFor(format, ciFacts(format, {}, terminal));
  const createdAt = creationTime(reporter, {}, terminal);
  return reporter.render(createdAt === undefined ? report : { ...report, createdAt });
}
