import { expect, test } from "vitest";
import { WorkBudget } from "@plimsoll/model";
import { compileModules, RegoError, type Limits } from "./index.ts";

function outcome(text: string, limits: Limits, input?: unknown): string {
  const policies = compileModules([{ path: "p.rego", text: `package p\n${text}` }]);
  try {
    policies.query("data.p.x", { limits, input });
    return "ended";
  } catch (error) {
    if (!(error instanceof RegoError)) throw error;
    return `${error.errors[0]?.code}: ${error.errors[0]?.message}`;
  }
}

const nested =
  "x := count([1 | some a in numbers.range(1, 1000); some b in numbers.range(1, 1000); some c in numbers.range(1, 1000); a + b == c])";

test("steps are counted", () => {
  expect(outcome(nested, { steps: 100_000 })).toBe("limit_exceeded: more than 100000 steps");
});

test("time is looked at while a search goes on", () => {
  const started = performance.now();
  expect(outcome(nested, { milliseconds: 200, steps: 1e12 })).toBe("limit_exceeded: more than 200 milliseconds");
  expect(performance.now() - started).toBeLessThan(10_000);
});

test("calls may not go too deep", () => {
  const rules = Array.from({ length: 600 }, (_, index) => `f${index}(n) := f${index + 1}(n)`).join("\n");
  expect(outcome(`${rules}\nf600(n) := n\nx := f0(1)`, {})).toBe(
    "limit_exceeded: rules call each other more than 512 deep",
  );
});

test("a chain of 500 rules is not too deep", () => {
  const rules = Array.from({ length: 500 }, (_, index) => `r${index} := r${index + 1} if true`).join("\n");
  expect(outcome(`${rules}\nr500 := 1\nx := r0`, {})).toBe("ended");
});

test.each([
  ["ranges", "x := numbers.range(1, 1000000000000)"],
  [
    "replacements",
    `x := replace(concat("", [s | some i in numbers.range(1, 100000); s := "aaaaaaaaaa"]), "a", concat("", [s | some i in numbers.range(1, 10000); s := "bbbbbbbbbb"]))`,
  ],
  ["shifts", "x := bits.lsh(1, 300000000)"],
  ["blocks of addresses", `x := net.cidr_expand("::/0")`],
  [
    "paths in graphs",
    `x := graph.reachable_paths({n: m | some n in numbers.range(1, 14); m := numbers.range(1, 14)}, [1])`,
  ],
  ["widths", `x := [s | some i in numbers.range(1, 1000); s := sprintf("%999999d", [i])]`],
])("results of %s are bounded", (_, text) => {
  expect(outcome(text, { bytes: 10_000_000, steps: 1_000_000 })).toMatch(/^limit_exceeded|result is too big|^ended/);
});

test("a signal ends an evaluation", () => {
  const policies = compileModules([{ path: "p.rego", text: `package p\n${nested}` }]);
  const controller = new AbortController();
  controller.abort();
  expect(() => policies.query("data.p.x", { signal: controller.signal })).toThrow("caller cancelled");
});

test("values nested a hundred thousand deep are an error, not a stack overflow", () => {
  let deep: unknown = 1;
  for (let index = 0; index < 100_000; index++) deep = [deep];
  expect(outcome("x := {input: 1}", {}, deep)).toMatch(/^limit_exceeded/);
});

test("source nested too deep is a parse error", () => {
  const text = `package p\nx := ${"[".repeat(20_000)}${"]".repeat(20_000)}`;
  expect(() => compileModules([{ path: "p.rego", text }])).toThrow("max parsing recursion depth exceeded");
});

test("unknown limits are refused", () => {
  const policies = compileModules([]);
  expect(() => policies.query("1", { limits: { stepz: 1 } as Limits })).toThrow("unknown limit: stepz");
  expect(() => policies.query("1", { limits: { steps: -1 } })).toThrow("limit steps must be a positive number");
});

test("what is kept of earlier evaluations, like compiled patterns, gives no policy more steps", () => {
  const policies = compileModules([
    { path: "p.rego", text: `package p\nq := regex.match("${"a".repeat(4096)}", "b")` },
  ]);
  const ask = (steps: number): unknown => policies.query("data.p.q", { limits: { steps } })[0]?.expressions[0];

  expect(() => ask(2000)).toThrow("more than 2000 steps");
  expect(ask(10_000)).toBe(false);
  expect(() => ask(2000)).toThrow("more than 2000 steps");
});

test("several queries share a budget, and none begins after its end", () => {
  const policies = compileModules([{ path: "p.rego", text: `package p\n${nested}\ny := 1` }]);
  const budget = new WorkBudget({ steps: 50_000 });
  const ask = (query: string): string | undefined => {
    try {
      policies.query(query, { budget });
      return undefined;
    } catch (error) {
      return error instanceof RegoError ? error.errors[0]?.code : String(error);
    }
  };

  expect(ask("data.p.y")).toBeUndefined();
  expect(budget.taken).toBeGreaterThan(0);
  expect(ask("data.p.x")).toBe("limit_exceeded");
  expect(budget.taken).toBeLessThan(60_000);
  expect(ask("data.p.y")).toBe("limit_exceeded");
});
