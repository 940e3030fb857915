import type { ComplianceControl, ComplianceSpec } from "../compliance-spec.ts";
import { control } from "./control.ts";

const url = "https://kubernetes.io/docs/concepts/security/pod-security-standards/";

const baseline: readonly ComplianceControl[] = [
  control("1", "HIGH", "HostProcess", ["KSV-0103"]),
  control("2", "HIGH", "Host Namespaces", ["KSV-0008", "KSV-0009", "KSV-0010"]),
  control("3", "HIGH", "Privileged Containers", ["KSV-0017"]),
  control("4", "MEDIUM", "Capabilities", ["KSV-0022"]),
  control("5", "MEDIUM", "HostPath Volumes", ["KSV-0023"]),
  control("6", "HIGH", "Host Ports", ["KSV-0024"]),
  control("7", "HIGH", "AppArmor", ["KSV-0002"]),
  control("8", "MEDIUM", "SELinux", ["KSV-0025"]),
  control("9", "MEDIUM", "/proc Mount Type", ["KSV-0027"]),
  control("10", "MEDIUM", "Seccomp", ["KSV-0104"]),
  control("11", "MEDIUM", "Sysctls", ["KSV-0026"]),
];

/** What the baseline policy of Kubernetes' Pod Security Standards asks for. */
export const podSecurityBaseline: ComplianceSpec = {
  id: "k8s-pss-baseline-0.1",
  title: "Kubernetes Pod Security Standards - Baseline",
  description: "Forbids the known ways to gain privileges.",
  version: "0.1",
  relatedResources: [`${url}#baseline`],
  platform: "k8s",
  type: "pss",
  controls: baseline,
};

/** What the restricted policy of Kubernetes' Pod Security Standards asks for, the baseline included. */
export const podSecurityRestricted: ComplianceSpec = {
  id: "k8s-pss-restricted-0.1",
  title: "Kubernetes Pod Security Standards - Restricted",
  description: "Hardens pods beyond the baseline, at the cost of some compatibility.",
  version: "0.1",
  relatedResources: [`${url}#restricted`],
  platform: "k8s",
  type: "pss",
  controls: [
    ...baseline,
    control("12", "LOW", "Volume Types", ["KSV-0028"]),
    control("13", "MEDIUM", "Privilege Escalation", ["KSV-0001"]),
    control("14", "MEDIUM", "Running as Non-root", ["KSV-0012"]),
    control("15", "LOW", "Running as Non-root user", ["KSV-0105"]),
    control("16", "LOW", "Seccomp", ["KSV-0030"]),
    control("17", "LOW", "Capabilities", ["KSV-0106"]),
  ],
};
