import { describe, expect, test } from "vitest";
import { memoryTree } from "./fixtures/memory-tree.ts";
import { ConfigChecker } from "./check-configs.ts";
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

  test("files of a layer say which", () => {
    const layer = {
      index: 2,
      diffId: "sha256:0000000000000000000000000000000000000000000000000000000000000000",
    } as const;
    const checker = new ConfigChecker(["Dockerfile"]);
    checker.check({ path: "app/Dockerfile", text: "FROM alpine\n", layer });

    expect(checker.finish().findings[0]?.location?.layer).toEqual(layer);
  });
});
