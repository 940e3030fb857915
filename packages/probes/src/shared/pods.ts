import { asList, asObject, asText, member } from "@plimsoll/kubernetes";
import { exposure } from "./exposure.ts";
import type { Exposure } from "./exposure.ts";

/** `namespace/name` of a pod. */
export function podName(pod: unknown): string {
  return `${asText(member(pod, "metadata", "namespace")) ?? "default"}/${asText(member(pod, "metadata", "name")) ?? ""}`;
}

/** KHV004: a container that can read the service principal of an Azure cluster, `/etc/kubernetes/azure.json`. */
export function servicePrincipalPods(pods: readonly unknown[], location: string): readonly Exposure[] {
  for (const pod of pods) {
    const volumes = asList(member(pod, "spec", "volumes"))
      .filter((volume) => {
        const path = asText(member(volume, "hostPath", "path"));
        return path !== undefined && "/etc/kubernetes/azure.json".startsWith(path);
      })
      .map((volume) => asText(member(volume, "name")));
    for (const container of asList(member(pod, "spec", "containers")))
      for (const mount of asList(member(container, "volumeMounts"))) {
        const name = asText(member(mount, "name"));
        if (name === undefined || !volumes.includes(name)) continue;
        return [exposure("KHV004", { location, evidence: `pod ${podName(pod)}`, probe: "pods" })];
      }
  }
  return [];
}

/** KHV047: pods that may write to `/var/log` of their node. */
export function logMountPods(pods: readonly unknown[], location: string): readonly Exposure[] {
  const found = pods.filter((pod) =>
    asList(member(pod, "spec", "volumes")).some(
      (volume) =>
        (asText(member(volume, "hostPath", "type")) ?? "").includes("Directory") &&
        (asText(member(volume, "hostPath", "path")) ?? "").startsWith("/var/log"),
    ),
  );
  if (found.length === 0) return [];
  return [
    exposure("KHV047", { location, evidence: `pods ${found.slice(0, 5).map(podName).join(", ")}`, probe: "pods" }),
  ];
}

/** Containers that run privileged. */
export function privilegedContainers(pods: readonly unknown[]): readonly string[] {
  return pods.flatMap((pod) =>
    asList(member(pod, "spec", "containers"))
      .filter((container) => member(container, "securityContext", "privileged") === true)
      .map((container) => `${podName(pod)}/${asText(member(container, "name")) ?? ""}`),
  );
}

/** The items of a list; undefined when the text holds none. */
export function itemsOf(value: unknown): readonly unknown[] | undefined {
  const items = asObject(value)?.["items"];
  return Array.isArray(items) ? items : undefined;
}
