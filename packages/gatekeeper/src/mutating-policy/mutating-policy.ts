import { asList, asText, member, type JsonObject } from "@plimsoll/kubernetes";
import { celMutation, type CelMutation, type FailurePolicy } from "../cel/cel-policy.ts";
import { gvkOf, nameOf } from "../match/object-facts.ts";
import { PolicyError } from "../policy-error.ts";
import { readFailurePolicy, readNamed } from "../templates/cel-source.ts";
import { readParamKind, type AdmissionPolicy } from "../vap/admission-policy.ts";
import { objectType, patchMessages } from "./patch-values.ts";

/** The form of a mutation. */
export type PatchType = "ApplyConfiguration" | "JSONPatch";

/** A compiled MutatingAdmissionPolicy. */
export interface MutatingPolicy {
  readonly name: string;
  readonly paramKind: AdmissionPolicy["paramKind"];
  readonly matchConstraints: unknown;
  readonly failurePolicy: FailurePolicy;
  /** Whether it is applied once more if a later policy changes the object. */
  readonly reinvokes: boolean;
  readonly patchTypes: readonly PatchType[];
  readonly cel: CelMutation;
}

/** A binding: to which resources a policy applies, and with which parameters. */
export interface MutatingPolicyBinding {
  readonly name: string;
  readonly policyName: string;
  readonly paramRef: unknown;
  readonly matchResources: unknown;
}

/** The kind of bindings of mutating policies. */
export const mutatingBindingKind = "MutatingAdmissionPolicyBinding";
const group = "admissionregistration.k8s.io";

/** Whether an object is a MutatingAdmissionPolicy. */
export function isMutatingPolicy(object: unknown): boolean {
  const gvk = gvkOf(object);
  return gvk.group === group && gvk.kind === "MutatingAdmissionPolicy";
}

/** Whether an object is a MutatingAdmissionPolicyBinding. */
export function isMutatingPolicyBinding(object: unknown): boolean {
  const gvk = gvkOf(object);
  return gvk.group === group && gvk.kind === mutatingBindingKind;
}

/**
 * Reads a policy (Kubernetes API reference, "MutatingAdmissionPolicy"). Expressions that do not compile end in an error when they are evaluated.
 * @throws {PolicyError} where it has no mutation or no match constraints, and for invalid values.
 */
export function readMutatingPolicy(document: JsonObject): MutatingPolicy {
  const name = nameOf(document);
  const spec = member(document, "spec");
  const wrong = (reason: string): PolicyError =>
    new PolicyError("template", `MutatingAdmissionPolicy ${name}: ${reason}`);
  const matchConstraints = member(spec, "matchConstraints");
  if (asList(member(matchConstraints, "resourceRules")).length === 0)
    throw wrong("matchConstraints.resourceRules is required");
  const mutations = asList(member(spec, "mutations")).map((each, index) => readMutation(each, index, wrong));
  if (mutations.length === 0) throw wrong("mutations is required");
  const reinvocation = asText(member(spec, "reinvocationPolicy")) ?? "Never";
  if (reinvocation !== "Never" && reinvocation !== "IfNeeded")
    throw wrong(`reinvocationPolicy must be Never or IfNeeded, not "${reinvocation}"`);
  const failurePolicy = readFailurePolicy(member(spec, "failurePolicy"));
  return {
    name,
    paramKind: readParamKind(spec),
    matchConstraints,
    failurePolicy,
    reinvokes: reinvocation === "IfNeeded",
    patchTypes: mutations.map(({ patchType }) => patchType),
    cel: celMutation(
      {
        variables: readNamed(member(spec, "variables")),
        matchConditions: readNamed(member(spec, "matchConditions")),
        mutations: mutations.map(({ patchType, expression }) => ({
          expression,
          type: patchType === "JSONPatch" ? "list(JSONPatch)" : objectType,
        })),
      },
      patchMessages,
    ),
  };
}

function readMutation(
  mutation: unknown,
  index: number,
  wrong: (reason: string) => PolicyError,
): { readonly patchType: PatchType; readonly expression: string } {
  const patchType = asText(member(mutation, "patchType"));
  if (patchType !== "ApplyConfiguration" && patchType !== "JSONPatch")
    throw wrong(`mutations[${index}].patchType must be ApplyConfiguration or JSONPatch, not "${patchType ?? ""}"`);
  const [own, other] =
    patchType === "JSONPatch" ? ["jsonPatch", "applyConfiguration"] : ["applyConfiguration", "jsonPatch"];
  const expression = asText(member(mutation, own, "expression")) ?? "";
  if (expression === "") throw wrong(`mutations[${index}].${own}.expression is required for ${patchType}`);
  if (member(mutation, other) !== undefined)
    throw wrong(`mutations[${index}].${other} must not be given for ${patchType}`);
  return { patchType, expression };
}

/** Reads a binding. @throws {PolicyError} where it names no policy. */
export function readMutatingPolicyBinding(document: JsonObject): MutatingPolicyBinding {
  const name = nameOf(document);
  const spec = member(document, "spec");
  const policyName = asText(member(spec, "policyName")) ?? "";
  if (policyName === "") throw new PolicyError("constraint", `${mutatingBindingKind} ${name}: policyName is required`);
  return {
    name,
    policyName,
    paramRef: member(spec, "paramRef"),
    matchResources: member(spec, "matchResources"),
  };
}
