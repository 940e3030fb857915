// Where our checks give another verdict than the published ones, and why: the guide about configurations says the same to users.
const modes =
  "the bits of a mode are compared, not the number that it looks like: 644 and 444 are both more open than 600";

export const knownDifferences = {
  "DS-0012": "two stages of one name are told also where their base image is the same",
  "DS-0019": "microdnf is not dnf; DS-0027 speaks of it",
  "KCV-0003": "only containers of the API server are asked; a flag that is given twice has its last value",
  "KCV-0012": "only containers of the API server are asked; a flag that is given twice has its last value",
  "KSV-0012": "a container that sets runAsNonRoot to false is told although its pod sets it to true",
  "KSV-0024": "only the container that uses a host port is told, and hostPort 0 is none",
  "KSV-0027": "procMount Default is the default",
  "KSV-0028": "photonPersistentDisk is none of the volume types that the restricted policy allows",
  "KSV-0036": "the pod's own automountServiceAccountToken counts in workloads that have a template",
  "KSV-0107": "API versions are those that Kubernetes has had",
  "KSV-0122": "cluster role bindings count",
  "KSV-0123": "cluster role bindings count",
  "KSV-01011": "cluster role bindings count, on any cluster",
  ...Object.fromEntries(
    [48, 50, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 69, 71, 73, 75, 77].map((number) => [`KCV-00${number}`, modes]),
  ),
};
