/**
 * What to do about a finding: filters, ignore files, VEX documents, gates. Policies are values; typed functions are policies too.
 * @module
 * @example
 * import { applyPolicies, filterPolicies } from "@plimsoll/policy";
 * const { findings, suppressed } = applyPolicies(report.findings ?? [], filterPolicies({ severities: ["CRITICAL"] }), report.packages);
 */
export { applyPolicies } from "./apply-policies.ts";
export type { Judgement } from "./apply-policies.ts";

// Filters and gates
export {
  filterPolicies,
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
export { compareReports } from "./compare-reports.ts";

// Ignore files
export { ignoreFile } from "./ignore-file.ts";
export type { IgnoreFileOptions, IgnoreFormat } from "./ignore-file.ts";
export type { Now } from "./expiry.ts";

// VEX
export { vexDocument } from "./vex/vex-document.ts";
export type { VexOptions } from "./vex/vex-document.ts";
