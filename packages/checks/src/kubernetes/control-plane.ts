import { asList, member } from "@plimsoll/kubernetes";
import type { CheckedContainer, KubernetesCheck } from "../check.ts";
import { kubernetesCheck } from "../shared/define.ts";
import { containerHit } from "./subject.ts";

type Component = "kube-apiserver" | "kube-controller-manager" | "kube-scheduler" | "etcd";

/** What is asked of the flags of a program. */
type FlagRule =
  | { readonly kind: "present"; readonly flags: readonly string[] }
  | { readonly kind: "absent"; readonly flag: string }
  | { readonly kind: "is"; readonly flag: string; readonly value: string }
  | { readonly kind: "is-not"; readonly flag: string; readonly value: string }
  | { readonly kind: "lists"; readonly flag: string; readonly value: string }
  | { readonly kind: "lists-not"; readonly flag: string; readonly value: string };

interface ControlPlaneRule {
  readonly id: string;
  readonly name: string;
  readonly more?: readonly string[];
  readonly component: Component;
  readonly title: string;
  readonly severity?: KubernetesCheck["severity"];
  readonly why: string;
  readonly rule: FlagRule;
}

const references: Readonly<Record<Component, string>> = {
  "kube-apiserver": "https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/",
  "kube-controller-manager":
    "https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/",
  "kube-scheduler": "https://kubernetes.io/docs/reference/command-line-tools-reference/kube-scheduler/",
  etcd: "https://etcd.io/docs/latest/op-guide/security/",
};

const present = (...flags: readonly string[]): FlagRule => ({ kind: "present", flags });
const is = (flag: string, value: string): FlagRule => ({ kind: "is", flag, value });
const isNot = (flag: string, value: string): FlagRule => ({ kind: "is-not", flag, value });
const lists = (flag: string, value: string): FlagRule => ({ kind: "lists", flag, value });
const listsNot = (flag: string, value: string): FlagRule => ({ kind: "lists-not", flag, value });

const rules: readonly ControlPlaneRule[] = [
  {
    id: "KCV-0001",
    name: "ensure-anonymous-auth-argument-is-false",
    component: "kube-apiserver",
    title: "The API server takes anonymous requests",
    severity: "MEDIUM",
    why: "Requests without a name are let in and judged as system:anonymous.",
    rule: is("anonymous-auth", "false"),
  },
  {
    id: "KCV-0002",
    name: "ensure-token-auth-file-parameter-is-not-set",
    component: "kube-apiserver",
    title: "The API server takes static tokens",
    why: "Tokens in a file never expire and can only be withdrawn by a restart.",
    rule: { kind: "absent", flag: "token-auth-file" },
  },
  {
    id: "KCV-0003",
    name: "Ensure-deny-service-external-ips-is-not-set",
    component: "kube-apiserver",
    title: "The API server refuses external IPs by a plugin",
    why: "The plugin DenyServiceExternalIPs refuses every new external IP of a Service; the benchmark asks not to rely on it where such Services are in use.",
    rule: listsNot("enable-admission-plugins", "DenyServiceExternalIPs"),
  },
  {
    id: "KCV-0004",
    name: "ensure-kubelet-https-argument-is-set-to-true",
    component: "kube-apiserver",
    title: "The API server talks to kubelets without TLS",
    why: "Commands, logs and secrets travel in clear between API server and nodes.",
    rule: isNot("kubelet-https", "false"),
  },
  {
    id: "KCV-0005",
    name: "ensure-kubelet-client-certificate-and-kubelet-client-key-are-set",
    component: "kube-apiserver",
    title: "The API server has no client certificate for kubelets",
    why: "Without a certificate the API server cannot prove to kubelets who it is.",
    rule: present("kubelet-client-certificate", "kubelet-client-key"),
  },
  {
    id: "KCV-0006",
    name: "ensure-kubelet-certificate-authority-argument-is-set",
    component: "kube-apiserver",
    title: "The API server does not check the certificates of kubelets",
    why: "Anything can pose as a node and receive what the API server sends.",
    rule: present("kubelet-certificate-authority"),
  },
  {
    id: "KCV-0007",
    name: "ensure-authorization-mode-argument-is-not-set-to-alwaysallow",
    component: "kube-apiserver",
    title: "The API server allows everything",
    why: "AlwaysAllow lets every request through that has been authenticated.",
    rule: listsNot("authorization-mode", "AlwaysAllow"),
  },
  {
    id: "KCV-0008",
    name: "ensure-authorization-mode-argument-includes-node",
    component: "kube-apiserver",
    title: "The API server lacks Node authorisation",
    why: "Without it a kubelet can read objects of pods that do not run on its node.",
    rule: lists("authorization-mode", "Node"),
  },
  {
    id: "KCV-0009",
    name: "ensure-authorization-mode-argument-includes-rbac",
    component: "kube-apiserver",
    title: "The API server lacks RBAC",
    why: "Without RBAC rights cannot be given by roles.",
    rule: lists("authorization-mode", "RBAC"),
  },
  {
    id: "KCV-0010",
    name: "ensure-admission-control-plugin-event-rate-limit-is-set",
    component: "kube-apiserver",
    title: "The API server lacks EventRateLimit",
    why: "One client can flood the API server with events.",
    rule: lists("enable-admission-plugins", "EventRateLimit"),
  },
  {
    id: "KCV-0011",
    name: "ensure-admission-control-plugin-always-admit-is-not-set",
    component: "kube-apiserver",
    title: "The API server admits everything",
    why: "AlwaysAdmit lets objects in without any check.",
    rule: listsNot("enable-admission-plugins", "AlwaysAdmit"),
  },
  {
    id: "KCV-0012",
    name: "ensure-admission-control-plugin-always-pull-images-is-set",
    more: ["KSV0012"],
    component: "kube-apiserver",
    title: "The API server lacks AlwaysPullImages",
    why: "Without it a pod can run a private image that another pod has pulled to the node.",
    rule: lists("enable-admission-plugins", "AlwaysPullImages"),
  },
  {
    id: "KCV-0014",
    name: "ensure-admission-control-plugin-service-account-is-set",
    component: "kube-apiserver",
    title: "The API server lacks ServiceAccount admission",
    why: "Without it pods get no service account of their own.",
    rule: listsNot("disable-admission-plugins", "ServiceAccount"),
  },
  {
    id: "KCV-0015",
    name: "ensure-admission-control-plugin-namespace-lifecycle-is-set",
    component: "kube-apiserver",
    title: "The API server lacks NamespaceLifecycle admission",
    why: "Without it objects can be made in namespaces that are going or do not exist.",
    rule: listsNot("disable-admission-plugins", "NamespaceLifecycle"),
  },
  {
    id: "KCV-0016",
    name: "ensure-admission-control-plugin-node-restriction-is-set",
    component: "kube-apiserver",
    title: "The API server lacks NodeRestriction",
    why: "Without it a kubelet can change other nodes and their pods.",
    rule: lists("enable-admission-plugins", "NodeRestriction"),
  },
  {
    id: "KCV-0017",
    name: "ensure-secure-port-argument-is-not-set-to-0",
    component: "kube-apiserver",
    title: "The secure port of the API server is off",
    why: "Without the secure port there is no TLS and no authentication.",
    rule: isNot("secure-port", "0"),
  },
  {
    id: "KCV-0018",
    name: "ensure-profiling-argument-is-set-to-false",
    component: "kube-apiserver",
    title: "The API server can be profiled",
    why: "Profiles tell outsiders about the system and cost it time.",
    rule: is("profiling", "false"),
  },
  {
    id: "KCV-0019",
    name: "ensure-audit-log-path-argument-is-set",
    component: "kube-apiserver",
    title: "The API server keeps no audit log",
    why: "Nobody can say later who did what.",
    rule: present("audit-log-path"),
  },
  {
    id: "KCV-0020",
    name: "ensure-audit-log-maxage-argument-is-set-to-30-or-as-appropriate",
    component: "kube-apiserver",
    title: "Nothing says how long audit logs are kept",
    why: "Logs should be there for at least 30 days, or as long as your rules ask.",
    rule: present("audit-log-maxage"),
  },
  {
    id: "KCV-0021",
    name: "ensure-audit-log-maxbackup-argument-is-set-to-10-or-as-appropriate",
    component: "kube-apiserver",
    title: "Nothing says how many old audit logs are kept",
    why: "Ten files, or as many as your rules ask, keep the log from being pushed out by noise.",
    rule: present("audit-log-maxbackup"),
  },
  {
    id: "KCV-0022",
    name: "ensure-audit-log-maxsize-argument-is-set-to-100-or-as-appropriate",
    component: "kube-apiserver",
    title: "Nothing says how large audit logs grow",
    why: "Files of 100 MB, or what your rules ask, keep the disk from filling up.",
    rule: present("audit-log-maxsize"),
  },
  {
    id: "KCV-0024",
    name: "ensure-service-account-lookup-argument-is-set-to-true",
    component: "kube-apiserver",
    title: "The API server does not look service accounts up",
    why: "Tokens of deleted service accounts are still taken.",
    rule: isNot("service-account-lookup", "false"),
  },
  {
    id: "KCV-0025",
    name: "ensure-service-account-key-file-argument-is-set-as-appropriate",
    component: "kube-apiserver",
    title: "The API server has no key of its own for service accounts",
    why: "Without it the TLS key signs tokens, and both have to be changed together.",
    rule: present("service-account-key-file"),
  },
  {
    id: "KCV-0026",
    name: "ensure-etcd-certfile-and-etcd-keyfile-arguments-are-set-as-appropriate",
    component: "kube-apiserver",
    title: "The API server has no client certificate for etcd",
    why: "Without it etcd has to be open to everybody who reaches it.",
    rule: present("etcd-certfile", "etcd-keyfile"),
  },
  {
    id: "KCV-0027",
    name: "ensure-tls-cert-file-and-tls-private-key-file-arguments-are-set-as-appropriate",
    component: "kube-apiserver",
    title: "The API server has no TLS certificate",
    why: "Without a certificate of its own clients cannot tell it from another server.",
    rule: present("tls-cert-file", "tls-private-key-file"),
  },
  {
    id: "KCV-0028",
    name: "ensure-client-ca-file-argument-is-set-as-appropriate",
    component: "kube-apiserver",
    title: "The API server has no authority for clients",
    why: "Without it client certificates are not checked.",
    rule: present("client-ca-file"),
  },
  {
    id: "KCV-0029",
    name: "ensure-etcd-cafile-argument-is-set-as-appropriate",
    component: "kube-apiserver",
    title: "The API server does not check the certificate of etcd",
    why: "Anything can pose as the store of the cluster.",
    rule: present("etcd-cafile"),
  },
  {
    id: "KCV-0030",
    name: "Ensure that the --encryption-provider-config argument is set as appropriate",
    component: "kube-apiserver",
    title: "Secrets lie in etcd unencrypted",
    why: "Who reads the store, or its backup, reads every secret.",
    rule: present("encryption-provider-config"),
  },
  {
    id: "KCV-0033",
    name: "ensure-terminated-pod-gc-threshold-argument-is-set-as-appropriate",
    component: "kube-controller-manager",
    title: "Terminated pods are never cleared away",
    why: "They pile up until the store is slow or full.",
    rule: present("terminated-pod-gc-threshold"),
  },
  {
    id: "KCV-0034",
    name: "ensure-profiling-argument-is-set-to-false",
    more: ["ensure-controller-manager-profiling-argument-set-to-false"],
    component: "kube-controller-manager",
    title: "The controller manager can be profiled",
    why: "Profiles tell outsiders about the system and cost it time.",
    rule: is("profiling", "false"),
  },
  {
    id: "KCV-0035",
    name: "ensure-use-service-account-credentials-argument-is-set-to-true",
    more: ["KCV0135"],
    component: "kube-controller-manager",
    title: "Controllers share one credential",
    why: "Each controller then has the rights of all of them.",
    rule: is("use-service-account-credentials", "true"),
  },
  {
    id: "KCV-0036",
    name: "ensure-service-account-private-key-file-argument-is-set-as-appropriate",
    component: "kube-controller-manager",
    title: "The controller manager has no key for service accounts",
    why: "Without a key of its own tokens cannot be signed with one that can be changed.",
    rule: present("service-account-private-key-file"),
  },
  {
    id: "KCV-0037",
    name: "ensure-root-ca-file-argument-is-set-as-appropriate",
    component: "kube-controller-manager",
    title: "The controller manager gives pods no root certificate",
    why: "Pods cannot check that they talk to the API server.",
    rule: present("root-ca-file"),
  },
  {
    id: "KCV-0038",
    name: "Ensure that the RotateKubeletServerCertificate argument is set to true",
    component: "kube-controller-manager",
    title: "Certificates of kubelets are not changed",
    why: "A certificate that leaks stays good until somebody notices.",
    rule: lists("feature-gates", "RotateKubeletServerCertificate=true"),
  },
  {
    id: "KCV-0039",
    name: "ensure-controller-manager-bind-address-is-loopback",
    component: "kube-controller-manager",
    title: "The controller manager listens beyond the loopback address",
    why: "Its port tells about the cluster and has no authentication of its own.",
    rule: is("bind-address", "127.0.0.1"),
  },
  {
    id: "KCV-0040",
    name: "ensure-profiling-argument-is-set-to-false",
    more: ["ensure-scheduler-profiling-argument-set-to-false"],
    component: "kube-scheduler",
    title: "The scheduler can be profiled",
    why: "Profiles tell outsiders about the system and cost it time.",
    rule: is("profiling", "false"),
  },
  {
    id: "KCV-0041",
    name: "ensure-scheduler-bind-address-is-loopback",
    component: "kube-scheduler",
    title: "The scheduler listens beyond the loopback address",
    why: "Its port tells about the cluster and has no authentication of its own.",
    rule: is("bind-address", "127.0.0.1"),
  },
  {
    id: "KCV-0042",
    name: "Ensure-cert-file-and-key-file-arguments-are-set-as-appropriate",
    component: "etcd",
    title: "etcd has no server certificate",
    why: "All objects and secrets travel in clear.",
    rule: present("cert-file", "key-file"),
  },
  {
    id: "KCV-0043",
    name: "ensure-client-cert-auth-argument-is-set-to-true",
    component: "etcd",
    title: "etcd asks clients for no certificate",
    why: "Everybody who reaches its port reads and writes the cluster.",
    rule: is("client-cert-auth", "true"),
  },
  {
    id: "KCV-0044",
    name: "ensure-auto-tls-argument-is-not-set-to-true",
    component: "etcd",
    title: "etcd makes its own certificates",
    why: "Clients cannot check a certificate that nobody has signed.",
    rule: isNot("auto-tls", "true"),
  },
  {
    id: "KCV-0045",
    name: "ensure-peer-cert-file-and-peer-key-file-arguments-are-set-as-appropriate",
    component: "etcd",
    title: "Members of etcd have no certificate for each other",
    why: "What they exchange travels in clear.",
    rule: present("peer-cert-file", "peer-key-file"),
  },
  {
    id: "KCV-0046",
    name: "ensure-peer-client-cert-auth-argument-is-set-to-true",
    component: "etcd",
    title: "Members of etcd ask each other for no certificate",
    why: "Anything can join as a member and receive all data.",
    rule: is("peer-client-cert-auth", "true"),
  },
  {
    id: "KCV-0047",
    name: "ensure-peer-auto-tls-argument-is-not-set-to-true",
    component: "etcd",
    title: "Members of etcd make their own certificates",
    why: "Members cannot check a certificate that nobody has signed.",
    rule: isNot("peer-auto-tls", "true"),
  },
];

/** Flags of the control plane, as the static pods of a cluster give them (CIS Kubernetes Benchmark, sections 1 and 2). */
export const controlPlaneChecks: readonly KubernetesCheck[] = rules.map((declared) =>
  kubernetesCheck({
    id: declared.id,
    name: declared.name,
    ...(declared.more === undefined ? {} : { alsoKnownAs: declared.more }),
    title: declared.title,
    severity: declared.severity ?? "LOW",
    description: declared.why,
    remediation: remediationOf(declared.component, declared.rule),
    references: [references[declared.component], "https://www.cisecurity.org/benchmark/kubernetes"],
    *evaluate(subject) {
      for (const container of subject.containers) {
        if (!runs(container, declared.component)) continue;
        const problem = flagProblem(flagsOf(container), declared.rule);
        if (problem !== undefined) yield containerHit(subject, container, problem, { cause: ["command"] });
      }
    },
  }),
);

function runs(container: CheckedContainer, component: Component): boolean {
  const [program] = asList(member(container.value, "command"));
  return typeof program === "string" && (program === component || program.endsWith(`/${component}`));
}

/** Values of flags in the order in which they are given: `--name=value`, `--name value`, `--name`. The last one counts. */
function flagsOf(container: CheckedContainer): ReadonlyMap<string, string> {
  const words = [...asList(member(container.value, "command")).slice(1), ...asList(member(container.value, "args"))];
  const flags = new Map<string, string>();
  for (const [index, word] of words.entries()) {
    if (typeof word !== "string" || !word.startsWith("--")) continue;
    const equals = word.indexOf("=");
    if (equals !== -1) flags.set(word.slice(2, equals), word.slice(equals + 1).trim());
    else {
      const next = words[index + 1];
      flags.set(word.slice(2), typeof next === "string" && !next.startsWith("-") ? next : "true");
    }
  }
  return flags;
}

function flagProblem(flags: ReadonlyMap<string, string>, rule: FlagRule): string | undefined {
  switch (rule.kind) {
    case "present": {
      const missing = rule.flags.filter((flag) => !flags.has(flag));
      return missing.length === 0
        ? undefined
        : `is started without ${missing.map((flag) => `--${flag}`).join(" and ")}`;
    }
    case "absent":
      return flags.has(rule.flag) ? `is started with --${rule.flag}` : undefined;
    case "is":
      return flags.get(rule.flag) === rule.value ? undefined : `is started without --${rule.flag}=${rule.value}`;
    case "is-not":
      return flags.get(rule.flag) === rule.value ? `is started with --${rule.flag}=${rule.value}` : undefined;
    case "lists":
      return listed(flags, rule) ? undefined : `is started without ${rule.value} in --${rule.flag}`;
    case "lists-not":
      return listed(flags, rule) ? `is started with ${rule.value} in --${rule.flag}` : undefined;
  }
}

function listed(
  flags: ReadonlyMap<string, string>,
  { flag, value }: { readonly flag: string; readonly value: string },
): boolean {
  return (flags.get(flag) ?? "").split(",").some((each) => each.trim() === value);
}

function remediationOf(component: Component, rule: FlagRule): string {
  switch (rule.kind) {
    case "present":
      return `Start ${component} with ${rule.flags.map((flag) => `--${flag}`).join(" and ")}.`;
    case "absent":
      return `Start ${component} without --${rule.flag}.`;
    case "is":
      return `Start ${component} with --${rule.flag}=${rule.value}.`;
    case "is-not":
      return `Start ${component} without --${rule.flag}=${rule.value}.`;
    case "lists":
      return `Add ${rule.value} to --${rule.flag} of ${component}.`;
    case "lists-not":
      return `Remove ${rule.value} from --${rule.flag} of ${component}.`;
  }
}
