import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "./run-cli.ts";

/** Made up, and put together here so that no scanner takes this file for a leak. */
const token = `ghp${"_"}${"0aB1cD2eF3".repeat(4).slice(0, 36)}`;
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-secrets-"));
  mkdirSync(join(folder, "tree/web"), { recursive: true });
  writeFileSync(join(folder, "tree/app.conf"), `ours-123456\n\ntoken: ${token}\n`);
  writeFileSync(join(folder, "tree/web/app.min.js"), `${token}\n`);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function secretsOf(
  ...args: readonly string[]
): Promise<{ found: readonly string[]; problems: readonly string[]; stdout: string; stderr: string }> {
  let [stdout, stderr] = ["", ""];
  const asked = ["fs", join(folder, "tree"), "--scanners", "secret", "--no-cache", "--format", "json", ...args];
  await runCli(asked, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env: {},
    signal: new AbortController().signal,
    now: () => "2026-01-01T00:00:00Z",
  });
  const report = JSON.parse(stdout === "" ? '{ "secrets": [], "diagnostics": [] }' : stdout) as {
    secrets: readonly { id: string; location: { path: string; line: number } }[];
    diagnostics: readonly { message: string }[];
  };
  return {
    found: report.secrets.map(({ id, location }) => `${id} ${location.path}:${location.line}`),
    problems: report.diagnostics.map(({ message }) => message.slice(message.lastIndexOf("/") + 1)),
    stdout,
    stderr,
  };
}

describe("plimsoll fs --scanners secret", () => {
  test("says where secrets are, masked", async () => {
    const { found, stdout } = await secretsOf();

    expect(found).toEqual(["github-pat app.conf:3"]);
    expect(stdout).not.toContain(token.slice(4, 20));
  });

  test("with --secret-all-paths looks everywhere", async () => {
    expect((await secretsOf("--secret-all-paths")).found).toContain("github-pat web/app.min.js:1");
  });

  test("with --secret-config takes the rules of gitleaks or Trivy, and names those it cannot use", async () => {
    const toml = join(folder, "gitleaks.toml");
    writeFileSync(toml, '[[rules]]\nid = "ours"\nregex = "ours-[0-9]+"\n[[rules]]\nid = "bad"\nregex = "(?=x)"\n');
    const yaml = join(folder, "trivy-secret.yaml");
    writeFileSync(
      yaml,
      "disable-rules: [github-pat, generic-api-key]\nrules:\n  - {id: ours, regex: 'ours-[0-9]+', severity: LOW}\n",
    );

    const gitleaks = await secretsOf("--secret-config", toml);
    expect(gitleaks.found).toEqual(["ours app.conf:1"]);
    expect(gitleaks.problems).toEqual([expect.stringMatching(/^gitleaks\.toml: rule bad: /)]);
    expect((await secretsOf("--secret-config", yaml)).found).toEqual(["ours app.conf:1"]);
  });

  test("says on stderr and in the coverage which rule is not searched by, and is an error where none is left", async () => {
    const some = join(folder, "some.toml");
    writeFileSync(some, '[extend]\nuseDefault = true\n[[rules]]\nid = "bad"\nregex = "("\n');
    const none = join(folder, "none.toml");
    writeFileSync(none, '[[rules]\nid = "ours"\n');

    const { stdout, stderr } = await secretsOf("--secret-config", some);
    expect(stderr).toMatch(/^warning: .*some\.toml: rule bad: /m);
    expect(JSON.parse(stdout)).toMatchObject({ coverage: { verdict: "partial" } });
    const refused = await secretsOf("--secret-config", none);
    expect(refused.stderr).toMatch(/^error: Cannot read .*none\.toml: no rule of it can be used: /);
    expect(refused.stdout).toBe("");
  });
});
