import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CelCompileError, CelEvaluationError, CelLimitError } from "./cel-error.ts";
import { compile } from "./compile.ts";
import { overload } from "./functions/define.ts";
import { CelDouble, CelUint } from "./values.ts";

describe("data of the caller", () => {
  test("whole numbers are ints, others doubles, and objects are read in place", () => {
    const object = { spec: { replicas: 3, ratio: 0.5, ports: [80, 443], name: "web" } };

    expect(compile("object.spec.replicas + 1").evaluate({ object })).toBe(4n);
    expect(compile("object.spec.ratio * 2.0").evaluate({ object })).toBe(1);
    expect(compile("object.spec.ports.exists(p, p == 443)").evaluate({ object })).toBe(true);
    expect(compile("type(object.spec.replicas) == int && type(object.spec.ratio) == double").evaluate({ object })).toBe(
      true,
    );
  });

  test("a variable behind a getter is made only when it is used", () => {
    let made = 0;
    const activation = {
      get costly() {
        made += 1;
        return 1;
      },
    };

    expect(compile("true || costly == 1").evaluate(activation)).toBe(true);
    expect(made).toBe(0);
    expect(compile("costly == 1").evaluate(activation)).toBe(true);
    expect(made).toBe(1);
  });

  test("members of a prototype are not keys", () => {
    const object = JSON.parse('{"a": {"__proto__": 1}}') as unknown;

    expect(compile("has(object.constructor) || has(object.a.toString)").evaluate({ object })).toBe(false);
    expect(compile("object.a['__proto__']").evaluate({ object })).toBe(1n);
    expect(compile("{'__proto__': {'polluted': true}}").evaluate({})).toEqual(
      JSON.parse('{"__proto__": {"polluted": true}}'),
    );
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("results are plain JavaScript", () => {
    expect(compile("[1, 2u, 1.5, 'a', null, true, optional.of(1), optional.none()]").evaluate()).toEqual([
      1n,
      2n,
      1.5,
      "a",
      null,
      true,
      1n,
      undefined,
    ]);
    expect(compile("{1: 'a', 'b': 2}").evaluate()).toEqual(
      new Map<unknown, unknown>([
        [1n, "a"],
        ["b", 2n],
      ]),
    );
  });
});

describe("errors", () => {
  test("names and types that do not fit are all told, with their places", () => {
    const attempt = (): unknown => compile("foo + 1 ==\n 'a' + 1", { variables: { bar: "int" } });

    expect(attempt).toThrow(CelCompileError);
    try {
      attempt();
    } catch (error) {
      expect((error as CelCompileError).issues).toEqual([
        { message: "undeclared reference to 'foo' (in container '')", position: { line: 1, column: 1 } },
        {
          message: "found no matching overload for '_+_' applied to '(string, int)'",
          position: { line: 2, column: 6 },
        },
      ]);
    }
  });

  test.each([
    ["1 +", "Syntax error: unexpected '<EOF>'"],
    ["'abc", "the string is not closed"],
    ["a.b(", "Syntax error"],
    ["[1, 2", "expected ']'"],
    ["has(1)", "invalid argument to has() macro"],
    ["[1].all(x.y, true)", "argument must be a simple name"],
    ["while", "reserved identifier: while"],
    ["99999999999999999999", "invalid int literal"],
    ["Foo{a: 1}", "undeclared reference to 'Foo'"],
    ["f(1)", "undeclared reference to 'f'"],
  ])("%s", (source, message) => {
    expect(() => compile(source)).toThrow(message);
  });

  test.each([
    ["object.missing", "no such key: missing"],
    ["dyn(null).field", "no such key: field"],
    ["dyn('text').field", "no such key: field"],
    ["dyn([1]).field", "unsupported index type 'string' in list"],
    ["has(dyn([1]).field)", "unsupported index type 'string' in list"],
    ["[1][1]", "index out of bounds: 1"],
    ["1 / 0", "division by zero"],
    ["9223372036854775807 + 1", "overflow"],
    ["dyn(1) + 'a'", "no such overload: _+_(int, string)"],
    ["missing == 1", "no such attribute: missing"],
    ["'a'.matches('(')", "invalid pattern"],
    ["{'a': 1, 'a': 2}", "already exists"],
  ])("%s fails when it runs", (source, message) => {
    expect(() => compile(source).evaluate({ object: {} })).toThrow(message);
  });

  test.each(["null", "1", "'text'", "true"])("%s has no field, and asking whether it has one is no error", (value) => {
    expect(compile(`has(dyn(${value}).field)`).evaluate()).toBe(false);
    expect(compile(`dyn(${value}).?field.orValue('none')`).evaluate()).toBe("none");
    expect(compile("has(object.a.b)").evaluate({ object: { a: null } })).toBe(false);
    expect(compile(`dyn(${value})[?'field'].hasValue()`).evaluate()).toBe(false);
    expect(compile("object.?a[?'b'].hasValue()").evaluate({ object: { a: null } })).toBe(false);
    expect(compile("object.?a.?b.hasValue()").evaluate({ object: { a: null } })).toBe(false);
    for (const held of [null, 1, "text", true])
      expect(compile("object.?a['b'].hasValue() || object.?a[0].hasValue()").evaluate({ object: { a: held } })).toBe(
        false,
      );
  });

  test("an operand that decides wins over one that fails, in either order", () => {
    expect(compile("object.missing == 1 || true").evaluate({ object: {} })).toBe(true);
    expect(compile("object.missing == 1 && false").evaluate({ object: {} })).toBe(false);
    expect(compile("[1, 2].exists(x, x / 0 == 1 || x == 2)").evaluate()).toBe(true);
    expect(() => compile("object.missing == 1 || false").evaluate({ object: {} })).toThrow(CelEvaluationError);
  });

  test.each([
    [() => compile("1", { nope: 1 } as object), 'compile has no option "nope"'],
    [() => compile("1").evaluate({}, { limit: 1 } as object), 'there is no option "limit"'],
    [() => compile("1").evaluate({}, { limits: { steps: 1 } as object }), 'there is no limit "steps"'],
    [() => compile("1").evaluate({}, { limits: { cost: -1 } }), "limits.cost"],
    [() => compile("1", { variables: { a: "lost(int)" } }), '"lost(int)" is not a CEL type'],
    [() => compile("1", { variables: { a: "list" } }), '"list" is not a CEL type'],
  ])("a wrong option is refused: %s", (attempt, message) => {
    expect(attempt).toThrow(TypeError);
    expect(attempt).toThrow(message);
  });
});

describe("bounds", () => {
  const items = Array.from({ length: 1000 }, (_, index) => index);

  test("nested walks end when they have cost enough", () => {
    const source = "items.all(a, items.all(b, items.all(c, a + b + c >= 0)))";

    expect(() => compile(source).evaluate({ items }, { limits: { cost: 100_000 } })).toThrow(CelLimitError);
  });

  test("spent limits are not absorbed by ||, && or a macro", () => {
    const source = "items.exists(a, items.all(b, items.all(c, a + b + c >= 0))) || true";

    expect(() => compile(source).evaluate({ items }, { limits: { cost: 100_000 } })).toThrow(CelLimitError);
  });

  test("text that doubles ends before it fills the memory", () => {
    const doubled = Array.from({ length: 60 }, (_, index) => `cel.bind(v${index + 1}, v${index} + v${index}, `);
    const source = `cel.bind(v0, 'aaaaaaaaaaaaaaaa', ${doubled.join("")}v60.size()${")".repeat(61)}`;

    expect(() => compile(source).evaluate({})).toThrow(CelLimitError);
  });

  test("cost grows with the elements walked over, not faster", () => {
    const program = compile("items.map(x, x * 2).filter(x, x % 4 == 0).size()");
    const cost = (size: number): number => program.run({ items: items.slice(0, size) }).cost;

    expect(cost(1000) / cost(500)).toBeLessThan(2.05);
  });

  test.each([
    ["brackets", "(".repeat(100_000) + "1"],
    ["lists", "[".repeat(50_000)],
    ["operators", "1" + "+1".repeat(40_000)],
    ["fields", "a" + ".b".repeat(40_000)],
    ["negations", "!".repeat(90_000) + "true"],
    ["length", `'${"a".repeat(200_000)}'`],
  ])("%s without end are refused or computed, and never a crash", (_, source) => {
    try {
      compile(source).evaluate({ a: {} });
    } catch (error) {
      expect(error instanceof CelCompileError || error instanceof CelEvaluationError).toBe(true);
    }
  });
});

test("functions of the caller are typed and checked", () => {
  const functions = [overload("twice", ["int"], "int", (_, value) => value * 2n)];

  expect(compile("twice(21)", { functions }).evaluate()).toBe(42n);
  expect(compile("twice(21)", { functions }).resultType).toBe("int");
  expect(() => compile("twice('a')", { functions })).toThrow("found no matching overload");
});

test("messages are made by the caller", () => {
  const program = compile("Object{spec: Object.spec{replicas: 3}}", {
    construct: (name, fields) => (name.startsWith("Object") ? (Object.fromEntries(fields) as never) : undefined),
  });

  expect(program.evaluate()).toEqual({ spec: { replicas: 3n } });
});

describe("any integers", () => {
  const int = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const wrap = (value: bigint): boolean => value >= -(2n ** 63n) && value < 2n ** 63n;

  test.each([
    ["+", (a: bigint, b: bigint) => a + b],
    ["-", (a: bigint, b: bigint) => a - b],
    ["*", (a: bigint, b: bigint) => a * b],
  ])("a %s b is exact or an overflow", (operator, expected) => {
    const program = compile(`a ${operator} b`);
    fc.assert(
      fc.property(int, int, (a, b) => {
        const wanted = expected(a, b);
        if (wrap(wanted)) expect(program.evaluate({ a, b })).toBe(wanted);
        else expect(() => program.evaluate({ a, b })).toThrow("overflow");
      }),
    );
  });

  test("order of mixed numbers is antisymmetric", () => {
    const program = compile("a < b");
    const number = fc.oneof(
      int,
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => new CelUint(value)),
      fc.double({ noNaN: true }).map((value) => new CelDouble(value)),
    );
    fc.assert(
      fc.property(
        number,
        number,
        (a, b) => !(program.evaluate({ a, b }) === true && program.evaluate({ a: b, b: a }) === true),
      ),
    );
  });
});
