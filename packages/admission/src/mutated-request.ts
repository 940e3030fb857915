import { PolicyError } from "@plimsoll/gatekeeper";
import type { IgnoredFailure } from "@plimsoll/gatekeeper";
import { jsonPatchBetween, kubernetesObjects, sameJson } from "@plimsoll/kubernetes";
import type { JsonObject, KubernetesObject } from "@plimsoll/kubernetes";
import { noChange, withObject } from "./evidence.ts";
import type { DecisionReason, Evidence } from "./evidence.ts";
import type { WorkBudget } from "@plimsoll/model";
import type { PatchOperation } from "./json-patch.ts";
import type { PreparedPolicies } from "./prepared-policies.ts";

/** A request after the policies that change objects: what it asks for from then on is judged. */
export interface MutatedRequest {
  readonly request: unknown;
  readonly object: KubernetesObject;
  /** From the object as it came to the one that is judged. */
  readonly patches: readonly PatchOperation[];
  /** What changed it: `MutatingAdmissionPolicy/name`, `Assign/name`. */
  readonly applied: readonly string[];
  /** What failed to change it, where failing does not mean refusing. */
  readonly ignored: readonly IgnoredFailure[];
  /** Whether the same policies would leave the changed object as it is. */
  readonly isSettled: () => boolean;
}

/** What a request is changed by. */
export interface MutationSurroundings {
  readonly policies: PreparedPolicies;
  readonly evidence: Evidence;
  readonly budget: WorkBudget;
}

/** A request that no policy changes. */
export function unchanged(request: unknown, object: KubernetesObject): MutatedRequest {
  return { request, object, patches: [], applied: [], ignored: [], isSettled: () => true };
}

/**
 * Applies MutatingAdmissionPolicies and Gatekeeper's mutators, these only where Gatekeeper's Config does not exclude the object from them.
 * @returns why the object is refused, where a policy failed.
 */
export function mutateRequest(
  request: unknown,
  object: KubernetesObject,
  { policies, evidence, budget }: MutationSurroundings,
): MutatedRequest | string {
  const { cluster, excludes } = policies;
  const { inventory = [] } = evidence;
  if (cluster === undefined || !cluster.mutates) return unchanged(request, object);
  const mutators = excludes?.(object.value, "mutation-webhook") !== true;
  const mutate = (asked: unknown): ReturnType<typeof cluster.mutate> =>
    cluster.mutate(asked, { inventory, mutators, budget });
  try {
    const { object: value, applied, ignored } = mutate(request);
    const changed = withObject(request, value);
    const [mutated] = kubernetesObjects(value);
    if (mutated === undefined) return "the policies that change objects made none of it";
    return {
      request: changed,
      object: mutated,
      patches: jsonPatchBetween(object.value, value),
      applied,
      ignored,
      isSettled: () => isUnchanged(mutate, changed, value),
    };
  } catch (error) {
    if (error instanceof PolicyError) return error.message;
    throw error;
  }
}

function isUnchanged(
  mutate: (asked: unknown) => { readonly object: JsonObject },
  request: unknown,
  object: JsonObject,
): boolean {
  try {
    return sameJson(mutate(request).object, object);
  } catch (error) {
    if (error instanceof PolicyError) return false;
    throw error;
  }
}

/**
 * Reasons about a changed object, for the object as it came: the first change of it starts with what the policies changed. Where they would
 * change the result again, no change is known to admit it.
 */
export function reasonsBeforeMutation(
  reasons: readonly DecisionReason[],
  { patches, isSettled }: MutatedRequest,
): readonly DecisionReason[] {
  const first = reasons.findIndex(({ flip }) => flip?.of === "object" && flip.patch.length > 0);
  if (patches.length === 0 || first === -1) return reasons;
  const settled = isSettled();
  return reasons.map((reason, index) => {
    const { flip, ...rest } = reason;
    if (flip?.of !== "object") return reason;
    if (!settled) return { ...rest, change: noChange };
    return index === first ? { ...reason, flip: { ...flip, patch: [...patches, ...flip.patch] } } : reason;
  });
}
