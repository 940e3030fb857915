import { parseYamlDocuments } from "@plimsoll/formats";
import { asList, asText, member } from "@plimsoll/kubernetes";
import type { NodeFacts } from "./node-facts.ts";

const manifests = [
  "/etc/kubernetes/manifests/kube-apiserver.yaml",
  "/var/lib/rancher/rke2/agent/pod-manifests/kube-apiserver.yaml",
  "/var/lib/rancher/rke2/agent/pod-manifests/kube-proxy.yaml",
];

/**
 * The Kubernetes version of a node, as text (`v1.31.2`): stated in the facts, else that of the cluster's nodes, else the tag of an image in a
 * static pod's manifest. Undefined when none of them is known.
 */
export async function detectKubernetesVersion(facts: NodeFacts): Promise<string | undefined> {
  if (facts.kubernetesVersion !== undefined) return facts.kubernetesVersion;
  for (const node of (await facts.cluster?.list("nodes")) ?? []) {
    const version = asText(member(node, "status", "nodeInfo", "kubeletVersion"));
    if (version !== undefined) return version;
  }
  for (const path of manifests) {
    const text = await facts.readFile(path);
    if (typeof text !== "string") continue;
    for (const { value } of parseYamlDocuments(text).documents)
      for (const container of asList(member(value, "spec", "containers"))) {
        const tag = /:(v\d{1,4}\.\d{1,4}\.\d{1,4}[\w.+-]{0,60})(?:@|$)/.exec(
          asText(member(container, "image")) ?? "",
        )?.[1];
        // A tag cannot hold a plus sign; distributions write a hyphen or an underscore for it.
        if (tag !== undefined) return tag;
      }
  }
  return undefined;
}
