import type { ComplianceSpec } from "../compliance-spec.ts";
import { dockerBenchmark } from "./docker-cis.ts";
import { hardeningGuidance } from "./kubernetes-hardening.ts";
import { podSecurityBaseline, podSecurityRestricted } from "./pod-security-standards.ts";

/** Specifications that come with this package, in the order of their ids. */
export const complianceSpecs: readonly ComplianceSpec[] = [
  dockerBenchmark,
  hardeningGuidance,
  podSecurityBaseline,
  podSecurityRestricted,
];

/** The specification of an id, such as `k8s-nsa-1.0`; undefined: it does not come with this package. */
export function findComplianceSpec(id: string): ComplianceSpec | undefined {
  return complianceSpecs.find((spec) => spec.id === id);
}
