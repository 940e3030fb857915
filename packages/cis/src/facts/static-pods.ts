import { parseYamlDocuments } from "@plimsoll/formats";
import { asList, asText, member } from "@plimsoll/kubernetes";
import type { NodeProcess } from "./node-facts.ts";
import type { FileReading } from "./rootfs-facts.ts";

/** Folders that a kubelet starts pods from: kubeadm's, RKE2's, and what the kubelet's own configuration names. */
const manifestFolders = ["/etc/kubernetes/manifests", "/var/lib/rancher/rke2/agent/pod-manifests"];
const kubeletConfigurations = ["/var/lib/kubelet/config.yaml", "/etc/kubernetes/kubelet/kubelet-config.json"];
const maxManifests = 200;

/** The processes that static pods would start: the commands of their containers. Invalid manifests are ignored. */
export async function staticPodProcesses(files: FileReading): Promise<readonly Omit<NodeProcess, "pid">[]> {
  const folders = new Set(manifestFolders);
  for (const path of kubeletConfigurations) {
    const [configuration] = valuesOf(await files.readFile(path));
    const folder = asText(member(configuration, "staticPodPath"));
    if (folder !== undefined) folders.add(folder.replace(/\/+$/, ""));
  }
  const processes: Omit<NodeProcess, "pid">[] = [];
  for (const folder of folders)
    for (const name of ((await files.list(folder)) ?? []).toSorted().slice(0, maxManifests)) {
      if (name.startsWith(".")) continue;
      for (const pod of valuesOf(await files.readFile(`${folder}/${name}`)))
        for (const container of asList(member(member(pod, "spec"), "containers"))) {
          const argv = [...texts(member(container, "command")), ...texts(member(container, "args"))];
          if (argv.length > 0)
            processes.push({ user: "root", arguments: argv, environment: environmentOf(member(container, "env")) });
        }
    }
  return processes;
}

function valuesOf(text: string | null | undefined): readonly unknown[] {
  return typeof text === "string" ? parseYamlDocuments(text).documents.map((document) => document.value) : [];
}

function texts(value: unknown): readonly string[] {
  return asList(value).filter((item): item is string => typeof item === "string");
}

function environmentOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    asList(value).flatMap((variable) => {
      const [name, text] = [asText(member(variable, "name")), asText(member(variable, "value"))];
      return name === undefined || text === undefined ? [] : [[name, text] as const];
    }),
  );
}
