import { describe, expect, test } from "vitest";
import { readBenchmarkFolder } from "./benchmark/benchmark.ts";
import { snapshotFacts } from "./facts/snapshot.ts";
import { controlPlane, etcdNode, worker } from "./fixtures/recorded-nodes.ts";
import { exitCodeOf, everyCheckResult } from "./output/summary.ts";
import { runBenchmark } from "./run-benchmark.ts";

const config = `
master:
  components: [apiserver]
  apiserver: { bins: [kube-apiserver], confs: [/etc/kubernetes/manifests/kube-apiserver.yaml] }
node:
  components: [kubelet]
  kubelet: { bins: [kubelet], confs: [/nowhere, /var/lib/kubelet/config.yaml] }
etcd:
  components: [etcd]
  etcd: { bins: [etcd] }
controlplane: { components: [] }
version_mapping: { "1.31": own-1 }
target_mapping: { own-1: [master, node, etcd] }
`;

function controls(type: string, id: string, checks: string): { path: string; text: string } {
  return {
    path: `own-1/${type}.yaml`,
    text: `id: ${id}\ntext: ${type}\ntype: ${type}\ngroups:\n- id: ${id}.1\n  text: group\n  checks:\n${checks}`,
  };
}

const folder = readBenchmarkFolder([
  { path: "config.yaml", text: config },
  controls(
    "master",
    "1",
    `  - { id: 1.1.1, text: profiling, audit: "/bin/ps -ef | grep $apiserverbin | grep -v grep", scored: true, tests: { test_items: [ { flag: --profiling, compare: { op: eq, value: false } } ] } }
  - { id: 1.1.2, text: secret, audit: openssl version, scored: true, tests: { test_items: [ { flag: x } ] } }
  - { id: 1.1.3, text: by hand, type: manual, scored: false }
`,
  ),
  controls(
    "node",
    "4",
    `  - { id: 4.1.1, text: port, audit: "/bin/ps -fC $kubeletbin", audit_config: "/bin/cat $kubeletconf", scored: true, tests: { test_items: [ { flag: --read-only-port, path: "{.readOnlyPort}", compare: { op: eq, value: 0 } } ] } }
  - { id: 4.1.2, text: mode, audit: "stat -c permissions=%a $kubeletconf", scored: false, tests: { test_items: [ { flag: permissions, compare: { op: bitmask, value: 0400 } } ] } }
`,
  ),
  controls(
    "etcd",
    "2",
    `  - { id: 2.1.1, text: environment, audit: "ps -fC $etcdbin", scored: true, tests: { test_items: [ { flag: --nothing, env: ETCD_NOTHING } ] } }
`,
  ),
]);

const benchmark = folder.benchmark("own-1");

async function states(snapshot: typeof controlPlane, options = {}): Promise<readonly string[]> {
  const result = await runBenchmark(snapshotFacts(snapshot), { benchmark, ...options });
  return everyCheckResult(result).map(({ check, state, status }) => `${check.id} ${state} ${status}`);
}

describe("a benchmark", () => {
  test("runs for what a node is: a control plane, a worker, a machine with etcd", async () => {
    expect(await states(controlPlane)).toEqual([
      "1.1.1 PASS pass",
      "1.1.2 WARN unknown",
      "1.1.3 WARN manual",
      "2.1.1 FAIL fail",
      "4.1.1 PASS pass",
      "4.1.2 WARN fail",
    ]);
    expect(await states(worker)).toEqual(["4.1.1 PASS pass", "4.1.2 WARN fail"]);
    expect(await states(etcdNode, { targets: ["etcd"] })).toEqual(["2.1.1 FAIL fail"]);
  });

  test("takes targets, groups, checks, and what to skip", async () => {
    expect(await states(controlPlane, { targets: ["Worker"], checks: ["4.1.1"] })).toEqual(["4.1.1 PASS pass"]);
    expect(await states(controlPlane, { groups: ["1.1"], skip: ["1.1.1"] })).toEqual([
      "1.1.1 INFO skipped",
      "1.1.2 WARN unknown",
      "1.1.3 WARN manual",
    ]);
    expect(await states(controlPlane, { targets: ["master"], scored: false })).toEqual(["1.1.3 WARN manual"]);
    await expect(states(controlPlane, { targets: ["pikachu"] })).rejects.toThrow("pikachu is no target of own-1");
  });

  test("ends with the code that was asked for when a check failed", async () => {
    const failed = await runBenchmark(snapshotFacts(controlPlane), { benchmark, targets: ["etcd"] });
    const passed = await runBenchmark(snapshotFacts(worker), { benchmark });

    expect([exitCodeOf(failed, 3), exitCodeOf(passed, 3)]).toEqual([3, 0]);
  });

  test("says of what is only declared and not found that nobody knows", async () => {
    const declared = { ...worker, processesAre: "declared" as const, processes: [] };

    expect(await states(declared, { targets: ["etcd"] })).toEqual(["2.1.1 WARN unknown"]);
  });
});
