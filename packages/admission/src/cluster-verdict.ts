import { denies } from "@plimsoll/gatekeeper";
import type { OmittedViolations, ReviewOptions, ReviewResult, Violation } from "@plimsoll/gatekeeper";
import { member } from "@plimsoll/kubernetes";
import { bytesPerStep, workDone } from "@plimsoll/model";
import type { JsonObject } from "@plimsoll/kubernetes";
import { noChange, withObject } from "./evidence.ts";
import type { DecisionReason, Judged, PartialVerdict } from "./evidence.ts";
import { changeOf } from "./object-change.ts";
import type { PreparedPolicies } from "./prepared-policies.ts";
import { moreReasons } from "./reason-list.ts";

/** More violations of one policy are counted and not told: an object of ten megabytes can have a hundred thousand of each. */
const mostViolations = 100;

/** What is done for one reason beside asking policies, in bytes looked at that take as long. */
const bytesPerReason = 4_096;

/**
 * Evaluates Gatekeeper's constraints and ValidatingAdmissionPolicies about an object; the constraints only where Gatekeeper's Config does not
 * exclude it. Violations whose action is to warn become warnings.
 */
export async function judgeByCluster(judged: Judged): Promise<PartialVerdict> {
  const { policies, request, budget } = judged;
  if (policies.cluster === undefined) return { reasons: [] };
  const review = await policies.cluster.reviewInTurns(request, { ...surroundingsOf(judged), budget });
  const isDenial = ({ enforcementAction, scopedActions = [] }: OmittedViolations | Violation): boolean =>
    denies({ action: enforcementAction, scopedActions });
  const isWarning = ({ enforcementAction, scopedActions = [] }: OmittedViolations | Violation): boolean =>
    enforcementAction === "warn" || scopedActions.includes("warn");
  const denied = review.violations.filter(isDenial);
  const asked = new AskedAgain(judged, review, denied);
  const reasons: DecisionReason[] = [];
  for (const each of denied) {
    const { taken } = judged.search;
    reasons.push(reasonOf(each, judged, asked));
    const turn = workDone(bytesPerReason + (judged.search.taken - taken) * bytesPerStep);
    if (turn !== undefined) await turn;
  }
  const told = part(review, (each) => !isDenial(each));
  return {
    reasons: [
      ...reasons,
      ...review.omitted
        .filter(isDenial)
        .map(({ constraint, count }) => moreReasons(nameOf(constraint), constraint.kind, count)),
    ],
    warnings: linesOf(part(told, isWarning)),
    ignored: review.ignored,
    audited: linesOf(part(told, (each) => !isWarning(each))),
    auditAnnotations: review.auditAnnotations,
  };
}

/** What a review is given beside the request and its budget. */
function surroundingsOf({ policies, object, namespace, evidence, options }: Judged): ReviewOptions {
  const { inventory = [], now } = evidence;
  return {
    inventory,
    // What cannot be read is no time.
    now: now === undefined || Number.isNaN(Date.parse(now)) ? undefined : now,
    authorize: options.authorize,
    maxViolations: mostViolations,
    expands: true,
    // An API server knows nothing of Gatekeeper's Config, and asks its own policies anyway.
    constraints: policies.cluster?.sync.excludes(object.value, "webhook", namespace) !== true,
  };
}

type Found = Pick<ReviewResult, "violations" | "omitted">;

/** The violations for which `isMeant` is true, those that were left out included. */
function part({ violations, omitted }: Found, isMeant: (each: OmittedViolations | Violation) => boolean): Found {
  return { violations: violations.filter(isMeant), omitted: omitted.filter(isMeant) };
}

function linesOf({ violations, omitted }: Found): readonly string[] {
  const more = omitted.map(({ constraint, count }) => `[${nameOf(constraint)}] and ${count} more`);
  return [...violations.map(inOneLine), ...more];
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
  /** Whether it could not be evaluated, so that it may have more to say. */
  readonly failed: boolean;
}

const silence: Messages = { count: 0, texts: new Set(), failed: false };
/** Nothing is known of them: the search for changes was at its end before they were asked. */
const unknown: Messages = { count: 0, texts: new Set(), failed: true };

/** What the policies that deny say of changed objects: each is asked once about each, however many reasons it gives. */
class AskedAgain {
  readonly #judged: Judged;
  /** Constraints that deny the object, without repetitions. */
  readonly #denying: readonly Violation["constraint"][];
  readonly #said: WeakMap<JsonObject, Map<string, Messages>> = new WeakMap();
  /** The object that all of them have been asked about: the one on which later changes come. */
  #common: JsonObject;
  /** The policy that was asked last. */
  #last = "";

  constructor(judged: Judged, found: ReviewResult, denied: readonly Violation[]) {
    this.#judged = judged;
    this.#denying = [...new Map(denied.map(({ constraint }) => [nameOf(constraint), constraint])).values()];
    this.#common = judged.changed.object;
    // The review itself asked about the object as it is.
    this.#said.set(this.#common, messagesBy(found));
  }

  /** Whether a policy is satisfied by a changed object: the message is gone, and there is none in its place. */
  accepts({ constraint, message }: Violation): (changed: JsonObject) => boolean {
    const before = this.#messages(constraint, this.#judged.changed.object);
    return (changed) => {
      const after = this.#messages(constraint, changed);
      // Before: an earlier change may have satisfied it.
      if (after.failed) return false;
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
    const answers = this.#ask(object, only);
    for (const each of only) known.set(nameOf(each), answers === undefined ? unknown : silence);
    for (const [policy, messages] of answers ?? []) known.set(policy, messages);
    return known.get(name) ?? silence;
  }

  /** Undefined where the search is at its end: some of them were not asked, or not to their end. */
  #ask(object: JsonObject, only: readonly Violation["constraint"][]): ReadonlyMap<string, Messages> | undefined {
    const { policies, request, search } = this.#judged;
    const review = policies.cluster?.reviewStrictly(withObject(request, object), {
      ...surroundingsOf(this.#judged),
      only,
      budget: search,
    });
    return review === undefined || search.isSpent ? undefined : messagesBy(review);
  }
}

/** Messages by the policy that says them. */
function messagesBy({ violations, omitted, ignored }: ReviewResult): Map<string, Messages> {
  const by = new Map<string, { count: number; readonly texts: Set<string>; failed: boolean }>();
  for (const { constraint, message, failed = false } of violations) {
    const name = nameOf(constraint);
    const known = by.get(name) ?? { count: 0, texts: new Set<string>(), failed };
    by.set(name, known);
    known.count += 1;
    known.failed ||= failed;
    known.texts.add(message);
  }
  for (const { constraint, count } of omitted) {
    const known = by.get(nameOf(constraint));
    if (known !== undefined) known.count += count;
  }
  for (const { policy, message } of ignored) {
    const name = nameOf(policy);
    const { count = 0, texts = new Set([message]) } = by.get(name) ?? {};
    by.set(name, { count, texts, failed: true });
  }
  return by;
}

/** The parameters of a constraint, which often hold the value that it requires. */
function parametersOf(policies: PreparedPolicies, { constraint: { kind, name } }: Violation): unknown {
  const document = policies.documents.find(
    (each) => member(each, "kind") === kind && member(each, "metadata", "name") === name,
  );
  return member(document, "spec", "parameters");
}
