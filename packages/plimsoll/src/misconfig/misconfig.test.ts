import { everyCheck } from "@plimsoll/checks";
import type { Check } from "@plimsoll/checks";
import { growthProblem } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { memoryTree } from "./fixtures/memory-tree.ts";
import { ConfigChecker } from "./check-configs.ts";
import { scanInventory } from "../scan-image.ts";
import { maskValues } from "./mask-values.ts";
import { checkTree } from "./scan-configs.ts";

describe("secrets in configurations are masked", () => {
  test.each([
    ["ENV DB_PASSWORD=hunter2 X=1", "ENV DB_PASSWORD=******* X=1"],
    ['password: "hunter2" # x', 'password: "*******" # x'],
    ["apiKey: abc", "apiKey: ***"],
    ['{"client_secret": "s3cret", "a": 1}', '{"client_secret": "******", "a": 1}'],
    ["{name: MY_TOKEN, value: abc}", "{name: MY_TOKEN, value: ***}"],
    ["- name: DB_PASSWORD\n  value: 'x y'\n", "- name: DB_PASSWORD\n  value: '***'\n"],
    ["password: ${PASSWORD}", "password: ${PASSWORD}"],
    ['- "--initial-cluster-token=abc"', '- "--initial-cluster-token=***"'],
    ["- 'TOKEN=abc'", "- 'TOKEN=***'"],
    ['["sh", "-c", "TOKEN=\\"abc\\" run"]', '["sh", "-c", "TOKEN=\\"***\\" run"]'],
    ['PASSWORD=a"b\\c', 'PASSWORD=*"***'],
    ['"API token": "abc"', '"API token": "***"'],
    ['curl "http://a?token="abc"&b"', 'curl "http://a?token="***"&b"'],
    ["curl 'http://a?token='abc", "curl 'http://a?token='***"],
    ['["--token=", "b", "--secret=abc"]', '["--token=", "b", "--secret=***"]'],
    ["- '--token='", "- '--token='"],
    // What follows a closing quote in a shell belongs to the same word.
    ['RUN sh -c "PASSWORD="hunter2" run"', 'RUN sh -c "PASSWORD="*******" run"'],
    ["# don't-TOKEN='abc'", "# don't-TOKEN='***'"],
    ["tokens: 3\nautomountServiceAccountToken: false", "tokens: 3\nautomountServiceAccountToken: false"],
  ])("%j", (text, masked) => {
    expect(maskValues(text, "Dockerfile")).toBe(masked);
  });

  test("also where no name tells of a secret, but a rule of the secret scanner does", () => {
    const token = `${"glpat-"}${"Xy7Qw2Zr9LmKp4Tn8VbD"}`;

    expect(maskValues(`LABEL note="${token}"\n`, "Dockerfile")).not.toContain(token);
  });

  test("lines and columns stay, in linear time", () => {
    const text = `password: ${"x".repeat(1_000_000)}\n${"password=".repeat(100_000)}\n${"name: a,".repeat(100_000)}`;

    expect(maskValues(text, "Dockerfile")).toHaveLength(text.length);
  });
});

test("twice as many names in one line are about twice the work to mask", async () => {
  const texts = new Map([1, 2, 4].map((times) => [times, 'token="a"'.repeat(10_000 * times)]));

  expect(await growthProblem((times) => maskValues(texts.get(times) ?? "", "Dockerfile"))).toBeUndefined();
});

describe("masked files are checked like the files themselves", () => {
  const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: c\n    image: a:1\n";
  const pem = ["-----BEGIN EC", "PRIVATE KEY-----"].join(" ");
  const block = `        ${pem}\n        ${"MHcCAQEEIBkg4LVWM9nuwNSk3yByxZpYRTBn".repeat(2)}\n        ${pem.replace("BEGIN", "END")}\n`;

  test.each([
    ["a plain value", "    env:\n    - name: DB_PASSWORD\n      value: hunter2\n"],
    ["one of a single character", "    env:\n    - name: DB_PASSWORD\n      value: h\n"],
    ["base64", "    env: [{name: A_SECRET, value: aHVudGVyMg==}]\n"],
    ["a flow mapping", "    env: [{name: A_TOKEN, value: abc}, {name: B, value: c}]\n"],
    ["an argument that is quoted", `    args: ["--token=abc", '--secret=abc', "--password=", "c"]\n`],
    ["a key over lines", `    env:\n    - name: TLS_KEY\n      value: |\n${block}`],
    [
      "a Secret beside it",
      "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  password: hunter2\n",
    ],
    ["a Secret's data", "---\nkind: Secret\napiVersion: v1\nmetadata: {name: s}\ndata:\n  password: cXVvYnl0ZQ==\n"],
    [
      "a Secret's data on the next line",
      "---\nkind: Secret\napiVersion: v1\nmetadata: {name: s}\ndata:\n  certificate: |\n    cXVvYnl0ZXF1b2J5dGU=\n  a: b\n",
    ],
  ])("%s", async (_, more) => {
    const checked = async (text: string) => {
      const checker = new ConfigChecker(["pod.yaml"]);
      await checker.check({ path: "pod.yaml", text });
      return checker.finish();
    };
    const masked = await checked(maskValues(pod + more, "pod.yaml"));
    const plain = await checked(pod + more);

    expect(masked.diagnostics).toEqual([]);
    expect(masked.findings.length).toBeGreaterThan(5);
    expect(masked).toEqual(plain);
    expect(maskValues(pod + more, "pod.yaml")).not.toBe(pod + more);
  });

  test("and so are those of JSON", async () => {
    const text = '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "pin_secret": 1234}';
    const checker = new ConfigChecker(["pod.json"]);
    await checker.check({ path: "pod.json", text: maskValues(text, "pod.json") });

    expect(maskValues(text, "pod.json")).toContain('"pin_secret": ****}');
    expect(checker.finish().diagnostics).toEqual([]);
  });
});

describe("trees", () => {
  test("what is wrong, what was left out, and what could not be read", async () => {
    const report = await checkTree(
      memoryTree({
        Dockerfile: "FROM alpine:3.20\nENV PASSWORD=hunter2\nUSER app\n",
        "broken.yaml": "a: [",
        "main.tf": "",
        "readme.txt": "FROM alpine",
      }),
      { severities: ["CRITICAL", "LOW"] },
    );

    expect(report.misconfigurations.map(({ id }) => id)).toEqual(["DS-0026", "DS-0031"]);
    expect(report.coverage.verdict).toBe("partial");
    expect(report.coverage.gaps.map(({ path }) => path)).toEqual(["broken.yaml", "main.tf"]);
    expect(JSON.stringify(report)).not.toContain("hunter2");
  });

  test("of many files in a format that is not read, the first twenty are told one by one, the others by their number", async () => {
    const paths = Array.from({ length: 25 }, (_, at) => `site/${String(at).padStart(2, "0")}.yml`);
    const playbook = "- hosts: all\n  tasks:\n    - command: ls\n";
    const report = await checkTree(memoryTree(Object.fromEntries(paths.map((path) => [path, playbook]))));
    const { gaps } = report.coverage;

    expect(gaps.map(({ path }) => path)).toEqual(paths.slice(0, 21));
    expect(gaps[0]?.message).toBe("an Ansible playbook is not read yet, so it is not checked");
    expect(gaps[20]?.message).toBe("an Ansible playbook is not read yet, so it is not checked: this file and 4 more");
  });

  test("findings of one check in all files have a limit, which is a gap", async () => {
    const [first] = everyCheck.filter(({ subject }) => subject === "dockerfile");
    const check: Check = {
      ...(first as Extract<Check, { subject: "dockerfile" }>), // as: it was chosen by its subject
      evaluate: () => Array.from({ length: 5000 }, (_, index) => ({ message: `hit ${index}` })),
    };
    const paths = ["a", "b", "c", "d", "e", "f"].map((folder) => `${folder}/Dockerfile`);
    const checker = new ConfigChecker(paths, { checks: [check] });
    for (const path of paths) await checker.check({ path, text: "FROM alpine\n" });
    const { findings, gaps } = checker.finish();

    expect(findings).toHaveLength(20_000);
    expect(findings.at(-1)?.location?.path).toBe("d/Dockerfile");
    expect(gaps).toEqual([
      {
        scanner: "misconfig",
        code: "limit-exceeded",
        message: "10000 findings of this and later files were left out: of each check, 20000 in a scan are kept",
        path: "e/Dockerfile",
      },
    ]);
  });

  test("findings under ignored paths take no room from others, in trees and in images", async () => {
    const [first] = everyCheck.filter(({ subject }) => subject === "dockerfile");
    const check: Check = {
      ...(first as Extract<Check, { subject: "dockerfile" }>), // as: it was chosen by its subject
      evaluate: () => Array.from({ length: 5000 }, (_, index) => ({ message: `hit ${index}` })),
    };
    const ignored = ["a", "b", "c", "d"].map((folder) => `vendor/${folder}/Dockerfile`);
    const files = Object.fromEntries([...ignored, "z/Dockerfile"].map((path) => [path, "FROM alpine\n"]));
    const tree = await checkTree(memoryTree(files), { checks: [check], ignorePaths: ["vendor/**"] });
    const configs = Object.entries(files).map(([path, text]) => ({ path, text }));
    const artifact = { name: "app", kind: "container-image", layers: [] } as const;
    const image = await scanInventory(
      { schemaVersion: 2, artifact, packages: [], configs, diagnostics: [] },
      { scanners: ["misconfig"], ecosystems: [], configChecks: { checks: [check] }, ignorePaths: ["vendor/**"] },
    );

    expect(tree.misconfigurations).toHaveLength(5000);
    expect(tree.coverage.verdict).toBe("complete");
    expect(image.misconfigurations).toHaveLength(5000);
    expect(image.coverage.verdict).toBe("complete");
  });

  test("files of a layer say which", async () => {
    const layer = {
      index: 2,
      diffId: "sha256:0000000000000000000000000000000000000000000000000000000000000000",
    } as const;
    const checker = new ConfigChecker(["Dockerfile"]);
    await checker.check({ path: "app/Dockerfile", text: "FROM alpine\n", layer });

    expect(checker.finish().findings[0]?.location?.layer).toEqual(layer);
  });
});
