import type { JsonObject } from "@plimsoll/kubernetes";
import type { ExpandedObject } from "../expansion/expand.ts";
import type { IgnoredFailure } from "../ignored-failures.ts";
import type { ObjectSource } from "../match/match.ts";
import { implied } from "../expansion/implied.ts";
import type { Policies, ReviewOptions, Violation } from "../policies.ts";

/**
 * Evaluates an object and the objects that it expands to. Violations of generated objects name the expansion template, whose enforcement action, if
 * it has one, replaces the constraint's.
 * @param onIgnored Called for policies that failed and whose failure policy is `Ignore`.
 */
export function reviewExpanded(
  policies: Policies,
  object: JsonObject,
  expanded: readonly ExpandedObject[],
  options: ReviewOptions,
  onIgnored: (failure: IgnoredFailure) => void,
): readonly Violation[] {
  const judged = (each: JsonObject, source: ObjectSource): readonly Violation[] => {
    const { violations, ignored } = policies.reviewStrictly(each, { ...options, source });
    for (const failure of ignored) onIgnored(failure);
    return violations;
  };
  return [
    ...judged(object, "Original"),
    ...expanded.flatMap(({ object: generated, template, enforcementAction, ignored }) => {
      for (const failure of ignored) onIgnored(failure);
      return judged(generated, "Generated").map((violation) => implied(violation, template, enforcementAction));
    }),
  ];
}
