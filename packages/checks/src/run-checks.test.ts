import { readConfigs } from "@plimsoll/configs";
import { countTurns } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import type { Check } from "./check.ts";
import { everyCheck } from "./every-check.ts";
import { runChecks, runChecksInTurns } from "./run-checks.ts";

const { documents } = readConfigs([
  { path: "Dockerfile", text: "FROM alpine\nENV PASSWORD=hunter2\n" },
  {
    path: "list.yaml",
    text: "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: p, namespace: shop}\n  spec:\n    hostPID: true\n",
  },
]);

function only(...ids: readonly string[]): readonly Check[] {
  return everyCheck.filter((check) => ids.includes(check.id));
}

describe("in turns", () => {
  const pods = Array.from(
    { length: 200 },
    (_, at) => `apiVersion: v1\nkind: Pod\nmetadata: {name: p${at}}\nspec: {hostPID: true, containers: [{name: a}]}\n`,
  );
  const many = readConfigs([{ path: "many.yaml", text: pods.join("---\n") }]).documents;

  test("the same is found as at once, and others have their turn meanwhile", async () => {
    const turns = countTurns();
    const checked = await runChecksInTurns([...documents, ...many], { includePasses: true });
    turns.stop();

    expect(checked).toEqual(runChecks([...documents, ...many], { includePasses: true }));
    // At least ten findings in each.
    expect(turns.count).toBeGreaterThanOrEqual(20);
  });

  test("wrong options are refused in the promise", async () => {
    await expect(runChecksInTurns([], { today: "tomorrow" })).rejects.toThrow(TypeError);
  });
});

describe("runChecks", () => {
  test("a finding says what, where, and marks its cause", () => {
    const [finding] = runChecks(documents, { checks: only("KSV-0010") }).findings;

    expect(finding).toMatchObject({
      kind: "misconfiguration",
      id: "KSV-0010",
      status: "fail",
      resource: { type: "Pod", name: "p", namespace: "shop" },
      location: { path: "list.yaml", line: 7, endLine: 8 },
      snippet: [
        { line: 7, text: "  spec:" },
        { line: 8, text: "    hostPID: true", cause: true },
      ],
    });
  });

  test.each([
    ["kind: Deployment\nspec: {template: {metadata: {labels: {a: b}}}}", 1],
    ["kind: CronJob\nspec: {jobTemplate: {spec: {template: {spec: }}}}", 1],
    ["kind: Deployment\nspec: {replicas: 2}", 0],
    ["kind: Deployment\nspec: {template: {spec: []}}", 0],
  ])("a pod template without a spec leaves the security context at its defaults: %j", (text, count) => {
    const { documents: own } = readConfigs([
      { path: "a.yaml", text: `apiVersion: v1\nmetadata: {name: a}\n${text}\n` },
    ]);

    expect(runChecks(own, { checks: only("KSV-0118") }).findings).toHaveLength(count);
  });

  test.each([
    ["apt-get install -s curl && apt-get install -y --no-install-recommends curl", []],
    ["apt-get --dry-run install curl", []],
    ["apt-get install curl", ["DS-0021", "DS-0029"]],
    ["if apt-get install -s curl; then apt-get install curl; fi", ["DS-0021", "DS-0029"]],
  ])("apt-get that only says what it would do asks nothing and installs nothing: %j", (script, expected) => {
    const own = readConfigs([{ path: "Dockerfile", text: `FROM debian:13\nRUN ${script}\n` }]).documents;

    expect(runChecks(own, { checks: only("DS-0021", "DS-0029") }).findings.map(({ id }) => id)).toEqual(expected);
  });

  test.each([
    ["bash -c 'apt-get install -y curl'", ["DS-0029"]],
    ['["/bin/bash", "-c", "apt-get update && apt-get install curl"]', ["DS-0021", "DS-0029"]],
    ['["sh", "-c", "cd /a && make"]', ["DS-0013"]],
    ["sh -c 'cd /a && make'", []],
    ['["/bin/bash", "run.sh", "-c", "sudo make"]', []],
    ["cat packages | xargs apt-get install -y", ["DS-0029"]],
  ])("commands are those of the script that a shell is given, and of xargs: %j", (script, expected) => {
    const own = readConfigs([{ path: "Dockerfile", text: `FROM debian:13\nRUN ${script}\n` }]).documents;

    expect(
      runChecks(own, { checks: only("DS-0010", "DS-0013", "DS-0021", "DS-0029") }).findings.map(({ id }) => id),
    ).toEqual(expected);
  });

  test("passes are told when they are asked for", () => {
    const run = runChecks(documents, { checks: only("DS-0001", "DS-0004", "KSV-0010"), includePasses: true });

    expect(run.findings.map(({ id, status }) => `${id} ${status}`)).toEqual([
      "DS-0001 fail",
      "DS-0004 pass",
      "KSV-0010 fail",
    ]);
  });

  test("a check that breaks down is unknown, and the others go on", () => {
    const broken: Check = {
      ...(only("DS-0001")[0] as Extract<Check, { subject: "dockerfile" }>), // The check is there.
      id: "OWN-1",
      evaluate: () => {
        throw new Error("boom");
      },
    };
    const run = runChecks(documents, { checks: [broken, ...only("DS-0002")] });

    expect(run.findings.map(({ id, status }) => `${id} ${status}`)).toEqual(["OWN-1 unknown", "DS-0002 fail"]);
    expect(run.diagnostics).toMatchObject([{ code: "analyzer-failed", analyzer: "OWN-1" }]);
  });

  test("findings of one check in one file have a limit, and displace none of another check", () => {
    const flood: Check = {
      ...(only("DS-0001")[0] as Extract<Check, { subject: "dockerfile" }>), // The check is there.
      id: "OWN-1",
      evaluate: () => Array.from({ length: 5003 }, (_, index) => ({ message: `hit ${index}` })),
    };
    const small = readConfigs([{ path: "a/Dockerfile", text: "# plimsoll:ignore OWN-2\nFROM alpine:1\n" }]).documents;
    const run = runChecks([...documents, ...small], { checks: [flood, { ...flood, id: "OWN-2" }, ...only("DS-0002")] });
    const count = (id: string, path: string): number =>
      run.findings.filter((finding) => finding.id === id && finding.location?.path === path).length;

    expect(run.findings.slice(4999, 5001).map(({ id, message }) => `${id} ${message}`)).toEqual([
      "OWN-1 hit 4999",
      "OWN-2 hit 0",
    ]);
    expect([count("OWN-1", "Dockerfile"), count("OWN-2", "Dockerfile"), count("DS-0002", "Dockerfile")]).toEqual([
      5000, 5000, 1,
    ]);
    expect([count("OWN-1", "a/Dockerfile"), count("OWN-2", "a/Dockerfile"), count("DS-0002", "a/Dockerfile")]).toEqual([
      5000, 0, 1,
    ]);
    expect(run.suppressed).toHaveLength(5000);
    expect(run.diagnostics).toMatchObject(
      ["Dockerfile", "a/Dockerfile"].map((path) => ({
        code: "limit-exceeded",
        effect: "incomplete",
        message: "6 findings were left out: of each check, 5000 in a file are kept",
        location: { path },
      })),
    );
  });

  test("diagnostics of one file have a limit", () => {
    const text = `FROM alpine\n${"# plimsoll:ignore OWN-1\n".repeat(1002)}`;
    const { diagnostics } = runChecks(readConfigs([{ path: "Dockerfile", text }]).documents);

    expect(diagnostics).toHaveLength(1001);
    expect(diagnostics.at(-1)).toMatchObject({
      effect: "none",
      message: "2 more problems of this file are not listed",
    });
  });

  test("secrets are masked in snippets", () => {
    const run = runChecks(documents, {
      checks: only("DS-0031"),
      mask: (text) => text.replaceAll("hunter2", "*******"),
    });

    expect(run.findings[0]?.snippet?.[0]?.text).toBe("ENV PASSWORD=*******");
    expect(JSON.stringify(run)).not.toContain("hunter2");
  });

  test("options that do not exist are refused", () => {
    const wrong: object = { check: [] };

    expect(() => runChecks(documents, wrong)).toThrow("check");
  });

  test("what Kubernetes would refuse passes nothing, and is told with its place", () => {
    const pod = (more: object): string =>
      JSON.stringify(
        { apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { containers: [{ name: "a", ...more }] } },
        undefined,
        1,
      );
    const told = (more: object) => {
      const { documents } = readConfigs([{ path: "pod.json", text: pod(more) }]);
      const { findings, diagnostics } = runChecks(documents, { includePasses: true });
      const privileged = findings.find(({ id }) => id === "KSV-0017");
      return [
        privileged?.status,
        ...diagnostics.map(({ code, message, location }) => `${code} ${location?.line} ${message}`),
      ];
    };

    expect(told({ securityContext: { privileged: false } })).toEqual(["pass"]);
    expect(told({ securityContext: { privileged: null } })).toEqual(["pass"]);
    expect(told({ securityContext: { privileged: true }, image: 7 })[0]).toBe("fail");
    expect(told({ securityContext: { privileged: "true" } })).toEqual([
      "unknown",
      "malformed-file 12 Pod p: spec.containers.0.securityContext.privileged is text where Kubernetes takes true or false",
    ]);
    expect(told({ image: "{{ .Values.image }}", ports: {} })).toEqual([
      "unknown",
      "unresolved-configuration 11 Pod p: spec.containers.0.image is a template where Kubernetes takes text, and 1 more like it",
    ]);
    expect(told({ args: ["--format={{.ID}}"], env: [{ name: "A", value: "{{ x }}" }] })).toEqual(["pass"]);
  });

  test("the port behind a host's name in a ConfigMap is no passport's number", () => {
    const told = (value: string): string | undefined => {
      const text = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  server: ${value}\n`;
      const { documents: files } = readConfigs([{ path: "a.yaml", text }]);
      return runChecks(files, { checks: only("KSV-01010"), includePasses: true }).findings[0]?.status;
    };

    expect(told("cache.example:6379")).toBe("pass");
    expect(told("P4366918")).toBe("fail");
    expect(told("|\n    name a b\n    P4366918")).toBe("fail");
    expect(told("|\n    cache.example:6379\n    cache.example:6380")).toBe("pass");
  });

  test("every check is described, and none of them trips over odd values", () => {
    const odd = [null, 1, "x", [], {}, [null], [[]], { a: null }];
    const manifests = odd.flatMap((value) =>
      [
        "Pod",
        "Deployment",
        "CronJob",
        "Role",
        "RoleBinding",
        "ConfigMap",
        "NetworkPolicy",
        "Service",
        "Ingress",
        "LimitRange",
        "ResourceQuota",
        "NodeInfo",
        "K8sAllowedRepos",
      ].flatMap((kind) => [
        {
          apiVersion: "v1",
          kind,
          metadata: value,
          spec: value,
          rules: value,
          data: value,
          subjects: value,
          info: value,
          type: "master",
        },
        {
          apiVersion: "v1",
          kind,
          metadata: { annotations: value, labels: value, name: value },
          spec: {
            containers: value,
            template: {
              spec: {
                containers: [
                  value,
                  { name: value, image: value, ports: value, securityContext: value, command: value, resources: value },
                ],
                securityContext: value,
                volumes: value,
              },
            },
          },
          rules: [value, { verbs: value, resources: value }],
          data: { a: value },
          subjects: [value],
          info: { kubeAPIServerSpecFilePermission: { values: value } },
          type: "master",
        },
      ]),
    );
    const text = manifests.map((value) => JSON.stringify(value)).join("\n---\n");
    const run = runChecks(readConfigs([{ path: "odd.yaml", text }]).documents);

    // No check broke down, and each object that Kubernetes would refuse is told.
    expect(new Set(run.diagnostics.map(({ analyzer }) => analyzer))).toEqual(new Set(["checks"]));
    for (const check of everyCheck) {
      expect(check.title, check.id).toMatch(/^[\w/]/);
      expect(check.description.length, check.id).toBeGreaterThan(20);
      expect(check.remediation.length, check.id).toBeGreaterThan(10);
      expect(check.references[0], check.id).toMatch(/^https:\/\//);
    }
  });
});
