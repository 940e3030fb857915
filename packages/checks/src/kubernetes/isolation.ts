import { asList, asObject, asText, member, scalarText } from "@plimsoll/kubernetes";
import type { KubernetesCheck } from "../check.ts";
import { kubernetesCheck } from "../shared/define.ts";
import { atLeast, parseVersion } from "./cluster-version.ts";
import {
  containerHit,
  hardeningGuide,
  named,
  podSecurityStandards,
  securityContextTask,
  setIn,
  specHit,
  workloads,
} from "./subject.ts";

const references = [podSecurityStandards, securityContextTask];

/** Sysctls that are kept apart for each pod, by the version that allowed them (`check_sysctls.go` of pod-security-admission). */
const safeSysctls: readonly (readonly [since: string, names: readonly string[]])[] = [
  [
    "1.0.0",
    [
      "kernel.shm_rmid_forced",
      "net.ipv4.ip_local_port_range",
      "net.ipv4.ip_unprivileged_port_start",
      "net.ipv4.tcp_syncookies",
      "net.ipv4.ping_group_range",
    ],
  ],
  ["1.27.0", ["net.ipv4.ip_local_reserved_ports"]],
  [
    "1.29.0",
    [
      "net.ipv4.tcp_keepalive_time",
      "net.ipv4.tcp_fin_timeout",
      "net.ipv4.tcp_keepalive_intvl",
      "net.ipv4.tcp_keepalive_probes",
    ],
  ],
  ["1.32.0", ["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"]],
];

const allowedSelinuxTypes = ["container_t", "container_init_t", "container_kvm_t", "container_engine_t"];

/** What keeps a pod apart from its node: namespaces, seccomp, SELinux, AppArmor, sysctls, the root file system. */
export const isolationChecks: readonly KubernetesCheck[] = [
  kubernetesCheck({
    id: "KSV-0002",
    name: "use-default-apparmor-profile",
    title: "Own or no AppArmor profile",
    severity: "LOW",
    description:
      "The runtime's default AppArmor profile blocks what containers do not need; the pod replaces it or turns it off.",
    remediation: "Remove the AppArmor annotation or set it to runtime/default.",
    references: [podSecurityStandards, "https://kubernetes.io/docs/tutorials/security/apparmor/"],
    kinds: workloads,
    *evaluate(subject) {
      const annotations = asObject(member(subject.pod?.metadata, "annotations")) ?? {};
      for (const container of subject.containers) {
        const key = `container.apparmor.security.beta.kubernetes.io/${container.name}`;
        if (Object.hasOwn(annotations, key) && annotations[key] !== "runtime/default")
          yield containerHit(subject, container, `has the AppArmor profile ${String(annotations[key]).slice(0, 80)}`);
      }
    },
  }),
  hostNamespace("KSV-0008", "no-shared-ipc-namespace", "hostIPC", "the node's shared memory and semaphores"),
  hostNamespace("KSV-0009", "no-host-network", "hostNetwork", "the node's network, past every network policy"),
  hostNamespace("KSV-0010", "no-host-pid", "hostPID", "the processes of the node and of all its pods"),
  kubernetesCheck({
    id: "KSV-0007",
    name: "no-hostaliases",
    title: "Changes /etc/hosts",
    severity: "LOW",
    description:
      "hostAliases write names into /etc/hosts of every container: they hide from DNS where connections really go.",
    remediation: "Remove spec.hostAliases; use a Service or DNS.",
    references: ["https://kubernetes.io/docs/tasks/network/customize-hosts-file-for-pods/"],
    kinds: workloads,
    *evaluate({ object, pod }) {
      if (pod !== undefined && member(pod.spec, "hostAliases") !== undefined)
        yield {
          message: `${named(object)} sets hostAliases`,
          path: pod.specPath,
          cause: [...pod.specPath, "hostAliases"],
        };
    },
  }),
  kubernetesCheck({
    id: "KSV-0014",
    name: "use-readonly-filesystem",
    title: "Root file system is writable",
    severity: "HIGH",
    description:
      "Whoever breaks in can change programs and leave tools behind, as long as the root file system can be written.",
    remediation: "Set securityContext.readOnlyRootFilesystem to true and mount volumes where files have to be written.",
    references: [securityContextTask, hardeningGuide],
    kinds: workloads,
    *evaluate(subject) {
      for (const container of subject.containers)
        if (container.securityContext["readOnlyRootFilesystem"] !== true)
          yield containerHit(subject, container, "has a writable root file system", {
            cause: ["securityContext", "readOnlyRootFilesystem"],
            fix: [setIn(container, ["securityContext", "readOnlyRootFilesystem"], true)],
          });
    },
  }),
  kubernetesCheck({
    id: "KSV-0025",
    name: "no-custom-selinux-options",
    title: "Own SELinux options",
    severity: "MEDIUM",
    description: "A user, a role or an unusual type can lift the limits that SELinux sets for containers.",
    remediation:
      "Leave user and role of seLinuxOptions out; use container_t, container_init_t, container_kvm_t or container_engine_t as type.",
    references,
    kinds: workloads,
    *evaluate(subject) {
      const contexts = [
        member(subject.pod?.spec, "securityContext", "seLinuxOptions"),
        ...subject.containers.map((container) => member(container.value, "securityContext", "seLinuxOptions")),
      ];
      const types = new Set<string>();
      const forbidden = new Set<string>();
      for (const options of contexts) {
        const type = scalarText(member(options, "type"));
        if (type !== undefined && type !== "" && !allowedSelinuxTypes.includes(type)) types.add(type);
        for (const key of ["role", "user"]) if ((scalarText(member(options, key)) ?? "") !== "") forbidden.add(key);
      }
      for (const type of [...types].sort()) yield specHit(subject, `uses the SELinux type ${type.slice(0, 80)}`);
      if (forbidden.size > 0)
        yield specHit(subject, `sets ${[...forbidden].sort().join(" and ")} in its SELinux options`);
    },
  }),
  kubernetesCheck({
    id: "KSV-0026",
    name: "no-unsafe-sysctl",
    title: "Unsafe sysctl",
    severity: "MEDIUM",
    description: "Sysctls that are not kept apart for each pod change the kernel of the node for everybody.",
    remediation: "Remove the sysctl, or use one of those that the baseline Pod Security Standard allows.",
    references: [podSecurityStandards, "https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/"],
    kinds: workloads,
    *evaluate({ object, pod }, { kubernetesVersion }) {
      if (pod === undefined) return;
      const version = kubernetesVersion === undefined ? undefined : parseVersion(kubernetesVersion);
      const safe = safeSysctls.flatMap(([since, names]) =>
        version === undefined || atLeast(version, since) ? names : [],
      );
      const unsafe = asList(member(pod.spec, "securityContext", "sysctls"))
        .map((each) => asText(member(each, "name")))
        .filter((name) => name !== undefined && !safe.includes(name));
      if (unsafe.length > 0)
        yield {
          message: `${named(object)} sets the sysctls ${unsafe.join(", ").slice(0, 200)}`,
          // The whole pod, as its template.
          path: pod.specPath.slice(0, -1),
          cause: [...pod.specPath, "securityContext", "sysctls"],
        };
    },
  }),
  kubernetesCheck({
    id: "KSV-0027",
    name: "no-custom-proc-mask",
    title: "/proc is unmasked",
    severity: "MEDIUM",
    description: "The runtime hides parts of /proc that reveal or change the node; procMount can take the mask away.",
    remediation: "Remove procMount, or set it to Default.",
    references,
    kinds: workloads,
    *evaluate(subject) {
      for (const container of subject.containers) {
        const mount = container.securityContext["procMount"];
        if (mount !== undefined && mount !== "Default")
          yield containerHit(subject, container, `mounts /proc ${String(mount).slice(0, 40)}`, {
            cause: ["securityContext", "procMount"],
            fix: [{ kind: "remove", path: [...container.path, "securityContext", "procMount"] }],
          });
      }
    },
  }),
  kubernetesCheck({
    id: "KSV-0030",
    name: "use-default-seccomp",
    title: "No seccomp profile",
    severity: "LOW",
    description: "Without a seccomp profile every system call of the kernel is open to the container.",
    remediation: "Set securityContext.seccompProfile.type to RuntimeDefault on the pod.",
    references: [podSecurityStandards, "https://kubernetes.io/docs/tutorials/security/seccomp/"],
    kinds: workloads,
    *evaluate(subject) {
      const { object, pod, containers } = subject;
      if (pod === undefined) return;
      const annotation = member(pod.metadata, "annotations", "seccomp.security.alpha.kubernetes.io/pod");
      if (annotation !== undefined) {
        if (annotation !== "runtime/default")
          yield {
            message: `${named(object)} has the seccomp annotation ${String(annotation).slice(0, 80)}`,
            path: [...pod.metadataPath, "annotations"],
          };
        return;
      }
      for (const container of containers) {
        const type = member(container.securityContext["seccompProfile"], "type");
        if (type !== "RuntimeDefault" && type !== "Localhost")
          yield containerHit(subject, container, "has no seccomp profile", {
            fix: [
              {
                kind: "set",
                // What a container says itself counts, whatever its pod says.
                path: [
                  ...(member(container.value, "securityContext", "seccompProfile") === undefined
                    ? pod.specPath
                    : container.path),
                  "securityContext",
                  "seccompProfile",
                ],
                value: { type: "RuntimeDefault" },
              },
            ],
          });
      }
    },
  }),
  kubernetesCheck({
    id: "KSV-0104",
    name: "no-seccomp-unconfined",
    title: "Seccomp is unconfined",
    severity: "MEDIUM",
    description: "The seccomp profile is Unconfined, or there is none, which is the same: every system call is open.",
    remediation: "Set securityContext.seccompProfile.type to RuntimeDefault.",
    references: [podSecurityStandards, "https://kubernetes.io/docs/tutorials/security/seccomp/"],
    kinds: workloads,
    *evaluate(subject) {
      const annotations = member(subject.pod?.metadata, "annotations");
      for (const container of subject.containers) {
        const type =
          member(container.securityContext["seccompProfile"], "type") ??
          member(annotations, `container.seccomp.security.alpha.kubernetes.io/${container.name}`) ??
          "";
        if (type === "" || (typeof type === "string" && type.toLowerCase() === "unconfined"))
          yield containerHit(subject, container, type === "" ? "has no seccomp profile" : "is unconfined by seccomp");
      }
    },
  }),
  kubernetesCheck({
    id: "KSV-0103",
    name: "no-hostprocess-containers",
    title: "Windows host process container",
    severity: "MEDIUM",
    description: "A host process container of Windows runs directly on the node.",
    remediation: "Remove windowsOptions.hostProcess or set it to false.",
    references: [
      podSecurityStandards,
      "https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/",
    ],
    kinds: workloads,
    *evaluate(subject) {
      const { object, pod, containers } = subject;
      if (pod === undefined) return;
      if (member(pod.spec, "securityContext", "windowsOptions", "hostProcess") === true)
        yield {
          message: `${named(object)} runs on the Windows node itself`,
          path: pod.specPath,
          cause: [...pod.specPath, "securityContext", "windowsOptions", "hostProcess"],
        };
      for (const container of containers)
        if (member(container.value, "securityContext", "windowsOptions", "hostProcess") === true)
          yield {
            ...containerHit(subject, container, "runs on the Windows node itself"),
            path: [...container.path, "securityContext", "windowsOptions"],
          };
    },
  }),
  kubernetesCheck({
    id: "KSV-0024",
    name: "no-host-port-access",
    title: "Port of the node is used",
    severity: "HIGH",
    description: "A host port opens the container on every address of the node and takes the port from others.",
    remediation: "Remove hostPort; use a Service.",
    references: [podSecurityStandards],
    kinds: workloads,
    *evaluate(subject) {
      for (const container of subject.containers) {
        const ports = asList(member(container.value, "ports")).map((port) => member(port, "hostPort"));
        const used = ports.filter((port) => port !== undefined && port !== 0);
        if (used.length > 0)
          yield containerHit(subject, container, `uses the host port ${used.map(String).join(", ").slice(0, 80)}`, {
            cause: ["ports"],
            fix: ports.flatMap((port, index) =>
              port === undefined
                ? []
                : [{ kind: "remove" as const, path: [...container.path, "ports", index, "hostPort"] }],
            ),
          });
      }
    },
  }),
  kubernetesCheck({
    id: "KSV-0117",
    name: "no-privilege-port-binding",
    title: "Privileged port is bound",
    severity: "MEDIUM",
    description: "Ports below 1024 need a right that the container could do without.",
    remediation: "Listen on a port of 1024 or above; a Service can still offer the low one.",
    references: [securityContextTask],
    kinds: workloads,
    *evaluate(subject) {
      for (const container of subject.containers) {
        const ports = asList(member(container.value, "ports"));
        const index = ports.findIndex((port) => {
          const number = member(port, "containerPort");
          return typeof number === "number" && number < 1024;
        });
        if (index !== -1)
          yield containerHit(subject, container, "binds a port below 1024", {
            cause: ["ports", index, "containerPort"],
          });
      }
    },
  }),
];

function hostNamespace(id: string, name: string, field: string, what: string): KubernetesCheck {
  return kubernetesCheck({
    id,
    name,
    title: `${field} is on`,
    severity: "HIGH",
    description: `With ${field} the pod sees ${what}.`,
    remediation: `Remove spec.${field} or set it to false.`,
    references: [podSecurityStandards],
    kinds: workloads,
    *evaluate(subject) {
      const { pod } = subject;
      if (pod !== undefined && member(pod.spec, field) === true)
        yield specHit(subject, `sets ${field}`, {
          cause: [...pod.specPath, field],
          fix: [{ kind: "set", path: [...pod.specPath, field], value: false }],
        });
    },
  });
}
