import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dockerArchive } from "@plimsoll/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "../run-cli.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-cis-"));
  const manifests = join(folder, "node/etc/kubernetes/manifests");
  mkdirSync(manifests, { recursive: true });
  writeFileSync(join(folder, "node/etc/passwd"), "root:x:0:0::/root:/bin/sh\n");
  writeFileSync(
    join(manifests, "kube-apiserver.yaml"),
    "kind: Pod\nspec:\n  containers:\n  - image: registry.k8s.io/kube-apiserver:v1.31.2\n    command: [kube-apiserver, --profiling=false, --authorization-mode=AlwaysAllow]\n",
    { mode: 0o600 },
  );
});

afterAll(() => rmSync(folder, { recursive: true }));

async function run(...args: readonly string[]): Promise<{ code: number; out: string; error: string }> {
  let out = "";
  let error = "";
  const code = await runCli(args, {
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => (error += text) },
    env: { AWS_ACCOUNT: "1", AWS_REGION: "r", CLUSTER_ARN: "c" },
    signal: new AbortController().signal,
    now: () => "2026-01-01T00:00:00Z",
  });
  return { code, out, error };
}

const rootfs = (): string => `rootfs:${join(folder, "node")}`;

/** An image of a node: a kubelet that systemd starts, and its files. */
async function nodeImage(count: number): Promise<string> {
  const layers = [
    {
      "etc/passwd": "root:x:0:0::/root:/bin/sh\nkube:x:1000:1000::/:/bin/sh\n",
      "etc/group": "root:x:0:\n",
      "etc/systemd/system/kubelet.service":
        "[Service]\nExecStart=/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml\n",
      "var/lib/kubelet/config.yaml": {
        owned: "authentication:\n  anonymous:\n    enabled: true\n",
        mode: 0o644,
        uid: 1000,
        gid: 0,
      },
    },
    {
      "var/lib/kubelet/config.yaml": {
        owned: "authentication:\n  anonymous:\n    enabled: false\n",
        mode: 0o600,
        uid: 0,
        gid: 0,
      },
    },
  ];
  const path = join(folder, "node.tar");
  writeFileSync(path, await dockerArchive({ layers: layers.slice(0, count) }));
  return `image:docker-archive:${path}`;
}

describe("plimsoll cis", () => {
  test.each([
    [1, "FAIL"],
    [2, "PASS"],
  ])("judges the files of an image with modes and owners as the last of %i layers has them", async (count, state) => {
    const options = ["--targets", "node", "--kubernetes-version", "1.31", "--check", "4.1.9,4.1.10,4.2.1"];

    const { code, out } = await run("cis", "run", "--facts", await nodeImage(count), ...options);

    expect(code).toBe(0);
    expect(out.split("\n").filter((line) => /^\[(PASS|FAIL|WARN)\]/.test(line))).toEqual([
      `[${state}] 4.1.9 The mode of the kubelet's configuration is 600 or stricter`,
      `[${state}] 4.1.10 The kubelet's configuration belongs to root:root`,
      `[${state}] 4.2.1 The kubelet takes no anonymous requests`,
    ]);
  });

  test("an image that is not there ends the command", async () => {
    const { code, error } = await run("cis", "run", "--facts", `image:docker-archive:${join(folder, "none.tar")}`);

    expect(code).toBe(1);
    expect(error).toContain("no such file");
  });

  test("says which option to give where nothing tells the version of Kubernetes", async () => {
    const { code, error } = await run("cis", "run", "--facts", await nodeImage(1), "--targets", "node");

    expect(code).toBe(2);
    expect(error).toMatch(/^error: no manifest .*; give --kubernetes-version, or --benchmark: cis-1\.11, .*\n$/);
  });

  test("judges a root file system that does not run, by the version of its manifests", async () => {
    const { code, out } = await run(
      "cis",
      "run",
      "--facts",
      rootfs(),
      "--targets",
      "master",
      "--check",
      "1.1.1,1.2.6,1.2.15,1.2.16,1.3.2",
    );

    expect(code).toBe(0);
    expect(out.split("\n").filter((line) => /^\[(PASS|FAIL|WARN)\]/.test(line))).toEqual([
      "[PASS] 1.1.1 The mode of the API server's manifest is 600 or stricter",
      "[FAIL] 1.2.6 Not every request is allowed",
      "[PASS] 1.2.15 The API server offers no profiles",
      "[FAIL] 1.2.16 An audit log is written",
      "[WARN] 1.3.2 The controller manager offers no profiles",
    ]);
    expect(out).toContain("1.3.2 audit test did not run: not judged: processes that are only declared");
    expect(out).toContain("== Summary total ==\n2 checks PASS\n2 checks FAIL\n1 checks WARN\n0 checks INFO\n");
  });

  test.each([
    [["--json"], '{"Controls":[{"id":"1","version":"cis-1.11","detected_version":"1.31"'],
    [["--json", "--nototals"], '[{"id":"1"'],
    [["--junit"], "<testsuites>\n<testsuite name="],
    [["--format", "asff"], '[\n  {\n    "AwsAccountId": "1"'],
  ])("%s", async (flags, beginning) => {
    const { code, out } = await run(
      "cis",
      "run",
      "--facts",
      rootfs(),
      "--targets",
      "master",
      "--check",
      "1.2.6",
      "--exit-code",
      "3",
      ...flags,
    );

    expect(code).toBe(3);
    expect(out.slice(0, beginning.length)).toBe(beginning);
  });

  test.each([
    [["--benchmark", "cis-1.11", "--kubernetes-version", "1.31"], "cannot both be given"],
    [["--benchmark", "cis-9"], "no such benchmark"],
    [["--targets", "pikachu"], "pikachu is no target of cis-1.11"],
    [["--facts", "moon:x"], "none of host, rootfs"],
    [["--facts", "snapshot:/nowhere/node.json"], "nowhere"],
    [["--check", "1.1.1", "--group", "1.1"], "can't be used together"],
    [["--format", "pdf"], "is none of"],
    [["--scored", "maybe"], "neither true nor false"],
  ])("%s is a mistake of the command line", async (flags, message) => {
    const { code, error } = await run("cis", "run", "--facts", rootfs(), ...flags);

    expect(error).toContain(message);
    expect(code).toBeGreaterThan(0);
  });

  test("writes a snapshot that is judged as its node is", async () => {
    const file = join(folder, "node.json");
    expect((await run("cis", "snapshot", "--facts", rootfs(), "--output", file)).code).toBe(0);
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ kind: "node-snapshot", processesAre: "declared" });

    const same = ["--targets", "master", "--kubernetes-version", "v1.31.0+k3s1", "--json"];
    expect((await run("cis", "run", "--facts", `snapshot:${file}`, ...same)).out).toBe(
      (await run("cis", "run", "--facts", rootfs(), ...same)).out,
    );
  });

  test("writes our own report, with what could not be judged as a gap, and without what passed", async () => {
    const flags = ["--facts", rootfs(), "--targets", "master", "--check", "1.1.1,1.2.6,1.3.2", "--format", "json"];
    const report = JSON.parse((await run("cis", "run", ...flags)).out) as {
      schemaVersion: number;
      misconfigurations: { id: string; engine: string; subject: string; status: string; aliases?: string[] }[];
      coverage: object;
    };

    expect(report.schemaVersion).toBe(2);
    expect(report.misconfigurations.map(({ id, engine, subject, status }) => [id, engine, subject, status])).toEqual([
      ["1.2.6", "cis", "node", "fail"],
      ["1.3.2", "cis", "node", "unknown"],
    ]);
    expect(report.coverage).toMatchObject({
      verdict: "partial",
      gaps: [
        {
          code: "unknown-fact",
          message: "1 check of cis-1.11 could not be evaluated: processes that are only declared",
        },
      ],
    });
    const whole = JSON.parse((await run("cis", "run", ...flags, "--include-non-failures")).out) as typeof report;
    expect(whole.misconfigurations.find(({ id }) => id === "1.1.1")).toMatchObject({
      status: "pass",
      aliases: ["CMD-0001", "KCV-0048"],
    });
  });

  test.each(["sarif", "html", "csv"])("--format %s is that of all reports", async (format) => {
    const { code, out } = await run(
      "cis",
      "run",
      "--facts",
      rootfs(),
      "--targets",
      "master",
      "--check",
      "1.2.6",
      "--format",
      format,
    );

    expect([code, out.length > 0]).toEqual([0, true]);
  });

  test("runs benchmarks of a folder", async () => {
    const cfg = join(folder, "cfg");
    mkdirSync(join(cfg, "own"), { recursive: true });
    writeFileSync(join(cfg, "config.yaml"), "master: { components: [] }\n");
    writeFileSync(
      join(cfg, "own/master.yaml"),
      "id: 1\ntext: own\ntype: master\ngroups:\n- id: 1.1\n  text: g\n  checks:\n  - id: 1.1.1\n    text: root\n    audit: stat -c %a /etc/passwd\n    scored: true\n    tests: { test_items: [ { flag: '6' } ] }\n",
    );
    const { out } = await run(
      "cis",
      "run",
      "--facts",
      rootfs(),
      "--config-dir",
      cfg,
      "--benchmark",
      "own",
      "--targets",
      "master",
    );

    expect(out).toContain("[PASS] 1.1.1 root");
  });
});

describe("plimsoll probe", () => {
  test("predicts from a folder without a packet", async () => {
    const dump = join(folder, "dump");
    mkdirSync(dump);
    writeFileSync(
      join(dump, "kubelet.yaml"),
      "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nreadOnlyPort: 10255\n",
    );
    const { code, out } = await run("probe", "--predict", dump, "--exit-code", "4");

    expect(code).toBe(4);
    expect(out).toContain("KHV052");

    const { out: json } = await run("probe", "--predict", dump, "--format", "kube-hunter-json");
    expect((JSON.parse(json) as { vulnerabilities: { vid: string }[] }).vulnerabilities.map(({ vid }) => vid)).toEqual([
      "KHV002",
      "KHV043",
      "KHV052",
    ]);
  });

  test.each([
    [[], "name a host"],
    [["10.0.0.0/24"], "--i-own-this"],
    [["not a host"], "is no host"],
    [["127.0.0.1", "--network-timeout", "x"], "no number of seconds"],
  ])("%s is a mistake of the command line", async (flags, message) => {
    const { code, error } = await run("probe", ...flags);

    expect([code, error]).toEqual([2, expect.stringContaining(message)]);
  });

  test("lists what it looks for", async () => {
    expect((await run("probe", "--list")).out).toContain("KHV036  HIGH    Anonymous Authentication\n");
  });
});

test("answers controls of a specification by what the node shows, and says what it does not show", async () => {
  const spec = join(folder, "spec.yaml");
  writeFileSync(
    spec,
    "spec: {id: own, title: Own, controls: [{id: '1', name: mode, severity: HIGH, checks: [{id: KCV-0048}], commands: [{id: CMD-0001}]}, {id: '2', name: kubelet, severity: HIGH, checks: [{id: KCV-0079}]}]}\n",
  );
  const flags = ["--facts", rootfs(), "--benchmark", "k8s-cis-1.23", "--targets", "master,node"];
  const { code, out } = await run("cis", "run", ...flags, "--compliance", spec, "--format", "json", "--exit-code", "3");

  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    SummaryControls: [
      { ID: "1", TotalFail: 0 },
      { ID: "2", Status: "UNKNOWN" },
    ],
  });
});
