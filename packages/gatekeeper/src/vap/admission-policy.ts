import { asList, asObject, asText, matchesLabelSelector, member, type JsonObject } from "@plimsoll/kubernetes";
import { compareText, type WorkBudget } from "@plimsoll/model";
import { celPolicy, type CelDenial, type CelPolicy, type CelSubject, type FailurePolicy } from "../cel/cel-policy.ts";
import { textsOf, type AdmissionRequest } from "../match/admission-request.ts";
import { apiVersionOf, gvkOf, labelsOf, nameOf, namespaceOf } from "../match/object-facts.ts";
import { PolicyError } from "../policy-error.ts";
import { readFailurePolicy, readNamed, readValidations } from "../templates/cel-source.ts";
import { matchesResources } from "./resource-rules.ts";

/** A compiled ValidatingAdmissionPolicy. */
export interface AdmissionPolicy {
  readonly name: string;
  readonly paramKind: { readonly apiVersion: string; readonly kind: string } | undefined;
  readonly matchConstraints: unknown;
  readonly failurePolicy: FailurePolicy;
  readonly cel: CelPolicy;
}

/** A binding: to which resources a policy applies, with which parameters, and the actions of a violation. */
export interface AdmissionPolicyBinding {
  readonly name: string;
  readonly policyName: string;
  readonly paramRef: unknown;
  readonly matchResources: unknown;
  /** Deny, Warn, Audit. */
  readonly actions: readonly string[];
}

const group = "admissionregistration.k8s.io";

/** Whether an object is a ValidatingAdmissionPolicy. */
export function isAdmissionPolicy(object: unknown): boolean {
  const gvk = gvkOf(object);
  return gvk.group === group && gvk.kind === "ValidatingAdmissionPolicy";
}

/** Whether an object is a ValidatingAdmissionPolicyBinding. */
export function isAdmissionPolicyBinding(object: unknown): boolean {
  const gvk = gvkOf(object);
  return gvk.group === group && gvk.kind === "ValidatingAdmissionPolicyBinding";
}

/** Reads a policy. @throws {PolicyError} where it has neither validations nor audit annotations, or an unknown failure policy. */
export function readAdmissionPolicy(document: JsonObject): AdmissionPolicy {
  const name = nameOf(document);
  const spec = member(document, "spec");
  const validations = readValidations(member(spec, "validations"));
  const auditAnnotations = asList(member(spec, "auditAnnotations")).map((each) => ({
    key: asText(member(each, "key")) ?? "",
    valueExpression: asText(member(each, "valueExpression")) ?? "",
  }));
  if (validations.length === 0 && auditAnnotations.length === 0)
    throw new PolicyError("template", `ValidatingAdmissionPolicy ${name}: validations or auditAnnotations is required`);
  const failurePolicy = readFailurePolicy(member(spec, "failurePolicy"));
  return {
    name,
    paramKind: readParamKind(spec),
    matchConstraints: member(spec, "matchConstraints"),
    failurePolicy,
    cel: celPolicy({
      variables: readNamed(member(spec, "variables")),
      matchConditions: readNamed(member(spec, "matchConditions")),
      validations,
      auditAnnotations,
      failurePolicy,
    }),
  };
}

/** The kind of a policy's parameters. */
export function readParamKind(spec: unknown): AdmissionPolicy["paramKind"] {
  const kind = asText(member(spec, "paramKind", "kind"));
  return kind === undefined ? undefined : { kind, apiVersion: asText(member(spec, "paramKind", "apiVersion")) ?? "" };
}

/** Reads a binding. @throws {PolicyError} where it names no policy or no action. */
export function readAdmissionPolicyBinding(document: JsonObject): AdmissionPolicyBinding {
  const name = nameOf(document);
  const spec = member(document, "spec");
  const policyName = asText(member(spec, "policyName")) ?? "";
  const actions = textsOf(member(spec, "validationActions"));
  const fail = (message: string): PolicyError =>
    new PolicyError("constraint", `ValidatingAdmissionPolicyBinding ${name}: ${message}`);
  if (policyName === "") throw fail("policyName is required");
  if (actions.length === 0) throw fail("validationActions is required: one or more of Deny, Warn and Audit");
  const wrong = actions.find((action) => !["Deny", "Warn", "Audit"].includes(action));
  if (wrong !== undefined) throw fail(`validationActions must be Deny, Warn or Audit, not "${wrong}"`);
  return {
    name,
    policyName,
    paramRef: member(spec, "paramRef"),
    matchResources: member(spec, "matchResources"),
    actions,
  };
}

/** A violation found by a policy under one binding. */
export interface AdmissionPolicyResult extends CelDenial {
  readonly policy: string;
  readonly binding: string;
  /** Of the binding, sorted: Audit, Deny, Warn. */
  readonly actions: readonly string[];
  /** The parameter object, if there was one: `namespace/name` or `name`. */
  readonly parameters?: string;
}

/** The input of a review. */
export interface AdmissionSurroundings {
  readonly request: AdmissionRequest;
  readonly namespace: unknown;
  /** Objects of the cluster, among them the parameters. */
  readonly objects: readonly JsonObject[];
  /** The input in CEL values. */
  readonly subject: CelSubject;
  /** Limits the work of all policies together. */
  readonly budget: WorkBudget | undefined;
}

/** The result of a policy under one binding. */
export interface AdmissionPolicyReview {
  readonly results: readonly AdmissionPolicyResult[];
  /** Why the policy did not evaluate the request completely; set where its failure policy is `Ignore`. */
  readonly ignored: readonly string[];
  /** Audit annotations: `policy/key` and its text, one for each different text. */
  readonly auditAnnotations: readonly (readonly [key: string, value: string])[];
}

const nothingSaid: AdmissionPolicyReview = { results: [], ignored: [], auditAnnotations: [] };

/** Evaluates a policy under one of its bindings on a request. */
export function reviewByPolicy(
  policy: AdmissionPolicy,
  binding: AdmissionPolicyBinding,
  surroundings: AdmissionSurroundings,
): AdmissionPolicyReview {
  const { request, namespace } = surroundings;
  const head = { policy: policy.name, binding: binding.name, actions: [...binding.actions].sort(compareText) };
  const refuse = (message: string): AdmissionPolicyReview =>
    policy.failurePolicy === "Ignore"
      ? { ...nothingSaid, ignored: [message] }
      : { ...nothingSaid, results: [{ ...head, message, expression: "", failed: true }] };
  try {
    if (
      !matchesResources(policy.matchConstraints, request, namespace) ||
      !matchesResources(binding.matchResources, request, namespace)
    )
      return nothingSaid;
  } catch (error) {
    if (error instanceof PolicyError) return refuse(error.message);
    throw error;
  }
  const parameters = parametersFor(policy, binding, surroundings);
  if (parameters === "missing") {
    if (member(binding.paramRef, "parameterNotFoundAction") === "Allow") return nothingSaid;
    return refuse("no params found for policy binding with `Deny` parameterNotFoundAction");
  }
  const verdicts = parameters.map((params) => ({
    params,
    verdict: policy.cel.withParameters(params)(surroundings.subject, surroundings.budget),
  }));
  return {
    results: verdicts.flatMap(({ params, verdict }) =>
      verdict.denials.map((denial) => ({
        ...head,
        ...denial,
        ...(params === null ? {} : { parameters: idOf(params) }),
      })),
    ),
    ignored: verdicts.flatMap(({ verdict }) => verdict.ignored.map(({ message }) => message)),
    auditAnnotations: verdicts.flatMap(({ verdict }) =>
      Object.entries(verdict.auditAnnotations).map(([key, value]) => [`${policy.name}/${key}`, value] as const),
    ),
  };
}

/** `namespace/name`, or the name of an object of the whole cluster. */
export function idOf(object: JsonObject): string {
  return [namespaceOf(object), nameOf(object)].filter((part) => part !== "").join("/");
}

/** The parameter objects of a bound policy, in the order of their names; null for a policy that takes none. */
export function parametersFor(
  { paramKind }: Pick<AdmissionPolicy, "paramKind">,
  { paramRef }: Pick<AdmissionPolicyBinding, "paramRef">,
  { request, objects }: Pick<AdmissionSurroundings, "request" | "objects">,
): readonly (JsonObject | null)[] | "missing" {
  if (paramKind === undefined) return [null];
  const ref = asObject(paramRef);
  if (ref === undefined) return "missing";
  const inNamespace = asText(ref["namespace"]) ?? "";
  const found = objects.filter((object) => {
    const gvk = gvkOf(object);
    if (gvk.kind !== paramKind.kind || apiVersionOf(gvk) !== paramKind.apiVersion) return false;
    const own = namespaceOf(object);
    if (own !== "" && own !== (inNamespace || request.namespace)) return false;
    const name = asText(ref["name"]);
    if (name !== undefined && name !== "") return nameOf(object) === name;
    return matchesLabelSelector(labelsOf(object), ref["selector"] ?? {}) === true;
  });
  return found.length === 0 ? "missing" : found.sort((a, b) => compareText(idOf(a), idOf(b)));
}
