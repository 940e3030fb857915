import { member } from "@plimsoll/kubernetes";
import type { KubernetesCheck } from "../check.ts";
import { kubernetesCheck } from "../shared/define.ts";
import {
  capabilities,
  containerHit,
  hardeningGuide,
  podSecurityStandards,
  securityContextTask,
  setIn,
  workloads,
} from "./subject.ts";

const references = [podSecurityStandards, securityContextTask];

/** Privileged containers, escalation, capabilities. */
export const privilegeChecks: readonly KubernetesCheck[] = [
  kubernetesCheck({
    id: "KSV-0001",
    name: "no-self-privesc",
    title: "Processes may gain more privileges than their parent",
    severity: "MEDIUM",
    description:
      "Without allowPrivilegeEscalation: false a process can gain rights through setuid programs or file capabilities that the container was not given.",
    remediation: "Set securityContext.allowPrivilegeEscalation to false on every container.",
    references,
    kinds: workloads,
    *evaluate(subject) {
      for (const container of subject.containers)
        if (container.securityContext["allowPrivilegeEscalation"] !== false)
          yield containerHit(subject, container, "does not set allowPrivilegeEscalation to false", {
            cause: ["securityContext", "allowPrivilegeEscalation"],
            fix: [setIn(container, ["securityContext", "allowPrivilegeEscalation"], false)],
          });
    },
  }),
  kubernetesCheck({
    id: "KSV-0003",
    name: "drop-default-capabilities",
    title: "Default capabilities are kept",
    severity: "LOW",
    description: "A container keeps about a dozen capabilities unless it drops them, and most programs need none.",
    remediation: "Drop ALL capabilities and add back only those that are needed.",
    references,
    kinds: workloads,
    *evaluate(subject) {
      for (const container of subject.containers)
        if (!capabilities(container, "drop").includes("ALL"))
          yield containerHit(subject, container, "does not drop ALL capabilities", {
            cause: ["securityContext", "capabilities"],
            fix: [setIn(container, ["securityContext", "capabilities", "drop"], ["ALL"])],
          });
    },
  }),
  kubernetesCheck({
    id: "KSV-0004",
    name: "drop-unused-capabilities",
    title: "No capability is dropped",
    severity: "LOW",
    description: "A container that drops no capability has not been asked what it needs.",
    remediation: "List the capabilities that are not needed in securityContext.capabilities.drop, best ALL.",
    references,
    kinds: workloads,
    *evaluate(subject) {
      for (const container of subject.containers)
        if (member(container.securityContext, "capabilities", "drop") === undefined)
          yield containerHit(subject, container, "drops no capability", {
            cause: ["securityContext", "capabilities"],
            fix: [setIn(container, ["securityContext", "capabilities", "drop"], ["ALL"])],
          });
    },
  }),
  addedCapability(
    "KSV-0005",
    "no-sysadmin-capability",
    "SYS_ADMIN",
    "SYS_ADMIN is close to root on the node: it mounts file systems, changes namespaces and more.",
  ),
  addedCapability(
    "KSV-0119",
    "no-net-raw",
    "NET_RAW",
    "NET_RAW lets a container forge packets, and so pose as its neighbours on the network.",
  ),
  addedCapability(
    "KSV-0120",
    "no-sysmodule-capability",
    "SYS_MODULE",
    "SYS_MODULE loads code into the kernel of the node.",
  ),
  kubernetesCheck({
    id: "KSV-0017",
    name: "no-privileged-containers",
    title: "Privileged container",
    severity: "HIGH",
    description: "A privileged container has every capability and every device of the node: it is the node.",
    remediation:
      "Remove securityContext.privileged or set it to false, and add the capabilities that are really needed.",
    references: [...references, hardeningGuide],
    kinds: workloads,
    *evaluate(subject) {
      for (const container of subject.containers)
        if (container.securityContext["privileged"] === true)
          yield containerHit(subject, container, "is privileged", {
            cause: ["securityContext", "privileged"],
            fix: [setIn(container, ["securityContext", "privileged"], false)],
          });
    },
  }),
  kubernetesCheck({
    id: "KSV-0022",
    name: "no-non-default-capabilities",
    title: "Capabilities are added",
    severity: "MEDIUM",
    description: "Every added capability is a right that the container runtime would not give by itself.",
    remediation: "Remove what is in securityContext.capabilities.add unless the program fails without it.",
    references,
    kinds: workloads,
    *evaluate(subject) {
      for (const container of subject.containers) {
        const added = capabilities(container, "add");
        if (added.length > 0)
          yield containerHit(subject, container, `adds the capabilities ${added.join(", ")}`, {
            cause: ["securityContext", "capabilities", "add"],
          });
      }
    },
  }),
  kubernetesCheck({
    id: "KSV-0106",
    name: "drop-caps-add-bind-svc",
    title: "More than NET_BIND_SERVICE is kept",
    severity: "LOW",
    description:
      "The restricted Pod Security Standard lets containers drop ALL capabilities and add NET_BIND_SERVICE alone.",
    remediation: "Drop ALL capabilities; add at most NET_BIND_SERVICE.",
    references,
    *evaluate(subject) {
      for (const container of subject.containers)
        if (!capabilities(container, "drop").includes("ALL"))
          yield containerHit(subject, container, "does not drop ALL capabilities", {
            fix: [setIn(container, ["securityContext", "capabilities", "drop"], ["ALL"])],
          });
        else {
          const added = capabilities(container, "add").filter((name) => name !== "NET_BIND_SERVICE");
          if (added.length > 0)
            yield {
              ...containerHit(subject, container, `adds the capabilities ${added.join(", ")}`),
              path: [...container.path, "securityContext", "capabilities"],
            };
        }
    },
  }),
];

function addedCapability(id: string, name: string, capability: string, description: string): KubernetesCheck {
  return kubernetesCheck({
    id,
    name,
    title: `The capability ${capability} is added`,
    severity: "HIGH",
    description,
    remediation: `Remove ${capability} from securityContext.capabilities.add.`,
    references,
    kinds: workloads,
    *evaluate(subject) {
      for (const container of subject.containers)
        if (capabilities(container, "add").includes(capability))
          yield containerHit(subject, container, `adds the capability ${capability}`, {
            cause: ["securityContext", "capabilities", "add"],
          });
    },
  });
}
