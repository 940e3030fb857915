import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "../run-cli.ts";

const manifest = `apiVersion: v1
kind: Pod # the app
metadata:
  name: "web\\e[2J"
  namespace: shop
spec:
  containers:
  - name: web # main
    image: nginx:1.25
    securityContext: {privileged: true} # why
`;
let folder = "";
let file = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-audit-"));
  file = join(folder, "pod.yaml");
  writeFileSync(file, manifest);
});

afterAll(() => rmSync(folder, { recursive: true }));

async function run(...args: readonly string[]): Promise<{ code: number; out: string; error: string }> {
  let out = "";
  let error = "";
  const code = await runCli(args, {
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => (error += text) },
    env: {},
    signal: new AbortController().signal,
    now: () => "2026-01-01T00:00:00Z",
  });
  return { code, out, error };
}

describe("plimsoll audit", () => {
  test("tells objects and results as kubeaudit does, and ends with 2", async () => {
    const { code, out } = await run("audit", file, "--only", "privileged");

    expect(code).toBe(2);
    expect(out).toContain("  kind: Pod\n  metadata:\n    name: web");
    expect(out).toContain("-- [error] PrivilegedTrue\n   Message: ");
    expect(out).not.toContain("\u001b[2J");
  });

  test("keeps so many findings of each rule in a report, tells how many are left out, and prints all of them", async () => {
    const pods = Array.from({ length: 5_003 }, (_, index) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: `p${index}` },
      spec: { containers: [{ name: "a", image: "b" }] },
    }));
    const many = join(folder, "many.json");
    writeFileSync(many, JSON.stringify({ apiVersion: "v1", kind: "List", items: pods }));
    const args = ["audit", many, "--only", "limits,image", "-m", "warning"];
    const { out, error } = await run(...args, "--format", "json");
    // as: a report has these
    const report = JSON.parse(out) as { misconfigurations: { id: string }[]; coverage: object; diagnostics: object[] };

    expect(report.misconfigurations.filter(({ id }) => id === "LimitsNotSet")).toHaveLength(5_000);
    expect(report.misconfigurations.filter(({ id }) => id === "ImageTagMissing")).toHaveLength(5_000);
    expect(report.coverage).toMatchObject({ verdict: "partial", gaps: [{ code: "limit-exceeded" }] });
    expect(report.diagnostics).toMatchObject([{ code: "limit-exceeded", effect: "incomplete" }]);
    expect(error).toContain("warning: 6 findings were left out: of each rule, 5000 in a file");
    const { out: lines, error: silent } = await run(...args, "--format", "logrus");
    expect([lines.split("\n").length - 1, silent]).toEqual([10_006, ""]);
  });

  test("fails for an error that a report has no room for", async () => {
    const old = (apiVersion: string, kind: string, name: string): object => ({ apiVersion, kind, metadata: { name } });
    const items = Array.from({ length: 5_000 }, (_, index) => old("batch/v1beta1", "CronJob", `c${index}`));
    const many = join(folder, "old.json");
    writeFileSync(
      many,
      JSON.stringify({
        apiVersion: "v1",
        kind: "List",
        items: [...items, old("extensions/v1beta1", "Deployment", "gone")],
      }),
    );
    const config = join(folder, "targeted.yaml");
    writeFileSync(config, 'auditors:\n  deprecatedapis:\n    targetedVersion: "1.22"\n');
    const args = ["audit", many, "--only", "deprecatedapis", "--audit-config", config];

    expect((await run(...args, "--format", "pretty")).code).toBe(2);
    expect((await run(...args, "--format", "json")).code).toBe(2);
  });

  test("ends as it is told to, and with 0 where no error is left", async () => {
    expect((await run("audit", file, "--only", "privileged", "--exit-code", "0")).code).toBe(0);
    expect(await run("audit", file, "--only", "limits", "-m", "error")).toEqual({
      code: 0,
      out: "All checks completed. 0 high-risk vulnerabilities found\n",
      error: "",
    });
    expect((await run("audit", file, "-n", "other")).code).toBe(0);
  });

  test.each([
    ["an option that there is not", ["audit", "--nope", "x"]],
    ["a level that there is not", ["audit", "x", "-m", "bad"]],
    ["an auditor that there is not", ["audit", ".", "--only", "imagess"]],
    ["a file that is not there", ["audit", "no-such-file.yaml"]],
    ["a cluster", ["audit", "x", "--context", "prod"]],
  ])("ends with 1 for %s", async (_, args) => {
    const { code, out, error } = await run(...args);

    expect([code, out]).toEqual([1, ""]);
    expect(error).toContain("error: ");
  });

  test("for a cluster, says the command that gives its objects", async () => {
    const { code, error } = await run("audit", "--context", "prod", "-n", "shop");

    expect(code).toBe(1);
    expect(error).toContain("kubectl --context prod get deployments,");
    expect(error).toContain(" -n shop -o json | plimsoll audit -");
    expect((await run("audit")).error).toContain("name a file or folder");
  });

  test("a file that cannot be read is no success", async () => {
    const broken = join(folder, "broken.yaml");
    writeFileSync(broken, "apiVersion: v1\nkind: Pod\nspec: [\n");
    const { code, error } = await run("audit", broken);

    expect(code).toBe(1);
    expect(error).toContain("broken.yaml");
  });

  test("writes lines of JSON as logrus, the report, and SARIF with fixes", async () => {
    const line = JSON.parse((await run("audit", file, "--only", "privileged", "-p", "logrus")).out) as unknown;
    expect(line).toMatchObject({
      AuditResultName: "PrivilegedTrue",
      Container: "web",
      level: "error",
      time: "2026-01-01T00:00:00Z",
    });
    const report = JSON.parse((await run("audit", file, "--format", "json")).out) as {
      misconfigurations: { id: string; level: string; engine: string }[];
    };
    expect(report.misconfigurations).toContainEqual(
      expect.objectContaining({ id: "PrivilegedTrue", level: "error", engine: "audit" }),
    );
    const sarif = JSON.parse((await run("audit", file, "--only", "privileged,limits", "--format", "sarif")).out) as {
      runs: {
        tool: { driver: { rules: { id: string; properties: { tags: string[] } }[] } };
        results: { ruleId: string; level: string; fixes?: unknown[] }[];
      }[];
    };
    expect(sarif.runs[0]?.results.map(({ ruleId, level }) => `${ruleId} ${level}`)).toEqual([
      "PrivilegedTrue error",
      "LimitsNotSet warning",
    ]);
    expect(sarif.runs[0]?.results[0]?.fixes).toHaveLength(1);
    for (const rule of sarif.runs[0]?.tool.driver.rules ?? [])
      expect(rule.properties.tags).toEqual(expect.arrayContaining(["security", "kubernetes", "infrastructure"]));
  });

  test("holds by kubeaudit's configuration", async () => {
    const config = join(folder, "audit-config.yaml");
    writeFileSync(config, "enabledAuditors:\n  privileged: false\nauditors:\n  image:\n    image: nginx:1.25\n");
    const { out } = await run("audit", file, "--audit-config", config);

    expect(out).toContain("ImageCorrect");
    expect(out).not.toContain("PrivilegedTrue");
  });
});

describe("plimsoll audit fix", () => {
  test("writes the whole text, mended, which the audit then passes", async () => {
    const mended = join(folder, "mended.yaml");
    const { code, error } = await run("audit", "fix", file, "--output", mended);

    expect([code, error]).toEqual([0, ""]);
    const text = readFileSync(mended, "utf8");
    expect(text).toContain("privileged: false");
    expect(text).toContain("# why\n");
    expect(text).toContain("kind: Pod # the app\n");
    expect(readFileSync(file, "utf8")).toBe(manifest);
    expect((await run("audit", mended)).code).toBe(0);
    expect((await run("audit", "fix", mended)).out).toBe(text);
  });

  test("shows what would change", async () => {
    const { out } = await run("audit", "fix", file, "--only", "privileged", "--diff");

    expect(out.split("\n").filter((line) => /^[-+] /.test(line))).toEqual([
      "-    securityContext: {privileged: true} # why",
      "+    securityContext: {privileged: false} # why",
    ]);
  });

  test("says what it leaves alone, and why", async () => {
    const template = join(folder, "template.yaml");
    writeFileSync(template, manifest.replace("nginx:1.25", '"{{ .Values.image }}"'));
    const { code, out, error } = await run("audit", "fix", template, "--only", "privileged");

    expect([code, out]).toEqual([0, readFileSync(template, "utf8")]);
    expect(error).toContain("the file is a template");
  });
});
