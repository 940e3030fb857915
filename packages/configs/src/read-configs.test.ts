import { countTurns } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { configReader, readConfigs } from "./read-configs.ts";

test("a long file is read in turns as at once, and others have their turn meanwhile", async () => {
  const pods = Array.from({ length: 2_000 }, (_, at) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `p${at}` },
  }));
  const reader = configReader([]);
  const files = [
    { path: "a.yaml", text: pods.map((pod) => `---\n${JSON.stringify(pod)}\n`).join("") },
    { path: "a.json", text: JSON.stringify({ apiVersion: "v1", kind: "List", items: pods }) },
    { path: "b.yaml", text: "---\na: [\n---\nkind: {{ Pod }}\n" },
    { path: "Dockerfile", text: "FROM a\n" },
  ];
  for (const file of files) {
    const turns = countTurns();
    const { documents, diagnostics } = await reader.readInTurns(file);
    turns.stop();
    const once = reader.read(file);

    expect(documents.map(({ value }) => value)).toEqual(once.documents.map(({ value }) => value));
    expect(diagnostics).toEqual(once.diagnostics);
    // More than 100 KB, each of which counts at least eight times.
    if (file.text.length > 100_000) expect(turns.count).toBeGreaterThanOrEqual(3);
  }
});

describe("files become documents", () => {
  test("each document of a stream is one, with lines of the file", () => {
    const text = "apiVersion: v1\nkind: Pod\nspec:\n  containers: [{name: a}]\n---\n# nothing\n---\nservices: {}\n";
    const { documents, diagnostics } = readConfigs([{ path: "a.yaml", text }]);

    expect(diagnostics).toEqual([]);
    expect(documents.map(({ format }) => format)).toEqual(["kubernetes", "yaml"]);
    expect(documents[0]?.at("/spec/containers/0")).toMatchObject({ line: 4, column: 16 });
    expect(documents[1]?.at("/services")).toMatchObject({ line: 8 });
  });

  test("instructions of a Dockerfile know their lines", () => {
    const { documents } = readConfigs([{ path: "app/Containerfile", text: "FROM a\n\nRUN x \\\n y\n" }]);

    expect(documents[0]?.at(["instructions", 1])).toEqual({ line: 3, column: 1, endLine: 4, endColumn: 3 });
    expect(documents[0]?.at("/instructions/9")).toBeUndefined();
    expect(documents[0]?.at("/stages/0")).toBeUndefined();
  });

  test("JSON is read with comments, as editors write it", () => {
    const { documents } = readConfigs([{ path: "p.json", text: '{"apiVersion":"v1", // x\n"kind":"Pod",}' }]);

    expect(documents).toMatchObject([{ format: "kubernetes", value: { apiVersion: "v1", kind: "Pod" } }]);
  });

  test("a pattern makes files of any name a Dockerfile", () => {
    const options = { filePatterns: [{ format: "dockerfile", matches: /^Custom/ }] };

    expect(readConfigs([{ path: "Customfile", text: "FROM a\n" }], options).documents).toHaveLength(1);
    expect(configReader([], options).wants("Customfile")).toBe(true);
    expect(configReader([]).wants("main.c")).toBe(false);
  });

  test("options that do not exist are refused", () => {
    const wrong: object = { filePattern: [] };
    expect(() => readConfigs([], wrong)).toThrow("filePattern");
    expect(() => readConfigs([], { filePatterns: [{ format: "cobol", matches: /x/ }] })).toThrow("cobol");
    expect(() => readConfigs([], { maxLength: 0 })).toThrow("maxLength");
  });
});

describe("what is not checked is told", () => {
  test.each([
    ["Dockerfile", "\u0000\u0001", "malformed-file", "not text"],
    ["Dockerfile", "nothing of the kind\n", "malformed-file", "no instruction"],
    ["a.yaml", "a: [", "malformed-file", "no YAML"],
    ["a.yaml", "a: {{ .Values.x }}\nb: {{- if }}\n", "malformed-file", "template"],
    ["a.json", "{", "malformed-file", "json"],
    ["main.tf", "", "unsupported-format", "Terraform"],
    ["t.yaml", "AWSTemplateFormatVersion: 2010-09-09\n", "unsupported-format", "CloudFormation"],
    ["Dockerfile.prod", "FRM a\n", "malformed-file", "no instruction"],
    [
      "t.json",
      '{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "resources": [{}]}',
      "unsupported-format",
      "an Azure Resource Manager",
    ],
    ["kustomization.yaml", "resources: []\n", "unsupported-format", "kustomization"],
    ["chart/Chart.yaml", "name: x\n", "unsupported-format", "Helm"],
  ])("%s holding %j", (path, text, code, message) => {
    const { documents, diagnostics } = readConfigs([{ path, text }]);

    expect(documents).toEqual([]);
    expect(diagnostics[0]).toMatchObject({ code, effect: "incomplete", location: { path } });
    expect(diagnostics[0]?.message).toContain(message);
  });

  test.each([
    ["- hosts: all\n  tasks:\n  - shell: rm\n", 1],
    ["- name: a\n  hosts: [web]\n  roles: [nginx]\n- ansible.builtin.import_playbook: b.yml\n", 1],
    ["- import_playbook: b.yml\n", 1],
    // Lists of hosts and of tasks are no playbooks by themselves.
    ["- hosts: all\n", 0],
    ["- name: a\n  shell: rm\n", 0],
    ["hosts: all\ntasks: []\n", 0],
  ])("a playbook of Ansible, which users' own checks see as YAML: %j", (text, gaps) => {
    const { documents, diagnostics } = readConfigs([{ path: "play.yml", text }]);

    expect(documents.map(({ format }) => format)).toEqual(["yaml"]);
    expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual(
      Array<string>(gaps).fill("unsupported-format an Ansible playbook is not read yet, so it is not checked"),
    );
  });

  test.each([
    ["docs/Dockerfile.md", "---\ntitle: How to write one\n---\n```\nFROM a\nRUN x\n```\n"],
    ["src/dockerfile.go", "package dockerfile\n"],
    ["src/containerfile.py", "import os\nFROM = 1\n"],
  ])("%s that holds another text is none, and nothing is missing", (path, text) => {
    expect(readConfigs([{ path, text }])).toEqual({ documents: [], diagnostics: [] });
  });

  test.each([
    ["Dockerfile.j2", "{% if debug %}\nFROM a\n{% endif %}\n"],
    ["Dockerfile.prod", "{{ header }}\nFROM a\n"],
    ["Dockerfile.in", "include(head)\nFROM a\n"],
  ])("%s is a template of a Dockerfile: what can be read of it is read, and the rest is told", (path, text) => {
    const { documents, diagnostics } = readConfigs([{ path, text }]);

    expect(documents).toHaveLength(1);
    expect(diagnostics[0]).toMatchObject({ code: "malformed-file", effect: "incomplete" });
  });

  test("templates of a chart are told once, by their chart", () => {
    const files = [
      { path: "chart/Chart.yaml", text: "name: x\n" },
      { path: "chart/templates/a.yaml", text: "a: {{ b }}\n{{- c }}" },
      { path: "other/templates/a.yaml", text: "apiVersion: v1\nkind: Pod\n" },
    ];
    const { documents, diagnostics } = readConfigs(files);

    expect(diagnostics).toHaveLength(1);
    expect(documents.map(({ path }) => path)).toEqual(["other/templates/a.yaml"]);
  });

  test("a file beyond the limit is left out, and the rest is read", () => {
    const { documents, diagnostics } = readConfigs(
      [
        { path: "big.yaml", text: "a: 1\n".repeat(100) },
        { path: "Dockerfile", text: "FROM a\n" },
      ],
      { maxLength: 100 },
    );

    expect(diagnostics).toMatchObject([{ code: "limit-exceeded", location: { path: "big.yaml" } }]);
    expect(documents).toHaveLength(1);
  });
});
