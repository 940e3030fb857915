/**
 * What is wrong with a configuration: checks of Dockerfiles and Kubernetes manifests, each with why it matters, what to do, the lines, and
 * where possible the edit that mends it.
 * @module
 * @example
 * import { readConfigs } from "@plimsoll/configs";
 * import { runChecks } from "@plimsoll/checks";
 * const { documents } = readConfigs([{ path: "Dockerfile", text: "FROM alpine\n" }]);
 * runChecks(documents).findings.map((finding) => finding.id); // ["DS-0001", "DS-0002", "DS-0026"]
 */
export { everyCheck } from "./every-check.ts";
export { runChecks, runChecksInTurns } from "./run-checks.ts";
export { FindingLimit } from "./shared/finding-limit.ts";
export type { CheckedConfigs, IgnoredFinding, RunChecksOptions } from "./run-checks.ts";
export type {
  Check,
  CheckFacts,
  CheckHit,
  CheckInfo,
  CheckedContainer,
  DockerfileCheck,
  DocumentCheck,
  KubernetesCheck,
  KubernetesSubject,
  ObjectCheck,
} from "./check.ts";
export { regoChecks } from "./rego/index.ts";
export { schemasNamedIn } from "./rego/schemas.ts";
export { trivyFunctions } from "./rego/functions.ts";
export type { RegoChecks, RegoChecksOptions, RegoFile } from "./rego/index.ts";
export type { Change } from "./shared/fixes/change.ts";

// Workload audit
export { auditStatements, auditWorkloads, everyAuditor, fixWorkloads, readAuditConfig } from "./audit/index.ts";
export type {
  AuditFinding,
  AuditLevel,
  AuditOptions,
  AuditStatement,
  FixedWorkloads,
  FixOptions,
  RefusedFix,
} from "./audit/index.ts";
export type { Auditor } from "./audit/auditor.ts";
export type { AuditConfig } from "./audit/audit-config.ts";
export type { AuditContext } from "./audit/audit-context.ts";
export type { AuditedObject } from "./audit/audited-object.ts";
export type { DocumentPatch } from "./audit/fix-workloads.ts";

// Changed values, written into the text that they came from
export { mergeManifest } from "./merge/merge-manifest.ts";
