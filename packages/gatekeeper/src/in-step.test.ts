import { describe, expect, test } from "vitest";
import { inStep } from "./in-step.ts";

/** Takes as many steps as a text has characters, and notes each. */
function* spelling(text: string, steps: string[]): Generator<void, string, void> {
  for (const [index, letter] of [...text].entries()) {
    if (letter === "!") throw new Error(`${text} failed`);
    steps.push(`${text}${index}`);
    yield;
  }
  return text.toUpperCase();
}

function results(items: Iterable<string>, steps: string[] = []): readonly (string | Error)[] {
  const found: (string | Error)[] = [];
  try {
    for (const [item, result] of inStep(items, {
      begin: (text) => spelling(text, steps),
      kind: (text) => text[0] ?? "",
    }))
      found.push(`${item} ${result}`);
  } catch (error) {
    found.push(error as Error);
  }
  return found;
}

describe("work in step", () => {
  test("does each step for all of a kind, and gives results in order", () => {
    const steps: string[] = [];
    expect(results(["ab", "xy", "ac"], steps)).toEqual(["ab AB", "xy XY", "ac AC"]);
    expect(steps).toEqual(["ab0", "ac0", "ab1", "ac1", "xy0", "xy1"]);
  });

  test("of more than are begun together gives all results", () => {
    const items = Array.from({ length: 250 }, (_, index) => `a${index}`);
    expect(results(items)).toEqual(items.map((item) => `${item} ${item.toUpperCase()}`));
  });

  test("that fails, fails after the results before it", () => {
    expect(results(["a", "ab!", "c", "a!"])).toEqual(["a A", new Error("ab! failed")]);
  });

  test("whose items end in an error gives the results before it", () => {
    function* items(): Generator<string, void, void> {
      yield "a";
      throw new Error("no more");
    }
    expect(results(items())).toEqual(["a A", new Error("no more")]);
  });

  test("of which no more results are taken lets go of the items", () => {
    let open = 0;
    function* items(): Generator<string, void, void> {
      open += 1;
      try {
        for (;;) yield "a";
      } finally {
        open -= 1;
      }
    }
    for (const [, result] of inStep(items(), { begin: (text) => spelling(text, []), kind: (text) => text })) {
      expect([result, open]).toEqual(["A", 1]);
      break;
    }
    expect(open).toBe(0);
    expect(
      results(
        (function* () {
          for (const text of items()) yield text + "!";
        })(),
      ),
    ).toEqual([new Error("a! failed")]);
    expect(open).toBe(0);
  });
});
