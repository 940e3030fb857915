import { severities } from "@plimsoll/model";
import type { Report } from "@plimsoll/model";
import type { JudgedVulnerability } from "./evaluate-image-policies.ts";

/**
 * The vulnerabilities of a report in the form that image policies evaluate: one for each id, with its worst severity in any package; a fix is
 * available if every affected package has one. Undefined where the report was made without scanning for vulnerabilities.
 */
export function vulnerabilitiesOf(report: Report): readonly JudgedVulnerability[] | undefined {
  if (report.vulnerabilities === undefined) return undefined;
  const byId = new Map<string, JudgedVulnerability>();
  for (const { id, severity, fixedVersion, fixedVersions } of report.vulnerabilities) {
    const fixAvailable = fixedVersion !== undefined || fixedVersions.length > 0;
    const known = byId.get(id);
    byId.set(id, {
      id,
      severity: known !== undefined && rank(known.severity) <= rank(severity) ? known.severity : severity,
      fixAvailable: fixAvailable && known?.fixAvailable !== false,
    });
  }
  return [...byId.values()];
}

function rank(severity: string): number {
  return severities.findIndex((each) => each === severity);
}
