import { authorizer, resourceCheck, type AuthorizationAnswer, type AuthorizationQuery } from "@plimsoll/cel";
import { asObject, asText, member, type JsonObject } from "@plimsoll/kubernetes";
import { bytesPerStep, compareBy, compareText, checkOptions, optionIs, workDone, WorkBudget } from "@plimsoll/model";
import { isSyncObject, processAt, readSync, type SyncSettings } from "./audit/sync.ts";
import { CelSubject, type CelReviewed, type JudgeByCel } from "./cel/cel-policy.ts";
import { isConstraint, readConstraint, type Constraint } from "./constraints/constraint.ts";
import { enforcementAt, enforcementPoints, type EnforcementPoint } from "./constraints/enforcement.ts";
import { expansionSystem, type ExpandedObject } from "./expansion/expand.ts";
import { implied } from "./expansion/implied.ts";
import {
  isEmpty,
  isExpansionTemplate,
  readExpansionTemplate,
  type ExpansionTemplate,
} from "./expansion/expansion-template.ts";
import { externalLookup, type DataProvider } from "./external-data.ts";
import { IgnoredFailures, type IgnoredFailure } from "./ignored-failures.ts";
import { inStep } from "./in-step.ts";
import { Inventory } from "./inventory.ts";
import {
  isAdmissionReview,
  judgedObject,
  requestForObject,
  requestOfReview,
  type AdmissionRequest,
} from "./match/admission-request.ts";
import {
  factsOf,
  kindTest,
  matcherWithinKind,
  type KindTest,
  type MatchFacts,
  type Matcher,
  type ObjectSource,
} from "./match/match.ts";
import { gvkOf, isNamespace, nameOf, namespaceOf, requireObject } from "./match/object-facts.ts";
import { isMutator, mutationSystem, readMutator } from "./mutation/mutate.ts";
import type { Mutator } from "./mutation/mutator.ts";
import { PolicyError } from "./policy-error.ts";
import { isTemplate, readTemplate, type ConstraintTemplate, type TemplateOptions } from "./templates/template.ts";
import {
  isAdmissionPolicy,
  isAdmissionPolicyBinding,
  readAdmissionPolicy,
  readAdmissionPolicyBinding,
  reviewByPolicy,
  type AdmissionPolicy,
  type AdmissionPolicyBinding,
} from "./vap/admission-policy.ts";
import {
  mutateByPolicies,
  type BoundMutatingPolicy,
  type UnknownMembers,
} from "./mutating-policy/mutate-by-policies.ts";
import {
  isMutatingPolicy,
  isMutatingPolicyBinding,
  readMutatingPolicy,
  readMutatingPolicyBinding,
  type MutatingPolicy,
} from "./mutating-policy/mutating-policy.ts";
import type { OptionChecks } from "@plimsoll/model";

/** The policy languages of templates. */
export type TemplateEngine = "K8sNativeValidation" | "Rego";

/** Options of {@link loadPolicies}. */
export interface LoadOptions extends TemplateOptions {
  /** External data providers by name; they must answer synchronously (see `remoteProviders`). */
  readonly providers?: Readonly<Record<string, DataProvider>> | undefined;
  /** Which engine evaluates templates that have a source for both. Absent: `K8sNativeValidation` (CEL), as in Gatekeeper. */
  readonly engine?: TemplateEngine | undefined;
  /** Gives milliseconds since 1970, for templates in Rego that ask for the time (`time.now_ns`). Absent: asking is an error. */
  readonly clock?: (() => number) | undefined;
}

/** Options of a review. */
export interface ReviewOptions {
  /** Objects of the cluster, for referential policies and as parameters of admission policies. */
  readonly inventory?: readonly unknown[] | undefined;
  /** The Namespace object of the object's namespace. Absent: the one in `inventory`, if there is one. */
  readonly namespace?: unknown;
  /**
   * Where the object comes from. Absent: `Original`. Only constraints are asked about a `Generated` one, since an API server has no such object yet.
   */
  readonly source?: ObjectSource | undefined;
  /** The enforcement point. Absent: `validation.gatekeeper.sh`. */
  readonly enforcementPoint?: EnforcementPoint | undefined;
  /** Evaluate only these constraints or bindings of admission policies. Absent: all. */
  readonly only?: readonly Violation["constraint"][] | undefined;
  /** False: Gatekeeper's constraints are left out, and only ValidatingAdmissionPolicies are asked about the object, as a Config makes Gatekeeper do. */
  readonly constraints?: boolean | undefined;
  /**
   * Limits the work of all policies together, in addition to the limits of each; evaluation is synchronous, so nothing else can stop it. A policy
   * that finds it used up fails, which is a violation if its failure policy is `Fail`. With a budget no policy has a time limit of its own, so that
   * a review does not depend on the machine. Absent: only the limits of each policy, which for Rego include seconds.
   */
  readonly budget?: WorkBudget | undefined;
  /** Whether what the object expands to is judged, too, as Gatekeeper's webhook does: for `reviewStrictly` and `reviewInTurns`. */
  readonly expands?: boolean | undefined;
  /**
   * Answers the authorization checks of admission policies (`authorizer` in CEL) about the user of the request, which is empty where an object is
   * reviewed without one. Absent: asking is an error of the policy.
   */
  readonly authorize?: Authorize | undefined;
  /** The current time for templates in Rego (`time.now_ns`), RFC 3339. Absent: the clock of the policies, and without one asking is an error. */
  readonly now?: string | undefined;
  /**
   * How many violations of each Rego constraint and each binding of an admission policy are returned; the others are counted in `omitted`. Absent:
   * all are returned.
   */
  readonly maxViolations?: number | undefined;
}

/** Says whether a user may do something; `user` is `userInfo` of the request: `username`, `uid`, `groups`, `extra`. */
export type Authorize = (query: AuthorizationQuery, user: JsonObject) => AuthorizationAnswer;

/** A violation of a constraint or admission policy. */
export interface Violation {
  readonly message: string;
  /** `details` of a violation in Rego. */
  readonly details?: unknown;
  /** The constraint, or the binding of an admission policy. */
  readonly constraint: { readonly kind: string; readonly name: string };
  /** `deny`, `warn`, `dryrun` or `scoped`; Gatekeeper accepts any other text, too, and takes no action for it. */
  readonly enforcementAction: string;
  /** The actions of a scoped constraint at this enforcement point. */
  readonly scopedActions?: readonly string[];
  /** The CEL expression that was not true. */
  readonly expression?: string;
  /** True where the policy ended in an error and its failure policy is `Fail`. */
  readonly failed?: true;
}

/** How many violations of a constraint are left out. */
export interface OmittedViolations {
  readonly constraint: Violation["constraint"];
  readonly enforcementAction: string;
  readonly scopedActions?: readonly string[];
  readonly count: number;
}

/** The result of a review. */
export interface ReviewResult {
  /** Sorted by the kinds and names of their constraints; then those of the objects that the object expands to. */
  readonly violations: readonly Violation[];
  /** Constraints with more violations than `maxViolations`. */
  readonly omitted: readonly OmittedViolations[];
  /** Constraints and bindings that failed and whose failure policy is `Ignore`; whether the object violates them is not known. */
  readonly ignored: readonly IgnoredFailure[];
  /** Audit annotations of admission policies, by `policy/key`; different texts from several bindings or parameters are joined by `, `. */
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

/** An object or AdmissionReview, and how it is reviewed. */
export interface ObjectToReview {
  readonly object: unknown;
  readonly options?: ReviewOptions | undefined;
}

/** A policy object that is not in force, and the reason. */
export interface PolicyProblem {
  readonly kind: string;
  readonly name: string;
  readonly message: string;
  readonly code?: string;
}

/** A loaded set of policies. */
export interface Policies {
  /** Policies that are invalid or disabled; the others are in force. */
  readonly problems: readonly PolicyProblem[];
  readonly templates: readonly ConstraintTemplate[];
  readonly constraints: readonly Constraint[];
  /** What Gatekeeper's Config and SyncSets among the policies say. */
  readonly sync: SyncSettings;
  /** Evaluates all policies on an object or AdmissionReview. @throws {PolicyError} where it cannot be decided whether a constraint matches. */
  review(objectOrReview: unknown, options?: ReviewOptions): ReviewResult;
  /** {@link review}, but a constraint for which it cannot be decided whether it matches is a violation, as in Gatekeeper's own webhook. */
  reviewStrictly(objectOrReview: unknown, options?: ReviewOptions): ReviewResult;
  /**
   * {@link reviewStrictly} of many objects, which takes half the time: up to a hundred are reviewed together, one policy after the other. The results
   * come in the order of the objects. What a review throws is thrown after the results of those before it.
   */
  reviewEach<Item extends ObjectToReview>(items: Iterable<Item>): Iterable<readonly [Item, ReviewResult]>;
  /** {@link review} that yields to the event loop between policies, for servers. */
  reviewInTurns(objectOrReview: unknown, options?: ReviewOptions): Promise<ReviewResult>;
  /** Whether there is a mutator, or a MutatingAdmissionPolicy with a binding. */
  readonly mutates: boolean;
  /**
   * Applies MutatingAdmissionPolicies, and then Gatekeeper's mutators, to an object or to that of an AdmissionReview: in a cluster, webhooks come
   * last. The given object itself is not changed. @throws {PolicyError} where one fails and its failure policy is `Fail`.
   */
  mutate(objectOrReview: unknown, options?: MutateOptions): MutatedObject;
  /**
   * Makes the objects that an object will create by expansion templates, and mutates them. `ignored` has the failures in mutating the object itself.
   * @throws {PolicyError} where a template does not fit the object.
   */
  expand(
    object: unknown,
    options?: MutateOptions,
  ): Pick<MutatedObject, "ignored"> & { readonly objects: readonly ExpandedObject[] };
  /** Evaluates every object, with all of them as the inventory, by default at enforcement point `audit.gatekeeper.sh`. */
  audit(objects: Iterable<unknown>, options?: AuditOptions): readonly AuditedObject[];
}

/** The result of a mutation. */
export interface MutatedObject {
  readonly object: JsonObject;
  /** What changed it: `MutatingAdmissionPolicy/name`, `Assign/name`. */
  readonly applied: readonly string[];
  /** Bindings and mutators that failed and whose failure policy is `Ignore`; their changes are missing. */
  readonly ignored: readonly IgnoredFailure[];
  /** Members set by MutatingAdmissionPolicies that are not in the known schema of the object's kind; an API server may refuse them. */
  readonly unknown: readonly UnknownMembers[];
}

/** Options of a mutation. */
export interface MutateOptions {
  /** Objects of the cluster: policy parameters, CustomResourceDefinitions (how lists are merged), and Namespaces. */
  readonly inventory?: readonly unknown[] | undefined;
  /** False: Gatekeeper's mutators are left out, and only MutatingAdmissionPolicies are applied. */
  readonly mutators?: boolean | undefined;
  /** The Namespace object of the object's namespace. Absent: the one in `inventory`, if there is one. */
  readonly namespace?: unknown;
  /** Where the object comes from. Absent: `Original`. */
  readonly source?: ObjectSource | undefined;
  /** `CREATE` or `UPDATE`. Absent: that of the AdmissionReview; without one, mutators for a single operation are not applied. */
  readonly operation?: string | undefined;
  /** The name of the user, for mutators that pass it to an external data provider. Absent: that of the AdmissionReview. */
  readonly username?: string | undefined;
  /** Answers the authorization checks of MutatingAdmissionPolicies, as in {@link ReviewOptions}. */
  readonly authorize?: Authorize | undefined;
  /** Limits the work of all policies together; a policy that finds it used up fails. */
  readonly budget?: WorkBudget | undefined;
}

/** Options of an audit. */
export interface AuditOptions {
  /** The enforcement point. Absent: `audit.gatekeeper.sh`. */
  readonly enforcementPoint?: EnforcementPoint | undefined;
  /** How many violations of each constraint are returned for all objects together. Absent: 20, as in Gatekeeper. */
  readonly violationsPerConstraint?: number | undefined;
}

/** An object and its violations. */
export interface AuditedObject {
  readonly object: JsonObject;
  readonly violations: readonly Violation[];
  /** Constraints and bindings that failed for it and whose failure policy is `Ignore`. */
  readonly ignored: readonly IgnoredFailure[];
}

const noObjects: readonly unknown[] = [];

/** Checks of {@link LoadOptions}. */
export const loadChecks: OptionChecks<LoadOptions> = {
  providers: optionIs.mapOf(optionIs.call),
  engine: optionIs.oneOf(["K8sNativeValidation", "Rego"]),
  clock: optionIs.call,
  defaultFailurePolicy: optionIs.oneOf(["Fail", "Ignore"]),
};

const reviewChecks: OptionChecks<ReviewOptions> = {
  inventory: optionIs.listOf(optionIs.any),
  namespace: optionIs.any,
  source: optionIs.text,
  enforcementPoint: optionIs.text,
  expands: optionIs.flag,
  constraints: optionIs.flag,
  only: optionIs.listOf(optionIs.shape({ kind: optionIs.text, name: optionIs.text })),
  budget: optionIs.having("take"),
  maxViolations: optionIs.count,
  authorize: optionIs.call,
  now: optionIs.time,
};

const mutateChecks: OptionChecks<MutateOptions> = {
  mutators: optionIs.flag,
  inventory: optionIs.listOf(optionIs.any),
  namespace: optionIs.any,
  source: optionIs.text,
  operation: optionIs.text,
  username: optionIs.text,
  budget: optionIs.having("take"),
  authorize: optionIs.call,
};

const auditChecks: OptionChecks<AuditOptions> = {
  enforcementPoint: optionIs.text,
  violationsPerConstraint: optionIs.count,
};

/**
 * Loads templates, constraints, mutators, expansion templates and admission policies from Kubernetes objects; others are skipped. Invalid policies
 * are listed in `problems`, the others are in force.
 * @throws {TypeError} for values that are not objects, and for unknown or invalid options.
 */
export function loadPolicies(objects: readonly unknown[], options: LoadOptions = {}): Policies {
  checkOptions("loadPolicies", options, loadChecks);
  return new PolicySet(objects.map(requireObject), options);
}

/** What is said of every violation of a constraint at one point. */
type ViolationHead = Pick<Violation, "constraint" | "enforcementAction" | "scopedActions">;

/** A constraint with all that does not depend on what is reviewed. */
interface PreparedConstraint {
  readonly constraint: Constraint;
  readonly template: ConstraintTemplate;
  /** Whether it is for an object that is of a kind that it is for. */
  readonly matches: Matcher;
  /** Whether it is for objects of this kind at all. */
  readonly isForKind: KindTest;
  /** Judges by the template's CEL; absent where Rego does. */
  readonly cel: JudgeByCel | undefined;
  /** Where it is enforced. */
  readonly heads: ReadonlyMap<EnforcementPoint, ViolationHead>;
}

/** A constraint where it is enforced. */
interface EnforcedConstraint {
  readonly prepared: PreparedConstraint;
  readonly head: ViolationHead;
}

/** Those that are for objects of one kind, in order, and where each stands by its id. */
interface EnforcedConstraints {
  readonly all: readonly EnforcedConstraint[];
  readonly places: ReadonlyMap<string, number>;
}

const noConstraints: EnforcedConstraints = { all: [], places: new Map() };

const mostKindsKept = 1_000;

/** What is reviewed, in the forms in which the engines see it. */
interface Reviewed {
  readonly request: AdmissionRequest;
  readonly namespace: unknown;
  readonly inventory: readonly unknown[];
  /** `input.review` of Rego. */
  readonly review: unknown;
  /** The same for templates in CEL, made when it is first asked for. */
  readonly subject: () => CelSubject;
  /** For admission policies, which may ask an authorizer. */
  readonly policySubject: () => CelSubject;
  readonly budget: WorkBudget;
  /** Whether each policy may only take some seconds, since nothing else ends it. */
  readonly isTimed: boolean;
  /** For Rego, in nanoseconds since 1970. */
  readonly now: bigint | undefined;
  /** Whether referential templates see only what Gatekeeper's Config has synced; gator has no Config. */
  readonly isSynced: boolean;
  readonly maxViolations: number | undefined;
}

/** A review that can be interrupted: after each policy it gives how many steps that took. */
type Review = Generator<number, ReviewResult, void>;

class PolicySet implements Policies {
  readonly problems: PolicyProblem[] = [];
  readonly templates: readonly ConstraintTemplate[];
  readonly constraints: readonly Constraint[];
  readonly #byKind: ReadonlyMap<string, ConstraintTemplate>;
  readonly #policies: ReadonlyMap<string, AdmissionPolicy>;
  readonly #bindings: readonly AdmissionPolicyBinding[];
  readonly mutates: boolean;
  readonly #mutating: readonly BoundMutatingPolicy[];
  readonly #mutations: ReturnType<typeof mutationSystem>;
  readonly #expansions: ReturnType<typeof expansionSystem>;
  readonly #engine: TemplateEngine;
  readonly #clock: (() => number) | undefined;
  readonly sync: SyncSettings;
  readonly #syncObjects: readonly JsonObject[];
  readonly #prepared: readonly PreparedConstraint[];
  readonly #byObjectKind: Map<string, EnforcedConstraints> = new Map();
  readonly #inventories: WeakMap<readonly unknown[], Inventory> = new WeakMap();

  constructor(
    objects: readonly JsonObject[],
    { providers, engine = "K8sNativeValidation", defaultFailurePolicy, clock }: LoadOptions,
  ) {
    this.#engine = engine;
    this.#clock = clock;
    this.#syncObjects = objects.filter(isSyncObject);
    this.sync = readSync(this.#syncObjects);
    this.templates = this.#read(objects.filter(isTemplate), (each) =>
      readTemplate(each, { defaultFailurePolicy, providers }),
    );
    this.#byKind = new Map(this.templates.map((template) => [template.kind, template]));
    this.constraints = this.#read(objects.filter(isConstraint), (each) => this.#constraint(each)).sort(
      compareBy(
        (a, b) => compareText(a.kind, b.kind),
        (a, b) => compareText(a.name, b.name),
      ),
    );
    this.#prepared = this.constraints.flatMap((constraint) => this.#prepare(constraint));
    const policies: readonly AdmissionPolicy[] = this.#read(objects.filter(isAdmissionPolicy), readAdmissionPolicy);
    this.#policies = new Map(policies.map((policy) => [policy.name, policy]));
    this.#bindings = this.#read(objects.filter(isAdmissionPolicyBinding), (each) => this.#binding(each));
    this.#mutating = this.#readMutating(objects);
    const mutators: readonly Mutator[] = this.#read(objects.filter(isMutator), readMutator);
    this.mutates = mutators.length > 0 || this.#mutating.length > 0;
    this.#mutations = mutationSystem(mutators, externalLookup(providers));
    const templates: readonly ExpansionTemplate[] = this.#read(
      objects.filter(isExpansionTemplate),
      readExpansionTemplate,
    );
    this.#expansions = expansionSystem(templates, this.#mutations);
    this.#tellSwitchedOff();
  }

  #read<Item>(objects: readonly JsonObject[], read: (object: JsonObject) => Item): Item[] {
    return objects.flatMap((object) => {
      try {
        return [read(object)];
      } catch (error) {
        if (!(error instanceof PolicyError)) throw error;
        this.problems.push({
          kind: gvkOf(object).kind,
          name: nameOf(object),
          message: error.message,
          ...(error.code === undefined ? {} : { code: error.code }),
        });
        return [];
      }
    });
  }

  #constraint(object: JsonObject): Constraint {
    const template = this.#byKind.get(gvkOf(object).kind);
    if (template === undefined)
      throw new PolicyError(
        "constraint",
        `no valid ConstraintTemplate of kind ${gvkOf(object).kind} is loaded`,
        "ErrMissingConstraintTemplate",
      );
    return readConstraint(object, template);
  }

  #binding(object: JsonObject): AdmissionPolicyBinding {
    const binding = readAdmissionPolicyBinding(object);
    if (!this.#policies.has(binding.policyName))
      throw new PolicyError("constraint", `no valid ValidatingAdmissionPolicy ${binding.policyName} is loaded`);
    return binding;
  }

  /** MutatingAdmissionPolicies with their bindings. */
  #readMutating(objects: readonly JsonObject[]): readonly BoundMutatingPolicy[] {
    const read: readonly MutatingPolicy[] = this.#read(objects.filter(isMutatingPolicy), readMutatingPolicy);
    const policies = new Map(read.map((policy) => [policy.name, policy]));
    return this.#read(objects.filter(isMutatingPolicyBinding), (each) => {
      const binding = readMutatingPolicyBinding(each);
      const policy = policies.get(binding.policyName);
      if (policy === undefined)
        throw new PolicyError("constraint", `no valid MutatingAdmissionPolicy ${binding.policyName} is loaded`);
      return { policy, binding };
    });
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
    return atOnce(this.#review(objectOrReview, options, undefined));
  }

  reviewStrictly(objectOrReview: unknown, options: ReviewOptions = {}): ReviewResult {
    return atOnce(this.#strictly(objectOrReview, options));
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
    const review = this.#strictly(objectOrReview, options);
    for (;;) {
      const { done, value } = review.next();
      if (done === true) return value;
      const turn = workDone(value * bytesPerStep);
      if (turn !== undefined) await turn;
    }
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
  ): Generator<number, readonly Pick<ReviewResult, "violations" | "omitted" | "ignored">[], void> {
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
      ...celSubjects(request, namespace, authorize),
      budget,
      isTimed,
      now: nanosecondsOf(options.now ?? this.#clock?.()),
      isSynced: enforcementPoint !== "gator.gatekeeper.sh",
      maxViolations,
    };
    const found: Violation[] = [];
    const omitted: OmittedViolations[] = [];
    const ignored = new IgnoredFailures();
    const enforced = constraints ? this.#constraintsFor(enforcementPoint, facts) : noConstraints;
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
      yield budget.taken - taken;
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

  /** The constraints that are enforced somewhere and are for objects of a kind, in order: most are for a few kinds only. */
  #constraintsFor(point: EnforcementPoint, { group, kind }: MatchFacts): EnforcedConstraints {
    const key = `${point}\0${group}\0${kind}`;
    const known = this.#byObjectKind.get(key);
    if (known !== undefined) return known;
    const all = this.#prepared.flatMap((prepared): readonly EnforcedConstraint[] => {
      const head = prepared.heads.get(point);
      return head !== undefined && prepared.isForKind(group, kind) ? [{ prepared, head }] : [];
    });
    const places = new Map(all.map(({ head }, place) => [idOfConstraint(head.constraint), place]));
    const found = { all, places };
    // Whoever sends objects names the kinds, so that there may be any number of them.
    if (this.#byObjectKind.size >= mostKindsKept) this.#byObjectKind.clear();
    this.#byObjectKind.set(key, found);
    return found;
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

  #prepare(constraint: Constraint): readonly PreparedConstraint[] {
    const template = this.#byKind.get(constraint.kind);
    if (template === undefined) return [];
    const heads = new Map<EnforcementPoint, ViolationHead>();
    for (const point of enforcementPoints) {
      const enforcement = enforcementAt(constraint.document, point);
      if (enforcement === undefined) continue;
      heads.set(point, {
        constraint: { kind: constraint.kind, name: constraint.name },
        enforcementAction: enforcement.action,
        ...(enforcement.scopedActions.length === 0 ? {} : { scopedActions: enforcement.scopedActions }),
      });
    }
    const { cel, rego } = template;
    const byCel = cel !== undefined && (rego === undefined || this.#engine === "K8sNativeValidation");
    return [
      {
        constraint,
        template,
        matches: matcherWithinKind(constraint.match),
        isForKind: kindTest(constraint.match),
        cel: byCel ? cel.withParameters(constraint.document) : undefined,
        heads,
      },
    ];
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
    if (this.#bindings.length === 0) return nothingFound;
    const { valid: objects } = this.#known(inventory);
    const noted = new Map<string, Set<string>>();
    const ignored = new IgnoredFailures();
    const violations: Violation[] = [];
    const omitted: OmittedViolations[] = [];
    for (const binding of this.#bindings) {
      const policy = this.#policies.get(binding.policyName);
      const constraint = { kind: bindingKind, name: binding.name };
      if (policy === undefined || !isAsked(constraint, only)) continue;
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
      yield budget.taken - taken;
    }
    const auditAnnotations = Object.fromEntries([...noted].map(([key, values]) => [key, [...values].join(", ")]));
    return { violations, omitted, ignored: ignored.all, auditAnnotations };
  }

  mutate(objectOrReview: unknown, options: MutateOptions = {}): MutatedObject {
    checkOptions("mutate", options, mutateChecks);
    const { inventory = noObjects, mutators = true, source = "Original", budget, authorize } = options;
    const document = requireObject(objectOrReview);
    const request = isAdmissionReview(document) ? requestOfReview(document) : requestOf(document, options);
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

function idOfConstraint({ kind, name }: Violation["constraint"]): string {
  return `${kind}\0${name}`;
}

/** Those of some ids, in order. */
function chosen({ all, places }: EnforcedConstraints, only: ReadonlySet<string>): readonly EnforcedConstraint[] {
  const found = [...only].flatMap((id) => places.get(id) ?? []).sort((a, b) => a - b);
  return found.flatMap((place) => all[place] ?? []);
}

function atOnce(review: Review): ReviewResult {
  for (;;) {
    const { done, value } = review.next();
    if (done === true) return value;
  }
}

function isAsked(constraint: Violation["constraint"], only: ReadonlySet<string> | undefined): boolean {
  return only === undefined || only.has(idOfConstraint(constraint));
}

/** Templates may be for some operations only; outside of the webhook they are for all. */
function isFor({ operations }: ConstraintTemplate, { operation }: AdmissionRequest, point: EnforcementPoint): boolean {
  if (point !== "validation.gatekeeper.sh" || operation === "") return true;
  return operations.length === 0 || operations.includes("*") || operations.includes(operation);
}

/** The request for changing an object by itself. */
function requestOf(object: JsonObject, { operation = "", username }: MutateOptions): AdmissionRequest {
  const request = requestForObject(object);
  return { ...request, operation, userInfo: username === undefined ? request.userInfo : { username } };
}

/** An API server may send an object without the namespace of its request, and fill it in later. */
function inItsNamespace(object: JsonObject, { namespace }: AdmissionRequest): JsonObject {
  if (namespace === "" || namespaceOf(object) !== "" || isNamespace(object)) return object;
  return { ...object, metadata: { ...asObject(object["metadata"]), namespace } };
}

/** Undoes {@link inItsNamespace} for an object made of the given one. */
function withoutNamespace(object: JsonObject, given: JsonObject): JsonObject {
  const { metadata: placed, ...rest } = object;
  const { namespace: _, ...metadata } = asObject(placed) ?? {};
  return "metadata" in given || Object.keys(metadata).length > 0 ? { ...rest, metadata } : rest;
}

function nanosecondsOf(time: string | number | undefined): bigint | undefined {
  if (time === undefined) return undefined;
  return BigInt(Math.floor(typeof time === "string" ? Date.parse(time) : time)) * 1_000_000n;
}

/** What policies in CEL see of a request. On DELETE there is no object, as in Kubernetes itself. */
function celSubjects(
  request: AdmissionRequest,
  namespace: unknown,
  authorize: Authorize | undefined,
): Pick<Reviewed, "subject" | "policySubject"> {
  const { object, oldObject, ...rest } = request;
  const seen: CelReviewed = {
    object: request.operation === "DELETE" ? null : object,
    oldObject,
    request: rest,
    namespaceObject: namespace ?? null,
  };
  const subject = once(() => new CelSubject(seen));
  // Gatekeeper's templates have no authorizer.
  if (authorize === undefined) return { subject, policySubject: subject };
  return { subject, policySubject: once(() => new CelSubject({ ...seen, ...authorizationFor(request, authorize) })) };
}

/** What an authorizer says; its own failure is an answer, too, of which a policy can learn. */
function answerOf(ask: () => unknown): AuthorizationAnswer {
  try {
    const answer = ask();
    if (typeof member(answer, "allowed") === "boolean") return answer as AuthorizationAnswer; // as: the rest is optional, and texts are asked for as texts
    return { allowed: false, error: "the authorizer gave no answer" };
  } catch (error) {
    return { allowed: false, error: error instanceof Error ? error.message : "the authorizer failed" };
  }
}

/** The variables `authorizer` and `authorizer.requestResource` of CEL. */
function authorizationFor(
  request: AdmissionRequest,
  authorize: Authorize | undefined,
): Pick<CelReviewed, "authorizer" | "requestResource"> {
  if (authorize === undefined) return {};
  const { resource, namespace, name, userInfo } = request;
  const answer = (query: AuthorizationQuery): AuthorizationAnswer => answerOf(() => authorize(query, userInfo));
  const subresource = asText(request["subResource"]) ?? "";
  return {
    authorizer: authorizer(answer),
    requestResource: resourceCheck(answer, {
      group: resource.group,
      resource: resource.resource,
      ...(subresource === "" ? {} : { subresource }),
      ...(namespace === "" ? {} : { namespace }),
      ...(name === "" ? {} : { name }),
    }),
  };
}

/** Makes a value when it is first asked for. */
function once<Value extends object>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => (made ??= make());
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
