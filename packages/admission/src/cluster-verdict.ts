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
  const asked = new AskedAgain(judged, violations, denied);
  const isWarning = ({ enforcementAction, scopedActions = [] }: Violation): boolean =>
    enforcementAction === "warn" || scopedActions.includes("warn");
  const reasons = fewOfEach(denied);
  return {
    reasons: [...reasons.told.map((each) => reasonOf(each, judged, asked)), ...reasons.left.map(moreOf)],
    warnings: linesOf(told.filter(isWarning)),
    audited: linesOf(told.filter((each) => !isWarning(each))),
    auditAnnotations,
  };
}

/** More violations of one policy are counted and not told: an object of ten megabytes can have a hundred thousand of each. */
const mostTold = 100;

interface Untold {
  readonly constraint: Violation["constraint"];
  readonly count: number;
}

/** The first violations of each policy, and how many others each has. */
function fewOfEach(violations: readonly Violation[]): {
  readonly told: readonly Violation[];
  readonly left: readonly Untold[];
} {
  const counts = new Map<string, Untold>();
  const told = violations.filter(({ constraint }) => {
    const name = nameOf(constraint);
    const count = (counts.get(name)?.count ?? 0) + 1;
    counts.set(name, { constraint, count });
    return count <= mostTold;
  });
  const left = [...counts.values()]
    .filter(({ count }) => count > mostTold)
    .map(({ constraint, count }) => ({ constraint, count: count - mostTold }));
  return { told, left };
}

function moreOf({ constraint, count }: Untold): DecisionReason {
  return {
    policy: nameOf(constraint),
    rule: "violation",
    path: "",
    image: "",
    id: constraint.kind,
    fact: `${count} more violations are not told one by one`,
    change: noChange,
  };
}

function linesOf(violations: readonly Violation[]): readonly string[] {
  const { told, left } = fewOfEach(violations);
  const more = left.map(({ constraint, count }) => `[${nameOf(constraint)}] and ${count} more`);
  return [...told.map(inOneLine), ...more];
}

function inOneLine({ constraint: { kind, name }, message }: Violation): string {
  return `[${kind} ${name}] ${message}`;
}

function reasonOf(violation: Violation, judged: Judged, asked: AskedAgain): DecisionReason {
  const { constraint, message, details, expression } = violation;
  const { policies, options } = judged;
  const { path, value, text, flip } =
    options.maxAttempts === 0
      ? { path: "" }
      : changeOf(judged, asked.accepts(violation), [message, details, parametersOf(policies, violation)]);
  return {
    policy: nameOf(constraint),
    rule: expression ?? "violation",
    path,
    image: "",
    id: constraint.kind,
    fact: message,
    ...(value === undefined ? {} : { value }),
    change: text ?? noChange,
    ...(flip === undefined ? {} : { flip }),
  };
}

function nameOf({ kind, name }: Violation["constraint"]): string {
  return `${kind} ${name}`;
}

/** What a policy says of an object. */
interface Messages {
  readonly count: number;
  readonly texts: ReadonlySet<string>;
}

const silence: Messages = { count: 0, texts: new Set() };

/** What the policies that deny say of changed objects: each is asked once about each, however many reasons it gives. */
class AskedAgain {
  readonly #judged: Judged;
  /** Those that deny, each once. */
  readonly #denying: readonly Violation["constraint"][];
  readonly #said: WeakMap<JsonObject, Map<string, Messages>> = new WeakMap();
  /** The object that all of them have been asked about: the one on which later changes come. */
  #common: JsonObject;
  /** Who was asked last. */
  #last = "";

  constructor(judged: Judged, violations: readonly Violation[], denied: readonly Violation[]) {
    this.#judged = judged;
    this.#denying = [...new Map(denied.map(({ constraint }) => [nameOf(constraint), constraint])).values()];
    this.#common = judged.changed.object;
    // The review itself asked about the object as it is.
    this.#said.set(this.#common, messagesBy(violations));
  }

  /** Whether a policy is satisfied by a changed object: the message is gone, and there is none in its place. */
  accepts({ constraint, message }: Violation): (changed: JsonObject) => boolean {
    const before = this.#messages(constraint, this.#judged.changed.object);
    return (changed) => {
      const after = this.#messages(constraint, changed);
      // Before: an earlier change may have satisfied it.
      return !after.texts.has(message) && (after.count < before.count || !before.texts.has(message));
    };
  }

  #messages(constraint: Violation["constraint"], object: JsonObject): Messages {
    const name = nameOf(constraint);
    const known = this.#said.get(object) ?? new Map<string, Messages>();
    this.#said.set(object, known);
    const said = known.get(name);
    if (said !== undefined) return said;
    if (object === this.#common) return silence;
    // A policy whose reasons change the object goes on with it; the first other one that comes to the changed object asks for all.
    const isCommon = object === this.#judged.changed.object && name !== this.#last;
    const only = isCommon ? this.#denying : [constraint];
    if (isCommon) this.#common = object;
    this.#last = name;
    for (const each of only) known.set(nameOf(each), silence);
    for (const [policy, messages] of this.#ask(object, only)) known.set(policy, messages);
    return known.get(name) ?? silence;
  }

  #ask(object: JsonObject, only: readonly Violation["constraint"][]): ReadonlyMap<string, Messages> {
    const { policies, evidence, request } = this.#judged;
    const { inventory = [] } = evidence;
    const review = policies.cluster?.reviewStrictly(withObject(request, object), { inventory, only });
    return messagesBy(review?.violations ?? []);
  }
}

/** Messages by the policy that says them. */
function messagesBy(violations: readonly Violation[]): Map<string, Messages> {
  const by = new Map<string, { count: number; readonly texts: Set<string> }>();
  for (const { constraint, message } of violations) {
    const name = nameOf(constraint);
    const known = by.get(name) ?? { count: 0, texts: new Set<string>() };
    by.set(name, known);
    known.count += 1;
    known.texts.add(message);
  }
  return by;
}

/** What the constraint is told, which often holds the value that it wants. */
function parametersOf(policies: PreparedPolicies, { constraint: { kind, name } }: Violation): unknown {
  const document = policies.documents.find(
    (each) => member(each, "kind") === kind && member(each, "metadata", "name") === name,
  );
  return member(document, "spec", "parameters");
}
