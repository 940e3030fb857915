import { readConfigs } from "@plimsoll/configs";
import { describe, expect, test } from "vitest";
import { runChecks } from "../run-checks.ts";
import { regoChecks } from "./index.ts";

const header = `# METADATA
# title: No latest
# description: A tag that moves.
# related_resources:
# - https://example.com/tags
# custom:
#   id: USR-0001
#   aliases: [no-latest]
#   severity: HIGH
#   recommended_action: Pin it.
#   input:
#     selector:
#     - type: dockerfile
`;

const dockerfile = {
  path: "Dockerfile",
  text: "ARG X=1\nFROM alpine:latest AS b\n\nRUN <<E\napk add curl\nE\nUSER app\n",
};
const pod = {
  path: "pod.yaml",
  text: "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: a\n    image: x\n",
};

function results(text: string, file = dockerfile, options = {}): readonly string[] {
  const { checks, diagnostics } = regoChecks([{ path: "a.rego", text }], options);
  expect(diagnostics).toEqual([]);
  const run = runChecks(readConfigs([file]).documents, { checks });
  expect(run.diagnostics).toEqual([]);
  return run.findings.map(({ id, message, location }) => `${id} ${message} ${location?.line ?? "-"}`);
}

describe("checks in Rego", () => {
  test("say what their METADATA says, with the lines of their cause", () => {
    const { checks } = regoChecks([
      {
        path: "latest.rego",
        text: `${header}package user.latest\n\nimport rego.v1\n\ndeny contains res if {\n\tsome stage in input.Stages\n\tsome cmd in stage.Commands\n\tcmd.Cmd == "from"\n\tendswith(cmd.Value[0], ":latest")\n\tres := result.new("pin it", cmd)\n}\n`,
      },
    ]);
    const [finding] = runChecks(readConfigs([dockerfile]).documents, { checks }).findings;

    expect(finding).toMatchObject({
      engine: "rego",
      id: "USR-0001",
      aliases: ["no-latest"],
      severity: "HIGH",
      title: "No latest",
      message: "pin it",
      resolution: "Pin it.",
      references: ["https://example.com/tags"],
      location: { path: "Dockerfile", line: 2, endLine: 2 },
      explanation: { rule: "data.user.latest.deny" },
    });
    expect(runChecks(readConfigs([pod]).documents, { checks }).findings).toEqual([]);
  });

  test("objects of Kubernetes know their lines", () => {
    const text = `package user.k\nimport rego.v1\ndeny_image contains res if {\n\tinput.kind == "Pod"\n\tsome c in input.spec.containers\n\tres := result.new(c.name, c)\n}\n`;

    expect(results(text, pod)).toEqual(["user.k a 6"]);
  });

  test("Conftest's package main in v0, with warnings, violations and exceptions", () => {
    const text = `package main\n\ndeny[msg] { input.kind == "Pod"; msg := "a pod" }\nwarn[msg] { input.kind == "Pod"; msg := "careful" }\nviolation[{"msg": msg}] { input.kind == "Pod"; msg := "violated" }\ndeny_name[msg] { msg := "never told" }\nexception[rules] { rules := ["name"] }\n`;

    expect(results(text, pod)).toEqual(["main a pod -", "main violated -", "main careful -"]);
  });

  test.each([
    ['deny := "a pod" if input.kind == "Pod"', ["user.k a pod -"]],
    ['deny := {"msg": "a pod"} if input.kind == "Pod"', ["user.k a pod -"]],
    ['deny if input.kind == "Pod"', ["user.k user.k -"]],
    ["default deny := false", []],
    ['default deny := false\ndeny if input.kind == "Service"', []],
  ])("the complete rule %j is a finding unless it is false", (rule, found) => {
    expect(results(`package user.k\nimport rego.v1\n${rule}\n`, pod)).toEqual(found);
  });

  test("shell commands, heredocs and data", () => {
    const text = `package user.sh\nimport rego.v1\ndeny contains msg if {\n\tsome cmd in input.Stages[_].Commands\n\tcmd.Cmd == "run"\n\tsome words in sh.parse_commands(cmd.Value[0])\n\twords[0] == data.tools[_]\n\tmsg := concat(" ", words)\n}\n`;

    expect(results(text, dockerfile, { data: { tools: ["apk"] } })).toEqual(["user.sh apk add curl -"]);
  });

  test("only packages of the namespaces that are asked for", () => {
    const text = 'package user.a\nimport rego.v1\ndeny contains "x" if true\n';

    expect(results(text, dockerfile, { namespaces: ["other"] })).toEqual([]);
    expect(results(text, dockerfile, { namespaces: ["user"] })).toEqual(["user.a x -"]);
  });

  test("what does not compile is named, and the others run", () => {
    const { checks, diagnostics } = regoChecks([
      { path: "broken.rego", text: "package user.broken\nimport rego.v1\ndeny contains x if { y == 1 }\n" },
      { path: "syntax.rego", text: "package user.syntax\ndeny contains {{{\n" },
      { path: "good.rego", text: 'package user.good\nimport rego.v1\ndeny contains "x" if true\n' },
      { path: "lib.rego", text: 'package lib.x\nimport rego.v1\ndeny contains "library" if true\n' },
      { path: "good_test.rego", text: "package user.good\ntest_x if true\n" },
    ]);

    expect(checks.map(({ id }) => id).filter((id, at, all) => all.indexOf(id) === at)).toEqual(["user.good"]);
    expect(new Set(diagnostics.map(({ location }) => location?.path))).toEqual(new Set(["broken.rego", "syntax.rego"]));
  });

  test("a check without end is unknown, and the others go on", () => {
    const { checks } = regoChecks([
      {
        path: "slow.rego",
        text: "package user.slow\nimport rego.v1\ndeny contains x if {\n\tsome a in numbers.range(1, 100000)\n\tsome b in numbers.range(1, 100000)\n\ta * b == -1\n\tx := a\n}\n",
      },
      { path: "good.rego", text: 'package user.good\nimport rego.v1\ndeny contains "x" if true\n' },
    ]);
    const run = runChecks(readConfigs([dockerfile]).documents, { checks });

    expect(run.findings.map(({ id, status }) => `${id} ${status}`).sort()).toEqual([
      "user.good fail",
      "user.slow unknown",
    ]);
    expect(run.diagnostics).toHaveLength(1);
  });

  const typed = (schema: string, body: string): string =>
    `# METADATA\n# schemas:\n#   - input: ${schema}\npackage user.typed\nimport rego.v1\ndeny contains "x" if ${body}\n`;
  const problemsOf = (text: string, more: readonly { path: string; text: string }[] = [], options = {}): string[] =>
    regoChecks([{ path: "a.rego", text }, ...more], options).diagnostics.map(
      ({ message, location }) => `${location?.path ?? "-"}: ${message.split("\n", 1)[0]}`,
    );
  const undefinedRef = "a.rego: the check does not compile: undefined ref: input.evil";

  test.each(['schema["dockerfile"]', "schema.kubernetes", 'schema["rbac"]', "{type: object, properties: {a: {}}}"])(
    "a check is refused that asks for what the schema of its input does not have: %s",
    (schema) => {
      expect(problemsOf(typed(schema, "input.evil"))).toEqual([undefinedRef]);
    },
  );

  test.each([
    ['schema["dockerfile"]', "input.Stages[_].Commands[_].Value[0] == `x`"],
    ['schema["kubernetes"]', "input.spec.containers[_].image == input.metadata.name"],
    ['schema["rbac"]', "input.rules[_].verbs[_] == `*`"],
    ...["yaml", "json", "toml", "cloud", "defsec", "terraform-raw", "input"].map((name) => [
      `schema["${name}"]`,
      "input.evil",
    ]),
  ])("what the schema has is accepted: %s, %s", (schema, body) => {
    expect(problemsOf(typed(schema, body))).toEqual([]);
  });

  test("schemas are given by name, or lie in files of that name; ours come first", () => {
    const text = typed('schema["my-service"]', "input.evil");
    const service = { type: "object", properties: { service: { type: "string" } } };
    const file = { path: "checks/schemas/my-service.json", text: JSON.stringify(service) };

    expect(problemsOf(text)).toEqual(['a.rego: the check does not compile: undefined schema: schema["my-service"]']);
    expect(problemsOf(text, [file])).toEqual([undefinedRef]);
    expect(problemsOf(text, [], { schemas: { "my-service": service } })).toEqual([undefinedRef]);
    expect(problemsOf(text, [file], { schemas: { "my-service": {} } })).toEqual([]);
    expect(problemsOf(typed("schema.dockerfile", "input.evil"), [], { schemas: { dockerfile: {} } })).toEqual([
      undefinedRef,
    ]);
    expect(problemsOf(text, [{ ...file, text: "{" }])).toEqual([
      "checks/schemas/my-service.json: the schema is no JSON",
      'a.rego: the check does not compile: undefined schema: schema["my-service"]',
    ]);
  });

  test("plain documents that match none of the given schemas are left out", () => {
    const text = `# METADATA\n# custom:\n#   input:\n#     selector:\n#     - type: yaml\npackage user.y\nimport rego.v1\ndeny contains "x" if true\n`;
    const schemas = {
      service: { type: "object", properties: { service: { type: "string" } }, required: ["service"] },
      words: { type: "string", pattern: "^[a-z]+$" },
    };
    const found = (path: string, content: string): readonly string[] =>
      results(text, { path, text: content }, { schemas });

    expect(found("a.yaml", "service: a\n")).toEqual(["user.y x -"]);
    expect(found("a.yaml", "abc\n")).toEqual(["user.y x -"]);
    expect(found("a.yaml", "service: 1\n")).toEqual([]);
    expect(found("a.yaml", "other: 1\n")).toEqual([]);
    expect(found("pod.yaml", pod.text)).toEqual([]);
    expect(results(text, pod)).toEqual(["user.y x -"]);
    expect(results(text, { path: "a.json", text: "{}" })).toEqual([]);
    expect(problemsOf(text, [], { schemas: { broken: 1 } })).toEqual([
      expect.stringMatching(/^-: the schema broken is not used: /),
    ]);
  });

  test("options that do not exist are refused", () => {
    const wrong: object = { namespace: ["user"] };

    expect(() => regoChecks([], wrong)).toThrow("namespace");
  });
});
