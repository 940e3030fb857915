import { describe, expect, test } from "vitest";
import { compileModules, formatResults, RegoError, type Limits } from "./index.ts";

/** `x40` and `y40` are equal, made in forty steps each, and hold 2^40 members. */
const doubled = ["x", "y"]
  .flatMap((name) => [
    `${name}0 := input.a`,
    ...Array.from({ length: 40 }, (_, index) => `${name}${index + 1} := [${name}${index}, ${name}${index}]`),
  ])
  .join("\n");

/** The same of objects and of sets. */
const doubledObjects = doubled.replace(/\[(\w+), (\w+)\]/g, `{"a": $1, "b": $2}`);
const doubledSets = doubled.replace(/\[(\w+), (\w+)\]/g, "{[$1, 1], [$2, 2]}");

/** Enough for what a policy does, and few enough to be counted in no time. */
const few: Limits = { steps: 50_000, bytes: 1_000_000 };

/** How a rule ends within limits of steps and bytes; time has no part in it. */
function outcome(body: string, limits: Limits = few): string {
  try {
    const policies = compileModules([{ path: "p.rego", text: `package p\nf(v) := [v]\n${body}` }]);
    policies.query("data.p.x", {
      limits: { milliseconds: Infinity, ...limits },
      input: { a: 1, text: "x".repeat(1000) },
    });
    return "ended";
  } catch (error) {
    if (!(error instanceof RegoError)) throw error;
    return `${error.errors[0]?.code}`;
  }
}

describe.each([
  ["arrays", doubled],
  ["objects", doubledObjects],
  ["sets", doubledSets],
])("%s that are doubled forty times", (_, statements) => {
  test.each([
    ["made", "v := 1", "ended"],
    ["compared with themselves", "x40 == x40; v := 1", "ended"],
    ["compared", "x40 == y40; v := 1", "limit_exceeded"],
    ["found different", "x40 != y40; v := 1", "limit_exceeded"],
    ["ordered", "x40 <= y40; v := 1", "limit_exceeded"],
    ["sorted", "v := count(sort([x40, y40]))", "limit_exceeded"],
    ["unified", "[x40, 1] = [y40, w]; v := w", "limit_exceeded"],
    ["members of a set", "v := count({x40, y40})", "limit_exceeded"],
    ["keys of an object", "v := count({x40: 1})", "limit_exceeded"],
    ["looked up", "o := {k: 1 | some k in input.keys}; not o[x40]; v := 1", "limit_exceeded"],
    ["looked for", "x40 in [y40]; v := 1", "limit_exceeded"],
    ["results of functions", "f(x40) == f(y40); v := 1", "limit_exceeded"],
    ["written by sprintf", `v := sprintf("%v", [x40])`, "limit_exceeded"],
    ["written as an extra argument", `v := sprintf("", [x40])`, "limit_exceeded"],
    ["written as JSON", "v := json.marshal(x40)", "limit_exceeded"],
    ["written as indented JSON", `v := json.marshal_with_options(x40, {"indent": " "})`, "limit_exceeded"],
    ["written as YAML", "v := yaml.marshal(x40)", "limit_exceeded"],
    ["written into a template", `v := strings.render_template("{{.v}}", {"v": x40})`, "limit_exceeded"],
    ["written into a template string", 'v := $"{x40}"', "limit_exceeded"],
    ["printed", `print(x40); v := 1`, "ended"],
    ["walked", "v := count([1 | walk(x40)])", "limit_exceeded"],
    ["held against a JSON schema", `v := json.match_schema({"x": x40}, {"type": "object"})`, "limit_exceeded"],
    ["a JSON schema", `v := json.verify_schema({"type": "object", "enum": [x40]})`, "limit_exceeded"],
    ["patched", `v := json.patch({"x": x40}, [{"op": "test", "path": "/x", "value": y40}])`, "limit_exceeded"],
    ["nodes of a graph", "v := count(graph.reachable({1: [x40, y40]}, [1]))", "ended"],
    ["edges of a graph", "v := count(graph.reachable({x40: [1]}, [y40]))", "limit_exceeded"],
    ["subsets", `v := object.subset({"x": x40}, {"x": y40})`, "limit_exceeded"],
    ["united", `v := object.union({"x": x40}, {"x": y40}); v != 1`, "limit_exceeded"],
    ["results", "v := x40", "limit_exceeded"],
  ])("and %s: %s", (what, statement, want) => {
    const got = outcome(`x := v if {\n${statements}\n${statement}\n}`);

    // Objects are united part by part; of arrays, one is taken.
    if (what === "nodes of a graph" || what === "printed") expect(["ended", "limit_exceeded"]).toContain(got);
    else expect(got).toBe(statements === doubledSets && want === "ended" ? got : want);
    expect(["ended", "limit_exceeded"]).toContain(got);
  });
});

test("conflicts of doubled values are told without their text", () => {
  const rule = (name: string): string => `x := ${name}40 if {\n${doubled}\n}`;
  expect(outcome(`${rule("x")}\n${rule("y").replace("y0 := input.a", "y0 := 2")}`)).toBe("limit_exceeded");
});

test("long texts in lists have their price", () => {
  const text = `x := v if {
    s := concat("", [input.text | some _ in numbers.range(1, 100)])
    t := concat("", [input.text | some _ in numbers.range(1, 100)])
    a := [s | some _ in numbers.range(1, 1000)]
    b := [t | some _ in numbers.range(1, 1000)]
    a == b
    v := 1
  }`;
  expect(outcome(text, { ...few, bytes: 1e9 })).toBe("limit_exceeded");
  expect(outcome(text, { steps: 1e7, bytes: 1e9 })).toBe("ended");
});

test("what is kept by long keys is paid for", () => {
  const text = `x := count({[s, i] | some i in numbers.range(1, 200)}) if {
    s := concat("", [input.text | some _ in numbers.range(1, 100)])
  }`;
  expect(outcome(text, { bytes: 10_000_000 })).toBe("limit_exceeded");
  expect(outcome(text, { bytes: 100_000_000 })).toBe("ended");
});

test("a document with aliases may become no larger than any other", () => {
  const lines = Array.from({ length: 30 }, (_, index) => `a${index + 1}: &a${index + 1} [*a${index}, *a${index}]`);
  const yaml = ["a0: &a0 x", ...lines].join("\n");
  expect(outcome(`x := yaml.unmarshal(${JSON.stringify(yaml)})`)).toBe("limit_exceeded");
});

test("types of values that are doubled are compared within bounds", () => {
  const nested = (name: string, last: string): string =>
    [
      `${name}0 := ${last}`,
      ...Array.from({ length: 40 }, (_, index) => `${name}${index + 1} := [${name}${index}, ${name}${index}]`),
    ].join("\n");
  expect(outcome(`x if {\n${nested("x", "1")}\n${nested("y", `"a"`)}\nx40 == y40\n}`)).toBe("rego_type_error");
  expect(outcome(`x if {\n${nested("x", "1")}\n${nested("y", "1")}\nx40 == y40\n}`)).toBe("limit_exceeded");
  expect(outcome(`x := 1 if {\n${nested("x", "1")}\n${nested("y", `"a"`)}\nz := {x40, y40}\n}`)).toBe("ended");
  // Each nested pair is looked at once, not once for either side.
  const deep = (depth: number): string => (depth === 0 ? "input.a" : `[${deep(depth - 1)}]`);
  expect(outcome(`x if ${deep(100)} == ${deep(100)}`)).toBe("ended");
});

test("results that are presented are written within bounds", () => {
  const policies = compileModules([{ path: "p.rego", text: `package p\nx := x40 if {\n${doubled}\n}` }]);
  const results = policies.present("data.p.x", { input: { a: "text of some length, so that the bound is near" } });
  expect(() => formatResults(results, "json", { longest: 1_000_000 })).toThrow("more than 1000000 bytes of results");
});

test("a limit for one evaluation is none for those within and after it", () => {
  const policies = compileModules([
    { path: "p.rego", text: `package p\nx := v if {\n${doubled}\nx40 == y40\nv := 1\n}\nsmall := {[1], [2]}` },
  ]);
  const ask = (query: string): unknown => policies.query(query, { limits: few, input: { a: 1 } })[0]?.expressions[0];
  expect(() => ask("data.p.x")).toThrow("more than 50000 steps");
  expect(ask("data.p.small")).toEqual([[1], [2]]);
  expect(() => ask("data.p.x")).toThrow("more than 50000 steps");
});

test("a stack of an error shows no value that is beyond measure", () => {
  const doubled = Array.from({ length: 40 }, (_, index) => `x${index + 1} := [x${index}, x${index}]`).join("\n");
  const text = `package p\nx0 := [1]\n${doubled}\nf(z) := to_number(input.s) if count(z) > 0\na := y if { z := [x40 | input.k][_]; y := f(z) }`;
  const policies = compileModules([{ path: "p.rego", text }]);
  const options = { input: { k: true, s: "no" }, strictBuiltinErrors: true, stackTraces: true };
  let error: unknown;
  try {
    policies.query("data.p.a", options);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(RegoError);
  expect((error as RegoError).errors[0]?.stack?.map((frame) => frame.text)).toEqual([
    "to_number(input.s)",
    "f(z)",
    "data.p.a",
  ]);
});
