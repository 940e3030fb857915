/**
 * Questions to reports: whether what was scanned complies with a specification, control by control.
 * @module
 * @example
 * import { complianceReport, complianceTable, findComplianceSpec } from "@plimsoll/questions";
 * const spec = findComplianceSpec("k8s-pss-baseline-0.1");
 * if (spec !== undefined) console.log(complianceTable(complianceReport(spec, [report]), "summary"));
 */

// Specifications
export { readComplianceSpec } from "./compliance/compliance-spec.ts";
export type { ComplianceControl, ComplianceSpec } from "./compliance/compliance-spec.ts";
export { checkIdsByScanner, scannerOfCheck } from "./compliance/check-ids.ts";
export { complianceSpecs, findComplianceSpec } from "./compliance/specs/index.ts";

// Reports
export { complianceReport } from "./compliance/compliance-report.ts";
export type {
  ComplianceDetail,
  ComplianceReport,
  ControlResult,
  ControlStatus,
} from "./compliance/compliance-report.ts";
export type {
  ScanResult,
  ScannedMisconfiguration,
  ScannedSecret,
  ScannedVulnerability,
} from "./compliance/scan-result.ts";
export { complianceHtml } from "./compliance/compliance-html.ts";
export { complianceJson } from "./compliance/compliance-json.ts";
export { complianceTable } from "./compliance/compliance-table.ts";
