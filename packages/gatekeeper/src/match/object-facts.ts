import { asObject, asText, member, textMembers, type JsonObject } from "@plimsoll/kubernetes";

/** Group, version and kind of an object: `apps`, `v1`, `Deployment`. The core group is empty. */
export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Group, version and kind of an object; empty where it does not state them. */
export function gvkOf(object: unknown): GroupVersionKind {
  const apiVersion = asText(member(object, "apiVersion")) ?? "";
  const cut = apiVersion.indexOf("/");
  return {
    group: cut === -1 ? "" : apiVersion.slice(0, cut),
    version: cut === -1 ? apiVersion : apiVersion.slice(cut + 1),
    kind: asText(member(object, "kind")) ?? "",
  };
}

/** `apps/v1` and `v1`, as objects write it. */
export function apiVersionOf({ group, version }: GroupVersionKind): string {
  return group === "" ? version : `${group}/${version}`;
}

function metadataText(object: unknown, field: string): string {
  return asText(member(member(object, "metadata"), field)) ?? "";
}

/** `metadata.name`, or the empty text. */
export function nameOf(object: unknown): string {
  return metadataText(object, "name");
}

/** `metadata.generateName`, or the empty text. */
export function generateNameOf(object: unknown): string {
  return metadataText(object, "generateName");
}

/** `metadata.namespace`, or the empty text. */
export function namespaceOf(object: unknown): string {
  return metadataText(object, "namespace");
}

/** `metadata.labels`. */
export function labelsOf(object: unknown): Readonly<Record<string, string>> {
  return textMembers(member(member(object, "metadata"), "labels"));
}

/** Whether an object is a Namespace itself. */
export function isNamespace(object: unknown): boolean {
  const { group, kind } = gvkOf(object);
  return group === "" && kind === "Namespace";
}

/** The object, if it is one. @throws {TypeError} for anything else. */
export function requireObject(value: unknown): JsonObject {
  const object = asObject(value);
  if (object === undefined) throw new TypeError("a Kubernetes object is a JSON object");
  return object;
}
