import type { JsonObject, ObjectPath } from "@plimsoll/kubernetes";
import type { Change } from "../shared/fixes/change.ts";
import type { AuditContext } from "./audit-context.ts";
import type { AuditedObject } from "./audited-object.ts";

/** The level of a result; only `error` makes the command fail. */
export type AuditLevel = "error" | "warning" | "info";

/** One result of an auditor. */
export interface AuditResult {
  /** Id of the rule: `PrivilegedTrue`. */
  readonly rule: string;
  readonly level: AuditLevel;
  readonly message: string;
  /** Facts by name, as kubeaudit gives them: `Container`, `OverrideReason`. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The path from the document to the part that the result is about. */
  readonly path: ObjectPath;
  /** The steps that fix it. Absent: a person has to decide. */
  readonly fix?: readonly AuditFix[];
  /** Steps that reduce the risk but leave the rule violated: `fixWorkloads` applies them, findings do not offer them. */
  readonly safeguard?: readonly AuditFix[];
}

/** A step of a fix. */
export type AuditFix =
  /** A change in the document that holds the object, or in another one. */
  | { readonly kind: "change"; readonly object: AuditedObject; readonly change: Change }
  /** A document to be added. */
  | { readonly kind: "document"; readonly value: JsonObject };

/** One auditor. A new one is a file in `auditors/` and a line in its `index.ts`. */
export interface Auditor {
  /** `capabilities`, as in configuration files and for `--only`. */
  readonly name: string;
  audit(object: AuditedObject, context: AuditContext): Iterable<AuditResult>;
}

/** Makes a step that sets a member of an object. @param path The path from the document to the member. */
export function setMember(object: AuditedObject, path: ObjectPath, value: unknown): AuditFix {
  return { kind: "change", object, change: { kind: "set", path, value } };
}

/** Makes a step that removes a member of an object. @param path The path from the document to the member. */
export function removeMember(object: AuditedObject, path: ObjectPath): AuditFix {
  return { kind: "change", object, change: { kind: "remove", path } };
}
