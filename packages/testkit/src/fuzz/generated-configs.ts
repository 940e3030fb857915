import { wholeBelow } from "./random.ts";
import type { Random } from "./random.ts";

/** A configuration file that was made. */
export interface GeneratedConfig {
  readonly path: string;
  readonly text: string;
}

/** The n-th file of a corpus: every kind of object that checks ask about, and Dockerfiles, in settings that are good, bad and odd. */
export function generatedConfig(index: number, random: Random): GeneratedConfig {
  if (index % 4 === 3) return { path: "Dockerfile", text: dockerfile(random) };
  const make = kinds[wholeBelow(random, kinds.length)] ?? workload;
  return { path: "object.json", text: `${JSON.stringify(make(random), undefined, 1)}\n` };
}

type Value = unknown;

function pick<T>(random: Random, values: readonly T[]): T {
  return values[wholeBelow(random, values.length)] as T; // as: no list is empty
}

function some<T>(random: Random, values: readonly T[], chance = 0.4): readonly T[] {
  return values.filter(() => random() < chance);
}

/** Members that are there by chance, each with one of its values. */
function members(
  random: Random,
  chance: number,
  choices: Readonly<Record<string, readonly Value[]>>,
): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(choices).flatMap(([name, values]) => (random() < chance ? [[name, pick(random, values)]] : [])),
  );
}

const securityContexts = {
  privileged: [true, false],
  allowPrivilegeEscalation: [true, false],
  readOnlyRootFilesystem: [true, false],
  runAsNonRoot: [true, false],
  runAsUser: [0, 1000, 20_000],
  runAsGroup: [0, 1000, 20_000],
  procMount: ["Unmasked", "Default"],
  seccompProfile: [{ type: "Unconfined" }, { type: "RuntimeDefault" }, { type: "Localhost", localhostProfile: "a" }],
  seLinuxOptions: [{ type: "spc_t" }, { type: "container_t" }, { user: "u", role: "r" }],
  windowsOptions: [{ hostProcess: true }, { hostProcess: false }],
  capabilities: [
    { drop: ["ALL"] },
    { drop: ["all"] },
    { drop: ["NET_RAW"] },
    { add: ["SYS_ADMIN"] },
    { add: ["NET_RAW"] },
    { add: ["NET_ADMIN", "SYS_MODULE"] },
    { add: ["NET_BIND_SERVICE"], drop: ["ALL"] },
    { add: ["ALL"] },
    {},
  ],
};

const images = [
  "nginx",
  "nginx:latest",
  "nginx:1.27",
  "nginx@sha256:0000000000000000000000000000000000000000000000000000000000000000",
  "registry.example.com/app:1",
  "app.azurecr.io/app:1",
  "gcr.io/kubernetes-helm/tiller:v2.16",
  "123.dkr.ecr.eu-west-1.amazonaws.com/app:1",
];

function container(random: Random, name: string): Value {
  return {
    name,
    image: pick(random, images),
    ...members(random, 0.5, {
      securityContext: [members(random, 0.5, securityContexts)],
      ports: [[{ containerPort: 80 }], [{ containerPort: 8080, hostPort: 8080 }], [{ containerPort: 8443 }]],
      resources: [
        { limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "1", memory: "1Gi" } },
        { limits: { memory: "1Gi" } },
        { requests: { cpu: "100m" } },
      ],
      volumeMounts: [
        [{ name: "v", mountPath: "/data" }],
        [{ name: "v", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" }],
        [{ name: "v", mountPath: "/var/run/docker.sock" }],
      ],
      env: [[{ name: "PASSWORD", value: "x" }], [{ name: "A", valueFrom: { secretKeyRef: { name: "a", key: "b" } } }]],
    }),
  };
}

function podSpec(random: Random): Value {
  return {
    ...members(random, 0.25, {
      hostPID: [true, false],
      hostIPC: [true, false],
      hostNetwork: [true, false],
      hostAliases: [[{ ip: "127.0.0.1", hostnames: ["a"] }]],
      automountServiceAccountToken: [true, false],
      initContainers: [[container(random, "first")]],
      securityContext: [
        {},
        { runAsNonRoot: true, runAsUser: 20_000, runAsGroup: 20_000, seccompProfile: { type: "RuntimeDefault" } },
        { runAsUser: 0, fsGroup: 0, supplementalGroups: [0] },
        { sysctls: [{ name: "kernel.msgmax", value: "1" }] },
        { sysctls: [{ name: "net.ipv4.tcp_syncookies", value: "1" }] },
        members(random, 0.3, { ...securityContexts, privileged: [undefined], capabilities: [undefined] }),
      ],
      volumes: [
        [{ name: "v", hostPath: { path: "/var/run/docker.sock" } }],
        [{ name: "v", hostPath: { path: "/etc" } }],
        [{ name: "v", emptyDir: {} }],
        [{ name: "v", nfs: { server: "a", path: "/" } }],
      ],
    }),
    containers: [container(random, "main"), ...(random() < 0.3 ? [container(random, "side")] : [])],
  };
}

function metadata(random: Random): Value {
  return {
    name: pick(random, ["web", "tiller-deploy", "shop"]),
    ...members(random, 0.7, { namespace: ["shop", "default", "kube-system"] }),
    ...members(random, 0.3, {
      labels: [{ app: "web" }, { app: "helm" }, { name: "tiller" }],
      annotations: [
        { "container.apparmor.security.beta.kubernetes.io/main": "unconfined" },
        { "container.apparmor.security.beta.kubernetes.io/main": "runtime/default" },
        { "seccomp.security.alpha.kubernetes.io/pod": "runtime/default" },
        { "seccomp.security.alpha.kubernetes.io/pod": "unconfined" },
      ],
    }),
  };
}

function workload(random: Random): Value {
  const template = { metadata: metadata(random), spec: podSpec(random) };
  const apiVersions = ["apps/v1", "apps/v1", "apps/v1beta1", "extensions/v1beta1"];
  switch (pick(random, ["Pod", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"])) {
    case "Pod":
      return { apiVersion: "v1", kind: "Pod", metadata: metadata(random), spec: podSpec(random) };
    case "CronJob":
      return {
        apiVersion: pick(random, ["batch/v1", "batch/v1beta1"]),
        kind: "CronJob",
        metadata: metadata(random),
        spec: { schedule: "@daily", jobTemplate: { spec: { template } } },
      };
    case "Job":
      return { apiVersion: "batch/v1", kind: "Job", metadata: metadata(random), spec: { template } };
    default:
      return {
        apiVersion: pick(random, apiVersions),
        kind: pick(random, ["Deployment", "DaemonSet"]),
        metadata: metadata(random),
        spec: { template },
      };
  }
}

const flags: Readonly<Record<string, readonly string[]>> = {
  "kube-apiserver": [
    ...["anonymous-auth", "kubelet-https", "profiling", "service-account-lookup"].flatMap((flag) => [
      `${flag}=false`,
      `${flag}=true`,
    ]),
    ...["AlwaysAllow", "Node", "RBAC", "Node,RBAC", "Webhook"].map((mode) => `authorization-mode=${mode}`),
    ...[
      "DenyServiceExternalIPs",
      "EventRateLimit",
      "AlwaysAdmit",
      "AlwaysPullImages",
      "NodeRestriction",
      "NodeRestriction,EventRateLimit,AlwaysPullImages",
      "PodSecurityPolicy",
      "SecurityContextDeny",
    ].map((plugin) => `enable-admission-plugins=${plugin}`),
    ...["ServiceAccount", "NamespaceLifecycle", "A,ServiceAccount"].map(
      (plugin) => `disable-admission-plugins=${plugin}`,
    ),
    "secure-port=0",
    "secure-port=6443",
    ...[
      "token-auth-file",
      "kubelet-client-certificate",
      "kubelet-client-key",
      "kubelet-certificate-authority",
      "audit-log-path",
      "audit-log-maxage",
      "audit-log-maxbackup",
      "audit-log-maxsize",
      "service-account-key-file",
      "etcd-certfile",
      "etcd-keyfile",
      "tls-cert-file",
      "tls-private-key-file",
      "client-ca-file",
      "etcd-cafile",
      "encryption-provider-config",
    ].map((flag) => `${flag}=/a`),
  ],
  "kube-controller-manager": [
    "terminated-pod-gc-threshold=10",
    "profiling=false",
    "profiling=true",
    "use-service-account-credentials=true",
    "use-service-account-credentials=false",
    "service-account-private-key-file=/a",
    "root-ca-file=/a",
    "feature-gates=RotateKubeletServerCertificate=true",
    "feature-gates=RotateKubeletServerCertificate=false",
    "bind-address=127.0.0.1",
    "bind-address=0.0.0.0",
  ],
  "kube-scheduler": ["profiling=false", "profiling=true", "bind-address=127.0.0.1", "bind-address=0.0.0.0"],
  etcd: [
    "cert-file=/a",
    "key-file=/a",
    "client-cert-auth=true",
    "client-cert-auth=false",
    "auto-tls=true",
    "auto-tls=false",
    "peer-cert-file=/a",
    "peer-key-file=/a",
    "peer-client-cert-auth=true",
    "peer-client-cert-auth=false",
    "peer-auto-tls=true",
    "peer-auto-tls=false",
  ],
};

function controlPlane(random: Random): Value {
  const component = pick(random, Object.keys(flags));
  // Of each flag one of its values, or none.
  const byName = new Map<string, string[]>();
  for (const flag of flags[component] ?? []) {
    const name = flag.split("=")[0] ?? "";
    byName.set(name, [...(byName.get(name) ?? []), flag]);
  }
  const chosen = some(random, [...byName.values()], 0.7).map((values) => pick(random, values));
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: component, namespace: "kube-system", labels: { component, tier: "control-plane" } },
    spec: {
      priorityClassName: "system-node-critical",
      containers: [
        {
          name: component,
          image: `registry.k8s.io/${component}:v1.31.0`,
          command: [component, ...chosen.map((flag) => `--${flag}`)],
        },
      ],
    },
  };
}

const facts: Readonly<Record<string, readonly Value[]>> = {
  ...Object.fromEntries(
    [
      "adminConf",
      "certificateAuthorities",
      "controllerManagerConf",
      "kubeletConf",
      "kubeletService",
      "schedulerConf",
      "containerNetworkInterface",
    ].map((name) => [`${name}FilePermissions`, [600, 644, 444, 755]]),
  ),
  ...Object.fromEntries(
    [
      "kubeAPIServerSpec",
      "kubeControllerManagerSpec",
      "kubeEtcdSpec",
      "kubeSchedulerSpec",
      "kubeletConfigYamlConfiguration",
    ].map((name) => [`${name}FilePermission`, [600, 644, 400]]),
  ),
  etcdDataDirectoryPermissions: [700, 755],
  kubePKIKeyFilePermissions: [600, 644],
  kubeconfigFileExistsPermissions: [600, 644],
  kubernetesPKICertificateFilePermissions: [600, 644, 666],
  ...Object.fromEntries(
    [
      "adminConfFile",
      "certificateAuthoritiesFile",
      "containerNetworkInterfaceFile",
      "controllerManagerConfFile",
      "kubeAPIServerSpecFile",
      "kubeControllerManagerSpecFile",
      "kubeEtcdSpecFile",
      "kubePKIDirectoryFile",
      "kubeSchedulerSpecFile",
      "kubeconfigFileExists",
      "kubeletConfFile",
      "kubeletConfigYamlConfigurationFile",
      "kubeletServiceFile",
      "schedulerConfFile",
    ].map((name) => [`${name}Ownership`, ["root:root", "user:users"]]),
  ),
  etcdDataDirectoryOwnership: ["etcd:etcd", "root:root"],
  kubeletAnonymousAuthArgumentSet: ["false", "true"],
  kubeletAuthorizationModeArgumentSet: ["Webhook", "AlwaysAllow"],
  kubeletClientCaFileArgumentSet: ["/etc/kubernetes/pki/ca.crt", ""],
  kubeletEventQpsArgumentSet: [0, 5, -1],
  kubeletHostnameOverrideArgumentSet: ["a"],
  kubeletMakeIptablesUtilChainsArgumentSet: ["true", "false"],
  kubeletOnlyUseStrongCryptographic: ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_RC4_128_SHA"],
  kubeletProtectKernelDefaultsArgumentSet: ["true", "false"],
  kubeletReadOnlyPortArgumentSet: [0, 10_255],
  kubeletRotateCertificatesArgumentSet: ["true", "false"],
  kubeletRotateKubeletServerCertificateArgumentSet: ["true", "false"],
  kubeletStreamingConnectionIdleTimeoutArgumentSet: ["4h", 0],
  kubeletTlsCertFileTlsArgumentSet: ["/a.crt", ""],
  kubeletTlsPrivateKeyFileArgumentSet: ["/a.key", ""],
};

function nodeInfo(random: Random): Value {
  return {
    apiVersion: "v1",
    kind: "NodeInfo",
    type: pick(random, ["master", "master", "worker"]),
    metadata: { name: "node" },
    info: Object.fromEntries(
      Object.entries(facts).map(([name, values]) => [name, { values: random() < 0.9 ? [pick(random, values)] : [] }]),
    ),
  };
}

const resources = [
  "secrets",
  "pods",
  "pods/log",
  "pods/exec",
  "pods/attach",
  "nodes/proxy",
  "groups",
  "users",
  "*",
  "configmaps",
  "roles",
  "clusterroles",
  "rolebindings",
  "clusterrolebindings",
  "services",
  "networkpolicies",
  "deployments",
  "mutatingwebhookconfigurations",
];

function role(random: Random): Value {
  const groups = ["", "*", "rbac.authorization.k8s.io", "apps"];
  const verbs = [
    "get",
    "list",
    "create",
    "update",
    "delete",
    "deletecollection",
    "impersonate",
    "escalate",
    "bind",
    "patch",
    "*",
  ];
  const rule = (): Value => ({
    apiGroups: [pick(random, groups)],
    resources: [pick(random, resources), ...some(random, resources, 0.1)],
    verbs: [pick(random, verbs), ...some(random, verbs, 0.15)],
    ...members(random, 0.3, { resourceNames: [["aws-auth"], ["*"], ["a"]] }),
  });
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: pick(random, ["Role", "ClusterRole"]),
    metadata: { name: "a", namespace: "shop" },
    rules: Array.from({ length: 1 + wholeBelow(random, 4) }, rule),
  };
}

/** Pairs of rules that only together are too much. */
function pairedRole(random: Random): Value {
  const rbac = "rbac.authorization.k8s.io";
  const rules = pick(random, [
    [
      { apiGroups: [rbac], resources: ["rolebindings"], verbs: ["create"] },
      { apiGroups: [rbac], resources: ["clusterroles"], resourceNames: ["*"], verbs: ["bind"] },
    ],
    [
      { apiGroups: [rbac], resources: ["clusterrolebindings"], verbs: ["create"] },
      { apiGroups: [rbac], resources: ["clusterroles"], resourceNames: ["*"], verbs: ["bind"] },
    ],
    [
      { apiGroups: ["*"], resources: ["pods/attach"], verbs: ["create"] },
      { apiGroups: ["*"], resources: ["pods"], verbs: ["get"] },
    ],
    [{ apiGroups: ["*"], resources: ["rolebindings"], verbs: ["get", "patch"] }],
    [{ apiGroups: [""], resources: ["configmaps"], resourceNames: ["aws-auth"], verbs: ["update"] }],
    [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }],
    [{ apiGroups: ["*"], resources: ["groups"], verbs: ["impersonate"] }],
  ]);
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: pick(random, ["Role", "ClusterRole"]),
    metadata: { name: "a" },
    rules,
  };
}

function binding(random: Random): Value {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: pick(random, ["RoleBinding", "ClusterRoleBinding"]),
    metadata: { name: pick(random, ["a", "b"]) },
    roleRef: {
      apiGroup: "rbac.authorization.k8s.io",
      kind: "ClusterRole",
      name: pick(random, ["cluster-admin", "admin", "view", "edit"]),
    },
    subjects: [
      {
        kind: pick(random, ["User", "Group", "ServiceAccount"]),
        name: pick(random, [
          "system:anonymous",
          "system:unauthenticated",
          "system:authenticated",
          "system:masters",
          "jane",
          "default",
        ]),
      },
    ],
  };
}

function otherObject(random: Random): Value {
  const named = { name: "a", namespace: pick(random, ["shop", "default", "kube-system"]) };
  return pick(random, [
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: named,
      data: members(random, 0.6, {
        password: ["hunter2"],
        "db.url": ["postgres://a:b@c/d"],
        note: ["write to jane.doe@example.com"],
        iban: ["GB33BUKB20201555555555"],
        plain: ["on"],
        AWS_ACCESS_KEY: ["x"],
        ip: ["10.0.0.1"],
      }),
    },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: named,
      spec: pick(random, [
        { podSelector: {} },
        { ingress: [{ from: [{ ipBlock: { cidr: "0.0.0.0/0" } }] }] },
        { egress: [{ to: [{ namespaceSelector: {} }] }] },
        {},
      ]),
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: named,
      spec: members(random, 0.4, {
        externalIPs: [["1.2.3.4"], []],
        externalName: ["a.example.com"],
        type: ["NodePort", "ClusterIP"],
      }),
    },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: {
        ...named,
        annotations: members(random, 0.8, {
          "nginx.ingress.kubernetes.io/auth-url": ["http://a/;#", "http://a/{b}", "http://a"],
          "nginx.ingress.kubernetes.io/auth-tls-match-cn": ["CN=a", "CN=a #(\n){}"],
        }),
      },
      spec: { ingressClassName: "nginx" },
    },
    {
      apiVersion: "v1",
      kind: "LimitRange",
      metadata: named,
      spec: pick(random, [
        {
          limits: [
            {
              type: "Container",
              default: { cpu: "1" },
              defaultRequest: { cpu: "1" },
              max: { cpu: "1" },
              min: { cpu: "1" },
            },
          ],
        },
        { limits: [{ type: "Pod" }] },
        {},
      ]),
    },
    {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: named,
      spec: pick(random, [
        { hard: { "requests.cpu": "1", "requests.memory": "1Gi", "limits.cpu": "1", "limits.memory": "1Gi" } },
        { hard: { pods: "1" } },
        {},
      ]),
    },
    {
      apiVersion: "constraints.gatekeeper.sh/v1beta1",
      kind: "K8sAllowedRepos",
      metadata: { name: "a" },
      spec: {
        parameters: { repos: some(random, ["example.com", "example.com/", "docker.io/a", "docker.io/a/"], 0.6) },
      },
    },
  ]);
}

const kinds = [
  workload,
  workload,
  workload,
  controlPlane,
  controlPlane,
  nodeInfo,
  role,
  pairedRole,
  binding,
  otherObject,
  otherObject,
];

const instructions = [
  "ADD app.txt /app/",
  "ADD https://example.com/a.tar.gz /a",
  "COPY a b /app",
  "COPY a b /app/",
  "COPY --from=0 /a /b",
  "COPY --from=build /a /b",
  "RUN apt-get update",
  "RUN apt-get update && apt-get install -y curl",
  "RUN apt-get install curl",
  "RUN apt-get install -y --no-install-recommends curl && apt-get clean",
  "RUN apt-get dist-upgrade",
  "RUN apk add curl",
  "RUN apk add --no-cache curl",
  "RUN yum install -y curl && yum clean all",
  "RUN yum install curl",
  "RUN dnf install -y curl",
  "RUN dnf install -y curl && dnf clean all",
  "RUN microdnf install -y curl",
  "RUN zypper install -y curl",
  "RUN zypper install curl && zypper clean",
  "RUN zypper dist-upgrade",
  "RUN cd /tmp && make",
  "RUN cd relative && make",
  "RUN sudo make",
  "RUN wget https://a && curl https://b",
  "RUN wget https://a",
  "RUN curl https://b",
  "RUN echo $TOKEN",
  "ENV PASSWORD=hunter2",
  "ENV A=b",
  "ARG GITHUB_TOKEN=x",
  "WORKDIR app",
  "WORKDIR /app",
  "WORKDIR /proc/self",
  "WORKDIR /sys/fs",
  "USER root",
  "USER app",
  "EXPOSE 22",
  "EXPOSE 8080",
  "EXPOSE 70000",
  "HEALTHCHECK CMD true",
  "HEALTHCHECK NONE",
  'CMD ["a"]',
  'ENTRYPOINT ["a"]',
  'ENTRYPOINT ["a"]\nENTRYPOINT ["b"]',
  "MAINTAINER jane",
  "LABEL maintainer=jane",
  'CMD "a" b',
];

function dockerfile(random: Random): string {
  const stage = (name: string): readonly string[] => [
    `FROM ${pick(random, ["alpine", "alpine:latest", "alpine:3.20", "scratch", "${BASE}", "--platform=linux/amd64 alpine:3.20"])}${name === "" ? "" : ` AS ${name}`}`,
    ...Array.from({ length: wholeBelow(random, 8) }, () => pick(random, instructions)),
  ];
  const stages = random() < 0.3 ? ["build", pick(random, ["build", "final", ""])] : [pick(random, ["", "build"])];
  return `${stages.flatMap(stage).join("\n")}\n`;
}
