import { expect, test } from "vitest";
import { compileModules, RegoError, RegoNumber } from "./index.ts";

function evaluate(text: string, query: string, input?: unknown): unknown {
  const policies = compileModules([{ path: "p.rego", text: `package p\n${text}` }]);
  return policies.query(query, input === undefined ? {} : { input })[0]?.expressions[0];
}

test("a complete rule, a set, an object and a function have their values", () => {
  const text = `
    allowed if input.user == "ada"
    names contains name if some name in input.names
    sizes[name] := count(name) if some name in input.names
    double(x) := x * 2
    doubled := double(21)`;
  expect(evaluate(text, "data.p", { user: "ada", names: ["b", "a", "b"] })).toEqual({
    allowed: true,
    names: ["a", "b"],
    sizes: { a: 1, b: 1 },
    doubled: 42,
  });
});

test("a query gives the values of its variables", () => {
  const policies = compileModules([]);
  expect(policies.query("x := [1, 2][i]")).toEqual([
    { bindings: { i: 0, x: 1 }, expressions: [true] },
    { bindings: { i: 1, x: 2 }, expressions: [true] },
  ]);
});

test("a query may be told the time, and is asked for no clock then", () => {
  const text = "package p\nsoon if time.now_ns() < 1000";
  const policies = compileModules([{ path: "p.rego", text }]);

  expect(policies.query("data.p.soon", { now: 999n })).toHaveLength(1);
  expect(policies.query("data.p.soon", { now: 1000n })).toHaveLength(0);
  expect(() => policies.query("data.p.soon", { strictBuiltinErrors: true })).toThrow("the clock is not available");
});

test("numbers that JavaScript cannot hold keep their text", () => {
  const [result] = compileModules([]).query("123456789012345678901234567890 + 1");
  expect(result?.expressions[0]).toEqual(new RegoNumber("123456789012345678901234567891"));
});

test("v0 syntax is read when asked for", () => {
  const modules = [{ path: "p.rego", text: "package p\nviolation[msg] { msg := input.message }" }];
  const policies = compileModules(modules, { regoVersion: "v0" });
  expect(policies.query("data.p.violation", { input: { message: "no" } })[0]?.expressions[0]).toEqual(["no"]);
  expect(() => compileModules(modules)).toThrow(RegoError);
});

test("errors carry code, message and place, all of a stage", () => {
  const text = "package p\n\na if x == 1\n\nb if y == 2\n";
  let error: unknown;
  try {
    compileModules([{ path: "p.rego", text }]);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(RegoError);
  expect((error as RegoError).errors).toEqual([
    { code: "rego_unsafe_var_error", message: "var x is unsafe", location: { path: "p.rego", row: 3, column: 6 } },
    { code: "rego_unsafe_var_error", message: "var y is unsafe", location: { path: "p.rego", row: 5, column: 6 } },
  ]);
});

test("tests are run by name, and fail, pass or break each on its own", () => {
  const text = `package p
    test_holds if 1 + 1 == 2
    test_fails if 1 == 2
    test_breaks if { some x in [1, 2]; broken == x }
    broken := x if some x in [1, 2]`;
  const results = compileModules([{ path: "p.rego", text }]).test();
  expect(results.map(({ name, status }) => [name, status])).toEqual([
    ["data.p.test_holds", "pass"],
    ["data.p.test_fails", "fail"],
    ["data.p.test_breaks", "error"],
  ]);
});

test("with replaces documents and functions for one expression only", () => {
  const text = `
    value := input.x
    mocked := size if size := count([1, 2]) with count as 7
    both := [a, b] if { a := value with input.x as 1; b := value }`;
  expect(evaluate(text, "data.p", { x: 5 })).toEqual({ value: 5, mocked: 7, both: [1, 5] });
});

test("a comparison that is replaced holds unless it is false or undefined", () => {
  const text = `
    five if 1 > 2 with gt as 5
    given if 1 > 2 with gt as input.x
    made if 1 > 2 with gt as other
    not_so if 2 > 1 with gt as false
    other(x, y) := [x, y]`;
  expect(evaluate(text, "data.p", { x: "text" })).toEqual({ five: true, given: true, made: true });
});

test("a name like __proto__ is a key like any other", () => {
  const result = evaluate(`o := {"__proto__": {"polluted": true}}`, "data.p.o") as object;
  expect(Object.hasOwn(result, "__proto__")).toBe(true);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  expect(evaluate("v := input.constructor", "data.p.v", {})).toBeUndefined();
});

test("a key of an object keeps the spelling that came first", () => {
  const none = compileModules([]);
  expect(none.queryText("x := {1: 1, 1.0: 2}")).toContain('{"x":{"1":2}}');
  expect(none.queryText("x := {1.0: 1, 1: 2}")).toContain('{"x":{"1.0":2}}');
});

test.each([
  ['"%.0e", [2.5]', "2e+00"],
  ['"%.2g|%.1f", [2.25, 0.25]', "2.2|0.2"],
  ['"%v", [2097152.25]', "2.09715225e+06"],
  ['"%g|%v|%d", [1e6, 100000.5, 123456789.5]', "1e+06|100000.5|%!d(float64=1.234567895e+08)"],
  ['"%.1f|%e|%v", [-0.0, -0.0, -0.0]', "-0.0|-0.000000e+00|-0"],
  ['"%+v|%+d|%+v|%+.1f", [3, 3, 2.5, 2.5]', "3|+3|2.5|+2.5"],
  ['"%#g|%#.0f|%#v", [2.5, 2, 2.5]', "2.50000|%!f(int64=2)|2.5"],
  ['"%#.0f|%#.2e|%#.3g", [2.5, 2.5, 1.0]', "2.|2.50e+00|1.00"],
  ['"%.2T|%05T", ["a", 1]', "st|int64"],
  ['"%U|%#U", [-1, 65]', "U+FFFFFFFFFFFFFFFF|U+0041 'A'"],
])("sprintf(%s) is %s, as Go's fmt writes it", (args, text) => {
  expect(evaluate(`x := sprintf(${args})`, "data.p.x")).toBe(text);
});

test("what a comprehension within the domain of some declares is its own, used or not", () => {
  const text = "x if { some v in {1, input[[1 | y := 2]]}; v }\nz if some v in input[[v | some v, _ in [1]; v]]\n";
  expect(evaluate(text, "data.p", {})).toEqual({});
});

test("of a key of an object that is written twice the last value counts, and the first is not asked", () => {
  const text = 'x := {"a": input.missing, "a": 1, input.k: input.missing, input.k: 2, 3: 4}';
  expect(evaluate(text, "data.p.x", { k: "b" })).toEqual({ 3: 4, a: 1, b: 2 });
});

test("sprintf writes large integers under verbs of other types as Go's big.Int does", () => {
  const [result] = compileModules([]).query(
    'x := sprintf("%08.3f|%t|", [100000000000000000000, 100000000000000000000, 100000000000000000000])',
  );
  expect(result?.bindings["x"]).toBe(
    "%!f(big.Int=100000000000000000000)|%!t(big.Int=100000000000000000000)|%!(EXTRA *big.Int=100000000000000000000)",
  );
});
