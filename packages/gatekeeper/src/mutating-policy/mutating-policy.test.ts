import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadPolicies } from "../load-policies.ts";
import type { MutateOptions, Policies } from "../policies.ts";
import { PolicyError } from "../policy-error.ts";

const podRules = {
  resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["pods"] }],
};

const everything = {
  resourceRules: [{ apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"] }],
};

function policy(mutations: readonly object[], spec: object = {}, name = "p"): object {
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingAdmissionPolicy",
    metadata: { name },
    spec: { matchConstraints: podRules, reinvocationPolicy: "Never", mutations, ...spec },
  };
}

function binding(policyName = "p", spec: object = {}, name = `bind-${policyName}`): object {
  return {
    apiVersion: "admissionregistration.k8s.io/v1beta1",
    kind: "MutatingAdmissionPolicyBinding",
    metadata: { name },
    spec: { policyName, ...spec },
  };
}

const apply = (expression: string): object => ({ patchType: "ApplyConfiguration", applyConfiguration: { expression } });
const patch = (expression: string): object => ({ patchType: "JSONPatch", jsonPatch: { expression } });

const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", namespace: "shop", labels: { app: "web" } },
  spec: {
    containers: [{ name: "web", image: "nginx:1", ports: [{ containerPort: 80 }] }],
    nodeSelector: { disk: "ssd" },
  },
};

function mutated(mutations: readonly object[], object: unknown = pod, options: MutateOptions = {}): unknown {
  return inForce([policy(mutations), binding()]).mutate(object, options).object;
}

function inForce(objects: readonly object[]): Policies {
  const policies = loadPolicies(objects);
  expect(policies.problems).toEqual([]);
  return policies;
}

/** A definition of the custom resource `Widget`, with these properties of its `spec`. */
function widgets(properties: object): object {
  const openAPIV3Schema = { properties: { spec: { properties } } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "widgets.example.com" },
    spec: { group: "example.com", names: { kind: "Widget" }, versions: [{ name: "v1", schema: { openAPIV3Schema } }] },
  };
}

describe("an apply configuration", () => {
  test("adds a container to the start of a list that was not there", () => {
    const expression = `Object{ spec: Object.spec{ initContainers: [
      Object.spec.initContainers{ name: "mesh", image: "mesh:1", args: dyn([]).size() == 0 ? ["proxy"] : [], restartPolicy: "Always" } ] } }`;

    // Arguments are an atomic list, which an apply configuration must not touch.
    expect(() => mutated([apply(expression)])).toThrow(
      "policy 'p' with binding 'bind-p' denied request: error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.initContainers[0].args",
    );
    expect(mutated([apply(expression.replace(/args:.*\[\], /, ""))])).toEqual({
      ...pod,
      spec: { ...pod.spec, initContainers: [{ name: "mesh", image: "mesh:1", restartPolicy: "Always" }] },
    });
  });

  test("merges lists by their keys, and keys have the API's defaults", () => {
    expect(
      mutated([
        apply(`Object{ spec: Object.spec{ containers: object.spec.containers.map(c, Object.spec.containers{
          name: c.name,
          env: [Object.spec.containers.env{ name: "A", value: "1" }],
          ports: [Object.spec.containers.ports{ containerPort: 80, protocol: "TCP", name: "http" }] }) } }`),
      ]),
    ).toEqual({
      ...pod,
      spec: {
        ...pod.spec,
        containers: [
          {
            name: "web",
            image: "nginx:1",
            ports: [{ containerPort: 80, protocol: "TCP", name: "http" }],
            env: [{ name: "A", value: "1" }],
          },
        ],
      },
    });
  });

  test("keeps the place of items that it does not name, and takes the order of those that it does", () => {
    const containers = ["a", "b", "c"].map((name) => ({ name }));
    const given = { ...pod, spec: { containers } };
    const names = (wanted: readonly string[]): unknown =>
      mutated(
        [
          apply(
            `Object{spec: Object.spec{containers: ${JSON.stringify(wanted)}.map(n, Object.spec.containers{name: n})}}`,
          ),
        ],
        given,
      );

    expect(names(["c", "a"])).toMatchObject({ spec: { containers: [{ name: "b" }, { name: "c" }, { name: "a" }] } });
    expect(names(["x", "b"])).toMatchObject({
      spec: { containers: [{ name: "a" }, { name: "x" }, { name: "b" }, { name: "c" }] },
    });
  });

  test.each([
    [
      "storage.k8s.io/v1",
      "CSIDriver",
      { spec: { volumeLifecycleModes: ["Persistent"] } },
      `Object{spec: Object.spec{volumeLifecycleModes: ["Ephemeral"]}}`,
      { spec: { volumeLifecycleModes: ["Persistent", "Ephemeral"] } },
    ],
    [
      "certificates.k8s.io/v1",
      "CertificateSigningRequest",
      { status: { conditions: [{ type: "Approved", reason: "a" }] } },
      `Object{status: Object.status{conditions: [Object.status.conditions{type: "Approved", reason: "b"}]}}`,
      { status: { conditions: [{ type: "Approved", reason: "b" }] } },
    ],
  ])("merges lists of %s %s as the schema of an API server has them", (apiVersion, kind, given, expression, made) => {
    const head = { apiVersion, kind, metadata: { name: "a" } };
    const policies = inForce([policy([apply(expression)], { matchConstraints: everything }), binding()]);

    expect(policies.mutate({ ...head, ...given }).object).toEqual({ ...head, ...made });
  });

  test("sets labels, and adds finalizers as a set", () => {
    const given = { ...pod, metadata: { ...pod.metadata, finalizers: ["a"] } };

    expect(
      mutated([apply(`Object{metadata: Object.metadata{labels: {"tier": "front"}, finalizers: ["b", "a"]}}`)], given),
    ).toMatchObject({ metadata: { labels: { app: "web", tier: "front" }, finalizers: ["b", "a"] } });
  });

  test.each([
    ["a map that is one value", `Object{spec: Object.spec{nodeSelector: {"a": "b"}}}`, ".spec.nodeSelector"],
    [
      "a list that is one value",
      `Object{spec: Object.spec{tolerations: [Object.spec.tolerations{key: "a"}]}}`,
      ".spec.tolerations",
    ],
    [
      "a member of a reference",
      `Object{spec: Object.spec{volumes: [Object.spec.volumes{name: "v", csi: Object.spec.volumes.csi{nodePublishSecretRef: Object.spec.volumes.csi.nodePublishSecretRef{name: "s"}}}]}}`,
      ".spec.volumes[0].csi.nodePublishSecretRef",
    ],
  ])("is refused where it touches %s", (_, expression, place) => {
    expect(() => mutated([apply(expression)])).toThrow(`may not mutate atomic arrays, maps or structs: ${place}`);
  });

  test.each([
    [`Object{spec: Object.spec{containers: [Object.spec.containers{image: "a"}]}}`, 'omits key field "name"'],
    [
      `Object{spec: Object.spec{containers: [Object.spec.containers{name: "a"}, Object.spec.containers{name: "a"}]}}`,
      "duplicate entries for key",
    ],
    [`Object{spec: Object.metadata{}}`, 'unexpected type name "Object.metadata", expected "Object.spec"'],
    [`Object{metadata: Object.metadata{labels: {1: "a"}}}`, "a map key of type int is not a string"],
    [`Object.spec{}`, "must evaluate to Object"],
    [`"text"`, "must evaluate to Object"],
    [`Other{}`, "undeclared reference to 'Other'"],
    [`Object{spec: object.nothing}`, "no such key: nothing"],
  ])("%s is refused", (expression, reason) => {
    expect(() => mutated([apply(expression)])).toThrow(reason);
  });

  test("cannot make another kind of an object, and leaves out what is optional and not there", () => {
    expect(mutated([apply(`Object{kind: "Secret", ?spec: optional.none()}`)])).toEqual(pod);
  });

  const unknownIn = (expression: string, given: object = pod): readonly string[] =>
    inForce([policy([apply(expression)], { matchConstraints: everything }), binding()])
      .mutate(given)
      .unknown.flatMap(({ policy: { kind, name }, paths }) => paths.map((path) => `${kind} ${name} ${path}`));

  test.each([
    ["of the object", `Object{sepc: Object.sepc{hostNetwork: false}}`, ".sepc"],
    ["of the metadata", `Object{metadata: Object.metadata{label: {"a": "b"}}}`, ".metadata.label"],
    ["of the pod", `Object{spec: Object.spec{hostnetwork: false}}`, ".spec.hostnetwork"],
    [
      "of a container",
      `Object{spec: Object.spec{containers: [Object.spec.containers{name: "web", securityContext: Object.spec.containers.securityContext{privilged: false}}]}}`,
      ".spec.containers[0].securityContext.privilged",
    ],
  ])("tells members that nothing is known of: %s", (_, expression, path) => {
    expect(unknownIn(expression)).toEqual([`MutatingAdmissionPolicyBinding bind-p ${path}`]);
  });

  test("knows what pods and what runs them may have, and tells nothing of kinds that it does not know", () => {
    const container = `Object.spec.template.spec.containers{name: "web", image: "a", ports: [Object.spec.template.spec.containers.ports{containerPort: 80}], securityContext: Object.spec.template.spec.containers.securityContext{runAsNonRoot: true, seccompProfile: Object.spec.template.spec.containers.securityContext.seccompProfile{type: "RuntimeDefault"}}}`;
    const expression = `Object{metadata: Object.metadata{annotations: {"x": "y"}}, spec: Object.spec{replicas: 2, template: Object.spec.template{spec: Object.spec.template.spec{hostUsers: false, containers: [${container}]}}}}`;
    const deployment = { ...pod, apiVersion: "apps/v1", kind: "Deployment", spec: {} };
    expect(unknownIn(expression, deployment)).toEqual([]);
    expect(unknownIn(`Object{any: Object.any{thing: 1}}`, { ...pod, apiVersion: "x.example/v1", kind: "X" })).toEqual(
      [],
    );
  });

  test("is refused where it sets what the definition of a custom resource has not", () => {
    const definition = widgets({
      size: { type: "integer" },
      free: { type: "object", "x-kubernetes-preserve-unknown-fields": true, properties: { a: {} } },
      labels: { type: "object", additionalProperties: { type: "string" } },
    });
    const widget = { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "w" }, spec: {} };
    const made = (spec: string): unknown =>
      inForce([
        policy([apply(`Object{spec: Object.spec{${spec}}}`)], { matchConstraints: everything }),
        binding(),
      ]).mutate(widget, { inventory: [definition] }).object["spec"];

    expect(made(`size: 1, free: Object.spec.free{b: 2}, labels: {"c": "d"}`)).toEqual({
      size: 1,
      free: { b: 2 },
      labels: { c: "d" },
    });
    expect(() => made("sise: 1")).toThrow(".spec.sise: field not declared in schema");
  });

  test("lists of custom resources are merged as their definition says", () => {
    const widget = {
      apiVersion: "example.com/v1",
      kind: "Widget",
      metadata: { name: "w" },
      spec: { parts: [{ id: "a", n: 1 }] },
    };
    const definition = widgets({
      parts: { items: {}, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["id"] },
    });
    const matchConstraints = everything;
    const expression = `Object{spec: Object.spec{parts: [Object.spec.parts{id: "a", m: 2}]}}`;
    const policies = inForce([policy([apply(expression)], { matchConstraints }), binding()]);

    expect(policies.mutate(widget, { inventory: [definition] }).object["spec"]).toEqual({
      parts: [{ id: "a", n: 1, m: 2 }],
    });
    expect(() => policies.mutate(widget)).toThrow("may not mutate atomic arrays, maps or structs: .spec.parts");
  });

  test("any configuration of labels is there afterwards, twice applied is once applied", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string(), { maxKeys: 5 }), (labels) => {
        const entries = Object.entries(labels).map(
          ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`,
        );
        const once = mutated([apply(`Object{metadata: Object.metadata{labels: {${entries.join(", ")}}}}`)]);
        expect(once).toMatchObject({ metadata: { labels: { ...pod.metadata.labels, ...labels } } });
        expect(mutated([apply(`Object{metadata: Object.metadata{labels: {${entries.join(", ")}}}}`)], once)).toEqual(
          once,
        );
      }),
      { numRuns: 30 },
    );
  });
});

describe("a JSON patch", () => {
  test("adds values, and escapes keys", () => {
    expect(
      mutated([
        patch(`[
          JSONPatch{op: "test", path: "/metadata/labels/app", value: "web"},
          JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("example.com/env~x"), value: "test"},
          JSONPatch{op: "add", path: "/spec/selector", value: Object.spec.selector{matchLabels: {"n": 3}}},
          JSONPatch{op: "copy", from: "/metadata/name", path: "/spec/hostname"},
          JSONPatch{op: "remove", path: "/spec/nodeSelector"}]`),
      ]),
    ).toEqual({
      ...pod,
      metadata: { ...pod.metadata, labels: { app: "web", "example.com/env~x": "test" } },
      spec: { containers: pod.spec.containers, selector: { matchLabels: { n: 3 } }, hostname: "web" },
    });
  });

  test("is left out where its test does not hold", () => {
    expect(
      mutated([
        patch(
          `[JSONPatch{op: "test", path: "/metadata/name", value: "other"}, JSONPatch{op: "remove", path: "/spec"}]`,
        ),
      ]),
    ).toEqual(pod);
  });

  test.each([
    [`[JSONPatch{op: "replace", path: "/spec/none", value: 1}]`, "there is nothing at /spec/none"],
    [`[JSONPatch{op: "jump", path: "/spec"}]`, "unexpected kind of operation: jump"],
    [`[JSONPatch{op: "add", path: "/spec/x"}]`, "has no value"],
    [`[JSONPatch{op: 1, path: "/spec"}]`, "unexpected type for JSONPatchType 'op' field"],
    [`[JSONPatch{ops: "add"}]`, "unexpected JSONPatchType field: ops"],
    [`[JSONPatch{op: "add", path: "/x", value: Object.a{b: Object.c{}}}]`, 'unexpected type name "Object.c"'],
    [`[JSONPatch{op: "replace", path: "", value: 1}]`, "the patch leaves no Kubernetes object"],
    [`JSONPatch{op: "add"}`, "must evaluate to list(JSONPatch)"],
    [`[1]`, "must evaluate to list(JSONPatch)"],
    [`[dyn(1)]`, "an item of the list is not a JSONPatch"],
    [`[JSONPatch{op: "add", path: "/x", value: type(1)}]`, "a value of type type is not JSON"],
  ])("%s is refused", (expression, reason) => {
    expect(() => mutated([patch(expression)])).toThrow(reason);
  });
});

describe("the policy around its mutations", () => {
  const label = (name: string, value: string): object =>
    patch(`[JSONPatch{op: "add", path: "/metadata/labels/${name}", value: ${value}}]`);

  test("mutations follow each other, and see what those before made", () => {
    expect(mutated([label("a", '"1"'), label("b", 'object.metadata.labels.a + "2"')])).toMatchObject({
      metadata: { labels: { app: "web", a: "1", b: "12" } },
    });
  });

  test("variables and conditions are those of validating policies", () => {
    const spec = {
      variables: [{ name: "app", expression: "object.metadata.labels.app" }],
      matchConditions: [{ name: "not-db", expression: "variables.app != 'db'" }],
    };
    const policies = inForce([policy([label("copy", "variables.app")], spec), binding()]);

    expect(policies.mutate(pod)).toMatchObject({
      object: { metadata: { labels: { copy: "web" } } },
      applied: ["MutatingAdmissionPolicy/p"],
    });
    const db = { ...pod, metadata: { ...pod.metadata, labels: { app: "db" } } };
    expect(policies.mutate(db)).toEqual({ object: db, applied: [], ignored: [], unknown: [] });
  });

  test("each parameter object is a call of its own, in the order of their names", () => {
    const parameter = (name: string): object => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name, namespace: "shop" },
      data: { v: name },
    });
    const spec = { paramKind: { apiVersion: "v1", kind: "ConfigMap" } };
    const policies = inForce([
      policy([patch(`[JSONPatch{op: "add", path: "/spec/containers/-", value: {"name": params.data.v}}]`)], spec),
      binding("p", { paramRef: { selector: {}, parameterNotFoundAction: "Deny" } }),
    ]);

    const { object } = policies.mutate(pod, { inventory: [parameter("y"), parameter("x")] });
    expect(object).toMatchObject({ spec: { containers: [{ name: "web" }, { name: "x" }, { name: "y" }] } });
    expect(() => policies.mutate(pod)).toThrow("no params found for policy binding with `Deny`");
  });

  test("a failure refuses, unless the policy says that failures are passed over: then its other mutations count", () => {
    const mutations = [label("a", "object.none"), label("b", '"1"')];

    expect(() => mutated(mutations)).toThrow(PolicyError);
    expect(inForce([policy(mutations, { failurePolicy: "Ignore" }), binding()]).mutate(pod).object).toMatchObject({
      metadata: { labels: { app: "web", b: "1" } },
    });
  });

  test("IfNeeded is asked again after another policy changed the object, Never is not", () => {
    const order = (reinvocationPolicy: string): unknown =>
      inForce([
        policy([label("seen", '"b" in object.metadata.labels ? "yes" : "no"')], { reinvocationPolicy }, "a"),
        binding("a"),
        policy([label("b", '"1"')], {}, "b"),
        binding("b"),
      ]).mutate(pod).object;

    expect(order("IfNeeded")).toMatchObject({ metadata: { labels: { seen: "yes" } } });
    expect(order("Never")).toMatchObject({ metadata: { labels: { seen: "no" } } });
  });

  test("its own change is no reason to ask a policy again", () => {
    const longer = label("app", 'object.metadata.labels.app + "x"');

    expect(inForce([policy([longer], { reinvocationPolicy: "IfNeeded" }), binding()]).mutate(pod).object).toMatchObject(
      { metadata: { labels: { app: "webx" } } },
    );
  });

  test("only requests that policy and binding match are changed, and none that deletes", () => {
    const policies = inForce([
      policy([label("a", '"1"')], {
        matchConstraints: { resourceRules: [{ ...podRules.resourceRules[0], operations: ["*"] }] },
      }),
      binding("p", { matchResources: { objectSelector: { matchLabels: { app: "web" } } } }),
    ]);
    const other = { ...pod, metadata: { ...pod.metadata, labels: {} } };
    const review = (operation: string): object => ({
      apiVersion: "admission.k8s.io/v1",
      kind: "AdmissionReview",
      request: {
        uid: "1",
        kind: { group: "", version: "v1", kind: "Pod" },
        resource: { group: "", version: "v1", resource: "pods" },
        operation,
        object: operation === "DELETE" ? null : pod,
        oldObject: pod,
      },
    });

    expect(policies.mutate(other).object).toEqual(other);
    expect(policies.mutate(review("DELETE")).object).toEqual(pod);
    expect(policies.mutate(review("UPDATE")).object).toMatchObject({ metadata: { labels: { a: "1" } } });
  });

  test("Gatekeeper's mutators come after policies", () => {
    const mutator = {
      apiVersion: "mutations.gatekeeper.sh/v1",
      kind: "AssignMetadata",
      metadata: { name: "m" },
      spec: { location: "metadata.labels.b", parameters: { assign: { value: "mutator" } } },
    };

    expect(inForce([policy([label("a", '"1"')]), binding(), mutator]).mutate(pod)).toMatchObject({
      object: { metadata: { labels: { a: "1", b: "mutator" } } },
      applied: ["MutatingAdmissionPolicy/p", "AssignMetadata/m"],
    });
  });
});

test.each([
  [{ mutations: [] }, "mutations is required"],
  [{ matchConstraints: {} }, "matchConstraints.resourceRules is required"],
  [{ reinvocationPolicy: "Always" }, 'reinvocationPolicy must be Never or IfNeeded, not "Always"'],
  [{ failurePolicy: "Perhaps" }, "unrecognized failure policy"],
  [{ mutations: [{ patchType: "Merge" }] }, "patchType must be ApplyConfiguration or JSONPatch"],
  [
    { mutations: [{ patchType: "JSONPatch", applyConfiguration: { expression: "Object{}" } }] },
    "jsonPatch.expression is required",
  ],
  [
    { mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: "[]" }, applyConfiguration: {} }] },
    "applyConfiguration must not be given",
  ],
])("a policy with %j is named as wrong", (spec, reason) => {
  const { problems } = loadPolicies([policy([patch("[]")], spec), binding()]);

  expect(problems).toMatchObject([
    { kind: "MutatingAdmissionPolicy", name: "p", message: expect.stringContaining(reason) },
    { kind: "MutatingAdmissionPolicyBinding", name: "bind-p" },
  ]);
});
