import { asObject, type JsonObject } from "@plimsoll/kubernetes";
import { requestForObject, type AdmissionRequest } from "./admission-request.ts";
import { isNamespace, namespaceOf } from "./object-facts.ts";

/** The request for changing an object by itself, with what is known of who asks and for what. */
export function requestForChange(
  object: JsonObject,
  { operation = "", username }: { readonly operation?: string | undefined; readonly username?: string | undefined },
): AdmissionRequest {
  const request = requestForObject(object);
  return { ...request, operation, userInfo: username === undefined ? request.userInfo : { username } };
}

/** An API server may send an object without the namespace of its request, and fill it in later. */
export function inItsNamespace(object: JsonObject, { namespace }: AdmissionRequest): JsonObject {
  if (namespace === "" || namespaceOf(object) !== "" || isNamespace(object)) return object;
  return { ...object, metadata: { ...asObject(object["metadata"]), namespace } };
}

/** Undoes {@link inItsNamespace} for an object made of the given one. */
export function withoutNamespace(object: JsonObject, given: JsonObject): JsonObject {
  const { metadata: placed, ...rest } = object;
  const { namespace: _, ...metadata } = asObject(placed) ?? {};
  return "metadata" in given || Object.keys(metadata).length > 0 ? { ...rest, metadata } : rest;
}
