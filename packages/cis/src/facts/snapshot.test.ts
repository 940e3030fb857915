import { describe, expect, test } from "vitest";
import { controlPlane } from "../fixtures/recorded-nodes.ts";
import { ownBenchmarks } from "../own/own-benchmark.ts";
import { everyCheckResult } from "../output/summary.ts";
import { recordNode } from "../record-node.ts";
import { runBenchmark } from "../run-benchmark.ts";
import { readSnapshot, recordFacts, snapshotFacts } from "./snapshot.ts";
import type { NodeSnapshot } from "./snapshot.ts";

describe("a snapshot", () => {
  test("that is recorded gives the answers that its facts gave", async () => {
    const folder = ownBenchmarks();
    const benchmark = folder.benchmark("cis-1.11");
    const targets = [...benchmark.controls.keys()];
    const recording = recordFacts(snapshotFacts(controlPlane));
    await recordNode(recording.facts, [folder]);
    const again = readSnapshot(JSON.stringify(recording.snapshot()), "node.json");

    const states = async (snapshot: NodeSnapshot): Promise<readonly string[]> =>
      everyCheckResult(await runBenchmark(snapshotFacts(snapshot), { benchmark, targets })).map(
        ({ check, state }) => `${check.id} ${state}`,
      );

    expect(await states(again)).toEqual(await states(controlPlane));
  });

  test("holds no secrets", async () => {
    const kubeconfig =
      "users:\n- user:\n    client-key-data: c2VjcmV0LWtleQ==\n    token: abc.def\n    tokenFile: /var/run/token\n";
    const secret =
      "kind: EncryptionConfiguration\nproviders:\n- aescbc:\n    keys:\n    - name: key1\n      secret: very-secret-key\n";
    const file = { type: "file", mode: 0o600, uid: 0, gid: 0 } as const;
    const recording = recordFacts(
      snapshotFacts({
        ...controlPlane,
        processes: [
          {
            pid: 1,
            arguments: ["kubelet", "--token=t0p", "--bootstrap-token", "t1p", "--token-auth-file=/etc/tokens"],
            environment: { API_PASSWORD: "hunter2", ETCD_NAME: "node" },
          },
        ],
        files: {
          "/a": { ...file, content: kubeconfig },
          "/b": { ...file, content: secret },
          "/c": { ...file, content: "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n" },
        },
      }),
    );
    await recording.facts.processes();
    for (const path of ["/a", "/b", "/c"]) await recording.facts.readFile(path);
    await recording.facts.cluster?.list("secrets");
    const text = JSON.stringify(recording.snapshot());

    for (const word of ["c2VjcmV0", "abc.def", "very-secret-key", "MIIE", "t0p", "t1p", "hunter2"])
      expect(text).not.toContain(word);
    for (const word of ["/var/run/token", "key1", "--token-auth-file=/etc/tokens", "ETCD_NAME"])
      expect(text).toContain(word);
  });

  test.each([
    ["no JSON", "{"],
    ["another kind", '{"kind":"report","schemaVersion":1}'],
    ["no files", '{"kind":"node-snapshot","schemaVersion":1}'],
    [
      "a mode that is text",
      '{"kind":"node-snapshot","schemaVersion":1,"files":{"/a":{"type":"file","mode":"644","uid":0,"gid":0}}}',
    ],
    [
      "arguments that are no list",
      '{"kind":"node-snapshot","schemaVersion":1,"files":{},"processes":[{"pid":1,"arguments":"x"}]}',
    ],
    ["a cluster of wrong lists", '{"kind":"node-snapshot","schemaVersion":1,"files":{},"cluster":{"pods":{}}}'],
  ])("with %s is refused", (_, text) => {
    expect(() => readSnapshot(text, "node.json")).toThrow("node.json: ");
  });

  test("of which nothing is known says so, and only a folder that lists its names says that something is not there", () => {
    const facts = snapshotFacts({
      ...controlPlane,
      files: {
        "/etc": { type: "directory", mode: 0o755, uid: 0, gid: 0, names: ["passwd"] },
        "/var": { type: "directory", mode: 0o755, uid: 0, gid: 0 },
      },
    });

    expect([facts.stat("/etc/shadow"), facts.stat("/etc/passwd"), facts.stat("/var/x"), facts.stat("/opt")]).toEqual([
      null,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
