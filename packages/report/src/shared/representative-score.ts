import { scoreOfSeverity } from "@plimsoll/model";
import { severityOf } from "@plimsoll/cvss";
import type { Vulnerability } from "@plimsoll/model";

/**
 * One number, 0 to 10, that agrees with the severity: a score somebody gave, where one rates the same, those of
 * the severity's own source first. A reader that buckets numbers then shows the severity we show.
 */
export function representativeScore(finding: Vulnerability): number {
  return agreeingScore(finding) ?? scoreOfSeverity(finding.severity);
}

/** The score to show people, of those that somebody gave: one that agrees with the severity before others. Undefined: nobody scored it. */
export function statedScore(finding: Vulnerability): number | undefined {
  return agreeingScore(finding) ?? finding.cvss[0]?.score;
}

function agreeingScore({ cvss, severity, severitySource }: Vulnerability): number | undefined {
  const agreeing = cvss.filter(({ score, version }) => severityOf(score, version) === severity);
  return (agreeing.find(({ source }) => source === severitySource) ?? agreeing[0])?.score;
}
