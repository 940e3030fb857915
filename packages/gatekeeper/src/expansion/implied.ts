import type { Violation } from "../policies.ts";

/** A violation of a generated object as a violation of its generator. */
export function implied(violation: Violation, template: string, enforcementAction: string | undefined): Violation {
  const { scopedActions: _, ...rest } = violation;
  const message = `[Implied by ${template}] ${violation.message}`;
  return enforcementAction === undefined ? { ...violation, message } : { ...rest, message, enforcementAction };
}
