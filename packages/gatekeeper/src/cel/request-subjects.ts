import { authorizer, resourceCheck, type AuthorizationAnswer, type AuthorizationQuery } from "@plimsoll/cel";
import { asText, member } from "@plimsoll/kubernetes";
import type { AdmissionRequest } from "../match/admission-request.ts";
import type { Authorize } from "../policies.ts";
import { CelSubject, type CelReviewed } from "./cel-policy.ts";

/** A request in the forms in which CEL sees it, each made when it is first asked for. */
export interface RequestSubjects {
  /** For templates. */
  readonly subject: () => CelSubject;
  /** For admission policies, which may ask an authorizer. */
  readonly policySubject: () => CelSubject;
}

/** What policies in CEL see of a request. On DELETE there is no object, as in Kubernetes itself. */
export function requestSubjects(
  request: AdmissionRequest,
  namespace: unknown,
  authorize: Authorize | undefined,
): RequestSubjects {
  const { object, oldObject, ...rest } = request;
  const seen: CelReviewed = {
    object: request.operation === "DELETE" ? null : object,
    oldObject,
    request: rest,
    namespaceObject: namespace ?? null,
  };
  const subject = once(() => new CelSubject(seen));
  // Gatekeeper's templates have no authorizer.
  if (authorize === undefined) return { subject, policySubject: subject };
  return { subject, policySubject: once(() => new CelSubject({ ...seen, ...authorizationFor(request, authorize) })) };
}

/** The variables `authorizer` and `authorizer.requestResource` of CEL. */
export function authorizationFor(
  request: AdmissionRequest,
  authorize: Authorize | undefined,
): Pick<CelReviewed, "authorizer" | "requestResource"> {
  if (authorize === undefined) return {};
  const { resource, namespace, name, userInfo } = request;
  const answer = (query: AuthorizationQuery): AuthorizationAnswer => answerOf(() => authorize(query, userInfo));
  const subresource = asText(request["subResource"]) ?? "";
  return {
    authorizer: authorizer(answer),
    requestResource: resourceCheck(answer, {
      group: resource.group,
      resource: resource.resource,
      ...(subresource === "" ? {} : { subresource }),
      ...(namespace === "" ? {} : { namespace }),
      ...(name === "" ? {} : { name }),
    }),
  };
}

/** What an authorizer says; its own failure is an answer, too, of which a policy can learn. */
function answerOf(ask: () => unknown): AuthorizationAnswer {
  try {
    const answer = ask();
    if (typeof member(answer, "allowed") === "boolean") return answer as AuthorizationAnswer; // as: the rest is optional, and texts are asked for as texts
    return { allowed: false, error: "the authorizer gave no answer" };
  } catch (error) {
    return { allowed: false, error: error instanceof Error ? error.message : "the authorizer failed" };
  }
}

/** Makes a value when it is first asked for. */
function once<Value extends object>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => (made ??= make());
}
