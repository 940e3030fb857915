/**
 * Decides whether an image or a Kubernetes object may run, by Kritis' image policies, Gatekeeper, admission policies, checks and reports: as a pure
 * function whose decision gives its reasons, and as a webhook. Whatever cannot be evaluated is refused with the reason.
 * @module
 * @example
 * import { evaluateImagePolicies } from "@plimsoll/admission";
 * await evaluateImagePolicies({ image, policies, vulnerabilities }); // { allowed, violations, satisfied, … }
 */
export { areOwnersImages, isOfRepository, kritisRepositories, matchesNamePattern } from "./allowlist.ts";
export { isBuiltFrom, readImagePolicy } from "./image-policy.ts";
export type {
  AttestationPolicy,
  BuildPolicy,
  ImagePolicy,
  VulnerabilityPolicy,
  VulnerabilityRequirements,
} from "./image-policy.ts";
export type { Threshold } from "./severity.ts";
export { evaluateImagePolicies } from "./evaluate-image-policies.ts";
export type { ImageDecision, ImageEvidence, JudgedVulnerability, PolicyViolation } from "./evaluate-image-policies.ts";
export {
  applyChanges,
  breakglassAnnotation,
  decide,
  evidenceDigestOf,
  replayDecision,
  writeEvidence,
} from "./decide.ts";
export type { DecideOptions, Decision, DecisionChange, DecisionReason, Evidence } from "./evidence.ts";
export { preparePolicies } from "./prepared-policies.ts";
export type { PreparedPolicies, PrepareOptions } from "./prepared-policies.ts";
export type { CheckPolicy } from "./check-verdict.ts";
export type { ReportGate } from "./gate-verdict.ts";
export { readExemptions } from "./exemptions.ts";
export type { AdmissionExemption } from "./exemptions.ts";
export type { PatchOperation } from "./json-patch.ts";
export { vulnerabilitiesOf } from "./vulnerabilities-of.ts";

export { reviewPods } from "./review-pods.ts";
export type { PodReview, ReviewPodsOptions } from "./review-pods.ts";

// Signing by policy, and Kritis' settings
export { attestByPolicy } from "./attest-by-policy.ts";
export type { AttestByPolicyOptions, SigningMode, SigningOutcome } from "./attest-by-policy.ts";
export { readKritisConfig } from "./kritis-config.ts";
export type { KritisConfig } from "./kritis-config.ts";

// The webhook
export { admissionAnswers, admissionHandler, admissionResponse } from "./admission-handler.ts";
export type { AdmissionAnswer, AdmissionHandlerOptions } from "./admission-handler.ts";
export { evidenceSource } from "./evidence-source.ts";
export type { EvidenceSourceOptions } from "./evidence-source.ts";
export { verdictCache } from "./verdict-cache.ts";
export type { VerdictCache } from "./verdict-cache.ts";
export { memoryReportStore } from "./memory-report-store.ts";
