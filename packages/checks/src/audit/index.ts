export { auditStatements, auditWorkloads } from "./audit-workloads.ts";
export type { AuditFinding, AuditOptions, AuditStatement } from "./audit-workloads.ts";
export { readAuditConfig } from "./audit-config.ts";
export type { AuditLevel } from "./auditor.ts";
export { everyAuditor } from "./auditors/index.ts";
export { fixWorkloads } from "./fix-workloads.ts";
export type { DocumentPatch, FixedWorkloads, FixOptions, PatchOperation, RefusedFix } from "./fix-workloads.ts";
