import type { AuthorizationAnswer, AuthorizationQuery } from "@plimsoll/cel";
import type { JsonObject } from "@plimsoll/kubernetes";
import { optionIs } from "@plimsoll/model";
import type { OptionChecks, WorkBudget } from "@plimsoll/model";
import type { SyncSettings } from "./audit/sync.ts";
import type { Constraint } from "./constraints/constraint.ts";
import type { EnforcementPoint } from "./constraints/enforcement.ts";
import type { ExpandedObject } from "./expansion/expand.ts";
import type { DataProvider } from "./external-data.ts";
import type { IgnoredFailure } from "./ignored-failures.ts";
import type { ObjectSource } from "./match/match.ts";
import type { UnknownMembers } from "./mutating-policy/mutate-by-policies.ts";
import type { ConstraintTemplate, TemplateOptions } from "./templates/template.ts";

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

/** Checks of {@link LoadOptions}. */
export const loadChecks: OptionChecks<LoadOptions> = {
  providers: optionIs.mapOf(optionIs.call),
  engine: optionIs.oneOf(["K8sNativeValidation", "Rego"]),
  clock: optionIs.call,
  defaultFailurePolicy: optionIs.oneOf(["Fail", "Ignore"]),
};

/** Checks of {@link ReviewOptions}. */
export const reviewChecks: OptionChecks<ReviewOptions> = {
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

/** Checks of {@link MutateOptions}. */
export const mutateChecks: OptionChecks<MutateOptions> = {
  mutators: optionIs.flag,
  inventory: optionIs.listOf(optionIs.any),
  namespace: optionIs.any,
  source: optionIs.text,
  operation: optionIs.text,
  username: optionIs.text,
  budget: optionIs.having("take"),
  authorize: optionIs.call,
};

/** Checks of {@link AuditOptions}. */
export const auditChecks: OptionChecks<AuditOptions> = {
  enforcementPoint: optionIs.text,
  violationsPerConstraint: optionIs.count,
};
