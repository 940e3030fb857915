import { asText, type JsonObject } from "@plimsoll/kubernetes";
import { bytesPerStep, compareBy, compareText, checkOptions, optionIs, workDone, WorkBudget } from "@plimsoll/model";
import { CelSubject, type JudgeByCel } from "./cel/cel-policy.ts";
import { isConstraint, readConstraint, type Constraint } from "./constraints/constraint.ts";
import { enforcementAt, enforcementPoints, type EnforcementPoint } from "./constraints/enforcement.ts";
import { expansionSystem, type ExpandedObject } from "./expansion/expand.ts";
import { implied } from "./expansion/implied.ts";
import { isExpansionTemplate, readExpansionTemplate, type ExpansionTemplate } from "./expansion/expansion-template.ts";
import { externalLookup, type DataProvider } from "./external-data.ts";
import { IgnoredFailures, type IgnoredFailure } from "./ignored-failures.ts";
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
  matcher,
  type KindTest,
  type MatchFacts,
  type Matcher,
  type ObjectSource,
} from "./match/match.ts";
import { gvkOf, nameOf, requireObject } from "./match/object-facts.ts";
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

/** The language a template is judged in where it carries both. */
export type TemplateEngine = "K8sNativeValidation" | "Rego";

/** How policies are loaded. */
export interface LoadOptions extends TemplateOptions {
  /** External data providers by name; they answer at once. */
  readonly providers?: Readonly<Record<string, DataProvider>> | undefined;
  /** Which engine judges templates that carry both; CEL unless told, as in Gatekeeper. */
  readonly engine?: TemplateEngine | undefined;
}

/** The surroundings of a review. */
export interface ReviewOptions {
  /** Objects that referential policies see, and among which parameters of admission policies are found. */
  readonly inventory?: readonly unknown[] | undefined;
  /** The Namespace object that the object lies in. */
  readonly namespace?: unknown;
  /** Where the object comes from; `Original` unless told. */
  readonly source?: ObjectSource | undefined;
  /** Where it is enforced; `validation.gatekeeper.sh` unless told. */
  readonly enforcementPoint?: EnforcementPoint | undefined;
  /** Only these constraints, or bindings of admission policies, are asked; absent: all. */
  readonly only?: readonly Violation["constraint"][] | undefined;
  /**
   * What all policies may do together, beside the bounds of each: nothing else ends them, since each is judged synchronously. What cannot be judged any more
   * fails, and is a violation where failing means refusing. With it, no policy has a clock of its own, so that a review depends on no machine. Absent: no
   * bound but those of each, which for Rego are also seconds.
   */
  readonly budget?: WorkBudget | undefined;
  /** Whether what the object expands to is judged, too, as Gatekeeper's webhook does: for `reviewStrictly` and `reviewInTurns`. */
  readonly expands?: boolean | undefined;
  /** How many violations of each constraint in Rego and of each binding of an admission policy are told; the others are counted. Absent: all are told. */
  readonly maxViolations?: number | undefined;
}

/** Something that a constraint or admission policy refuses. */
export interface Violation {
  readonly message: string;
  /** What a Rego policy says besides. */
  readonly details?: unknown;
  /** The constraint, or the binding of an admission policy. */
  readonly constraint: { readonly kind: string; readonly name: string };
  /** `deny`, `warn`, `dryrun`, `scoped`, or one that a user made up. */
  readonly enforcementAction: string;
  /** What a scoped constraint asks for at this point. */
  readonly scopedActions?: readonly string[];
  /** The expression that did not hold, of a policy in CEL. */
  readonly expression?: string;
  /** True where the policy failed, and failing means refusing. */
  readonly failed?: true;
}

/** How many violations of a constraint are not told. */
export interface OmittedViolations {
  readonly constraint: Violation["constraint"];
  readonly enforcementAction: string;
  readonly scopedActions?: readonly string[];
  readonly count: number;
}

/** What a review finds. Violations are in the order of their constraints' kinds and names. */
export interface ReviewResult {
  readonly violations: readonly Violation[];
  /** Of constraints with more violations than were asked for. */
  readonly omitted: readonly OmittedViolations[];
  /** Constraints and bindings that failed, where failing does not mean refusing: nothing is known of what they would have said. */
  readonly ignored: readonly IgnoredFailure[];
  /**
   * What admission policies note for the audit log, by `policy/key`; where bindings and parameters give several texts, all that
   * differ, joined by `, `.
   */
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

/** A policy object that is not in force, and why. */
export interface PolicyProblem {
  readonly kind: string;
  readonly name: string;
  readonly message: string;
  readonly code?: string;
}

/** A set of policies that is ready to judge. */
export interface Policies {
  /** What was refused or is switched off; the rest is in force. */
  readonly problems: readonly PolicyProblem[];
  readonly templates: readonly ConstraintTemplate[];
  readonly constraints: readonly Constraint[];
  /** Judges an object or AdmissionReview. @throws {PolicyError} where a constraint cannot tell whether it matches. */
  review(objectOrReview: unknown, options?: ReviewOptions): ReviewResult;
  /** The same, with constraints that cannot tell whether they match as violations, as Gatekeeper's own webhook has it. */
  reviewStrictly(objectOrReview: unknown, options?: ReviewOptions): ReviewResult;
  /** The same with turns of the event loop between policies, for those who have others to serve. */
  reviewInTurns(objectOrReview: unknown, options?: ReviewOptions): Promise<ReviewResult>;
  /** Whether there is anything that changes objects: a mutator, or a bound MutatingAdmissionPolicy. */
  readonly mutates: boolean;
  /**
   * Applies MutatingAdmissionPolicies, and then Gatekeeper's mutators, to an object or to that of an AdmissionReview: in a cluster, webhooks come
   * last. The object itself is not changed. @throws {PolicyError} where one fails, and failing means refusing.
   */
  mutate(objectOrReview: unknown, options?: MutateOptions): MutatedObject;
  /** What an object will lead to, mutated. `ignored`: of the object itself. @throws {PolicyError} */
  expand(
    object: unknown,
    options?: MutateOptions,
  ): Pick<MutatedObject, "ignored"> & { readonly objects: readonly ExpandedObject[] };
  /** Judges every object, each against all as the inventory, at `audit.gatekeeper.sh` unless told. */
  audit(objects: Iterable<unknown>, options?: AuditOptions): readonly AuditedObject[];
}

/** What policies made of an object. */
export interface MutatedObject {
  readonly object: JsonObject;
  /** What changed it: `MutatingAdmissionPolicy/name`, `Assign/name`. */
  readonly applied: readonly string[];
  /** Bindings and mutators that failed, where failing does not mean refusing: they have not changed it as they should. */
  readonly ignored: readonly IgnoredFailure[];
  /** Members that MutatingAdmissionPolicies set and that Kubernetes' own kinds had not when this was written: an API server may refuse them. */
  readonly unknown: readonly UnknownMembers[];
}

/** The surroundings of a mutation. */
export interface MutateOptions {
  /** Among these are parameters of policies, the definitions of custom resources (how their lists are merged), and the Namespace. */
  readonly inventory?: readonly unknown[] | undefined;
  /** False: Gatekeeper's mutators are left out, and only MutatingAdmissionPolicies are applied. */
  readonly mutators?: boolean | undefined;
  readonly namespace?: unknown;
  readonly source?: ObjectSource | undefined;
  readonly operation?: string | undefined;
  readonly username?: string | undefined;
  /** What all policies may do together: one that cannot be evaluated any more fails. */
  readonly budget?: WorkBudget | undefined;
}

/** How an audit is done. */
export interface AuditOptions {
  readonly enforcementPoint?: EnforcementPoint | undefined;
  /** How many violations are kept for each constraint; 20 unless told, as in Gatekeeper. All are counted. */
  readonly violationsPerConstraint?: number | undefined;
}

/** An object and what an audit found in it. */
export interface AuditedObject {
  readonly object: JsonObject;
  readonly violations: readonly Violation[];
  /** Constraints and bindings that failed about it, where failing does not mean refusing. */
  readonly ignored: readonly IgnoredFailure[];
}

const noObjects: readonly unknown[] = [];

/** Of {@link loadPolicies} and whatever loads policies. */
export const loadChecks: OptionChecks<LoadOptions> = {
  providers: optionIs.mapOf(optionIs.any),
  engine: optionIs.any,
  defaultFailurePolicy: optionIs.oneOf(["Fail", "Ignore"]),
};

const reviewChecks: OptionChecks<ReviewOptions> = {
  inventory: optionIs.listOf(optionIs.any),
  namespace: optionIs.any,
  source: optionIs.text,
  enforcementPoint: optionIs.text,
  expands: optionIs.flag,
  only: optionIs.listOf(optionIs.shape({ kind: optionIs.text, name: optionIs.text })),
  budget: optionIs.having("take"),
  maxViolations: optionIs.count,
};

const mutateChecks: OptionChecks<MutateOptions> = {
  mutators: optionIs.flag,
  inventory: optionIs.listOf(optionIs.any),
  namespace: optionIs.any,
  source: optionIs.text,
  operation: optionIs.text,
  username: optionIs.text,
  budget: optionIs.having("take"),
};

const auditChecks: OptionChecks<AuditOptions> = {
  enforcementPoint: optionIs.text,
  violationsPerConstraint: optionIs.count,
};

/**
 * Loads templates, constraints, mutators, expansion templates and admission policies from Kubernetes objects; others are
 * passed over. What is wrong is told in `problems`, and the rest is in force.
 * @throws {TypeError} for objects that are none, and for options that there are not.
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

const mostKindsKept = 1_000;

/** What is reviewed, in the forms in which the engines see it. */
interface Reviewed {
  readonly request: AdmissionRequest;
  readonly namespace: unknown;
  readonly inventory: readonly unknown[];
  /** `input.review` of Rego. */
  readonly review: unknown;
  /** The same for CEL, made when it is first asked for. */
  readonly subject: () => CelSubject;
  readonly budget: WorkBudget;
  /** Whether each policy may only take some seconds, since nothing else ends it. */
  readonly isTimed: boolean;
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
  readonly #prepared: readonly PreparedConstraint[];
  readonly #byObjectKind: Map<string, EnforcedConstraints> = new Map();
  readonly #inventories: WeakMap<readonly unknown[], Inventory> = new WeakMap();

  constructor(
    objects: readonly JsonObject[],
    { providers, engine = "K8sNativeValidation", defaultFailurePolicy }: LoadOptions,
  ) {
    this.#engine = engine;
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
        `there is no template of kind ${gvkOf(object).kind} in force`,
        "ErrMissingConstraintTemplate",
      );
    return readConstraint(object, template);
  }

  #binding(object: JsonObject): AdmissionPolicyBinding {
    const binding = readAdmissionPolicyBinding(object);
    if (!this.#policies.has(binding.policyName))
      throw new PolicyError("constraint", `there is no policy ${binding.policyName} in force`);
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
        throw new PolicyError("constraint", `there is no policy ${binding.policyName} in force`);
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
        message: "lies on a cycle of templates, and is not applied",
      });
  }

  review(objectOrReview: unknown, options: ReviewOptions = {}): ReviewResult {
    return atOnce(this.#review(objectOrReview, options, undefined));
  }

  reviewStrictly(objectOrReview: unknown, options: ReviewOptions = {}): ReviewResult {
    return atOnce(this.#strictly(objectOrReview, options));
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
    if (options.expands !== true) return own;
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
      expanded = this.#expansions.expand(object, { namespace, username });
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
    const only = options.only === undefined ? undefined : new Set(options.only.map(idOfConstraint));
    if (!enforcementPoints.includes(enforcementPoint))
      throw new TypeError(`review: there is no enforcement point "${String(enforcementPoint)}"`);
    const object = judgedObject(request);
    const namespace = options.namespace ?? this.#namespaceOf(request, inventory);
    const facts = factsOf({ object, namespace, source });
    const { budget = new WorkBudget(), maxViolations } = options;
    const isTimed = options.budget === undefined;
    const reviewed: Reviewed = {
      request,
      namespace,
      inventory,
      review: { ...request, object, namespaceObject: namespace ?? null },
      subject: once(() => celSubjectOf(request, namespace)),
      budget,
      isTimed,
      maxViolations,
    };
    const found: Violation[] = [];
    const omitted: OmittedViolations[] = [];
    const ignored = new IgnoredFailures();
    const enforced = this.#constraintsFor(enforcementPoint, facts);
    for (const { prepared, head } of only === undefined ? enforced.all : chosen(enforced, only)) {
      if (!isFor(prepared.template, request, enforcementPoint)) continue;
      try {
        if (!prepared.matches(facts)) continue;
      } catch (error) {
        if (!(error instanceof PolicyError) || rejections === undefined) throw error;
        rejections.push({ ...head, message: error.message, failed: true });
        continue;
      }
      const { taken } = budget;
      const { violations, omitted: count, ignored: why } = this.#judge(prepared, reviewed);
      for (const each of violations) found.push({ ...each, ...head });
      if (why !== undefined) ignored.add(head.constraint, why);
      if (count > 0) omitted.push({ ...head, count });
      yield budget.taken - taken;
    }
    const byPolicies = yield* this.#reviewByAdmissionPolicies(reviewed, only);
    return {
      violations: [...found, ...byPolicies.violations],
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
        matches: matcher(constraint.match),
        isForKind: kindTest(constraint.match),
        cel: byCel ? cel.withParameters(constraint.document) : undefined,
        heads,
      },
    ];
  }

  #judge(
    { constraint, template: { rego }, cel }: PreparedConstraint,
    { inventory, review, subject, budget, isTimed, maxViolations }: Reviewed,
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
    const { data } = this.#known(inventory);
    return rego.evaluate({
      review,
      parameters: constraint.parameters,
      inventory: data,
      budget,
      isTimed,
      maxViolations,
    });
  }

  /** Made once for a list of objects, as long as somebody has it: audits review many against the same, and reviews take turns. */
  #known(given: readonly unknown[]): Inventory {
    // Callers without an inventory make a new empty list for each review.
    const objects = given.length === 0 ? noObjects : given;
    let known = this.#inventories.get(objects);
    if (known === undefined) this.#inventories.set(objects, (known = new Inventory(objects)));
    return known;
  }

  *#reviewByAdmissionPolicies(
    { request, namespace, inventory, subject, budget, maxViolations }: Reviewed,
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
        subject: subject(),
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
    const { inventory = noObjects, mutators = true, budget, ...surroundings } = options;
    const document = requireObject(objectOrReview);
    const request = isAdmissionReview(document) ? requestOfReview(document) : requestOf(document, options);
    const namespace = options.namespace ?? this.#namespaceOf(request, inventory);
    const { object, applied, ignored, unknown } =
      this.#mutating.length === 0
        ? { object: judgedObject(request), applied: [], ignored: [], unknown: [] }
        : mutateByPolicies(this.#mutating, { request, namespace, objects: this.#known(inventory).valid, budget });
    const copy: Record<string, unknown> = structuredClone(object);
    if (!mutators) return { object: copy, applied, ignored, unknown };
    const set = this.#mutations.mutate({
      object: copy,
      source: "Original",
      operation: request.operation === "" ? undefined : request.operation,
      username: asText(request.userInfo["username"]),
      ...surroundings,
      namespace,
    });
    return { object: copy, applied: [...applied, ...set.applied], ignored: [...ignored, ...set.ignored], unknown };
  }

  expand(object: unknown, options: MutateOptions = {}): ReturnType<Policies["expand"]> {
    const { object: base, ignored } = this.mutate(object, options);
    const { namespace, username } = options;
    return { objects: this.#expansions.expand(base, { namespace, username }), ignored };
  }

  audit(objects: Iterable<unknown>, options: AuditOptions = {}): readonly AuditedObject[] {
    checkOptions("audit", options, auditChecks);
    const { enforcementPoint = "audit.gatekeeper.sh", violationsPerConstraint = 20 } = options;
    const all = [...objects].map(requireObject);
    const kept = new Map<string, number>();
    return all.map((object) => {
      const { violations, ignored } = this.reviewStrictly(object, { enforcementPoint, inventory: all });
      return {
        object,
        ignored,
        violations: violations.filter(({ constraint: { kind, name } }) => {
          const count = (kept.get(`${kind}/${name}`) ?? 0) + 1;
          kept.set(`${kind}/${name}`, count);
          return count <= violationsPerConstraint;
        }),
      };
    });
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

/** On DELETE there is no object, as in Kubernetes itself. */
function celSubjectOf(request: AdmissionRequest, namespace: unknown): CelSubject {
  const { object, oldObject, ...rest } = request;
  return new CelSubject({
    object: request.operation === "DELETE" ? null : object,
    oldObject,
    request: rest,
    namespaceObject: namespace ?? null,
  });
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
