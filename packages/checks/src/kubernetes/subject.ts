import { asObject, member, podTemplateOf } from "@plimsoll/kubernetes";
import type { KubernetesObject, ObjectPath } from "@plimsoll/kubernetes";
import type { CheckHit, CheckedContainer, KubernetesSubject } from "../check.ts";
import type { Change } from "../shared/fixes/change.ts";

/** Settings of a pod's security context that hold for its containers, unless they say something else (Kubernetes API, `PodSecurityContext`). */
const inherited = [
  "appArmorProfile",
  "runAsGroup",
  "runAsNonRoot",
  "runAsUser",
  "seLinuxOptions",
  "seccompProfile",
  "windowsOptions",
];

/** Makes the view of an object that checks use. */
export function kubernetesSubject(object: KubernetesObject): KubernetesSubject {
  const pod = podTemplateOf(object);
  const ofPod = Object.entries(asObject(member(pod?.spec, "securityContext")) ?? {}).filter(([key]) =>
    inherited.includes(key),
  );
  return {
    object,
    pod,
    containers: (pod?.containers ?? []).map((container) => ({
      ...container,
      securityContext: { ...Object.fromEntries(ofPod), ...asObject(member(container.value, "securityContext")) },
    })),
  };
}

/** Kinds that run pods. */
export { workloadKinds as workloads } from "@plimsoll/kubernetes";

/** `Deployment "web"`. */
export function named(object: KubernetesObject): string {
  return `${object.kind} "${object.name}"`;
}

/** Path of a member of the object. */
export function at(object: KubernetesObject, ...steps: ObjectPath): ObjectPath {
  return [...object.path, ...steps];
}

/** A hit at a container: `container "web" of Deployment "shop" …`. */
export function containerHit(
  { object }: KubernetesSubject,
  container: CheckedContainer,
  message: string,
  more: { readonly cause?: ObjectPath; readonly fix?: readonly Change[] } = {},
): CheckHit {
  return {
    message: `container "${container.name}" of ${named(object)} ${message}`,
    path: container.path,
    ...(more.cause === undefined ? {} : { cause: [...container.path, ...more.cause] }),
    ...(more.fix === undefined ? {} : { fix: more.fix }),
  };
}

/** Sets a member of a container. */
export function setIn(container: CheckedContainer, steps: ObjectPath, value: unknown): Change {
  return { kind: "set", path: [...container.path, ...steps], value };
}

/** A hit at the `spec` of the object. */
export function specHit(
  { object }: KubernetesSubject,
  message: string,
  more: { readonly cause?: ObjectPath; readonly fix?: readonly Change[] } = {},
): CheckHit {
  return { message: `${named(object)} ${message}`, path: at(object, "spec"), ...more };
}

/** Capabilities that a container adds or drops, without a `CAP_` in front. */
export function capabilities(container: CheckedContainer, list: "add" | "drop"): readonly string[] {
  const names = member(container.securityContext, "capabilities", list);
  if (!Array.isArray(names)) return [];
  return names.filter((name) => typeof name === "string").map((name) => name.toUpperCase().replace(/^CAP_/, ""));
}

/** Page of the Pod Security Standards. */
export const podSecurityStandards = "https://kubernetes.io/docs/concepts/security/pod-security-standards/";
/** Page about security contexts. */
export const securityContextTask = "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/";
/** Hardening guide of the NSA and CISA. */
export const hardeningGuide =
  "https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF";
