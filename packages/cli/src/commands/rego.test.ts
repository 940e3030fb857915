import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runHere } from "../fixtures/run-here.ts";

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
  const { code, stdout, stderr } = await runHere(["rego", ...args]);
  return { code, out: stdout, err: stderr };
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
  const explained = ["eval", "-d", policy, "-d", data, "-i", data, "--explain", "full", "data.example.deny"];
  const { out } = await run(...explained, "-f", "pretty");
  expect(out).toContain("Enter data.example.deny");
  expect(out).toContain("Fail some name in input.names");
  expect(out.endsWith("\n[]\n")).toBe(true);
  const { explanation } = JSON.parse((await run(...explained)).out) as { explanation: string[] }; // as: asked for
  expect(explanation.some((line) => line.includes("Enter data.example.deny"))).toBe(true);
  const fails = await run("eval", "-d", policy, "-i", data, "--explain", "fails", "-f", "pretty", "data.example.deny");
  expect(fails.out).not.toContain("Eval");
  expect(fails.out).toContain("Fail some name in input.names");
});

test("eval reads the query in the view of a package, with imports, or from a program", async () => {
  const view = ["eval", "-d", policy, "-d", data, "-i", input, "-f", "raw"];
  expect((await run(...view, "--package", "example", "deny")).out).toBe('["eve is not known"]\n');
  expect((await run(...view, "--import", "data.example as e", "e.deny")).out).toBe('["eve is not known"]\n');
  expect((await run(...view, "--import", "nonsense", "1")).err).toContain("unexpected import path");
  expect((await run(...view, "--stdin", "1")).code).toBe(2);
  expect((await run("eval")).err).toContain("give a query, or --stdin");
});

test("eval tells coverage, metrics and a profile, in JSON and as tables", async () => {
  const query = ["eval", "-d", policy, "-d", data, "-i", input, "data.example.deny"];
  const { out } = await run(...query, "--coverage", "--profile", "--profile-limit", "2");
  const told = JSON.parse(out) as Record<string, Record<string, unknown>>; // as: an object of objects
  expect(Object.keys(told)).toEqual(["result", "metrics", "profile", "coverage"]);
  expect(Object.keys(told["metrics"] ?? {})).toEqual([
    "timer_rego_load_files_ns",
    "timer_rego_module_compile_ns",
    "timer_rego_module_parse_ns",
    "timer_rego_query_compile_ns",
    "timer_rego_query_eval_ns",
    "timer_rego_query_parse_ns",
  ]);
  expect(told["profile"]).toHaveLength(2);
  expect(Object.keys((told["coverage"]?.["files"] ?? {}) as object)).toEqual([policy]);
  const tables = await run(...query, "-f", "pretty", "--coverage", "--metrics", "--profile", "--profile-sort", "line");
  expect(tables.out).toMatch(/│ +Metric +│ +Value +│/);
  expect(tables.out).toMatch(/│ Overall Coverage │ \d+\.\d\d │/);
  expect(tables.out).toMatch(/│ 1 +│ 1 +│ 1 +│ data\.example\.deny +│/);
});

test("eval refuses what it does not have, and says what to do instead", async () => {
  expect(await run("eval", "--partial", "1")).toMatchObject({ code: 2, out: "" });
  expect((await run("eval", "--partial", "1")).err).toContain("plimsoll rego deps");
  expect((await run("eval", "--format", "source", "1")).err).toContain("--partial");
  expect((await run("eval", "--format", "discard", "1")).out).toBe('{\n  "result": "discarded"\n}\n');
  expect((await run("eval", "--format", "discard", "data.nope")).out).toBe("{}\n");
});

test("eval tells what was evaluated when an error came up, and errors that end nothing", async () => {
  const erring = file("erring.rego", 'package erring\n\nf(x) := to_number(x)\n\na := f("b")\n');
  const strict = ["eval", "-d", erring, "--strict-builtin-errors", "data.erring.a"];
  expect((await run(...strict, "-f", "pretty")).err).toBe(
    [
      `1 error occurred: ${erring}:3: eval_builtin_error: to_number: strconv.ParseFloat: parsing "b": invalid syntax`,
      "",
      "Traceback:",
      `  ${erring}:3: to_number("b")`,
      `  ${erring}:5: f("b")`,
      "  1:1: data.erring.a",
      "",
    ].join("\n"),
  );
  const json = await run(...strict);
  expect(json.code).toBe(2);
  expect(JSON.parse(json.out)).toMatchObject({
    errors: [{ code: "eval_builtin_error", stack_trace: [{ query_id: 2 }, { query_id: 1 }, { query_id: 0 }] }],
  });
  const shown = await run("eval", "-d", erring, "--show-builtin-errors", "data.erring");
  expect(shown.code).toBe(0);
  expect(JSON.parse(shown.out)).toMatchObject({ errors: [{ location: { row: 3 } }], result: [{}] });
});

test("what cannot be read is told with everything else, by opa's exit codes", async () => {
  const bad = file("bad.rego", "package bad\n\na := \n");
  const broken = file("broken.json", '{"a":');
  const [nothing, other] = [join(folder, "nothing"), file("other.json", '{"known": 1}')];
  expect(await run("eval", "-i", nothing, "1")).toEqual({
    code: 2,
    out: "",
    err: `open ${nothing}: no such file or directory\n`,
  });
  const all = await run("eval", "-f", "pretty", "-d", bad, "-d", nothing, "-d", broken, "1");
  expect(all.code).toBe(2);
  expect(all.err).toContain("4 errors occurred:\n");
  expect(all.err).toContain(`stat ${nothing}: no such file or directory\n${broken}: `);
  const checked = await run("check", bad, nothing, broken);
  expect(checked.code).toBe(1);
  expect(checked.err).toContain("3 errors occurred during loading:\n");
  expect((await run("test", bad)).code).toBe(1);
  expect((await run("deps", "-d", bad, "1")).code).toBe(1);
  expect((await run("eval", "-f", "pretty", "-d", data, "-d", other, "1")).err).toBe(
    `1 error occurred: ${other}: merge error: conflicting values at data.known, also defined in ${data}\n`,
  );
});

test("documents of several files are put together, under the names that a path begins with", async () => {
  const below = mkdtempSync(join(folder, "data-"));
  mkdirSync(join(below, "sub"));
  writeFileSync(join(below, "a.json"), '{"x": {"a": 1}}');
  writeFileSync(join(below, "b.yaml"), "x: {b: 2, c: yes, d: 0x10, e: '5', f: true}\n");
  writeFileSync(join(below, "sub", "c.json"), '{"__proto__": {"d": 3}}');
  expect((await run("eval", "-d", `p.q:${below}`, "-d", join(below, "a.json"), "-f", "raw", "data")).out).toBe(
    '{"p":{"q":{"sub":{"__proto__":{"d":3}},"x":{"a":1,"b":2,"c":"yes","d":16,"e":"5","f":true}}},"x":{"a":1}}\n',
  );
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
  expect(await run("test", "--threshold", "40", covered)).toMatchObject({ code: 0, out });
  const failing = await run("test", "--coverage", policy, data);
  expect(failing.code).toBe(1);
  expect(failing.out).toContain("data.example.test_wrong: FAIL");
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
  writeFileSync(join(own, "a.yaml"), "schema: 1\n");
  writeFileSync(join(own, "b.yaml"), "schema: 1\n");
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

  expect((await run("test", own)).err).toContain("merge error: conflicting values at data.schema");
  const { code, out } = await run("test", own, "--ignore", "*.yaml");
  expect([code, out]).toEqual([0, "PASS: 7/7\n"]);
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
  expect(code).toBe(2);
  expect((await run("test", "--exit-zero-on-skipped", todo)).code).toBe(0);
  expect(out).toBe(`${todo}:5:\ndata.todo.todo_test_b: SKIPPED\n${"-".repeat(80)}\nPASS: 1/2\nSKIPPED: 1/2\n`);
  expect(JSON.parse((await run("test", "--format", "json", todo)).out)).toMatchObject([{}, { skip: true }]);
});

test("the query may stand after the files, as in opa, and files are given one by one", async () => {
  const plain = await run("eval", "-d", policy, "-d", data, "data.known");
  expect(JSON.parse(plain.out)).toMatchObject({ result: [{ expressions: [{ value: ["ada"] }] }] });
  const ignored = await run("eval", "-d", policy, "-d", data, "--ignore", "x,data.json", "--ignore", "y", "data.known");
  expect(ignored.out).toBe("{}\n");
});

test("test tells durations, what was printed, cases, and where a test failed", async () => {
  const tests = file(
    "cases.rego",
    `package cases

test_printed if {
	print("x is", 1)
	1 == 2
}

test_cases[note] if {
	some note, wanted in {"one": 1, "two": 3}
	wanted == 1
}

test_same if true

test_same if false

test_number := 5
`,
  );
  const plain = (text: string): string => text.replaceAll(/\([\d.]+(?:ns|µs|ms|s)\)/g, "(T)");
  const { code, out } = await run("test", tests);
  expect(code).toBe(2);
  expect(plain(out)).toBe(
    [
      `${tests}:3:`,
      "data.cases.test_printed: FAIL (T)",
      "",
      "  x is 1",
      "",
      `${tests}:8:`,
      "data.cases.test_cases: FAIL (T)",
      "  two: FAIL",
      `${tests}:15:`,
      "data.cases.test_same#01: FAIL (T)",
      `${tests}:17:`,
      "data.cases.test_number: FAIL (T)",
      "-".repeat(80),
      "PASS: 2/6",
      "FAIL: 4/6",
      "",
    ].join("\n"),
  );
  const verbose = plain((await run("test", "-v", "--run", "cases$", tests)).out);
  expect(verbose).toContain("  one: PASS\n  two: FAIL\n");
  expect(verbose).toContain("FAILURES");
  expect(verbose).toMatch(/cases\.rego:10 +\| \| Fail wanted == 1\n/);
  const json = JSON.parse((await run("test", "-f", "json", tests)).out) as Record<string, unknown>[]; // as: a list of objects
  expect(json[0]).toMatchObject({ name: "test_printed", fail: true, output: btoa("x is 1\n") });
  expect(json[1]).toMatchObject({ sub_results: { one: { name: "one" }, two: { name: "two", fail: true } } });
  expect(json.every(({ duration }) => typeof duration === "number")).toBe(true);
  expect((await run("test", "--fail-on-empty", "--run", "nothing", tests)).code).toBe(1);
});

test.skipIf(process.platform === "win32")(
  "links that go round in a circle and addresses that are none are told, not followed",
  async () => {
    const around = mkdtempSync(join(folder, "around-"));
    writeFileSync(join(around, "a.rego"), "package a\n\np := 1\n");
    symlinkSync(".", join(around, "again"));

    const { code, err } = await run(
      "eval",
      "--format",
      "pretty",
      "-d",
      around,
      "-d",
      "file://elsewhere/b.rego",
      "data.a.p",
    );

    expect(code).toBe(2);
    expect(err).toContain(`stat ${join(around, "again")}: too many levels of symbolic links`);
    expect(err).toContain("file://elsewhere/b.rego");
    expect((await run("check", "-s", around, join(around, "a.rego"))).err).toContain(
      "too many levels of symbolic links",
    );
  },
);

test.each([
  ["--explain", "most"],
  ["--profile-sort", "colour"],
  ["--format", "yaml"],
])("eval names the option %s whose word it does not know", async (option, word) => {
  const { code, err } = await run("eval", option, word, "1");

  expect(code).toBe(2);
  expect(err).toContain(`${option}: "${word}" is none of`);
});
