import { asObject, matchesLabelSelector, member, type JsonObject } from "@plimsoll/kubernetes";
import { gvkOf, nameOf } from "../match/object-facts.ts";
import { PolicyError } from "../policy-error.ts";
import type { ConstraintTemplate } from "../templates/template.ts";
import { schemaProblems, withDefaults } from "../templates/parameter-schema.ts";
import { enforcementAt } from "./enforcement.ts";

/** The API group of constraints. */
export const constraintGroup = "constraints.gatekeeper.sh";
const versions: readonly string[] = ["v1alpha1", "v1beta1"];

/** A constraint that fits its template. */
export interface Constraint {
  readonly kind: string;
  readonly name: string;
  readonly match: unknown;
  /** With the defaults of the template's schema. */
  readonly parameters: JsonObject;
  /** The whole document, with those parameters: what CEL sees as `params`. */
  readonly document: JsonObject;
}

/** Whether an object is a constraint. */
export function isConstraint(object: unknown): boolean {
  return gvkOf(object).group === constraintGroup;
}

const textList = { type: "array", items: { type: "string" } };
const selector = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

/** The shape of `spec.match` and of the actions, as Gatekeeper's own resource definition states it. */
const specSchema = {
  type: "object",
  properties: {
    match: {
      type: "object",
      properties: {
        source: { type: "string", enum: ["All", "Generated", "Original"] },
        kinds: {
          type: "array",
          items: { type: "object", properties: { apiGroups: textList, kinds: textList } },
        },
        scope: { type: "string" },
        namespaces: textList,
        excludedNamespaces: textList,
        labelSelector: selector,
        namespaceSelector: selector,
        name: { type: "string" },
      },
    },
    enforcementAction: { type: "string" },
    scopedEnforcementActions: {
      type: "array",
      items: {
        type: "object",
        properties: {
          action: { type: "string" },
          enforcementPoints: { type: "array", items: { type: "object", properties: { name: { type: "string" } } } },
        },
      },
    },
  },
};

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/**
 * Reads a constraint of a template.
 * @throws {PolicyError} with a code: `ErrSchema` where it breaks the template's schema, else `ErrInvalidConstraint`.
 */
export function readConstraint(document: JsonObject, template: ConstraintTemplate): Constraint {
  const name = nameOf(document);
  const { version } = gvkOf(document);
  const fail = (message: string, code = "ErrInvalidConstraint"): PolicyError =>
    new PolicyError("constraint", `${template.kind}/${name}: ${message}`, code);
  if (name.length > 253 || !subdomain.test(name)) throw fail(`invalid name "${name}"`);
  if (name.length > 63) throw fail("metadata.name: may not be more than 63 chars long", "ErrSchema");
  if (!versions.includes(version)) throw fail(`unsupported version "${version}"`);
  const problems = schemaProblems(schemaFor(template), member(document, "spec") ?? {}, "spec");
  if (problems.length > 0) throw fail(`schema validation failed: ${problems.join("; ")}`, "ErrSchema");
  for (const field of ["labelSelector", "namespaceSelector"]) {
    const found = member(document, "spec", "match", field);
    if (found !== undefined && found !== null && matchesLabelSelector({}, found) === undefined)
      throw fail(`spec.match.${field} is not a valid label selector`);
  }
  enforcementAt(document, "gator.gatekeeper.sh");
  const parameters =
    asObject(withDefaults(template.parametersSchema, member(document, "spec", "parameters") ?? {})) ?? {};
  return {
    kind: template.kind,
    name,
    match: member(document, "spec", "match"),
    parameters,
    document: { ...document, spec: { ...asObject(member(document, "spec")), parameters } },
  };
}

function schemaFor({ parametersSchema }: ConstraintTemplate): object {
  const parameters = parametersSchema ?? { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  return { ...specSchema, properties: { ...specSchema.properties, parameters } };
}
