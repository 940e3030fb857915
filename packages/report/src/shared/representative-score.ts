import { severityOf } from "@plimsoll/cvss";
import type { Vulnerability, Severity } from "@plimsoll/model";

/** The middle of each rating's range of scores (CVSS 3.1 §5), for findings that nobody scored. */
const middles: Readonly<Record<Severity, number>> = {
  CRITICAL: 9.5,
  HIGH: 8,
  MEDIUM: 5.5,
  LOW: 2,
  NEGLIGIBLE: 0.1,
  UNKNOWN: 0,
};

/**
 * One number, 0 to 10, that agrees with the severity: a score somebody gave, where one rates the same, those of
 * the severity's own source first. A reader that buckets numbers then shows the severity we show.
 */
export function representativeScore(finding: Vulnerability): number {
  return agreeingScore(finding) ?? middles[finding.severity];
}

/** The score to show people, of those that somebody gave: one that agrees with the severity before others. Undefined: nobody scored it. */
export function statedScore(finding: Vulnerability): number | undefined {
  return agreeingScore(finding) ?? finding.cvss[0]?.score;
}

function agreeingScore({ cvss, severity, severitySource }: Vulnerability): number | undefined {
  const agreeing = cvss.filter(({ score, version }) => severityOf(score, version) === severity);
  return (agreeing.find(({ source }) => source === severitySource) ?? agreeing[0])?.score;
}
