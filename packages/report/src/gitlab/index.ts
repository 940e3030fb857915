import type { Steps } from "@plimsoll/formats";
import { piecesOf } from "@plimsoll/model";
import type { FindingKind, Report, Reporter, Vulnerability } from "@plimsoll/model";
import { uuidOf } from "../shared/content-id.ts";
import { gitlabScan, gitlabSeverities, gitlabVersion } from "../shared/gitlab-scan.ts";
import { items } from "../shared/items.ts";
import { streamObject } from "../shared/json-text.ts";
import { orderedReport } from "../shared/ordered-report.ts";
import { primaryUrl, webReferences } from "../shared/primary-url.ts";
import { visibleStart } from "../shared/visible-text.ts";
import type { ReportFormat } from "../shared/report-format.ts";

/** GitLab's container scanning report (gitlab-org/security-products/security-report-schemas, 15.0.7). */
export function gitlab(): Reporter {
  return {
    id: "gitlab",
    mediaType: "application/json",
    shows,
    render: (report) =>
      piecesOf(function* () {
        yield* streamObject(yield* document(yield* orderedReport(report)));
      }),
  };
}

/** The formats of this module, under the names that `--format` takes. */
export const formats: readonly ReportFormat[] = [{ id: "gitlab", make: () => gitlab() }];

const shows: readonly FindingKind[] = ["vulnerability"];

function* document(report: Report): Steps<Readonly<Record<string, unknown>>> {
  return {
    version: gitlabVersion,
    scan: gitlabScan(report, "container_scanning", { id: "gitlab", shows }),
    vulnerabilities: yield* items(report.vulnerabilities ?? [], (finding) => vulnerability(finding, report)),
    remediations: [],
  };
}

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
    severity: gitlabSeverities[finding.severity],
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
