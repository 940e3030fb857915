import { asText, member } from "@plimsoll/kubernetes";
import type { AuditContext } from "../audit-context.ts";
import type { AuditedObject } from "../audited-object.ts";
import { removeMember, setMember, type Auditor, type AuditResult } from "../auditor.ts";
import { overridden } from "../overrides.ts";

/** Pods do not mount the token of the default service account. */
export const serviceAccountToken: Auditor = {
  name: "asat",
  *audit(object, context) {
    yield* overridden(object, "", "allow-automount-service-account-token", auditPod(object, context));
  },
};

function auditPod(object: AuditedObject, context: AuditContext): AuditResult | undefined {
  const { pod } = object;
  if (pod === undefined) return undefined;
  const account = asText(member(pod.spec, "serviceAccountName")) ?? "";
  const deprecated = asText(member(pod.spec, "serviceAccount")) ?? "";
  if (deprecated !== "" && account === "")
    return {
      rule: "AutomountServiceAccountTokenDeprecated",
      level: "warning",
      message: "serviceAccount is the old name of serviceAccountName. Use the new one.",
      metadata: { DeprecatedServiceAccount: deprecated },
      path: [...pod.specPath, "serviceAccount"],
      fix: [
        setMember(object, [...pod.specPath, "serviceAccountName"], deprecated),
        removeMember(object, [...pod.specPath, "serviceAccount"]),
      ],
    };
  if (account !== "" && account !== "default") return undefined;
  const defaultAccount = context.named("ServiceAccount", "default");
  const own = member(pod.spec, "automountServiceAccountToken") ?? undefined;
  const mounted = own ?? member(defaultAccount?.object.value, "automountServiceAccountToken") ?? true;
  if (mounted !== true) return undefined;
  const path = [...pod.specPath, "automountServiceAccountToken"];
  return {
    rule: "AutomountServiceAccountTokenTrueAndDefaultSA",
    level: "error",
    message:
      "The token of the default service account is mounted. Set automountServiceAccountToken to false on the pod or the service account, or use another account.",
    metadata: {},
    path: own === undefined ? pod.specPath : path,
    fix:
      defaultAccount === undefined
        ? [setMember(object, path, false)]
        : [
            setMember(defaultAccount, [...defaultAccount.object.path, "automountServiceAccountToken"], false),
            ...(own === undefined ? [] : [removeMember(object, path)]),
          ],
  };
}
