import type { JsonObject } from "@plimsoll/kubernetes";
import { describe, expect, test } from "vitest";
import { auditStream, loadPolicies, readSync, syncedObjects, violationFindings } from "../index.ts";

const template = {
  apiVersion: "templates.gatekeeper.sh/v1",
  kind: "ConstraintTemplate",
  metadata: { name: "named" },
  spec: {
    crd: { spec: { names: { kind: "Named" } } },
    targets: [
      {
        target: "admission.k8s.gatekeeper.sh",
        rego: 'package named\nviolation[{"msg": msg}] {\n  startswith(input.review.object.metadata.name, "bad")\n  msg := sprintf("%v is bad", [input.review.object.metadata.name])\n}',
      },
    ],
  },
};
const constraint = (name: string, spec = {}, annotations = {}): JsonObject => ({
  apiVersion: "constraints.gatekeeper.sh/v1beta1",
  kind: "Named",
  metadata: { name, annotations },
  spec,
});
const object = (name: string, namespace = "shop"): JsonObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace },
});

async function* streamOf(objects: Iterable<unknown>): AsyncGenerator<unknown> {
  yield* objects;
}

describe("an audit of a stream", () => {
  const policies = loadPolicies([template, constraint("a"), constraint("b", { enforcementAction: "dryrun" })]);

  test("keeps so many violations of each constraint and counts all", async () => {
    const objects = Array.from({ length: 30 }, (_, index) => object(`${index % 2 === 0 ? "bad" : "good"}-${index}`));
    const run = auditStream(policies, streamOf(objects), { violationsPerConstraint: 4 });
    const audited = [];
    for await (const each of run) audited.push(each);
    expect(audited).toHaveLength(4);
    expect(audited[0]?.violations.map(({ constraint: { name } }) => name)).toEqual(["a", "b"]);
    expect(run.summary()).toMatchObject({ objects: 30, excluded: 0, unjudged: [] });
    expect([...run.summary().totalViolations]).toEqual([
      ["Named/a", 15],
      ["Named/b", 15],
    ]);
  });

  test("does not read on before it is asked, keeps nothing, and can be called off", async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<unknown> {
      for (;;) yield object(`bad-${given++}`);
    }
    for await (const _ of auditStream(policies, endless())) break;
    expect(given).toBe(1);
    const signal = AbortSignal.abort(new Error("called off"));
    await expect(auditStream(policies, endless(), { signal })[Symbol.asyncIterator]().next()).rejects.toThrow(
      "called off",
    );
  });

  test("tells what cannot be judged, and goes on", async () => {
    const run = auditStream(policies, ["text", null, object("bad")]);
    const audited = [];
    for await (const each of run) audited.push(each);
    expect(audited).toHaveLength(1);
    expect(run.summary().unjudged).toHaveLength(2);
    expect(() => auditStream(policies, [], { limit: 1 } as object)).toThrow(TypeError);
    expect(() => auditStream(policies, [], { violationsPerConstraint: Number.NaN })).toThrow(TypeError);
  });
});

describe("Config and SyncSet", () => {
  const config = {
    apiVersion: "config.gatekeeper.sh/v1alpha1",
    kind: "Config",
    metadata: { name: "config" },
    spec: {
      sync: { syncOnly: [{ group: "", version: "v1", kind: "ConfigMap" }, { kind: "Pod" }] },
      match: [
        { processes: ["audit"], excludedNamespaces: ["kube-*"] },
        { processes: ["*"], excludedNamespaces: ["system"] },
        { processes: ["audits"], excludedNamespaces: [] },
      ],
    },
  };
  const syncSet = {
    apiVersion: "syncset.gatekeeper.sh/v1alpha1",
    kind: "SyncSet",
    metadata: { name: "more" },
    spec: { gvks: [{ group: "apps", version: "v1", kind: "Deployment" }] },
  };

  test("say which objects referential policies see, and which are excluded from what", () => {
    const settings = readSync([config, syncSet, { ...config, metadata: { name: "other" } }]);
    expect(settings.statuses).toEqual([
      {
        kind: "Config",
        name: "config",
        synced: [{ group: "", version: "v1", kind: "ConfigMap" }],
        errors: [
          "an entry of spec.sync.syncOnly has no version or kind",
          'unknown process "audits": must be one of *, audit, webhook, sync, mutation-webhook',
        ],
      },
      { kind: "SyncSet", name: "more", synced: [{ group: "apps", version: "v1", kind: "Deployment" }], errors: [] },
      { kind: "Config", name: "other", synced: [], errors: ["ignored: Gatekeeper reads only the Config named config"] },
    ]);
    const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "d", namespace: "shop" } };
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace: "shop" } };
    const all = [object("a"), object("b", "system"), deployment, secret];
    expect(syncedObjects(all, settings)).toEqual([all[0], deployment]);
    expect(settings.excludes(object("x", "kube-system"), "audit")).toBe(true);
    expect(settings.excludes(object("x", "kube-system"), "webhook")).toBe(false);
    expect(settings.excludes({ apiVersion: "v1", kind: "Namespace", metadata: { name: "system" } }, "webhook")).toBe(
      true,
    );
  });

  test("that are not there leave every object to be seen", () => {
    expect(syncedObjects([object("a")], readSync([]))).toHaveLength(1);
  });

  test("keep what they exclude out of an audit, except from what Kubernetes itself asks", async () => {
    const native = [
      {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingAdmissionPolicy",
        metadata: { name: "worse" },
        spec: {
          matchConstraints: {
            resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["*"], resources: ["*"] }],
          },
          validations: [{ expression: "object.metadata.name != 'worse'" }],
        },
      },
      {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingAdmissionPolicyBinding",
        metadata: { name: "worse" },
        spec: { policyName: "worse", validationActions: ["Deny"] },
      },
    ];
    const policies = loadPolicies([template, constraint("a"), ...native]);
    const settings = readSync([config]);
    const excludes = (each: JsonObject): boolean => settings.excludes(each, "audit");
    const objects = [object("bad", "kube-system"), object("worse", "kube-system"), object("bad")];
    const run = auditStream(policies, objects, { excludes });
    const audited = [];
    for await (const each of run) audited.push(each);
    expect(audited.map(({ violations }) => violations.map(({ constraint: { kind } }) => kind))).toEqual([
      ["ValidatingAdmissionPolicyBinding"],
      ["Named"],
    ]);
    expect(run.summary().excluded).toBe(2);
  });
});

test("violations are misconfigurations of a report, as bad as their constraint says or does", () => {
  const policies = loadPolicies([
    template,
    constraint("deny"),
    constraint("stated", {}, { "plimsoll.dev/severity": "critical", description: "names must be good" }),
    constraint("warn", { enforcementAction: "warn" }),
    constraint("watch", { enforcementAction: "dryrun" }),
  ]);
  const location = { path: "all.yaml", line: 3 };
  const findings = violationFindings(policies, policies.audit([object("bad")]), { locationOf: () => location });
  expect(findings.map(({ title, severity }) => [title, severity])).toEqual([
    ["Named deny", "HIGH"],
    ["Named stated", "CRITICAL"],
    ["Named warn", "MEDIUM"],
    ["Named watch", "LOW"],
  ]);
  expect(findings[1]).toMatchObject({
    kind: "misconfiguration",
    engine: "gatekeeper",
    subject: "object",
    id: "Named",
    status: "fail",
    message: "bad is bad",
    description: "names must be good",
    resource: { type: "ConfigMap", name: "bad", namespace: "shop" },
    location,
  });
  expect(new Set(findings.map(({ fingerprint }) => fingerprint)).size).toBe(4);
});
