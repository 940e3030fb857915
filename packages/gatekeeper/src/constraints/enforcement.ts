import { asList, asText, member, type JsonObject } from "@plimsoll/kubernetes";
import { compareText } from "@plimsoll/model";
import { PolicyError } from "../policy-error.ts";

/** Where constraints are enforced; a scoped action names one, or `*`. */
export type EnforcementPoint =
  | "validation.gatekeeper.sh"
  | "audit.gatekeeper.sh"
  | "gator.gatekeeper.sh"
  | "vap.k8s.io";

/** All enforcement points. */
export const enforcementPoints: readonly EnforcementPoint[] = [
  "validation.gatekeeper.sh",
  "audit.gatekeeper.sh",
  "gator.gatekeeper.sh",
  "vap.k8s.io",
];

/** The enforcement action of a constraint at one point. */
export interface Enforcement {
  /** `deny`, `warn`, `dryrun`, or `scoped`. */
  readonly action: string;
  /** The actions of a scoped constraint at this point, sorted; empty for others. */
  readonly scopedActions: readonly string[];
}

/**
 * The enforcement action of a constraint at a point; undefined where it is scoped to other points.
 * @throws {PolicyError} for an action that is no string, and for malformed scoped actions.
 */
export function enforcementAt(constraint: JsonObject, point: EnforcementPoint): Enforcement | undefined {
  const action = member(constraint, "spec", "enforcementAction") ?? "deny";
  if (typeof action !== "string")
    throw new PolicyError("constraint", "invalid spec.enforcementAction", "ErrInvalidConstraint");
  if (action !== "scoped") return { action: action === "" ? "deny" : action, scopedActions: [] };
  const scoped = member(constraint, "spec", "scopedEnforcementActions");
  if (!Array.isArray(scoped))
    throw new PolicyError("constraint", "spec.scopedEnforcementActions must be defined", "ErrMissingRequiredField");
  const actions = new Set<string>();
  for (const entry of scoped) {
    const points = asList(member(entry, "enforcementPoints")).map((each) => asText(member(each, "name")));
    const named = asText(member(entry, "action"));
    if (named !== undefined && (points.includes("*") || points.includes(point))) actions.add(named);
  }
  return actions.size === 0 ? undefined : { action, scopedActions: [...actions].sort(compareText) };
}

/** Whether a violation with this enforcement refuses the object. */
export function denies({ action, scopedActions }: Enforcement): boolean {
  return action === "deny" || scopedActions.includes("deny");
}
