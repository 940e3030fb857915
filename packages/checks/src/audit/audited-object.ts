import { asObject, member, podTemplateOf, podTemplatePath, textMembers } from "@plimsoll/kubernetes";
import type { Container, JsonObject, KubernetesObject, ObjectPath, PodTemplate } from "@plimsoll/kubernetes";

/** An object as auditors see it: itself, and the pod that it runs. */
export interface AuditedObject {
  readonly object: KubernetesObject;
  /** Undefined for kinds that run no pod. */
  readonly pod: { readonly spec: JsonObject; readonly specPath: ObjectPath } | undefined;
  /** Main containers, then those that run before them. */
  readonly containers: readonly Container[];
  /**
   * Labels, of the pod or of an object that runs none, by which people mark a setting as intended; undefined where there are none, as
   * in most objects.
   */
  readonly overrides: Readonly<Record<string, string>> | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  /** From the document to the metadata that labels and annotations are from. */
  readonly metadataPath: ObjectPath;
}

/** Prefixes of override labels of an object, newest form first; the others are kubeaudit's older ones. */
export const objectOverridePrefixes: readonly string[] = [
  "kubeaudit.io/",
  "audit.kubernetes.io/pod.",
  "audit.kubernetes.io/namespace.",
];
/** Prefixes of override labels of one container. */
export const containerOverridePrefixes: readonly string[] = [
  "container.audit.kubernetes.io/",
  "container.kubeaudit.io/",
];

/** Makes the view of an object that auditors use. */
export function auditedObject(object: KubernetesObject): AuditedObject {
  const pod = podTemplateOf(object) ?? emptyTemplate(object);
  const metadata = pod === undefined ? member(object.value, "metadata") : pod.metadata;
  const containers = pod?.containers ?? [];
  return {
    object,
    pod: pod && { spec: pod.spec, specPath: pod.specPath },
    containers: [
      ...containers.filter(({ role }) => role === "container"),
      ...containers.filter(({ role }) => role === "init"),
    ],
    overrides: overridesAmong(textMembers(member(metadata, "labels"))),
    annotations: textMembers(member(metadata, "annotations")),
    metadataPath: pod?.metadataPath ?? [...object.path, "metadata"],
  };
}

/** A workload without a pod spec, as patches are, is to kubeaudit one whose pod states nothing. */
function emptyTemplate(object: KubernetesObject): PodTemplate | undefined {
  const path = podTemplatePath(object);
  if (path === undefined) return undefined;
  const template = member(object.value, ...path.slice(object.path.length));
  if ((member(template, "spec") ?? null) !== null) return undefined;
  const metadata = asObject(member(template, "metadata")) ?? {};
  return { spec: {}, specPath: [...path, "spec"], metadata, metadataPath: [...path, "metadata"], containers: [] };
}

const overridePrefixes: readonly string[] = [...objectOverridePrefixes, ...containerOverridePrefixes];

function overridesAmong(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> | undefined {
  const isOverride = (name: string): boolean => overridePrefixes.some((prefix) => name.startsWith(prefix));
  if (!Object.keys(labels).some(isOverride)) return undefined;
  return Object.fromEntries(Object.entries(labels).filter(([name]) => isOverride(name)));
}

/** `securityContext` of a container; undefined where there is none, or it is empty in the text (`securityContext:`). */
export function securityContext(container: Container): JsonObject | undefined {
  return asObject(member(container.value, "securityContext"));
}

/** A member of a container's security context; undefined where it is missing or null. */
export function securitySetting(container: Container, name: string): unknown {
  return member(securityContext(container), name) ?? undefined;
}

/** A member of the pod's security context; undefined where it is missing or null. */
export function podSecuritySetting({ pod }: AuditedObject, name: string): unknown {
  return member(asObject(member(pod?.spec, "securityContext")), name) ?? undefined;
}
