import type { Vulnerability, Package, Report, Reporter, Severity } from "@plimsoll/model";
import { coverageSentence } from "../shared/coverage-text.ts";
import { orderedReport } from "../shared/ordered-report.ts";
import { primaryUrl } from "../shared/primary-url.ts";
import { countsText } from "../shared/severity-counts.ts";
import { visibleStart } from "../shared/visible-text.ts";

/** GitHub shows no more than this many annotations of a kind and step; the rest would only be noise in the log. */
const maxAnnotations = 50;

/** Workflow commands that GitHub Actions turns into annotations (docs.github.com, "Workflow commands"). */
export function githubAnnotations(): Reporter {
  return {
    id: "github-annotations",
    mediaType: "text/plain",
    shows: ["vulnerability"],
    render: (report) => commands(orderedReport(report)),
  };
}

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
  const findings = report.vulnerabilities ?? [];
  for (const finding of findings.slice(0, maxAnnotations)) yield annotation(finding, packages.get(finding.package.id));
  const rest = findings.length - maxAnnotations;
  const more = rest > 0 ? ` ${rest} of them are not annotated.` : "";
  const title = property(`Vulnerabilities in ${report.artifact.name}`);
  yield `::notice title=${title}::${data(`${countsText(findings)}.${more} Coverage: ${coverageSentence(report)}`)}\n`;
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

/** Escapes of actions/toolkit's command.ts: what would end a message or a property. */
function data(text: string): string {
  return visibleStart(text, 1000).replaceAll("%", "%25");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
