import type { JsonObject } from "@plimsoll/kubernetes";
import { compareBy, compareText } from "@plimsoll/model";
import { isSyncObject } from "./audit/sync.ts";
import { isConstraint, readConstraint } from "./constraints/constraint.ts";
import type { BoundConstraint } from "./constraints/enforced-constraints.ts";
import { isExpansionTemplate, readExpansionTemplate, type ExpansionTemplate } from "./expansion/expansion-template.ts";
import { gvkOf, nameOf } from "./match/object-facts.ts";
import type { BoundMutatingPolicy } from "./mutating-policy/mutate-by-policies.ts";
import {
  isMutatingPolicy,
  isMutatingPolicyBinding,
  readMutatingPolicy,
  readMutatingPolicyBinding,
} from "./mutating-policy/mutating-policy.ts";
import { isMutator, readMutator } from "./mutation/mutate.ts";
import type { Mutator } from "./mutation/mutator.ts";
import type { LoadOptions, PolicyProblem } from "./policies.ts";
import { PolicyError } from "./policy-error.ts";
import { isTemplate, readTemplate, type ConstraintTemplate } from "./templates/template.ts";
import {
  isAdmissionPolicy,
  isAdmissionPolicyBinding,
  readAdmissionPolicy,
  readAdmissionPolicyBinding,
  type AdmissionPolicy,
  type AdmissionPolicyBinding,
} from "./vap/admission-policy.ts";

/** A ValidatingAdmissionPolicy, and the binding that puts it in force. */
export interface BoundAdmissionPolicy {
  readonly policy: AdmissionPolicy;
  readonly binding: AdmissionPolicyBinding;
}

/** Policies, each read by itself. */
export interface ReadPolicies {
  readonly templates: readonly ConstraintTemplate[];
  /** Of valid templates, sorted by kind and name. */
  readonly constraints: readonly BoundConstraint[];
  readonly admission: readonly BoundAdmissionPolicy[];
  readonly mutating: readonly BoundMutatingPolicy[];
  readonly mutators: readonly Mutator[];
  readonly expansions: readonly ExpansionTemplate[];
  /** Gatekeeper's Config and SyncSets, as they are. */
  readonly syncObjects: readonly JsonObject[];
  /** Those that are invalid, or refer to a policy that is. */
  readonly problems: readonly PolicyProblem[];
}

/** Reads the policies among Kubernetes objects; others are skipped. */
export function readPolicies(
  objects: readonly JsonObject[],
  { providers, defaultFailurePolicy }: LoadOptions,
): ReadPolicies {
  const problems: PolicyProblem[] = [];
  const read = <Item>(is: (object: JsonObject) => boolean, reader: (object: JsonObject) => Item): readonly Item[] =>
    objects.filter(is).flatMap((object) => {
      try {
        return [reader(object)];
      } catch (error) {
        if (!(error instanceof PolicyError)) throw error;
        problems.push({
          kind: gvkOf(object).kind,
          name: nameOf(object),
          message: error.message,
          ...(error.code === undefined ? {} : { code: error.code }),
        });
        return [];
      }
    });
  const templates = read(isTemplate, (each) => readTemplate(each, { defaultFailurePolicy, providers }));
  const templatesByKind = new Map(templates.map((each) => [each.kind, each]));
  const constraints = read(isConstraint, (object): BoundConstraint => {
    const { kind } = gvkOf(object);
    const template = templatesByKind.get(kind);
    if (template !== undefined) return { constraint: readConstraint(object, template), template };
    const message = `no valid ConstraintTemplate of kind ${kind} is loaded`;
    throw new PolicyError("constraint", message, "ErrMissingConstraintTemplate");
  });
  const policies = new Map(read(isAdmissionPolicy, readAdmissionPolicy).map((each) => [each.name, each]));
  const admission = read(isAdmissionPolicyBinding, (object): BoundAdmissionPolicy => {
    const binding = readAdmissionPolicyBinding(object);
    return { policy: policyOf(binding, policies, "ValidatingAdmissionPolicy"), binding };
  });
  const mutatingPolicies = new Map(read(isMutatingPolicy, readMutatingPolicy).map((each) => [each.name, each]));
  const mutating = read(isMutatingPolicyBinding, (object): BoundMutatingPolicy => {
    const binding = readMutatingPolicyBinding(object);
    return { policy: policyOf(binding, mutatingPolicies, "MutatingAdmissionPolicy"), binding };
  });
  return {
    templates,
    constraints: constraints.toSorted(
      compareBy(
        (a, b) => compareText(a.constraint.kind, b.constraint.kind),
        (a, b) => compareText(a.constraint.name, b.constraint.name),
      ),
    ),
    admission,
    mutating,
    mutators: read(isMutator, readMutator),
    expansions: read(isExpansionTemplate, readExpansionTemplate),
    syncObjects: objects.filter(isSyncObject),
    problems,
  };
}

/** @throws {PolicyError} where no valid policy has the name that a binding gives. */
function policyOf<Policy>(
  { policyName }: { readonly policyName: string },
  policies: ReadonlyMap<string, Policy>,
  kind: string,
): Policy {
  const policy = policies.get(policyName);
  if (policy === undefined) throw new PolicyError("constraint", `no valid ${kind} ${policyName} is loaded`);
  return policy;
}
