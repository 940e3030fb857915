/**
 * A deprecated API version: the releases that introduced it (empty: not known), deprecated it and removed it, and what replaces it
 * (empty: nothing).
 */
export interface OutdatedApi {
  readonly apiVersion: string;
  readonly introduced: string;
  readonly deprecated: string;
  readonly removed: string;
  readonly replacement: string;
  readonly kinds: readonly string[];
}

/**
 * What Kubernetes deprecated up to 1.36, from the `prerelease-lifecycle` marks of its own API packages and its deprecation guide
 * (https://kubernetes.io/docs/reference/using-api/deprecation-guide/). When a release deprecates more, add a line: version, when it came,
 * was deprecated and goes, what to use instead, kinds.
 */
const outdatedApis: readonly OutdatedApi[] = [
  api("admission.k8s.io/v1beta1", "1.9", "1.19", "1.22", "admission.k8s.io/v1", "AdmissionReview"),
  api(
    "admissionregistration.k8s.io/v1alpha1",
    "1.26",
    "1.29",
    "1.32",
    "admissionregistration.k8s.io/v1",
    "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding",
  ),
  api(
    "admissionregistration.k8s.io/v1beta1",
    "1.9",
    "1.16",
    "1.22",
    "admissionregistration.k8s.io/v1",
    "MutatingWebhookConfiguration ValidatingWebhookConfiguration",
  ),
  api(
    "admissionregistration.k8s.io/v1beta1",
    "1.28",
    "1.31",
    "1.34",
    "admissionregistration.k8s.io/v1",
    "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding",
  ),
  api(
    "admissionregistration.k8s.io/v1alpha1",
    "1.32",
    "1.35",
    "1.38",
    "admissionregistration.k8s.io/v1",
    "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding",
  ),
  api("apidiscovery.k8s.io/v2beta1", "1.26", "1.32", "1.35", "apidiscovery.k8s.io/v2", "APIGroupDiscovery"),
  api("apiextensions.k8s.io/v1beta1", "", "1.16", "1.22", "apiextensions.k8s.io/v1", "CustomResourceDefinition"),
  api("apiregistration.k8s.io/v1beta1", "", "1.19", "1.22", "apiregistration.k8s.io/v1", "APIService"),
  api("apps/v1beta1", "1.7", "1.8", "1.16", "apps/v1", "ControllerRevision"),
  api("apps/v1beta1", "1.6", "1.8", "1.16", "apps/v1", "Deployment DeploymentRollback"),
  api("apps/v1beta1", "1.6", "1.8", "1.16", "autoscaling/v1", "Scale"),
  api("apps/v1beta1", "1.5", "1.8", "1.16", "apps/v1", "StatefulSet"),
  api(
    "apps/v1beta2",
    "1.8",
    "1.9",
    "1.16",
    "apps/v1",
    "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet",
  ),
  api("apps/v1beta2", "1.8", "1.9", "1.16", "autoscaling/v1", "Scale"),
  api("authentication.k8s.io/v1alpha1", "1.26", "1.29", "1.32", "authentication.k8s.io/v1", "SelfSubjectReview"),
  api("authentication.k8s.io/v1beta1", "1.4", "1.19", "1.22", "authentication.k8s.io/v1", "TokenReview"),
  api("authentication.k8s.io/v1beta1", "1.27", "1.30", "1.33", "authentication.k8s.io/v1", "SelfSubjectReview"),
  api(
    "authorization.k8s.io/v1beta1",
    "1.2",
    "1.19",
    "1.22",
    "authorization.k8s.io/v1",
    "LocalSubjectAccessReview SelfSubjectAccessReview SubjectAccessReview",
  ),
  api("authorization.k8s.io/v1beta1", "1.8", "1.19", "1.22", "authorization.k8s.io/v1", "SelfSubjectRulesReview"),
  api("autoscaling/v2beta1", "1.8", "1.22", "1.25", "autoscaling/v2", "HorizontalPodAutoscaler"),
  api("autoscaling/v2beta2", "1.12", "1.23", "1.26", "autoscaling/v2", "HorizontalPodAutoscaler"),
  api("batch/v1beta1", "1.8", "1.21", "1.25", "batch/v1", "CronJob"),
  api("certificates.k8s.io/v1alpha1", "1.26", "1.34", "1.37", "", "ClusterTrustBundle"),
  api("certificates.k8s.io/v1beta1", "1.12", "1.19", "1.22", "certificates.k8s.io/v1", "CertificateSigningRequest"),
  api("coordination.k8s.io/v1beta1", "1.12", "1.19", "1.22", "coordination.k8s.io/v1", "Lease"),
  api("coordination.k8s.io/v1alpha2", "1.32", "1.35", "1.38", "coordination.k8s.io/v1beta1", "LeaseCandidate"),
  api("discovery.k8s.io/v1beta1", "1.16", "1.21", "1.25", "discovery.k8s.io/v1", "EndpointSlice"),
  api("events.k8s.io/v1beta1", "1.8", "1.22", "1.25", "events.k8s.io/v1", "Event"),
  api("extensions/v1beta1", "1.1", "1.8", "1.16", "apps/v1", "DaemonSet Deployment"),
  api("extensions/v1beta1", "1.2", "1.8", "1.16", "apps/v1", "ReplicaSet"),
  api("extensions/v1beta1", "1.2", "1.8", "1.16", "", "DeploymentRollback"),
  api("extensions/v1beta1", "1.1", "1.2", "1.16", "autoscaling/v1", "Scale"),
  api("extensions/v1beta1", "1.3", "1.9", "1.16", "networking.k8s.io/v1", "NetworkPolicy"),
  api("extensions/v1beta1", "1.2", "1.11", "1.16", "", "PodSecurityPolicy"),
  api("extensions/v1beta1", "1.1", "1.14", "1.22", "networking.k8s.io/v1", "Ingress"),
  api(
    "flowcontrol.apiserver.k8s.io/v1alpha1",
    "1.18",
    "1.20",
    "1.21",
    "flowcontrol.apiserver.k8s.io/v1",
    "FlowSchema PriorityLevelConfiguration",
  ),
  api(
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "1.20",
    "1.23",
    "1.26",
    "flowcontrol.apiserver.k8s.io/v1",
    "FlowSchema PriorityLevelConfiguration",
  ),
  api(
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "1.23",
    "1.26",
    "1.29",
    "flowcontrol.apiserver.k8s.io/v1",
    "FlowSchema PriorityLevelConfiguration",
  ),
  api(
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "1.26",
    "1.29",
    "1.32",
    "flowcontrol.apiserver.k8s.io/v1",
    "FlowSchema PriorityLevelConfiguration",
  ),
  api("networking.k8s.io/v1alpha1", "", "1.30", "1.33", "networking.k8s.io/v1", "IPAddress ServiceCIDR"),
  api("networking.k8s.io/v1beta1", "1.14", "1.19", "1.22", "networking.k8s.io/v1", "Ingress"),
  api("networking.k8s.io/v1beta1", "1.18", "1.19", "1.22", "networking.k8s.io/v1", "IngressClass"),
  api("networking.k8s.io/v1beta1", "1.31", "1.34", "1.37", "networking.k8s.io/v1", "IPAddress ServiceCIDR"),
  api("node.k8s.io/v1beta1", "1.13", "1.22", "1.25", "node.k8s.io/v1", "RuntimeClass"),
  api("policy/v1beta1", "1.5", "1.21", "1.25", "policy/v1", "PodDisruptionBudget"),
  api("policy/v1beta1", "1.10", "1.21", "1.25", "", "PodSecurityPolicy"),
  api("policy/v1beta1", "1.5", "1.22", "1.25", "policy/v1", "Eviction"),
  api(
    "rbac.authorization.k8s.io/v1beta1",
    "1.6",
    "1.17",
    "1.22",
    "rbac.authorization.k8s.io/v1",
    "ClusterRole ClusterRoleBinding Role RoleBinding",
  ),
  api(
    "resource.k8s.io/v1beta1",
    "1.32",
    "1.35",
    "1.38",
    "resource.k8s.io/v1",
    "DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice",
  ),
  api(
    "resource.k8s.io/v1beta2",
    "1.33",
    "1.36",
    "1.39",
    "resource.k8s.io/v1",
    "DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice",
  ),
  api("resource.k8s.io/v1alpha3", "1.33", "1.36", "1.39", "resource.k8s.io/v1beta2", "DeviceTaintRule"),
  api("scheduling.k8s.io/v1beta1", "1.11", "1.14", "1.22", "scheduling.k8s.io/v1", "PriorityClass"),
  api("storage.k8s.io/v1alpha1", "1.9", "1.21", "1.24", "storage.k8s.io/v1", "VolumeAttachment"),
  api("storage.k8s.io/v1alpha1", "1.19", "1.21", "1.24", "storage.k8s.io/v1", "CSIStorageCapacity"),
  api("storage.k8s.io/v1alpha1", "1.29", "1.32", "1.35", "storage.k8s.io/v1", "VolumeAttributesClass"),
  api("storage.k8s.io/v1beta1", "1.14", "1.17", "1.22", "storage.k8s.io/v1", "CSINode"),
  api("storage.k8s.io/v1beta1", "1.4", "1.19", "1.22", "storage.k8s.io/v1", "StorageClass"),
  api("storage.k8s.io/v1beta1", "1.10", "1.19", "1.22", "storage.k8s.io/v1", "VolumeAttachment"),
  api("storage.k8s.io/v1beta1", "1.14", "1.19", "1.22", "storage.k8s.io/v1", "CSIDriver"),
  api("storage.k8s.io/v1beta1", "1.21", "1.24", "1.27", "storage.k8s.io/v1", "CSIStorageCapacity"),
  api("storage.k8s.io/v1beta1", "1.31", "1.34", "1.37", "storage.k8s.io/v1", "VolumeAttributesClass"),
];

function api(
  apiVersion: string,
  introduced: string,
  deprecated: string,
  removed: string,
  replacement: string,
  kinds: string,
): OutdatedApi {
  return { apiVersion, introduced, deprecated, removed, replacement, kinds: kinds.split(" ") };
}

/** The entry of an API version and kind that is deprecated or gone; undefined for others. */
export function outdatedApi(apiVersion: string, kind: string): OutdatedApi | undefined {
  return outdatedApis.find((each) => each.apiVersion === apiVersion && each.kinds.includes(kind));
}
