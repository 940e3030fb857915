import { RE2JS } from "re2js";
import { describe, expect, test, vi } from "vitest";
import { compile } from "./index.ts";

describe("a match", () => {
  test("has its place, its groups, their places and their names", () => {
    const match = compile("(?P<key>\\w+)=(?P<value>\\d+)?(x)?").exec("  a=1;", 1);

    expect(match).toMatchObject({ index: 2, start: 2, end: 5, text: "a=1", groups: ["a=1", "a", "1", undefined] });
    expect(match?.spans).toEqual([{ start: 2, end: 5 }, { start: 2, end: 3 }, { start: 4, end: 5 }, undefined]);
    expect({ ...match?.named }).toEqual({ key: "a", value: "1" });
    expect(match?.namedSpans["value"]).toEqual({ start: 4, end: 5 });
  });

  test("is looked for from a place on, which is no start of the text", () => {
    expect(compile("^b").exec("ab", 1)).toBeUndefined();
    expect(compile("\\bb").exec("ab", 1)).toBeUndefined();
    expect(compile("[a-z]+@").exec("abc@", 1)?.text).toBe("bc@");
    expect(compile("b").exec("b", 1)).toBeUndefined();
    expect(() => compile("b").exec("b", 2)).toThrow(RangeError);
    expect(() => compile("b").exec("b", -1)).toThrow(RangeError);
  });

  test("of a group named like a member of every object is no member of every object", () => {
    const match = compile("(?P<__proto__>a)(?P<constructor>b)?").exec("a");

    expect(Object.entries(match?.named ?? {})).toEqual([
      ["__proto__", "a"],
      ["constructor", undefined],
    ]);
  });
});

describe("a pattern", () => {
  test.each([
    "(?=a)",
    "(?!a)",
    "(?<=a)b",
    "\\1",
    "a**",
    "a{1001}",
    "(?:a{100}){11}",
    "(",
    ")",
    "[b-a]",
    "\\p{Nope}",
    "a\\",
  ])("that RE2 refuses is a SyntaxError: %s", (pattern) => {
    expect(() => compile(pattern)).toThrow(SyntaxError);
  });

  test("nested deeper than a thousand levels is refused, at a thousand it runs", () => {
    expect(() => compile("(".repeat(1001) + ")".repeat(1001))).toThrow(/too deeply/);
    expect(compile("(?:".repeat(900) + "a" + ")".repeat(900)).test("a")).toBe(true);
  });

  test("takes the flags of RE2 and no others", () => {
    expect(compile("^b$", "m").test("a\nb\nc")).toBe(true);
    expect(compile("a.c", "is").test("A\nC")).toBe(true);
    expect(compile("a+", "U").exec("aa")?.text).toBe("a");
    expect(() => compile("a", "g")).toThrow(SyntaxError);
  });

  test("means by $, \\s and \\w what RE2 means", () => {
    expect(compile("a$").test("a\n")).toBe(false);
    expect(compile("(?m)a$").test("a\r\n")).toBe(false);
    expect(compile("\\s").test("\u000b\u00a0")).toBe(false);
    expect(compile("\\w").test("é")).toBe(false);
    expect(compile("(?i)k").test("\u212a")).toBe(true);
  });
});

test.each([
  ["a".repeat(40_000), "a".repeat(40_000)],
  [`(b)${"[ab]".repeat(12_000)}`, `b${"ab".repeat(6_000)}`],
])(
  "a pattern that JavaScript's engine finds too large only when it is used has its matches all the same",
  (pattern, text) => {
    const compiled = compile(pattern);

    expect(compiled.exec("x")).toBeUndefined();
    expect(compiled.test(text)).toBe(true);
    expect(compiled.exec(text)?.spans[0]).toEqual({ start: 0, end: text.length });
  },
);

test.each([
  ["(?:^|/)(?:node_modules|gems)/(?:.*/)?(?:tests?|spec)/", ["a/node_modules/b.js", "a/node_modules/b/tests"]],
  ["(?:^|/)gems/(?:.*/)?(?:docs?/|[^/]+\\.(?i:md|rst)$)", ["gems/a/b.rb", "gems/a.md.rb"]],
  ["^a.*b|a.*(?P<last>c)", ["a", "aaxx"]],
])("%s is not compiled for texts without its end", (pattern, texts) => {
  const made = vi.spyOn(RE2JS, "compile");
  const compiled = compile(pattern);

  expect(compiled.engine).toBe("automaton");
  expect(texts.map((text) => [compiled.test(text), compiled.exec(text)])).toEqual(texts.map(() => [false, undefined]));
  expect(made).not.toHaveBeenCalled();
  expect(compiled.test("a/gems/node_modules/x/spec/docs/c.MD")).toBe(true);
  expect(made).toHaveBeenCalledOnce();
  made.mockRestore();
});

test("a match in a line is found before the lines after it are looked at", () => {
  const pattern = compile(String.raw`key.*value.*end.*\w`);
  const text = `key value end x\n${"key value\n".repeat(500)}end`;
  const looked = vi.spyOn(RegExp.prototype, "exec");

  expect(pattern.engine).toBe("automaton");
  expect(pattern.exec(text)?.end).toBe(15);
  expect(looked.mock.calls.length).toBeLessThan(20);
  looked.mockRestore();
});

test("the automaton is asked only where everything that a match needs is near", () => {
  const asked = vi.spyOn(RE2JS.prototype, "matcher");
  const pattern = compile(String.raw`\bcurl\b[^\n]{0,150}?(?:[\r\n]{1,2}[^\n]{0,150}?){0,5}\s--header \w+`);
  const lines = "RUN curl -s https://example.org/\n".repeat(1_000);

  expect(pattern.engine).toBe("automaton");
  expect(pattern.exec(lines)).toBeUndefined();
  expect(asked).not.toHaveBeenCalled();
  expect(pattern.exec(`${lines}curl --header x${lines}`)?.text).toContain("curl --header x");
  asked.mockRestore();
});
