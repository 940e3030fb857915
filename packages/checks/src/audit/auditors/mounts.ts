import { asList, asText, member } from "@plimsoll/kubernetes";
import type { Auditor } from "../auditor.ts";
import { overridden } from "../overrides.ts";

/** Checks that containers mount no sensitive path of their node. */
export const mounts: Auditor = {
  name: "mounts",
  *audit(object, { config }) {
    const sensitive = new Map<string, string>();
    for (const volume of asList(member(object.pod?.spec, "volumes"))) {
      const hostPath = asText(member(volume, "hostPath", "path"));
      const name = asText(member(volume, "name"));
      if (hostPath !== undefined && name !== undefined && config.deniedPaths.includes(hostPath))
        sensitive.set(name, hostPath);
    }
    for (const container of object.containers)
      for (const [index, mount] of asList(member(container.value, "volumeMounts")).entries()) {
        const name = asText(member(mount, "name")) ?? "";
        const hostPath = sensitive.get(name);
        if (hostPath === undefined) continue;
        yield* overridden(object, container.name, `allow-host-path-mount-${name}`, {
          rule: "SensitivePathsMounted",
          level: "error",
          message: `The volume "${name}" mounts ${hostPath} of the node. Remove it.`,
          metadata: {
            Container: container.name,
            MountName: name,
            MountPath: asText(member(mount, "mountPath")) ?? "",
            MountReadOnly: String(member(mount, "readOnly") === true),
            MountVolume: name,
            MountVolumeHostPath: hostPath,
          },
          path: [...container.path, "volumeMounts", index],
        });
      }
  },
};
