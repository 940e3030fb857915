import type { FindingKind, Report, Reporter, Severity, Vulnerability } from "@plimsoll/model";
import { uuidOf } from "../shared/content-id.ts";
import { dateOrEpoch } from "../shared/fallback-date.ts";
import { streamObject } from "../shared/json-text.ts";
import { leftOutSentence, unratedSentence } from "../shared/left-out.ts";
import { orderedReport } from "../shared/ordered-report.ts";
import { primaryUrl, webReferences } from "../shared/primary-url.ts";
import { visibleStart } from "../shared/visible-text.ts";

/** GitLab's container scanning report (gitlab-org/security-products/security-report-schemas, 15.0.7). */
export function gitlab(): Reporter {
  return {
    id: "gitlab",
    mediaType: "application/json",
    shows,
    render: (report) => streamObject(document(orderedReport(report))),
  };
}

const shows: readonly FindingKind[] = ["vulnerability"];

function document(report: Report): Readonly<Record<string, unknown>> {
  const { tool } = report;
  const leftOut = leftOutSentence(report, { id: "gitlab", shows });
  const time = dateOrEpoch(report).slice(0, 19);
  const scanner = { id: tool.name, name: "Plimsoll", vendor: { name: "Plimsoll" }, version: tool.version };
  return {
    version: "15.0.7",
    scan: {
      analyzer: scanner,
      scanner,
      type: "container_scanning",
      start_time: time,
      end_time: time,
      status: "success",
      messages: [
        ...report.diagnostics
          .filter(({ effect }) => effect === "incomplete")
          .map(({ message }) => ({ level: "warn", value: visibleStart(message, 1000) || "incomplete" })),
        ...[leftOut, unratedSentence(report)].flatMap((value) =>
          value === undefined ? [] : [{ level: "info", value }],
        ),
      ],
    },
    vulnerabilities: (report.vulnerabilities ?? []).map((finding) => vulnerability(finding, report)),
    remediations: [],
  };
}

const severityWords: Readonly<Record<Severity, string>> = {
  CRITICAL: "Critical",
  HIGH: "High",
  MEDIUM: "Medium",
  LOW: "Low",
  NEGLIGIBLE: "Info",
  UNKNOWN: "Unknown",
};

function vulnerability(finding: Vulnerability, report: Report): Readonly<Record<string, unknown>> {
  const { package: pkg, fixedVersion } = finding;
  const { artifact } = report;
  const vectors = finding.cvss
    .filter(({ version, vector }) => version.startsWith("3") && /^CVSS:3\.[01](?:\/[A-Z]{1,3}:[A-Z])+$/.test(vector))
    .slice(0, 10)
    .map(({ source, vector }) => ({ vendor: visibleStart(source, 200) || "unknown", vector }));
  const links = webReferences(finding.references).map((url) => ({ url }));
  return {
    id: uuidOf([finding.id, pkg.id]),
    name: visibleStart(finding.title ?? finding.id, 255) || "Vulnerability",
    description: visibleStart(finding.description ?? finding.title ?? "", 100_000),
    severity: severityWords[finding.severity],
    solution:
      fixedVersion === undefined
        ? "No solution provided"
        : visibleStart(`Upgrade ${pkg.name} to ${fixedVersion}`, 7000),
    identifiers: [finding.id, ...finding.aliases].slice(0, 20).map((id) => ({
      type: (/^([A-Za-z]+)-/.exec(id)?.[1] ?? "other").toLowerCase().slice(0, 50),
      name: visibleStart(id, 200) || "unnamed",
      value: visibleStart(id, 200) || "unnamed",
      url: primaryUrl({ id, references: finding.references }),
    })),
    links,
    ...(vectors.length === 0 ? {} : { cvss_vectors: vectors }),
    location: {
      dependency: { package: { name: visibleStart(pkg.name, 1000) }, version: visibleStart(pkg.version, 1000) },
      operating_system:
        visibleStart(
          artifact.distro === undefined ? "Unknown" : `${artifact.distro.id} ${artifact.distro.versionId ?? ""}`.trim(),
          255,
        ) || "Unknown",
      image: visibleStart(artifact.name, 255) || "unnamed",
    },
  };
}
