/**
 * What to do about a finding: filters, ignore files, VEX documents, gates. Triage rules are values; typed functions are rules too.
 * @module
 * @example
 * import { triage, filterRules } from "@plimsoll/triage";
 * const { findings, suppressed } = triage(report.findings ?? [], filterRules({ severities: ["CRITICAL"] }), report.packages);
 */
export { triage, triageInTurns } from "./triage.ts";
export type { Triaged, TriageOptions } from "./triage.ts";

// Filters and gates
export {
  filterRules,
  ignoreUnfixedFindings,
  onlyPackageTypes,
  onlySeverities,
  withoutPaths,
  withoutStatuses,
} from "./filters.ts";
export type { FilterOptions } from "./filters.ts";
export { failAtOrAbove } from "./gate.ts";
export type { Gate } from "./gate.ts";

// Comparisons
export { compareReports, compareReportsInTurns } from "./compare-reports.ts";

// Ignore files
export { ignoreFile } from "./ignore-file.ts";
export type { IgnoreFileOptions, IgnoreFormat } from "./ignore-file.ts";
export { readExpiry } from "./expiry.ts";
export type { Expiry, Now } from "./expiry.ts";

// Baselines
export { baseline } from "./baseline.ts";

// VEX
export { vexDocument } from "./vex-document.ts";
export type { VexOptions } from "./vex-document.ts";
export type { IgnoreRulesOptions } from "./ignore-rules.ts";
