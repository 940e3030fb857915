import { severities, type Finding, type Severity } from "@plimsoll/model";

/** How many findings of each severity, worst first; severities without findings are kept with 0. */
export function severityCounts(findings: readonly Finding[]): ReadonlyMap<Severity, number> {
  const counts = new Map<Severity, number>(severities.map((severity) => [severity, 0]));
  for (const { severity } of findings) counts.set(severity, (counts.get(severity) ?? 0) + 1);
  return counts;
}

/** `12 (1 critical, 11 low)`; `0` when there is none. */
export function countsText(findings: readonly Finding[]): string {
  return findings.length === 0 ? "0" : `${findings.length} (${severityWords(findings)})`;
}

/** `1 critical, 11 low`. */
export function severityWords(findings: readonly Finding[]): string {
  return [...severityCounts(findings)]
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity.toLowerCase()}`)
    .join(", ");
}
