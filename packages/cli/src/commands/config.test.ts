import { mkdtempSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { pushArtifact, registryRepository } from "@plimsoll/registry";
import { servedRegistry, tarOf } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { runCli } from "../run-cli.ts";

async function run(files: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const root = mkdtempSync(join(tmpdir(), "plimsoll-config-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
    // A gibibyte that takes no room on the disk.
    if (path.endsWith("long.yaml")) truncateSync(join(root, path), 2 ** 30);
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

  test("schemas lie beside checks, and those of --config-file-schemas also choose files", async () => {
    const checkOf = (id: string, body: string): string =>
      `# METADATA\n# schemas:\n#   - input: schema["service"]\n# custom:\n#   id: ${id}\n#   input:\n#     selector:\n#     - type: yaml\npackage user.${id}\nimport rego.v1\ndeny contains "m" if ${body}\n`;
    const files = {
      "tree/service.yaml": "service: a\n",
      "tree/other.yaml": "name: a\n",
      "policies/typed.rego": checkOf("typed", "input.evil"),
      "policies/good.rego": checkOf("good", "true"),
      "policies/schemas/service.json": '{"type": "object", "properties": {"service": {}}, "required": ["service"]}',
      "policies/fixture.json": "{",
    };
    const asked = ["--config-check", "$ROOT/policies", "--format", "json"];
    const all = await run(files, ...asked);
    const chosen = await run(files, ...asked, "--config-file-schemas", "$ROOT/policies/schemas");

    expect(ids(all.stdout)).toEqual(["good", "good"]);
    expect(all.stderr).toContain("typed.rego: the check does not compile: undefined ref: input.evil");
    expect(ids(chosen.stdout)).toEqual(["good"]);
  });

  test("checks of an OCI artifact run as those of a directory do, with its data", async () => {
    const { host, fetch, stop } = await servedRegistry();
    try {
      const own = (word: string): string =>
        `package user.own\nimport rego.v1\nimport data.lib.words\ndeny contains msg if {\n  msg := words.said\n  msg == "${word}"\n}\n`;
      await pushArtifact(registryRepository(host, "checks", { fetch, plainHttp: [host] }), {
        artifactType: "application/vnd.cncf.openpolicyagent.config.v1+json",
        layers: [
          {
            mediaType: "application/vnd.cncf.openpolicyagent.layer.v1.tar+gzip",
            content: gzipSync(
              await tarOf({
                "checks/own.rego": own("hello"),
                "lib/words.rego": "package lib.words\nimport rego.v1\nsaid := data.word\n",
                "data.json": '{"word": "hello"}',
                "fixtures/a.yaml": "word: other\n",
              }),
            ),
          },
        ],
        tag: "1",
      });
      const asked = ["--config-check", `oci://${host}/checks:1`, "--format", "json", "--check-namespaces", "user"];
      const found = await run({ "tree/Dockerfile": dockerfile }, ...asked);
      const missing = await run({ "tree/Dockerfile": dockerfile }, "--config-check", `oci://${host}/checks:2`);

      expect(found.stderr).toBe("");
      expect(ids(found.stdout)).toEqual(["user.own"]);
      // Without its checks nothing is called clean.
      expect(missing.code).not.toBe(0);
      expect(missing.stdout).toBe("");
    } finally {
      stop();
    }
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
    [["--config-check", "https://x/y"], "files, directories, packages and artifacts"],
    [["--config-file-schemas", "nowhere"], "no file or directory nowhere"],
    [["--config-file-schemas", "$ROOT/tree"], "no file ….json"],
    [["--config-file-schemas", "$ROOT/broken.json"], "broken.json is not JSON"],
  ])("%j is refused", async (args, message) => {
    const { code, stderr } = await run({ "tree/Dockerfile": dockerfile, "broken.json": "{" }, ...args);

    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe("a folder of hostile files", () => {
  test("is told file by file, and the rest is checked", async () => {
    const pod = (name: string, more: string): string =>
      `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\n${more}spec: {containers: [{name: a, image: b:1, securityContext: {privileged: true}}]}\n`;
    const aliases = Array.from("bcdefghijklm", (name, at) => {
      const before = "abcdefghijklm"[at] ?? "";
      return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(",")}]\n`;
    });
    const { code, stdout, stderr } = await run(
      {
        "tree/bomb.yaml": `apiVersion: v1\nkind: ConfigMap\na: &a [x,x,x,x,x,x,x,x,x]\n${aliases.join("")}`,
        "tree/deep.yaml": `a: ${"[".repeat(200_000)}`,
        "tree/deep.json": '{"a":'.repeat(200_000),
        "tree/Dockerfile": "\u0000\u0001\u0002",
        "tree/template.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Values.x }}}\n",
        "tree/long.yaml": "",
        "tree/prototype.yaml": pod("p", "__proto__: {polluted: true}\nconstructor: {prototype: {polluted: true}}\n"),
        "tree/good.yaml": pod("g", ""),
      },
      "--format",
      "json",
    );

    expect(code).toBe(0);
    for (const file of ["bomb.yaml", "deep.yaml", "deep.json", "Dockerfile", "template.yaml", "long.yaml"])
      expect(stderr).toContain(`${file}: `);
    const { misconfigurations } = JSON.parse(stdout) as {
      readonly misconfigurations: readonly { readonly id: string; readonly location: { readonly path: string } }[];
    };
    const privileged = misconfigurations.filter(({ id }) => id === "KSV-0017").map(({ location }) => location.path);
    expect(privileged).toEqual(["good.yaml", "prototype.yaml"]);
    expect(({} as { readonly polluted?: unknown }).polluted).toBeUndefined(); // Any object would have it.
  });
});

describe("plimsoll config --compliance", () => {
  const pod =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  hostPID: true\n  containers: [{name: a, image: b:1}]\n";

  test("tells control by control what is met, and ends with the code that was asked for", async () => {
    const asked = ["--compliance", "k8s-pss-baseline-0.1", "--exit-code", "4"];
    const { code, stdout } = await run({ "tree/pod.yaml": pod }, ...asked);

    expect(code).toBe(4);
    expect(stdout).toMatch(/│ 2 +│ +HIGH +│ Host Namespaces +│ +FAIL +│ +1 +│/);
    expect(stdout).toMatch(/│ 3 +│ +HIGH +│ Privileged Containers +│ +PASS +│ +0 +│/);
    const docker = await run({ "tree/Dockerfile": dockerfile }, ...asked);
    expect(docker.code).toBe(0);
    expect(docker.stdout).toMatch(/│ Host Namespaces +│ UNKNOWN │ +- +│/);
  });

  test("takes files of specifications, and shows them as JSON and HTML", async () => {
    const files = {
      "tree/pod.yaml": pod,
      "own.yaml":
        "spec: {id: own, title: Own, controls: [{id: '1', name: pid, severity: LOW, checks: [{id: AVD-KSV-0010}]}]}\n",
    };
    const { stdout } = await run(files, "--compliance", "@$ROOT/own.yaml", "--report", "all", "--format", "json");
    expect(JSON.parse(stdout)).toMatchObject({
      ID: "own",
      Results: [
        { ID: "1", Results: [{ Target: "pod.yaml", Misconfigurations: [{ ID: "AVD-KSV-0010", Status: "FAIL" }] }] },
      ],
    });
    const page = await run(files, "--compliance", "$ROOT/own.yaml", "--format", "html", "--report", "all");
    expect(page.stdout).toContain("hostPID");
  });

  test.each([
    [["--compliance", "nope-1.0"], "there is no specification and no file nope-1.0"],
    [["--compliance", "k8s-nsa-1.0", "--format", "sarif"], "shown as table, json, html"],
    [["--compliance", "k8s-nsa-1.0", "--severity", "HIGH"], "--severity cannot be used"],
    [["--report", "all"], "--report needs --compliance"],
    [["--compliance", "k8s-nsa-1.0", "--report", "some"], "summary or all"],
  ])("%j is wrong", async (args, message) => {
    const { code, stdout, stderr } = await run({ "tree/pod.yaml": pod }, ...args);

    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
  });
});

test("the guide explains every flag", async () => {
  const guide = readFileSync(new URL("../../../../docs/guide/configurations.md", import.meta.url), "utf8");
  const { stdout } = await run({}, "--help");
  const flags = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag]) => flag);

  expect(flags.length).toBeGreaterThan(20);
  expect(flags.filter((flag) => flag !== "--help" && !guide.includes(`\`${flag}`))).toEqual([]);
});
