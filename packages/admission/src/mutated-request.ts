import { PolicyError } from "@plimsoll/gatekeeper";
import type { Authorize, IgnoredFailure, UnknownMembers } from "@plimsoll/gatekeeper";
import { jsonPatchBetween, kubernetesObjects, sameJson } from "@plimsoll/kubernetes";
import type { JsonObject, KubernetesObject } from "@plimsoll/kubernetes";
import { noChange, withObject } from "./evidence.ts";
import type { DecisionReason, Evidence } from "./evidence.ts";
import type { WorkBudget } from "@plimsoll/model";
import type { PatchOperation } from "./json-patch.ts";
import type { PreparedPolicies } from "./prepared-policies.ts";

/** A request after mutating policies changed its object; validating policies evaluate this one. */
export interface MutatedRequest {
  readonly request: unknown;
  readonly object: KubernetesObject;
  /** The JSON Patch from the object of the request to the changed one. */
  readonly patches: readonly PatchOperation[];
  /** The policies and mutators that changed it: `MutatingAdmissionPolicy/name`, `Assign/name`. */
  readonly applied: readonly string[];
  /** Policies that failed to change it and whose failure policy is `Ignore`. */
  readonly ignored: readonly IgnoredFailure[];
  /** Members that the policies set and that are not in the known schema of the object's kind. */
  readonly unknown: readonly UnknownMembers[];
  /** Whether applying the same policies again would change nothing more. */
  readonly isSettled: () => boolean;
}

/** The policies and evidence that {@link mutateRequest} needs. */
export interface MutationSurroundings {
  readonly policies: PreparedPolicies;
  readonly evidence: Evidence;
  /** Namespace of the request, or of the object where it is reviewed by itself. */
  readonly namespace: string | undefined;
  readonly authorize: Authorize | undefined;
  readonly budget: WorkBudget;
}

/** A request that no policy changes. */
export function unchanged(request: unknown, object: KubernetesObject): MutatedRequest {
  return { request, object, patches: [], applied: [], ignored: [], unknown: [], isSettled: () => true };
}

/**
 * Applies MutatingAdmissionPolicies and Gatekeeper's mutators; the mutators only where Gatekeeper's Config does not exclude the object.
 * @returns why the object is refused, where a policy failed.
 */
export function mutateRequest(
  request: unknown,
  object: KubernetesObject,
  { policies, evidence, namespace, authorize, budget }: MutationSurroundings,
): MutatedRequest | string {
  const { cluster } = policies;
  const { inventory = [] } = evidence;
  if (cluster === undefined || !cluster.mutates) return unchanged(request, object);
  const mutators = !cluster.sync.excludes(object.value, "mutation-webhook", namespace);
  const mutate = (asked: unknown): ReturnType<typeof cluster.mutate> =>
    cluster.mutate(asked, { inventory, mutators, authorize, budget });
  try {
    const { object: value, applied, ignored, unknown } = mutate(request);
    const changed = withObject(request, value);
    const [mutated] = kubernetesObjects(value);
    if (mutated === undefined) return "the mutating policies left no object";
    return {
      request: changed,
      object: mutated,
      patches: jsonPatchBetween(object.value, value),
      applied,
      ignored,
      unknown,
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
 * Rewrites the reasons about the mutated object for the original one: the mutations are put in front of the first change. Where mutating the result
 * again would change it, the changes are left out, because nothing shows that they get the object admitted.
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
