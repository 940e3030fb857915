import type { Severity } from "@plimsoll/model";
import type { ComplianceControl } from "../compliance-spec.ts";

/** A control of a specification of this package; its name says what it asks for. */
export function control(
  id: string,
  severity: Severity,
  name: string,
  checks: readonly string[] = [],
  more: Pick<ComplianceControl, "defaultStatus"> = {},
): ComplianceControl {
  return { id, name, description: name.replace(" (Manual)", ""), severity, checks, commands: [], ...more };
}
