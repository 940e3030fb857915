import fc from "fast-check";
import { expect, test } from "vitest";
import { applyChanges, decide, preparePolicies } from "./index.ts";
import type { Evidence } from "./index.ts";

const image = `registry.example/app@sha256:${"0".repeat(64)}`;

function template(kind: string, rego: string): Record<string, unknown> {
  return {
    apiVersion: "templates.gatekeeper.sh/v1",
    kind: "ConstraintTemplate",
    metadata: { name: kind.toLowerCase() },
    spec: {
      crd: { spec: { names: { kind } } },
      targets: [{ target: "admission.k8s.gatekeeper.sh", rego: `package ${kind.toLowerCase()}\n${rego}` }],
    },
  };
}

function constraint(kind: string, parameters = {}): Record<string, unknown> {
  const match = { kinds: [{ apiGroups: ["*"], kinds: ["*"] }] };
  return {
    apiVersion: "constraints.gatekeeper.sh/v1beta1",
    kind,
    metadata: { name: "all" },
    spec: { match, parameters },
  };
}

const regoPolicies = [
  template(
    "Privileged",
    'violation[{"msg": msg}] {\n  c := input.review.object.spec.containers[_]\n  c.securityContext.privileged\n  msg := sprintf("%v is privileged", [c.name])\n}',
  ),
  constraint("Privileged"),
  template(
    "Repos",
    'violation[{"msg": msg}] {\n  c := input.review.object.spec.containers[_]\n  ok := [good | repo := input.parameters.repos[_]; good := startswith(c.image, repo)]\n  not any(ok)\n  msg := sprintf("%v comes from %v", [c.name, c.image])\n}',
  ),
  constraint("Repos", { repos: ["registry.example/"] }),
  template(
    "Labels",
    'violation[{"msg": msg}] {\n  label := input.parameters.labels[_]\n  not input.review.object.metadata.labels[label]\n  msg := sprintf("the label %v is missing", [label])\n}',
  ),
  constraint("Labels", { labels: ["owner", "team"] }),
];

const vap = [
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: "host" },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"] }],
      },
      validations: [
        {
          expression: "!has(object.spec.hostNetwork) || !object.spec.hostNetwork",
          message: "hostNetwork is not allowed",
        },
        { expression: "object.spec.containers.all(c, has(c.resources))", message: "resources are needed" },
      ],
    },
  },
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name: "host" },
    spec: { policyName: "host", validationActions: ["Deny"] },
  },
];

const imagePolicy = {
  apiVersion: "kritis.grafeas.io/v1beta1",
  kind: "ImageSecurityPolicy",
  metadata: { name: "strict" },
  spec: { packageVulnerabilityRequirements: { maximumSeverity: "LOW", maximumFixUnavailableSeverity: "LOW" } },
};

const container = fc.record({
  name: fc.constantFrom("a", "b", "c"),
  image: fc.constantFrom(image, "other.example/app:1"),
  securityContext: fc.record({ privileged: fc.boolean() }, { requiredKeys: [] }),
  resources: fc.constantFrom(undefined, { limits: { cpu: "1" } }),
});
const anyPod = fc.record({
  labels: fc.subarray(["owner", "team"]),
  hostNetwork: fc.boolean(),
  containers: fc.uniqueArray(container, { minLength: 1, maxLength: 3, selector: ({ name }) => name }),
});
const anyVulnerabilities = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom("CVE-1", "CVE-2", "CVE-3"),
    severity: fc.constantFrom("LOW", "HIGH", "CRITICAL"),
    fixAvailable: fc.boolean(),
  }),
  { maxLength: 3, selector: ({ id }) => id },
);

test("1,000 denials are turned by the changes that their reasons name, or say that none was found", async () => {
  const prepared = await preparePolicies([...regoPolicies, ...vap, imagePolicy]);
  let [denials, turned] = [0, 0];
  const decideOn = async (pod: unknown, evidence: Evidence): Promise<void> => {
    const decision = await decide(pod, evidence, { maxAttempts: 300 });
    if (decision.allowed) return;
    denials += 1;
    expect(decision.reasons.length).toBeGreaterThan(0);
    const without = decision.reasons.filter(({ flip }) => flip === undefined);
    for (const { change } of without) expect(change).toContain("no change was found");
    const changed = applyChanges(pod, evidence, decision.reasons);
    expect(changed === undefined).toBe(without.length > 0);
    if (changed === undefined) return;
    turned += 1;
    expect(await decide(changed.request, changed.evidence, { maxAttempts: 0 })).toMatchObject({ allowed: true });
  };
  await fc.assert(
    fc.asyncProperty(anyPod, anyVulnerabilities, async ({ labels, hostNetwork, containers }, vulnerabilities) => {
      const metadata = { name: "app", labels: Object.fromEntries(labels.map((label) => [label, "x"])) };
      const pod = { apiVersion: "v1", kind: "Pod", metadata, spec: { hostNetwork, containers } };
      await decideOn(JSON.parse(JSON.stringify(pod)), {
        policies: prepared,
        vulnerabilities: { [image]: vulnerabilities },
      });
    }),
    { numRuns: 1_050, seed: 26 },
  );
  expect(denials).toBeGreaterThanOrEqual(1_000);
  // All but tags, whose digest nobody knows here.
  expect(turned).toBeGreaterThan(200);
});

test("a policy is asked once about an object, however many reasons it gives", async () => {
  const rego = `package many
violation[{"msg": msg}] {
  c := input.review.object.spec.containers[_]
  not startswith(c.image, "registry.example/")
  answer := external_data({"provider": "count", "keys": [c.image]})
  msg := sprintf("%v comes from %v %v", [c.name, c.image, answer.system_error])
}`;
  const asked: string[] = [];
  const count = (keys: readonly string[]) => {
    asked.push(...keys);
    return { items: [], systemError: "" };
  };
  const documents = [
    {
      apiVersion: "templates.gatekeeper.sh/v1",
      kind: "ConstraintTemplate",
      metadata: { name: "many" },
      spec: {
        crd: { spec: { names: { kind: "Many" } } },
        targets: [{ target: "admission.k8s.gatekeeper.sh", rego }],
      },
    },
    constraint("Many"),
  ];
  const policies = await preparePolicies(documents, { providers: { count } });
  const containers = Array.from({ length: 12 }, (_, index) => ({ name: `c${index}`, image: `other.example/${index}` }));
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { containers } };
  const decision = await decide(pod, { policies }, { maxAttempts: 1 });
  expect(decision.reasons).toHaveLength(12);
  // Once for the decision, once for the object as it is, and once for each change that is tried: the first of each reason is the same.
  expect(asked.length).toBeLessThanOrEqual(12 * (2 + 12));
});

test("reasons without a change do not make a decision longer and longer", async () => {
  const asked: string[] = [];
  const count = (keys: readonly string[]) => {
    asked.push(...keys);
    return { items: [], systemError: "" };
  };
  const kinds = Array.from({ length: 40 }, (_, index) => `Never${index}`);
  const documents = kinds.flatMap((kind) => [
    template(
      kind,
      `violation[{"msg": "never"}] { answer := external_data({"provider": "count", "keys": ["${kind}"]}); is_object(answer) }`,
    ),
    constraint(kind),
  ]);
  const policies = await preparePolicies(documents, { providers: { count } });
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { containers: [{ name: "c", image }] } };

  const { reasons } = await decide(pod, { policies }, { maxAttempts: 20 });

  expect(reasons).toHaveLength(40);
  expect(new Set(reasons.map(({ change }) => change))).toEqual(new Set(["no change was found that satisfies it"]));
  // Once each for the decision, and the tries of ten reasons.
  expect(asked.length).toBeLessThanOrEqual(40 + 10 * 20);
});

test("of many violations of one policy the first are told, and the others counted", async () => {
  const containers = Array.from({ length: 3_000 }, (_, index) => ({ name: `c${index}`, image: "other.example/app:1" }));
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p", labels: { owner: "a", team: "b" } },
    spec: { containers },
  };

  const { allowed, reasons } = await decide(pod, { policies: regoPolicies }, { maxAttempts: 2 });

  expect([allowed, reasons.length]).toEqual([false, 101]);
  expect(reasons.at(-1)).toMatchObject({ policy: "Repos all", fact: "2900 more violations are not listed" });
});
