import { asText, member } from "@plimsoll/kubernetes";
import { removeMember, type Auditor } from "../auditor.ts";
import { overridden } from "../overrides.ts";

const namespaces = [
  { field: "hostNetwork", rule: "NamespaceHostNetworkTrue", label: "allow-namespace-host-network" },
  { field: "hostIPC", rule: "NamespaceHostIPCTrue", label: "allow-namespace-host-IPC" },
  { field: "hostPID", rule: "NamespaceHostPIDTrue", label: "allow-namespace-host-PID" },
] as const;

/** Pods do not share namespaces with their node. */
export const hostNamespaces: Auditor = {
  name: "hostns",
  *audit(object) {
    const { pod } = object;
    if (pod === undefined) return;
    const host = asText(member(pod.spec, "hostname")) ?? "";
    for (const { field, rule, label } of namespaces) {
      if (member(pod.spec, field) !== true) {
        yield* overridden(object, "", label, undefined);
        continue;
      }
      const path = [...pod.specPath, field];
      yield* overridden(object, "", label, {
        rule,
        level: "error",
        message: `${field} is true. Set it to false.`,
        metadata: host === "" ? {} : { PodHost: host },
        path,
        // Without it the pod has its own; no value that says so is needed.
        fix: [removeMember(object, path)],
      });
    }
  },
};
