import type { JsonObject } from "@plimsoll/kubernetes";
import type { ExpandedObject } from "../expansion/expand.ts";
import type { Policies, ReviewOptions, Violation } from "../policies.ts";

/**
 * Judges an object and what it expands to. Violations of what is generated name the template they come from, and its
 * enforcement action, where it has one, replaces the constraint's.
 */
export function reviewExpanded(
  policies: Policies,
  object: JsonObject,
  expanded: readonly ExpandedObject[],
  options: ReviewOptions,
): readonly Violation[] {
  const own = policies.reviewStrictly(object, { ...options, source: "Original" }).violations;
  return [
    ...own,
    ...expanded.flatMap(({ object: generated, template, enforcementAction }) =>
      policies
        .reviewStrictly(generated, { ...options, source: "Generated" })
        .violations.map((violation) => implied(violation, template, enforcementAction)),
    ),
  ];
}

/** A violation of a generated object as one of its generator. */
export function implied(violation: Violation, template: string, enforcementAction: string | undefined): Violation {
  const { scopedActions: _, ...rest } = violation;
  const message = `[Implied by ${template}] ${violation.message}`;
  return enforcementAction === undefined ? { ...violation, message } : { ...rest, message, enforcementAction };
}
