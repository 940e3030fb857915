import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { builtin, compileModules, Coverage } from "./index.ts";

/** The same query with and without shared work: what is watched for coverage is evaluated rule by rule. */
function bothWays(text: string, input: unknown, query = "data.p.violation"): readonly [unknown, unknown] {
  const policies = compileModules([{ path: "p.rego", text }]);
  const ask = (more: object): unknown => policies.query(query, { input, ...more })[0]?.expressions[0];
  return [ask({}), ask({ coverage: new Coverage() })];
}

describe("rules that begin alike", () => {
  const body = (letters: readonly number[], variable: string): string =>
    letters.map((letter) => parts(variable)[letter] ?? "true").join("\n  ");
  const parts = (name: string): readonly string[] => [
    `some ${name}; input.items[${name}]`,
    `not input.items[${name}].off`,
    `input.items[${name}].size > 1`,
    `size_${name} := input.items[${name}].size; size_${name} < 3`,
    `count([1 | input.items[${name}].tags[_] == "a"]) > 0`,
    `every tag in input.items[${name}].tags { tag != "b" }`,
  ];

  test("give the members that they give one by one", () => {
    const item = fc.record({
      off: fc.boolean(),
      size: fc.integer({ min: 0, max: 4 }),
      tags: fc.array(fc.constantFrom("a", "b"), { maxLength: 3 }),
    });
    const rests = fc.array(fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(rests, fc.array(item, { maxLength: 4 }), (rules, items) => {
        const written = rules.map((rest, index) => {
          // Names differ, and what is given differs, too.
          const name = index % 2 === 0 ? "x" : "y";
          const unique = [...new Set(rest)];
          return `violation contains [${index}, ${name}] if {\n  ${body([0, ...unique], name)}\n}`;
        });
        const [shared, apart] = bothWays(`package p\n${written.join("\n")}`, { items });
        expect(shared).toEqual(apart);
      }),
      { numRuns: 150 },
    );
  });

  test("take the steps of what they have in common once", () => {
    const rule = (n: number): string => `violation contains ${n} if { some x in input.items; x > 5; x == ${n + 5} }`;
    const text = `package p\n${Array.from({ length: 20 }, (_, n) => rule(n)).join("\n")}`;
    const policies = compileModules([{ path: "p.rego", text }]);
    const items = Array.from({ length: 500 }, (_, n) => n % 30);
    const limits = { steps: 6_000 };
    expect(policies.query("count(data.p.violation)", { input: { items }, limits })[0]?.expressions).toEqual([19]);
    expect(() =>
      policies.query("count(data.p.violation)", { input: { items }, limits, coverage: new Coverage() }),
    ).toThrow("steps");
  });

  test("stand apart under with, and where they only look alike", () => {
    const text = `package p
violation contains "a" if { x := input.a; x > 1 with input.a as 0 }
violation contains "b" if { x := input.a; y := x; y > 1 }
violation contains "c" if { x := input.a; y := 1; y > 1 }
violation contains "d" if { x := 1.0; x == 1 }
violation contains "e" if { x := 1; x == 1 }`;
    const [shared, apart] = bothWays(text, { a: 2 });
    expect(shared).toEqual(["a", "b", "d", "e"]);
    expect(apart).toEqual(shared);
  });
});

describe("functions of their arguments alone", () => {
  const text = `package p
unit("Ki") := 1024
unit("Mi") := 1048576
bytes(text) := to_number(trim_suffix(text, "Mi")) * unit("Mi") if endswith(text, "Mi")
bytes(text) := to_number(trim_suffix(text, "Ki")) * unit("Ki") if endswith(text, "Ki")
limit := input.limit
above(text) if bytes(text) > bytes(limit)
mocked := size if { size := bytes("2Ki") with data.p.unit as other }
other(_) := 1
violation contains text if { some text in input.sizes; above(text) }`;

  test("give what they gave, and what depends on the input does not stay", () => {
    const policies = compileModules([{ path: "p.rego", text }]);
    const ask = (limit: string): unknown =>
      policies.query("data.p.violation", { input: { limit, sizes: ["1Ki", "3Mi", "5000Ki"] } })[0]?.expressions[0];
    for (const limit of ["1Mi", "4Mi", "1Mi", "1Ki"]) {
      const [, apart] = bothWays(text, { limit, sizes: ["1Ki", "3Mi", "5000Ki"] });
      expect(ask(limit)).toEqual(apart);
    }
    expect(ask("4Mi")).toEqual(["5000Ki"]);
    expect(ask("1Ki")).toEqual(["3Mi", "5000Ki"]);
  });

  test("are replaced by with all the same", () => {
    const policies = compileModules([{ path: "p.rego", text }]);
    for (let times = 0; times < 2; times++) {
      expect(policies.query('data.p.bytes("2Ki")')[0]?.expressions).toEqual([2048]);
      expect(policies.query("data.p.mocked")[0]?.expressions).toEqual([2]);
    }
  });

  test("cost as much when they are known as when they are not", () => {
    const busy = `package p\nsum(n) := total if { total := count([x | some x in numbers.range(1, n)]) }`;
    const policies = compileModules([{ path: "p.rego", text: busy }]);
    const ask = (): unknown => policies.query("data.p.sum(3000)", { limits: { steps: 12_000 } })[0]?.expressions[0];
    expect([ask(), ask()]).toEqual([3000, 3000]);
    const known = (): unknown => policies.query("data.p.sum(3000)", { limits: { steps: 2_000 } });
    expect(known).toThrow("steps");
    expect(ask()).toBe(3000);
    expect(known).toThrow("steps");
  });

  test("ask functions of the caller's each time, even under the name of a standard one", () => {
    let asked = 0;
    const count = builtin("lower", "(string) => string", ([value]) => `${String(value)}${++asked}`);
    const policies = compileModules([{ path: "p.rego", text: "package p\nf(x) := lower(x)" }], { builtins: [count] });
    const ask = (): unknown => policies.query('data.p.f("a")')[0]?.expressions[0];
    expect([ask(), ask()]).toEqual(["a1", "a2"]);
  });

  test("tell texts from lists of arguments", () => {
    const policies = compileModules([
      { path: "p.rego", text: 'package p\nf(x) := concat("", [x, "!"])\ng(x, y) := [x, y]' },
    ]);
    const ask = (query: string): unknown => policies.query(query)[0]?.expressions[0];
    expect(ask(`data.p.f("[\\"a\\"]")`)).toBe('["a"]!');
    expect(ask(`data.p.f("a")`)).toBe("a!");
    expect(ask(`data.p.g("1", 1)`)).toEqual(["1", 1]);
    expect(ask(`data.p.g(1, "1")`)).toEqual([1, "1"]);
  });
});
