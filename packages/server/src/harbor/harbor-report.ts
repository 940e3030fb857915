import type { CvssRating, Report, Vulnerability } from "@plimsoll/model";
import { tool } from "plimsoll";
import { normalizedSeverity } from "../clair/documents.ts";
import type { ClairSeverity } from "../clair/documents.ts";

/** An image as Harbor names it. */
export interface HarborArtifact {
  readonly repository: string;
  readonly digest: string;
  readonly tag?: string;
  readonly mime_type?: string;
}

/** The scanner's name, vendor and version, as Harbor asks for them. */
export const harborScanner: Readonly<Record<"name" | "vendor" | "version", string>> = {
  name: "Plimsoll",
  vendor: "Plimsoll",
  version: tool.version,
};

/** From mildest to worst. */
const order: readonly ClairSeverity[] = ["Unknown", "Negligible", "Low", "Medium", "High", "Critical"];

/** An entry of Harbor's list. */
interface HarborVulnerability {
  readonly id: string;
  readonly package: string;
  readonly version: string;
  readonly fix_version: string;
  readonly severity: ClairSeverity;
  readonly description: string;
  readonly links: readonly string[];
  readonly preferred_cvss?: object;
  readonly cwe_ids: readonly string[];
  readonly vendor_attributes: Readonly<Record<string, string>>;
}

/**
 * A report as Harbor's `HarborVulnerabilityReport`. The format has no field for coverage gaps, and an empty list means that there are no
 * vulnerabilities: each gap therefore becomes an entry of unknown severity.
 */
export function harborReport(report: Report, artifact: HarborArtifact, now: Date): object {
  const vulnerabilities = [
    ...(report.vulnerabilities ?? []).map(harborVulnerability),
    ...report.coverage.gaps.map(({ code, message }) => gapEntry(code, message)),
  ];
  const worst = vulnerabilities.reduce((most, { severity }) => Math.max(most, order.indexOf(severity)), 0);
  return {
    generated_at: now.toISOString(),
    artifact,
    scanner: harborScanner,
    severity: order[worst],
    vulnerabilities,
  };
}

function gapEntry(code: string, message: string): HarborVulnerability {
  return {
    id: `incomplete: ${code}`,
    package: "the image",
    version: "",
    fix_version: "",
    severity: "Unknown",
    description: `Not wholly known: ${message}`,
    links: [],
    cwe_ids: [],
    vendor_attributes: { status: "incomplete" },
  };
}

function harborVulnerability(finding: Vulnerability): HarborVulnerability {
  const { id, package: pkg, fixedVersion, severity, description, title, references, cvss, cwes = [] } = finding;
  const preferred = preferredCvss(cvss);
  return {
    id,
    package: pkg.name,
    version: pkg.version,
    fix_version: fixedVersion ?? "",
    severity: normalizedSeverity(severity),
    description: description ?? title ?? "",
    // Harbor takes addresses alone.
    links: references.filter((reference) => URL.canParse(reference)),
    ...(preferred === undefined ? {} : { preferred_cvss: preferred }),
    cwe_ids: cwes,
    vendor_attributes: { status: finding.status, purl: pkg.purl },
  };
}

function preferredCvss(ratings: readonly CvssRating[]): object | undefined {
  const third = ratings.find(({ version }) => version.startsWith("3."));
  const second = ratings.find(({ version }) => version.startsWith("2."));
  if (third === undefined && second === undefined) return undefined;
  return {
    ...(third === undefined ? {} : { score_v3: third.score, vector_v3: third.vector }),
    ...(second === undefined ? {} : { score_v2: second.score, vector_v2: second.vector }),
  };
}
