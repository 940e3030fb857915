import { asList, asText, member } from "@plimsoll/kubernetes";
import type { KubernetesCheck } from "../check.ts";
import { kubernetesCheck } from "../shared/define.ts";
import { at, named } from "./subject.ts";

/** What is asked of a fact about a node. */
type FactRule =
  | { readonly kind: "owner"; readonly owner: string }
  /** Bits of the mode that may be set, octal. */
  | { readonly kind: "mode"; readonly most: number }
  /** `required`: no value at all is as bad. */
  | { readonly kind: "value"; problem(value: unknown): boolean; readonly required?: boolean }
  | { readonly kind: "unset" }
  | { readonly kind: "ciphers" };

interface NodeRule {
  readonly id: string;
  readonly name: string;
  readonly more?: readonly string[];
  readonly title: string;
  readonly severity: KubernetesCheck["severity"];
  readonly why: string;
  readonly remediation: string;
  readonly fact: string;
  /** Of nodes of the control plane alone. */
  readonly controlPlane?: boolean;
  readonly rule: FactRule;
}

/** Cipher suites that the CIS benchmark names. */
const strongCiphers = [
  "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305",
  "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
  "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  "TLS_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_RSA_WITH_AES_128_GCM_SHA256",
];

const closed = "Other accounts of the node could read it, and with it act as this part of the cluster.";
const owned = "Its owner can change it, and with it what this part of the cluster does.";
const settled = "The kubelet runs what it is told on the node, so its own settings decide who may tell it.";

const rules: readonly NodeRule[] = [
  {
    id: "KCV-0048",
    name: "ensure-api-server-pod-specification-file-permissions-set-600-or-more-restrictive",
    title: "The manifest of the API server is open to others",
    severity: "HIGH",
    why: closed,
    remediation: "Set the mode of /etc/kubernetes/manifests/kube-apiserver.yaml to 600.",
    fact: "kubeAPIServerSpecFilePermission",
    controlPlane: true,
    rule: { kind: "mode", most: 0o600 },
  },
  {
    id: "KCV-0049",
    name: "ensure-api-server-pod-specification-ownership-set-root:root.",
    title: "The manifest of the API server does not belong to root:root",
    severity: "HIGH",
    why: owned,
    remediation: "Give /etc/kubernetes/manifests/kube-apiserver.yaml to root:root.",
    fact: "kubeAPIServerSpecFileOwnership",
    controlPlane: true,
    rule: { kind: "owner", owner: "root:root" },
  },
  {
    id: "KCV-0050",
    name: "ensure-controller-manager-pod-specification-file-permissions-set-600-or-more-restrictive",
    more: ["ensure-controller-manager-pod-specification-file-permissions-set"],
    title: "The manifest of the controller manager is open to others",
    severity: "HIGH",
    why: closed,
    remediation: "Set the mode of /etc/kubernetes/manifests/kube-controller-manager.yaml to 600.",
    fact: "kubeControllerManagerSpecFilePermission",
    controlPlane: true,
    rule: { kind: "mode", most: 0o600 },
  },
  {
    id: "KCV-0051",
    name: "ensure-controller-manager-pod-specification-ownership-set-root:root.",
    more: ["ensure-controller-manager-pod-specification-ownership-set"],
    title: "The manifest of the controller manager does not belong to root:root",
    severity: "HIGH",
    why: owned,
    remediation: "Give /etc/kubernetes/manifests/kube-controller-manager.yaml to root:root.",
    fact: "kubeControllerManagerSpecFileOwnership",
    controlPlane: true,
    rule: { kind: "owner", owner: "root:root" },
  },
  {
    id: "KCV-0052",
    name: "ensure-scheduler-pod-specification-file-permissions-set-600-or-more-restrictive",
    more: ["ensure-scheduler-pod-specification-file-permissions-set"],
    title: "The manifest of the scheduler is open to others",
    severity: "HIGH",
    why: closed,
    remediation: "Set the mode of /etc/kubernetes/manifests/kube-scheduler.yaml to 600.",
    fact: "kubeSchedulerSpecFilePermission",
    controlPlane: true,
    rule: { kind: "mode", most: 0o600 },
  },
  {
    id: "KCV-0053",
    name: "ensure-scheduler-pod-specification-ownership-set-root:root.",
    more: ["ensure-scheduler-pod-specification-ownership-set"],
    title: "The manifest of the scheduler does not belong to root:root",
    severity: "HIGH",
    why: owned,
    remediation: "Give /etc/kubernetes/manifests/kube-scheduler.yaml to root:root.",
    fact: "kubeSchedulerSpecFileOwnership",
    controlPlane: true,
    rule: { kind: "owner", owner: "root:root" },
  },
  {
    id: "KCV-0054",
    name: "ensure-etcd-pod-specification-file-permissions-set-600-or-more-restrictive",
    more: ["ensure-etcd-pod-specification-file-permissions-set"],
    title: "The manifest of etcd is open to others",
    severity: "HIGH",
    why: closed,
    remediation: "Set the mode of /etc/kubernetes/manifests/etcd.yaml to 600.",
    fact: "kubeEtcdSpecFilePermission",
    controlPlane: true,
    rule: { kind: "mode", most: 0o600 },
  },
  {
    id: "KCV-0055",
    name: "ensure-etcd-pod-specification-ownership-set-root:root",
    more: ["ensure-etcd-pod-specification-ownership-set"],
    title: "The manifest of etcd does not belong to root:root",
    severity: "HIGH",
    why: owned,
    remediation: "Give /etc/kubernetes/manifests/etcd.yaml to root:root.",
    fact: "kubeEtcdSpecFileOwnership",
    controlPlane: true,
    rule: { kind: "owner", owner: "root:root" },
  },
  {
    id: "KCV-0056",
    name: "ensure-container-network-interface-file-permissions-set-600-or-more-restrictive",
    more: ["ensure-container-network-interface-file-permissions-set"],
    title: "The configuration of the network plugin is open to others",
    severity: "HIGH",
    why: closed,
    remediation: "Set the mode of the files of the network plugin to 600.",
    fact: "containerNetworkInterfaceFilePermissions",
    controlPlane: true,
    rule: { kind: "mode", most: 0o600 },
  },
  {
    id: "KCV-0057",
    name: "ensure-container-network-interface-ownership-set-root:root.",
    more: ["ensure-container-network-interface-ownership-set"],
    title: "The configuration of the network plugin does not belong to root:root",
    severity: "HIGH",
    why: owned,
    remediation: "Give the files of the network plugin to root:root.",
    fact: "containerNetworkInterfaceFileOwnership",
    controlPlane: true,
    rule: { kind: "owner", owner: "root:root" },
  },
  {
    id: "KCV-0058",
    name: "ensure-etcd-data-directory-permissions-set-700-or-more-restrictive",
    title: "The data of etcd is open to others",
    severity: "LOW",
    why: closed,
    remediation: "Set the mode of the data directory of etcd to 700.",
    fact: "etcdDataDirectoryPermissions",
    controlPlane: true,
    rule: { kind: "mode", most: 0o700 },
  },
  {
    id: "KCV-0059",
    name: "ensure-etcd-data-directory-ownership-set-etcd:etcd.",
    title: "The data of etcd does not belong to etcd:etcd",
    severity: "LOW",
    why: owned,
    remediation: "Give the data directory of etcd to etcd:etcd.",
    fact: "etcdDataDirectoryOwnership",
    controlPlane: true,
    rule: { kind: "owner", owner: "etcd:etcd" },
  },
  {
    id: "KCV-0060",
    name: "ensure-admin-config-file-permissions-set-600-or-more-restrictive",
    title: "admin.conf is open to others",
    severity: "CRITICAL",
    why: closed,
    remediation: "Set the mode of /etc/kubernetes/admin.conf to 600.",
    fact: "adminConfFilePermissions",
    controlPlane: true,
    rule: { kind: "mode", most: 0o600 },
  },
  {
    id: "KCV-0061",
    name: "ensure-admin-config-ownership-set-root:root.",
    title: "admin.conf does not belong to root:root",
    severity: "CRITICAL",
    why: owned,
    remediation: "Give /etc/kubernetes/admin.conf to root:root.",
    fact: "adminConfFileOwnership",
    controlPlane: true,
    rule: { kind: "owner", owner: "root:root" },
  },
  {
    id: "KCV-0062",
    name: "ensure-scheduler-config-file-permissions-set-600-or-more-restrictive",
    title: "scheduler.conf is open to others",
    severity: "HIGH",
    why: closed,
    remediation: "Set the mode of /etc/kubernetes/scheduler.conf to 600.",
    fact: "schedulerConfFilePermissions",
    controlPlane: true,
    rule: { kind: "mode", most: 0o600 },
  },
  {
    id: "KCV-0063",
    name: "ensure-scheduler-config-ownership-set-root:root.",
    title: "scheduler.conf does not belong to root:root",
    severity: "HIGH",
    why: owned,
    remediation: "Give /etc/kubernetes/scheduler.conf to root:root.",
    fact: "schedulerConfFileOwnership",
    controlPlane: true,
    rule: { kind: "owner", owner: "root:root" },
  },
  {
    id: "KCV-0064",
    name: "ensure-controller-manager-config-file-permissions-set-600-or-more-restrictive",
    title: "controller-manager.conf is open to others",
    severity: "HIGH",
    why: closed,
    remediation: "Set the mode of /etc/kubernetes/controller-manager.conf to 600.",
    fact: "controllerManagerConfFilePermissions",
    controlPlane: true,
    rule: { kind: "mode", most: 0o600 },
  },
  {
    id: "KCV-0065",
    name: "ensure-controller-manager-config-ownership-set-root:root.",
    title: "controller-manager.conf does not belong to root:root",
    severity: "HIGH",
    why: owned,
    remediation: "Give /etc/kubernetes/controller-manager.conf to root:root.",
    fact: "controllerManagerConfFileOwnership",
    controlPlane: true,
    rule: { kind: "owner", owner: "root:root" },
  },
  {
    id: "KCV-0066",
    name: "ensure-kubernetes-pki-directory-file-ownership-set-root:root.",
    title: "The folder of certificates and keys does not belong to root:root",
    severity: "CRITICAL",
    why: owned,
    remediation: "Give /etc/kubernetes/pki and its files to root:root.",
    fact: "kubePKIDirectoryFileOwnership",
    controlPlane: true,
    rule: { kind: "owner", owner: "root:root" },
  },
  {
    id: "KCV-0067",
    name: "ensure-kubernetes-pki-key-file-permission-set-600.",
    title: "A key of the cluster is open to others",
    severity: "CRITICAL",
    why: closed,
    remediation: "Set the mode of the keys in /etc/kubernetes/pki to 600.",
    fact: "kubePKIKeyFilePermissions",
    controlPlane: true,
    rule: { kind: "mode", most: 0o600 },
  },
  {
    id: "KCV-0068",
    name: "ensure-kubernetes-pki-cert-file-permission-set-600.",
    title: "A certificate of the cluster is open to others",
    severity: "HIGH",
    why: closed,
    remediation: "Set the mode of the certificates in /etc/kubernetes/pki to 600.",
    fact: "kubernetesPKICertificateFilePermissions",
    controlPlane: true,
    rule: { kind: "mode", most: 0o600 },
  },
  {
    id: "KCV-0069",
    name: "ensure-kubelet-service-file-permissions-set-600-or-more-restrictive",
    title: "The service file of the kubelet is open to others",
    severity: "HIGH",
    why: closed,
    remediation: "Set the mode of the service file of the kubelet to 600.",
    fact: "kubeletServiceFilePermissions",
    rule: { kind: "mode", most: 0o600 },
  },
  {
    id: "KCV-0070",
    name: "ensure-kubelet-service-file-ownership-set-root:root.",
    title: "The service file of the kubelet does not belong to root:root",
    severity: "CRITICAL",
    why: owned,
    remediation: "Give the service file of the kubelet to root:root.",
    fact: "kubeletServiceFileOwnership",
    rule: { kind: "owner", owner: "root:root" },
  },
  {
    id: "KCV-0071",
    name: "ensure-proxy-kubeconfig-permissions-set-600-or-more-restrictive-if-exist",
    title: "The kubeconfig of kube-proxy is open to others",
    severity: "HIGH",
    why: closed,
    remediation: "Set the mode of the kubeconfig of kube-proxy to 600.",
    fact: "kubeconfigFileExistsPermissions",
    rule: { kind: "mode", most: 0o600 },
  },
  {
    id: "KCV-0072",
    name: "ensure-proxy-kubeconfig-ownership-set-root:root-if-exist",
    title: "The kubeconfig of kube-proxy does not belong to root:root",
    severity: "HIGH",
    why: owned,
    remediation: "Give the kubeconfig of kube-proxy to root:root.",
    fact: "kubeconfigFileExistsOwnership",
    rule: { kind: "owner", owner: "root:root" },
  },
  {
    id: "KCV-0073",
    name: "ensure-kubelet.conf-file-permissions-600-or-more-restrictive.",
    title: "kubelet.conf is open to others",
    severity: "HIGH",
    why: closed,
    remediation: "Set the mode of kubelet.conf to 600.",
    fact: "kubeletConfFilePermissions",
    rule: { kind: "mode", most: 0o600 },
  },
  {
    id: "KCV-0074",
    name: "ensure-kubeconfig-kubelet.conf-ownership-set-root:root",
    title: "kubelet.conf does not belong to root:root",
    severity: "HIGH",
    why: owned,
    remediation: "Give kubelet.conf to root:root.",
    fact: "kubeletConfFileOwnership",
    rule: { kind: "owner", owner: "root:root" },
  },
  {
    id: "KCV-0075",
    name: "ensure-certificate-authorities-file-permissions-600-or-more-restrictive.",
    title: "The file of client authorities is open to others",
    severity: "CRITICAL",
    why: closed,
    remediation: "Set the mode of the file of --client-ca-file to 600.",
    fact: "certificateAuthoritiesFilePermissions",
    rule: { kind: "mode", most: 0o600 },
  },
  {
    id: "KCV-0076",
    name: "ensure-certificate-authorities-ownership-set-root:root",
    more: ["ensure-certificate_authorities-ownership-set-root:root"],
    title: "The file of client authorities does not belong to root:root",
    severity: "CRITICAL",
    why: owned,
    remediation: "Give the file of --client-ca-file to root:root.",
    fact: "certificateAuthoritiesFileOwnership",
    rule: { kind: "owner", owner: "root:root" },
  },
  {
    id: "KCV-0077",
    name: "ensure-kubelet-config.yaml--permissions-600-or-more-restrictive.",
    title: "The configuration of the kubelet is open to others",
    severity: "HIGH",
    why: closed,
    remediation: "Set the mode of config.yaml of the kubelet to 600.",
    fact: "kubeletConfigYamlConfigurationFilePermission",
    rule: { kind: "mode", most: 0o600 },
  },
  {
    id: "KCV-0078",
    name: "ensure-kubeconfig-kubelet-config.yaml-ownership-set-root:root",
    title: "The configuration of the kubelet does not belong to root:root",
    severity: "HIGH",
    why: owned,
    remediation: "Give config.yaml of the kubelet to root:root.",
    fact: "kubeletConfigYamlConfigurationFileOwnership",
    rule: { kind: "owner", owner: "root:root" },
  },
  {
    id: "KCV-0079",
    name: "disable-anonymous-requests-kubelet-server.",
    title: "The kubelet takes anonymous requests",
    severity: "CRITICAL",
    why: settled,
    remediation: "Start the kubelet with --anonymous-auth=false.",
    fact: "kubeletAnonymousAuthArgumentSet",
    rule: { kind: "value", problem: (value) => String(value) === "true" },
  },
  {
    id: "KCV-0080",
    name: "ensure-authorization-mode-argument-set-alwaysallow",
    title: "The kubelet allows everything",
    severity: "HIGH",
    why: settled,
    remediation: "Start the kubelet with --authorization-mode=Webhook.",
    fact: "kubeletAuthorizationModeArgumentSet",
    rule: { kind: "value", required: true, problem: (value) => value === "AlwaysAllow" },
  },
  {
    id: "KCV-0081",
    name: "ensure-client-ca-argument-set-appropriate",
    title: "The kubelet has no authority for clients",
    severity: "CRITICAL",
    why: settled,
    remediation: "Start the kubelet with --client-ca-file.",
    fact: "kubeletClientCaFileArgumentSet",
    rule: { kind: "value", required: true, problem: (value) => value === "" },
  },
  {
    id: "KCV-0082",
    name: "verify-read-only-port-argument-set-0",
    title: "The read-only port of the kubelet is on",
    severity: "HIGH",
    why: settled,
    remediation: "Start the kubelet with --read-only-port=0.",
    fact: "kubeletReadOnlyPortArgumentSet",
    rule: { kind: "value", problem: (value) => value !== 0 && value !== "0" },
  },
  {
    id: "KCV-0083",
    name: "ensure-protect-kernel-defaults-set-true",
    title: "The kubelet may change the settings of the kernel",
    severity: "HIGH",
    why: settled,
    remediation: "Start the kubelet with --protect-kernel-defaults=true.",
    fact: "kubeletProtectKernelDefaultsArgumentSet",
    rule: { kind: "value", required: true, problem: (value) => String(value) !== "true" },
  },
  {
    id: "KCV-0084",
    name: "ensure-make-iptables-util-chains-argument-set-true",
    title: "The kubelet does not keep its iptables chains",
    severity: "HIGH",
    why: settled,
    remediation: "Start the kubelet with --make-iptables-util-chains=true.",
    fact: "kubeletMakeIptablesUtilChainsArgumentSet",
    rule: { kind: "value", problem: (value) => String(value) !== "true" },
  },
  {
    id: "KCV-0085",
    name: "disable-timeouts-streaming-connections.",
    title: "Streams of the kubelet never time out",
    severity: "HIGH",
    why: settled,
    remediation: "Give --streaming-connection-idle-timeout of the kubelet another value than 0.",
    fact: "kubeletStreamingConnectionIdleTimeoutArgumentSet",
    rule: { kind: "value", problem: (value) => value === 0 || value === "0" },
  },
  {
    id: "KCV-0086",
    name: "ensure-hostname-override-argument-not-set",
    title: "The kubelet goes by another host name",
    severity: "HIGH",
    why: settled,
    remediation: "Start the kubelet without --hostname-override.",
    fact: "kubeletHostnameOverrideArgumentSet",
    rule: { kind: "unset" },
  },
  {
    id: "KCV-0087",
    name: "ensure-event-qps",
    more: [
      "argument-set-0-or-level-forappropriate-event-capture",
      "kubernetes-argument-set-0-or-level-forappropriate-event-capture",
    ],
    title: "The kubelet drops events",
    severity: "HIGH",
    why: settled,
    remediation: "Set --event-qps of the kubelet to 0 or to what you need.",
    fact: "kubeletEventQpsArgumentSet",
    rule: { kind: "value", problem: (value) => typeof value === "number" && value < 0 },
  },
  {
    id: "KCV-0088",
    name: "ensure-tls-cert-file-argument-set-appropriate",
    title: "The kubelet has no TLS certificate",
    severity: "CRITICAL",
    why: settled,
    remediation: "Start the kubelet with --tls-cert-file.",
    fact: "kubeletTlsCertFileTlsArgumentSet",
    rule: { kind: "value", required: true, problem: (value) => typeof value === "string" && !value.endsWith(".crt") },
  },
  {
    id: "KCV-0089",
    name: "ensure-tls-key-file-argument-set-appropriate",
    title: "The kubelet has no TLS key",
    severity: "CRITICAL",
    why: settled,
    remediation: "Start the kubelet with --tls-private-key-file.",
    fact: "kubeletTlsPrivateKeyFileArgumentSet",
    rule: { kind: "value", required: true, problem: (value) => typeof value === "string" && !value.endsWith(".key") },
  },
  {
    id: "KCV-0090",
    name: "ensure-rotate-certificates-argument-set-false",
    title: "The kubelet does not change its certificate",
    severity: "HIGH",
    why: settled,
    remediation: "Start the kubelet without --rotate-certificates=false.",
    fact: "kubeletRotateCertificatesArgumentSet",
    rule: { kind: "value", required: true, problem: (value) => String(value) === "false" },
  },
  {
    id: "KCV-0091",
    name: "ensure-rotate-kubelet-server-certificate-argument-set-true",
    title: "The kubelet does not change its server certificate",
    severity: "HIGH",
    why: settled,
    remediation: "Turn RotateKubeletServerCertificate on.",
    fact: "kubeletRotateKubeletServerCertificateArgumentSet",
    rule: { kind: "value", required: true, problem: (value) => String(value) === "false" },
  },
  {
    id: "KCV-0092",
    name: "ensure-Kubelet-only-makes-use-strong-cryptographic-ciphers",
    title: "The kubelet takes weak ciphers",
    severity: "CRITICAL",
    why: settled,
    remediation: "Set --tls-cipher-suites of the kubelet to strong ciphers.",
    fact: "kubeletOnlyUseStrongCryptographic",
    rule: { kind: "ciphers" },
  },
];

/** Facts about nodes, as a node collector writes them into objects of the kind `NodeInfo` (CIS Kubernetes Benchmark, sections 1 and 4). */
export const nodeInfoChecks: readonly KubernetesCheck[] = rules.map((declared) =>
  kubernetesCheck({
    id: declared.id,
    name: declared.name,
    ...(declared.more === undefined ? {} : { alsoKnownAs: declared.more }),
    title: declared.title,
    severity: declared.severity,
    description: declared.why,
    remediation: declared.remediation,
    references: ["https://www.cisecurity.org/benchmark/kubernetes"],
    kinds: ["NodeInfo"],
    *evaluate({ object }) {
      const type = member(object.value, "type");
      if (type !== "master" && (type !== "worker" || declared.controlPlane === true)) return;
      const values = member(object.value, "info", declared.fact, "values");
      if (!Array.isArray(values)) return;
      const problem = factProblem(values, declared.rule);
      if (problem !== undefined)
        yield {
          message: `${named(object)}: ${declared.title}: ${problem.slice(0, 160)}`,
          path: at(object, "info", declared.fact),
        };
    },
  }),
);

function factProblem(values: readonly unknown[], rule: FactRule): string | undefined {
  const text = (bad: readonly unknown[]): string | undefined =>
    bad.length === 0 ? undefined : bad.map((value) => (value === "" ? "empty" : String(value))).join(", ");
  switch (rule.kind) {
    case "owner":
      return text(values.filter((value) => value !== rule.owner));
    case "mode":
      return text(values.filter((value) => (modeOf(value) & ~rule.most) !== 0));
    case "value":
      if (values.length === 0) return rule.required === true ? "not set" : undefined;
      return text(values.filter((value) => rule.problem(value)));
    case "unset":
      return values.length === 0 ? undefined : `set to ${values.map(String).join(", ")}`;
    case "ciphers": {
      const all = asList(values).flatMap((value) => (asText(value) ?? "").split(","));
      if (values.length === 0) return "no list of ciphers";
      return text(all.filter((cipher) => !strongCiphers.includes(cipher.trim())));
    }
  }
}

/** A mode is written as the decimal number that looks like it: 644. */
function modeOf(value: unknown): number {
  const digits = String(value);
  return /^[0-7]{1,5}$/.test(digits) ? Number.parseInt(digits, 8) : 0o7777;
}
