import { parseYamlDocuments } from "@plimsoll/formats";
import { sharedFile } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { chooseBenchmark } from "../benchmark/choose-benchmark.ts";
import { readControls } from "../benchmark/controls.ts";
import { snapshotFacts } from "../facts/snapshot.ts";
import { controlPlane } from "../fixtures/recorded-nodes.ts";
import { everyCheckResult } from "../output/summary.ts";
import { runBenchmark } from "../run-benchmark.ts";
import { ownBenchmarks } from "./own-benchmark.ts";

const folder = ownBenchmarks();

async function run(id: string, snapshot = controlPlane): Promise<ReadonlyMap<string, string>> {
  const benchmark = folder.benchmark(id);
  const result = await runBenchmark(snapshotFacts(snapshot), { benchmark, targets: [...benchmark.controls.keys()] });
  return new Map(
    everyCheckResult(result).map(({ check, status, reason }) => [check.id, status === "unknown" ? reason : status]),
  );
}

describe("benchmarks of our own", () => {
  test.each([
    ["cis-1.11", 133],
    ["cis-1.12", 131],
    ["docker-cis-1.6", 60],
    ["k8s-cis-1.23", 44],
  ])("%s has every id once", (id, count) => {
    const checks = [...folder.benchmark(id).controls.values()].flatMap(({ text, path }) =>
      readControls(text, path).groups.flatMap((group) => group.checks),
    );

    expect(new Set(checks.map((check) => check.id)).size).toBe(checks.length);
    expect(checks).toHaveLength(count);
    for (const check of checks) {
      expect(check.text, check.id).not.toBe("");
      expect(check.remediation, check.id).not.toBe("");
      if (check.type !== "manual") expect(check.tests?.items.length, check.id).toBeGreaterThan(0);
    }
  });

  test.each(["cis-1.11", "cis-1.12"])("%s has the published ids", (id) => {
    const own = folder.benchmark(id).controls;
    for (const [target, { text, path }] of own) {
      const published = sharedFile(`conformance/kube-bench/cfg/${id}/${target}.yaml`);
      if (published === undefined) return;
      const ids = (controls: string): readonly string[] =>
        readControls(controls, path).groups.flatMap((group) => group.checks.map((check) => check.id));
      expect(ids(text)).toEqual(ids(published));
    }
  });

  test.each(["cis-1.11", "cis-1.12"])("every automated check of %s is answered over a control plane", async (id) => {
    const unknown = [...(await run(id))].filter(([, status]) => !["pass", "fail", "manual"].includes(status));

    expect(unknown).toEqual([]);
  });

  test("the compliance specification finds every control that has commands", () => {
    const text = sharedFile("conformance/compliance/specs/k8s-cis-1.23.yaml");
    if (text === undefined) return;
    const spec = parseYamlDocuments(text).documents[0]?.value as {
      spec: { controls: { id: string; commands?: { id: string }[]; checks?: { id: string }[] }[] };
    };
    const wanted = spec.spec.controls
      .filter(({ commands }) => commands !== undefined)
      .map(
        ({ id, commands = [], checks = [] }) =>
          `${id} ${[...commands, ...checks]
            .map((each) => each.id)
            .toSorted()
            .join(" ")}`,
      );
    const own = [...folder.benchmark("k8s-cis-1.23").controls.values()].flatMap(({ text: controls, path }) =>
      readControls(controls, path).groups.flatMap((group) =>
        group.checks.map(({ id, aliases = [] }) => `${id} ${aliases.toSorted().join(" ")}`),
      ),
    );

    expect(own.toSorted()).toEqual(wanted.toSorted());
  });

  test("a control plane as kubeadm sets it up passes and fails where one would expect", async () => {
    const states = await run("cis-1.11");

    expect(
      Object.fromEntries(
        [
          "1.1.1",
          "1.1.5",
          "1.1.12",
          "1.2.1",
          "1.2.8",
          "1.2.15",
          "1.2.16",
          "1.2.28",
          "2.2",
          "2.3",
          "4.2.1",
          "4.2.4",
          "4.2.13",
          "5.1.1",
          "5.1.5",
          "5.2.2",
          "5.2.3",
          "5.2.9",
        ].map((id) => [id, states.get(id)]),
      ),
    ).toEqual({
      "1.1.1": "pass",
      "1.1.5": "fail",
      "1.1.12": "fail",
      "1.2.1": "fail",
      "1.2.8": "pass",
      "1.2.15": "pass",
      "1.2.16": "fail",
      "1.2.28": "pass",
      "2.2": "pass",
      "2.3": "pass",
      "4.2.1": "pass",
      "4.2.4": "pass",
      "4.2.13": "pass",
      "5.1.1": "fail",
      "5.1.5": "fail",
      "5.2.2": "pass",
      "5.2.3": "fail",
      "5.2.9": "fail",
    });
  });

  test("the daemon of Docker is judged by its flags and its file", async () => {
    const snapshot = {
      ...controlPlane,
      processes: [{ pid: 10, arguments: ["/usr/bin/dockerd", "--icc=false", "--insecure-registry=registry.example"] }],
      files: {
        "/": { type: "directory", mode: 0o755, uid: 0, gid: 0, names: ["etc"] },
        "/etc": { type: "directory", mode: 0o755, uid: 0, gid: 0, names: ["docker"] },
        "/etc/docker": { type: "directory", mode: 0o755, uid: 0, gid: 0, names: ["daemon.json"] },
        "/etc/docker/daemon.json": {
          type: "file",
          mode: 0o666,
          uid: 0,
          gid: 0,
          content: '{"live-restore":true,"userland-proxy":false}',
        },
      },
    } as const;
    const states = await run("docker-cis-1.6", snapshot);

    expect(
      ["2.2", "2.5", "2.14", "2.15", "2.16", "3.5", "3.17", "3.18", "1.1.3"].map((id) => `${id} ${states.get(id)}`),
    ).toEqual([
      "2.2 pass",
      "2.5 fail",
      "2.14 fail",
      "2.15 pass",
      "2.16 pass",
      "3.5 pass",
      "3.17 pass",
      "3.18 fail",
      "1.1.3 fail",
    ]);
  });

  test.each([
    ["1.29", "cis-1.11"],
    ["v1.31.4", "cis-1.11"],
    ["1.32", "cis-1.12"],
    ["v1.34.0-rc.1", "cis-1.12"],
    ["1.40", "cis-1.12"],
  ])("Kubernetes %s is judged by %s", (kubernetesVersion, id) => {
    expect(chooseBenchmark(folder, { kubernetesVersion }).id).toBe(id);
  });

  test("a version without a benchmark is refused", () => {
    expect(() => chooseBenchmark(folder, { kubernetesVersion: "1.20" })).toThrow("unable to find");
    expect(() => chooseBenchmark(folder, {})).toThrow("the version of Kubernetes is not known");
    expect(() => chooseBenchmark(folder, { kubernetesVersion: "1.31", benchmark: "cis-1.11" })).toThrow("cannot both");
  });
});

describe("files of a node", () => {
  const { files, ...rest } = controlPlane;
  const without = (...paths: readonly string[]): typeof controlPlane => ({
    ...rest,
    files: Object.fromEntries(Object.entries(files).map(([path, file]) => [path, paths.includes(path) ? null : file])),
  });

  test("what is not there has no mode that could pass, as with kube-bench's files", async () => {
    const states = await run(
      "cis-1.11",
      without("/etc/kubernetes/admin.conf", "/etc/kubernetes/scheduler.conf", "/var/lib/kubelet/config.yaml"),
    );

    expect(["1.1.15", "1.1.16", "4.1.9", "4.1.10"].map((id) => states.get(id))).toEqual([
      "fail",
      "fail",
      "fail",
      "fail",
    ]);
  });

  test("a unit that is not there, and files of a Docker that is not in use, need no owner", async () => {
    expect((await run("cis-1.11", without("/etc/systemd/system/kubelet.service.d/10-kubeadm.conf"))).get("4.1.2")).toBe(
      "pass",
    );
    expect((await run("docker-cis-1.6")).get("3.17")).toBe("pass");
  });

  test("the directory of etcd is the one that its process names", async () => {
    const { processes = [] } = controlPlane;
    const [etcd] = processes.filter(({ arguments: [name] }) => name === "etcd");
    if (etcd === undefined) throw new Error("the recorded node runs etcd");
    const elsewhere = { ...etcd, arguments: etcd.arguments.map((one) => one.replace("/var/lib/etcd", "/data/etcd")) };
    const snapshot = {
      ...controlPlane,
      processes: [...processes.filter((one) => one !== etcd), elsewhere],
      files: {
        ...files,
        "/data/etcd": { type: "directory", mode: 0o777, uid: 0, gid: 0, user: "etcd", group: "etcd", names: [] },
      },
    } as const;
    const states = await run("cis-1.11", snapshot);

    expect([states.get("1.1.11"), states.get("1.1.12")]).toEqual(["fail", "pass"]);
  });
});
