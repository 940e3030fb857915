/**
 * Kubernetes objects as data: what a manifest holds, the pods that its objects run, their containers and images, label selectors and
 * quantities. Nothing is fetched; members of untrusted objects may be anything.
 * @module
 * @example
 * import { imagesOf, kubernetesObjects } from "@plimsoll/kubernetes";
 * kubernetesObjects(manifest).flatMap(imagesOf); // [{ image: "nginx:1.27", container: "web", … }]
 */
export { apiGroupOf, asList, asObject, asText, isKubernetesObject, kubernetesObjects, member } from "./object.ts";
export { scalarText, textMembers } from "./object.ts";
export type { JsonObject, KubernetesObject, ObjectPath } from "./object.ts";
export { containersOf, imagesOf, podTemplateOf, podTemplatePath, workloadKinds } from "./workload.ts";
export type { Container, ContainerRole, ImageUse, PodTemplate } from "./workload.ts";
export { misshapenParts } from "./misshapen-parts.ts";
export type { MisshapenPart } from "./misshapen-parts.ts";
export { matchesLabelSelector } from "./label-selector.ts";
export { compareQuantities, parseQuantity } from "./quantity.ts";
export type { Quantity } from "./quantity.ts";
export { allows, grantedRules } from "./rbac.ts";
export type { AccessQuestion } from "./rbac.ts";
export { applyJsonPatch, jsonPatchBetween, JsonPatchTestError, pointerOf, stepsOf } from "./json-patch.ts";
export type { JsonPatchOperation, PlainPatchOperation } from "./json-patch.ts";
export { sameJson } from "./same-json.ts";
