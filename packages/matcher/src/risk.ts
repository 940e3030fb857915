import { scoreOfSeverity } from "@plimsoll/model";
import type { Vulnerability } from "@plimsoll/model";

/** Impact of what nobody has rated: half of what there is, neither ignored nor feared. */
const impactOfUnrated = 5;

/**
 * 0 to 100, one decimal: `10 × impact × likelihood`. Impact is the score of the finding's first CVSS rating, or the middle of its severity's band.
 * Likelihood is 1 when the vulnerability is known to be exploited, else the EPSS probability. Undefined when neither is known:
 * nobody has said how likely it is.
 */
export function riskScore(
  finding: Pick<Vulnerability, "severity" | "cvss" | "epss" | "knownExploited">,
): number | undefined {
  const likelihood = finding.knownExploited === undefined ? finding.epss?.probability : 1;
  if (likelihood === undefined) return undefined;
  const impact =
    finding.cvss[0]?.score ?? (finding.severity === "UNKNOWN" ? impactOfUnrated : scoreOfSeverity(finding.severity));
  return Math.round(100 * impact * Math.min(1, Math.max(0, likelihood))) / 10;
}
