import { allows, asList, asObject, asText, member } from "@plimsoll/kubernetes";
import { excerpt, exposure } from "./shared/exposure.ts";
import type { Exposure } from "./shared/exposure.ts";
import { logMountPods, podName, privilegedContainers, servicePrincipalPods } from "./shared/pods.ts";
import { versionExposures } from "./shared/versions.ts";

/** Configuration of a cluster, from which exposures are predicted without network access. All members are optional. */
export interface ClusterConfiguration {
  /** Kubelets: name, parsed configuration file, and command line. */
  readonly kubelets?: readonly {
    readonly name?: string | undefined;
    readonly configuration?: unknown;
    readonly arguments?: readonly string[] | undefined;
  }[];
  /** Command lines of API servers. */
  readonly apiServers?: readonly { readonly name?: string | undefined; readonly arguments: readonly string[] }[];
  /** Command lines of etcd servers. */
  readonly etcds?: readonly { readonly name?: string | undefined; readonly arguments: readonly string[] }[];
  /** Kubernetes objects: roles and bindings, pods and workloads, service accounts, services. */
  readonly objects?: readonly unknown[];
  /** Version of the API servers. */
  readonly version?: string;
  /** Version of kubectl on the machines of users. */
  readonly kubectlVersion?: string;
  /** Also report vulnerabilities of vendors' versions (with a suffix), which may have patches that the number does not show. */
  readonly includePatched?: boolean;
}

/** The name of the probe of exposures that are predicted. */
const probe = "prediction";

/** Predicts from configuration, command lines and objects the exposures that probes would report. No network access. */
export function predictExposure(configuration: ClusterConfiguration): readonly Exposure[] {
  const { includePatched, version, kubectlVersion } = configuration;
  const objects = (configuration.objects ?? []).filter((object) => asObject(object) !== undefined);
  const pods = podsOf(objects);
  const anonymous = (configuration.apiServers ?? []).filter(
    (server) => flag(server.arguments, "anonymous-auth") !== "false",
  );
  return [
    ...(configuration.kubelets ?? []).flatMap((kubelet) => kubeletExposures(kubelet, pods, objects)),
    ...(configuration.apiServers ?? []).flatMap((server) => apiServerExposures(server, objects)),
    ...(anonymous.length === 0 && configuration.apiServers !== undefined ? [] : anonymousRights(objects)),
    ...(configuration.etcds ?? []).flatMap(etcdExposures),
    ...podExposures(pods, objects),
    ...dashboardExposures(objects),
    ...(version === undefined ? [] : versionExposures(version, "api-server", { includePatched })),
    ...(kubectlVersion === undefined ? [] : versionExposures(kubectlVersion, "kubectl", { includePatched })),
  ];
}

/** The value of `--name=value` or `--name value`; a bare flag is true; the last one counts. */
function flag(args: readonly string[], name: string): string | undefined {
  let value: string | undefined;
  for (const [index, word] of args.entries()) {
    if (word.startsWith(`--${name}=`)) value = word.slice(name.length + 3);
    else if (word === `--${name}`) {
      const next = args[index + 1];
      value = next === undefined || next.startsWith("-") ? "true" : next;
    }
  }
  return value;
}

function kubeletExposures(
  kubelet: NonNullable<ClusterConfiguration["kubelets"]>[number],
  pods: readonly unknown[],
  objects: readonly unknown[],
): readonly Exposure[] {
  const args = kubelet.arguments ?? [];
  const location = kubelet.name ?? "kubelet";
  const setting = (name: string, ...path: readonly string[]): string | undefined => {
    const given = flag(args, name);
    if (given !== undefined) return given;
    const value = member(kubelet.configuration, ...path);
    return value === undefined || value === null || typeof value === "object" ? undefined : String(value);
  };
  const found: Exposure[] = [];
  const add = (id: string, evidence: string): void => {
    found.push(exposure(id, { location, evidence, probe }));
  };
  const readOnlyPort = setting("read-only-port", "readOnlyPort");
  // A command line without a configuration file still has the port open by default; the file's default is 0.
  const isReadOnlyOpen =
    readOnlyPort === undefined
      ? kubelet.configuration === undefined && args.length > 0 && flag(args, "config") === undefined
      : readOnlyPort !== "0";
  if (isReadOnlyOpen) {
    const evidence = `readOnlyPort is ${readOnlyPort ?? "10255 by default"}`;
    add("KHV002", evidence);
    add("KHV043", evidence);
    add("KHV052", evidence);
    if (privilegedContainers(pods).length > 0) add("KHV044", evidence);
  }
  const anonymousSetting = setting("anonymous-auth", "authentication", "anonymous", "enabled");
  const isAnonymous =
    anonymousSetting === undefined
      ? kubelet.configuration === undefined && args.length > 0 && flag(args, "config") === undefined
      : anonymousSetting === "true";
  if (!isAnonymous) return found;
  add("KHV036", `anonymous authentication is ${anonymousSetting ?? "on by default"}`);
  const mode = setting("authorization-mode", "authorization", "mode");
  const isOpen =
    mode === "AlwaysAllow" ||
    (mode === undefined && kubelet.configuration === undefined && flag(args, "config") === undefined);
  const may = (subresource: string, verb: string): boolean =>
    isOpen || (mode === "Webhook" && anonymousMay(objects, verb, `nodes/${subresource}`));
  const because = isOpen ? "authorization mode is AlwaysAllow" : "anonymous users are bound to a role with nodes/proxy";
  if (may("proxy", "get")) {
    add("KHV052", because);
    add("KHV043", because);
  }
  if (setting("enable-debugging-handlers", "enableDebuggingHandlers") === "false") return found;
  if (may("proxy", "get")) {
    add("KHV038", because);
    add("KHV037", because);
    add("KHV039", because);
    add("KHV042", because);
    if (setting("profiling", "enableProfilingHandler") !== "false") add("KHV046", because);
  }
  if (may("proxy", "create")) {
    add("KHV040", because);
    add("KHV041", because);
    if (privilegedContainers(pods).length > 0) add("KHV051", because);
  }
  if (may("log", "get") && setting("enable-system-log-handler", "enableSystemLogHandler") !== "false")
    add("KHV045", because);
  return found;
}

const anonymousSubject = { user: "system:anonymous", groups: ["system:unauthenticated"] };

function anonymousMay(objects: readonly unknown[], verb: string, resource: string, apiGroup = ""): boolean {
  return allows(objects, { ...anonymousSubject, verb, resource, apiGroup, namespace: "" });
}

function apiServerExposures(
  server: NonNullable<ClusterConfiguration["apiServers"]>[number],
  objects: readonly unknown[],
): readonly Exposure[] {
  const location = server.name ?? "kube-apiserver";
  const found: Exposure[] = [];
  const insecure = flag(server.arguments, "insecure-port");
  if (insecure !== undefined && insecure !== "0")
    found.push(exposure("KHV006", { location, evidence: `--insecure-port is ${insecure}`, probe }));
  if (flag(server.arguments, "anonymous-auth") === "false") return found;
  const open = (flag(server.arguments, "authorization-mode") ?? "AlwaysAllow").split(",").includes("AlwaysAllow");
  found.push(exposure("KHV002", { location, evidence: "anonymous users may read /version by default", probe }));
  if (open) {
    const evidence = "the authorization mode is AlwaysAllow";
    found.push(exposure("KHV005", { name: "Unauthenticated access to API", location, evidence, probe }));
    for (const what of ["namespaces", "roles", "cluster roles", "pods"])
      found.push(exposure("KHV007", { name: `Listing ${what} as anonymous user`, location, evidence, probe }));
  } else if (anonymousMayRead(objects, "/api"))
    found.push(
      exposure("KHV005", {
        name: "Unauthenticated access to API",
        location,
        evidence: "anonymous users are bound to a role with /api",
        probe,
      }),
    );
  return found;
}

/** Whether anonymous users are bound to a role that lets them read a path. */
function anonymousMayRead(objects: readonly unknown[], path: string): boolean {
  return objects.some((binding) => {
    if (asText(member(binding, "kind")) !== "ClusterRoleBinding") return false;
    const bound = asList(member(binding, "subjects")).some((subject) => {
      const name = asText(member(subject, "name"));
      return name === "system:anonymous" || name === "system:unauthenticated";
    });
    if (!bound) return false;
    const role = objects.find(
      (object) =>
        asText(member(object, "kind")) === "ClusterRole" &&
        asText(member(object, "metadata", "name")) === asText(member(binding, "roleRef", "name")),
    );
    return asList(member(role, "rules")).some((rule) =>
      asList(member(rule, "nonResourceURLs")).some(
        (url) =>
          typeof url === "string" &&
          (url === "*" || url === path || (url.endsWith("*") && path.startsWith(url.slice(0, -1)))),
      ),
    );
  });
}

const listed = [
  ["namespaces", "namespaces", ""],
  ["roles", "roles", "rbac.authorization.k8s.io"],
  ["cluster roles", "clusterroles", "rbac.authorization.k8s.io"],
  ["pods", "pods", ""],
] as const;

function anonymousRights(objects: readonly unknown[]): readonly Exposure[] {
  const location = "rbac";
  const found: Exposure[] = [];
  for (const [what, resource, group] of listed)
    if (anonymousMay(objects, "list", resource, group))
      found.push(
        exposure("KHV007", {
          name: `Listing ${what} as anonymous user`,
          location,
          evidence: `anonymous users may list ${resource}`,
          probe,
        }),
      );
  const rights = [
    ["PLM001", "create", "pods", ""],
    ["PLM002", "get", "secrets", ""],
    ["PLM003", "create", "clusterrolebindings", "rbac.authorization.k8s.io"],
  ] as const;
  for (const [id, verb, resource, group] of rights)
    if (anonymousMay(objects, verb, resource, group))
      found.push(exposure(id, { location, evidence: `anonymous users may ${verb} ${resource}`, probe }));
  return found;
}

function etcdExposures(server: NonNullable<ClusterConfiguration["etcds"]>[number]): readonly Exposure[] {
  const location = server.name ?? "etcd";
  const urls = (flag(server.arguments, "listen-client-urls") ?? "http://localhost:2379").split(",");
  const remote = urls.filter((url) => !/^https?:\/\/(localhost|127\.|\[::1\])/.test(url));
  if (remote.length === 0) return [];
  const plain = remote.filter((url) => url.startsWith("http://"));
  const found: Exposure[] = [];
  const evidence = excerpt(`listens on ${remote.join(", ")}`);
  const open = plain.length > 0 || flag(server.arguments, "client-cert-auth") !== "true";
  if (!open) return [];
  found.push(exposure("KHV033", { location, evidence, probe }));
  if (plain.length > 0) found.push(exposure("KHV034", { location, evidence, probe }));
  found.push(exposure("KHV032", { location, evidence, probe }), exposure("KHV031", { location, evidence, probe }));
  return found;
}

/** Pods, and the pods that workloads would make. */
function podsOf(objects: readonly unknown[]): readonly unknown[] {
  return objects.flatMap((object) => {
    if (asText(member(object, "kind")) === "Pod") return [object];
    const template = member(object, "spec", "template") ?? member(object, "spec", "jobTemplate", "spec", "template");
    const spec = member(template, "spec");
    return asObject(spec) === undefined ? [] : [{ kind: "Pod", metadata: member(object, "metadata"), spec }];
  });
}

function podExposures(pods: readonly unknown[], objects: readonly unknown[]): readonly Exposure[] {
  const found = [...logMountPods(pods, "pods"), ...servicePrincipalPods(pods, "pods")];
  const mounted = pods.filter((pod) => {
    const own = member(pod, "spec", "automountServiceAccountToken");
    if (typeof own === "boolean") return own;
    const name = asText(member(pod, "spec", "serviceAccountName")) ?? "default";
    const namespace = asText(member(pod, "metadata", "namespace")) ?? "default";
    const account = objects.find(
      (object) =>
        asText(member(object, "kind")) === "ServiceAccount" &&
        asText(member(object, "metadata", "name")) === name &&
        (asText(member(object, "metadata", "namespace")) ?? "default") === namespace,
    );
    return member(account, "automountServiceAccountToken") !== false;
  });
  if (mounted.length > 0)
    found.push(
      exposure("KHV050", {
        location: "pods",
        evidence: excerpt(`${mounted.length} pods, ${mounted.slice(0, 5).map(podName).join(", ")}`),
        probe,
      }),
    );
  return found;
}

function dashboardExposures(objects: readonly unknown[]): readonly Exposure[] {
  return podsOf(objects).flatMap((pod) =>
    asList(member(pod, "spec", "containers")).flatMap((container) => {
      const image = asText(member(container, "image")) ?? "";
      const args = asList(member(container, "args")).filter((word): word is string => typeof word === "string");
      const isOpen = flag(args, "enable-insecure-login") === "true" || flag(args, "enable-skip-login") === "true";
      if (!/kubernetes-?dashboard|kubernetesui\/dashboard/.test(image) || !isOpen) return [];
      return [exposure("KHV029", { location: podName(pod), evidence: excerpt(args.join(" ")), probe })];
    }),
  );
}
