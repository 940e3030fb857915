import { asList, asObject, asText, member } from "./object.ts";

/** A question of whether a user or one of their groups may do something. */
export interface AccessQuestion {
  /** The user's name; a service account's is `system:serviceaccount:NAMESPACE:NAME`. */
  readonly user?: string;
  /** The groups of the user. Absent: none; nothing is added, not even `system:authenticated`. */
  readonly groups?: readonly string[];
  readonly verb: string;
  /** Empty for core resources. */
  readonly apiGroup: string;
  /** A resource, or a subresource as `pods/exec`. */
  readonly resource: string;
  /** Empty asks for all namespaces at once, which only cluster role bindings can grant. */
  readonly namespace: string;
}

/**
 * Whether RBAC objects (roles, cluster roles and their bindings) allow what the question asks. A binding whose role is not among the objects
 * grants nothing. Rules with `resourceNames` are ignored, since the question names no object.
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 */
export function allows(objects: readonly unknown[], question: AccessQuestion): boolean {
  return grantedRules(objects, question).some((rule) => {
    const names = asList(member(rule, "resourceNames"));
    return (
      names.length === 0 &&
      matches(rule, "verbs", [question.verb, "*"]) &&
      matches(rule, "apiGroups", [question.apiGroup, "*"]) &&
      matches(rule, "resources", [question.resource, "*", ...anySubresource(question.resource)])
    );
  });
}

/**
 * Returns the rules (`rules` of roles and cluster roles) that bindings grant to a user or their groups in a namespace, or in all namespaces if it
 * is empty. Rules that are not objects are left out; the members of the others are not checked.
 */
export function grantedRules(
  objects: readonly unknown[],
  subject: Pick<AccessQuestion, "user" | "groups" | "namespace">,
): readonly unknown[] {
  const rules: unknown[] = [];
  for (const object of objects) {
    const kind = asText(member(object, "kind"));
    if (kind !== "ClusterRoleBinding" && kind !== "RoleBinding") continue;
    const namespace = asText(member(member(object, "metadata"), "namespace")) ?? "";
    if (kind === "RoleBinding" && (subject.namespace === "" || namespace !== subject.namespace)) continue;
    const subjects = asList(member(object, "subjects"));
    if (!subjects.some((each) => isSubject(each, subject))) continue;
    const reference = member(object, "roleRef");
    const role = objects.find(
      (each) =>
        asText(member(each, "kind")) === asText(member(reference, "kind")) &&
        asText(member(member(each, "metadata"), "name")) === asText(member(reference, "name")) &&
        (asText(member(each, "kind")) !== "Role" ||
          asText(member(member(each, "metadata"), "namespace")) === namespace),
    );
    for (const rule of asList(member(role, "rules"))) if (asObject(rule) !== undefined) rules.push(rule);
  }
  return rules;
}

function isSubject(each: unknown, subject: Pick<AccessQuestion, "user" | "groups">): boolean {
  const kind = asText(member(each, "kind"));
  const name = asText(member(each, "name")) ?? "";
  if (kind === "User") return name === subject.user;
  if (kind === "Group") return subject.groups?.includes(name) ?? false;
  if (kind !== "ServiceAccount") return false;
  return subject.user === `system:serviceaccount:${asText(member(each, "namespace")) ?? ""}:${name}`;
}

function matches(rule: unknown, key: string, wanted: readonly string[]): boolean {
  return asList(member(rule, key)).some((value) => typeof value === "string" && wanted.includes(value));
}

function anySubresource(resource: string): readonly string[] {
  const slash = resource.indexOf("/");
  return slash === -1 ? [] : [`*${resource.slice(slash)}`];
}
