import { denies } from "@plimsoll/gatekeeper";
import type { Violation } from "@plimsoll/gatekeeper";
import { member } from "@plimsoll/kubernetes";
import type { JsonObject } from "@plimsoll/kubernetes";
import { noChange, withObject } from "./evidence.ts";
import type { DecisionReason, Judged, PartialVerdict } from "./evidence.ts";
import { changeOf } from "./object-change.ts";
import type { PreparedPolicies } from "./prepared-policies.ts";

/** Judges an object by Gatekeeper's constraints and by ValidatingAdmissionPolicies. Those that only warn, warn. */
export function judgeByCluster(judged: Judged): PartialVerdict {
  const { policies, evidence, request } = judged;
  if (policies.cluster === undefined || policies.excludes?.(judged.object.value, "webhook") === true)
    return { reasons: [] };
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
    const said = saidBy(judged, named);
    const messages = (object: JsonObject): readonly string[] => {
      const known = said.get(object);
      if (known !== undefined) return known;
      const asked = { inventory, only: constraint };
      const review = policies.cluster?.reviewStrictly(withObject(request, object), asked);
      const made = (review?.violations ?? []).map((each) => each.message);
      said.set(object, made);
      return made;
    };
    const before = messages(judged.changed.object);
    return (changed) => {
      const after = messages(changed);
      // Before: an earlier change may have satisfied it.
      return !after.includes(message) && (after.length < before.length || !before.includes(message));
    };
  }
}

/** What each policy said of the object and of changed ones while one request is judged: its reasons ask about the same ones. */
const saidOf = new WeakMap<Judged, Map<string, WeakMap<JsonObject, readonly string[]>>>();

function saidBy(judged: Judged, policy: string): WeakMap<JsonObject, readonly string[]> {
  const byPolicy = saidOf.get(judged) ?? new Map<string, WeakMap<JsonObject, readonly string[]>>();
  saidOf.set(judged, byPolicy);
  const said = byPolicy.get(policy) ?? new WeakMap<JsonObject, readonly string[]>();
  byPolicy.set(policy, said);
  return said;
}

/** What the constraint is told, which often holds the value that it wants. */
function parametersOf(policies: PreparedPolicies, { constraint: { kind, name } }: Violation): unknown {
  const document = policies.documents.find(
    (each) => member(each, "kind") === kind && member(each, "metadata", "name") === name,
  );
  return member(document, "spec", "parameters");
}
