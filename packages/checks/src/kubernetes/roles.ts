import { asList, asObject, member } from "@plimsoll/kubernetes";
import type { KubernetesObject } from "@plimsoll/kubernetes";
import type { KubernetesCheck } from "../check.ts";
import { kubernetesCheck } from "../shared/define.ts";
import { at, named } from "./subject.ts";

const references = ["https://kubernetes.io/docs/concepts/security/rbac-good-practices/"];

const change = ["create", "update", "patch", "delete", "deletecollection", "impersonate", "*"];
const readOrChange = ["get", "list", "watch", ...change];
const manage = ["create", "update", "delete", "deletecollection", "impersonate", "*", "list", "get"];

/** What a rule of a role has to hold to be too much: one of each list. Absent: anything. */
interface Grant {
  readonly groups?: readonly string[];
  readonly resources: readonly string[];
  /** Each of them has one that must be there. */
  readonly verbs: readonly (readonly string[])[];
  readonly names?: readonly string[];
}

interface RoleRule {
  readonly id: string;
  readonly name: string;
  readonly more?: readonly string[];
  readonly title: string;
  readonly severity: KubernetesCheck["severity"];
  readonly why: string;
  readonly kinds?: readonly string[];
  readonly grant: Grant;
  /** A second rule that has to be in the same role. */
  readonly with?: Grant;
}

const rules: readonly RoleRule[] = [
  {
    id: "KSV-0041",
    name: "no-manage-secrets",
    title: "Cluster role may read secrets",
    severity: "CRITICAL",
    why: "Secrets of every namespace hold passwords and tokens, also those of service accounts with more rights.",
    kinds: ["ClusterRole"],
    grant: { resources: ["secrets"], verbs: [readOrChange] },
  },
  {
    id: "KSV-0042",
    name: "no-delete-pod-logs",
    title: "Role may delete pod logs",
    severity: "MEDIUM",
    why: "Who deletes logs hides what was done.",
    grant: { resources: ["pods/log"], verbs: [["delete", "deletecollection", "*"]] },
  },
  {
    id: "KSV-0043",
    name: "no-impersonate-privileged-groups",
    title: "Role may impersonate groups",
    severity: "CRITICAL",
    why: "Who impersonates a group has its rights, up to system:masters.",
    grant: { groups: ["*"], resources: ["groups"], verbs: [["impersonate"]] },
  },
  {
    id: "KSV-0044",
    name: "no-wildcard-verb-resource-role",
    title: "Role over everything",
    severity: "CRITICAL",
    why: "Every verb on every resource of every group, also of those that are added later, is full control.",
    grant: { groups: ["*"], resources: ["*"], verbs: [["*"]] },
  },
  {
    id: "KSV-0045",
    name: "no-wildcard-verb-role",
    title: "Role with every verb on a sensitive resource",
    severity: "CRITICAL",
    why: "The wildcard holds verbs that nobody meant to give: bind, escalate, impersonate.",
    grant: {
      resources: [
        "secrets",
        "pods",
        "deployments",
        "daemonsets",
        "statefulsets",
        "replicationcontrollers",
        "replicasets",
        "cronjobs",
        "jobs",
        "roles",
        "clusterroles",
        "rolebindings",
        "clusterrolebindings",
        "users",
        "groups",
      ],
      verbs: [["*"]],
    },
  },
  {
    id: "KSV-0046",
    name: "no-wildcard-resource-clusterrole",
    title: "Cluster role over all resources",
    severity: "CRITICAL",
    why: "All resources of all namespaces are secrets, too, and kinds that are added later.",
    kinds: ["ClusterRole"],
    grant: { resources: ["*"], verbs: [manage] },
  },
  {
    id: "KSV-0047",
    name: "no-privilege-escalation-from-node-proxy",
    title: "Role may use the node proxy",
    severity: "HIGH",
    why: "Through nodes/proxy one talks to the kubelet directly, past admission and audit, and runs commands in any pod.",
    grant: { resources: ["nodes/proxy"], verbs: [["get", "create"]] },
  },
  {
    id: "KSV-0048",
    name: "deny-create-update-malicious-pod",
    title: "Role may change workloads",
    severity: "MEDIUM",
    why: "Who makes or changes pods runs any image with any service account of the namespace.",
    grant: {
      resources: [
        "pods",
        "deployments",
        "jobs",
        "cronjobs",
        "statefulsets",
        "daemonsets",
        "replicasets",
        "replicationcontrollers",
      ],
      verbs: [change],
    },
  },
  {
    id: "KSV-0049",
    name: "no-manage-configmaps",
    title: "Role may change ConfigMaps",
    severity: "MEDIUM",
    why: "ConfigMaps steer programs of the cluster, DNS and node access among them.",
    grant: { resources: ["configmaps"], verbs: [change] },
  },
  {
    id: "KSV-0050",
    name: "no-privilege-escalation-rbac",
    more: ["no-manage-rbac-resources", "kubernetes-no-manage-rbac-resources"],
    title: "Role may give itself more rights",
    severity: "CRITICAL",
    why: "escalate, bind and impersonate on roles lift the rule that nobody gives rights that they do not have.",
    grant: { resources: ["roles", "rolebindings"], verbs: [["escalate", "bind", "impersonate", "*"]] },
  },
  {
    id: "KSV-0051",
    name: "do-not-allow-role-binding-associate-privileged-role",
    title: "Role may bind privileged roles",
    severity: "HIGH",
    why: "Creating role bindings together with bind on every role gives anybody any right in the namespace.",
    grant: { groups: ["rbac.authorization.k8s.io"], resources: ["rolebindings"], verbs: [["create"]] },
    with: {
      groups: ["rbac.authorization.k8s.io"],
      resources: ["clusterroles", "roles"],
      verbs: [["bind"]],
      names: ["*"],
    },
  },
  {
    id: "KSV-0052",
    name: "allow-role-clusterrolebindings-associate-privileged-cluster-role",
    title: "Role may make cluster role bindings",
    severity: "HIGH",
    why: "Creating cluster role bindings together with bind on every cluster role gives anybody any right in the cluster.",
    grant: { groups: ["rbac.authorization.k8s.io"], resources: ["clusterrolebindings"], verbs: [["create"]] },
    with: { resources: ["clusterroles"], verbs: [["bind"]], names: ["*"] },
  },
  {
    id: "KSV-0053",
    name: "no-getting-shell-pods",
    title: "Role may run commands in pods",
    severity: "HIGH",
    why: "A shell in a pod has its secrets and its service account.",
    grant: { resources: ["pods/exec"], verbs: [change] },
  },
  {
    id: "KSV-0054",
    name: "no-attaching-shell-pods",
    title: "Role may attach to pods",
    severity: "HIGH",
    why: "Who attaches to a pod reads what it says and types what it reads.",
    grant: { groups: ["*"], resources: ["pods/attach"], verbs: [["create"]] },
    with: { groups: ["*"], resources: ["pods"], verbs: [["get"]] },
  },
  {
    id: "KSV-0055",
    name: "view-all-secrets",
    title: "Role may add members to bindings",
    severity: "LOW",
    why: "Who changes role bindings gives the rights in them to others.",
    grant: { groups: ["*"], resources: ["rolebindings"], verbs: [["get"], ["patch"]] },
  },
  {
    id: "KSV-0056",
    name: "no-manage-networking-resources",
    title: "Role may change the network",
    severity: "HIGH",
    why: "Services, endpoints, ingresses and network policies decide where traffic goes.",
    grant: {
      resources: ["services", "endpoints", "endpointslices", "networkpolicies", "ingresses"],
      verbs: [change],
    },
  },
  {
    id: "KSV-0112",
    name: "no-wildcard-resource-role",
    title: "Role over all resources of a namespace",
    severity: "CRITICAL",
    why: "All resources are secrets, too, and kinds that are added later.",
    kinds: ["Role"],
    grant: { resources: ["*"], verbs: [manage] },
  },
  {
    id: "KSV-0113",
    name: "no-manage-ns-secrets",
    title: "Role may read secrets of a namespace",
    severity: "MEDIUM",
    why: "Secrets hold passwords and tokens, also those of service accounts with more rights.",
    kinds: ["Role"],
    grant: { resources: ["secrets"], verbs: [readOrChange] },
  },
  {
    id: "KSV-0114",
    name: "no-manage-webhook",
    title: "Role may change webhooks",
    severity: "CRITICAL",
    why: "An admission webhook sees and changes every object that is written.",
    grant: { resources: ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"], verbs: [change] },
  },
  {
    id: "KSV-0115",
    name: "eks-iam-configmap",
    title: "Role may change who enters an EKS cluster",
    severity: "CRITICAL",
    why: "The ConfigMap aws-auth says which identities of AWS are administrators of the cluster.",
    grant: { resources: ["configmaps"], verbs: [change], names: ["aws-auth"] },
  },
];

/** Rights that roles give. */
export const roleChecks: readonly KubernetesCheck[] = rules.map((rule) =>
  kubernetesCheck({
    id: rule.id,
    name: rule.name,
    ...(rule.more === undefined ? {} : { alsoKnownAs: rule.more }),
    title: rule.title,
    severity: rule.severity,
    description: rule.why,
    remediation: `Give only the verbs and resources that are needed instead of ${rule.grant.verbs.flat().includes("*") ? "wildcards and " : ""}rights on ${rule.grant.resources.slice(0, 4).join(", ")}.`,
    references,
    kinds: rule.kinds ?? ["Role", "ClusterRole"],
    *evaluate({ object }) {
      const all = asList(member(object.value, "rules"));
      for (const [index, each] of all.entries()) {
        if (!grants(each, rule.grant)) continue;
        const second = rule.with;
        if (second !== undefined && !all.some((other, place) => place !== index && grants(other, second))) continue;
        yield { message: `${named(object)}: ${rule.title.toLowerCase()}`, path: at(object, "rules", index) };
      }
    },
  }),
);

function grants(rule: unknown, grant: Grant): boolean {
  if (asObject(rule) === undefined) return false;
  const holds = (field: string, wanted: readonly string[] | undefined): boolean =>
    wanted === undefined || asList(member(rule, field)).some((value) => wanted.includes(String(value)));
  return (
    holds("apiGroups", grant.groups) &&
    holds("resources", grant.resources) &&
    grant.verbs.every((verbs) => holds("verbs", verbs)) &&
    holds("resourceNames", grant.names)
  );
}

interface BindingRule {
  readonly id: string;
  readonly name: string;
  readonly more?: readonly string[];
  readonly title: string;
  readonly severity: KubernetesCheck["severity"];
  readonly why: string;
  readonly remediation: string;
  matches(object: KubernetesObject): boolean;
}

/** Roles that every cluster binds to all who are authenticated: what the API is and what they may do. */
const discoveryRoles = ["system:basic-user", "system:discovery", "system:public-info-viewer"];

const bindingRules: readonly BindingRule[] = [
  {
    id: "KSV-0111",
    name: "cluster-admin0-role-only-used-where-required",
    title: "A built-in administrator role is bound",
    severity: "MEDIUM",
    why: "cluster-admin, admin and edit give far more than most need.",
    remediation: "Bind a role with the rights that are needed.",
    matches: (object) => ["cluster-admin", "admin", "edit"].includes(String(member(object.value, "roleRef", "name"))),
  },
  {
    id: "KSV-0122",
    name: "no-anonymous-user-bind",
    title: "Rights for those who are not known",
    severity: "CRITICAL",
    why: "system:anonymous and system:unauthenticated are everybody who can reach the API server.",
    remediation: "Remove the subject.",
    matches: (object) => bindsTo(object, ["system:unauthenticated", "system:anonymous"]),
  },
  {
    id: "KSV-0123",
    name: "no-system-masters-group-bind",
    more: ["KSV0123"],
    title: "Rights for system:masters",
    severity: "CRITICAL",
    why: "Members of system:masters pass every check of rights, and cannot be taken out again.",
    remediation: "Bind to a group of your own.",
    matches: (object) => bindsTo(object, ["system:masters"]),
  },
  {
    id: "KSV-01011",
    name: "no-system-authenticated-group-bind",
    title: "Rights for everybody who is authenticated",
    severity: "CRITICAL",
    why: "system:authenticated is everybody with any account, on GKE every account of Google.",
    remediation: "Bind to those who need it.",
    matches: (object) =>
      bindsTo(object, ["system:authenticated"]) &&
      !discoveryRoles.includes(String(member(object.value, "roleRef", "name"))),
  },
];

/** Who is bound to what. */
export const bindingChecks: readonly KubernetesCheck[] = bindingRules.map((rule) =>
  kubernetesCheck({
    id: rule.id,
    name: rule.name,
    ...(rule.more === undefined ? {} : { alsoKnownAs: rule.more }),
    title: rule.title,
    severity: rule.severity,
    description: rule.why,
    remediation: rule.remediation,
    references,
    kinds: ["RoleBinding", "ClusterRoleBinding"],
    *evaluate({ object }) {
      if (rule.matches(object))
        yield { message: `${named(object)}: ${rule.title.toLowerCase()}`, path: at(object, "metadata") };
    },
  }),
);

function bindsTo(object: KubernetesObject, names: readonly string[]): boolean {
  return asList(member(object.value, "subjects")).some((subject) => names.includes(String(member(subject, "name"))));
}
