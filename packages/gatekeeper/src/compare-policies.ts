import { checkOptions, optionIs } from "@plimsoll/model";
import type { JsonObject } from "@plimsoll/kubernetes";
import type { IgnoredFailure } from "./ignored-failures.ts";
import { gvkOf, nameOf, namespaceOf } from "./match/object-facts.ts";
import { loadPolicies } from "./load-policies.ts";
import { type AuditOptions, type LoadOptions, type Violation, loadChecks } from "./policies.ts";

/** A violation of one set of policies that the other does not have. */
export interface ChangedViolation extends Violation {
  readonly object: JsonObject;
}

/** A policy of one of the sets that failed for an object and whose failure policy is `Ignore`. */
export interface ComparedFailure extends IgnoredFailure {
  readonly object: JsonObject;
  readonly of: "before" | "after";
}

/** The difference between the violations of two sets of policies. */
export interface PolicyComparison {
  /** Violations that only the second set has, in the order of the objects. */
  readonly added: readonly ChangedViolation[];
  /** Violations that only the first set has. */
  readonly removed: readonly ChangedViolation[];
  /** How many violations both sets have. */
  readonly same: number;
  /** Whether these objects violate the policies is not known: failures of `after` may hide added violations, failures of `before` existing ones. */
  readonly ignored: readonly ComparedFailure[];
}

/**
 * Evaluates objects by two sets of policies. To learn what a new constraint would refuse, pass the present policies, and the same with the
 * constraint added.
 */
export function comparePolicies(
  before: readonly unknown[],
  after: readonly unknown[],
  objects: readonly unknown[],
  options: LoadOptions & Pick<AuditOptions, "enforcementPoint"> = {},
): PolicyComparison {
  checkOptions("comparePolicies", options, { ...loadChecks, enforcementPoint: optionIs.text });
  const { enforcementPoint, ...load } = options;
  const ignored: ComparedFailure[] = [];
  const judged = (policies: readonly unknown[], of: ComparedFailure["of"]): readonly ChangedViolation[] => {
    const audited = loadPolicies(policies, load).audit(objects, {
      enforcementPoint,
      violationsPerConstraint: Infinity,
    });
    for (const { object, ignored: failures } of audited)
      for (const failure of failures) ignored.push({ ...failure, object, of });
    return audited.flatMap(({ object, violations }) => violations.map((violation) => ({ ...violation, object })));
  };
  const [first, second] = [judged(before, "before"), judged(after, "after")];
  const known = new Set(first.map(idOf));
  const found = new Set(second.map(idOf));
  return {
    added: second.filter((violation) => !known.has(idOf(violation))),
    removed: first.filter((violation) => !found.has(idOf(violation))),
    same: second.filter((violation) => known.has(idOf(violation))).length,
    ignored,
  };
}

function idOf({ object, constraint, message, enforcementAction }: ChangedViolation): string {
  const { group, kind } = gvkOf(object);
  return JSON.stringify([
    group,
    kind,
    namespaceOf(object),
    nameOf(object),
    constraint.kind,
    constraint.name,
    enforcementAction,
    message,
  ]);
}
