import { asList, asObject, member } from "@plimsoll/kubernetes";
import type { Container, JsonObject } from "@plimsoll/kubernetes";
import { compareText } from "@plimsoll/model";
import { securityContext, type AuditedObject } from "../audited-object.ts";
import { removeMember, setMember, type Auditor, type AuditResult } from "../auditor.ts";
import { containerOverrideLabel, overridden } from "../overrides.ts";

/** The capabilities of a container that states none. Labels that would allow these are redundant, which is reported. */
const defaultCapabilities: readonly string[] = [
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "NET_RAW",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
];

/** Checks that containers drop all capabilities, and add only those that the configuration or a label allows. */
export const capabilities: Auditor = {
  name: "capabilities",
  *audit(object, { config }) {
    for (const container of object.containers) {
      const held = asObject(member(securityContext(container), "capabilities"));
      const dropped = auditDropped(object, container, held);
      if (dropped !== undefined) yield dropped;
      const added = asList(member(held, "add")).map(canonical);
      const allowed = (name: string): boolean => config.allowedCapabilities.map(canonical).includes(name);
      const refused = added.filter(
        (name) => !allowed(name) && overridden(object, container.name, labelOf(name), probe)[0] === probe,
      );
      // Without labels there is nothing to report on capabilities that nobody added.
      if (held === undefined && object.overrides === undefined) continue;
      for (const name of held === undefined ? defaultCapabilities : [...new Set(added)].sort(compareText))
        yield* overridden(
          object,
          container.name,
          labelOf(name),
          held === undefined || allowed(name)
            ? undefined
            : addedResult(
                object,
                container,
                name,
                added.filter((each) => !refused.includes(each)),
              ),
        );
    }
  },
};

/** Stands for a result, to ask whether a label would override it. */
const probe: AuditResult = { rule: "", level: "error", message: "", metadata: {}, path: [] };

/** Container runtimes read `ALL` in any case. */
function canonical(name: unknown): string {
  const text = String(name);
  return text.toUpperCase() === "ALL" ? "ALL" : text;
}

function labelOf(capability: string): string {
  return `allow-capability-${capability.toLowerCase().replaceAll("_", "-")}`;
}

function auditDropped(
  object: AuditedObject,
  container: Container,
  held: JsonObject | undefined,
): AuditResult | undefined {
  if (asList(held?.["drop"]).some((name) => canonical(name) === "ALL")) return undefined;
  const path = [...container.path, "securityContext", "capabilities"];
  const missing = held === undefined;
  return {
    rule: missing ? "CapabilityOrSecurityContextMissing" : "CapabilityShouldDropAll",
    level: "error",
    message: missing
      ? "The container's security context states no capabilities. Drop ALL of them there."
      : "The container does not drop all capabilities. Drop ALL, add those that are needed, and label them.",
    metadata: { Container: container.name },
    path: missing ? container.path : path,
    fix: [setMember(object, [...path, "drop"], ["ALL"])],
  };
}

function addedResult(object: AuditedObject, container: Container, name: string, left: readonly string[]): AuditResult {
  const path = [...container.path, "securityContext", "capabilities", "add"];
  return {
    rule: "CapabilityAdded",
    level: "error",
    message: `The capability "${name}" is added. Remove it, or add the label "${containerOverrideLabel(container.name, labelOf(name))}" with the reason.`,
    metadata: { Container: container.name, Metadata: name },
    path,
    fix: [left.length === 0 ? removeMember(object, path) : setMember(object, path, left)],
  };
}
