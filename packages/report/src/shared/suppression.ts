import { filterIds } from "@plimsoll/model";
import type { SuppressedFinding, Vulnerability } from "@plimsoll/model";

/** Ids of filters. A filter chooses what is shown, and says nothing about a finding. */
const filters: ReadonlySet<string> = new Set(filterIds);

/** The findings that VEX, an ignore rule or a policy suppressed, without those that only a filter removed. */
export function judged(suppressed: readonly SuppressedFinding[] | undefined): readonly SuppressedFinding[] {
  return (suppressed ?? []).filter(({ by }) => !filters.has(by));
}

/** A suppressed finding that is a vulnerability. */
export interface SuppressedVulnerability extends SuppressedFinding {
  readonly finding: Vulnerability;
}

/** The suppressed findings that are vulnerabilities. */
export function suppressedVulnerabilities(
  suppressed: readonly SuppressedFinding[] | undefined,
): readonly SuppressedVulnerability[] {
  return (suppressed ?? []).flatMap(({ finding, ...rest }) =>
    finding.kind === "vulnerability" ? [{ ...rest, finding }] : [],
  );
}
