import { denies, loadPolicies } from "@plimsoll/gatekeeper";
import type { Policies, Violation } from "@plimsoll/gatekeeper";
import { member } from "@plimsoll/kubernetes";
import type { JsonObject } from "@plimsoll/kubernetes";
import { noChange, withObject } from "./evidence.ts";
import type { DecisionReason, Judged, PartialVerdict } from "./evidence.ts";
import { changeOf } from "./object-change.ts";
import type { PreparedPolicies } from "./prepared-policies.ts";

/** Judges an object by Gatekeeper's constraints and by ValidatingAdmissionPolicies. Those that only warn, warn. */
export function judgeByCluster(judged: Judged): PartialVerdict {
  const { policies, evidence, request } = judged;
  if (policies.cluster === undefined || policies.excludes?.(judged.object.value) === true) return { reasons: [] };
  const { inventory = [] } = evidence;
  const { violations, auditAnnotations } = policies.cluster.reviewStrictly(request, { inventory });
  const denied = violations.filter((each) =>
    denies({ action: each.enforcementAction, scopedActions: each.scopedActions ?? [] }),
  );
  const told = violations.filter((each) => !denied.includes(each));
  const isWarning = ({ enforcementAction, scopedActions = [] }: Violation): boolean =>
    enforcementAction === "warn" || scopedActions.includes("warn");
  return {
    reasons: denied.map((each) => reasonOf(each, judged)),
    warnings: told.filter(isWarning).map(inOneLine),
    audited: told.filter((each) => !isWarning(each)).map(inOneLine),
    auditAnnotations,
  };
}

function inOneLine({ constraint: { kind, name }, message }: Violation): string {
  return `[${kind} ${name}] ${message}`;
}

function reasonOf(violation: Violation, judged: Judged): DecisionReason {
  const { constraint, message, details, expression } = violation;
  const { policies, evidence, request, options } = judged;
  const { inventory = [] } = evidence;
  const named = `${constraint.kind} ${constraint.name}`;
  const { path, value, text, flip } =
    options.maxAttempts === 0
      ? { path: "" }
      : changeOf(judged, accepts(), [message, details, parametersOf(policies, violation)]);
  return {
    policy: named,
    rule: expression ?? "violation",
    path,
    image: "",
    id: constraint.kind,
    fact: message,
    ...(value === undefined ? {} : { value }),
    change: text ?? noChange,
    ...(flip === undefined ? {} : { flip }),
  };

  /** Asks this policy alone: the message is gone, and there is none in its place. */
  function accepts(): (changed: JsonObject) => boolean {
    const only = onlyPolicy(policies, constraint);
    const messages = (object: unknown): readonly string[] =>
      only.reviewStrictly(withObject(request, object), { inventory }).violations.map((each) => each.message);
    const before = messages(judged.changed.object);
    return (changed) => {
      const after = messages(changed);
      // Before: an earlier change may have satisfied it.
      return !after.includes(message) && (after.length < before.length || !before.includes(message));
    };
  }
}

const apart = new WeakMap<PreparedPolicies, Map<string, Policies>>();

/** One constraint or binding with what it needs, compiled when it is asked for first. */
function onlyPolicy(policies: PreparedPolicies, { kind, name }: Violation["constraint"]): Policies {
  const known = apart.get(policies) ?? new Map<string, Policies>();
  apart.set(policies, known);
  const key = `${kind}/${name}`;
  const made =
    known.get(key) ?? loadPolicies(policies.documents.filter((each) => isPartOf(each, kind, name, policies)));
  known.set(key, made);
  return made;
}

function isPartOf(document: unknown, kind: string, name: string, policies: PreparedPolicies): boolean {
  const own = member(document, "kind");
  if (own === kind) return member(document, "metadata", "name") === name;
  if (own === "ConstraintTemplate") return member(document, "spec", "crd", "spec", "names", "kind") === kind;
  if (own !== "ValidatingAdmissionPolicy" || kind !== "ValidatingAdmissionPolicyBinding") return false;
  const binding = policies.documents.find(
    (each) => member(each, "kind") === kind && member(each, "metadata", "name") === name,
  );
  return member(document, "metadata", "name") === member(binding, "spec", "policyName");
}

/** What the constraint is told, which often holds the value that it wants. */
function parametersOf(policies: PreparedPolicies, { constraint: { kind, name } }: Violation): unknown {
  const document = policies.documents.find(
    (each) => member(each, "kind") === kind && member(each, "metadata", "name") === name,
  );
  return member(document, "spec", "parameters");
}
