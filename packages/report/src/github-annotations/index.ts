import { findingKinds, piecesOf } from "@plimsoll/model";
import type { Vulnerability, Package, Report, Reporter, Severity } from "@plimsoll/model";
import { coverageSentence } from "../shared/coverage-text.ts";
import { freshnessText } from "../shared/freshness.ts";
import { unratedSentence } from "../shared/left-out.ts";
import { orderedReport } from "../shared/ordered-report.ts";
import { detailOf, fixOf, headlineOf, otherLists, placeOf, problemsOf } from "../shared/other-findings.ts";
import type { OtherFinding } from "../shared/other-findings.ts";
import { pageOf, primaryUrl } from "../shared/primary-url.ts";
import { countsText } from "../shared/severity-counts.ts";
import { visibleStart } from "../shared/visible-text.ts";
import type { ReportFormat } from "../shared/report-format.ts";

/** GitHub shows no more than this many annotations of a kind and step; the rest would only be noise in the log. */
const maxAnnotations = 50;

/** Workflow commands that GitHub Actions turns into annotations (docs.github.com, "Workflow commands"). */
export function githubAnnotations(): Reporter {
  return {
    id: "github-annotations",
    mediaType: "text/plain",
    shows: findingKinds,
    render: (report) =>
      piecesOf(function* () {
        yield* commands(yield* orderedReport(report));
      }),
  };
}

/** The formats of this module, under the names that `--format` takes. */
export const formats: readonly ReportFormat[] = [{ id: "github-annotations", make: () => githubAnnotations() }];

const levels: Readonly<Record<Severity, string>> = {
  CRITICAL: "error",
  HIGH: "error",
  MEDIUM: "warning",
  LOW: "notice",
  NEGLIGIBLE: "notice",
  UNKNOWN: "notice",
};

function* commands(report: Report): Iterable<string> {
  const packages = new Map(report.packages.map((pkg) => [pkg.id, pkg]));
  const findings = problemsOf(report);
  for (const finding of findings.slice(0, maxAnnotations))
    yield finding.kind === "vulnerability"
      ? annotation(finding, packages.get(finding.package.id))
      : otherAnnotation(finding);
  const rest = findings.length - maxAnnotations;
  const more = rest > 0 ? ` ${rest} of them are not annotated.` : "";
  const title = property(
    `${otherLists(report).length === 0 ? "Vulnerabilities" : "Findings"} in ${report.artifact.name}`,
  );
  const unrated = unratedSentence(report);
  const sources = freshnessText(report);
  const dated = sources === undefined ? "" : ` Advisory data: ${sources}.`;
  const hidden = unrated === undefined ? "" : ` ${unrated}.`;
  yield `::notice title=${title}::${data(`${countsText(findings)}.${more}${hidden} Coverage: ${coverageSentence(report)}${dated}`)}\n`;
}

function annotation(finding: Vulnerability, pkg: Package | undefined): string {
  const [location] = pkg?.locations ?? [];
  const { package: named, fixedVersion } = finding;
  const place =
    location === undefined ? "" : `file=${property(location.path)},line=${Math.max(1, location.line ?? 1)},`;
  const title = property(`${finding.id} in ${named.name} ${named.version}`);
  const fix = fixedVersion === undefined ? "no fix yet" : `fixed in ${fixedVersion}`;
  const message = `${finding.severity}: ${finding.title ?? finding.id} (${fix}) ${primaryUrl(finding)}`;
  return `::${levels[finding.severity]} ${place}title=${title}::${data(message)}\n`;
}

function otherAnnotation(finding: OtherFinding): string {
  const { location, severity, id } = finding;
  const lines =
    location === undefined
      ? ""
      : `,line=${Math.max(1, location.line ?? 1)}${location.endLine === undefined ? "" : `,endLine=${location.endLine}`}`;
  const place = location === undefined || location.path === "" ? "" : `file=${property(location.path)}${lines},`;
  const title = property(`${id} in ${placeOf(finding)}`);
  const fix = fixOf(finding);
  const mended = fix === undefined ? "" : `Fix, ${fix}. `;
  const message = `${severity}: ${headlineOf(finding)} (${detailOf(finding)}) ${mended}${pageOf(finding) ?? ""}`.trim();
  return `::${levels[severity]} ${place}title=${title}::${data(message)}\n`;
}

/** Escapes of actions/toolkit's command.ts: what would end a message or a property. */
function data(text: string): string {
  return visibleStart(text, 1000).replaceAll("%", "%25");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
