import { expect, test } from "vitest";
import {
  asyncBuiltin,
  BuiltinError,
  builtin,
  compileModules,
  Coverage,
  RegoError,
  TraceBuffer,
  type Value,
} from "./index.ts";

const module = (text: string): { path: string; text: string }[] => [{ path: "p.rego", text: `package p\n${text}` }];

/** A function that tells the owner of a name, and what it was asked. */
function owners(): { asked: string[][]; builtin: ReturnType<typeof asyncBuiltin> } {
  const asked: string[][] = [];
  return {
    asked,
    builtin: asyncBuiltin("owner", "(any) => any", async (calls) => {
      asked.push(calls.map(([name]) => JSON.stringify(name)));
      await Promise.resolve();
      return calls.map(([name]) => (name === "nobody" ? undefined : `owner of ${String(name)}`));
    }),
  };
}

async function errorOf(work: Promise<unknown>): Promise<RegoError["errors"][number]> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof RegoError) || error.errors[0] === undefined)
    throw new Error(`no error of Rego: ${String(error)}`);
  return error.errors[0];
}

test("all calls without an answer are asked for in one batch, equal ones once", async () => {
  const { asked, builtin: owner } = owners();
  const policies = compileModules(module('owners := [o | some n in input; o := owner(n)]\nagain := owner("a")'), {
    builtins: [owner],
  });
  const results = await policies.queryAsync("[data.p.owners, data.p.again]", { input: ["a", "b", "nobody", "a"] });
  expect(results[0]?.expressions[0]).toEqual([["owner of a", "owner of b", "owner of a"], "owner of a"]);
  expect(asked).toEqual([['"a"', '"b"', '"nobody"']]);
});

test("calls that need answers of others are asked for in the next round, up to eight", async () => {
  const { asked, builtin: owner } = owners();
  const nested = (depth: number): string => `${"owner(".repeat(depth)}"a"${")".repeat(depth)}`;
  const policies = compileModules([], { builtins: [owner] });
  const [result] = await policies.queryAsync(`x := ${nested(8)}`);
  expect(result?.bindings["x"]).toBe(`${"owner of ".repeat(8)}a`);
  expect(asked).toHaveLength(8);
  expect(await errorOf(policies.queryAsync(`x := ${nested(9)}`))).toMatchObject({
    code: "limit_exceeded",
    message: "more than 8 rounds of asynchronous calls",
  });
});

test("what came of answers that were lacking does not count: neither not nor a conflict nor an error", async () => {
  const { builtin: owner } = owners();
  const text = `
    unowned contains n if { some n in input; not owner(n) }
    kind := "known" if owner("a")
    kind := "unknown" if not owner("a")
    failing := to_number("x") if not owner("a")`;
  const policies = compileModules(module(text), { builtins: [owner] });
  const [result] = await policies.queryAsync("data.p", { input: ["a", "nobody"], strictBuiltinErrors: true });
  expect(result?.expressions[0]).toEqual({ unowned: ["nobody"], kind: "known" });
});

test("arguments are told apart by what they are", async () => {
  const seen: Value[] = [];
  const kind = asyncBuiltin("kind", "(any) => string", async (calls) => {
    seen.push(...calls.map(([each]) => each as Value)); // as: it takes one argument
    return calls.map((_, index) => `k${index}`);
  });
  const [result] = await compileModules([], { builtins: [kind] }).queryAsync(
    'x := [kind([1]), kind({1}), kind("[1]"), kind({"a": 1}), kind([1])]',
  );
  expect(result?.bindings["x"]).toEqual(["k0", "k1", "k2", "k3", "k0"]);
  expect(seen).toHaveLength(4);
});

test("a failure of one call is undefined unless errors are strict; one of all calls ends the query with its place", async () => {
  const some = asyncBuiltin("some_fail", "(string) => string", async (calls) =>
    calls.map(([name]) => (name === "bad" ? new BuiltinError("no answer") : "fine")),
  );
  const none = asyncBuiltin("none", "(string) => string", async () => {
    throw new Error("connection refused");
  });
  const short = asyncBuiltin("short", "(string) => string", async () => ["one"]);
  const text = 'a := [some_fail("bad")]\nb := some_fail("good")\nc if not none("x")\nd := [short("a"), short("b")]\n';
  const policies = compileModules(module(text), { builtins: [some, none, short] });
  expect((await policies.queryAsync("[x | x := data.p.a]"))[0]?.expressions[0]).toEqual([]);
  expect((await policies.queryAsync("data.p.b"))[0]?.expressions[0]).toBe("fine");
  expect(await errorOf(policies.queryAsync("data.p.a", { strictBuiltinErrors: true }))).toEqual({
    code: "eval_builtin_error",
    message: "some_fail: no answer",
    location: { path: "p.rego", row: 2, column: 7 },
  });
  expect(await errorOf(policies.queryAsync("data.p.c"))).toMatchObject({
    message: "none: connection refused",
    location: { row: 4 },
  });
  expect(await errorOf(policies.queryAsync("data.p.d"))).toMatchObject({
    message: "short: 2 calls need a list of 2 answers",
  });
});

test("a query that cannot wait refuses such a function, and never takes it for undefined", () => {
  const { builtin: owner } = owners();
  const policies = compileModules(module('a if not owner("x")\ntest_a if owner("x")'), { builtins: [owner] });
  expect(() => policies.query("data.p.a")).toThrow("owner: it is asynchronous: use queryAsync or testAsync");
  expect(policies.test().map(({ status }) => status)).toEqual(["error"]);
});

test("tests wait, and `with` puts something else in the place of a function", async () => {
  const { asked, builtin: owner } = owners();
  const text = `
    test_asks if owner("a") == "owner of a"
    test_fails if owner("a") == "x"
    test_mocked if owner("b") == "mine" with owner as "mine"`;
  const results = await compileModules(module(text), { builtins: [owner] }).testAsync();
  expect(results.map(({ name, status }) => [name, status])).toEqual([
    ["data.p.test_asks", "pass"],
    ["data.p.test_fails", "fail"],
    ["data.p.test_mocked", "pass"],
  ]);
  expect(asked.flat()).not.toContain('"b"');
});

test("clock and randomness stay the same in all rounds", async () => {
  let time = 0n;
  let draws = 0;
  const { asked, builtin: owner } = owners();
  const policies = compileModules([], {
    builtins: [owner],
    environment: { now: () => ++time, random: () => (draws++ % 10) / 10 },
  });
  const [result] = await policies.queryAsync('x := [owner(time.now_ns()), owner(rand.intn("a", 10))]');
  expect(result?.bindings["x"]).toEqual(["owner of 1", "owner of 0"]);
  expect(asked).toHaveLength(1);
});

test("who gives up while an answer is awaited is heard at once, and so is the one who answers", async () => {
  let ended = false;
  const never = asyncBuiltin(
    "never",
    "() => string",
    (_, { signal }) =>
      new Promise(() => {
        signal.addEventListener("abort", () => (ended = true));
      }),
  );
  const policies = compileModules([], { builtins: [never] });
  const giveUp = new AbortController();
  const work = policies.queryAsync("never()", { signal: giveUp.signal });
  giveUp.abort();
  expect(await errorOf(work)).toMatchObject({ code: "eval_cancel_error" });
  expect(ended).toBe(true);
  expect(await errorOf(policies.queryAsync("never()", { signal: giveUp.signal }))).toMatchObject({
    code: "eval_cancel_error",
  });
});

test("the time of a query bounds the waiting, and its steps all rounds together", async () => {
  const never = asyncBuiltin("never", "() => string", () => new Promise(() => {}));
  const policies = compileModules([], { builtins: [never, owners().builtin] });
  expect(await errorOf(policies.queryAsync("never()", { limits: { milliseconds: 20 } }))).toMatchObject({
    code: "limit_exceeded",
    message: "more than 20 milliseconds",
  });
  const busy = 'count(numbers.range(1, 3000)) > 0; owner(owner(owner("a")))';
  expect((await policies.queryAsync(busy, { limits: { steps: 100_000 } })).length).toBe(1);
  expect(await errorOf(policies.queryAsync(busy, { limits: { steps: 5000 } }))).toMatchObject({
    code: "limit_exceeded",
  });
});

test("what is asked for counts as bytes of results", async () => {
  const { asked, builtin: owner } = owners();
  const policies = compileModules([], { builtins: [owner] });
  const work = policies.queryAsync("[o | some n in numbers.range(1, 5000); o := owner(n)]", {
    limits: { bytes: 400_000 },
  });
  expect(await errorOf(work)).toMatchObject({ code: "limit_exceeded" });
  expect(asked.flat().length).toBeLessThan(5000);
});

test("traces, coverage and print tell of the evaluation that counts only", async () => {
  const { builtin: owner } = owners();
  const printed: string[] = [];
  const text = 'a := "known" if { print("asking"); owner("x") } else := "unknown"';
  const policies = compileModules(module(text), {
    builtins: [owner],
    environment: { print: (line) => printed.push(line) },
  });
  const tracer = new TraceBuffer();
  const coverage = new Coverage();
  expect((await policies.queryAsync("data.p.a", { tracer, coverage }))[0]?.expressions).toEqual(["known"]);
  expect(printed).toHaveLength(1);
  expect(tracer.events.filter(({ kind }) => kind === "fail")).toEqual([]);
  expect(policies.coverageReport(coverage).files["p.rego"]?.not_covered).toHaveLength(1);
});

test("functions that need not wait and such that do are given together", async () => {
  const { builtin: owner } = owners();
  const twice = builtin("twice", "(string) => string", ([text]) => `${String(text)}${String(text)}`);
  const [result] = await compileModules([], { builtins: [owner, twice] }).queryAsync('x := twice(owner("a"))');
  expect(result?.bindings["x"]).toBe("owner of aowner of a");
});

test("independent calls of one body are asked for together, whatever stands between them", async () => {
  const { asked, builtin: owner } = owners();
  const calls = Array.from({ length: 12 }, (_, index) => `o${index} := owner("n${index}")`).join("\n");
  const text = `
    all := [o0, o11] if {\n${calls}\n }
    owner_of(name) := owner(lower(name))
    mixed := [a, b, c] if {
      a := owner_of("A")
      key := concat("-", ["b", input])
      b := owner_of(key)
      c := owner(a)
      d := owner(concat("", [c]))
      d != "x"
    }
    guarded if { owner("g"); input == "other"; owner("never") }`;
  const policies = compileModules(module(text), { builtins: [owner] });
  expect((await policies.queryAsync("data.p.all"))[0]?.expressions[0]).toEqual(["owner of n0", "owner of n11"]);
  expect(asked.map((each) => each.length)).toEqual([12]);
  asked.length = 0;
  const [mixed] = await policies.queryAsync("data.p.mixed", { input: "x" });
  expect(mixed?.expressions[0]).toEqual(["owner of a", "owner of b-x", "owner of owner of a"]);
  expect(asked.map((each) => each.length)).toEqual([2, 1, 1]);
  asked.length = 0;
  expect(await policies.queryAsync("data.p.guarded", { input: "x" })).toEqual([]);
  expect(asked).toEqual([['"g"']]);
});
