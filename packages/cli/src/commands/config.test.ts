import { mkdtempSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli } from "../run-cli.ts";

async function run(files: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const root = mkdtempSync(join(tmpdir(), "plimsoll-config-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  let stdout = "";
  let stderr = "";
  const code = await runCli(["config", join(root, "tree"), ...args.map((arg) => arg.replace("$ROOT", root))], {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
    env: {},
    signal: new AbortController().signal,
    now: () => "2026-11-28T00:00:00Z",
  });
  return { code, stdout, stderr };
}

interface Reported {
  readonly misconfigurations: readonly { readonly id: string; readonly status: string; readonly engine: string }[];
}

function ids(stdout: string): readonly string[] {
  return (JSON.parse(stdout) as Reported).misconfigurations.map(({ id, status }) =>
    status === "fail" ? id : `${id} ${status}`,
  );
}

const dockerfile = "FROM alpine:3.20\nUSER app\nHEALTHCHECK NONE\n";

describe("plimsoll config", () => {
  test("says what is wrong, and ends with the code that was asked for", async () => {
    const { code, stdout } = await run(
      { "tree/Dockerfile": "FROM alpine:3.20\n" },
      "--exit-code",
      "5",
      "--format",
      "json",
    );

    expect(code).toBe(5);
    expect(ids(stdout)).toEqual(["DS-0002", "DS-0026"]);
  });

  test("nothing wrong is no failure, and passes are listed when asked for", async () => {
    const clean = await run({ "tree/Dockerfile": dockerfile }, "--exit-code", "5", "--format", "json");
    const passes = await run({ "tree/Dockerfile": dockerfile }, "--include-non-failures", "--format", "json");

    expect([clean.code, ids(clean.stdout)]).toEqual([0, []]);
    expect(ids(passes.stdout)).toHaveLength(27);
  });

  test("what cannot be read is told, and the rest is checked", async () => {
    const { code, stdout, stderr } = await run(
      { "tree/a.yaml": "a: [", "tree/Dockerfile": "FROM a\n" },
      "--format",
      "json",
    );

    expect(code).toBe(0);
    expect(stderr).toContain("a.yaml: no YAML");
    expect(ids(stdout)).toContain("DS-0001");
  });

  test("checks in Rego and in JavaScript run beside ours", async () => {
    const { stdout, stderr } = await run(
      {
        "tree/Dockerfile": dockerfile,
        "policies/own.rego": "package user.own\nimport rego.v1\ndeny contains data.word if true\n",
        "policies/broken.rego": "package user.broken\nimport rego.v1\ndeny contains x if y\n",
        "data/data.yaml": "word: hello\n",
        "own.mjs":
          'export default { id: "OWN-1", aliases: [], title: "t", severity: "LOW", description: "", remediation: "", references: [], subject: "dockerfile", evaluate: () => [{ message: "m" }] };\n',
      },
      "--config-check",
      "$ROOT/policies",
      "--config-check",
      "$ROOT/own.mjs",
      "--config-data",
      "$ROOT/data",
      "--check-namespaces",
      "user",
      "--format",
      "json",
    );

    expect(ids(stdout)).toEqual(["OWN-1", "user.own"]);
    expect(stderr).toContain("broken.rego");
  });

  test("names and patterns choose files", async () => {
    const files = { "tree/Customfile": "FROM a\n", "tree/skip/Dockerfile": "FROM a\n", "tree/Dockerfile": dockerfile };
    const { stdout } = await run(
      files,
      "--file-patterns",
      "dockerfile:^Custom",
      "--skip-dirs",
      "skip",
      "--format",
      "json",
      "-s",
      "MEDIUM",
    );

    expect(ids(stdout)).toEqual(["DS-0001"]);
  });

  test.each([
    [["--file-patterns", "x"], "TYPE:REGEX"],
    [["--config-check", "nowhere"], "no file"],
    [["--config-check", "oci://x/y"], "files and directories"],
  ])("%j is refused", async (args, message) => {
    const { code, stderr } = await run({ "tree/Dockerfile": dockerfile }, ...args);

    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
