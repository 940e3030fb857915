import type { JsonObject } from "@plimsoll/kubernetes";
import type { ExpandedObject } from "../expansion/expand.ts";
import type { IgnoredFailure } from "../ignored-failures.ts";
import { implied } from "../expansion/implied.ts";
import type { ObjectToReview, ReviewOptions, ReviewResult, Violation } from "../policies.ts";

/** A review of an object, or of one that it expands to. */
export interface ExpandedReview extends ObjectToReview {
  /** The object itself. */
  readonly origin: JsonObject;
  /** The expansion template that made the reviewed object. */
  readonly expansion: Pick<ExpandedObject, "template" | "enforcementAction"> | undefined;
  /** Policies with failure policy `Ignore` that failed while the reviewed object was made. */
  readonly ignored: readonly IgnoredFailure[];
}

/** The reviews of an object and of the objects that it expands to. */
export function reviewsOf(
  object: JsonObject,
  { objects, ignored }: { readonly objects: readonly ExpandedObject[]; readonly ignored: readonly IgnoredFailure[] },
  options: ReviewOptions,
): readonly ExpandedReview[] {
  return [
    { object, origin: object, expansion: undefined, ignored, options: { ...options, source: "Original" } },
    ...objects.map((each) => ({
      object: each.object,
      origin: object,
      expansion: each,
      ignored: each.ignored,
      options: { ...options, source: "Generated" as const },
    })),
  ];
}

/**
 * The violations that a review found. Those of generated objects name the expansion template, whose enforcement action, if it has one, replaces the
 * constraint's.
 * @param onIgnored Called for policies that failed and whose failure policy is `Ignore`.
 */
export function violationsOf(
  [{ expansion, ...asked }, { violations, ignored }]: readonly [ExpandedReview, ReviewResult],
  onIgnored: (failure: IgnoredFailure) => void,
): readonly Violation[] {
  for (const failure of asked.ignored) onIgnored(failure);
  for (const failure of ignored) onIgnored(failure);
  if (expansion === undefined) return violations;
  const { template, enforcementAction } = expansion;
  return violations.map((violation) => implied(violation, template, enforcementAction));
}
