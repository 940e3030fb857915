import { severityOf } from "@plimsoll/cvss";
import type { Finding, Severity } from "@plimsoll/model";

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
export function representativeScore(finding: Finding): number {
  const agreeing = finding.cvss.filter(({ score, version }) => severityOf(score, version) === finding.severity);
  const best = agreeing.find(({ source }) => source === finding.severitySource) ?? agreeing[0];
  return best?.score ?? middles[finding.severity];
}
