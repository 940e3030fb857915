import { readConfigs } from "@plimsoll/configs";
import { describe, expect, test } from "vitest";
import { everyCheck } from "../every-check.ts";
import { runChecks } from "../run-checks.ts";

/** Kinds of containers of a pod, to all of which the standards apply. */
const containerKinds = ["containers", "initContainers", "ephemeralContainers"] as const;

/** A pod that meets the restricted policy. */
function goodPod(): Record<string, unknown> {
  const container = (name: string): object => ({
    name,
    image: "registry.example.com/app:1.2",
    securityContext: {
      allowPrivilegeEscalation: false,
      runAsNonRoot: true,
      runAsUser: 20_000,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    },
  });
  return {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containers: [container("main")],
    initContainers: [container("first")],
    ephemeralContainers: [container("debug")],
  };
}

interface PodChange {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Put into one container of each kind, in turn. */
  readonly container?: Readonly<Record<string, unknown>>;
  readonly securityContext?: Readonly<Record<string, unknown>>;
}

interface Control {
  readonly name: string;
  readonly checks: readonly string[];
  /** What the policy forbids, https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
  readonly forbidden: readonly PodChange[];
  readonly allowed: readonly PodChange[];
  /** What the check says otherwise, as Trivy's does, and why. */
  readonly stricter?: { readonly changes: readonly PodChange[]; readonly because: string };
}

const inContainer = (...values: readonly Readonly<Record<string, unknown>>[]): readonly PodChange[] =>
  values.map((securityContext) => ({ securityContext }));
const inPod = (...values: readonly Readonly<Record<string, unknown>>[]): readonly PodChange[] =>
  values.map((securityContext) => ({ spec: { securityContext: { ...podContext, ...securityContext } } }));
const podContext = { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } };
const volume = (type: string, value: unknown = {}): PodChange => ({
  spec: { volumes: [{ name: "v", [type]: value }] },
});

const allowedVolumes = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
];
const forbiddenVolumes = [
  "hostPath",
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
  "flocker",
  "fc",
  "azureFile",
  "azureDisk",
  "vsphereVolume",
  "quobyte",
  "portworxVolume",
  "scaleIO",
  "storageos",
  "photonPersistentDisk",
];
const baselineCapabilities = [
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
];
const safeSysctls = [
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.ping_group_range",
];

const controls: readonly Control[] = [
  {
    name: "HostProcess",
    checks: ["KSV-0103"],
    forbidden: [
      ...inContainer({ windowsOptions: { hostProcess: true } }),
      ...inPod({ windowsOptions: { hostProcess: true } }),
    ],
    allowed: [...inContainer({ windowsOptions: { hostProcess: false } }), ...inPod({ windowsOptions: {} })],
  },
  ...(["hostIPC", "hostNetwork", "hostPID"] as const).map((field, index): Control => ({
    name: `Host Namespaces, ${field}`,
    checks: [["KSV-0008", "KSV-0009", "KSV-0010"][index] ?? ""],
    forbidden: [{ spec: { [field]: true } }],
    allowed: [{ spec: { [field]: false } }],
  })),
  {
    name: "Privileged Containers",
    checks: ["KSV-0017"],
    forbidden: inContainer({ privileged: true }),
    allowed: inContainer({ privileged: false }, { privileged: undefined }),
  },
  {
    name: "Capabilities (baseline)",
    checks: ["KSV-0022"],
    forbidden: inContainer(
      ...["NET_RAW", "NET_ADMIN", "SYS_ADMIN", "ALL"].map((name) => ({ capabilities: { add: [name] } })),
    ),
    allowed: inContainer({ capabilities: { drop: ["ALL"] } }, {}),
    stricter: {
      changes: inContainer(...baselineCapabilities.map((name) => ({ capabilities: { add: [name] } }))),
      because: "containers get these without asking: the check tells every one that is added",
    },
  },
  {
    name: "HostPath Volumes",
    checks: ["KSV-0023"],
    forbidden: [volume("hostPath", { path: "/" })],
    allowed: [...allowedVolumes, ...forbiddenVolumes.filter((type) => type !== "hostPath")].map((type) => volume(type)),
  },
  {
    name: "Host Ports",
    checks: ["KSV-0024"],
    forbidden: [{ container: { ports: [{ containerPort: 8080, hostPort: 8080 }] } }],
    allowed: [{ container: { ports: [{ containerPort: 8080 }, { containerPort: 8081, hostPort: 0 }] } }],
  },
  {
    name: "AppArmor",
    checks: ["KSV-0002"],
    forbidden: [{ annotations: { "container.apparmor.security.beta.kubernetes.io/main": "unconfined" } }],
    allowed: [{ annotations: { "container.apparmor.security.beta.kubernetes.io/main": "runtime/default" } }, {}],
    stricter: {
      changes: [{ annotations: { "container.apparmor.security.beta.kubernetes.io/main": "localhost/own" } }],
      because: "the check asks for the runtime's profile; a profile of one's own is told",
    },
  },
  {
    name: "SELinux",
    checks: ["KSV-0025"],
    forbidden: [{ type: "spc_t" }, { user: "system_u" }, { role: "system_r" }].flatMap((seLinuxOptions) => [
      ...inContainer({ seLinuxOptions }),
      ...inPod({ seLinuxOptions }),
    ]),
    allowed: ["container_t", "container_init_t", "container_kvm_t", "container_engine_t", ""].flatMap((type) => [
      ...inContainer({ seLinuxOptions: { type } }),
      ...inPod({ seLinuxOptions: { type } }),
    ]),
  },
  {
    name: "/proc Mount Type",
    checks: ["KSV-0027"],
    forbidden: inContainer({ procMount: "Unmasked" }),
    allowed: inContainer({ procMount: "Default" }, {}),
  },
  {
    name: "Seccomp (baseline)",
    checks: ["KSV-0104"],
    forbidden: inContainer({ seccompProfile: { type: "Unconfined" } }),
    allowed: inContainer(
      { seccompProfile: { type: "RuntimeDefault" } },
      { seccompProfile: { type: "Localhost", localhostProfile: "a" } },
    ),
  },
  {
    name: "Sysctls",
    checks: ["KSV-0026"],
    forbidden: ["kernel.msgmax", "net.core.somaxconn"].flatMap((name) => inPod({ sysctls: [{ name, value: "1" }] })),
    allowed: safeSysctls.flatMap((name) => inPod({ sysctls: [{ name, value: "1" }] })),
  },
  {
    name: "Volume Types",
    checks: ["KSV-0028"],
    forbidden: forbiddenVolumes.filter((type) => type !== "hostPath").map((type) => volume(type)),
    allowed: allowedVolumes.map((type) => volume(type)),
  },
  {
    name: "Privilege Escalation",
    checks: ["KSV-0001"],
    forbidden: inContainer({ allowPrivilegeEscalation: true }, { allowPrivilegeEscalation: undefined }),
    allowed: inContainer({ allowPrivilegeEscalation: false }),
  },
  {
    name: "Running as Non-root",
    checks: ["KSV-0012"],
    forbidden: inContainer({ runAsNonRoot: false }),
    allowed: inContainer({ runAsNonRoot: true }, { runAsNonRoot: undefined }),
  },
  {
    name: "Running as Non-root user",
    checks: ["KSV-0105"],
    forbidden: inContainer({ runAsUser: 0 }),
    allowed: inContainer({ runAsUser: 1 }, { runAsUser: undefined }),
  },
  {
    name: "Seccomp (restricted)",
    checks: ["KSV-0030"],
    forbidden: inContainer({ seccompProfile: { type: "Unconfined" } }),
    allowed: inContainer(
      { seccompProfile: { type: "RuntimeDefault" } },
      { seccompProfile: { type: "Localhost", localhostProfile: "a" } },
    ),
  },
  {
    name: "Capabilities (restricted)",
    checks: ["KSV-0106"],
    forbidden: inContainer(
      { capabilities: { drop: ["NET_RAW"] } },
      { capabilities: {} },
      { capabilities: { drop: ["ALL"], add: ["CHOWN"] } },
    ),
    allowed: inContainer(
      { capabilities: { drop: ["ALL"] } },
      { capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] } },
    ),
  },
];

function changed(change: PodChange, kind: (typeof containerKinds)[number]): Record<string, unknown> {
  const spec = { ...goodPod(), ...change.spec };
  const [container] = spec[kind] as readonly { readonly securityContext: object }[]; // as: goodPod has one of each kind
  return {
    ...spec,
    [kind]: [
      {
        ...container,
        ...change.container,
        securityContext: { ...container?.securityContext, ...change.securityContext },
      },
    ],
  };
}

function failing(change: PodChange, kind: (typeof containerKinds)[number], workload: string): ReadonlySet<string> {
  const metadata = { annotations: change.annotations };
  const spec = changed(change, kind);
  const name = { name: "a", namespace: "shop" };
  const object =
    workload === "Pod"
      ? { apiVersion: "v1", kind: "Pod", metadata: { ...name, ...metadata }, spec }
      : workload === "CronJob"
        ? {
            apiVersion: "batch/v1",
            kind: "CronJob",
            metadata: name,
            spec: { jobTemplate: { spec: { template: { metadata, spec } } } },
          }
        : { apiVersion: "apps/v1", kind: workload, metadata: name, spec: { template: { metadata, spec } } };
  const { documents } = readConfigs([{ path: "a.json", text: JSON.stringify(object) }]);
  return new Set(runChecks(documents).findings.map(({ id }) => id));
}

const everyControlCheck = controls.flatMap(({ checks }) => checks);

describe.each(["Pod", "Deployment", "CronJob"])("the Pod Security Standards for a %s", (workload) => {
  test("a pod that meets them fails none of their checks", () => {
    const found = failing({}, "containers", workload);

    expect(everyControlCheck.filter((id) => found.has(id))).toEqual([]);
  });

  test.each(controls.map((control) => [control.name, control] as const))(
    "%s",
    (_, { checks, forbidden, allowed, stricter }) => {
      for (const kind of containerKinds) {
        const verdicts = (changes: readonly PodChange[]): readonly string[] =>
          changes.map((change) => {
            const found = failing(change, kind, workload);
            return `${JSON.stringify(change)} in ${kind}: ${checks.some((id) => found.has(id)) ? "fails" : "passes"}`;
          });
        const all = (changes: readonly PodChange[], verdict: string): readonly string[] =>
          changes.map((change) => `${JSON.stringify(change)} in ${kind}: ${verdict}`);

        expect(verdicts(forbidden)).toEqual(all(forbidden, "fails"));
        expect(verdicts(allowed)).toEqual(all(allowed, "passes"));
        if (stricter !== undefined) {
          expect(stricter.because).not.toBe("");
          expect(verdicts(stricter.changes)).toEqual(all(stricter.changes, "fails"));
        }
      }
    },
  );
});

test("every control of the standards has a check", () => {
  const ids = new Set(everyCheck.map(({ id }) => id));

  expect(everyControlCheck.filter((id) => !ids.has(id))).toEqual([]);
  expect(controls).toHaveLength(19);
});
