import { asList, matchesLabelSelector, member } from "@plimsoll/kubernetes";
import { judgedObject, textsOf, type AdmissionRequest } from "../match/admission-request.ts";
import { isNamespace, labelsOf, nameOf } from "../match/object-facts.ts";
import { PolicyError } from "../policy-error.ts";

/** The resource name of a kind, for objects without a request: `ingresses` for `Ingress`. */
export function resourceOfKind(kind: string): string {
  const lower = kind.toLowerCase();
  if (/(?:s|x|z|ch|sh)$/.test(lower)) return lower === "endpoints" ? lower : `${lower}es`;
  return /[^aeiou]y$/.test(lower) ? `${lower.slice(0, -1)}ies` : `${lower}s`;
}

/**
 * Whether a request matches `matchConstraints` of a policy or `matchResources` of a binding. Without resource rules everything matches, as for
 * bindings.
 * @throws {PolicyError} for invalid selectors, and where a namespace selector needs a Namespace that is not known.
 */
export function matchesResources(match: unknown, request: AdmissionRequest, namespace: unknown): boolean {
  const rules = asList(member(match, "resourceRules"));
  if (rules.length > 0 && !rules.some((rule) => matchesRule(rule, request))) return false;
  if (asList(member(match, "excludeResourceRules")).some((rule) => matchesRule(rule, request))) return false;
  return (
    matchesObjects(member(match, "objectSelector"), request) &&
    matchesNamespaces(member(match, "namespaceSelector"), request, namespace)
  );
}

function matchesRule(rule: unknown, request: AdmissionRequest): boolean {
  const { kind } = request;
  const group = request.resource.resource === "" ? kind.group : request.resource.group;
  const version = request.resource.resource === "" ? kind.version : request.resource.version;
  const named = textsOf(member(rule, "resourceNames"));
  return (
    holds(member(rule, "apiGroups"), group) &&
    holds(member(rule, "apiVersions"), version) &&
    matchesOperation(member(rule, "operations"), request.operation) &&
    textsOf(member(rule, "resources")).some((pattern) => matchesResource(pattern, request)) &&
    (named.length === 0 || named.includes(request.name)) &&
    matchesScope(member(rule, "scope"), request)
  );
}

function holds(list: unknown, value: string): boolean {
  const texts = textsOf(list);
  return texts.includes("*") || texts.includes(value);
}

/** An object that is reviewed by itself counts as created. */
function matchesOperation(list: unknown, operation: string): boolean {
  return holds(list, operation === "" ? "CREATE" : operation);
}

/** `pods`, `pods/status`, `pods/*`, `*`, `*` + `/scale`. */
function matchesResource(pattern: string, request: AdmissionRequest): boolean {
  const own = request.resource.resource === "" ? resourceOfKind(request.kind.kind) : request.resource.resource;
  const sub = typeof request["subResource"] === "string" ? request["subResource"] : "";
  const [resource = "", subresource] = pattern.split("/");
  if (resource !== "*" && resource !== own) return false;
  return subresource === undefined ? sub === "" : subresource === "*" || subresource === sub;
}

function matchesScope(scope: unknown, request: AdmissionRequest): boolean {
  if (scope === "Cluster") return request.namespace === "" || request.kind.kind === "Namespace";
  return scope !== "Namespaced" || (request.namespace !== "" && request.kind.kind !== "Namespace");
}

function selects(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  const selected = matchesLabelSelector(labels, selector);
  if (selected === undefined) throw new PolicyError("match", "the label selector is invalid");
  return selected;
}

/** Either the object or the one that it replaces has the labels. */
function matchesObjects(selector: unknown, { object, oldObject }: AdmissionRequest): boolean {
  if (selector === undefined || selector === null) return true;
  return [object, oldObject].some((each) => each !== null && each !== undefined && selects(selector, labelsOf(each)));
}

function matchesNamespaces(selector: unknown, request: AdmissionRequest, namespace: unknown): boolean {
  if (selector === undefined || selector === null) return true;
  const object = judgedObject(request);
  if (isNamespace(object)) return selects(selector, labelsOf(object));
  if (request.namespace === "") return true;
  if (namespace === undefined || namespace === null) {
    // A selector without requirements selects every namespace, known or not.
    if (selects(selector, {}) && Object.keys(Object(selector)).length === 0) return true;
    throw new PolicyError(
      "match",
      `the namespaceSelector needs the Namespace object "${request.namespace}" of ${nameOf(object)}, which was not given`,
    );
  }
  return selects(selector, labelsOf(namespace));
}
