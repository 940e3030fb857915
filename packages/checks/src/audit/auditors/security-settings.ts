import { securitySetting } from "../audited-object.ts";
import { setMember, type Auditor, type AuditLevel } from "../auditor.ts";
import { overridden } from "../overrides.ts";

interface Setting {
  readonly auditor: string;
  readonly field: string;
  readonly wanted: boolean;
  /** Rule and level where the field is missing. */
  readonly missing: readonly [string, AuditLevel];
  /** Rule where it has the other value. */
  readonly wrong: string;
  readonly label: string;
}

/** An auditor of one field of the security context that should be true, or false. */
function settingAuditor({
  auditor,
  field,
  wanted,
  missing: [missingRule, missingLevel],
  wrong,
  label,
}: Setting): Auditor {
  const unset = `${field} is not set. Set it to ${wanted}.`;
  return {
    name: auditor,
    *audit(object) {
      for (const container of object.containers) {
        const value = securitySetting(container, field);
        if (value === wanted) {
          yield* overridden(object, container.name, label, undefined);
          continue;
        }
        const path = [...container.path, "securityContext", field];
        const missing = value === undefined;
        yield* overridden(object, container.name, label, {
          rule: missing ? missingRule : wrong,
          level: missing ? missingLevel : "error",
          message: missing ? unset : `${field} is ${String(value)}. Set it to ${wanted}.`,
          metadata: { Container: container.name },
          path: missing ? container.path : path,
          fix: [setMember(object, path, wanted)],
        });
      }
    },
  };
}

/** Processes may not gain more privileges than their parent. */
export const privilegeEscalation: Auditor = settingAuditor({
  auditor: "privesc",
  field: "allowPrivilegeEscalation",
  wanted: false,
  missing: ["AllowPrivilegeEscalationNil", "error"],
  wrong: "AllowPrivilegeEscalationTrue",
  label: "allow-privilege-escalation",
});

/** Containers are not privileged. */
export const privileged: Auditor = settingAuditor({
  auditor: "privileged",
  field: "privileged",
  wanted: false,
  missing: ["PrivilegedNil", "warning"],
  wrong: "PrivilegedTrue",
  label: "allow-privileged",
});

/** Containers cannot write to their root file system. */
export const rootFilesystem: Auditor = settingAuditor({
  auditor: "rootfs",
  field: "readOnlyRootFilesystem",
  wanted: true,
  missing: ["ReadOnlyRootFilesystemNil", "error"],
  wrong: "ReadOnlyRootFilesystemFalse",
  label: "allow-read-only-root-filesystem-false",
});
