import { asList, asObject, asText, member } from "@plimsoll/kubernetes";
import type { KubernetesCheck, KubernetesSubject } from "../check.ts";
import { kubernetesCheck } from "../shared/define.ts";
import { podSecurityStandards, specHit, workloads } from "./subject.ts";

const references = [podSecurityStandards, "https://kubernetes.io/docs/concepts/storage/volumes/"];

/** Volume types outside of what the restricted Pod Security Standard allows; `hostPath` has checks of its own. */
const otherVolumeTypes = [
  "gcePersistentDisk",
  "awsElasticBlockStore",
  "gitRepo",
  "nfs",
  "iscsi",
  "glusterfs",
  "rbd",
  "flexVolume",
  "cinder",
  "cephfs",
  "cephFS",
  "flocker",
  "fc",
  "azureFile",
  "vsphereVolume",
  "quobyte",
  "azureDisk",
  "portworxVolume",
  "scaleIO",
  "storageos",
  "photonPersistentDisk",
];

const systemFolders = ["/", "/boot", "/dev", "/etc", "/lib", "/proc", "/sys", "/usr", "/var/lib/docker"];

/** Sockets of container runtimes: who can write to one owns the node. */
const runtimeSockets = ["/var/run/docker.sock", "/run/docker.sock"];

/** Volumes of pods. */
export const volumeChecks: readonly KubernetesCheck[] = [
  volumeCheck({
    id: "KSV-0006",
    name: "no-docker-sock-mount",
    title: "Socket of the container runtime is mounted",
    severity: "HIGH",
    description: "Who can talk to the runtime's socket can start a privileged container and so owns the node.",
    remediation: "Remove the hostPath volume of docker.sock.",
    problem: (volume) => {
      const path = hostPath(volume);
      return path !== undefined && runtimeSockets.includes(path) ? `mounts ${path}` : undefined;
    },
  }),
  volumeCheck({
    id: "KSV-0023",
    name: "no-mounted-hostpath",
    title: "hostPath volume",
    severity: "MEDIUM",
    description: "A hostPath volume opens files of the node to the pod, and ties the pod to that node.",
    remediation: "Use a persistent volume, a ConfigMap, a Secret or an emptyDir.",
    problem: (volume) => (member(volume, "hostPath") === undefined ? undefined : "mounts a hostPath volume"),
  }),
  volumeCheck({
    id: "KSV-0028",
    name: "no-non-ephemeral-volumes",
    title: "Volume type outside of the core set",
    severity: "LOW",
    description:
      "The restricted Pod Security Standard allows only volumes that a cluster hands out itself or through claims.",
    remediation: "Use configMap, csi, downwardAPI, emptyDir, ephemeral, persistentVolumeClaim, projected or secret.",
    problem: (volume) => {
      const type = otherVolumeTypes.find((each) => member(volume, each) !== undefined);
      return type === undefined ? undefined : `has a ${type} volume`;
    },
  }),
  volumeCheck({
    id: "KSV-0121",
    name: "no-k8s-with-disallowed-volumes",
    title: "System folder of the node is mounted",
    severity: "HIGH",
    description: "The volume opens a folder that the node's own programs, devices or settings lie in.",
    remediation: "Remove the hostPath volume.",
    problem: (volume) => {
      const path = hostPath(volume);
      return path !== undefined && systemFolders.includes(path) ? `mounts ${path} of the node` : undefined;
    },
  }),
];

function hostPath(volume: unknown): string | undefined {
  const path = asText(member(volume, "hostPath", "path"));
  // A slash at the end changes nothing.
  return path === undefined || path === "/" ? path : path.replace(/\/{1,8}$/, "");
}

function volumeCheck(declared: {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly severity: KubernetesCheck["severity"];
  readonly description: string;
  readonly remediation: string;
  problem(volume: Readonly<Record<string, unknown>>): string | undefined;
}): KubernetesCheck {
  const { problem, ...info } = declared;
  return kubernetesCheck({
    ...info,
    references,
    kinds: workloads,
    *evaluate(subject: KubernetesSubject) {
      const { pod } = subject;
      if (pod === undefined) return;
      for (const [index, each] of asList(member(pod.spec, "volumes")).entries()) {
        const volume = asObject(each);
        const message = volume === undefined ? undefined : problem(volume);
        if (message === undefined) continue;
        yield specHit(subject, message, { cause: [...pod.specPath, "volumes", index] });
        return;
      }
    },
  });
}
