import { readConfigs } from "@plimsoll/configs";
import { describe, expect, test } from "vitest";
import { runChecks } from "../../run-checks.ts";
import { everyCheck } from "../../every-check.ts";
import { applyEdits } from "./apply-edits.ts";
import { editsOf } from "./edits.ts";

function set(path: string, text: string, member: readonly (string | number)[], value: unknown): string | undefined {
  const [document] = readConfigs([{ path, text }]).documents;
  if (document === undefined) throw new Error("no document");
  const edits = editsOf(document, [{ kind: "set", path: member, value }]);
  return edits === undefined ? undefined : applyEdits(text, edits);
}

function valueOf(text: string): Readonly<Record<string, unknown>> {
  const value = readConfigs([{ path: "a.yaml", text }]).documents[0]?.value;
  return typeof value === "object" && value !== null ? { ...value } : {};
}

const pod = "apiVersion: v1\nkind: Pod\nspec:\n  # note\n  containers:\n  - image: a # why\n    name: b\n";

describe("values are set in the style of the text", () => {
  test.each([
    ["a missing member", ["spec", "hostPID"], false, "spec:\n  # note\n  hostPID: false\n  containers:"],
    [
      "a missing mapping",
      ["spec", "containers", 0, "securityContext", "privileged"],
      false,
      "  - securityContext:\n      privileged: false\n    image: a # why\n    name: b\n",
    ],
    ["a member that is there", ["spec", "containers", 0, "name"], "c", '    name: "c"\n'],
    [
      "a list",
      ["spec", "containers", 0, "securityContext", "capabilities", "drop"],
      ["ALL"],
      '  - securityContext:\n      capabilities:\n        drop: ["ALL"]\n    image: a',
    ],
  ])("%s", (_, member, value, expected) => {
    expect(set("a.yaml", pod, member, value)).toContain(expected);
  });

  test("between braces and in JSON", () => {
    expect(set("a.yaml", "apiVersion: v1\nkind: Pod\nspec: {a: 1}\n", ["spec", "b"], true)).toContain(
      "spec: {b: true, a: 1}",
    );
    expect(set("a.yaml", "apiVersion: v1\nkind: Pod\nspec: {}\n", ["spec", "b"], true)).toContain('spec: {"b": true}');
    const json = set("a.json", '{\n  "apiVersion": "v1",\n  "kind": "Pod"\n}\n', ["spec"], { a: true });
    expect(JSON.parse(json ?? "")).toEqual({ apiVersion: "v1", kind: "Pod", spec: { a: true } });
  });

  const head = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a # why\n";
  const spec = "spec:\n  hostPID: false\n";
  test.each([
    ["the end", head, `${head}${spec}`],
    ["the end of a text without a last line break", head.trimEnd(), `${head}${spec.trimEnd()}`],
    ["lines of Windows", head.replaceAll("\n", "\r\n"), `${head}${spec}`.replaceAll("\n", "\r\n")],
    ["another document", `${head}---\n${head}`, `${head}${spec}---\n${head}`],
    ["other members", `${head}status: {}\n`, `${head}${spec}status: {}\n`],
    ["metadata first", "metadata: {name: a}\napiVersion: v1\nkind: Pod\n", undefined],
    ["no metadata", "apiVersion: v1\nkind: Pod\n# end\n", `apiVersion: v1\nkind: Pod\n${spec}# end\n`],
    [
      "braces",
      "{apiVersion: v1, kind: Pod, metadata: {name: a}}\n",
      '{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {"hostPID": false}}\n',
    ],
    [
      "JSON",
      '{\n  "apiVersion": "v1",\n  "kind": "Pod",\n  "metadata": {\n    "name": "a"\n  }\n}\n',
      '{\n  "apiVersion": "v1",\n  "kind": "Pod",\n  "metadata": {\n    "name": "a"\n  },\n  "spec": {"hostPID": false}\n}\n',
    ],
  ])("a new member of an object stands behind its metadata, before %s", (_, text, expected) => {
    expect(set("a.yaml", text, ["spec", "hostPID"], false)).toBe(expected ?? `${text}${spec}`);
  });

  test.each([
    ["a block scalar whose line breaks count", "metadata:\n  annotations:\n    a: |+\n      b\n\n"],
    ["a block scalar in blanks", "metadata:\n  annotations:\n    a: |-2 # c\n        b\n       \n"],
    ["a block scalar without a last line break", "metadata:\n  annotations:\n    a: >\n      b"],
    ["an anchor", "&m metadata: {name: a}\n"],
    ["a tag", "!!str metadata: {name: a}\n"],
    ["a question mark", "? metadata\n: {name: a}\n"],
    ["a metadata of what is merged", "x: &x\n  metadata: {name: a}\n<<: *x\n"],
  ])("but not where it would change the value: %s", (_, metadata) => {
    for (const text of [metadata, metadata.replaceAll("\n", "\r\n")]) {
      const before = `apiVersion: v1\nkind: Pod\n${text}`;
      const after = set("a.yaml", before, ["spec", "hostPID"], false) ?? "";

      expect(valueOf(after)).toEqual({ ...valueOf(before), spec: { hostPID: false } });
    }
  });

  test("a byte order mark is no indentation", () => {
    expect(set("a.yaml", `\uFEFF${head}`, ["spec", "hostPID"], false)).toBe(`\uFEFF${head}${spec}`);
    expect(set("a.yaml", `\uFEFF${pod}`, ["metadata", "name"], "a")).toBe(
      `\uFEFF${pod.replace("spec", 'metadata:\n  name: "a"\nspec')}`,
    );
    expect(set("a.yaml", "\uFEFFspec:\n  a: 1\nkind: Pod\napiVersion: v1\n", ["metadata", "name"], "a")).toContain(
      '\nmetadata:\n  name: "a"\n',
    );
  });

  test("and so it does in a list, and where lines of the metadata are taken away", () => {
    const list =
      "apiVersion: v1\nkind: List\nitems:\n- kind: Pod\n  apiVersion: v1\n  metadata:\n    name: a\n- kind: X\n";
    const [document] = readConfigs([{ path: "a.yaml", text: list }]).documents;
    const edits = document && editsOf(document, [{ kind: "set", path: ["items", 0, "spec", "hostPID"], value: false }]);

    expect(applyEdits(list, edits ?? [])).toBe(list.replace("- kind: X", "  spec:\n    hostPID: false\n- kind: X"));
    const text = `${head}  labels:\n    b: c\n`;
    const [other] = readConfigs([{ path: "a.yaml", text }]).documents;
    const both =
      other &&
      editsOf(other, [
        { kind: "remove", path: ["metadata", "labels"] },
        { kind: "set", path: ["spec", "hostPID"], value: false },
      ]);

    expect(applyEdits(text, both ?? [])).toBe(`${head}${spec}`);
  });

  test("what is shared by an anchor, and a template, is left alone", () => {
    const items = "items:\n- &b\n  apiVersion: v1\n  kind: Pod\n  spec: {a: 1}\n- <<: *b\n  metadata: {name: a}\n";

    expect(set("a.yaml", `kind: List\napiVersion: v1\n${items}`, ["items", 0, "spec", "b"], 1)).toBeUndefined();
    expect(set("a.yaml", `kind: List\napiVersion: v1\n${items}`, ["items", 0, "status"], 1)).toBeUndefined();
    const shared = "kind: Pod\napiVersion: v1\nspec:\n  a: &x\n    b: 1\n  c: *x\n";

    expect(set("a.yaml", shared, ["spec", "a", "b"], 2)).toBeUndefined();
    expect(set("a.yaml", `${pod}    args: ["{{ .Values.x }}"]\n`, ["spec", "hostPID"], false)).toBeUndefined();
  });

  test("what cannot be written without guessing is not written", () => {
    expect(set("a.yaml", pod, ["spec", "containers", 7, "name"], "x")).toBeUndefined();
    expect(set("a.yaml", pod, ["kind", "x"], "x")).toBeUndefined();
  });
});

describe("fixes mend what they are for", () => {
  test.each([
    ["KSV-0001", pod],
    ["KSV-0003", pod],
    ["KSV-0012", pod],
    ["KSV-0014", pod],
    ["KSV-0030", pod],
    ["KSV-0009", "apiVersion: v1\nkind: Pod\nspec:\n  hostNetwork: yes # x\n"],
    ["KSV-0017", "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, securityContext: {privileged: true}}]}\n"],
    ["KSV-0027", `${pod}    securityContext:\n      runAsUser: 1\n      procMount: Unmasked\n`],
    ["KSV-0024", `${pod}    ports:\n    - containerPort: 1\n      hostPort: 2\n`],
  ])("%s in a manifest", (id, text) => {
    expect(mended("a.yaml", text, id)).toEqual([]);
  });

  test.each([
    ["DS-0005", "FROM a:1\nADD x y\n"],
    ["DS-0010", "FROM a:1\nRUN sudo ls\n"],
    ["DS-0011", "FROM a:1\nCOPY a b c\n"],
    ["DS-0021", "FROM a:1\nRUN apt-get update && apt-get install curl\n"],
    ["DS-0022", "FROM a:1\nMAINTAINER a <b@c>\n"],
    ["DS-0025", "FROM a:1\nRUN apk add curl\n"],
    ["DS-0029", "FROM a:1\nRUN apt-get install -y curl\n"],
  ])("%s in a Dockerfile", (id, text) => {
    expect(mended("Dockerfile", text, id)).toEqual([]);
  });

  function mended(path: string, text: string, id: string): readonly string[] {
    const checks = everyCheck.filter((check) => check.id === id);
    const [finding] = runChecks(readConfigs([{ path, text }]).documents, { checks }).findings;
    if (finding?.fix === undefined) throw new Error("no fix");
    const changed = applyEdits(text, finding.fix.edits);
    const again = readConfigs([{ path, text: changed }]);
    expect(again.diagnostics).toEqual([]);
    return runChecks(again.documents, { checks }).findings.map(({ message }) => message);
  }
});
