import { describe, expect, test } from "vitest";
import { celPolicy, CelSubject, type CelPolicySource } from "./cel-policy.ts";
import { reachesOf } from "./variable-reach.ts";
import { compile } from "@plimsoll/cel";

const subjectOf = (object: unknown): CelSubject =>
  new CelSubject({ object, oldObject: null, request: {}, namespaceObject: null });

function source(variables: Readonly<Record<string, string>>, expression: string): CelPolicySource {
  return {
    variables: Object.entries(variables).map(([name, text]) => ({ name, expression: text })),
    matchConditions: [],
    validations: [{ expression, messageExpression: "string(variables.shown)" }],
    failurePolicy: "Fail",
  };
}

describe("what a variable depends on", () => {
  function reaches(variables: Readonly<Record<string, string>>): readonly string[] {
    const declared = { object: "dyn", params: "dyn", variables: "dyn", authorizer: "dyn" };
    const list = Object.entries(variables).map(([name, expression]) => ({ name, expression }));
    const reads = new Map(
      list.map(({ name, expression }) => [name, compile(expression, { variables: declared }).reads] as const),
    );
    return [...reachesOf(list, reads)].map(([name, { of }]) => `${name}: ${of}`);
  }

  test("is told through the variables that it asks for", () => {
    expect(
      reaches({
        names: "object.names",
        wanted: "params.wanted",
        missing: "variables.wanted.filter(x, !(x in variables.names))",
        count: "size(variables.names)",
        upper: "variables.wanted.map(x, x + '!')",
        constant: "1 + 1",
        asked: "authorizer == null",
        all: "variables",
        gone: "variables.nothing",
      }),
    ).toEqual([
      "names: subject",
      "wanted: params",
      "missing: both",
      "count: subject",
      "upper: params",
      "constant: subject",
      "asked: both",
      "all: both",
      "gone: both",
    ]);
  });

  test("is open where variables are defined by each other, and where much stands behind one", () => {
    expect(reaches({ a: "variables.b", b: "variables.a" })).toEqual(["a: both", "b: both"]);
    const long = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [`v${n}`, n === 0 ? "object.x" : `variables.v${n - 1}`]),
    );
    expect(reaches(long).at(-1)).toBe("v39: both");
    expect(reaches({ long: `object.x == "${"x".repeat(9_000)}"` })).toEqual(["long: both"]);
  });
});

describe("policies about one subject", () => {
  test("share what they make of it, and not what only has the same name", () => {
    const big = source({ size: "object.items.size()", shown: "variables.size" }, "variables.size < 0");
    const other = source({ size: "object.items.size() + 1", shown: "variables.size" }, "variables.size < 0");
    const subject = subjectOf({ items: [1, 2, 3] });
    const messages = [big, other, big, other].map(
      (each) => celPolicy(each).withParameters(null)(subject).denials[0]?.message,
    );
    expect(messages).toEqual(["3", "4", "3", "4"]);
  });

  test("see the parameters that each has, in every review", () => {
    const policy = celPolicy(
      source({ least: "params.least * 2", shown: "object.size + variables.least" }, "object.size >= variables.least"),
    );
    const [two, five] = [{ least: 2 }, { least: 5 }].map((params) => policy.withParameters(params));
    const said = [3, 4, 11].map((size) => [two, five].map((each) => each?.(subjectOf({ size })).denials[0]?.message));
    expect(said).toEqual([
      ["7", "13"],
      [undefined, "14"],
      [undefined, undefined],
    ]);
  });

  test("fail alike where a shared variable fails", () => {
    const failing = source({ gone: "object.nothing.at.all", shown: "1" }, "variables.gone == 1");
    const subject = subjectOf({});
    const alone = celPolicy(failing).evaluate({
      object: {},
      oldObject: null,
      request: {},
      params: null,
      namespaceObject: null,
    });
    for (let times = 0; times < 2; times++) expect(celPolicy(failing).withParameters(null)(subject)).toEqual(alone);
    expect(alone.denials[0]?.message).toContain("no such key: nothing");
  });

  test("pay for what others made: a budget does not reach further because of it", () => {
    const walk = "object.items.map(x, object.items.map(y, object.items.map(z, z)))";
    // The same work in two variables: 160 items are walked over 160³ times, twice, which is more than a policy may do.
    const dear = source({ a: walk, b: "variables.a.size()", shown: "1" }, "variables.b + variables.a.size() >= 0");
    const items = Array.from({ length: 120 }, (_, n) => n);
    const subject = subjectOf({ items });
    const first = celPolicy(dear).withParameters(null)(subject);
    expect(first.denials).toEqual([]);
    const over = source(
      { a: walk, b: "variables.a.size()", again: `${walk}.size()`, more: `${walk}.size() + 0`, shown: "1" },
      "variables.b + variables.again + variables.more >= 0",
    );
    const alone = celPolicy(over).withParameters(null)(subjectOf({ items }));
    const after = celPolicy(over).withParameters(null)(subject);
    expect(after).toEqual(alone);
    expect(after.denials[0]?.message).toContain("cost limit");
  });

  test("pay no more for what others made than for making it, however many have asked for what it is made of", () => {
    const steps = Array.from({ length: 20 }, (_, step) => step);
    const variables = {
      v0: "object.items.map(x, x)",
      ...Object.fromEntries(steps.map((step) => [`v${step + 1}`, `variables.v${step}`])),
      shown: "1",
    };
    const subject = subjectOf({ items: Array.from({ length: 100 }, () => 1) });
    for (const step of steps) {
      const policy = celPolicy(source(variables, `variables.v${step}.size() > 0`));
      expect(policy.withParameters(null)(subject).denials).toEqual([]);
    }
  });
});
