import { asList, asObject, asText, matchesLabelSelector, member } from "@plimsoll/kubernetes";
import { PolicyError } from "../policy-error.ts";
import { generateNameOf, gvkOf, isNamespace, labelsOf, nameOf, namespaceOf } from "./object-facts.ts";
import { matchesGenerateName, matchesWildcard } from "./wildcard.ts";

/** Where a reviewed object comes from: a user, or an expansion. */
export type ObjectSource = "Original" | "Generated";

/** What a `match` is asked about. */
export interface MatchTarget {
  readonly object: unknown;
  /** The Namespace object that the object lies in, where it is at hand. */
  readonly namespace?: unknown;
  readonly source?: ObjectSource | undefined;
}

type Criterion = (match: unknown, target: MatchTarget) => boolean;

/**
 * Whether an object is one that `spec.match` of a constraint or mutator means: kinds, scope, namespaces and excluded
 * ones, selectors, name and source; criteria that are absent match everything.
 * @throws {PolicyError} where the question cannot be answered: no object, a selector that is none, a namespace selector
 * for an object whose Namespace is not at hand, a source that is asked for and not told.
 */
export function matches(match: unknown, target: MatchTarget): boolean {
  if (asObject(target.object) === undefined) throw new PolicyError("match", "there is no object to match");
  return criteria.every((criterion) => criterion(match, target));
}

const criteria: readonly Criterion[] = [
  matchesKinds,
  matchesScope,
  matchesNamespaces,
  matchesExcludedNamespaces,
  matchesLabels,
  matchesNamespaceLabels,
  matchesName,
  matchesSource,
];

function matchesKinds(match: unknown, { object }: MatchTarget): boolean {
  const kinds = asList(member(match, "kinds"));
  const { group, kind } = gvkOf(object);
  const holds = (names: readonly unknown[], name: string): boolean =>
    names.length === 0 || names.includes("*") || names.includes(name);
  return (
    kinds.length === 0 ||
    kinds.some(
      (entry) => holds(asList(member(entry, "kinds")), kind) && holds(asList(member(entry, "apiGroups")), group),
    )
  );
}

/** A Namespace counts as cluster-scoped. Scopes that there are not match everything, as Gatekeeper has it. */
function matchesScope(match: unknown, { object, namespace }: MatchTarget): boolean {
  const namespaced = !isNamespace(object) && (namespaceOf(object) !== "" || isPresent(namespace));
  const scope = member(match, "scope");
  if (scope === "Cluster") return !namespaced;
  return scope === "Namespaced" ? namespaced : true;
}

function isPresent(namespace: unknown): boolean {
  return asObject(namespace) !== undefined;
}

/** The namespace that counts; undefined for cluster-scoped objects. A Namespace counts by its own name. */
function namespaceName({ object, namespace }: MatchTarget): string | undefined {
  if (isNamespace(object)) return nameOf(object);
  if (isPresent(namespace)) return nameOf(namespace);
  return namespaceOf(object) || undefined;
}

function namesAny(patterns: unknown, name: string): boolean {
  return asList(patterns).some((pattern) => typeof pattern === "string" && matchesWildcard(pattern, name));
}

function matchesNamespaces(match: unknown, target: MatchTarget): boolean {
  const patterns = member(match, "namespaces");
  const name = namespaceName(target);
  return asList(patterns).length === 0 || name === undefined || namesAny(patterns, name);
}

function matchesExcludedNamespaces(match: unknown, target: MatchTarget): boolean {
  const name = namespaceName(target);
  return name === undefined || !namesAny(member(match, "excludedNamespaces"), name);
}

function selects(selector: unknown, object: unknown): boolean {
  const selected = matchesLabelSelector(labelsOf(object), selector);
  if (selected === undefined) throw new PolicyError("match", "the label selector cannot be understood");
  return selected;
}

function matchesLabels(match: unknown, { object }: MatchTarget): boolean {
  const selector = member(match, "labelSelector");
  return selector === undefined || selector === null || selects(selector, object);
}

function matchesNamespaceLabels(match: unknown, { object, namespace }: MatchTarget): boolean {
  const selector = member(match, "namespaceSelector");
  if (selector === undefined || selector === null) return true;
  if (isNamespace(object)) return selects(selector, object);
  if (isPresent(namespace)) return selects(selector, namespace);
  if (namespaceOf(object) === "") return true;
  throw new PolicyError("match", "namespace selector for namespace-scoped object but missing Namespace");
}

function matchesName(match: unknown, { object }: MatchTarget): boolean {
  const pattern = asText(member(match, "name")) ?? "";
  return (
    pattern === "" || matchesWildcard(pattern, nameOf(object)) || matchesGenerateName(pattern, generateNameOf(object))
  );
}

function matchesSource(match: unknown, { object, source }: MatchTarget): boolean {
  const wanted = asText(member(match, "source")) ?? "";
  if (wanted === "" || wanted === "All") return true;
  if (wanted !== "Original" && wanted !== "Generated")
    throw new PolicyError("match", `invalid source field "${wanted}"`);
  if (source === undefined) throw new PolicyError("match", `source field not specified for resource ${nameOf(object)}`);
  return wanted === source;
}
