import { asList, asObject, asText, member } from "./object.ts";
import type { JsonObject, KubernetesObject, ObjectPath } from "./object.ts";

/** What a container of a pod is for. */
export type ContainerRole = "container" | "init" | "ephemeral";

/** A container of a pod spec, with where it stands. */
export interface Container {
  readonly role: ContainerRole;
  /** Empty where the manifest gives none. */
  readonly name: string;
  /** Absent where the manifest gives none. */
  readonly image?: string;
  readonly value: JsonObject;
  /** From the document. */
  readonly path: ObjectPath;
}

/** A pod as an object runs it: itself, or its template. */
export interface PodTemplate {
  readonly spec: JsonObject;
  /** From the document. */
  readonly specPath: ObjectPath;
  /** Metadata of the pod; empty where the template has none. */
  readonly metadata: JsonObject;
  readonly metadataPath: ObjectPath;
  readonly containers: readonly Container[];
}

/** For each kind the path from the object to its pod template, the part that has `metadata` and `spec`. */
export const podPaths: ReadonlyMap<string, readonly string[]> = new Map([
  ["Pod", []],
  ["PodTemplate", ["template"]],
  ["Deployment", ["spec", "template"]],
  ["ReplicaSet", ["spec", "template"]],
  ["ReplicationController", ["spec", "template"]],
  ["StatefulSet", ["spec", "template"]],
  ["DaemonSet", ["spec", "template"]],
  ["DeploymentConfig", ["spec", "template"]],
  ["Job", ["spec", "template"]],
  ["CronJob", ["spec", "jobTemplate", "spec", "template"]],
]);

/** Kinds that run pods: those of Kubernetes, and OpenShift's `DeploymentConfig`. */
export const workloadKinds: readonly string[] = [...podPaths.keys()];

const containerLists: readonly (readonly [ContainerRole, string])[] = [
  ["init", "initContainers"],
  ["container", "containers"],
  ["ephemeral", "ephemeralContainers"],
];

/** The pod that an object runs; undefined for kinds that run none and for templates without a spec. */
export function podTemplateOf(object: KubernetesObject): PodTemplate | undefined {
  const steps = podPaths.get(object.kind);
  if (steps === undefined) return undefined;
  const holder = member(object.value, ...steps);
  const spec = asObject(member(holder, "spec"));
  if (spec === undefined) return undefined;
  const path = [...object.path, ...steps];
  const specPath = [...path, "spec"];
  return {
    spec,
    specPath,
    metadata: asObject(member(holder, "metadata")) ?? {},
    metadataPath: [...path, "metadata"],
    containers: containersOf(spec, specPath),
  };
}

/** The containers of a pod spec in the order in which they start: init, main, ephemeral. */
export function containersOf(spec: JsonObject, specPath: ObjectPath): readonly Container[] {
  const containers: Container[] = [];
  for (const [role, list] of containerLists)
    for (const [index, each] of asList(member(spec, list)).entries()) {
      const value = asObject(each);
      if (value === undefined) continue;
      const name = asText(member(value, "name")) ?? "";
      const image = asText(member(value, "image")) ?? "";
      const path = [...specPath, list, index];
      containers.push(image === "" ? { role, name, value, path } : { role, name, image, value, path });
    }
  return containers;
}

/** An image that an object runs. */
export interface ImageUse {
  readonly image: string;
  readonly container: string;
  readonly role: ContainerRole;
  /** From the document to the image's name. */
  readonly path: ObjectPath;
}

/** The images of the containers of a workload, in order, each as often as it is named; image volumes are none of them. */
export function imagesOf(object: KubernetesObject): readonly ImageUse[] {
  return (podTemplateOf(object)?.containers ?? []).flatMap(({ image, name, role, path }) =>
    image === undefined ? [] : [{ image, container: name, role, path: [...path, "image"] }],
  );
}
