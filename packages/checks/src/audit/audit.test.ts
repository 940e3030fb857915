import { readConfigs } from "@plimsoll/configs";
import { parseYamlDocuments } from "@plimsoll/formats";
import {
  asList,
  asObject,
  kubernetesObjects,
  member,
  podTemplateOf,
  type KubernetesObject,
} from "@plimsoll/kubernetes";
import { sharedFile } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { auditStatements, auditWorkloads, type AuditFinding } from "./audit-workloads.ts";
import { readAuditConfig } from "./audit-config.ts";
import { splitImage } from "./auditors/image.ts";
import { fixWorkloads } from "./fix-workloads.ts";

function rows<Row>(table: string): readonly Row[] {
  const text = sharedFile(`conformance/kubeaudit/${table}.json`);
  return text === undefined ? [] : (JSON.parse(text) as readonly Row[]);
}

function manifest(file: string): string {
  return sharedFile(`conformance/kubeaudit/${file}`) ?? "";
}

function findingsOf(
  text: string,
  options: { auditors?: readonly string[]; config?: unknown } = {},
): readonly AuditFinding[] {
  const { auditors = ["all"], config } = options;
  return auditWorkloads(readConfigs([{ path: "manifest.yaml", text }]).documents, {
    config,
    only: auditors.includes("all") ? undefined : auditors,
  });
}

function configOf({ config }: { readonly config?: Readonly<Record<string, unknown>> }): unknown {
  return config === undefined || "enabledAuditors" in config ? config : { auditors: config };
}

interface AuditRow {
  readonly id: string;
  readonly auditors: readonly string[];
  readonly file: string;
  readonly rules: readonly string[];
  readonly config?: Readonly<Record<string, unknown>>;
  readonly severity?: string;
  readonly message?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

const audits = rows<AuditRow>("audit");

describe.skipIf(audits.length === 0)("rule ids of kubeaudit's manifests", () => {
  test.each(audits.map((row) => [row.id, row] as const))("%s", (_, row) => {
    const found = findingsOf(manifest(row.file), { auditors: row.auditors, config: configOf(row) });

    expect([...new Set(found.map(({ id }) => id))].sort()).toEqual([...row.rules].sort());
    if (row.severity !== undefined) expect(found.map(({ level }) => level)).toContain(row.severity);
    if (row.message !== undefined) expect(found.map(({ message }) => message)).toContain(row.message);
    if (row.metadata !== undefined) expect(found.map(({ metadata }) => metadata)).toContainEqual(row.metadata);
  });
});

interface FindingsRow {
  readonly id: string;
  readonly file: string;
  readonly findings: readonly {
    readonly rule: string;
    readonly severity: string;
    readonly resource: Readonly<Record<string, string>>;
    readonly metadata?: Readonly<Record<string, string>>;
  }[];
}

const full = rows<FindingsRow>("findings");

describe.skipIf(full.length === 0)("every finding of kubeaudit's manifests", () => {
  test.each(full.map((row) => [row.id, row] as const))("%s", (_, row) => {
    const found = findingsOf(manifest(row.file)).map(({ id, level, resource, metadata }) =>
      line(
        id,
        level,
        {
          apiVersion: resource.apiVersion,
          kind: resource.type,
          name: resource.name,
          namespace: resource.namespace ?? "",
        },
        metadata,
      ),
    );
    const wanted = row.findings.map(({ rule, severity, resource, metadata = {} }) =>
      line(rule, severity, resource, metadata),
    );

    expect(found.sort()).toEqual(wanted.sort());
  });
});

function line(
  rule: string,
  level: string,
  { apiVersion = "", kind = "", name = "", namespace = "" }: Readonly<Record<string, string>>,
  metadata: Readonly<Record<string, string>>,
): string {
  const facts = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  return [rule, level, apiVersion, kind, namespace, name, JSON.stringify(facts)].join(" ");
}

interface FixedRow {
  readonly id: string;
  readonly file: string;
  readonly fixed: string;
  readonly errorsLeft: readonly string[];
}

const fixedRows = rows<FixedRow>("fixed");

describe.skipIf(fixedRows.length === 0)("mended manifests", () => {
  test.each(fixedRows.map((row) => [row.id, row] as const))("%s", (_, row) => {
    const text = manifest(row.file);
    const fixed = fixWorkloads(text);

    expect(valuesOf(fixed.text)).toEqual(valuesOf(row.fixed));
    expect(fixed.refused).toEqual([]);
    const errors = fixed.findings.filter(({ level }) => level === "error").map(({ id }) => id);
    expect([...new Set(errors)].sort()).toEqual([...new Set(row.errorsLeft)].sort());
    expect(fixWorkloads(fixed.text).text).toBe(fixed.text);
    expect(commentsOf(text).filter((each) => !commentsOf(fixed.text).includes(each))).toEqual([]);
  });
});

function commentsOf(text: string): readonly string[] {
  return text.split("\n").flatMap((each) => /(?:^|\s)(#.*)$/.exec(each)?.[1] ?? []);
}

/** Values without what a cluster fills in, empty mappings, and the order of members. */
function valuesOf(text: string): readonly unknown[] {
  return parseYamlDocuments(text)
    .documents.map(({ value }) => trimmed(value))
    .filter((value) => value !== undefined);
}

function trimmed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => trimmed(item) ?? {});
  if (typeof value !== "object") return value;
  if (value === null) return undefined;
  const entries = Object.entries(value)
    // kubeaudit's types leave out namespaces that are not shared.
    .filter(
      ([key, inner]) => key !== "status" && key !== "creationTimestamp" && !(key.startsWith("host") && inner === false),
    )
    .map(([key, inner]) => [key, trimmed(inner)] as const)
    .filter(([, inner]) => inner !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

test.skipIf(rows("capabilities-fix").length === 0)("capabilities after mending", () => {
  for (const row of rows<{
    config: Record<string, unknown>;
    object: Record<string, unknown>;
    add: string[];
    drop: string[];
  }>("capabilities-fix")) {
    const { text } = fixWorkloads(JSON.stringify(row.object), {
      path: "pod.json",
      only: ["capabilities"],
      config: { auditors: row.config },
    });
    const held = (
      JSON.parse(text) as { spec: { containers: { securityContext: { capabilities: Record<string, string[]> } }[] } }
    ).spec.containers[0]?.securityContext.capabilities;

    expect([...(held?.["add"] ?? [])].sort()).toEqual([...row.add].sort());
    expect([...(held?.["drop"] ?? [])].sort()).toEqual([...row.drop].sort());
  }
});

interface Condition {
  readonly each?: "container" | "podSpec" | "pod" | "ServiceAccount";
  readonly container?: string;
  readonly index?: number;
  readonly path?: string;
  readonly annotation?: string;
  readonly noAnnotationPrefix?: string;
  readonly equals?: unknown;
  readonly absent?: boolean;
  readonly falseOrAbsent?: boolean;
  readonly namespace?: string;
  readonly defaultDenyIngress?: boolean;
  readonly defaultDenyEgress?: boolean;
  readonly audit?: string;
}

const mendings = rows<{ id: string; auditors: readonly string[]; file: string; after: readonly Condition[] }>(
  "autofix",
);

describe.skipIf(mendings.length === 0)("what holds of mended manifests", () => {
  test.each(mendings.map((row) => [row.id, row] as const))("%s", (_, row) => {
    const only = row.auditors.includes("all") ? undefined : row.auditors;
    const { text, findings } = fixWorkloads(manifest(row.file), { only });
    const documents = readConfigs([{ path: "manifest.yaml", text }]).documents;
    const objects = documents.flatMap(({ value }) => kubernetesObjects(value));

    for (const condition of row.after) {
      if (condition.audit !== undefined) {
        const bad = condition.audit.startsWith("no") ? ["error"] : ["error", "info"];
        expect(findings.filter(({ level }) => bad.includes(level))).toEqual([]);
      } else if (condition.namespace !== undefined) {
        for (const way of ["Ingress", "Egress"] as const)
          if (condition[`defaultDeny${way}`] !== undefined)
            expect(deniesAll(objects, condition.namespace, way)).toBe(condition[`defaultDeny${way}`]);
      } else for (const part of partsOf(objects, condition)) judge(part, condition);
    }
  });
});

function deniesAll(objects: readonly KubernetesObject[], namespace: string, way: "Ingress" | "Egress"): boolean {
  return objects.some(({ kind, namespace: own = "", value }) => {
    const spec = member(value, "spec");
    const types = asList(member(spec, "policyTypes"));
    return (
      kind === "NetworkPolicy" &&
      own === namespace &&
      Object.keys(asObject(member(spec, "podSelector")) ?? {}).length === 0 &&
      types.includes(way) &&
      asList(member(spec, way.toLowerCase())).length === 0
    );
  });
}

function partsOf(objects: readonly KubernetesObject[], { each, container, index }: Condition): readonly unknown[] {
  if (each === "ServiceAccount")
    return objects.filter(({ kind }) => kind === "ServiceAccount").map(({ value }) => value);
  const pods = objects.flatMap((object) => podTemplateOf(object) ?? []);
  if (each === "podSpec") return pods.map(({ spec }) => spec);
  if (each === "pod") return pods.map(({ metadata }) => metadata);
  return pods.flatMap(({ containers, metadata }) =>
    containers
      .filter(
        ({ name }, position) => (container === undefined || name === container) && (index ?? position) === position,
      )
      .map(({ name, value }) => ({ ...value, name, podMetadata: metadata })),
  );
}

function judge(part: unknown, condition: Condition): void {
  if (condition.noAnnotationPrefix !== undefined) {
    const keys = Object.keys(asObject(member(part, "annotations")) ?? {});
    expect(keys.filter((key) => key.startsWith(condition.noAnnotationPrefix ?? ""))).toEqual([]);
    return;
  }
  const name = String(member(part, "name"));
  const value =
    condition.annotation === undefined
      ? member(part, ...(condition.path ?? "").split("."))
      : member(part, "podMetadata", "annotations", condition.annotation.replace("<container>", name));
  if (condition.absent === true) expect(value).toBeUndefined();
  else if (condition.falseOrAbsent === true) expect(value ?? false).toBe(false);
  else expect(value).toEqual(condition.equals);
}

test("the name and tag of an image, as kubeaudit reads them", () => {
  for (const { image: text, name, tag } of rows<{ image: string; name: string; tag: string }>("image-split"))
    expect(splitImage(text)).toEqual({ name, tag });
  expect(splitImage("nginx:1")).toEqual({ name: "nginx", tag: "1" });
});

test("findings below a level are left out, and so are edits that nobody asks for", () => {
  const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: b}]}\n";
  const { documents } = readConfigs([{ path: "a.yaml", text: pod }]);
  const all = auditWorkloads(documents);

  expect(auditWorkloads(documents, { minLevel: "error" })).toEqual(all.filter(({ level }) => level === "error"));
  expect(all.some(({ fix }) => fix !== undefined)).toBe(true);
  expect(auditWorkloads(documents, { fixes: false })).toEqual(
    all.map((finding) => Object.fromEntries(Object.entries(finding).filter(([name]) => name !== "fix"))),
  );
  expect(() => auditWorkloads(documents, { minLevel: "bad" as "error" })).toThrow('minLevel: "bad" is no');
});

test.each([
  [{ enabledAuditors: { privilegd: true } }, 'unknown auditor "privilegd"'],
  [{ enabledAuditors: { privileged: "no" } }, "enabledAuditors.privileged must be true or false"],
  [{ enabledAuditors: ["privileged"] }, "enabledAuditors must be a mapping"],
  [{ auditors: { capabilities: { allowAddList: "NET_ADMIN" } } }, "allowAddList must be a list"],
  [{ auditors: { mounts: { denyPathsList: "/etc" } } }, "denyPathsList must be a list"],
  [{ auditors: { image: { image: 5 } } }, "auditors.image.image must be text"],
])("the configuration %j is refused and not ignored", (config, message) => {
  expect(() => auditWorkloads([], { config })).toThrow(message);
});

test("a capability ALL that is added in small letters is found, too", () => {
  const pod = (all: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, securityContext: {capabilities: {drop: [ALL], add: [${all}]}}}]}\n`;
  const found = (all: string): readonly string[] =>
    findingsOf(pod(all), { auditors: ["capabilities"], config: {} }).map(({ id }) => id);

  expect(found("all")).toEqual(["CapabilityAdded"]);
  expect(found("all")).toEqual(found("ALL"));
});

test("the limit that a container exceeds is told as the amount that it is", () => {
  const pod =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, resources: {limits: {cpu: 2, memory: 1Gi}}}]}\n";
  const messages = (cpu: string): readonly string[] =>
    findingsOf(pod, { auditors: ["limits"], config: { auditors: { limits: { cpu } } } }).map(({ message }) => message);

  expect(messages("0.6000")).toEqual(["The CPU limit 2 is above 600m."]);
  expect(messages("0.5")).toEqual(["The CPU limit 2 is above 500m."]);
});

test.each(["cpu: ", "cpu: null", 'cpu: ""', "cpu: \n    memory: "])(
  "a configuration whose limits are left empty (%s) sets none",
  (limits) => {
    const pod =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, resources: {limits: {cpu: 2, memory: 1Gi}}}]}\n";
    const config = readAuditConfig(`auditors:\n  limits:\n    ${limits}\n`);

    expect(findingsOf(pod, { auditors: ["limits"], config })).toEqual([]);
  },
);

test("statements say what findings say", () => {
  const pod = (name: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: shop}\nspec: {hostPID: true, containers: [{name: a, image: b}]}\n`;
  const { documents } = readConfigs([{ path: "a.yaml", text: `${pod("one")}---\n${pod("two")}` }]);
  const said = [...auditStatements(documents, { minLevel: "warning" })];

  expect(said).toEqual(
    auditWorkloads(documents, { minLevel: "warning" }).map(({ id, level, message, metadata, resource, location }) => ({
      id,
      level,
      message,
      metadata,
      resource,
      path: location?.path,
    })),
  );
  expect(() => [...auditStatements(documents, { minlevel: "error" } as never)]).toThrow("minlevel");
});

test("a user of the pod that is root is made less bad, which no finding offers as its fix", () => {
  const pod =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  securityContext: {runAsUser: 0}\n  containers:\n  - name: a\n    image: b:1\n";
  const { text, findings } = fixWorkloads(pod, { only: ["nonroot"] });

  expect(text).toContain("runAsNonRoot: true");
  expect(findings.map(({ id, fix }) => [id, fix])).toEqual([["RunAsUserPSCRoot", undefined]]);
});

test.each([
  ["networking.k8s.io/v1beta1", "IPAddress", "1.33", "1.34", "info"],
  ["networking.k8s.io/v1beta1", "IPAddress", "1.34", "1.34", "warning"],
  ["networking.k8s.io/v1beta1", "IPAddress", "1.34", "1.37", "error"],
  ["networking.k8s.io/v1beta1", "Ingress", "1.33", "1.34", "error"],
  ["admissionregistration.k8s.io/v1alpha1", "ValidatingAdmissionPolicy", "1.28", "1.34", "error"],
  ["flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema", "1.31", "1.34", "error"],
  ["networking.k8s.io/v1", "IPAddress", "1.34", "1.34", undefined],
])("%s %s from %s to %s: %s", (apiVersion, kind, currentVersion, targetedVersion, level) => {
  const text = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a}\n`;
  const found = findingsOf(text, {
    auditors: ["deprecatedapis"],
    config: { auditors: { deprecatedapis: { currentVersion, targetedVersion } } },
  });

  expect(found.map((finding) => finding.level)).toEqual(level === undefined ? [] : [level]);
});

test.each([
  "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n",
  "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  template:\n    metadata: {labels: {a: b}}\n",
  "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n",
])("a workload without a pod spec is one whose pod states nothing: %j", (text) => {
  expect(findingsOf(text).map(({ id }) => id)).toEqual(["AutomountServiceAccountTokenTrueAndDefaultSA"]);
});

test.each([
  ["extensions/v1beta1", "NetworkPolicy", "1.3 1.9 1.16"],
  ["apps/v1beta1", "StatefulSet", "1.5 1.8 1.16"],
  ["policy/v1beta1", "PodSecurityPolicy", "1.10 1.21 1.25"],
  ["policy/v1beta1", "PodDisruptionBudget", "1.5 1.21 1.25"],
  ["networking.k8s.io/v1beta1", "IngressClass", "1.18 1.19 1.22"],
  ["resource.k8s.io/v1beta1", "ResourceClaim", "1.32 1.35 1.38"],
])("%s of %s came, was deprecated and goes in %s, as Kubernetes' own packages say", (apiVersion, kind, releases) => {
  const [found] = findingsOf(`apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a}\n`, {
    auditors: ["deprecatedapis"],
  });
  const { metadata = {} } = found ?? {};
  const told = ["Introduced", "Deprecated", "Removed"].map(
    (name) => `${metadata[`${name}Major`] ?? ""}.${metadata[`${name}Minor`] ?? ""}`,
  );

  expect(told.join(" ")).toBe(releases);
});
