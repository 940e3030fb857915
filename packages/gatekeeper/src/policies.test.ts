import type { AuthorizationAnswer } from "@plimsoll/cel";
import { WorkBudget } from "@plimsoll/model";
import { mostBetweenTurns } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { auditStream } from "./audit/audit-stream.ts";
import { comparePolicies } from "./compare-policies.ts";
import { enforcementPoints } from "./constraints/enforcement.ts";
import type { EnforcementPoint } from "./constraints/enforcement.ts";
import { loadPolicies } from "./load-policies.ts";
import type { LoadOptions } from "./policies.ts";
import { PolicyError } from "./policy-error.ts";

function template(kind: string, source: object): object {
  return {
    apiVersion: "templates.gatekeeper.sh/v1",
    kind: "ConstraintTemplate",
    metadata: { name: kind.toLowerCase() },
    spec: {
      crd: {
        spec: {
          names: { kind },
          validation: { openAPIV3Schema: { type: "object", properties: { most: { type: "integer", default: 1 } } } },
        },
      },
      targets: [{ target: "admission.k8s.gatekeeper.sh", code: [source] }],
    },
  };
}

const cel = {
  engine: "K8sNativeValidation",
  source: {
    validations: [
      {
        expression: "object.spec.containers.size() <= variables.params.most",
        messageExpression: "'more than ' + string(variables.params.most)",
      },
    ],
  },
};

const rego = {
  engine: "Rego",
  source: {
    version: "v1",
    rego: `package p
violation contains {"msg": msg, "details": {"count": n}} if {
  n := count(input.review.object.spec.containers)
  n > input.parameters.most
  msg := sprintf("%d containers", [n])
}`,
  },
};

function constraint(kind: string, spec: object = {}, name = "limit"): object {
  return { apiVersion: "constraints.gatekeeper.sh/v1beta1", kind, metadata: { name }, spec };
}

function pod(containers: number, name = "a"): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "web" },
    spec: { containers: Array.from({ length: containers }, (_, index) => ({ name: `c${index}` })) },
  };
}

describe("policies", () => {
  test.each([
    ["CEL", cel, "more than 1"],
    ["Rego", rego, "2 containers"],
  ])("in %s judge with the defaults of their template", (_, source, message) => {
    const policies = loadPolicies([template("Limit", source), constraint("Limit")]);

    expect(policies.problems).toEqual([]);
    expect(policies.review(pod(1)).violations).toEqual([]);
    expect(policies.review(pod(2)).violations).toMatchObject([
      { message, constraint: { kind: "Limit", name: "limit" }, enforcementAction: "deny" },
    ]);
  });

  test("that are wrong are named, and the others are in force", () => {
    const invalidSelector = { matchLabels: { a: "b" }, matchExpressions: [{ key: "a", operator: "Near" }] };
    const policies = loadPolicies([
      template("Limit", cel),
      template("Broken", { engine: "Rego", source: { rego: "package p\nviolation[{" } }),
      template("Reaching", {
        engine: "Rego",
        source: { rego: 'package p\nviolation[{"msg": "x"}] { data.kubernetes.x }' },
      }),
      constraint("Limit"),
      constraint("Limit", { parameters: { most: "many" } }, "typed"),
      constraint("Limit", { match: { labelSelector: invalidSelector } }, "selecting"),
      constraint("Missing"),
      constraint("Broken"),
    ]);

    expect(policies.problems.map(({ kind, name, code }) => [kind, name, code])).toEqual([
      ["ConstraintTemplate", "broken", "ErrAddingTemplate"],
      ["ConstraintTemplate", "reaching", "ErrAddingTemplate"],
      ["Limit", "typed", "ErrSchema"],
      ["Limit", "selecting", "ErrInvalidConstraint"],
      ["Missing", "limit", "ErrMissingConstraintTemplate"],
      ["Broken", "limit", "ErrMissingConstraintTemplate"],
    ]);
    expect(policies.review(pod(2)).violations).toHaveLength(1);
  });

  test.each([
    [
      "Rego",
      {
        engine: "Rego",
        source: { rego: 'package p\nviolation[{"msg": msg}] { msg := f(1) }\nf(x) = 1 { true }\nf(x) = 2 { true }' },
      },
    ],
    ["CEL", { engine: "K8sNativeValidation", source: { validations: [{ expression: "object.no.such.field == 1" }] } }],
  ])("in %s that fail while they judge refuse", (_, source) => {
    const policies = loadPolicies([template("Failing", source), constraint("Failing")]);

    expect(policies.review(pod(1)).violations).toMatchObject([{ failed: true, enforcementAction: "deny" }]);
  });

  test("that cannot tell whether they match throw, or refuse where that was asked for", () => {
    const policies = loadPolicies([
      template("Limit", cel),
      constraint("Limit", { match: { namespaceSelector: { matchLabels: { a: "b" } } } }),
    ]);
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "web", labels: { a: "b" } } };

    expect(() => policies.review(pod(2))).toThrow(PolicyError);
    expect(policies.reviewStrictly(pod(2)).violations).toMatchObject([{ failed: true }]);
    expect(policies.review(pod(2), { namespace }).violations).toHaveLength(1);
    expect(policies.review(pod(2), { inventory: [namespace] }).violations).toHaveLength(1);
  });

  test("with scoped actions hold where they say", () => {
    const scoped = constraint("Limit", {
      enforcementAction: "scoped",
      scopedEnforcementActions: [
        { action: "warn", enforcementPoints: [{ name: "audit.gatekeeper.sh" }] },
        { action: "deny", enforcementPoints: [{ name: "validation.gatekeeper.sh" }] },
      ],
    });
    const policies = loadPolicies([template("Limit", cel), scoped]);

    expect(policies.review(pod(2)).violations).toMatchObject([
      { enforcementAction: "scoped", scopedActions: ["deny"] },
    ]);
    expect(policies.review(pod(2), { enforcementPoint: "gator.gatekeeper.sh" }).violations).toEqual([]);
    expect(policies.audit([pod(2)])[0]?.violations).toMatchObject([{ scopedActions: ["warn"] }]);
  });

  test("see the inventory, and the request of an AdmissionReview", () => {
    const unique = {
      engine: "Rego",
      source: {
        rego: `package p
violation[{"msg": msg}] {
  other := data.inventory.namespace[ns]["v1"].Pod[name]
  name != input.review.object.metadata.name
  msg := sprintf("%s by %s", [name, input.review.userInfo.username])
}`,
      },
    };
    const policies = loadPolicies([template("Unique", unique), constraint("Unique")]);
    const review = {
      apiVersion: "admission.k8s.io/v1",
      kind: "AdmissionReview",
      request: { uid: "1", operation: "CREATE", userInfo: { username: "ann" }, object: pod(1) },
    };

    expect(
      policies.review(review, { inventory: [pod(1), pod(1, "b")] }).violations.map(({ message }) => message),
    ).toEqual(["b by ann"]);
  });

  test("of Kubernetes itself are judged with their bindings and parameters", () => {
    const policy = {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: { name: "limit" },
      spec: {
        paramKind: { apiVersion: "example.com/v1", kind: "Limit" },
        matchConstraints: {
          resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
        },
        variables: [{ name: "count", expression: "object.spec.containers.size()" }],
        validations: [{ expression: "variables.count <= params.most", message: "too many" }],
      },
    };
    const binding = (paramRef: object): object => ({
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name: "bound" },
      spec: { policyName: "limit", validationActions: ["Warn"], paramRef },
    });
    const limit = {
      apiVersion: "example.com/v1",
      kind: "Limit",
      metadata: { name: "small", labels: { size: "s" } },
      most: 1,
    };
    const review = (paramRef: object, inventory: readonly object[]): unknown =>
      loadPolicies([policy, binding(paramRef)])
        .review(pod(2), { inventory })
        .violations.map(({ message, enforcementAction, failed }) => [message, enforcementAction, failed]);

    expect(review({ name: "small" }, [limit])).toEqual([["too many", "warn", undefined]]);
    expect(review({ selector: { matchLabels: { size: "s" } } }, [limit])).toEqual([["too many", "warn", undefined]]);
    expect(review({ name: "gone", parameterNotFoundAction: "Allow" }, [limit])).toEqual([]);
    expect(review({ name: "gone", parameterNotFoundAction: "Deny" }, [limit])).toMatchObject([
      ["no params found for policy binding with `Deny` parameterNotFoundAction", "warn", true],
    ]);
    const policies = loadPolicies([policy, binding({ name: "small" })]);
    // A pod that some controller will only create later is not asked about now.
    expect(policies.review(pod(2), { inventory: [limit], source: "Generated" }).violations).toEqual([]);
  });

  test("whose variables double are refused or let through as their failure policy says, within their budget", () => {
    const doubled = ["a", "b"].flatMap((letter) => [
      { name: `${letter}0`, expression: "[object.metadata.name]" },
      ...Array.from({ length: 40 }, (_, index) => ({
        name: `${letter}${index + 1}`,
        expression: `[variables.${letter}${index}, variables.${letter}${index}]`,
      })),
    ]);
    const policy = (failurePolicy: string): object => ({
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: { name: "double" },
      spec: {
        failurePolicy,
        matchConstraints: {
          resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
        },
        variables: doubled,
        validations: [
          { expression: "variables.a40 == variables.b40" },
          { expression: "false", messageExpression: "'%s'.format([variables.a40])", message: "what is left to say" },
        ],
      },
    });
    const binding = {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name: "bound" },
      spec: { policyName: "double", validationActions: ["Deny"] },
    };
    const messages = (failurePolicy: string): unknown =>
      loadPolicies([policy(failurePolicy), binding])
        .review(pod(1))
        .violations.map(({ message, failed }) => [message, failed]);

    const said =
      "expression 'variables.a40 == variables.b40' resulted in error: operation cancelled: actual cost limit exceeded (10000000 units)";
    // The first validation has spent what all have together.
    expect(messages("Fail")).toEqual([
      [said, true],
      ["what is left to say", undefined],
    ]);
    expect(messages("Ignore")).toEqual([["what is left to say", undefined]]);
  });

  test("note for the audit log, and are refused where what they note cannot be had", () => {
    const policy = (annotations: readonly object[], spec: object = {}): object => ({
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: { name: "notes" },
      spec: {
        matchConstraints: {
          resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
        },
        auditAnnotations: annotations,
        ...spec,
      },
    });
    const binding = (name: string, paramRef?: object): object => ({
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name },
      spec: { policyName: "notes", validationActions: ["Deny"], ...(paramRef === undefined ? {} : { paramRef }) },
    });
    const limit = (name: string): object => ({ apiVersion: "example.com/v1", kind: "Limit", metadata: { name } });
    const review = (policies: readonly object[], inventory: readonly object[] = []): unknown => {
      const { violations, auditAnnotations } = loadPolicies(policies).review(pod(1), { inventory });
      return [auditAnnotations, violations.map(({ message, failed }) => [message, failed])];
    };
    const noted = [
      { key: "name", valueExpression: "' ' + object.metadata.name" },
      { key: "nothing", valueExpression: "null" },
      { key: "empty", valueExpression: "''" },
    ];

    expect(review([policy(noted), binding("one"), binding("two")])).toEqual([{ "notes/name": "a" }, []]);

    const paramKind = { apiVersion: "example.com/v1", kind: "Limit" };
    const byParameter = policy([{ key: "by", valueExpression: "params.metadata.name" }], { paramKind });
    expect(review([byParameter, binding("all", { selector: {} })], [limit("x"), limit("y")])).toEqual([
      { "notes/by": "x, y" },
      [],
    ]);

    const wrong = [
      { key: "gone", valueExpression: "object.gone" },
      { key: "number", valueExpression: "1" },
    ];
    expect(review([policy(wrong), binding("one")])).toEqual([
      {},
      [
        ["valueExpression 'object.gone' resulted in error: no such key: gone", true],
        ["valueExpression '1' resulted in unsupported return type. Return type must be either string or null", true],
      ],
    ]);
    expect(review([policy(wrong, { failurePolicy: "Ignore" }), binding("one")])).toEqual([{}, []]);
  });

  test("that are added show what they would break", () => {
    const policies = [template("Limit", cel), constraint("Limit", { parameters: { most: 2 } })];
    const stricter = constraint("Limit", { parameters: { most: 1 } }, "stricter");

    const { added, removed, same } = comparePolicies(
      policies,
      [...policies, stricter],
      [pod(1), pod(2, "b"), pod(3, "c")],
    );

    expect(
      added.map(({ object, constraint: { name } }) => [(object["metadata"] as { name: string }).name, name]),
    ).toEqual([
      ["b", "stricter"],
      ["c", "stricter"],
    ]);
    expect([removed.length, same]).toEqual([0, 1]);
  });

  test.each([
    [() => loadPolicies([1]), "a Kubernetes object is a JSON object"],
    [() => loadPolicies([], { engines: [] } as object), 'loadPolicies has no option "engines"'],
    [() => loadPolicies([]).review(pod(1), { point: "x" } as object), 'review has no option "point"'],
    [() => loadPolicies([]).review(pod(1), { enforcementPoint: "x" as "vap.k8s.io" }), "no enforcement point"],
  ])("refuse what they are wrongly given: %s", (attempt, message) => {
    expect(attempt).toThrow(TypeError);
    expect(attempt).toThrow(message);
  });

  test("with names that prototypes have are names like others", () => {
    const policies = loadPolicies([template("Constructor", cel), constraint("Constructor", {}, "constructor")]);

    expect(policies.problems).toEqual([]);
    expect(
      policies.review({ ...pod(2), metadata: { name: "__proto__", namespace: "constructor" } }).violations,
    ).toHaveLength(1);
  });
});

test("some constraints are asked alone, and one that there is not finds nothing", () => {
  const policies = loadPolicies([
    template("ByCel", cel),
    template("ByRego", rego),
    constraint("ByCel"),
    constraint("ByRego"),
    constraint("ByRego", {}, "other"),
  ]);
  const found = (...only: readonly { kind: string; name: string }[]): readonly string[] =>
    policies
      .review(pod(2), only.length === 0 ? {} : { only })
      .violations.map(({ constraint: { kind, name } }) => `${kind}/${name}`);
  expect(found()).toEqual(["ByCel/limit", "ByRego/limit", "ByRego/other"]);
  expect(found({ kind: "ByRego", name: "other" })).toEqual(["ByRego/other"]);
  expect(found({ kind: "ByRego", name: "other" }, { kind: "ByCel", name: "limit" })).toEqual([
    "ByCel/limit",
    "ByRego/other",
  ]);
  expect(found({ kind: "ByCel", name: "other" })).toEqual([]);
  expect(() => policies.review(pod(2), { only: "ByCel" as never })).toThrow(TypeError);
});

test("constraints are asked about objects of their kinds, also after objects of many others", () => {
  const pods = { match: { kinds: [{ apiGroups: [""], kinds: ["Pod"] }] } };
  const policies = loadPolicies([template("ByRego", rego), constraint("ByRego", pods)]);
  for (let index = 0; index < 1_200; index++)
    expect(policies.review({ ...pod(3), kind: `Kind${index}` }).violations).toEqual([]);
  expect(policies.review(pod(3)).violations).toHaveLength(1);
  expect(policies.review({ ...pod(3), apiVersion: "other/v1" }).violations).toEqual([]);
});

describe("what an admission policy asks an authorizer", () => {
  const native = (check: string, failurePolicy = "Fail"): readonly object[] => [
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: { name: "may" },
      spec: {
        failurePolicy,
        matchConstraints: {
          resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["*"], resources: ["pods", "pods/*"] }],
        },
        validations: [{ expression: check }],
      },
    },
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name: "may" },
      spec: { policyName: "may", validationActions: ["Deny"] },
    },
  ];
  const review = {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: {
      uid: "1",
      operation: "UPDATE",
      kind: { group: "", version: "v1", kind: "Pod" },
      resource: { group: "", version: "v1", resource: "pods" },
      subResource: "status",
      name: "a",
      namespace: "web",
      userInfo: { username: "ann", groups: ["devs"] },
      object: pod(1),
      oldObject: pod(1),
    },
  };

  test("is asked about the user of the request and its resource", () => {
    const asked: unknown[] = [];
    const authorize = (...question: readonly unknown[]): AuthorizationAnswer => {
      asked.push(question);
      return { allowed: false };
    };
    const policies = loadPolicies(native("authorizer.requestResource.check('breakglass').allowed()"));

    expect(policies.review(review, { authorize }).violations).toHaveLength(1);
    const query = {
      group: "",
      resource: "pods",
      subresource: "status",
      namespace: "web",
      name: "a",
      verb: "breakglass",
    };
    expect(asked).toEqual([[query, review.request.userInfo]]);
    expect(policies.review(review, { authorize: () => ({ allowed: true }) }).violations).toEqual([]);
    // Without one it cannot know.
    expect(policies.review(review).violations).toMatchObject([{ failed: true }]);
  });

  test.each([
    [
      "that throws",
      () => {
        throw new Error("no route");
      },
      "no route",
    ],
    ["that promises", async () => ({ allowed: true }), "the authorizer gave no answer"],
  ])("gets an error from one %s, and no leave", (_, authorize, error) => {
    const check = "authorizer.path('/x').check('get')";
    const options = { authorize: authorize as never }; // as: what JavaScript can hand over
    const decided = (expression: string): number =>
      loadPolicies(native(expression)).review(review, options).violations.length;

    expect(decided(`${check}.allowed()`)).toBe(1);
    expect(decided(`${check}.errored() && ${check}.error() == '${error}'`)).toBe(0);
  });

  test("is for Kubernetes' own policies: Gatekeeper's templates have none", () => {
    const asking = {
      engine: "K8sNativeValidation",
      source: { validations: [{ expression: "authorizer.path('/x').check('get').allowed()" }] },
    };
    const policies = loadPolicies([template("Asks", asking), constraint("Asks")]);

    expect(policies.review(pod(1), { authorize: () => ({ allowed: true }) }).violations).toMatchObject([
      { failed: true },
    ]);
  });

  test("mutating policies ask, too", () => {
    const [policy, binding] = ["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"].map((kind, at) => ({
      apiVersion: "admissionregistration.k8s.io/v1",
      kind,
      metadata: { name: "mark" },
      spec:
        at === 1
          ? { policyName: "mark" }
          : {
              matchConstraints: {
                resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["*"], resources: ["pods"] }],
              },
              matchConditions: [{ name: "may", expression: "authorizer.requestResource.check('mark').allowed()" }],
              failurePolicy: "Fail",
              mutations: [
                {
                  patchType: "JSONPatch",
                  jsonPatch: { expression: `[JSONPatch{op: "add", path: "/metadata/labels", value: {"a": "b"}}]` },
                },
              ],
            },
    }));
    const policies = loadPolicies([policy, binding]);
    const mutated = (allowed: boolean): object => policies.mutate(pod(1), { authorize: () => ({ allowed }) }).object;

    expect(mutated(true)).toMatchObject({ metadata: { labels: { a: "b" } } });
    expect(mutated(false)).toEqual(pod(1));
    expect(() => policies.mutate(pod(1))).toThrow("denied request");
  });
});

test("templates in Rego are told the time of the review, or that of the policies' clock", () => {
  const until = {
    engine: "Rego",
    source: {
      version: "v1",
      rego: `package p
violation contains {"msg": "over"} if time.now_ns() >= time.parse_rfc3339_ns("2026-01-01T00:00:00Z")
violation contains {"msg": "not yet"} if time.now_ns() < time.parse_rfc3339_ns("2026-01-01T00:00:00Z")`,
    },
  };
  const objects = [template("Until", until), constraint("Until")];
  const said = (options: LoadOptions, now?: string): readonly string[] =>
    loadPolicies(objects, options)
      .review(pod(1), { now })
      .violations.map(({ message }) => message);

  expect(said({}, "2026-01-01T00:00:00Z")).toEqual(["over"]);
  expect(said({}, "2025-12-31T23:59:59.999Z")).toEqual(["not yet"]);
  expect(said({ clock: () => Date.UTC(2026, 5) })).toEqual(["over"]);
  expect(said({ clock: () => Date.UTC(2026, 5) }, "2025-01-01T00:00:00Z")).toEqual(["not yet"]);
  expect(() => said({}, "soon")).toThrow("now");
});

describe("an object without the namespace of its request, as an API server may send it", () => {
  const { metadata: _, ...rest } = pod(2) as { readonly metadata: object };
  const review = {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: {
      uid: "1",
      operation: "CREATE",
      kind: { group: "", version: "v1", kind: "Pod" },
      resource: { group: "", version: "v1", resource: "pods" },
      namespace: "web",
      object: { ...rest, metadata: { name: "a" } },
    },
  };

  test.each([
    ["namespaces", { namespaces: ["web"] }, true],
    ["namespaces of others", { namespaces: ["shop"] }, false],
    ["excluded namespaces", { excludedNamespaces: ["we*"] }, false],
    ["a scope", { scope: "Cluster" }, false],
  ])("is matched by %s with it", (_what, match, found) => {
    const policies = loadPolicies([template("Limit", rego), constraint("Limit", { match })]);

    expect(policies.review(review).violations).toHaveLength(found ? 1 : 0);
  });

  test("is changed as one that names it, and does not get it by that", () => {
    const assign = {
      apiVersion: "mutations.gatekeeper.sh/v1",
      kind: "AssignMetadata",
      metadata: { name: "zone" },
      spec: {
        match: { namespaces: ["web"] },
        location: "metadata.labels.in",
        parameters: { assign: { fromMetadata: { field: "namespace" } } },
      },
    };

    expect(loadPolicies([assign]).mutate(review).object).toEqual({
      ...rest,
      metadata: { name: "a", labels: { in: "web" } },
    });
  });

  test("leads to objects in it", () => {
    const expansion = {
      apiVersion: "expansion.gatekeeper.sh/v1beta1",
      kind: "ExpansionTemplate",
      metadata: { name: "pods" },
      spec: {
        applyTo: [{ groups: ["apps"], versions: ["v1"], kinds: ["Deployment"] }],
        templateSource: "spec.template",
        generatedGVK: { group: "", version: "v1", kind: "Pod" },
      },
    };
    const object = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "d" }, spec: { template: rest } };
    const asked = {
      ...review,
      request: { ...review.request, kind: { group: "apps", version: "v1", kind: "Deployment" }, object },
    };
    const found = (match: object): number =>
      loadPolicies([
        template("Limit", rego),
        constraint("Limit", { match: { kinds: [{ kinds: ["Pod"] }], ...match } }),
        expansion,
      ]).reviewStrictly(asked, { expands: true }).violations.length;

    expect(found({ namespaces: ["web"] })).toBe(1);
    expect(found({ namespaces: ["shop"] })).toBe(0);
  });
});

describe("Gatekeeper's Config among the policies", () => {
  const twin = {
    engine: "Rego",
    source: {
      version: "v1",
      rego: `package p
violation contains {"msg": sprintf("like the %s in %s", [kind, space])} if {
  some space, version, kind, name
  data.inventory.namespace[space][version][kind][name]
  name == input.review.object.metadata.name
  space != input.review.object.metadata.namespace
}`,
    },
  };
  const policies = [template("Twin", twin), constraint("Twin")];
  const config = (spec: object): object => ({
    apiVersion: "config.gatekeeper.sh/v1alpha1",
    kind: "Config",
    metadata: { name: "config" },
    spec,
  });
  const only = config({ sync: { syncOnly: [{ group: "", version: "v1", kind: "Service" }] } });
  const named = (kind: string, namespace: string): object => ({
    apiVersion: "v1",
    kind,
    metadata: { name: "a", namespace },
  });
  const cluster = [named("Service", "shop"), named("Secret", "bank")];

  test("says what referential templates see, but for gator, which has no cluster", () => {
    const said = (documents: readonly object[], enforcementPoint?: EnforcementPoint): readonly string[] =>
      loadPolicies(documents)
        .review(pod(1), { inventory: cluster, enforcementPoint })
        .violations.map(({ message }) => message);

    expect(said(policies)).toEqual(["like the Secret in bank", "like the Service in shop"]);
    expect(said([...policies, only])).toEqual(["like the Service in shop"]);
    expect(said([...policies, only], "audit.gatekeeper.sh")).toEqual(["like the Service in shop"]);
    expect(said([...policies, only], "gator.gatekeeper.sh")).toHaveLength(2);
  });

  test("keeps objects out of audits, also where it is among them; that of the policies comes before", () => {
    const skips = config({ match: [{ processes: ["audit"], excludedNamespaces: ["bank"] }] });
    const found = (documents: readonly object[], objects: readonly object[]): number =>
      loadPolicies(documents)
        .audit(objects)
        .flatMap(({ violations }) => violations).length;

    expect(found(policies, cluster)).toBe(2);
    expect(found([...policies, skips], cluster)).toBe(1);
    expect(found(policies, [...cluster, skips])).toBe(1);
    expect(found([...policies, only], [...cluster, skips])).toBe(1);
    const { added, removed } = comparePolicies(policies, [...policies, skips], cluster);
    expect([added.length, removed.length]).toEqual([0, 1]);
  });

  test("keeps as much out of an audit that is read one by one as out of one of all objects", async () => {
    const skips = config({ match: [{ processes: ["audit"], excludedNamespaces: ["bank"] }] });
    const loaded = loadPolicies([...policies, skips]);
    for (const enforcementPoint of enforcementPoints) {
      const run = auditStream(loaded, cluster, { enforcementPoint, inventory: cluster });
      let found = 0;
      for await (const { violations } of run) found += violations.length;
      const all = loaded.audit(cluster, { enforcementPoint }).flatMap(({ violations }) => violations);
      expect([enforcementPoint, found]).toEqual([enforcementPoint, all.length]);
    }
  });
});

describe("one budget for all policies of a review", () => {
  const each = {
    engine: "Rego",
    source: {
      version: "v1",
      rego: `package p
violation contains {"msg": sprintf("%s has no image", [c.name])} if {
  some c in input.review.object.spec.containers
  not c.image
}`,
    },
  };
  const kinds = Array.from({ length: 10 }, (_, index) => `Each${index}`);
  const policies = loadPolicies(kinds.flatMap((kind) => [template(kind, each), constraint(kind)]));

  test("what is not judged at its end is refused, policy by policy", () => {
    const whole = new WorkBudget();
    const { violations } = policies.reviewStrictly(pod(500), { budget: whole });
    const half = new WorkBudget({ steps: whole.taken / 2 });
    const found = policies.reviewStrictly(pod(500), { budget: half }).violations;
    const failed = found.filter((violation) => violation.failed === true);

    expect(violations).toHaveLength(5_000);
    expect(new Set(found.map(({ constraint: { kind } }) => kind))).toEqual(new Set(kinds));
    expect(failed.length).toBeGreaterThanOrEqual(4);
    expect(failed.length).toBeLessThan(7);
    expect(half.taken).toBeLessThan(whole.taken / 2 + 2_000);
  });

  test("a policy that warns warns, and one whose failure means ignoring lets the object be and is named, as they say themselves", () => {
    const spent = new WorkBudget({ steps: 1 });
    spent.take(2);
    const ignoring = { ...cel, source: { ...cel.source, failurePolicy: "Ignore" } };
    const mixed = loadPolicies([
      template("Warns", rego),
      constraint("Warns", { enforcementAction: "warn" }),
      template("Ignores", ignoring),
      constraint("Ignores"),
      template("Fails", cel),
      constraint("Fails"),
    ]);

    expect(mixed.problems).toEqual([]);
    const { violations, ignored } = mixed.reviewStrictly(pod(1), { budget: spent });
    expect(violations).toMatchObject([
      { constraint: { kind: "Fails" }, enforcementAction: "deny", failed: true },
      { constraint: { kind: "Warns" }, enforcementAction: "warn", failed: true },
    ]);
    expect(ignored).toEqual([
      {
        policy: { kind: "Ignores", name: "limit" },
        message: expect.stringContaining("the work budget is used up") as string,
      },
    ]);
  });

  test("ends mutators and expansions, too", () => {
    const many = (kind: string, spec: object): object => ({
      apiVersion: "mutations.gatekeeper.sh/v1",
      kind,
      metadata: { name: "m" },
      spec: {
        ...spec,
        location: "spec.containers[name:*].imagePullPolicy",
        parameters: { assign: { value: "Always" } },
      },
    });
    const assign = many("Assign", { applyTo: [{ groups: [""], versions: ["v1"], kinds: ["Pod"] }] });
    const expansion = {
      apiVersion: "expansion.gatekeeper.sh/v1beta1",
      kind: "ExpansionTemplate",
      metadata: { name: "pods" },
      spec: {
        applyTo: [{ groups: ["apps"], versions: ["v1"], kinds: ["Deployment"] }],
        templateSource: "spec.template",
        generatedGVK: { group: "", version: "v1", kind: "Pod" },
      },
    };
    const deployment = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "d" },
      spec: { template: pod(500) },
    };
    const set = loadPolicies([
      assign,
      expansion,
      template("Limit", rego),
      constraint("Limit", { match: { kinds: [{ kinds: ["Pod"] }] } }),
    ]);
    const budget = new WorkBudget();
    set.mutate(pod(500), { budget });

    expect(budget.taken).toBeGreaterThan(500);
    const less = (): { readonly budget: WorkBudget } => ({ budget: new WorkBudget({ steps: budget.taken / 2 }) });
    expect(() => set.mutate(pod(500), less())).toThrow("the work budget is used up");
    expect(set.reviewStrictly(deployment, { expands: true, ...less() }).violations).toMatchObject([
      {
        constraint: { kind: "ExpansionTemplate" },
        enforcementAction: "deny",
        failed: true,
        message: "the work budget is used up",
      },
    ]);
    expect(set.reviewStrictly(deployment, { expands: true }).violations).toMatchObject([
      { constraint: { kind: "Limit" } },
    ]);
  });

  test("only so many violations of a constraint are told, and the others counted", () => {
    const { violations, omitted } = policies.reviewStrictly(pod(30), { maxViolations: 20 });

    expect(violations).toHaveLength(200);
    expect(omitted).toHaveLength(10);
    expect(omitted[0]).toEqual({ constraint: { kind: "Each0", name: "limit" }, enforcementAction: "deny", count: 10 });
  });

  test("so are those of an admission policy's binding, which has as many as it finds parameters", () => {
    const policy = {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: { name: "never" },
      spec: {
        paramKind: { apiVersion: "example.com/v1", kind: "Limit" },
        matchConstraints: {
          resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
        },
        validations: [{ expression: "false", message: "no" }],
      },
    };
    const binding = {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name: "bound" },
      spec: { policyName: "never", validationActions: ["Deny"], paramRef: { selector: {} } },
    };
    const inventory = Array.from({ length: 30 }, (_, at) => ({
      apiVersion: "example.com/v1",
      kind: "Limit",
      metadata: { name: `limit-${at}` },
    }));
    const { violations, omitted } = loadPolicies([policy, binding]).review(pod(1), { inventory, maxViolations: 20 });

    expect(violations).toHaveLength(20);
    expect(omitted).toEqual([{ constraint: violations[0]?.constraint, enforcementAction: "deny", count: 10 }]);
  });

  test("reviews that take turns with different inventories do not read them anew each time", () => {
    let read = 0;
    const counted = (name: string): readonly unknown[] =>
      new (class extends Array<unknown> {
        static override get [Symbol.species](): ArrayConstructor {
          return Array;
        }
        override map<U>(make: (value: unknown, index: number, all: unknown[]) => U): U[] {
          read++;
          return super.map(make);
        }
      })(
        { apiVersion: "v1", kind: "Namespace", metadata: { name } },
        { apiVersion: "v1", kind: "Node", metadata: { name } },
      );
    const loaded = loadPolicies([template("Limit", rego), constraint("Limit")]);
    const [first, second] = [counted("web"), counted("db")];

    for (let turn = 0; turn < 3; turn++)
      for (const inventory of [first, second]) expect(loaded.review(pod(2), { inventory }).violations).toHaveLength(1);

    expect(read).toBe(2);
  });

  test("others have their turn between the policies, which say the same", async () => {
    const budget = new WorkBudget();
    const alone = new WorkBudget();
    const atOnce = policies.reviewStrictly(pod(500), { budget: alone });
    let found: unknown;
    const most = await mostBetweenTurns(async (count) => {
      const counting = new (class extends WorkBudget {
        override take(steps: number): boolean {
          count(steps);
          return super.take(steps);
        }
      })();
      found = await policies.reviewInTurns(pod(500), { budget: counting });
      budget.take(counting.taken);
    });

    expect(found).toEqual(atOnce);
    expect(budget.taken).toBe(alone.taken);
    expect(most).toBeLessThan(alone.taken / 3);
  });
});

describe("options of policies", () => {
  const ownersOnly = {
    apiVersion: "mutations.gatekeeper.sh/v1",
    kind: "Assign",
    metadata: { name: "owned" },
    spec: {
      applyTo: [{ groups: [""], versions: ["v1"], kinds: ["Pod"], operations: ["CREATE"] }],
      match: { namespaceSelector: { matchLabels: { team: "a" } } },
      location: "spec.owner",
      parameters: { assign: { value: "a" } },
    },
  };
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "web", labels: { team: "a" } } };

  test("name an engine that exists, and providers that are functions", () => {
    expect(() => loadPolicies([], { engine: "CEL" as "Rego" })).toThrow("engine: ");
    expect(() => loadPolicies([], { providers: { a: {} as never } })).toThrow("providers: a");
  });

  test("that are undefined leave a mutation what its AdmissionReview says", () => {
    const request = { uid: "1", operation: "CREATE", namespace: "web", object: pod(1), userInfo: { username: "ann" } };
    const review = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request };
    const unset = { operation: undefined, username: undefined, source: undefined };

    expect(loadPolicies([ownersOnly]).mutate(review, { inventory: [namespace], ...unset }).applied).toEqual([
      "Assign/owned",
    ]);
  });

  test("give an expansion the Namespaces of the inventory, as they do a mutation", () => {
    const deployment = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "shop", namespace: "web" },
      spec: { template: { spec: { containers: [] } } },
    };
    const expansion = {
      apiVersion: "expansion.gatekeeper.sh/v1beta1",
      kind: "ExpansionTemplate",
      metadata: { name: "pods" },
      spec: {
        applyTo: [{ groups: ["apps"], versions: ["v1"], kinds: ["Deployment"] }],
        templateSource: "spec.template",
        generatedGVK: { group: "", version: "v1", kind: "Pod" },
      },
    };
    const applyTo = ownersOnly.spec.applyTo.map(({ groups, versions, kinds }) => ({ groups, versions, kinds }));
    const always = { ...ownersOnly, spec: { ...ownersOnly.spec, applyTo } };

    const { objects } = loadPolicies([expansion, always]).expand(deployment, { inventory: [namespace] });

    expect(objects.map(({ object }) => object["spec"])).toEqual([{ containers: [], owner: "a" }]);
  });

  test("of both reviews sort violations by constraint and binding", () => {
    const named = (kind: string, name: string, spec: object): object => ({
      apiVersion: "admissionregistration.k8s.io/v1",
      kind,
      metadata: { name },
      spec,
    });
    const rules = [{ apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"] }];
    const policies = loadPolicies([
      template("Zeal", cel),
      constraint("Zeal"),
      named("ValidatingAdmissionPolicy", "never", {
        matchConstraints: { resourceRules: rules },
        validations: [{ expression: "false" }],
      }),
      named("ValidatingAdmissionPolicyBinding", "b", { policyName: "never", validationActions: ["Deny"] }),
      named("ValidatingAdmissionPolicyBinding", "a", { policyName: "never", validationActions: ["Deny"] }),
    ]);

    for (const { violations } of [policies.review(pod(2)), policies.reviewStrictly(pod(2))])
      expect(violations.map(({ constraint: { name } }) => name)).toEqual(["a", "b", "limit"]);
  });
});
