import { asObject, member } from "@plimsoll/kubernetes";
import type { KubernetesCheck } from "../check.ts";
import { kubernetesCheck } from "../shared/define.ts";
import { at, containerHit, hardeningGuide, named, workloads } from "./subject.ts";

const references = ["https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/", hardeningGuide];

/** Requests, limits, and what a namespace sets for those who leave them out. */
export const resourceChecks: readonly KubernetesCheck[] = [
  resource("KSV-0011", "limit-cpu", "limits", "cpu", "starves its neighbours on the node when it runs wild"),
  resource("KSV-0015", "no-unspecified-cpu-requests", "requests", "cpu", "cannot be placed by how much it needs"),
  resource("KSV-0016", "no-unspecified-memory-requests", "requests", "memory", "cannot be placed by how much it needs"),
  resource("KSV-0018", "limit-memory", "limits", "memory", "can use up the memory of the node"),
  kubernetesCheck({
    id: "KSV-0039",
    name: "limit-range-usage",
    title: "Limit range leaves something out",
    severity: "LOW",
    description: "A LimitRange without type, max, min, default and defaultRequest leaves containers without a limit.",
    remediation: "State type, max, min, default and defaultRequest in one of spec.limits.",
    references: ["https://kubernetes.io/docs/concepts/policy/limit-range/"],
    kinds: ["LimitRange"],
    *evaluate({ object }) {
      const limits = member(object.value, "spec", "limits");
      const complete = (limit: unknown): boolean =>
        ["type", "max", "min", "default", "defaultRequest"].every((field) => member(limit, field) !== undefined);
      if (!Array.isArray(limits) || !limits.some(complete))
        yield {
          message: `${named(object)} has no limit with type, max, min, default and defaultRequest`,
          path: at(object, "spec"),
        };
    },
  }),
  kubernetesCheck({
    id: "KSV-0040",
    name: "resource-quota-usage",
    title: "Resource quota leaves something out",
    severity: "LOW",
    description: "A ResourceQuota that does not bound CPU and memory lets one namespace take what others need.",
    remediation: "State requests.cpu, requests.memory, limits.cpu and limits.memory in spec.hard.",
    references: ["https://kubernetes.io/docs/concepts/policy/resource-quotas/"],
    kinds: ["ResourceQuota"],
    *evaluate({ object }) {
      const hard = asObject(member(object.value, "spec", "hard"));
      const missing = ["requests.cpu", "requests.memory", "limits.cpu", "limits.memory"].filter(
        (field) => hard === undefined || !Object.hasOwn(hard, field),
      );
      if (missing.length > 0)
        yield {
          message: `${named(object)} does not bound ${missing.join(", ")}`,
          path: hard === undefined ? at(object, "spec") : at(object, "spec", "hard"),
        };
    },
  }),
];

function resource(id: string, name: string, list: "limits" | "requests", what: string, why: string): KubernetesCheck {
  return kubernetesCheck({
    id,
    name,
    title: `No ${what} ${list === "limits" ? "limit" : "request"}`,
    severity: "LOW",
    description: `A container without resources.${list}.${what} ${why}.`,
    remediation: `Set resources.${list}.${what}.`,
    references,
    kinds: workloads,
    *evaluate(subject) {
      for (const container of subject.containers)
        // The API refuses resources for ephemeral containers.
        if (container.role !== "ephemeral" && member(container.value, "resources", list, what) === undefined)
          yield containerHit(subject, container, `sets no resources.${list}.${what}`, { cause: ["resources"] });
    },
  });
}
