/**
 * Whether an image or an object may run: Kritis' image policies over reports and attestations, as a pure decision that says why, and as a
 * webhook. What goes wrong is a refusal with its reason, never an admission.
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
export { breakglassAnnotation, decide } from "./decide.ts";
export type { Decision, DecisionReason, Evidence, PatchOperation } from "./decide.ts";
export { admissionHandler, admissionResponse } from "./admission-handler.ts";
export type { AdmissionHandlerOptions } from "./admission-handler.ts";
