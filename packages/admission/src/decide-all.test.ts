import { describe, expect, test, vi } from "vitest";
import { WorkBudget } from "@plimsoll/model";
import type { Report } from "@plimsoll/model";
import { emptyReport, everyKindReport } from "@plimsoll/testkit";
import {
  admissionAnswers,
  admissionResponse,
  applyChanges,
  attestByPolicy,
  decide,
  evidenceDigestOf,
  preparePolicies,
  readExemptions,
  readKritisConfig,
  replayDecision,
  verdictCache,
  vulnerabilitiesOf,
  writeEvidence,
} from "./index.ts";
import type { Decision, Evidence } from "./index.ts";

const digest = `sha256:${"0".repeat(64)}`;
const image = `registry.example/app@${digest}`;
const pod = (changes = {}, namespace = "shop"): Record<string, unknown> => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "app", namespace },
  spec: { containers: [{ name: "app", image, ...changes }] },
});
const template = {
  apiVersion: "templates.gatekeeper.sh/v1",
  kind: "ConstraintTemplate",
  metadata: { name: "privileged" },
  spec: {
    crd: { spec: { names: { kind: "Privileged" } } },
    targets: [
      {
        target: "admission.k8s.gatekeeper.sh",
        rego: 'package privileged\nviolation[{"msg": msg}] {\n  c := input.review.object.spec.containers[_]\n  c.securityContext.privileged\n  msg := sprintf("%v is privileged", [c.name])\n}',
      },
    ],
  },
};
const constraint = (enforcementAction: string): Record<string, unknown> => ({
  apiVersion: "constraints.gatekeeper.sh/v1beta1",
  kind: "Privileged",
  metadata: { name: "no" },
  spec: { enforcementAction },
});
const privileged = { securityContext: { privileged: true } };

describe("policies of the cluster", () => {
  test("refuse with the place, its line, its value, and the change that admits", async () => {
    const evidence = { policies: [template, constraint("deny")] };
    const lineOf = (path: readonly (string | number)[]): number => path.length;
    const { allowed, reasons } = await decide(pod(privileged), evidence, { lineOf });
    expect(allowed).toBe(false);
    expect(reasons).toEqual([
      {
        policy: "Privileged no",
        rule: "violation",
        path: "/spec/containers/0/securityContext/privileged",
        line: 5,
        value: true,
        image: "",
        id: "Privileged",
        fact: "app is privileged",
        change: "/spec/containers/0/securityContext/privileged: false",
        flip: {
          of: "object",
          patch: [{ op: "replace", path: "/spec/containers/0/securityContext/privileged", value: false }],
        },
      },
    ]);
  });

  test("that only warn or watch let the object in, and say so", async () => {
    const warned = await decide(pod(privileged), { policies: [template, constraint("warn")] });
    expect(warned).toMatchObject({ allowed: true, warnings: ["[Privileged no] app is privileged"] });
    const watched = await decide(pod(privileged), { policies: [template, constraint("dryrun")] });
    expect(watched).toMatchObject({ allowed: true, auditAnnotations: { dryrun: "[Privileged no] app is privileged" } });
  });

  test("note for the audit log what admission policies say, under names that an API server takes", async () => {
    const policy = {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: { name: "notes" },
      spec: {
        matchConstraints: {
          resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
        },
        auditAnnotations: [
          { key: "name", valueExpression: "object.metadata.name" },
          { key: "nothing", valueExpression: "null" },
        ],
      },
    };
    const binding = {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name: "bound" },
      spec: { policyName: "notes", validationActions: ["Deny"] },
    };

    const { allowed, auditAnnotations } = await decide(pod(), { policies: [policy, binding] });

    expect(allowed).toBe(true);
    expect(auditAnnotations).toEqual({
      "notes.name": "app",
      decision: "allowed",
      evidence: expect.stringMatching(/^sha256:/) as string,
    });
    // A key of an annotation has at most 63 characters: what the policies call it stays, and nothing is lost.
    const long = "n".repeat(80);
    const twins = ["a", "b"].flatMap((name) => [
      { ...policy, metadata: { name: `${name}-${long}` } },
      { ...binding, metadata: { name }, spec: { ...binding.spec, policyName: `${name}-${long}` } },
    ]);
    const { auditAnnotations: cut } = await decide(pod({}, "b"), { policies: [...twins, policy, binding] });
    expect(cut).toEqual({
      ...auditAnnotations,
      evidence: cut["evidence"],
      [`${"n".repeat(58)}.name`]: "app",
    });
  });

  test("warn in one line, since an API server passes no others on", async () => {
    const rego = 'package privileged\nviolation[{"msg": "one\\n\\t two\\u0085three"}] { true }';
    const target = { target: "admission.k8s.gatekeeper.sh", rego };
    const policies = [{ ...template, spec: { ...template.spec, targets: [target] } }, constraint("warn")];
    const { warnings } = await decide(pod(), { policies });
    expect(warnings[0]).toContain("one\n");
    expect(admissionResponse("1", await decide(pod(), { policies }))).toMatchObject({
      response: { warnings: ["[Privileged no] one two three"] },
    });
  });

  const lenient = (name: string, wanted = "false"): readonly object[] => [
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: { name },
      spec: {
        failurePolicy: "Ignore",
        matchConstraints: {
          resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
        },
        validations: [{ expression: `object.spec.containers[0].securityContext.privileged == ${wanted}` }],
      },
    },
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name },
      spec: { policyName: name, validationActions: ["Deny"] },
    },
  ];

  test("that fail and are to be ignored are named to whoever applies the object, and to the audit log", async () => {
    const { allowed, warnings, auditAnnotations } = await decide(pod(), { policies: lenient("p") });

    const name = "ValidatingAdmissionPolicyBinding p";
    expect(allowed).toBe(true);
    expect(warnings).toEqual([
      expect.stringMatching(`^\\[${name}\\] failed, so the object was not evaluated.*: no such key: securityContext$`),
    ]);
    expect(auditAnnotations).toMatchObject({ decision: "allowed", ignored: name });
  });

  test("of which a budget leaves none are named, up to a hundred of them", async () => {
    const policies = Array.from({ length: 130 }, (_, at) => lenient(`p${at}`)).flat();
    const spent = new WorkBudget({ steps: 1 });
    spent.take(2);
    const { allowed, warnings, auditAnnotations } = await decide(pod(privileged), { policies }, { budget: spent });

    expect(allowed).toBe(true);
    expect(warnings).toHaveLength(101);
    expect(warnings[0]).toContain("the work budget is used up");
    expect(warnings.at(-1)).toBe("and 30 more policies failed to evaluate the object");
    expect(auditAnnotations["ignored"]?.split("; ")).toHaveLength(101);
  });

  test("that fail to change an object and are to be ignored are named, too", async () => {
    const owner = {
      apiVersion: "mutations.gatekeeper.sh/v1",
      kind: "AssignMetadata",
      metadata: { name: "owner" },
      spec: {
        location: "metadata.labels.owner",
        parameters: { assign: { externalData: { provider: "none", dataSource: "Username", failurePolicy: "Ignore" } } },
      },
    };
    const { allowed, auditAnnotations } = await decide(pod(), { policies: [owner] });

    expect(allowed).toBe(true);
    expect(auditAnnotations).toMatchObject({ ignored: "AssignMetadata owner" });
  });

  test("are not turned by a change after which one that fails is ignored", async () => {
    // Without the security context the policy fails, and would let the pod in unjudged.
    const { reasons } = await decide(pod(privileged), { policies: lenient("p", '"never"') });

    expect(reasons).toMatchObject([{ change: "no change was found that satisfies it" }]);
    expect((await decide(pod(), { policies: lenient("p", '"never"') })).allowed).toBe(true);
  });

  test("judge objects that run no pod, beside policies about images", async () => {
    const config = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" } };
    expect((await decide(config, { policies: [template, constraint("deny")] })).allowed).toBe(true);
    expect(
      (await decide({ apiVersion: "v1", kind: "Pod" }, { policies: [template, constraint("deny")] })).allowed,
    ).toBe(false);
  });

  test("that are broken refuse everything, by name", async () => {
    const broken = structuredClone(template);
    broken.spec.targets[0]!.rego = "package privileged\nviolation[";
    for (const policies of [[broken], [constraint("deny")], [{ kind: "Unknown" }], ["text"]]) {
      const { allowed, reasons } = await decide(pod(), { policies });
      expect([allowed, reasons[0]?.id]).toEqual([false, "error"]);
    }
  });

  test("leave out what Gatekeeper's Config excludes from its webhook", async () => {
    const match = [{ processes: ["webhook"], excludedNamespaces: ["shop"] }];
    const config = {
      apiVersion: "config.gatekeeper.sh/v1alpha1",
      kind: "Config",
      metadata: { name: "config" },
      spec: { match },
    };
    const evidence = { policies: [template, constraint("deny"), config] };
    expect((await decide(pod(privileged), evidence)).allowed).toBe(true);
    expect((await decide(pod(privileged, "bank"), evidence)).allowed).toBe(false);
    const odd = { apiVersion: "templates.gatekeeper.sh/v1", kind: "Template", metadata: { name: "x" } };
    expect((await decide(pod(), { policies: [odd] })).allowed).toBe(false);
    // Kubernetes' own policies know nothing of it: they refuse the pod, and tell a change that they accept.
    const natively = { policies: [...evidence.policies, ...lenient("native")] };
    const { allowed, reasons } = await decide(pod(privileged), natively);
    expect([allowed, reasons.map(({ policy }) => policy)]).toEqual([
      false,
      ["ValidatingAdmissionPolicyBinding native"],
    ]);
    const changed = applyChanges(pod(privileged), natively, reasons);
    expect((await decide(changed?.request, natively)).allowed).toBe(true);
  });

  test("change objects first: the changed one is judged, and patches make it", async () => {
    const mutating = {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "MutatingAdmissionPolicy",
      metadata: { name: "quiet" },
      spec: {
        matchConstraints: {
          resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
        },
        reinvocationPolicy: "Never",
        mutations: [
          {
            patchType: "ApplyConfiguration",
            applyConfiguration: {
              expression:
                "Object{spec: Object.spec{containers: object.spec.containers.map(c, Object.spec.containers{name: c.name, securityContext: Object.spec.containers.securityContext{privileged: false}})}}",
            },
          },
        ],
      },
    };
    const bound = {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "MutatingAdmissionPolicyBinding",
      metadata: { name: "quiet" },
      spec: { policyName: "quiet" },
    };
    const mutator = {
      apiVersion: "mutations.gatekeeper.sh/v1",
      kind: "AssignMetadata",
      metadata: { name: "owner" },
      spec: { location: "metadata.labels.owner", parameters: { assign: { value: "shop" } } },
    };
    const policies = [template, constraint("deny"), mutating, bound, mutator];

    const { allowed, patches, auditAnnotations } = await decide(pod(privileged), { policies });

    expect(allowed).toBe(true);
    expect(patches).toEqual([
      { op: "add", path: "/metadata/labels", value: { owner: "shop" } },
      { op: "replace", path: "/spec/containers/0/securityContext/privileged", value: false },
    ]);
    expect(auditAnnotations).toMatchObject({ mutations: "MutatingAdmissionPolicy/quiet, AssignMetadata/owner" });

    const misspelt = JSON.parse(JSON.stringify(mutating).replaceAll("privileged:", "privilged:")) as unknown;
    const unknown = await decide(pod(), { policies: [misspelt, bound] });
    expect(unknown).toMatchObject({
      allowed: true,
      warnings: [
        expect.stringContaining("sets .spec.containers[0].securityContext.privilged, which is not in the known schema"),
      ],
    });

    // What is not changed enough is refused, and the change that admits starts with what policies change.
    const changing = [template, constraint("deny"), mutator];
    const refused = await decide(pod(privileged), { policies: changing });
    expect(refused.reasons.map(({ flip }) => flip?.patch.map(({ path }) => path))).toEqual([
      ["/metadata/labels", "/spec/containers/0/securityContext/privileged"],
    ]);
    const changed = applyChanges(pod(privileged), { policies: changing }, refused.reasons);
    expect(await decide(changed?.request, { policies: changing })).toMatchObject({ allowed: true, patches: [] });
  });

  test("that fail to change an object refuse it, and excluded namespaces are not changed by mutators", async () => {
    const failing = {
      apiVersion: "mutations.gatekeeper.sh/v1",
      kind: "Assign",
      metadata: { name: "f" },
      spec: {
        applyTo: [{ groups: [""], versions: ["v1"], kinds: ["Pod"] }],
        location: "spec.containers.image",
        parameters: { assign: { value: "x" } },
      },
    };
    const config = {
      apiVersion: "config.gatekeeper.sh/v1alpha1",
      kind: "Config",
      metadata: { name: "config" },
      spec: { match: [{ processes: ["mutation-webhook"], excludedNamespaces: ["shop"] }] },
    };
    const refused = await decide(pod(), { policies: [template, constraint("deny"), failing] });
    expect(refused).toMatchObject({ allowed: false, reasons: [{ id: "error" }], patches: [] });
    expect(await decide(pod(), { policies: [template, constraint("deny"), failing, config] })).toMatchObject({
      allowed: true,
    });
  });

  test("judge what an object will lead to by its expansion templates, and tell a change that turns it", async () => {
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
    const { metadata, spec } = pod(privileged);
    const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { template: { spec } } };
    const policies = [template, constraint("deny"), expansion];
    const { allowed, reasons } = await decide(deployment, { policies });

    expect(allowed).toBe(false);
    expect(reasons).toMatchObject([{ policy: "Privileged no", fact: "[Implied by pods] app is privileged" }]);
    const changed = applyChanges(deployment, { policies }, reasons);
    expect((await decide(changed?.request, { policies })).allowed).toBe(true);
    const warns = { ...expansion, spec: { ...expansion.spec, enforcementAction: "warn" } };
    expect(await decide(deployment, { policies: [template, constraint("deny"), warns] })).toMatchObject({
      allowed: true,
      warnings: ["[Privileged no] [Implied by pods] app is privileged"],
    });
    // An API server asks its own policies only when there is a pod.
    const native = { policies: [...lenient("native"), expansion] };
    expect((await decide(deployment, native)).allowed).toBe(true);
    expect((await decide(pod(privileged), native)).allowed).toBe(false);
    // Nor does Gatekeeper expand what its Config excludes.
    const excluding = {
      apiVersion: "config.gatekeeper.sh/v1alpha1",
      kind: "Config",
      metadata: { name: "config" },
      spec: { match: [{ processes: ["*"], excludedNamespaces: ["shop"] }] },
    };
    expect((await decide(deployment, { policies: [...policies, excluding] })).allowed).toBe(true);
  });

  test("are asked about what goes away", async () => {
    const review = (operation: string, object: unknown): unknown => ({
      apiVersion: "admission.k8s.io/v1",
      kind: "AdmissionReview",
      request: { uid: "1", operation, kind: { group: "", version: "v1", kind: "Pod" }, oldObject: object },
    });
    const evidence = { policies: [template, constraint("deny")] };
    expect((await decide(review("DELETE", pod(privileged)), evidence)).allowed).toBe(false);
    expect((await decide(review("DELETE", pod()), evidence)).allowed).toBe(true);
    expect((await decide(review("DELETE", undefined), { policies: [] })).allowed).toBe(true);
  });
});

describe("what policies are told beside the object", () => {
  const asks = (expression: string): readonly object[] =>
    ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"].map((kind) => ({
      apiVersion: "admissionregistration.k8s.io/v1",
      kind,
      metadata: { name: "asks" },
      spec: kind.endsWith("Binding")
        ? { policyName: "asks", validationActions: ["Deny"] }
        : {
            matchConstraints: {
              resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["*"], resources: ["pods"] }],
            },
            validations: [{ expression }],
          },
    }));

  test("an authorizer answers them, and a decision it was asked for is not kept", async () => {
    const policies = await preparePolicies(asks("authorizer.group('').resource('pods').check('break').allowed()"));
    const answers = [true, false, true];
    const authorize = (): { readonly allowed: boolean } => ({ allowed: answers.shift() ?? false });
    const cache = verdictCache<Decision>();
    const answerTo = admissionAnswers({
      evidenceFor: () => ({ policies }),
      cache,
      decide: { authorize, maxAttempts: 0 },
    });
    const review = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview" };
    const request = { uid: "1", operation: "CREATE", kind: { group: "", version: "v1", kind: "Pod" }, object: pod() };
    const allowed: unknown[] = [];
    for (let times = 0; times < 3; times += 1) {
      const { body } = await answerTo(JSON.stringify({ ...review, request }));
      allowed.push((JSON.parse(body) as { readonly response: { readonly allowed: boolean } }).response.allowed); // as: it is ours
    }

    expect(allowed).toEqual([true, false, true]);
    expect(cache.size).toBe(0);
    expect((await decide(pod(), { policies }, { maxAttempts: 0 })).allowed).toBe(false);
    await expect(decide(pod(), { policies }, { authorize: "yes" as never })).rejects.toThrow("authorize");
  });

  test("templates are told the time of the evidence, and one that cannot be read is none", async () => {
    const rego = `package privileged
violation[{"msg": "over"}] { time.now_ns() >= time.parse_rfc3339_ns("2026-01-01T00:00:00Z") }`;
    const policies = [
      { ...template, spec: { ...template.spec, targets: [{ target: "admission.k8s.gatekeeper.sh", rego }] } },
      constraint("deny"),
    ];
    const facts = async (now?: string): Promise<readonly string[]> =>
      (await decide(pod(), { policies, now }, { maxAttempts: 0 })).reasons.map(({ fact }) => fact);

    expect(await facts("2025-06-01T00:00:00Z")).toEqual([]);
    expect(await facts("2026-06-01T00:00:00Z")).toEqual(["over"]);
    expect((await facts("soon"))[0]).toContain("the clock is not available");
    expect((await facts())[0]).toContain("the clock is not available");
  });

  test("Gatekeeper's Config narrows what referential templates see, and excludes the namespace of the request", async () => {
    const rego = `package privileged
violation[{"msg": "a twin"}] { data.inventory.namespace[_][_]["Pod"][input.review.object.metadata.name] }`;
    const referential = {
      ...template,
      spec: { ...template.spec, targets: [{ target: "admission.k8s.gatekeeper.sh", rego }] },
    };
    const config = (spec: object): object => ({
      apiVersion: "config.gatekeeper.sh/v1alpha1",
      kind: "Config",
      metadata: { name: "config" },
      spec,
    });
    const { metadata: _, ...rest } = pod();
    const request = {
      uid: "1",
      operation: "CREATE",
      namespace: "shop",
      object: { ...rest, metadata: { name: "app" } },
    };
    const review = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request };
    const allowed = async (...more: readonly object[]): Promise<boolean> =>
      (await decide(review, { policies: [referential, constraint("deny"), ...more], inventory: [pod({}, "bank")] }))
        .allowed;

    expect(await allowed()).toBe(false);
    expect(await allowed(config({ sync: { syncOnly: [{ group: "", version: "v1", kind: "Service" }] } }))).toBe(true);
    expect(await allowed(config({ match: [{ processes: ["webhook"], excludedNamespaces: ["shop"] }] }))).toBe(true);
    expect(await allowed(config({ match: [{ processes: ["webhook"], excludedNamespaces: ["bank"] }] }))).toBe(false);
  });

  test("mutators are under the decision's budget", async () => {
    const assign = {
      apiVersion: "mutations.gatekeeper.sh/v1",
      kind: "Assign",
      metadata: { name: "pull" },
      spec: {
        applyTo: [{ groups: [""], versions: ["v1"], kinds: ["Pod"] }],
        location: "spec.containers[name:*].imagePullPolicy",
        parameters: { assign: { value: "Always" } },
      },
    };
    const { reasons } = await decide(pod(), { policies: [assign] }, { budget: new WorkBudget({ steps: 1 }) });

    expect(reasons).toMatchObject([{ fact: "the work budget is used up" }]);
  });
});

test("a decision depends on no clock, however slow the machine is", async () => {
  let now = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => (now += 10_000));
  const containers = Array.from({ length: 500 }, (_, at) => ({ name: `c${at}`, image, ...privileged }));
  const many = { ...pod(), spec: { containers } };
  try {
    const { reasons } = await decide(many, { policies: [template, constraint("deny")] }, { maxAttempts: 0 });
    expect(reasons).toHaveLength(101);
  } finally {
    clock.mockRestore();
  }
});

describe("gates and checks", () => {
  const report = { ...everyKindReport, artifact: { ...everyKindReport.artifact, name: image } };

  test("a gate refuses what a report holds, and an image without a report", async () => {
    const gate = { severity: "CRITICAL" } as const;
    const evidence: Evidence = { policies: [], gate, reports: { [image]: report } };
    const decision = await decide(pod(), evidence);
    expect(decision.allowed).toBe(false);
    expect(
      decision.reasons.every(({ policy, path }) => policy === "gate CRITICAL" && path === "/spec/containers/0/image"),
    ).toBe(true);
    const changed = applyChanges(pod(), evidence, decision.reasons);
    expect((await decide(changed?.request, changed?.evidence ?? evidence)).allowed).toBe(true);

    expect((await decide(pod(), { policies: [], gate })).reasons).toMatchObject([{ id: "not scanned" }]);
    const clean = { ...emptyReport, vulnerabilities: [] };
    expect((await decide(pod(), { policies: [], gate, reports: { [digest]: clean } })).allowed).toBe(true);
    const odd = { severity: "SEVERE" } as unknown as { readonly severity: "HIGH" };
    expect((await decide(pod(), { policies: [], gate: odd })).allowed).toBe(false);
  });

  test("a gate takes no report for clean in which nobody looked, and tells what one could not look at", async () => {
    const { vulnerabilities: _, ...lookedForNothing } = emptyReport;
    const decided = async (gate: Evidence["gate"], known: unknown): ReturnType<typeof decide> =>
      decide(pod(), { policies: [], gate, reports: { [image]: known as Report } });

    for (const [gate, known] of [
      [{ severity: "CRITICAL" }, lookedForNothing],
      [{ severity: "CRITICAL", kinds: ["secret"] }, emptyReport],
      [{ severity: "CRITICAL" }, {}],
      [{ severity: "CRITICAL" }, "text"],
    ] as const)
      expect((await decided(gate, known)).allowed).toBe(false);
    const { reasons } = await decided({ severity: "CRITICAL", kinds: ["secret"] }, emptyReport);
    expect(reasons).toMatchObject([{ id: "not scanned", fact: `the report of ${image} has no list of secret` }]);
    const gaps = { ...emptyReport, coverage: { verdict: "incomplete", gaps: [] } };
    expect(await decided({ severity: "CRITICAL" }, gaps)).toMatchObject({
      allowed: true,
      warnings: [`the report of ${image} says that something could not be looked at`],
    });
  });

  test("checks refuse an object with the id of the check", async () => {
    const evidence: Evidence = { policies: [], checks: { ids: ["KSV-0017"] } };
    const decision = await decide(pod(privileged), evidence);
    expect(decision.reasons).toMatchObject([{ policy: "checks", id: "KSV-0017", flip: { of: "object" } }]);
    const changed = applyChanges(pod(privileged), evidence, decision.reasons);
    expect((await decide(changed?.request, evidence)).allowed).toBe(true);
    expect((await decide(pod(), { policies: [], checks: { ids: ["KSV-9999"] } })).allowed).toBe(false);
  });

  test("vulnerabilities come from a report, the worst of each id, and a fix must be there for all", () => {
    const [first] = report.vulnerabilities ?? [];
    if (first === undefined) throw new Error("the report has a vulnerability");
    const { fixedVersion: _, ...unfixed } = first;
    const vulnerabilities = [
      { ...first, id: "CVE-1", severity: "LOW", fixedVersions: ["2"] } as const,
      { ...unfixed, id: "CVE-1", severity: "HIGH", fixedVersions: [] } as const,
    ];
    expect(vulnerabilitiesOf({ ...report, vulnerabilities })).toEqual([
      { id: "CVE-1", severity: "HIGH", fixAvailable: false },
    ]);
    const { vulnerabilities: __, ...nobodyLooked } = report;
    expect(vulnerabilitiesOf(nobodyLooked)).toBeUndefined();
  });
});

describe("exemptions", () => {
  const base = { policies: [template, constraint("deny")], now: "2026-06-01T12:00:00Z" };
  const allowedWith = async (exemption: object): Promise<boolean> => {
    const exemptions = [{ by: "ada", reason: "migration", ...exemption }];
    return (await decide(pod(privileged), { ...base, exemptions })).allowed;
  };

  test("let an object off a rule as long as they hold", async () => {
    expect(await allowedWith({ policy: "Privileged no", namespace: "shop" })).toBe(true);
    expect(await allowedWith({ policy: "Privileged no", expires: "2026-06-01" })).toBe(true);
    expect(await allowedWith({ policy: "Privileged no", expires: "2026-05-31" })).toBe(false);
    expect(await allowedWith({ policy: "Privileged no", expires: "soon" })).toBe(false);
    expect(await allowedWith({ policy: "Privileged no", namespace: "other" })).toBe(false);
  });

  test("that name nothing are about nothing, and none is from what cannot be judged", async () => {
    expect(await allowedWith({})).toBe(false);
    const exemptions = [{ by: "ada", reason: "x", id: "error" }];
    expect((await decide({}, { ...base, exemptions })).allowed).toBe(false);
  });

  test("that have ended are told", async () => {
    const exemptions = [{ by: "ada", reason: "migration", id: "Privileged", expires: "2026-01-01" }];
    const { warnings } = await decide(pod(privileged), { ...base, exemptions });
    expect(warnings).toEqual(['the exemption "migration" expired (2026-01-01)']);
  });

  test("are read from a list, or refused by name", () => {
    expect(readExemptions("- by: ada\n  reason: x\n  id: CVE-1\n", "f")).toEqual([
      { by: "ada", reason: "x", id: "CVE-1" },
    ]);
    for (const text of ["- by: a\n  reason: b\n", "- id: x\n", "a: 1", "- by: a\n  reason: b\n  idd: c\n", "["])
      expect(() => readExemptions(text, "f")).toThrow("f");
  });
});

describe("evidence", () => {
  const evidence = { policies: [template, constraint("deny")] };

  test("is replayed to the same decision, and nothing else passes for it", async () => {
    const decision = await decide(pod(privileged), evidence);
    const text = await writeEvidence(pod(privileged), evidence);
    expect(await replayDecision(text, evidence.policies, decision.evidenceDigest)).toEqual(decision);
    await expect(replayDecision(`${text} `, evidence.policies, decision.evidenceDigest)).rejects.toThrow(
      "not the evidence",
    );
    await expect(replayDecision(text, [template], decision.evidenceDigest)).rejects.toThrow("in force");
  });

  test("is the same for prepared policies, and for another id of the request", async () => {
    const prepared = await preparePolicies(evidence.policies);
    expect(await decide(pod(), { policies: prepared })).toEqual(await decide(pod(), evidence));
    const review = (uid: string): unknown => ({ kind: "AdmissionReview", request: { uid, object: pod() } });
    expect(await evidenceDigestOf(review("1"), evidence)).toBe(await evidenceDigestOf(review("2"), evidence));
  });

  test("policies of another namespace do not count, and all do where the namespace is not known", async () => {
    const policy = { kind: "ImageSecurityPolicy", metadata: { namespace: "bank", name: "p" }, spec: {} };
    expect((await decide(pod(), { policies: [policy] })).allowed).toBe(true);
    expect((await decide(pod({}, "bank"), { policies: [policy] })).reasons).toMatchObject([{ id: "not scanned" }]);
    const { metadata: _, ...nowhere } = pod();
    expect((await decide(nowhere, { policies: [policy] })).allowed).toBe(false);
  });
});

test("a verdict cache keeps as many as it may, the least recently used go first", () => {
  const cache = verdictCache<number>(2);
  cache.set("a", 1);
  cache.set("b", 2);
  cache.get("a");
  cache.set("c", 3);
  expect([cache.get("a"), cache.get("b"), cache.get("c"), cache.size]).toEqual([1, undefined, 3, 2]);
  expect(() => verdictCache(0)).toThrow(TypeError);
});

describe("the signer", () => {
  const policy = {
    kind: "VulnzSigningPolicy",
    spec: { imageVulnerabilityRequirements: { maximumFixableSeverity: "LOW" } },
  };
  const attestation = { keyId: "k", signature: "s" };
  const run = async (
    mode: "check-only" | "check-and-sign" | "bypass-and-sign",
    severity?: string,
  ): Promise<unknown> => {
    const vulnerabilities = severity === undefined ? undefined : [{ id: "CVE-1", severity, fixAvailable: true }];
    const { passed, attestation: made } = await attestByPolicy(image, {
      policy,
      mode,
      vulnerabilities,
      sign: async () => attestation,
    });
    return [passed, made !== undefined];
  };

  test("checks, checks and signs, or signs whatever there is", async () => {
    expect(await run("check-only", "LOW")).toEqual([true, false]);
    expect(await run("check-only", "HIGH")).toEqual([false, false]);
    expect(await run("check-and-sign", "LOW")).toEqual([true, true]);
    expect(await run("check-and-sign", "HIGH")).toEqual([false, false]);
    expect(await run("bypass-and-sign", "HIGH")).toEqual([undefined, true]);
    expect(await run("check-and-sign")).toEqual([false, false]);
  });

  test("takes no wrong policy or mode", async () => {
    const sign = async (): Promise<typeof attestation> => attestation;
    await expect(attestByPolicy(image, { policy: {}, mode: "bypass-and-sign", sign })).rejects.toThrow("policy");
    await expect(attestByPolicy(image, { policy, mode: "sign" as "check-only", sign })).rejects.toThrow(TypeError);
  });
});

test("Kritis' settings are read with their defaults, and refused by name", () => {
  const config = (spec: object): unknown => ({ kind: "KritisConfig", metadata: { name: "kritis" }, spec });
  expect(readKritisConfig(config({}))).toEqual({
    name: "kritis",
    metadataBackend: "containerAnalysis",
    cronInterval: 3_600_000,
    serverAddr: ":443",
  });
  expect(
    readKritisConfig(config({ metadataBackend: "grafeas", cronInterval: "1h30m", grafeas: { addr: "grafeas:443" } })),
  ).toMatchObject({ cronInterval: 5_400_000, grafeasAddr: "grafeas:443" });
  for (const wrong of [
    { metadataBackend: "x" },
    { cronInterval: "1 hour" },
    { cronInterval: "-1s" },
    { metadataBackend: "grafeas" },
  ])
    expect(() => readKritisConfig(config(wrong))).toThrow("KritisConfig");
  expect(() => readKritisConfig({ kind: "Pod" })).toThrow("KritisConfig");
});
