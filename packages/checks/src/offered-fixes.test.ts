import { readConfigs } from "@plimsoll/configs";
import { formatYaml } from "@plimsoll/formats";
import type { Misconfiguration } from "@plimsoll/model";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { auditWorkloads } from "./audit/index.ts";
import { everyCheck } from "./every-check.ts";
import { runChecks } from "./run-checks.ts";
import { applyEdits } from "./shared/fixes/apply-edits.ts";

/** One of the values, or nothing at all. */
function maybe(...values: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc.constantFrom(undefined, ...values);
}

const securityContext = fc.record({
  privileged: maybe(true, false),
  allowPrivilegeEscalation: maybe(true, false),
  readOnlyRootFilesystem: maybe(true, false),
  runAsNonRoot: maybe(true, false),
  runAsUser: maybe(0, 100, 10_001),
  runAsGroup: maybe(0, 10_001),
  procMount: maybe("Unmasked", "Default"),
  seccompProfile: maybe(
    { type: "Unconfined" },
    { type: "RuntimeDefault" },
    { type: "Localhost", localhostProfile: "a" },
  ),
  capabilities: maybe(
    { add: ["NET_ADMIN", "CHOWN"] },
    { add: ["NET_BIND_SERVICE"], drop: ["all"] },
    { drop: ["NET_RAW"] },
    { drop: ["ALL"] },
    {},
  ),
});

const container = fc.record({
  name: fc.constantFrom("web", "side"),
  image: maybe("app", "app:latest", "app:1.2", "registry.example.com:5000/a/b:1"),
  securityContext: fc.option(securityContext, { nil: undefined }),
  ports: maybe([{ containerPort: 80, hostPort: 80 }], [{ containerPort: 8080 }, { containerPort: 81, hostPort: 0 }]),
  resources: maybe({ limits: { cpu: "1", memory: "1Gi" } }),
});

const podSpec = fc.record({
  hostPID: maybe(true, false),
  hostIPC: maybe(true),
  hostNetwork: maybe(true),
  serviceAccountName: maybe("default", "own"),
  serviceAccount: maybe("old"),
  automountServiceAccountToken: maybe(true, false),
  securityContext: maybe(
    { runAsNonRoot: false },
    { runAsUser: 0 },
    { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    { seccompProfile: { type: "Unconfined" } },
    {},
  ),
  initContainers: fc.option(
    container.map((first) => [{ ...first, name: "first" }]),
    { nil: undefined },
  ),
  containers: fc.uniqueArray(container, { minLength: 1, maxLength: 2, selector: ({ name }) => name }),
});

const podMetadata = fc.record({
  annotations: maybe(
    { "container.apparmor.security.beta.kubernetes.io/web": "unconfined" },
    { "container.apparmor.security.beta.kubernetes.io/gone": "runtime/default" },
    { "seccomp.security.alpha.kubernetes.io/pod": "unconfined" },
  ),
  labels: maybe(
    { app: "a" },
    { "kubeaudit.io/allow-privileged": "needs the node" },
    { "container.kubeaudit.io/web.allow-capability-net-admin": "", "kubeaudit.io/allow-run-as-root": "true" },
    { "kubeaudit.io/allow-automount-service-account-token": "x", "kubeaudit.io/allow-disabled-seccomp": "y" },
  ),
});

/** A stream of a workload and what stands beside it. */
const manifests = fc
  .record({
    kind: fc.constantFrom("Pod", "Deployment", "CronJob"),
    metadata: podMetadata,
    spec: podSpec,
    beside: maybe(
      { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default" } },
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } },
    ),
    json: fc.boolean(),
  })
  .map(({ kind, metadata, spec, beside, json }) => {
    const pod = { metadata, spec };
    const name = { name: "shop", namespace: "shop" };
    const object =
      kind === "Pod"
        ? { apiVersion: "v1", kind, metadata: { ...metadata, ...name }, spec }
        : kind === "CronJob"
          ? { apiVersion: "batch/v1", kind, metadata: name, spec: { jobTemplate: { spec: { template: pod } } } }
          : { apiVersion: "apps/v1", kind, metadata: name, spec: { template: pod } };
    const write = (value: unknown): string => (json ? `${JSON.stringify(value, null, 1)}\n` : formatYaml(value));
    return write(object) + (beside === undefined ? "" : `---\n${write(beside)}`);
  });

type Judge = (text: string) => readonly Misconfiguration[];

const judges: readonly (readonly [string, Judge])[] = [
  ["the audit", (text) => auditWorkloads(readConfigs([{ path: "a.yaml", text }]).documents)],
  ["the checks", (text) => runChecks(readConfigs([{ path: "a.yaml", text }]).documents).findings],
];

/** What fails, by rule and resource; how often counts, since a message may name what is left. */
function failures(findings: readonly Misconfiguration[]): ReadonlyMap<string, number> {
  const counted = new Map<string, number>();
  for (const finding of findings) {
    // What a label allows, and what is right, is told too, but nobody has to do anything about it.
    if (finding.level === "info") continue;
    const key = `${finding.id} ${finding.resource.type} ${finding.resource.name}`;
    counted.set(key, (counted.get(key) ?? 0) + 1);
  }
  return counted;
}

describe.each(judges)("every fix that %s offers", (_, judge) => {
  test("makes its own check pass and no other fail", () => {
    const offered = new Set<string>();
    fc.assert(
      fc.property(manifests, (text) => {
        const before = judge(text);
        const failed = failures(before);
        for (const finding of before) {
          if (finding.fix === undefined) continue;
          offered.add(finding.id);
          const after = judge(applyEdits(text, finding.fix.edits));

          expect([
            finding.id,
            finding.message,
            after.some(({ fingerprint }) => fingerprint === finding.fingerprint),
          ]).toEqual([finding.id, finding.message, false]);
          for (const [what, count] of failures(after))
            expect([what, count <= (failed.get(what) ?? 0)]).toEqual([what, true]);
        }
      }),
      { numRuns: 120 },
    );

    expect(offered.size).toBeGreaterThan(8);
  });
});

test("what checks offer in common with the audit is the same text", () => {
  const text = formatYaml({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "a" },
    spec: { containers: [{ name: "a", image: "b:1", securityContext: { privileged: true } }] },
  });
  const mended = (findings: readonly Misconfiguration[], id: string): string =>
    applyEdits(text, findings.find((finding) => finding.id === id)?.fix?.edits ?? []);
  const [audit, checks] = judges.map(([, judge]) => judge(text));
  const same: readonly (readonly [string, string])[] = [
    ["PrivilegedTrue", "KSV-0017"],
    ["AllowPrivilegeEscalationNil", "KSV-0001"],
    ["ReadOnlyRootFilesystemNil", "KSV-0014"],
    ["CapabilityOrSecurityContextMissing", "KSV-0106"],
  ];

  for (const [rule, check] of same) {
    expect(everyCheck.some(({ id }) => id === check)).toBe(true);
    expect(mended(audit ?? [], rule)).not.toBe(text);
    expect(mended(checks ?? [], check)).toBe(mended(audit ?? [], rule));
  }
});
