import type { SuppressedFinding } from "@plimsoll/model";

/** Filters say what a reader wants to see; they are no judgement on a finding. */
const filters: ReadonlySet<string> = new Set([
  "severity",
  "ignore-unfixed",
  "ignore-status",
  "package-types",
  "ignore-paths",
]);

/** The suppressed findings that somebody judged, by VEX, an ignore rule or a policy of their own. */
export function judged(suppressed: readonly SuppressedFinding[] | undefined): readonly SuppressedFinding[] {
  return (suppressed ?? []).filter(({ by }) => !filters.has(by));
}
