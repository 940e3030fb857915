import { apiGroupOf, asObject } from "./object.ts";
import type { KubernetesObject, ObjectPath } from "./object.ts";
import { podPaths } from "./workload.ts";

/** A part of an object that has the wrong type, so that the Kubernetes API would refuse it. */
export interface MisshapenPart {
  /** The path from the document. */
  readonly path: ObjectPath;
  /** What the API expects, with its article: `a list`, `true or false`. */
  readonly expected: string;
  /** What is there, in the same words; `a template` is text of a Helm chart that is not rendered yet. */
  readonly found: string;
}

/** What the Kubernetes API accepts at a place (Kubernetes API reference); `null` counts as absent everywhere. */
type Shape =
  | "text"
  /** Text that may contain `{{` without being a Helm template, such as the arguments of a program. */
  | "free text"
  | "a whole number"
  | "true or false"
  | "a number or text"
  | "a number, text, true or false"
  /** A mapping whose members are not looked at. */
  | "a mapping"
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly members: Readonly<Record<string, Shape>> };

const number = "a whole number";
const flag = "true or false";
const texts: Shape = { list: "text" };
const freeTexts: Shape = { list: "free text" };
const quantities: Shape = { map: "a number or text" };

const seccompProfile: Shape = { members: { type: "text", localhostProfile: "text" } };
const seLinuxOptions: Shape = { members: { type: "text", user: "text", role: "text", level: "text" } };
const windowsOptions: Shape = { members: { hostProcess: flag, runAsUserName: "text" } };

/** What the security contexts of pods and containers have in common. */
const securitySettings = {
  runAsUser: number,
  runAsGroup: number,
  runAsNonRoot: flag,
  seccompProfile,
  appArmorProfile: seccompProfile,
  seLinuxOptions,
  windowsOptions,
} as const;

const handler: Shape = {
  members: {
    exec: { members: { command: freeTexts } },
    httpGet: { members: { host: "text", path: "text", port: "a number or text" } },
    tcpSocket: { members: { host: "text", port: "a number or text" } },
  },
};

const container: Shape = {
  members: {
    name: "text",
    image: "text",
    imagePullPolicy: "text",
    command: freeTexts,
    args: freeTexts,
    env: { list: { members: { name: "text", value: "free text", valueFrom: "a mapping" } } },
    ports: { list: { members: { containerPort: number, hostPort: number, hostIP: "text", protocol: "text" } } },
    volumeMounts: { list: { members: { name: "text", mountPath: "text", readOnly: flag } } },
    resources: { members: { limits: quantities, requests: quantities } },
    livenessProbe: handler,
    readinessProbe: handler,
    startupProbe: handler,
    lifecycle: { members: { postStart: handler, preStop: handler } },
    securityContext: {
      members: {
        ...securitySettings,
        privileged: flag,
        allowPrivilegeEscalation: flag,
        readOnlyRootFilesystem: flag,
        procMount: "text",
        capabilities: { members: { add: texts, drop: texts } },
      },
    },
  },
};

const metadata: Shape = {
  members: { name: "text", namespace: "text", labels: { map: "free text" }, annotations: { map: "free text" } },
};

const pod: Shape = {
  members: {
    metadata,
    spec: {
      members: {
        containers: { list: container },
        initContainers: { list: container },
        ephemeralContainers: { list: container },
        hostNetwork: flag,
        hostPID: flag,
        hostIPC: flag,
        hostUsers: flag,
        serviceAccountName: "text",
        serviceAccount: "text",
        automountServiceAccountToken: flag,
        priorityClassName: "text",
        nodeName: "text",
        hostAliases: { list: { members: { ip: "text", hostnames: texts } } },
        volumes: {
          list: {
            members: {
              name: "text",
              hostPath: { members: { path: "text", type: "text" } },
              secret: "a mapping",
              configMap: "a mapping",
              emptyDir: "a mapping",
              projected: "a mapping",
            },
          },
        },
        securityContext: {
          members: {
            ...securitySettings,
            fsGroup: number,
            supplementalGroups: { list: number },
            sysctls: { list: { members: { name: "text", value: "free text" } } },
          },
        },
      },
    },
  },
};

const selector: Shape = {
  members: {
    matchLabels: { map: "free text" },
    matchExpressions: { list: { members: { key: "text", operator: "text", values: texts } } },
  },
};
const peers: Shape = {
  list: { members: { podSelector: selector, namespaceSelector: selector, ipBlock: "a mapping" } },
};
const rules: Shape = {
  list: { members: { verbs: texts, apiGroups: texts, resources: texts, resourceNames: texts, nonResourceURLs: texts } },
};
const binding = {
  subjects: { list: { members: { kind: "text", name: "text", namespace: "text", apiGroup: "text" } } },
  roleRef: { members: { kind: "text", name: "text", apiGroup: "text" } },
} as const;

const byKind: ReadonlyMap<string, Readonly<Record<string, Shape>>> = new Map<string, Readonly<Record<string, Shape>>>([
  ...Array.from(podPaths, ([kind, steps]): [string, Readonly<Record<string, Shape>>] => [kind, membersAt(steps, pod)]),
  ["Role", { rules }],
  ["ClusterRole", { rules }],
  ["RoleBinding", binding],
  ["ClusterRoleBinding", binding],
  // What Trivy's node collector reports.
  ["NodeInfo", { type: "text", info: { map: { members: { values: { list: "a number, text, true or false" } } } } }],
  // A constraint of Gatekeeper's library.
  ["K8sAllowedRepos", { spec: { members: { parameters: { members: { repos: texts } } } } }],
  ["ConfigMap", { data: { map: "free text" } }],
  ["Service", { spec: { members: { type: "text", externalName: "text", externalIPs: texts } } }],
  ["Ingress", { spec: { members: { ingressClassName: "text" } } }],
  ["ResourceQuota", { spec: { members: { hard: quantities } } }],
  [
    "LimitRange",
    {
      spec: {
        members: {
          limits: {
            list: {
              members: {
                type: "text",
                default: quantities,
                defaultRequest: quantities,
                max: quantities,
                min: quantities,
              },
            },
          },
        },
      },
    },
  ],
  [
    "NetworkPolicy",
    {
      spec: {
        members: {
          podSelector: selector,
          policyTypes: texts,
          ingress: { list: { members: { from: peers, ports: { list: "a mapping" } } } },
          egress: { list: { members: { to: peers, ports: { list: "a mapping" } } } },
        },
      },
    },
  ],
]);

function membersAt(steps: readonly string[], shape: Shape): Readonly<Record<string, Shape>> {
  const [first, ...rest] = steps;
  if (first !== undefined) return { [first]: rest.length === 0 ? shape : { members: membersAt(rest, shape) } };
  return typeof shape === "object" && "members" in shape ? shape.members : {};
}

/** The most parts that are reported of one object. */
const mostParts = 20;

/**
 * Finds the parts of an object whose type the Kubernetes API would refuse, such as `privileged: "true"` or `containers: {}`. Only parts that
 * matter to security checks are looked at, and at most twenty are returned. Of custom resources only the metadata is looked at.
 */
export function misshapenParts(object: KubernetesObject): readonly MisshapenPart[] {
  const found: MisshapenPart[] = [];
  const group = apiGroupOf(object.apiVersion);
  const isKnown =
    !group.includes(".") ||
    group.endsWith(".k8s.io") ||
    group.endsWith(".openshift.io") ||
    group === "constraints.gatekeeper.sh";
  const own = isKnown ? byKind.get(object.kind) : undefined;
  look(object.value, { members: { metadata, ...own } }, object.path, found);
  return found;
}

function look(value: unknown, shape: Shape, path: ObjectPath, found: MisshapenPart[]): void {
  if (value === null || value === undefined || found.length >= mostParts) return;
  const expected = expectation(shape, value);
  if (expected !== undefined) {
    found.push({ path, expected, found: kindOf(value) });
    return;
  }
  if (typeof shape === "string") return;
  if ("list" in shape) {
    const items = value as readonly unknown[]; // as: expectation has looked
    for (let index = 0; index < items.length; index++) look(items[index], shape.list, [...path, index], found);
    return;
  }
  const members = asObject(value) ?? {};
  if ("map" in shape) {
    for (const key of Object.keys(members)) look(members[key], shape.map, [...path, key], found);
    return;
  }
  for (const key in shape.members)
    if (Object.hasOwn(members, key)) {
      const part = members[key];
      const inner = shape.members[key];
      // Most are as they should be, and need no path.
      if (inner === undefined || (typeof inner === "string" && expectation(inner, part) === undefined)) continue;
      look(part, inner, [...path, key], found);
    }
}

/** What should be there instead; undefined: the value is of that type. */
function expectation(shape: Shape, value: unknown): string | undefined {
  if (typeof shape === "object") {
    if ("list" in shape) return Array.isArray(value) ? undefined : "a list";
    return asObject(value) === undefined ? "a mapping" : undefined;
  }
  switch (shape) {
    case "text":
      return typeof value === "string" && !isTemplate(value) ? undefined : "text";
    case "free text":
      return typeof value === "string" ? undefined : "text";
    case "a whole number":
      return Number.isInteger(value) ? undefined : shape;
    case "true or false":
      return typeof value === "boolean" ? undefined : shape;
    case "a number or text":
      return typeof value === "number" || (typeof value === "string" && !isTemplate(value)) ? undefined : shape;
    case "a number, text, true or false":
      return typeof value === "object" ? shape : undefined;
    case "a mapping":
      return asObject(value) === undefined ? shape : undefined;
  }
}

/** Text of Go's templates, as in Helm charts. */
function isTemplate(text: string): boolean {
  const open = text.indexOf("{{");
  return open !== -1 && text.includes("}}", open);
}

function kindOf(value: unknown): string {
  if (typeof value === "string") return isTemplate(value) ? "a template" : "text";
  if (typeof value === "number" || typeof value === "bigint") return "a number";
  if (typeof value === "boolean") return "true or false";
  return Array.isArray(value) ? "a list" : "a mapping";
}
