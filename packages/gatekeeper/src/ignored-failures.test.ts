import type { JsonObject } from "@plimsoll/kubernetes";
import { describe, expect, test } from "vitest";
import {
  auditStream,
  comparePolicies,
  loadPolicies,
  readObjects,
  runSuite,
  testObjects,
  violationFindings,
} from "./index.ts";
import type { TestFailure } from "./index.ts";

const group = "admissionregistration.k8s.io";
const rules = [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }];
const config = (name: string): JsonObject => ({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "shop" } });

/** A template in CEL and a constraint of it. `gone` fails about every object. */
const gone = "object.spec.gone == 1";
const inCel = (source: object): readonly JsonObject[] => [
  {
    apiVersion: "templates.gatekeeper.sh/v1",
    kind: "ConstraintTemplate",
    metadata: { name: "lenient" },
    spec: {
      crd: { spec: { names: { kind: "Lenient" } } },
      targets: [{ target: "admission.k8s.gatekeeper.sh", code: [{ engine: "K8sNativeValidation", source }] }],
    },
  },
  { apiVersion: "constraints.gatekeeper.sh/v1beta1", kind: "Lenient", metadata: { name: "all" }, spec: {} },
];
const lenient = inCel({ failurePolicy: "Ignore", validations: [{ expression: gone }, { expression: "false" }] });
const missing = (what: string): unknown => ({
  policy: { kind: "Lenient", name: "all" },
  message: expect.stringContaining(what) as string,
});

/** An admission policy that validates, or one that changes objects, and its binding. */
const bound = (kind: "Mutating" | "Validating", spec: object): readonly JsonObject[] => [
  {
    apiVersion: `${group}/v1`,
    kind: `${kind}AdmissionPolicy`,
    metadata: { name: "p" },
    spec: {
      matchConstraints: { resourceRules: rules },
      failurePolicy: "Ignore",
      ...(kind === "Mutating"
        ? {
            mutations: [
              {
                patchType: "JSONPatch",
                jsonPatch: { expression: `[JSONPatch{op: "remove", path: "/metadata/none"}]` },
              },
            ],
          }
        : { validations: [{ expression: gone }] }),
      ...spec,
    },
  },
  {
    apiVersion: `${group}/v1`,
    kind: `${kind}AdmissionPolicyBinding`,
    metadata: { name: "b" },
    spec: { policyName: "p", ...(kind === "Mutating" ? {} : { validationActions: ["Deny"] }) },
  },
];

describe("a policy that fails and says that this is to be ignored", () => {
  test("is named beside what it does refuse", () => {
    const { violations, ignored } = loadPolicies(lenient).review(config("a"));

    expect(violations).toMatchObject([{ constraint: { kind: "Lenient" }, expression: "false" }]);
    expect(ignored).toEqual([missing("no such key: spec")]);
  });

  test.each([
    ["a condition", { matchConditions: [{ name: "c", expression: gone }] }, "match condition failed"],
    ["a validation", {}, "resulted in error: no such key"],
    ["no parameters", { paramKind: { apiVersion: "v1", kind: "ConfigMap" } }, "no params found"],
    [
      "an annotation",
      { validations: [{ expression: "true" }], auditAnnotations: [{ key: "k", valueExpression: "object.gone" }] },
      "valueExpression 'object.gone' resulted in error",
    ],
  ])("is named by its binding where it validates: %s", (_, spec, message) => {
    const { violations, ignored } = loadPolicies(bound("Validating", spec)).review(config("a"));

    expect(violations).toEqual([]);
    expect(ignored).toEqual([
      {
        policy: { kind: "ValidatingAdmissionPolicyBinding", name: "b" },
        message: expect.stringContaining(message) as string,
      },
    ]);
  });

  test.each([
    ["a condition", { matchConditions: [{ name: "c", expression: gone }] }, "match condition failed"],
    ["a change", {}, "/metadata/none"],
  ])("is named by its binding where it changes objects: %s", (_, spec, message) => {
    const { object, applied, ignored } = loadPolicies(bound("Mutating", spec)).mutate(config("a"));

    expect([object, applied]).toEqual([config("a"), []]);
    expect(ignored).toEqual([
      {
        policy: { kind: "MutatingAdmissionPolicyBinding", name: "b" },
        message: expect.stringContaining(message) as string,
      },
    ]);
  });

  test.each([
    ["Ignore", {}, "shop"],
    ["UseDefault", { default: "nobody" }, "nobody"],
  ])("is named where a provider has no answer: %s", (failurePolicy, rest, value) => {
    const mutator = {
      apiVersion: "mutations.gatekeeper.sh/v1",
      kind: "Assign",
      metadata: { name: "owner" },
      spec: {
        applyTo: [{ groups: [""], versions: ["v1"], kinds: ["Pod"] }],
        location: "spec.owner",
        parameters: { assign: { externalData: { provider: "owners", failurePolicy, ...rest } } },
      },
    };
    const pod = { ...config("a"), spec: { owner: "shop" } };
    const owners = () => ({ items: [], systemError: "down" });
    const { object, ignored } = loadPolicies([mutator], { providers: { owners } }).mutate(pod);

    expect(object).toMatchObject({ spec: { owner: value } });
    expect(ignored).toEqual([
      { policy: { kind: "Assign", name: "owner" }, message: 'external data provider "owners": down' },
    ]);
  });

  test("is named in audits, and counted in their summary", async () => {
    const quiet = loadPolicies(inCel({ failurePolicy: "Ignore", validations: [{ expression: gone }] }));
    const run = auditStream(quiet, [config("a"), config("b")]);
    const audited = [];
    for await (const each of run) audited.push(each);

    expect(audited).toEqual(quiet.audit([config("a"), config("b")]));
    expect(audited.map(({ ignored }) => ignored)).toEqual([[missing("spec")], [missing("spec")]]);
    expect([...run.summary().totalIgnored]).toEqual([["Lenient/all", 2]]);
    expect(violationFindings(quiet, audited)).toMatchObject([
      { id: "Lenient", status: "unknown", severity: "LOW", resource: { name: "a" } },
      { id: "Lenient", status: "unknown", severity: "LOW", resource: { name: "b" } },
    ]);
  });

  test("is named where sets are compared, and where objects and suites are tested", () => {
    const strict = inCel({ validations: [{ expression: gone }] });
    const { added, removed, ignored } = comparePolicies(strict, lenient.slice(), [config("a")]);
    expect([added.length, removed.length]).toEqual([1, 1]);
    expect(ignored).toMatchObject([{ of: "after", policy: { kind: "Lenient", name: "all" } }]);

    const told: TestFailure[] = [];
    testObjects([...lenient, config("a")], { onIgnored: (failure) => void told.push(failure) });
    expect(told.filter(({ object }) => object["kind"] === "Pod")).toMatchObject([{ policy: { kind: "Lenient" } }]);

    const [template, constraint] = lenient.map((each) => JSON.stringify(each));
    const suite = readObjects(
      JSON.stringify({
        kind: "Suite",
        apiVersion: "test.gatekeeper.sh/v1alpha1",
        tests: [
          {
            name: "t",
            template: "template.json",
            constraint: "constraint.json",
            cases: [{ name: "c", object: "pod.json", assertions: [{ violations: "yes" }] }],
          },
        ],
      }),
      "suite.json",
    );
    const files: Readonly<Record<string, string | undefined>> = {
      "template.json": template,
      "constraint.json": constraint,
      "pod.json": JSON.stringify(config("a")),
    };
    const { tests } = runSuite(suite[0] ?? {}, "suite.json", (path) => files[path.replace(/^\.?\//, "")] ?? "");
    expect(tests).toMatchObject([{ cases: [{ name: "c", ignored: [{ policy: { kind: "Lenient" } }] }] }]);
    expect(tests[0]?.cases[0]).not.toHaveProperty("error");
  });
});
