import { CelEvaluationError } from "../../cel-error.ts";
import { isObject, type CelObject, type CelValue } from "../../values.ts";
import { method, type CelFunction } from "../define.ts";

/** An authorization check of an expression: whether a verb is allowed on a path or a resource. */
export interface AuthorizationQuery {
  /** The argument of `check()`: `get`, `create`. */
  readonly verb: string;
  /** A non-resource path, such as `/healthz`; then `group`, `resource` and what follows them are absent. */
  readonly path?: string;
  /** The API group; empty for the core group. */
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  /** Absent: all namespaces, or a cluster-scoped resource. */
  readonly namespace?: string;
  /** Absent: all objects of the resource. */
  readonly name?: string;
  /** Text of a field selector, as the expression has it. */
  readonly fieldSelector?: string;
  /** Text of a label selector, as the expression has it. */
  readonly labelSelector?: string;
  /** Check this service account instead of the user of the request. */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string };
}

/** The decision of an authorizer, which expressions read by the methods of the same names. */
export interface AuthorizationAnswer {
  readonly allowed: boolean;
  /** Why, in words; absent: `reason()` is empty. */
  readonly reason?: string;
  /** Why the question could not be decided; where it is present, `errored()` is true. */
  readonly error?: string;
}

type Decide = (query: AuthorizationQuery) => AuthorizationAnswer;

const authorizerType = "kubernetes.authorization.Authorizer";
const pathType = "kubernetes.authorization.PathCheck";
const groupType = "kubernetes.authorization.GroupCheck";
const resourceType = "kubernetes.authorization.ResourceCheck";
const decisionType = "kubernetes.authorization.Decision";

/** A check that an expression is still building: the authorizer itself, or with a path, group or resource. */
class QueryValue implements CelObject {
  readonly celType: string;
  readonly decide: Decide;
  readonly query: Omit<AuthorizationQuery, "verb">;
  constructor(celType: string, decide: Decide, query: Omit<AuthorizationQuery, "verb">) {
    this.celType = celType;
    this.decide = decide;
    this.query = query;
  }
}

class DecisionValue implements CelObject {
  readonly celType = decisionType;
  readonly answer: AuthorizationAnswer;
  constructor(answer: AuthorizationAnswer) {
    this.answer = answer;
  }
}

/**
 * Makes the value of the variable `authorizer`, by which expressions check what is allowed.
 * @param decide Answers a check. It is called for each, and must answer at once.
 */
export function authorizer(decide: (query: AuthorizationQuery) => AuthorizationAnswer): CelObject {
  return new QueryValue(authorizerType, decide, {});
}

/**
 * Makes the value of `authorizer.requestResource`, a check of the resource that a request is about.
 * @param decide Answers a check, as for {@link authorizer}.
 * @param query The resource of the request; expressions add the verb.
 */
export function resourceCheck(
  decide: (query: AuthorizationQuery) => AuthorizationAnswer,
  query: Omit<AuthorizationQuery, "verb">,
): CelObject {
  return new QueryValue(resourceType, decide, query);
}

function queryOf(value: CelValue): QueryValue {
  if (isObject(value) && value instanceof QueryValue) return value;
  throw new CelEvaluationError("no such overload: the value is not an authorization check");
}

function answerOf(value: CelValue): AuthorizationAnswer {
  if (isObject(value) && value instanceof DecisionValue) return value.answer;
  throw new CelEvaluationError("no such overload: the value is not an authorization decision");
}

function step(name: string, from: string, to: string, field: keyof AuthorizationQuery): CelFunction {
  return method(name, [from, "string"], to, (_, value, text) => {
    const { decide, query } = queryOf(value);
    return new QueryValue(to, decide, { ...query, [field]: text });
  });
}

function check(from: string): CelFunction {
  return method("check", [from, "string"], decisionType, (call, value, verb) => {
    // An answer is a round trip where a cluster gives it: Kubernetes charges 350,000 units.
    call.spend(350_000);
    const { decide, query } = queryOf(value);
    return new DecisionValue(decide({ ...query, verb }));
  });
}

/** Authorization checks (Kubernetes' CEL library `authz`). The variable `authorizer` is made by {@link authorizer}. */
export const authorizerFunctions: readonly CelFunction[] = [
  step("path", authorizerType, pathType, "path"),
  step("group", authorizerType, groupType, "group"),
  step("resource", groupType, resourceType, "resource"),
  step("subresource", resourceType, resourceType, "subresource"),
  step("namespace", resourceType, resourceType, "namespace"),
  step("name", resourceType, resourceType, "name"),
  step("fieldSelector", resourceType, resourceType, "fieldSelector"),
  step("labelSelector", resourceType, resourceType, "labelSelector"),
  method("serviceAccount", [authorizerType, "string", "string"], authorizerType, (_, value, namespace, name) => {
    const { decide, query } = queryOf(value);
    return new QueryValue(authorizerType, decide, { ...query, serviceAccount: { namespace, name } });
  }),
  check(pathType),
  check(resourceType),
  method("allowed", [decisionType], "bool", (_, value) => answerOf(value).allowed),
  method("reason", [decisionType], "string", (_, value) => answerOf(value).reason ?? ""),
  method("errored", [decisionType], "bool", (_, value) => answerOf(value).error !== undefined),
  method("error", [decisionType], "string", (_, value) => answerOf(value).error ?? ""),
];
