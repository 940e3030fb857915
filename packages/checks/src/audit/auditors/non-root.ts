import { member } from "@plimsoll/kubernetes";
import type { Container } from "@plimsoll/kubernetes";
import { podSecuritySetting, securitySetting, type AuditedObject } from "../audited-object.ts";
import { removeMember, setMember, type Auditor, type AuditResult } from "../auditor.ts";
import { overridden } from "../overrides.ts";

/** Containers do not run as root. */
export const nonRoot: Auditor = {
  name: "nonroot",
  *audit(object) {
    for (const container of object.containers)
      yield* overridden(object, container.name, "allow-run-as-root", auditContainer(object, container));
  },
};

function auditContainer(object: AuditedObject, container: Container): AuditResult | undefined {
  const user = securitySetting(container, "runAsUser");
  const podUser = podSecuritySetting(object, "runAsUser");
  const nonRootSetting = securitySetting(container, "runAsNonRoot");
  const podNonRoot = podSecuritySetting(object, "runAsNonRoot");
  const metadata = { Container: container.name };
  const result = (rule: string, message: string): AuditResult => ({
    rule,
    level: "error",
    message,
    metadata,
    path: placeOf(container),
    fix: mend(object, container, user),
  });
  // The pod's user is root. Which one it should have is for a person to say; until then the container refuses to start as root.
  const podResult = (rule: string, message: string): AuditResult => ({
    rule,
    level: "error",
    message,
    metadata,
    path: placeOf(container),
    safeguard: mend(object, container, user),
  });
  if (user !== undefined) {
    if (user === 0) {
      const message = "The container runs as user 0. Choose another, or set runAsNonRoot.";
      // Without its own user the container would have that of the pod.
      return (podUser === 0 ? podResult : result)("RunAsUserCSCRoot", message);
    }
    if (podUser !== 0) return undefined;
    return { rule: "RunAsUserPSCRoot", level: "warning", message: podIsRoot, metadata, path: placeOf(container) };
  }
  if (podUser !== undefined) return podUser === 0 ? podResult("RunAsUserPSCRoot", podIsRoot) : undefined;
  if (nonRootSetting === false)
    return result(
      "RunAsNonRootCSCFalse",
      "The container sets runAsNonRoot to false. Set it to true, or choose a user.",
    );
  if (nonRootSetting !== undefined) return undefined;
  if (podNonRoot === undefined)
    return result(
      "RunAsNonRootPSCNilCSCNil",
      "Neither container nor pod sets runAsNonRoot or a user. Set one of them.",
    );
  return podNonRoot === false
    ? result("RunAsNonRootPSCFalseCSCNil", "The pod sets runAsNonRoot to false. Set it to true, or choose a user.")
    : undefined;
}

const podIsRoot = "The pod runs as user 0. Choose another, or set runAsNonRoot.";

function placeOf({ value, path }: Container): AuditResult["path"] {
  return member(value, "securityContext") === undefined ? path : [...path, "securityContext"];
}

function mend(object: AuditedObject, { path }: Container, user: unknown): NonNullable<AuditResult["fix"]> {
  return [
    ...(user === 0 ? [removeMember(object, [...path, "securityContext", "runAsUser"])] : []),
    setMember(object, [...path, "securityContext", "runAsNonRoot"], true),
  ];
}
