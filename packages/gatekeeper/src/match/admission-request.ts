import { asList, asObject, asText, member, type JsonObject } from "@plimsoll/kubernetes";
import { PolicyError } from "../policy-error.ts";
import { gvkOf, nameOf, namespaceOf } from "./object-facts.ts";

/** An admission request as policies see it. For objects that are reviewed without one, a request is constructed. */
export interface AdmissionRequest extends JsonObject {
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly resource: { readonly group: string; readonly version: string; readonly resource: string };
  readonly name: string;
  readonly namespace: string;
  /** Empty outside of an admission request. */
  readonly operation: string;
  readonly userInfo: JsonObject;
  readonly object: unknown;
  readonly oldObject: unknown;
}

/** Whether a document is an AdmissionReview rather than an object to review. */
export function isAdmissionReview(document: unknown): boolean {
  const { group, kind } = gvkOf(document);
  return group === "admission.k8s.io" && kind === "AdmissionReview";
}

/** The request for reviewing an object by itself. */
export function requestForObject(object: JsonObject): AdmissionRequest {
  const { group, version, kind } = gvkOf(object);
  return {
    uid: "",
    kind: { group, version, kind },
    resource: { group: "", version: "", resource: "" },
    name: nameOf(object),
    namespace: namespaceOf(object),
    operation: "",
    userInfo: {},
    object,
    oldObject: null,
  };
}

const requestFields = new Set(
  (
    "uid kind resource subResource requestKind requestResource requestSubResource name namespace operation userInfo object " +
    "oldObject dryRun options"
  ).split(" "),
);

/**
 * The request of an AdmissionReview.
 * @throws {PolicyError} with a code: `ErrInvalidK8sAdmissionReview`, `ErrMissingK8sAdmissionRequest`,
 * `ErrNoObjectForReview`, `ErrUnmarshallObject`, `ErrOldObjectIsNil`.
 */
export function requestOfReview(review: JsonObject): AdmissionRequest {
  const stray = Object.keys(review).find((name) => !["apiVersion", "kind", "request", "response"].includes(name));
  if (stray !== undefined)
    throw refusal(`not a valid AdmissionReview object: ${stray}`, "ErrInvalidK8sAdmissionReview");
  const given = member(review, "request");
  if (given === undefined || given === null)
    throw refusal("the review has no request", "ErrMissingK8sAdmissionRequest");
  const request = asObject(given);
  const unknown = request === undefined ? "request" : Object.keys(request).find((name) => !requestFields.has(name));
  if (request === undefined || unknown !== undefined)
    throw refusal(`not a valid AdmissionReview object: ${unknown ?? ""}`, "ErrInvalidK8sAdmissionReview");
  const object = request["object"] ?? null;
  const oldObject = request["oldObject"] ?? null;
  if (object === null && oldObject === null)
    throw refusal("the request has neither object nor oldObject", "ErrNoObjectForReview");
  for (const each of [object, oldObject])
    if (each !== null && (asText(member(each, "kind")) ?? "") === "")
      throw refusal("object or oldObject cannot be read: kind is missing", "ErrUnmarshallObject");
  const operation = asText(request["operation"]) ?? "";
  if (operation === "DELETE" && oldObject === null)
    throw refusal("oldObject cannot be nil for DELETE operations", "ErrOldObjectIsNil");
  const text = (from: unknown, field: string): string => asText(member(from, field)) ?? "";
  const { kind, resource } = request;
  return {
    ...request,
    uid: asText(request["uid"]) ?? "",
    kind: { group: text(kind, "group"), version: text(kind, "version"), kind: text(kind, "kind") },
    resource: {
      group: text(resource, "group"),
      version: text(resource, "version"),
      resource: text(resource, "resource"),
    },
    name: asText(request["name"]) ?? "",
    namespace: asText(request["namespace"]) ?? "",
    operation,
    userInfo: asObject(request["userInfo"]) ?? {},
    object,
    oldObject,
  };
}

function refusal(message: string, code: string): PolicyError {
  return new PolicyError("review", message, code);
}

/** The object to evaluate: `oldObject` for DELETE, otherwise `object`. */
export function judgedObject({ operation, object, oldObject }: AdmissionRequest): JsonObject {
  const judged = asObject(operation === "DELETE" || object === null ? oldObject : object);
  if (judged === undefined) throw refusal("there is no object to review", "ErrNoObjectForReview");
  return judged;
}

/** The strings in a list; empty for anything else. */
export function textsOf(value: unknown): readonly string[] {
  return asList(value).filter((item): item is string => typeof item === "string");
}
