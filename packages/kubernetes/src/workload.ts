import { asList, asObject, asText, member } from "./object.ts";
import type { JsonObject, KubernetesObject, ObjectPath } from "./object.ts";

/** What a container of a pod is for. */
export type ContainerRole = "container" | "init" | "ephemeral";

/** A container of a pod spec and its place in the document. */
export interface Container {
  readonly role: ContainerRole;
  /** Empty where the manifest gives none. */
  readonly name: string;
  /** Absent where the manifest gives none. */
  readonly image?: string;
  readonly value: JsonObject;
  /** The path from the document. */
  readonly path: ObjectPath;
}

/** The pod that an object runs: the object itself if it is a Pod, else its pod template. */
export interface PodTemplate {
  readonly spec: JsonObject;
  /** The path from the document. */
  readonly specPath: ObjectPath;
  /** The pod's metadata; an empty object where the template has none. */
  readonly metadata: JsonObject;
  readonly metadataPath: ObjectPath;
  readonly containers: readonly Container[];
}

/** For each kind, the path from the object to the part with the pod's `metadata` and `spec`. */
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

/** The kinds that run pods: nine of Kubernetes, and OpenShift's `DeploymentConfig`. */
export const workloadKinds: readonly string[] = [...podPaths.keys()];

const containerLists: readonly (readonly [ContainerRole, string])[] = [
  ["init", "initContainers"],
  ["container", "containers"],
  ["ephemeral", "ephemeralContainers"],
];

/** From the document to an object's pod template, the part that has `metadata` and `spec`; undefined for kinds that run no pods. */
export function podTemplatePath(object: KubernetesObject): ObjectPath | undefined {
  const steps = podPaths.get(object.kind);
  return steps && [...object.path, ...steps];
}

/** Returns the pod that an object runs; undefined for other kinds than {@link workloadKinds} and for pods without a spec. */
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

/**
 * Returns the containers of a pod spec in the order in which they start: init, main, ephemeral.
 * @param specPath The path from the document to the spec, which the paths of the containers begin with.
 */
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

/** The image of one container. */
export interface ImageUse {
  /** The image reference as the manifest has it: `nginx:1.27`. */
  readonly image: string;
  /** The container's name; empty where the manifest gives none. */
  readonly container: string;
  readonly role: ContainerRole;
  /** The path from the document to the image reference. */
  readonly path: ObjectPath;
}

/** Returns the images of a workload's containers, in the order of {@link containersOf} and with repetitions. Image volumes are left out. */
export function imagesOf(object: KubernetesObject): readonly ImageUse[] {
  return (podTemplateOf(object)?.containers ?? []).flatMap(({ image, name, role, path }) =>
    image === undefined ? [] : [{ image, container: name, role, path: [...path, "image"] }],
  );
}
