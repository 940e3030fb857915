import { asList, asText, member, scalarText } from "@plimsoll/kubernetes";
import type { KubernetesCheck } from "../check.ts";
import { kubernetesCheck } from "../shared/define.ts";
import { at, named, workloads } from "./subject.ts";

const tokenPath = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Annotations of ingress-nginx whose text went into the server's configuration unescaped (CVE-2025-1097, CVE-2025-1098, CVE-2025-24514). */
const injectable = ["auth-url", "auth-tls-match-cn", "mirror-target", "mirror-host"].map(
  (name) => `nginx.ingress.kubernetes.io/${name}`,
);

/** Namespaces, tokens, network policies, services, ingresses, and what Gatekeeper lets in. */
export const objectChecks: readonly KubernetesCheck[] = [
  kubernetesCheck({
    id: "KSV-0036",
    name: "no-auto-mount-service-token",
    title: "Service account token is mounted",
    severity: "MEDIUM",
    description: "The token lets every process of the pod talk to the API server; few programs need it.",
    remediation: "Set automountServiceAccountToken to false.",
    references: ["https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/"],
    *evaluate({ object, pod, containers }) {
      const specs = [member(object.value, "spec"), pod?.spec];
      const on = specs.some((spec) => member(spec, "automountServiceAccountToken") === true);
      const unset = specs.every((spec) => member(spec, "automountServiceAccountToken") === undefined);
      const mounted = containers.some((container) =>
        asList(member(container.value, "volumeMounts")).some((mount) => member(mount, "mountPath") === tokenPath),
      );
      if (on || (unset && mounted))
        yield {
          message: `${named(object)} mounts the token of its service account`,
          path: at(object, "spec"),
          ...(pod === undefined
            ? {}
            : {
                fix: [{ kind: "set" as const, path: [...pod.specPath, "automountServiceAccountToken"], value: false }],
              }),
        };
    },
  }),
  kubernetesCheck({
    id: "KSV-0037",
    name: "no-user-resources-in-system-namespace",
    alsoKnownAs: ["no-user-pods-in-system-namespace"],
    title: "Workload of a user in kube-system",
    severity: "MEDIUM",
    description: "kube-system is for the parts of the cluster: quotas, policies and people treat it differently.",
    remediation: "Use a namespace of your own.",
    references: ["https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/"],
    *evaluate({ object }) {
      if (object.namespace !== "kube-system") return;
      const core =
        object.labels["tier"] === "control-plane" &&
        ["kube-apiserver", "etcd", "kube-controller-manager", "kube-scheduler"].includes(
          object.labels["component"] ?? "",
        ) &&
        /^system-(?:node|cluster)-critical$/.test(asText(member(object.value, "spec", "priorityClassName")) ?? "");
      if (!core && member(object.value, "spec") !== undefined)
        yield {
          message: `${named(object)} is put into kube-system`,
          path: at(object, "spec"),
          cause: at(object, "metadata", "namespace"),
        };
    },
  }),
  kubernetesCheck({
    id: "KSV-0110",
    name: "default-namespace-should-not-be-used",
    title: "Workload in the default namespace",
    severity: "LOW",
    description:
      "In the default namespace everybody's workloads meet, without quotas, policies and roles of their own.",
    remediation: "Set metadata.namespace to a namespace of its own.",
    references: ["https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/"],
    kinds: workloads,
    *evaluate({ object }) {
      if ((object.namespace ?? "default") !== "default") return;
      const inFile = member(object.value, "metadata", "namespace") !== undefined;
      yield {
        message: `${named(object)} goes to the default namespace`,
        path: inFile ? at(object, "metadata", "namespace") : at(object, "metadata"),
      };
    },
  }),
  kubernetesCheck({
    id: "KSV-0038",
    name: "selector-usage-in-network-policies",
    title: "Network policy without a selector",
    severity: "MEDIUM",
    description: "A policy without podSelector and namespaceSelector says nothing about who may talk to whom.",
    remediation: "Select pods or namespaces, in the policy or in its ingress and egress rules.",
    references: ["https://kubernetes.io/docs/concepts/services-networking/network-policies/"],
    kinds: ["NetworkPolicy"],
    *evaluate({ object }) {
      const spec = member(object.value, "spec");
      const peers = [
        ...asList(member(spec, "ingress")).flatMap((rule) => asList(member(rule, "from"))),
        ...asList(member(spec, "egress")).flatMap((rule) => asList(member(rule, "to"))),
      ];
      const selects = [spec, ...peers].some(
        (part) => member(part, "podSelector") !== undefined || member(part, "namespaceSelector") !== undefined,
      );
      if (!selects) yield { message: `${named(object)} selects nothing`, path: at(object, "spec") };
    },
  }),
  kubernetesCheck({
    id: "KSV-0108",
    name: "no-svc-with-extip",
    alsoKnownAs: ["no_svc_with_extip"],
    title: "Service with an external address",
    severity: "HIGH",
    description: "External IPs and names can take over traffic that is meant for others (CVE-2020-8554).",
    remediation: "Remove externalIPs and externalName; use a load balancer or an ingress.",
    references: ["https://kubernetes.io/docs/concepts/services-networking/service/#external-ips"],
    kinds: ["Service"],
    *evaluate({ object }) {
      for (const field of ["externalIPs", "externalName"]) {
        const value = member(object.value, "spec", field);
        const used = Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null && value !== "";
        if (!used) continue;
        yield { message: `${named(object)} sets ${field}`, path: at(object, "spec", field) };
        return;
      }
    },
  }),
  kubernetesCheck({
    id: "KCV-0093",
    name: "insecure-ingress-nginx",
    title: "Annotation of ingress-nginx lets code in",
    severity: "CRITICAL",
    description:
      "Characters in these annotations end the setting that they go into, so that what follows is run by an old ingress-nginx (CVE-2025-1097, CVE-2025-1098, CVE-2025-24514).",
    remediation: "Remove the characters, and update ingress-nginx.",
    references: ["https://kubernetes.io/blog/2025/03/24/ingress-nginx-cve-2025-1974/"],
    kinds: ["Ingress"],
    *evaluate({ object }) {
      const spec = member(object.value, "spec");
      const ingressClass =
        scalarText(member(spec, "ingressClassName")) ?? object.annotations["kubernetes.io/ingress.class"];
      if (ingressClass?.toLowerCase() !== "nginx") return;
      for (const name of injectable) {
        const text = object.annotations[name];
        if (text !== undefined && endsItsSetting(text))
          yield {
            message: `${named(object)} has characters in ${name} that end the setting`,
            path: at(object, "metadata"),
            cause: at(object, "metadata", "annotations", name),
          };
      }
    },
  }),
  kubernetesCheck({
    id: "KSV-0124",
    name: "repo-ambiguous-prefix",
    title: "Allowed repository prefix is open-ended",
    severity: "HIGH",
    description:
      "A prefix without a slash at its end also allows names that only begin alike: example.com lets example.com.evil.org in.",
    remediation: "End prefixes of K8sAllowedRepos with a slash or a colon.",
    references: ["https://open-policy-agent.github.io/gatekeeper-library/website/validation/allowedrepos/"],
    kinds: ["K8sAllowedRepos"],
    *evaluate({ object }) {
      if (!object.apiVersion.startsWith("constraints.gatekeeper.sh/")) return;
      for (const each of asList(member(object.value, "spec", "parameters", "repos"))) {
        const repository = asText(each) ?? "";
        const parts = repository.split("/");
        const open = !repository.includes("/") && !repository.includes(":");
        if (open || (parts[0] === "docker.io" && parts.length <= 2))
          yield {
            message: `${named(object)} allows everything that begins with ${repository.slice(0, 80)}`,
            path: at(object, "spec", "parameters"),
          };
      }
    },
  }),
];

/** A URL, or a common name, with characters that end what nginx reads. */
function endsItsSetting(text: string): boolean {
  const url = text.search(/https?:\/\//);
  if (url !== -1 && /[\r\n<>"{}|^`\\]/.test(text.slice(url + "http".length))) return true;
  const name = text.indexOf("CN=");
  return name !== -1 && /[\r\n#{};|]/.test(text.slice(name));
}
