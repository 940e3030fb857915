import { asList, asObject, asText, member, type JsonObject } from "@plimsoll/kubernetes";
import { nameOf } from "../match/object-facts.ts";
import { PolicyError } from "../policy-error.ts";
import { celEngine, implicitVariables, readCelSource } from "../templates/cel-source.ts";

/** Where Gatekeeper's `match` lies in a constraint; conditions hold where a constraint does not restrict. */
function unlessAbsent(field: string, condition: string): string {
  const present = `!has(params.spec) || !has(params.spec.match) || !has(params.spec.match.${field})`;
  return `${present} || ${condition}`;
}

function ofEitherObject(condition: string): string {
  return `[object, oldObject].exists(each, each != null && (${condition}))`;
}

function globMatches(pattern: string, text: string): string {
  return `string(${text}).matches("^" + string(${pattern}).replace("*", ".*") + "$")`;
}

const clusterScoped = '!has(each.metadata.namespace) || each.metadata.namespace == ""';
const inNamespaces = (field: string): string =>
  `params.spec.match.${field}.exists(pattern, ${globMatches("pattern", "each.metadata.namespace")})`;

/** The match conditions by which a generated policy applies `spec.match` of the constraint, which is its parameter. */
export const constraintConditions: readonly { readonly name: string; readonly expression: string }[] = [
  {
    name: "gatekeeper_internal_match_excluded_namespaces",
    expression: unlessAbsent(
      "excludedNamespaces",
      ofEitherObject(`${clusterScoped} || !${inNamespaces("excludedNamespaces")}`),
    ),
  },
  {
    name: "gatekeeper_internal_match_namespaces",
    expression: unlessAbsent("namespaces", ofEitherObject(`${clusterScoped} || ${inNamespaces("namespaces")}`)),
  },
  {
    name: "gatekeeper_internal_match_name",
    expression: unlessAbsent(
      "name",
      ofEitherObject(
        `(has(each.metadata.generateName) && each.metadata.generateName != "" && params.spec.match.name.endsWith("*") && ${globMatches("params.spec.match.name", "each.metadata.generateName")}) || (has(each.metadata.name) && ${globMatches("params.spec.match.name", "each.metadata.name")})`,
      ),
    ),
  },
  {
    name: "gatekeeper_internal_match_kinds",
    expression: unlessAbsent(
      "kinds",
      `params.spec.match.kinds.exists(each, ${holdsName("kinds", "kind")} && ${holdsName("apiGroups", "group")})`,
    ),
  },
];

function holdsName(list: string, field: string): string {
  return `(!has(each.${list}) || size(each.${list}) == 0 || "*" in each.${list} || request.kind.${field} in each.${list})`;
}

const operations = ["CREATE", "UPDATE", "DELETE", "CONNECT"];

/** Operations with the wildcard written out. */
export function expandOperations(given: readonly string[]): readonly string[] {
  return given.includes("*") ? operations : given;
}

/**
 * Generates the ValidatingAdmissionPolicy for a template with a CEL source.
 * @throws {PolicyError} where the template has no such source, or it is invalid.
 */
export function policyFromTemplate(template: JsonObject): JsonObject {
  const source = asList(member(template, "spec", "targets", 0, "code")).find(
    (each) => member(each, "engine") === celEngine,
  );
  if (source === undefined) throw new PolicyError("template", "the template has no CEL source", "ErrCELEngineMissing");
  const kind = asText(member(template, "spec", "crd", "spec", "names", "kind")) ?? "";
  return policyFromSource(kind, member(source, "source"));
}

/** Generates the ValidatingAdmissionPolicy for a kind of constraints and its CEL source. */
export function policyFromSource(kind: string, source: unknown): JsonObject {
  const { variables, matchConditions, validations, failurePolicy } = readCelSource(source);
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: `gatekeeper-${kind.toLowerCase()}` },
    spec: {
      paramKind: { apiVersion: "constraints.gatekeeper.sh/v1beta1", kind },
      matchConstraints: {
        resourceRules: [{ operations: ["CREATE", "UPDATE"], apiGroups: ["*"], apiVersions: ["*"], resources: ["*"] }],
      },
      matchConditions: [...matchConditions, ...constraintConditions],
      validations,
      failurePolicy,
      variables: [...implicitVariables, ...variables],
    },
  };
}

const actionNames: Readonly<Record<string, string>> = { deny: "Deny", warn: "Warn", dryrun: "Audit" };
/** The longest name of an object of Kubernetes. */
const maxNameLength = 253;

/**
 * Generates the ValidatingAdmissionPolicyBinding for a constraint.
 * @param actions The constraint's enforcement actions at this point.
 * @throws {PolicyError} `ErrBadEnforcementAction` without an action, and for an unknown one.
 */
export function bindingFromConstraint(constraint: JsonObject, actions: readonly string[]): JsonObject {
  const validationActions = actions.map((action) => {
    const name = Object.hasOwn(actionNames, action) ? actionNames[action] : undefined;
    if (name === undefined)
      throw new PolicyError(
        "constraint",
        `unrecognized enforcement action ${action}, must be \`warn\`, \`deny\` or \`dryrun\``,
        "ErrBadEnforcementAction",
      );
    return name;
  });
  if (validationActions.length === 0)
    throw new PolicyError("constraint", "enforcement actions must be provided", "ErrBadEnforcementAction");
  const kind = (asText(constraint["kind"]) ?? "").toLowerCase();
  const match = member(constraint, "spec", "match");
  const selectors = {
    objectSelector: member(match, "labelSelector"),
    namespaceSelector: member(match, "namespaceSelector"),
  };
  const name = `gatekeeper-${kind}-${nameOf(constraint)}`;
  if (name.length > maxNameLength)
    throw new PolicyError("constraint", `the binding's name is longer than ${maxNameLength}`);
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name },
    spec: {
      policyName: `gatekeeper-${kind}`,
      paramRef: { name: nameOf(constraint), parameterNotFoundAction: "Allow" },
      matchResources: Object.fromEntries(
        Object.entries(selectors).filter(([, selector]) => asObject(selector) !== undefined),
      ),
      validationActions,
    },
  };
}
