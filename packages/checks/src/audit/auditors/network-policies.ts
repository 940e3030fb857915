import { asList, asObject, member } from "@plimsoll/kubernetes";
import type { AuditedObject } from "../audited-object.ts";
import type { AuditContext } from "../audit-context.ts";
import { setMember, type Auditor, type AuditFix, type AuditResult } from "../auditor.ts";
import { allowedRule, objectOverride, overridden } from "../overrides.ts";

type Direction = "Ingress" | "Egress";

const labels: Readonly<Record<Direction, string>> = {
  Ingress: "allow-non-default-deny-ingress-network-policy",
  Egress: "allow-non-default-deny-egress-network-policy",
};

/** Every namespace denies all traffic that no policy allows. */
export const networkPolicies: Auditor = {
  name: "netpols",
  *audit(object, context) {
    if (object.object.kind !== "Namespace") return;
    const policies = policiesOf(object.object.name, context);
    yield* allowingAll(policies);
    yield* missingDenials(object, policies);
  },
};

/** Policies of a namespace; a Namespace without a name means those of all. */
function policiesOf(namespace: string, context: AuditContext): readonly AuditedObject[] {
  return context.objectsOf("NetworkPolicy", namespace === "" ? undefined : namespace);
}

function* allowingAll(policies: readonly AuditedObject[]): Iterable<AuditResult> {
  for (const { object } of policies)
    for (const [direction, peers] of [
      ["Ingress", "from"],
      ["Egress", "to"],
    ] as const) {
      const field = direction.toLowerCase();
      const open = asList(member(object.value, "spec", field)).findIndex(
        (rule) => asList(member(rule, peers)).length === 0,
      );
      if (open !== -1)
        yield {
          rule: `AllowAll${direction}NetworkPolicyExists`,
          level: "warning",
          message: `The policy allows all ${field} traffic.`,
          metadata: { PolicyName: object.name },
          path: [...object.path, "spec", field, open],
        };
    }
}

function* missingDenials(namespace: AuditedObject, policies: readonly AuditedObject[]): Iterable<AuditResult> {
  const catchAll = policies.find(catchesAll);
  if (catchAll !== undefined) {
    for (const direction of ["Ingress", "Egress"] as const)
      if (!policies.some((policy) => deniesAll(policy, direction))) {
        const types = asList(member(catchAll.object.value, "spec", "policyTypes"));
        const path = [...catchAll.object.path, "spec", "policyTypes"];
        yield* missing(namespace, direction, [setMember(catchAll, path, [...types, direction])]);
      }
    return;
  }
  const { name } = namespace.object;
  const reasons = [objectOverride(namespace, labels.Ingress), objectOverride(namespace, labels.Egress)];
  const [ingress, egress] = reasons;
  if ((ingress === undefined) !== (egress === undefined)) {
    for (const direction of ["Ingress", "Egress"] as const)
      yield* missing(namespace, direction, [{ kind: "document", value: defaultDeny(name, [direction]) }]);
    return;
  }
  const rule = "MissingDefaultDenyIngressAndEgressNetworkPolicy";
  const message = "The namespace has no policy that denies all traffic.";
  const { path } = namespace.object;
  if (ingress === undefined)
    yield {
      rule,
      level: "error",
      message,
      path,
      metadata: { Namespace: name },
      fix: [{ kind: "document", value: defaultDeny(name, ["Ingress", "Egress"]) }],
    };
  else
    yield {
      rule: allowedRule(rule),
      level: "warning",
      message,
      path,
      metadata: { Namespace: name, OverrideReason: `Ingress: ${ingress}, Egress: ${egress ?? ""}` },
    };
}

function missing(namespace: AuditedObject, direction: Direction, fix: readonly AuditFix[]): readonly AuditResult[] {
  return overridden(namespace, "", labels[direction], {
    rule: `MissingDefaultDeny${direction}NetworkPolicy`,
    level: "error",
    message: `The namespace has no policy that denies all ${direction.toLowerCase()} traffic.`,
    metadata: { Namespace: namespace.object.name },
    path: namespace.object.path,
    fix,
  });
}

function catchesAll({ object }: AuditedObject): boolean {
  const selector = member(object.value, "spec", "podSelector");
  const labelCount = Object.keys(asObject(member(selector, "matchLabels")) ?? {}).length;
  return labelCount === 0 && asList(member(selector, "matchExpressions")).length === 0;
}

function deniesAll(policy: AuditedObject, direction: Direction): boolean {
  const spec = member(policy.object.value, "spec");
  return (
    asList(member(spec, direction.toLowerCase())).length === 0 &&
    asList(member(spec, "policyTypes")).includes(direction) &&
    catchesAll(policy)
  );
}

function defaultDeny(namespace: string, policyTypes: readonly Direction[]): Readonly<Record<string, unknown>> {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "default-deny", namespace },
    spec: { podSelector: {}, policyTypes },
  };
}
