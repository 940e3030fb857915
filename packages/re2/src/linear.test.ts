import { generatedPattern, realPatterns } from "@plimsoll/testkit";
import { RE2JS } from "re2js";
import { describe, expect, test } from "vitest";
import { contains, wordCharacters } from "./code-points.ts";
import { compile } from "./index.ts";
import { ProofSteps, proveLinear } from "./linear.ts";
import { parse } from "./parse.ts";
import { linearEnd, requiredPieces } from "./required.ts";
import type { AssertedPlace, SyntaxNode } from "./syntax-tree.ts";

/** Patterns that a backtracking engine takes quadratic or exponential time for, each with a text that makes it. */
const attacks: readonly (readonly [pattern: string, attack: (size: number) => string])[] = [
  ["(a+)+$", (size) => "a".repeat(size) + "!"],
  ["(?:a|aa)+$", (size) => "a".repeat(size) + "!"],
  ["(a*)*b", (size) => "a".repeat(size)],
  ["(?:a|a)*b", (size) => "a".repeat(size)],
  ["[a-z]+@", (size) => "a".repeat(size)],
  ["\\s+$", (size) => " ".repeat(size) + "x"],
  ["a+b*c", (size) => "a".repeat(size)],
  ["key.*secret", (size) => "key".repeat(size / 3)],
  ["a\\s*[a-z]+X", (size) => "a".repeat(size)],
  ["(?:x+x+)+y", (size) => "x".repeat(size)],
  ['"[a-z]+:.*X', (size) => '"a:'.repeat(size / 3)],
  ["<[^>]+>:<[^>]+>", (size) => "<a:".repeat(size / 3)],
  ["(?:[a-z]+\\.)+com", (size) => "a.".repeat(size / 2)],
  ["^(?:a?){30}a{30}$", (size) => "a".repeat(Math.min(29, size))],
];

describe("time is linear", () => {
  test.each(attacks)("for %s on the text that blows up backtracking", (pattern, attack) => {
    const compiled = compile(pattern);
    // At this size quadratic time would be minutes, and exponential time longer than anything lasts.
    const text = attack(300_000);

    expect(compiled.test(text)).toBe(compiled.exec(text) !== undefined);
  });

  test.each([
    "key.*secret",
    "a\\s*[a-z]+X",
    "(?:x+x+)+y",
    "(a*)*b",
    '"[a-z]+:.*X',
    "(?:[a-z]+\\.)+com",
    "a*b*c",
    "<[^>]*>",
  ])("and is not claimed of JavaScript's engine for %s", (pattern) => {
    expect(proveLinear(parse(pattern).root)).toBeUndefined();
  });

  test.each([
    "[a-z]+@",
    "=\\s*[a-z]+;",
    "<[^<>]*>",
    "\\b[a-z]+=",
    "ghp_[0-9A-Za-z]{36}",
    "^.*x.*",
    "v\\d+(?:\\.\\d+)*",
  ])("and is proved of JavaScript's engine for %s", (pattern) => {
    expect(compile(pattern).engine).toBe("native");
  });

  test("as the work of a backtracking engine, counted, on the worst of many texts for every pattern proved", () => {
    const patterns = [...realPatterns, ...Array.from({ length: 200 }, (_, seed) => generatedPattern(seed + 1).pattern)];
    let counted = 0;
    for (const pattern of patterns) {
      const { root } = parse(pattern);
      const guarded = proveLinear(root);
      if (guarded === undefined) continue;
      counted++;
      for (const unit of [
        "a",
        "ab",
        "ba1",
        "key",
        "a=",
        "aé",
        "\n",
        "a\n",
        "=",
        "x",
        "api_key=",
        "0.",
        "a-",
        '"a:',
        " ",
      ]) {
        const short = searchSteps(root, guarded, unit.repeat(48 / unit.length));
        const long = searchSteps(root, guarded, unit.repeat(192 / unit.length));
        // Four times the text: quadratic work would be sixteen times as much. What is fixed in the pattern counts as well.
        expect({ pattern, unit, growth: long > 7 * short + 3000 }).toEqual({ pattern, unit, growth: false });
      }
    }
    expect(counted).toBeGreaterThan(100);
  });
});

/** How many steps a backtracking engine takes to search a text, as JavaScript's does: every start in turn, until one matches. */
function searchSteps(root: SyntaxNode, guarded: ReadonlySet<SyntaxNode>, text: string): number {
  const points = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const most = 400_000;
  let steps = 0;

  /** Whether the node and then what comes `next` match from a place on. */
  const matches = (node: SyntaxNode, at: number, next: (at: number) => boolean): boolean => {
    if (++steps > most) return true;
    switch (node.kind) {
      case "set":
        return at < points.length && contains(node.set, points[at] ?? 0) && next(at + 1);
      case "assert":
        return holds(node.place, at) && next(at);
      case "capture":
        return matches(node.body, at, next);
      case "choice":
        return node.items.some((item) => matches(item, at, next));
      case "sequence": {
        const from = (index: number, place: number): boolean => {
          const item = node.items[index];
          return item === undefined ? next(place) : matches(item, place, (after) => from(index + 1, after));
        };
        return from(0, at);
      }
      case "repeat": {
        const { body, min, max, greedy } = node;
        if (guarded.has(node) && body.kind === "set" && at > 0 && contains(body.set, points[at - 1] ?? 0)) return false;
        const round = (count: number, place: number): boolean => {
          if (++steps > most) return true;
          const on = () =>
            count < max && matches(body, place, (after) => (after > place || count < min) && round(count + 1, after));
          if (count < min) return on();
          return greedy ? on() || next(place) : next(place) || on();
        };
        return round(0, at);
      }
    }
  };
  const isWord = (at: number) => at >= 0 && at < points.length && contains(wordCharacters, points[at] ?? 0);
  const holds = (place: AssertedPlace, at: number): boolean => {
    if (place === "text-start") return at === 0;
    if (place === "text-end") return at === points.length;
    if (place === "line-start") return at === 0 || points[at - 1] === 10;
    if (place === "line-end") return at === points.length || points[at] === 10;
    return (isWord(at - 1) !== isWord(at)) === (place === "word-boundary");
  };
  for (let start = 0; start <= points.length; start++) if (matches(root, start, () => true)) break;
  return steps;
}

describe("a pattern of any size", () => {
  /** Alternatives of a character each, none beside another, from the place of the first on. */
  const characters = (first: number, count: number): string =>
    Array.from({ length: count }, (_, index) => String.fromCodePoint(0x10000 + 2 * (first + index))).join("|");
  const nested = (depth: number, end: string): string => {
    let pattern = "Z";
    for (let level = 0; level < depth; level++) pattern = `(?:${pattern}|${characters(10 * level, 10)})${end}`;
    return pattern;
  };

  test("is proved in steps that grow with its alternatives", () => {
    const stepsOf = (count: number): number => {
      const steps = new ProofSteps();
      expect(proveLinear(parse(characters(0, count)).root, steps)).toBeDefined();
      return steps.taken;
    };
    expect(stepsOf(4_000) / stepsOf(2_000)).toBeLessThan(2.2);
    // More than there is room for on the stack as arguments.
    expect(stepsOf(130_000)).toBeLessThan(130_000 * 12);
  });

  test.each(["", "+", "+y", "?y", "*.*b"])(
    "is given to the automaton where the proof takes too long, nested with %s",
    (end) => {
      const { root } = parse(nested(300, end));
      const taken = [new ProofSteps(), new ProofSteps()] as const;
      proveLinear(root, taken[0]);
      linearEnd(root, taken[1]);
      // The last step taken may be as large as one set.
      for (const steps of taken) expect(steps.taken).toBeLessThan(2_000_000 + 10_000);
    },
  );

  test.each(["+y", "?y", "?"])("nested as deeply as may be with %s has the matches of re2js", (end) => {
    const pattern = `${"(?:".repeat(300)}Z${`|b)${end}`.repeat(300)}`;
    const theirs = RE2JS.compile(pattern);
    for (const text of ["Z", "Zyy", "b".repeat(10)]) expect(compile(pattern).test(text)).toBe(theirs.test(text));
  });

  test("is searched for any number of pieces", () => {
    expect(requiredPieces(parse("ab[^x]".repeat(130_000)).root).others).toHaveLength(130_000 - 1);
  });

  test("is refused at once where re2js has no room for it", () => {
    expect(() => compile(`${"(?:".repeat(600)}Z${"b)+".repeat(600)}`)).toThrow(SyntaxError);
  });
});
