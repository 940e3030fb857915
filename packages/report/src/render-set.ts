import { compareBy, compareText, piecesOf, ScanError, stepsOf } from "@plimsoll/model";
import type { Report, Reporter, ReportSet } from "@plimsoll/model";

/** The formats that have a place for several reports, by name: all others are refused. */
const joinable: ReadonlySet<string> = new Set(["table", "markdown", "csv", "github-annotations", "template"]);

/**
 * Renders a report, or reports that belong together, in the order of their artifacts' names, platforms and digests.
 * @throws ScanError `invalid-option` naming the format, when it has no place for more than one report.
 */
export function renderReports(reporter: Reporter, reports: Report | ReportSet): Iterable<string> {
  if (!("reports" in reports)) return reporter.render(reports);
  const ordered = { ...reports, reports: reports.reports.toSorted(byArtifact) };
  if (reporter.renderSet !== undefined) return reporter.renderSet(ordered);
  if (joinable.has(reporter.id)) return piecesOf(() => oneAfterTheOther(reporter, ordered));
  throw new ScanError({
    kind: "invalid-option",
    option: "format",
    reason: `"${reporter.id}" cannot hold the ${ordered.reports.length} reports of ${ordered.subject.kind} ${ordered.subject.name}`,
  });
}

const byArtifact = compareBy<Report>(
  (a, b) => compareText(a.artifact.name, b.artifact.name),
  (a, b) => compareText(a.artifact.platform ?? "", b.artifact.platform ?? ""),
  (a, b) => compareText(a.artifact.digest ?? "", b.artifact.digest ?? ""),
);

/** Formats whose documents are lines: the head of a table of values stands once. */
function* oneAfterTheOther(reporter: Reporter, { reports }: ReportSet): Iterable<string | number> {
  for (const [at, report] of reports.entries()) {
    if (at > 0 && reporter.id !== "csv") yield "\n";
    let isHead = at > 0 && reporter.id === "csv";
    for (const step of stepsOf(reporter.render(report))) {
      if (typeof step === "number" || !isHead) yield step;
      else isHead = false;
    }
  }
}
