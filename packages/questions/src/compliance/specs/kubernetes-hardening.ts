import type { ComplianceSpec } from "../compliance-spec.ts";
import { control } from "./control.ts";

const failsByDefault = { defaultStatus: "FAIL" } as const;

/** What NSA and CISA ask of clusters, as far as scanners can tell; control numbers are Trivy's. */
export const hardeningGuidance: ComplianceSpec = {
  id: "k8s-nsa-1.0",
  title: "National Security Agency - Kubernetes Hardening Guidance v1.0",
  description: "The Kubernetes Hardening Guidance of NSA and CISA.",
  version: "1.0",
  relatedResources: [
    "https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF",
  ],
  platform: "k8s",
  type: "nsa",
  controls: [
    control("1.0", "MEDIUM", "Containers do not run as root", ["KSV-0012"]),
    control("1.1", "LOW", "Root file systems of containers are read-only", ["KSV-0014"]),
    control("1.2", "HIGH", "Containers are not privileged", ["KSV-0017"]),
    control("1.3", "HIGH", "Pods do not share the node's IPC", ["KSV-0008"]),
    control("1.4", "HIGH", "Pods do not use the node's network", ["KSV-0009"]),
    control("1.5", "HIGH", "Pods do not share the node's processes", ["KSV-0010"]),
    control("1.6", "LOW", "Containers are not in the root group", ["KSV-0029"]),
    control("1.7", "MEDIUM", "Processes cannot gain privileges", ["KSV-0001"]),
    control("1.8", "MEDIUM", "AppArmor profiles are not switched off", ["KSV-0002"]),
    control("1.9", "MEDIUM", "System calls are limited by a seccomp profile", ["KSV-0030"]),
    control("1.10", "LOW", "Pods choose a seccomp profile", ["KSV-0030"]),
    control("1.11", "MEDIUM", "Service account tokens are mounted only where they are used", ["KSV-0036"]),
    control("1.12", "MEDIUM", "kube-system is not used for other workloads", ["KSV-0037"], failsByDefault),
    control("2.0", "MEDIUM", "Network policies select pods or namespaces", ["KSV-0038"], failsByDefault),
    control("3.0", "CRITICAL", "The network plugin enforces network policies (Manual)", [], failsByDefault),
    control("4.0", "MEDIUM", "Namespaces have resource quotas", ["KSV-0040"], failsByDefault),
    control("4.1", "MEDIUM", "Namespaces have limit ranges", ["KSV-0039"], failsByDefault),
    control("5.0", "CRITICAL", "The control plane has no insecure port (Manual)", [], failsByDefault),
    control("5.1", "CRITICAL", "Traffic with etcd is encrypted", ["KCV-0030"]),
    control("6.0", "CRITICAL", "Only administrators can read kubeconfig files (Manual)", [], failsByDefault),
    control("6.1", "CRITICAL", "An encryption configuration is set", ["KCV-0029"]),
    control("6.2", "CRITICAL", "The encryption configuration names a provider", ["KCV-0004"]),
    control("7.0", "CRITICAL", "Anonymous requests are refused", ["KCV-0001"]),
    control("7.1", "CRITICAL", "Requests are authorised by RBAC", ["KCV-0008"]),
    control("8.0", "HIGH", "An audit policy is set (Manual)", [], failsByDefault),
    control("8.1", "MEDIUM", "Audit logs are written", ["KCV-0019"]),
    control("8.2", "MEDIUM", "Audit logs are kept long enough", ["KCV-0020"]),
  ],
};
