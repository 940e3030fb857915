import { scoreOfSeverity } from "@plimsoll/model";
import { severityOf } from "@plimsoll/cvss";
import type { Vulnerability } from "@plimsoll/model";

/**
 * One score, 0 to 10, within the range of the finding's severity: a stated CVSS score of that rating, one from the severity's source first; else a
 * fixed score for the severity. A reader that derives the severity from the number then shows the same one.
 */
export function representativeScore(finding: Vulnerability): number {
  return agreeingScore(finding) ?? scoreOfSeverity(finding.severity);
}

/** The CVSS score to show, of those that the finding states: one that agrees with the severity before others. Undefined: it states none. */
export function statedScore(finding: Vulnerability): number | undefined {
  return agreeingScore(finding) ?? finding.cvss[0]?.score;
}

function agreeingScore({ cvss, severity, severitySource }: Vulnerability): number | undefined {
  const agreeing = cvss.filter(({ score, version }) => severityOf(score, version) === severity);
  return (agreeing.find(({ source }) => source === severitySource) ?? agreeing[0])?.score;
}
