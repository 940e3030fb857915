import { asList, asObject, asText, matchesLabelSelector, member } from "@plimsoll/kubernetes";
import { PolicyError } from "../policy-error.ts";
import { generateNameOf, gvkOf, labelsOf, nameOf, namespaceOf } from "./object-facts.ts";
import { matchesGenerateName, matchesWildcard } from "./wildcard.ts";

/** Where a reviewed object comes from: a user, or an expansion. */
export type ObjectSource = "Original" | "Generated";

/** The object that a `match` is evaluated for. */
export interface MatchTarget {
  readonly object: unknown;
  /** The Namespace object of the object's namespace, if it is known. */
  readonly namespace?: unknown;
  readonly source?: ObjectSource | undefined;
}

/** The properties of an object that `match` criteria use, read once for all policies. */
export interface MatchFacts {
  readonly object: unknown;
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly generateName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly isNamespace: boolean;
  /** The namespace that the object names; empty for none. */
  readonly ownNamespace: string;
  /** The namespace for matching: a Namespace's own name, undefined for other cluster-scoped objects. */
  readonly namespaceName: string | undefined;
  readonly namespace: unknown;
  readonly source: ObjectSource | undefined;
}

/** Reads the properties of an object that `match` criteria use. @throws {PolicyError} where the target has no object. */
export function factsOf({ object, namespace, source }: MatchTarget): MatchFacts {
  if (asObject(object) === undefined) throw new PolicyError("match", "there is no object to match");
  const { group, kind } = gvkOf(object);
  const name = nameOf(object);
  const ownNamespace = namespaceOf(object);
  const isNamespace = group === "" && kind === "Namespace";
  return {
    object,
    group,
    kind,
    name,
    generateName: generateNameOf(object),
    labels: labelsOf(object),
    isNamespace,
    ownNamespace,
    namespaceName: isNamespace ? name : isPresent(namespace) ? nameOf(namespace) : ownNamespace || undefined,
    namespace,
    source,
  };
}

/** A compiled `match`. */
export type Matcher = (facts: MatchFacts) => boolean;

/**
 * Whether an object matches `spec.match` of a constraint or mutator: kinds, scope, namespaces and excluded namespaces, selectors, name and source.
 * Absent criteria match everything.
 * @throws {PolicyError} where matching is not possible: there is no object, a selector is invalid, the Namespace for a namespace selector is not
 * known, or a source is required and not given.
 */
export function matches(match: unknown, target: MatchTarget): boolean {
  return matcher(match)(factsOf(target));
}

/** Compiles a `match` for many objects. */
export function matcher(match: unknown): Matcher {
  return matcherOf(match, [matchesKinds, ...makers]);
}

/** {@link matcher} for objects of which a {@link kindTest} has told that their kind matches. */
export function matcherWithinKind(match: unknown): Matcher {
  return matcherOf(match, makers);
}

function matcherOf(match: unknown, wanted: typeof makers): Matcher {
  const criteria = wanted.flatMap((make): readonly Matcher[] => {
    const criterion = make(match);
    return criterion === undefined ? [] : [criterion];
  });
  if (criteria.length === 0) return () => true;
  return (facts) => {
    for (const criterion of criteria) if (!criterion(facts)) return false;
    return true;
  };
}

/** The criteria beside kinds. Undefined: the criterion is not stated. */
const makers: readonly ((match: unknown) => Matcher | undefined)[] = [
  matchesScope,
  matchesNamespaces,
  matchesExcludedNamespaces,
  matchesLabels,
  matchesNamespaceLabels,
  matchesName,
  matchesSource,
];

/** Whether the kinds of a `match` include a group and kind. */
export type KindTest = (group: string, kind: string) => boolean;

/** Compiles the kinds of a `match`; without any, all kinds match. */
export function kindTest(match: unknown): KindTest {
  return kindsOf(match) ?? (() => true);
}

function matchesKinds(match: unknown): Matcher | undefined {
  const isMeant = kindsOf(match);
  return isMeant === undefined ? undefined : ({ group, kind }) => isMeant(group, kind);
}

function kindsOf(match: unknown): KindTest | undefined {
  const kinds = asList(member(match, "kinds")).map((entry) => ({
    holdsKind: nameTest(asList(member(entry, "kinds"))),
    holdsGroup: nameTest(asList(member(entry, "apiGroups"))),
  }));
  if (kinds.length === 0) return undefined;
  return (group, kind) => kinds.some(({ holdsKind, holdsGroup }) => holdsKind(kind) && holdsGroup(group));
}

function nameTest(names: readonly unknown[]): (name: string) => boolean {
  return names.length === 0 || names.includes("*") ? () => true : (name) => names.includes(name);
}

/** A Namespace counts as cluster-scoped. Scopes that there are not match everything, as Gatekeeper has it. */
function matchesScope(match: unknown): Matcher | undefined {
  const scope = member(match, "scope");
  const namespaced = ({ isNamespace, ownNamespace, namespace }: MatchFacts): boolean =>
    !isNamespace && (ownNamespace !== "" || isPresent(namespace));
  if (scope === "Cluster") return (facts) => !namespaced(facts);
  return scope === "Namespaced" ? namespaced : undefined;
}

function isPresent(namespace: unknown): boolean {
  return asObject(namespace) !== undefined;
}

function namesAny(patterns: readonly unknown[], name: string): boolean {
  return patterns.some((pattern) => typeof pattern === "string" && matchesWildcard(pattern, name));
}

function matchesNamespaces(match: unknown): Matcher | undefined {
  const patterns = asList(member(match, "namespaces"));
  if (patterns.length === 0) return undefined;
  return ({ namespaceName }) => namespaceName === undefined || namesAny(patterns, namespaceName);
}

function matchesExcludedNamespaces(match: unknown): Matcher | undefined {
  const patterns = asList(member(match, "excludedNamespaces"));
  if (patterns.length === 0) return undefined;
  return ({ namespaceName }) => namespaceName === undefined || !namesAny(patterns, namespaceName);
}

function selects(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  const selected = matchesLabelSelector(labels, selector);
  if (selected === undefined) throw new PolicyError("match", "the label selector is invalid");
  return selected;
}

function matchesLabels(match: unknown): Matcher | undefined {
  const selector = member(match, "labelSelector");
  return selector === undefined || selector === null ? undefined : ({ labels }) => selects(selector, labels);
}

function matchesNamespaceLabels(match: unknown): Matcher | undefined {
  const selector = member(match, "namespaceSelector");
  if (selector === undefined || selector === null) return undefined;
  return ({ labels, isNamespace, ownNamespace, namespace }) => {
    if (isNamespace) return selects(selector, labels);
    if (isPresent(namespace)) return selects(selector, labelsOf(namespace));
    if (ownNamespace === "") return true;
    throw new PolicyError("match", "namespace selector for namespace-scoped object but missing Namespace");
  };
}

function matchesName(match: unknown): Matcher | undefined {
  const pattern = asText(member(match, "name")) ?? "";
  if (pattern === "") return undefined;
  return ({ name, generateName }) => matchesWildcard(pattern, name) || matchesGenerateName(pattern, generateName);
}

function matchesSource(match: unknown): Matcher | undefined {
  const wanted = asText(member(match, "source")) ?? "";
  if (wanted === "" || wanted === "All") return undefined;
  return ({ source, name }) => {
    if (wanted !== "Original" && wanted !== "Generated")
      throw new PolicyError("match", `invalid source field "${wanted}"`);
    if (source === undefined) throw new PolicyError("match", `source field not specified for resource ${name}`);
    return wanted === source;
  };
}
