import { finish, type Steps } from "@plimsoll/formats";
import { asText, type JsonObject } from "@plimsoll/kubernetes";
import { bytesPerStep, compareBy, compareText, checkOptions, inTurns, WorkBudget } from "@plimsoll/model";
import { isSyncObject, processAt, readSync, type SyncSettings } from "./audit/sync.ts";
import { authorizationFor, requestSubjects, type RequestSubjects } from "./cel/request-subjects.ts";
import type { Constraint } from "./constraints/constraint.ts";
import {
  chosen,
  ConstraintTable,
  idOfConstraint,
  noConstraints,
  type EnforcedConstraint,
  type PreparedConstraint,
} from "./constraints/enforced-constraints.ts";
import { enforcementPoints, type EnforcementPoint } from "./constraints/enforcement.ts";
import { expansionSystem, type ExpandedObject } from "./expansion/expand.ts";
import { isEmpty } from "./expansion/expansion-template.ts";
import { implied } from "./expansion/implied.ts";
import { externalLookup } from "./external-data.ts";
import { IgnoredFailures } from "./ignored-failures.ts";
import { inStep } from "./in-step.ts";
import { Inventory } from "./inventory.ts";
import {
  isAdmissionReview,
  judgedObject,
  requestForObject,
  requestOfReview,
  type AdmissionRequest,
} from "./match/admission-request.ts";
import { factsOf } from "./match/match.ts";
import { gvkOf, nameOf, requireObject } from "./match/object-facts.ts";
import { inItsNamespace, requestForChange, withoutNamespace } from "./match/request-object.ts";
import { mutateByPolicies, type BoundMutatingPolicy } from "./mutating-policy/mutate-by-policies.ts";
import { mutationSystem } from "./mutation/mutate.ts";
import { auditChecks, loadChecks, mutateChecks, reviewChecks } from "./policies.ts";
import type {
  AuditedObject,
  AuditOptions,
  LoadOptions,
  MutatedObject,
  MutateOptions,
  ObjectToReview,
  OmittedViolations,
  Policies,
  PolicyProblem,
  ReviewOptions,
  ReviewResult,
  Violation,
} from "./policies.ts";
import { PolicyError } from "./policy-error.ts";
import { readPolicies, type BoundAdmissionPolicy, type ReadPolicies } from "./read-policies.ts";
import type { ConstraintTemplate } from "./templates/template.ts";
import { reviewByPolicy } from "./vap/admission-policy.ts";

/**
 * Loads templates, constraints, mutators, expansion templates and admission policies from Kubernetes objects; others are skipped. Invalid policies
 * are listed in `problems`, the others are in force.
 * @throws {TypeError} for values that are not objects, and for unknown or invalid options.
 */
export function loadPolicies(objects: readonly unknown[], options: LoadOptions = {}): Policies {
  checkOptions("loadPolicies", options, loadChecks);
  return new PolicySet(readPolicies(objects.map(requireObject), options), options);
}

const noObjects: readonly unknown[] = [];

/** What is reviewed, in the forms in which the engines see it. */
interface Reviewed extends RequestSubjects {
  readonly request: AdmissionRequest;
  readonly namespace: unknown;
  readonly inventory: readonly unknown[];
  /** `input.review` of Rego. */
  readonly review: unknown;
  readonly budget: WorkBudget;
  /** Whether each policy may only take some seconds, since nothing else ends it. */
  readonly isTimed: boolean;
  /** For Rego, in nanoseconds since 1970. */
  readonly now: bigint | undefined;
  /** Whether referential templates see only what Gatekeeper's Config has synced; gator has no Config. */
  readonly isSynced: boolean;
  readonly maxViolations: number | undefined;
}

/** A review that can be interrupted after each policy. */
type Review = Steps<ReviewResult>;

class PolicySet implements Policies {
  readonly problems: PolicyProblem[];
  readonly templates: readonly ConstraintTemplate[];
  readonly constraints: readonly Constraint[];
  readonly mutates: boolean;
  readonly sync: SyncSettings;
  readonly #table: ConstraintTable;
  readonly #admission: readonly BoundAdmissionPolicy[];
  readonly #mutating: readonly BoundMutatingPolicy[];
  readonly #mutations: ReturnType<typeof mutationSystem>;
  readonly #expansions: ReturnType<typeof expansionSystem>;
  readonly #clock: (() => number) | undefined;
  readonly #syncObjects: readonly JsonObject[];
  readonly #inventories: WeakMap<readonly unknown[], Inventory> = new WeakMap();

  constructor(read: ReadPolicies, { providers, engine = "K8sNativeValidation", clock }: LoadOptions) {
    this.problems = [...read.problems];
    this.templates = read.templates;
    this.constraints = read.constraints.map(({ constraint }) => constraint);
    this.mutates = read.mutators.length > 0 || read.mutating.length > 0;
    this.sync = readSync(read.syncObjects);
    this.#table = new ConstraintTable(read.constraints, engine);
    this.#admission = read.admission;
    this.#mutating = read.mutating;
    this.#mutations = mutationSystem(read.mutators, externalLookup(providers));
    this.#expansions = expansionSystem(read.expansions, this.#mutations);
    this.#clock = clock;
    this.#syncObjects = read.syncObjects;
    this.#tellSwitchedOff();
  }

  #tellSwitchedOff(): void {
    for (const id of this.#mutations.conflicts) {
      const [kind = "", name = ""] = id.split("/");
      this.problems.push({ kind, name, message: "conflicts with another mutator, and is not applied" });
    }
    for (const name of this.#expansions.cycles)
      this.problems.push({
        kind: "ExpansionTemplate",
        name,
        message: "expands its own results by way of other templates, and is not applied",
      });
  }

  review(objectOrReview: unknown, options: ReviewOptions = {}): ReviewResult {
    return finish(this.#review(objectOrReview, options, undefined));
  }

  reviewStrictly(objectOrReview: unknown, options: ReviewOptions = {}): ReviewResult {
    return finish(this.#strictly(objectOrReview, options));
  }

  reviewEach<Item extends ObjectToReview>(items: Iterable<Item>): Iterable<readonly [Item, ReviewResult]> {
    return inStep(items, {
      begin: ({ object, options = {} }) => this.#strictly(object, options),
      kind: ({ object }) => {
        const { group, kind } = gvkOf(object);
        return `${group}/${kind}`;
      },
    });
  }

  async reviewInTurns(objectOrReview: unknown, options: ReviewOptions = {}): Promise<ReviewResult> {
    return inTurns(this.#strictly(objectOrReview, options));
  }

  *#strictly(objectOrReview: unknown, options: ReviewOptions): Review {
    const rejections: Violation[] = [];
    const { violations, ...rest } = yield* this.#review(objectOrReview, options, rejections);
    const own = { ...rest, violations: [...violations, ...rejections].sort(byConstraint) };
    // Only constraints are asked about what it expands to.
    if (options.expands !== true || options.constraints === false) return own;
    const generated = yield* this.#reviewGenerated(objectOrReview, options);
    return {
      ...own,
      violations: [...own.violations, ...generated.flatMap((each) => each.violations)],
      omitted: [...own.omitted, ...generated.flatMap((each) => each.omitted)],
      ignored: [...own.ignored, ...generated.flatMap((each) => each.ignored)],
    };
  }

  /** Reviews of what an object expands to. Where it cannot be expanded, that is a violation: nobody knows what it would have led to. */
  *#reviewGenerated(
    objectOrReview: unknown,
    options: ReviewOptions,
  ): Steps<readonly Pick<ReviewResult, "violations" | "omitted" | "ignored">[]> {
    const document = requireObject(objectOrReview);
    const request = isAdmissionReview(document) ? requestOfReview(document) : requestForObject(document);
    const object = judgedObject(request);
    if (request.operation === "DELETE" || this.#expansions.templatesFor(gvkOf(object)).length === 0) return [];
    const { inventory = noObjects, budget } = options;
    const namespace = options.namespace ?? this.#namespaceOf(request, inventory);
    const username = asText(request.userInfo["username"]);
    let expanded: readonly ExpandedObject[];
    try {
      expanded = this.#expansions.expand(inItsNamespace(object, request), { namespace, username, budget });
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error;
      const { kind } = gvkOf(object);
      const failure = { constraint: { kind: "ExpansionTemplate", name: kind }, enforcementAction: "deny" };
      return [{ violations: [{ ...failure, message: error.message, failed: true }], omitted: [], ignored: [] }];
    }
    const found: Pick<ReviewResult, "violations" | "omitted" | "ignored">[] = [];
    for (const { object: each, template, enforcementAction, ignored } of expanded) {
      const review = yield* this.#strictly(each, {
        ...options,
        namespace,
        budget,
        source: "Generated",
        expands: false,
      });
      found.push({
        violations: review.violations.map((violation) => implied(violation, template, enforcementAction)),
        omitted: review.omitted.map(({ scopedActions, ...more }) =>
          enforcementAction === undefined
            ? { ...more, ...(scopedActions === undefined ? {} : { scopedActions }) }
            : { ...more, enforcementAction },
        ),
        ignored: [...ignored, ...review.ignored],
      });
    }
    return found;
  }

  *#review(objectOrReview: unknown, options: ReviewOptions, rejections: Violation[] | undefined): Review {
    checkOptions("review", options, reviewChecks);
    const document = requireObject(objectOrReview);
    const request = isAdmissionReview(document) ? requestOfReview(document) : requestForObject(document);
    const { enforcementPoint = "validation.gatekeeper.sh", source = "Original", inventory = noObjects } = options;
    const { constraints = true } = options;
    const only = options.only === undefined ? undefined : new Set(options.only.map(idOfConstraint));
    if (!enforcementPoints.includes(enforcementPoint))
      throw new TypeError(`review: there is no enforcement point "${String(enforcementPoint)}"`);
    const object = judgedObject(request);
    const namespace = options.namespace ?? this.#namespaceOf(request, inventory);
    const facts = factsOf({ object: inItsNamespace(object, request), namespace, source });
    const { budget = new WorkBudget(), maxViolations, authorize } = options;
    const isTimed = options.budget === undefined;
    const reviewed: Reviewed = {
      request,
      namespace,
      inventory,
      review: { ...request, object, namespaceObject: namespace ?? null },
      ...requestSubjects(request, namespace, authorize),
      budget,
      isTimed,
      now: nanosecondsOf(options.now ?? this.#clock?.()),
      isSynced: enforcementPoint !== "gator.gatekeeper.sh",
      maxViolations,
    };
    const found: Violation[] = [];
    const omitted: OmittedViolations[] = [];
    const ignored = new IgnoredFailures();
    const enforced = constraints ? this.#table.for(enforcementPoint, facts) : noConstraints;
    const isMeant = ({ prepared, head }: EnforcedConstraint): boolean => {
      try {
        return isFor(prepared.template, request, enforcementPoint) && prepared.matches(facts);
      } catch (error) {
        if (!(error instanceof PolicyError) || rejections === undefined) throw error;
        rejections.push({ ...head, message: error.message, failed: true });
        return false;
      }
    };
    for (const each of only === undefined ? enforced.all : chosen(enforced, only)) {
      const { taken } = budget;
      if (isMeant(each)) {
        const { prepared, head } = each;
        const { violations, omitted: count, ignored: why } = this.#judge(prepared, reviewed);
        for (const violation of violations) found.push({ ...violation, ...head });
        if (why !== undefined) ignored.add(head.constraint, why);
        if (count > 0) omitted.push({ ...head, count });
      }
      yield (budget.taken - taken) * bytesPerStep;
    }
    // An API server asks its own policies about an expanded object only when a controller creates it.
    const byPolicies = source === "Generated" ? nothingFound : yield* this.#reviewByAdmissionPolicies(reviewed, only);
    return {
      violations: [...found, ...byPolicies.violations].sort(byConstraint),
      omitted: [...omitted, ...byPolicies.omitted],
      ignored: [...ignored.all, ...byPolicies.ignored],
      auditAnnotations: byPolicies.auditAnnotations,
    };
  }

  /** Settings of the policies, and those of a cluster's objects where the policies have none of the name. */
  #syncWith(objects: readonly JsonObject[]): SyncSettings {
    const id = (object: JsonObject): string => `${gvkOf(object).kind}/${nameOf(object)}`;
    const own = new Set(this.#syncObjects.map(id));
    const others = objects.filter((each) => isSyncObject(each) && !own.has(id(each)));
    return others.length === 0 ? this.sync : readSync([...this.#syncObjects, ...others]);
  }

  /** Namespaces among the inventory stand for those of the cluster. */
  #namespaceOf({ namespace }: AdmissionRequest, inventory: readonly unknown[]): JsonObject | undefined {
    return namespace === "" ? undefined : this.#known(inventory).namespace(namespace);
  }

  #judge(
    { constraint, template: { rego }, cel }: PreparedConstraint,
    { inventory, review, subject, budget, isTimed, now, isSynced, maxViolations }: Reviewed,
  ): {
    readonly violations: readonly Pick<Violation, "message" | "details" | "expression" | "failed">[];
    readonly omitted: number;
    readonly ignored?: string | undefined;
  } {
    if (cel !== undefined) {
      const { denials, ignored } = cel(subject(), budget);
      if (denials.length + ignored.length === 0) return silence;
      const violations = denials.map(({ message, expression, failed }) => ({
        message,
        expression,
        ...(failed ? { failed: true as const } : {}),
      }));
      return { violations, omitted: 0, ignored: ignored[0]?.message };
    }
    if (rego === undefined) return silence;
    const known = this.#known(inventory);
    return rego.evaluate({
      review,
      parameters: constraint.parameters,
      inventory: isSynced ? known.synced : known.data,
      budget,
      isTimed,
      now,
      maxViolations,
    });
  }

  /** Made once for a list of objects, as long as somebody has it: audits review many against the same, and reviews take turns. */
  #known(given: readonly unknown[]): Inventory {
    // Callers without an inventory make a new empty list for each review.
    const objects = given.length === 0 ? noObjects : given;
    let known = this.#inventories.get(objects);
    if (known === undefined) this.#inventories.set(objects, (known = new Inventory(objects, this.sync)));
    return known;
  }

  *#reviewByAdmissionPolicies(
    { request, namespace, inventory, policySubject, budget, maxViolations }: Reviewed,
    only: ReadonlySet<string> | undefined,
  ): Review {
    if (this.#admission.length === 0) return nothingFound;
    const { valid: objects } = this.#known(inventory);
    const noted = new Map<string, Set<string>>();
    const ignored = new IgnoredFailures();
    const violations: Violation[] = [];
    const omitted: OmittedViolations[] = [];
    for (const { policy, binding } of this.#admission) {
      const constraint = { kind: bindingKind, name: binding.name };
      if (!isAsked(constraint, only)) continue;
      const { taken } = budget;
      const { results, auditAnnotations, ...review } = reviewByPolicy(policy, binding, {
        request,
        namespace,
        objects,
        subject: policySubject(),
        budget,
      });
      for (const [key, value] of auditAnnotations) noted.set(key, (noted.get(key) ?? new Set()).add(value));
      for (const why of review.ignored) ignored.add(constraint, why);
      const head = { constraint, ...enforcementOf(binding.actions) };
      const told = results.slice(0, maxViolations);
      for (const { message, expression, failed } of told)
        violations.push({ message, ...head, expression, ...(failed ? { failed: true as const } : {}) });
      if (results.length > told.length) omitted.push({ ...head, count: results.length - told.length });
      yield (budget.taken - taken) * bytesPerStep;
    }
    const auditAnnotations = Object.fromEntries([...noted].map(([key, values]) => [key, [...values].join(", ")]));
    return { violations, omitted, ignored: ignored.all, auditAnnotations };
  }

  mutate(objectOrReview: unknown, options: MutateOptions = {}): MutatedObject {
    checkOptions("mutate", options, mutateChecks);
    const { inventory = noObjects, mutators = true, source = "Original", budget, authorize } = options;
    const document = requireObject(objectOrReview);
    const request = isAdmissionReview(document) ? requestOfReview(document) : requestForChange(document, options);
    const namespace = options.namespace ?? this.#namespaceOf(request, inventory);
    const { object, applied, ignored, unknown } =
      this.#mutating.length === 0
        ? { object: judgedObject(request), applied: [], ignored: [], unknown: [] }
        : mutateByPolicies(this.#mutating, {
            request,
            namespace,
            objects: this.#known(inventory).valid,
            asked: authorizationFor(request, authorize),
            budget,
          });
    if (!mutators) return { object: structuredClone(object), applied, ignored, unknown };
    const placed = inItsNamespace(object, request);
    const copy: Record<string, unknown> = structuredClone(placed);
    const set = this.#mutations.mutate(
      {
        object: copy,
        source,
        operation: options.operation ?? (request.operation === "" ? undefined : request.operation),
        username: options.username ?? asText(request.userInfo["username"]),
        namespace,
      },
      budget,
    );
    // The API server itself gives an object the namespace of its request.
    const made = placed === object ? copy : withoutNamespace(copy, object);
    return { object: made, applied: [...applied, ...set.applied], ignored: [...ignored, ...set.ignored], unknown };
  }

  expand(object: unknown, options: MutateOptions = {}): ReturnType<Policies["expand"]> {
    const gvk = gvkOf(object);
    // Most objects are neither changed nor expanded to others: they need no copy.
    if (
      !this.mutates &&
      !isEmpty(gvk) &&
      !isAdmissionReview(object) &&
      this.#expansions.templatesFor(gvk).length === 0
    ) {
      checkOptions("mutate", options, mutateChecks);
      return { objects: [], ignored: [] };
    }
    const { object: base, ignored } = this.mutate(object, options);
    const { inventory = noObjects, username, budget } = options;
    const namespace = options.namespace ?? this.#namespaceOf(requestForObject(base), inventory);
    return { objects: this.#expansions.expand(base, { namespace, username, budget }), ignored };
  }

  audit(objects: Iterable<unknown>, options: AuditOptions = {}): readonly AuditedObject[] {
    checkOptions("audit", options, auditChecks);
    const { enforcementPoint = "audit.gatekeeper.sh", violationsPerConstraint = 20 } = options;
    const all = [...objects].map(requireObject);
    const sync = this.#syncWith(all);
    const process = processAt[enforcementPoint];
    this.#inventories.set(all, new Inventory(all, sync));
    const kept = new Map<string, number>();
    const reviews = all.map((object) => {
      const constraints = process === undefined || !sync.excludes(object, process);
      return { object, options: { enforcementPoint, inventory: all, constraints } };
    });
    return Array.from(this.reviewEach(reviews), ([{ object }, { violations, ignored }]) => ({
      object,
      ignored,
      violations: violations.filter(({ constraint: { kind, name } }) => {
        const count = (kept.get(`${kind}/${name}`) ?? 0) + 1;
        kept.set(`${kind}/${name}`, count);
        return count <= violationsPerConstraint;
      }),
    }));
  }
}

const noViolations: readonly never[] = [];
const nothingFound: ReviewResult = {
  violations: noViolations,
  omitted: noViolations,
  ignored: noViolations,
  auditAnnotations: {},
};
const silence = { violations: noViolations, omitted: 0 };

const bindingKind = "ValidatingAdmissionPolicyBinding";

function isAsked(constraint: Violation["constraint"], only: ReadonlySet<string> | undefined): boolean {
  return only === undefined || only.has(idOfConstraint(constraint));
}

/** Templates may be for some operations only; outside of the webhook they are for all. */
function isFor({ operations }: ConstraintTemplate, { operation }: AdmissionRequest, point: EnforcementPoint): boolean {
  if (point !== "validation.gatekeeper.sh" || operation === "") return true;
  return operations.length === 0 || operations.includes("*") || operations.includes(operation);
}

function nanosecondsOf(time: string | number | undefined): bigint | undefined {
  if (time === undefined) return undefined;
  return BigInt(Math.floor(typeof time === "string" ? Date.parse(time) : time)) * 1_000_000n;
}

const byConstraint = compareBy<Violation>(
  (a, b) => compareText(a.constraint.kind, b.constraint.kind),
  (a, b) => compareText(a.constraint.name, b.constraint.name),
);

const actionNames: Readonly<Record<string, string>> = { Deny: "deny", Warn: "warn", Audit: "dryrun" };

/** Actions of a binding in the words of constraints. */
function enforcementOf(actions: readonly string[]): Pick<Violation, "enforcementAction" | "scopedActions"> {
  const named = actions.map((action) => actionNames[action] ?? action).sort(compareText);
  const [only = "deny"] = named;
  return named.length === 1 ? { enforcementAction: only } : { enforcementAction: "scoped", scopedActions: named };
}
