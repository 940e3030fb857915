import { checkOptions, optionIs, type OptionChecks } from "@plimsoll/model";
import type { JsonObject } from "@plimsoll/kubernetes";
import { denies } from "../constraints/enforcement.ts";
import type { IgnoredFailure } from "../ignored-failures.ts";
import { namespacesByName } from "../inventory.ts";
import { namespaceOf } from "../match/object-facts.ts";
import { loadPolicies } from "../load-policies.ts";
import { type LoadOptions, type Policies, type Violation, loadChecks } from "../policies.ts";
import { PolicyError } from "../policy-error.ts";
import { reviewsOf, violationsOf, type ExpandedReview } from "./review-expanded.ts";

/** A violation, and the object that has it. */
export interface TestViolation extends Violation {
  readonly object: JsonObject;
}

/** A policy with failure policy `Ignore` that failed for an object. */
export interface TestFailure extends IgnoredFailure {
  readonly object: JsonObject;
}

/** Options of {@link testObjects} and {@link expandObjects}. */
export interface TestOptions extends LoadOptions {
  /** Called for each policy with failure policy `Ignore` that failed for an object, so that there may be more violations than are returned. */
  readonly onIgnored?: ((failure: TestFailure) => void) | undefined;
}

const testChecks: OptionChecks<TestOptions> = { ...loadChecks, onIgnored: optionIs.call };

/**
 * Evaluates every object (including the policies themselves) by all policies among the objects, with all objects as the inventory, as `gator test`
 * does.
 * @throws {PolicyError} where a policy is invalid, or an object cannot be evaluated.
 */
export function testObjects(objects: readonly JsonObject[], options: TestOptions = {}): readonly TestViolation[] {
  checkOptions("testObjects", options, testChecks);
  const { onIgnored, ...load } = options;
  const policies = loadPolicies(objects, load);
  const [problem] = policies.problems;
  if (problem !== undefined)
    throw new PolicyError("template", `adding ${problem.kind} "${problem.name}": ${problem.message}`, problem.code);
  const violations: TestViolation[] = [];
  for (const review of policies.reviewEach(reviewsForTest(policies, objects))) {
    const [{ origin: object }] = review;
    const tell = (failure: IgnoredFailure): void => onIgnored?.({ ...failure, object });
    for (const violation of violationsOf(review, tell)) violations.push({ ...violation, object });
  }
  return violations;
}

function* reviewsForTest(policies: Policies, objects: readonly JsonObject[]): Generator<ExpandedReview, void, void> {
  const namespaces = namespacesByName(objects);
  for (const object of objects) {
    const namespace = namespaceForTest(object, namespaces);
    const expanded = policies.expand(object, { namespace });
    yield* reviewsOf(object, expanded, { enforcementPoint: "gator.gatekeeper.sh", inventory: objects, namespace });
  }
}

/**
 * The objects that the given ones create by expansion templates, mutated, as `gator expand` prints them. @throws {PolicyError} where a policy is
 * invalid.
 */
export function expandObjects(objects: readonly JsonObject[], options: TestOptions = {}): readonly JsonObject[] {
  checkOptions("expandObjects", options, testChecks);
  const { onIgnored, ...load } = options;
  const policies = loadPolicies(objects, load);
  const problem = policies.problems.find(
    ({ kind }) => kind === "ExpansionTemplate" || /^(Assign|ModifySet)/.test(kind),
  );
  if (problem !== undefined)
    throw new PolicyError("expansion", `adding ${problem.kind} "${problem.name}": ${problem.message}`);
  const namespaces = namespacesByName(objects);
  return objects.flatMap((object) => {
    const { objects: expanded, ignored } = policies.expand(object, { namespace: namespaceForTest(object, namespaces) });
    for (const failure of [...ignored, ...expanded.flatMap((each) => each.ignored)])
      onIgnored?.({ ...failure, object });
    return expanded.map((each) => each.object);
  });
}

/** An object without a namespace gets one without a name, and `default` is always there. */
function namespaceForTest(object: JsonObject, namespaces: ReadonlyMap<string, JsonObject>): JsonObject | undefined {
  const name = namespaceOf(object);
  const found = name === "" ? undefined : namespaces.get(name);
  if (found !== undefined) return found;
  return name === "" || name === "default" ? { apiVersion: "v1", kind: "Namespace", metadata: { name } } : undefined;
}

/** Whether a violation makes `gator test` fail. */
export function isDenial({ enforcementAction, scopedActions = [] }: Violation): boolean {
  return denies({ action: enforcementAction, scopedActions });
}
