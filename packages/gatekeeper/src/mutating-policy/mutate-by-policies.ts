import { CelEvaluationError } from "@plimsoll/cel";
import { applyJsonPatch, JsonPatchTestError, member, sameJson, type JsonObject } from "@plimsoll/kubernetes";
import { compareBy, compareText, type WorkBudget } from "@plimsoll/model";
import { CelSubject, type CelReviewed } from "../cel/cel-policy.ts";
import { judgedObject, type AdmissionRequest } from "../match/admission-request.ts";
import { gvkOf, requireObject } from "../match/object-facts.ts";
import { IgnoredFailures, type IgnoredFailure } from "../ignored-failures.ts";
import { PolicyError } from "../policy-error.ts";
import { idOf, parametersFor } from "../vap/admission-policy.ts";
import { matchesResources } from "../vap/resource-rules.ts";
import { applyConfiguration, mostUnknown, unknownMembers } from "./apply-configuration.ts";
import { mutatingBindingKind, type MutatingPolicy, type MutatingPolicyBinding } from "./mutating-policy.ts";
import { structureOf } from "./object-structure.ts";
import { checkTypeNames, ObjectValue, PatchValue } from "./patch-values.ts";

/** A policy with one of its bindings. */
export interface BoundMutatingPolicy {
  readonly policy: MutatingPolicy;
  readonly binding: MutatingPolicyBinding;
}

/** The request whose object is changed, and the objects of the cluster. */
export interface Mutation {
  readonly request: AdmissionRequest;
  readonly namespace: unknown;
  /** Objects of the cluster: policy parameters, and CustomResourceDefinitions. */
  readonly objects: readonly JsonObject[];
  /** The variables `authorizer` and `authorizer.requestResource`; without them, asking is an error. */
  readonly asked?: Pick<CelReviewed, "authorizer" | "requestResource">;
  /** Limits the work of all policies together. */
  readonly budget?: WorkBudget | undefined;
}

/** The changed object. */
export interface MutatedByPolicies {
  readonly object: JsonObject;
  /** Names of the policies that changed it, each once. */
  readonly applied: readonly string[];
  /** Bindings under which a policy with failure policy `Ignore` failed, each once. */
  readonly ignored: readonly IgnoredFailure[];
  /** Members of apply configurations that are not in the known schema of the object's kind; an API server may refuse them. */
  readonly unknown: readonly UnknownMembers[];
}

/** Members that a policy sets and that are not in the known schema of the object's kind. */
export interface UnknownMembers {
  /** The binding of the policy. */
  readonly policy: IgnoredFailure["policy"];
  /** Where they are, ten at most: `.spec.containers[0].privilged`. */
  readonly paths: readonly string[];
}

/**
 * Applies policies to the object of a request, in the order of their names and their bindings' names. Policies with `reinvocationPolicy: IfNeeded`
 * are applied once more if a later policy changed the object. The given object itself is not changed.
 * @throws {PolicyError} where a policy fails and its failure policy is `Fail`.
 */
export function mutateByPolicies(bound: readonly BoundMutatingPolicy[], mutation: Mutation): MutatedByPolicies {
  const run = new Run(mutation);
  const ordered = [...bound].sort(
    compareBy(
      (a, b) => compareText(a.policy.name, b.policy.name),
      (a, b) => compareText(a.binding.name, b.binding.name),
    ),
  );
  // An object that is being deleted is not mutated.
  if (mutation.request.operation !== "DELETE" && mutation.request.object !== null) {
    run.round(ordered, "first");
    if (run.again.size > 0) run.round(ordered, "again");
  }
  return {
    object: run.object === null ? judgedObject(mutation.request) : requireObject(run.object),
    applied: [...run.applied].sort(compareText),
    ignored: run.ignored.all,
    unknown: [...run.unknown.values()],
  };
}

/** One admission of an object. */
class Run {
  object: unknown;
  readonly applied: Set<string> = new Set();
  /** Those to be asked once more, by policy, binding and parameters. */
  readonly again: Set<string> = new Set();
  readonly ignored: IgnoredFailures = new IgnoredFailures();
  /** By the name of the binding. */
  readonly unknown: Map<string, UnknownMembers> = new Map();
  readonly #mutation: Mutation;
  /** Those that may be asked once more, and nothing has changed since. */
  readonly #invoked: Set<string> = new Set();

  constructor(mutation: Mutation) {
    this.#mutation = mutation;
    this.object = mutation.request.object;
  }

  round(bound: readonly BoundMutatingPolicy[], which: "first" | "again"): void {
    for (const each of bound)
      for (const params of this.#guarded(each, () => this.#parameters(each)) ?? []) {
        const key = JSON.stringify([each.policy.name, each.binding.name, params === null ? null : idOf(params)]);
        if (which === "first" || this.again.has(key)) this.#invoke(each, params, key);
      }
  }

  /** Runs a part of a policy; what fails in it refuses the request, or is passed over, as the policy says. */
  #guarded<Value>({ policy, binding }: BoundMutatingPolicy, part: () => Value): Value | undefined {
    try {
      return part();
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === undefined) throw error;
      if (policy.failurePolicy === "Ignore") {
        this.ignored.add({ kind: mutatingBindingKind, name: binding.name }, reason);
        return undefined;
      }
      throw new PolicyError(
        "mutation",
        `policy '${policy.name}' with binding '${binding.name}' denied request: ${reason}`,
      );
    }
  }

  /** With what a policy is asked about the object as it is now; nothing where it is not about it. */
  #parameters({ policy, binding }: BoundMutatingPolicy): readonly (JsonObject | null)[] {
    const { request, namespace } = this.#current();
    if (
      !matchesResources(policy.matchConstraints, request, namespace) ||
      !matchesResources(binding.matchResources, request, namespace)
    )
      return [];
    const parameters = parametersFor(policy, binding, this.#mutation);
    if (parameters !== "missing") return parameters;
    if (member(binding.paramRef, "parameterNotFoundAction") === "Allow") return [];
    throw new PolicyError("mutation", "no params found for policy binding with `Deny` parameterNotFoundAction");
  }

  #tellUnknown(name: string, paths: readonly string[]): void {
    const known = this.unknown.get(name)?.paths ?? [];
    const all = [...new Set([...known, ...paths])].slice(0, mostUnknown);
    this.unknown.set(name, { policy: { kind: mutatingBindingKind, name }, paths: all });
  }

  #current(): Mutation {
    return { ...this.#mutation, request: { ...this.#mutation.request, object: this.object } };
  }

  #subject(): CelSubject {
    const { request, namespace, asked } = this.#current();
    const { object, oldObject, ...rest } = request;
    return new CelSubject({ object, oldObject, request: rest, namespaceObject: namespace ?? null, ...asked });
  }

  #invoke(bound: BoundMutatingPolicy, params: JsonObject | null, key: string): void {
    const { policy } = bound;
    const applies = this.#guarded(bound, () => {
      const held = policy.cel.applies(this.#subject(), params, this.#mutation.budget);
      if (typeof held === "boolean") return held;
      throw new PolicyError("mutation", held.message);
    });
    if (applies !== true) return;
    const before = this.object;
    for (const index of policy.patchTypes.keys())
      this.#guarded(bound, () => {
        this.object = this.#mutated(bound, index, params);
      });
    if (!sameJson(before, this.object)) {
      this.applied.add(`MutatingAdmissionPolicy/${policy.name}`);
      for (const earlier of this.#invoked) this.again.add(earlier);
      this.#invoked.clear();
    }
    if (policy.reinvokes) this.#invoked.add(key);
  }

  #mutated({ policy: { cel }, binding }: BoundMutatingPolicy, index: number, params: JsonObject | null): unknown {
    const value = cel.evaluate(index, this.#subject(), params, this.#mutation.budget);
    if (value instanceof ObjectValue) {
      checkTypeNames(value);
      const object = requireObject(this.object);
      const { apiVersion, kind } = object;
      const configuration = { ...requireObject(value.toNative()), apiVersion, kind };
      const { structure, isOwn } = structureOf(gvkOf(object), this.#mutation.objects);
      const paths = unknownMembers(configuration, structure);
      if (paths.length > 0 && isOwn)
        throw new PolicyError(
          "mutation",
          `error applying patch: failed to convert patch object to typed object: ${paths.map((path) => `${path}: field not declared in schema`).join(", ")}`,
        );
      const made = applyConfiguration(object, configuration, structure);
      if (paths.length > 0) this.#tellUnknown(binding.name, paths);
      return made;
    }
    if (typeof value !== "object" || value === null || !("kind" in value) || value.kind !== "list")
      throw new PolicyError("mutation", "the expression must evaluate to an Object or a list of JSONPatch");
    const operations = [...value.values()].map((each) => {
      if (!(each instanceof PatchValue)) throw new PolicyError("mutation", "an item of the list is not a JSONPatch");
      return each.operation();
    });
    try {
      return requireMutated(applyJsonPatch(this.object, operations));
    } catch (error) {
      // A patch whose test does not hold is not applied, which is no failure.
      if (error instanceof JsonPatchTestError) return this.object;
      throw error;
    }
  }
}

function requireMutated(value: unknown): unknown {
  if (gvkOf(value).kind === "")
    throw new PolicyError("mutation", "the patch leaves no Kubernetes object: the result has no kind");
  return value;
}

/** The message of an error in a policy or its object; undefined for any other error. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof PolicyError || error instanceof CelEvaluationError || error instanceof RangeError)
    return error.message;
  return undefined;
}
