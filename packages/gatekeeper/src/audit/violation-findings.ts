import { asText, member, type JsonObject } from "@plimsoll/kubernetes";
import {
  fingerprintOf,
  located,
  severities,
  type Location,
  type Misconfiguration,
  type Severity,
  checkOptions,
  optionIs,
} from "@plimsoll/model";
import { denies } from "../constraints/enforcement.ts";
import { gvkOf, nameOf, namespaceOf } from "../match/object-facts.ts";
import type { AuditedObject, Policies, Violation } from "../policies.ts";

/** Options of {@link violationFindings}. */
export interface ViolationFindingsOptions {
  /** The file and line that an object was read from. Absent: findings have no location. */
  readonly locationOf?: ((object: JsonObject) => Location | undefined) | undefined;
}

/** The annotation by which a constraint states the severity of its violations. */
const severityAnnotation = "plimsoll.dev/severity";

/**
 * Converts the violations of audited objects to misconfigurations, which report formats, exemptions, gates and comparisons accept. The severity is
 * that of the constraint's annotation `plimsoll.dev/severity`, else HIGH for violations that deny, MEDIUM for warnings, LOW for others. Where a
 * policy failed, whatever its failure policy, the status of the finding is `unknown`.
 * @param policies The policies that the objects were audited by, for the annotations of their constraints.
 * @throws {TypeError} for unknown or invalid options.
 */
export function violationFindings(
  policies: Policies,
  audited: Iterable<AuditedObject>,
  options: ViolationFindingsOptions = {},
): readonly Misconfiguration[] {
  checkOptions("violationFindings", options, { locationOf: optionIs.call });
  const { locationOf } = options;
  const constraints = new Map(policies.constraints.map((each) => [`${each.kind}/${each.name}`, each]));
  const findings: Misconfiguration[] = [];
  for (const { object, violations, ignored } of audited) {
    const failures = ignored.map(({ policy, message }): Violation => ({
      constraint: policy,
      message,
      enforcementAction: "ignored",
      failed: true,
    }));
    for (const violation of [...violations, ...failures]) {
      const { kind, name } = violation.constraint;
      const document = constraints.get(`${kind}/${name}`)?.document;
      findings.push(findingOf(object, violation, document, locationOf?.(object)));
    }
  }
  return findings;
}

function findingOf(
  object: JsonObject,
  violation: Violation,
  constraint: unknown,
  location: Location | undefined,
): Misconfiguration {
  const { constraint: named, message, expression, failed } = violation;
  const { kind } = gvkOf(object);
  const [name, namespace] = [nameOf(object), namespaceOf(object)];
  const description = asText(member(constraint, "metadata", "annotations", "description"));
  return {
    kind: "misconfiguration",
    engine: "gatekeeper",
    subject: "object",
    id: named.kind,
    status: failed === true ? "unknown" : "fail",
    severity: severityOf(violation, constraint),
    title: `${named.kind} ${named.name}`,
    message,
    ...(description === undefined ? {} : { description }),
    references: [],
    resource: { type: kind, name, ...(namespace === "" ? {} : { namespace }) },
    ...located(location === undefined ? [] : [location]),
    fingerprint: fingerprintOf("misconfiguration", named.kind, named.name, kind, namespace, name, message),
    explanation: {
      rule: expression ?? `${named.kind} ${named.name}`,
      notes: [`enforcement: ${violation.enforcementAction}`],
    },
  };
}

function severityOf(violation: Violation, constraint: unknown): Severity {
  const { enforcementAction: action, scopedActions = [] } = violation;
  const stated = asText(member(constraint, "metadata", "annotations", severityAnnotation))?.toUpperCase();
  const found = severities.find((severity) => severity === stated);
  if (found !== undefined) return found;
  if (denies({ action, scopedActions })) return "HIGH";
  return action === "warn" || scopedActions.includes("warn") ? "MEDIUM" : "LOW";
}
