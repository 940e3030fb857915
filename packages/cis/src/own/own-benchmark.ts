import type { BenchmarkFile, BenchmarkFolder } from "../benchmark/benchmark.ts";
import { readBenchmarkFolder } from "../benchmark/benchmark.ts";
import { dockerControls } from "./docker-benchmark.ts";
import { complianceControls, kubernetesControls } from "./kubernetes-benchmark.ts";
import type { OwnCheck } from "./own-check.ts";

/** One controls file of Plimsoll's own benchmarks. */
export interface OwnControls {
  readonly id: string;
  readonly version: string;
  readonly text: string;
  readonly type: string;
  readonly groups: readonly { readonly id: string; readonly text: string; readonly checks: readonly OwnCheck[] }[];
}

const manifests = "/etc/kubernetes/manifests";
const rke2 = "/var/lib/rancher/rke2/agent/pod-manifests";
const manifest = (name: string): { readonly confs: readonly string[]; readonly defaultconf: string } => ({
  confs: [
    `${manifests}/${name}.yaml`,
    `${manifests}/${name}.yml`,
    `${manifests}/${name}.manifest`,
    `${rke2}/${name}.yaml`,
  ],
  defaultconf: `${manifests}/${name}.yaml`,
});

const etcd = {
  bins: ["etcd"],
  datadirs: ["/var/lib/etcd/default.etcd", "/var/lib/etcd", "/var/lib/rancher/rke2/server/db/etcd"],
  defaultdatadir: "/var/lib/etcd",
  confs: [...manifest("etcd").confs, "/etc/etcd/etcd.conf", "/usr/lib/systemd/system/etcd.service"],
  defaultconf: manifest("etcd").defaultconf,
};

/** Where programs and files of a node are looked for, in the form of kube-bench's `config.yaml`. */
const settings = {
  master: {
    components: ["apiserver", "scheduler", "controllermanager", "etcd", "kubelet"],
    apiserver: { bins: ["kube-apiserver"], ...manifest("kube-apiserver") },
    scheduler: {
      optional: true,
      bins: ["kube-scheduler"],
      kubeconfig: ["/etc/kubernetes/scheduler.conf", "/var/lib/rancher/rke2/server/cred/scheduler.kubeconfig"],
      defaultkubeconfig: "/etc/kubernetes/scheduler.conf",
      ...manifest("kube-scheduler"),
    },
    controllermanager: {
      optional: true,
      bins: ["kube-controller-manager"],
      kubeconfig: [
        "/etc/kubernetes/controller-manager.conf",
        "/var/lib/rancher/rke2/server/cred/controller.kubeconfig",
      ],
      defaultkubeconfig: "/etc/kubernetes/controller-manager.conf",
      ...manifest("kube-controller-manager"),
    },
    etcd: { optional: true, ...etcd },
    kubelet: { optional: true, bins: ["kubelet"] },
  },
  node: {
    components: ["kubelet", "proxy"],
    kubelet: {
      bins: ["kubelet"],
      confs: [
        "/var/lib/kubelet/config.yaml",
        "/var/lib/kubelet/config.yml",
        "/etc/kubernetes/kubelet-config.yaml",
        "/etc/kubernetes/kubelet/kubelet-config.json",
        "/etc/kubernetes/kubelet/config.json",
        "/etc/kubernetes/kubelet.yaml",
      ],
      defaultconf: "/var/lib/kubelet/config.yaml",
      svc: [
        "/etc/systemd/system/kubelet.service.d/10-kubeadm.conf",
        "/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf",
        "/etc/systemd/system/kubelet.service",
        "/usr/lib/systemd/system/kubelet.service",
        "/lib/systemd/system/kubelet.service",
      ],
      defaultsvc: "/etc/systemd/system/kubelet.service.d/10-kubeadm.conf",
      kubeconfig: [
        "/etc/kubernetes/kubelet.conf",
        "/var/lib/kubelet/kubeconfig",
        "/var/lib/rancher/rke2/agent/kubelet.kubeconfig",
      ],
      defaultkubeconfig: "/etc/kubernetes/kubelet.conf",
      cafile: ["/etc/kubernetes/pki/ca.crt", "/var/lib/rancher/rke2/agent/client-ca.crt"],
      defaultcafile: "/etc/kubernetes/pki/ca.crt",
    },
    proxy: {
      optional: true,
      bins: ["kube-proxy"],
      confs: ["/var/lib/kube-proxy/config.conf", "/var/lib/kube-proxy/config.yaml"],
      defaultconf: "/var/lib/kube-proxy/config.conf",
      kubeconfig: [
        "/var/lib/kube-proxy/kubeconfig",
        "/var/lib/kube-proxy/kubeconfig.conf",
        "/etc/kubernetes/proxy.conf",
      ],
      defaultkubeconfig: "/etc/kubernetes/proxy.conf",
    },
  },
  etcd: { components: ["etcd"], etcd },
  controlplane: { components: ["apiserver"], apiserver: { bins: ["kube-apiserver"] } },
  policies: { components: [] },
  version_mapping: {
    "1.29": "cis-1.11",
    "1.30": "cis-1.11",
    "1.31": "cis-1.11",
    "1.32": "cis-1.12",
    "1.33": "cis-1.12",
    "1.34": "cis-1.12",
  },
  target_mapping: {
    "cis-1.11": ["master", "node", "controlplane", "etcd", "policies"],
    "cis-1.12": ["master", "node", "controlplane", "etcd", "policies"],
    "docker-cis-1.6": ["master", "node", "policies"],
    "k8s-cis-1.23": ["master", "node"],
  },
};

let folder: BenchmarkFolder | undefined;

/**
 * The built-in benchmarks: `cis-1.11` for Kubernetes 1.29 to 1.31, `cis-1.12` for 1.32 to 1.34, `docker-cis-1.6`, and `k8s-cis-1.23`,
 * the 44 controls of the compliance specification of that name that are about nodes. Ids are those of
 * the CIS benchmarks; titles, audits and remediation are our own. A folder of kube-bench's files is read by `readBenchmarkFolder`.
 */
export function ownBenchmarks(): BenchmarkFolder {
  folder ??= readBenchmarkFolder([
    { path: "config.yaml", text: JSON.stringify(settings) },
    ...filesOf("cis-1.11", kubernetesControls("cis-1.11", true)),
    ...filesOf("cis-1.12", kubernetesControls("cis-1.12", false)),
    ...filesOf("docker-cis-1.6", dockerControls()),
    ...filesOf("k8s-cis-1.23", complianceControls("k8s-cis-1.23")),
  ]);
  return folder;
}

/** JSON is YAML: our own benchmarks take the way that users' take. */
function filesOf(id: string, controls: readonly OwnControls[]): readonly BenchmarkFile[] {
  return controls.map((each) => ({ path: `${id}/${each.type}.yaml`, text: JSON.stringify(each, null, 1) }));
}
