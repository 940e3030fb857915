/**
 * Gatekeeper's policies without a cluster: constraint templates in Rego and CEL, constraints, mutation, expansion,
 * ValidatingAdmissionPolicy, and what `gator` does with them.
 * @module
 * @example
 * import { loadPolicies } from "@plimsoll/gatekeeper";
 * const policies = loadPolicies([template, constraint]);
 * for (const { message, constraint } of policies.review(pod).violations) console.log(constraint.name, message);
 */

// Policies
export { loadPolicies } from "./load-policies.ts";
export type {
  AuditedObject,
  AuditOptions,
  Authorize,
  LoadOptions,
  MutatedObject,
  MutateOptions,
  ObjectToReview,
  OmittedViolations,
  Policies,
  PolicyProblem,
  ReviewOptions,
  ReviewResult,
  TemplateEngine,
  Violation,
} from "./policies.ts";
export { comparePolicies } from "./compare-policies.ts";
export type { ChangedViolation, ComparedFailure, PolicyComparison } from "./compare-policies.ts";
export type { IgnoredFailure } from "./ignored-failures.ts";
export type { UnknownMembers } from "./mutating-policy/mutate-by-policies.ts";
export { PolicyError } from "./policy-error.ts";
export type { PolicyErrorKind } from "./policy-error.ts";
export type { Constraint } from "./constraints/constraint.ts";
export { denies, enforcementPoints } from "./constraints/enforcement.ts";
export type { Enforcement, EnforcementPoint } from "./constraints/enforcement.ts";
export type { ExpandedObject } from "./expansion/expand.ts";
export type { DataProvider, ProviderAnswer } from "./external-data.ts";
export { isProvider, remoteProviders } from "./remote-providers.ts";
export type { PostToProvider, RemoteProviderOptions, RemoteProviders } from "./remote-providers.ts";
export type { ObjectSource } from "./match/match.ts";
export type { ConstraintTemplate, TemplateOptions } from "./templates/template.ts";
export { CelSubject } from "./cel/cel-policy.ts";
export type { CelPolicy, CelReviewed, FailurePolicy } from "./cel/cel-policy.ts";

// ValidatingAdmissionPolicy
export { bindingFromConstraint, policyFromTemplate } from "./vap/from-template.ts";

// Audits
export { auditStream } from "./audit/audit-stream.ts";
export type { AuditRun, AuditStreamOptions, AuditSummary } from "./audit/audit-stream.ts";
export { isSyncObject, readSync, syncedObjects } from "./audit/sync.ts";
export type { SyncSettings, SyncStatus } from "./audit/sync.ts";
export { violationFindings } from "./audit/violation-findings.ts";
export type { ViolationFindingsOptions } from "./audit/violation-findings.ts";

// What gator does
export { readObjects } from "./gator/read-objects.ts";
export { crossCheck } from "./gator/cross-check.ts";
export type { CrossCheck, Disagreement } from "./gator/cross-check.ts";
export { crossCheckSuite, crossCheckSuites, isSuite, runSuite, verifySuites } from "./gator/suites.ts";
export type { CaseResult, ReadFile, SuiteError, SuiteOptions, SuiteResult, TestResult } from "./gator/suites.ts";
export { expandObjects, isDenial, testObjects } from "./gator/test-objects.ts";
export type { TestFailure, TestOptions, TestViolation } from "./gator/test-objects.ts";
export type { GroupVersionKind } from "./match/object-facts.ts";
export type { RegoTemplate } from "./templates/rego-source.ts";
