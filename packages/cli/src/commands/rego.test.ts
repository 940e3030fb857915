import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runCli } from "../run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "plimsoll-rego-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const policy = file(
  "policy.rego",
  `package example

deny contains msg if {
  some name in input.names
  not name in data.known
  msg := sprintf("%s is not known", [name])
}

test_deny if deny == {"eve is not known"} with input.names as ["ada", "eve"]
test_wrong if deny == set()  with input.names as ["eve"]
`,
);
const data = file("data.json", `{"known": ["ada"], "exact": 1.10}`);
const input = file("input.json", `{"names": ["eve"]}`);
const wrong = file("wrong.rego", "package wrong\n\na if x == 1\nb if y == 2\n");

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const code = await runCli(["rego", ...args], {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    env: {},
    signal: new AbortController().signal,
    now: () => "2026-01-01T00:00:00Z",
  });
  return { code, out, err };
}

test("eval answers as opa does: JSON with texts and places, an empty object for undefined", async () => {
  const result = await run("eval", "-d", policy, "-d", data, "-i", input, "data.example.deny");
  expect(result.code).toBe(0);
  expect(JSON.parse(result.out)).toEqual({
    result: [
      { expressions: [{ value: ["eve is not known"], text: "data.example.deny", location: { row: 1, col: 1 } }] },
    ],
  });
  expect(await run("eval", "data.nope")).toEqual({ code: 0, out: "{}\n", err: "" });
  expect((await run("eval", "--fail", "data.nope")).code).toBe(1);
  expect((await run("eval", "--fail-defined", "1")).code).toBe(1);
});

test("eval keeps the spelling of numbers", async () => {
  expect((await run("eval", "-d", data, "-f", "pretty", "data.exact")).out).toBe("1.10\n");
});

test("eval draws a table of bindings", async () => {
  expect((await run("eval", "-f", "pretty", "x := 1; y := [2, 3][_]")).out).toBe(
    "┌───┬───┐\n│ x │ y │\n├───┼───┤\n│ 1 │ 2 │\n│ 1 │ 3 │\n└───┴───┘\n",
  );
});

test("eval explains which expression failed", async () => {
  const { err } = await run("eval", "-d", policy, "-d", data, "-i", data, "--explain", "data.example.deny");
  expect(err).toContain("Enter data.example.deny");
  expect(err).toMatch(/Fail .*input\.names/);
});

test("test tells which rules and expressions the tests came to", async () => {
  const covered = file(
    "covered.rego",
    "package covered\n\na if input.x == 1\n\nb if {\n\tinput.x > 1\n\tinput.y\n}\n\ntest_a if a with input.x as 1\n",
  );

  const { code, out } = await run("test", "--coverage", covered);

  expect(code).toBe(0);
  const report = JSON.parse(out) as { files: Record<string, { not_covered: unknown }> };
  expect(report).toMatchObject({ covered_lines: 2, not_covered_lines: 3, coverage: 40 });
  expect(report.files[covered]?.not_covered).toEqual([
    { start: { row: 5, col: 1 }, end: { row: 5, col: 2 } },
    { start: { row: 6, col: 2 }, end: { row: 6, col: 13 } },
    { start: { row: 7, col: 2 }, end: { row: 7, col: 9 } },
  ]);
  expect(await run("test", "--threshold", "41", covered)).toEqual({
    code: 2,
    out: "",
    err: "Code coverage threshold not met: got 40.00 instead of 41.00\n",
  });
  expect((await run("test", "--threshold", "40", covered)).code).toBe(0);
  expect((await run("test", "--coverage", policy, data)).out).toContain('"fail": true');
});

test("test tells what failed and ends with 2", async () => {
  const { code, out } = await run("test", policy, data);
  expect(code).toBe(2);
  expect(out).toContain("data.example.test_wrong: FAIL");
  expect(out).toContain("PASS: 1/2\nFAIL: 1/2\n");
});

test("check tells everything that is wrong, as lines or as JSON", async () => {
  const text = await run("check", wrong);
  expect(text.code).toBe(1);
  expect(text.err).toBe(
    `2 errors occurred:\n${wrong}:3: rego_unsafe_var_error: var x is unsafe\n${wrong}:4: rego_unsafe_var_error: var y is unsafe\n`,
  );
  const json = await run("check", "--format", "json", wrong);
  expect(JSON.parse(json.err)).toMatchObject({
    errors: [{ location: { row: 3, col: 6 } }, { location: { row: 4, col: 6 } }],
  });
  expect((await run("check", policy)).code).toBe(0);
});

test("deps lists rules and documents", async () => {
  const { out } = await run("deps", "-d", policy, "--format", "json", "data.example.deny");
  const names = (reference: { value: string }[]): string => reference.map(({ value }) => value).join(".");
  const { base, virtual } = JSON.parse(out) as Record<"base" | "virtual", { value: string }[][]>; // as: both are there
  expect(base.map(names)).toEqual(["data.known", "input.names"]);
  expect(virtual).toEqual([
    [
      { type: "var", value: "data" },
      { type: "string", value: "example" },
      { type: "string", value: "deny" },
    ],
  ]);
  expect((await run("deps", "-d", policy, "data.example.deny")).out).toBe(
    [
      "┌────────────────┬───────────────────┐",
      "│ BASE DOCUMENTS │ VIRTUAL DOCUMENTS │",
      "├────────────────┼───────────────────┤",
      "│ data.known     │ data.example.deny │",
      "│ input.names    │                   │",
      "└────────────────┴───────────────────┘",
      "",
    ].join("\n"),
  );
});

test("test knows the functions that checks for Trivy call, and leaves out what it is told to", async () => {
  const own = mkdtempSync(join(folder, "checks-"));
  writeFileSync(join(own, "a.yaml"), "schema: {}\n");
  writeFileSync(join(own, "b.yaml"), "schema: {}\n");
  writeFileSync(
    join(own, "a_test.rego"),
    `package a_test

test_shell if sh.parse_commands("apk add curl && ls") == [["apk", "add", "curl"], ["ls"]]
test_managed if isManaged({})
test_secret if squealer.scan_string("export DATABASE_PASSWORD=\\"SomeSortOfPassword\\"").transgressionFound == true
test_none if squealer.scan_string("export PASSWORD=$OTHER GREETING=Hello").transgressionFound == false
test_range if cidr.count_addresses("*") == 18446744073709551615
test_small if cidr.count_addresses("10.0.0.0/16") == 65536
test_public if cidr.is_public("0.0.0.0/0")
`,
  );

  expect((await run("test", own)).err).toContain("schema is given twice");
  const { code, out } = await run("test", own, "--ignore", "*.yaml");
  expect([code, out]).toEqual([0, `${"-".repeat(80)}\nPASS: 7/7\n`]);
});

test("check holds references against a schema, and tells what there is instead", async () => {
  const schema = file("user.json", '{"type": "object", "properties": {"name": {"type": "string"}}}');
  const checked = file("checked.rego", "package checked\n\na if input.nam\n");
  const result = await run("check", "--schema", schema, checked);
  expect(result).toEqual({
    code: 1,
    out: "",
    err: [
      `1 error occurred: ${checked}:3: rego_type_error: undefined ref: input.nam`,
      "\tinput.nam",
      "\t      ^",
      '\t      have: "nam"',
      '\t      want (one of): ["name"]',
      "",
    ].join("\n"),
  });
  const json = await run("check", "--format", "json", "--schema", schema, checked);
  expect(json.out).toBe("");
  expect(JSON.parse(json.err)).toMatchObject({ errors: [{ details: { pos: 1, oneOf: ["name"] } }] });
  expect((await run("check", checked)).code).toBe(0);
  expect((await run("eval", "--schema", schema, "input.nam")).out).toContain("undefined ref: input.nam");
});

test("a directory has the schemas that annotations name", async () => {
  mkdirSync(join(folder, "schemas", "sub"), { recursive: true });
  file("schemas/sub/acl-v1.json", '{"type": "object", "properties": {"alice": {"type": "array"}}}');
  const annotated = file(
    "annotated.rego",
    'package annotated\n\n# METADATA\n# schemas:\n#   - data.acl: schema.sub["acl-v1"]\na if data.acl.bob\n',
  );
  expect((await run("check", "--schema", join(folder, "schemas"), annotated)).err).toContain(
    'want (one of): ["alice"]',
  );
  expect((await run("check", annotated)).code).toBe(0);
});

test("check tells ten errors and that there are more, unless asked for others", async () => {
  const many = file(
    "many.rego",
    `package many\n\n${Array.from({ length: 12 }, (_, index) => `r${index} if startswith(${index}, "a")`).join("\n")}\n`,
  );
  const { err } = await run("check", many);
  expect(err).toContain("11 errors occurred:");
  expect(err.trimEnd().split("\n").at(-1)).toBe("rego_compile_error: error limit reached");
  expect((await run("check", "--max-errors", "20", many)).err).toContain("12 errors occurred:");
  expect((await run("check", "--max-errors", "0", many)).code).toBe(2);
});

test("tests whose names begin with todo_ are told as skipped", async () => {
  const todo = file("todo.rego", "package todo\n\ntest_a if true\n\ntodo_test_b if false\n");
  const { code, out } = await run("test", todo);
  expect(code).toBe(0);
  expect(out).toBe(`${todo}:5:\ndata.todo.todo_test_b: SKIPPED\n${"-".repeat(80)}\nPASS: 1/2\nSKIPPED: 1/2\n`);
  expect(JSON.parse((await run("test", "--format", "json", todo)).out)).toMatchObject([{}, { skip: true }]);
});

test("the query may stand after the files, as in opa, and files are given one by one", async () => {
  const plain = await run("eval", "-d", policy, "-d", data, "data.known");
  expect(JSON.parse(plain.out)).toMatchObject({ result: [{ expressions: [{ value: ["ada"] }] }] });
  const ignored = await run("eval", "-d", policy, "-d", data, "--ignore", "x,data.json", "--ignore", "y", "data.known");
  expect(ignored.out).toBe("{}\n");
});
