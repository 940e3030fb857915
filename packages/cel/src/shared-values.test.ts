import { describe, expect, test } from "vitest";
import { WorkBudget } from "@plimsoll/model";
import { CelBudget, CelLimitError, compile, kubernetesFunctions, lazyMap, toNative, type CelValue } from "./index.ts";

/** An expression in which `x40` and `y40` are equal and hold 2^40 members each, made in forty steps. */
function doubled(form: (name: string) => string, expression: string): string {
  let text = expression;
  for (const name of ["y", "x"])
    for (let index = 40; index > 0; index -= 1)
      text = `cel.bind(${name}${index}, ${form(`${name}${index - 1}`)}, ${text})`;
  return `cel.bind(x0, [1], cel.bind(y0, [1], ${text}))`;
}

const list = (name: string): string => `[${name}, ${name}]`;
const map = (name: string): string => `{"a": ${name}, "b": ${name}}`;
const few = { limits: { cost: 20_000 } };

function outcome(source: string): unknown {
  try {
    return compile(source, { functions: kubernetesFunctions }).evaluate({}, few);
  } catch (error) {
    if (error instanceof CelLimitError) return "too much";
    throw error;
  }
}

describe.each([
  ["lists", list],
  ["maps", map],
])("%s that are doubled forty times", (_, form) => {
  test.each([
    ["made", "1", 1n],
    ["measured", "size(x40)", 2n],
    ["compared", "x40 == y40", "too much"],
    ["found different", "x40 != y40", "too much"],
    ["looked for", "x40 in [y40]", "too much"],
    ["told apart", "[x40, y40].distinct().size()", "too much"],
    ["looked up by position", "[x40].indexOf(y40)", "too much"],
    ["contained", "sets.contains([x40], [y40])", "too much"],
    ["intersected", "sets.intersects([x40], [y40])", "too much"],
    ["flattened", "[x40].flatten(50).size()", "too much"],
    ["formatted", "'%s'.format([x40])", "too much"],
    ["optional", "optional.of(x40) == optional.of(y40)", "too much"],
    ["results", "x40", "too much"],
  ])("and %s: %s", (what, expression, want) => {
    const expected = what === "flattened" && form === map ? 1n : want;
    expect(outcome(doubled(form, expression))).toBe(expected);
  });
});

test("comprehensions that double are no cheaper", () => {
  const steps = Array.from({ length: 40 }, () => ".map(v, [v, v])").join("");
  expect(outcome(`[1]${steps} == [1]${steps}`)).toBe("too much");
});

test("a value with shared parts is copied up to ten million of them", () => {
  const value = compile(doubled(list, "x40")).run().value;
  expect(() => toNative(value)).toThrow(CelLimitError);
});

test("a budget is shared by the variables that an expression asks for, and what failed is spent", () => {
  const budget = new CelBudget(1_000);
  const costly = compile("[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(i, i + 1).size() > 0");
  const variables = { variables: "dyn" };
  const asked: string[] = [];
  const activation = {
    variables: lazyMap(new Set(Array.from({ length: 100 }, (_, index) => `v${index}`)), (name): CelValue => {
      asked.push(name);
      const next = Number(name.slice(1)) + 1;
      if (next < 100) compile(`variables.v${next}`, { variables }).run(activation, { limits: { cost: budget } });
      return costly.run({}, { limits: { cost: budget } }).value;
    }),
  };

  expect(() => compile("variables.v0", { variables }).run(activation, { limits: { cost: budget } })).toThrow(
    CelLimitError,
  );
  expect(asked).toHaveLength(100);
  expect(budget.spent).toBeGreaterThan(1_000);
  // Nothing is left for the next.
  expect(() => compile("1 + 1").run({}, { limits: { cost: budget } })).toThrow(CelLimitError);
});

test("variables that ask for each other deeper than the stack goes are a limit, too", () => {
  const program = compile("variables.next", { variables: { variables: "dyn" } });
  const activation = { variables: lazyMap(new Set(["next"]), (): CelValue => program.run(activation).value) };
  expect(() => program.run(activation)).toThrow("nested too deeply");
});

test("what evaluations of different budgets cost is told to the one that they share", () => {
  const shared = new WorkBudget({ steps: 20_000 });
  const long = compile("[1, 2, 3, 4, 5, 6, 7, 8, 9].all(a, [1, 2, 3, 4, 5, 6, 7, 8, 9].all(b, a + b > 0))");
  const run = (): number => {
    const budget = new CelBudget(10_000_000, shared);
    long.run({}, { limits: { cost: budget } });
    budget.tellShared();
    return budget.spent;
  };
  const cost = run();

  expect(shared.taken).toBe(cost);
  expect(() => {
    for (let runs = 0; runs < 1_000; runs++) run();
  }).toThrow(CelLimitError);
  expect(shared.taken).toBeLessThan(20_000 + 2 * cost);
  expect(run).toThrow(CelLimitError);
});
