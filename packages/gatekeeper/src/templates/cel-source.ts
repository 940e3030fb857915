import { asList, asObject, asText, member } from "@plimsoll/kubernetes";
import type { CelPolicySource, CelValidation, FailurePolicy, NamedExpression } from "../cel/cel-policy.ts";
import { PolicyError } from "../policy-error.ts";

/** The engine's name in templates. */
export const celEngine = "K8sNativeValidation";
/** No name of a user may begin so. */
const reservedPrefix = "gatekeeper_internal_";
const reservedVariables: readonly string[] = ["params", "anyObject"];

/** Every K8sNativeValidation template has these two variables. */
export const implicitVariables: readonly NamedExpression[] = [
  {
    name: "anyObject",
    expression: 'has(request.operation) && request.operation == "DELETE" && object == null ? oldObject : object',
  },
  {
    name: "params",
    expression: "!has(params.spec) ? null : !has(params.spec.parameters) ? null: params.spec.parameters",
  },
];

/**
 * Reads the CEL source of a template, without the implicit variables.
 * @param fallback The failure policy of a source that states none.
 * @throws {PolicyError} with a code: `ErrBadType`, `ErrBadFailurePolicy`, `ErrBadVariable`, `ErrBadMatchCondition`.
 */
export function readCelSource(source: unknown, fallback: FailurePolicy = "Fail"): CelPolicySource {
  if (asObject(source) === undefined)
    throw new PolicyError("template", "the source of a template is an object", "ErrBadType");
  const variables = readNamed(member(source, "variables"));
  // Templates write `matchCondition`, as Gatekeeper has always read it; policies of Kubernetes `matchConditions`.
  const matchConditions = readNamed(member(source, "matchCondition") ?? member(source, "matchConditions"));
  for (const { name } of matchConditions)
    if (name.startsWith(reservedPrefix)) throw reserved("match condition", name, "ErrBadMatchCondition");
  for (const { name } of variables)
    if (name.startsWith(reservedPrefix) || reservedVariables.includes(name))
      throw reserved("variable", name, "ErrBadVariable");
  return {
    variables,
    matchConditions,
    validations: readValidations(member(source, "validations")),
    failurePolicy: readFailurePolicy(member(source, "failurePolicy"), fallback),
  };
}

function reserved(what: string, name: string, code: string): PolicyError {
  return new PolicyError("template", `${name} is not a valid ${what}: the name is reserved`, code);
}

/** @throws {PolicyError} `ErrBadFailurePolicy` for anything but Fail and Ignore. */
export function readFailurePolicy(value: unknown, fallback: FailurePolicy = "Fail"): FailurePolicy {
  if (value === undefined || value === null) return fallback;
  if (value === "Fail" || value === "Ignore") return value;
  throw new PolicyError("template", `unrecognized failure policy: ${String(value)}`, "ErrBadFailurePolicy");
}

/** Reads a list of names and expressions. Invalid entries become empty expressions, which do not compile. */
export function readNamed(value: unknown): readonly NamedExpression[] {
  return asList(value).map((entry) => ({
    name: asText(member(entry, "name")) ?? "",
    expression: asText(member(entry, "expression")) ?? "",
  }));
}

/** A list of validations. */
export function readValidations(value: unknown): readonly CelValidation[] {
  return asList(value).map((entry) => {
    const text = (field: string): string | undefined => asText(member(entry, field));
    const message = text("message");
    const messageExpression = text("messageExpression");
    const reason = text("reason");
    return {
      expression: text("expression") ?? "",
      ...(message === undefined ? {} : { message }),
      ...(messageExpression === undefined ? {} : { messageExpression }),
      ...(reason === undefined ? {} : { reason }),
    };
  });
}
