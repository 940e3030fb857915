import { describe, expect, test } from "vitest";
import { countedWork, growthProblem } from "./counted-work.ts";

const kinds: Readonly<Record<string, (size: number) => void>> = {
  "a loop in a loop": (size) => {
    let sum = 0;
    for (let a = 0; a < size; a++) for (let b = 0; b < size; b++) sum += a ^ b;
    expect(sum).toBeGreaterThan(0);
  },
  "a list that is copied for each element": (size) => {
    let list: readonly number[] = [];
    for (let at = 0; at < size; at++) list = [...list, at];
    expect(list.length).toBe(size);
  },
  "a list that is searched for each element": (size) => {
    const list: number[] = [];
    for (let at = 0; at < size; at++) if (!list.includes(at)) list.push(at);
    expect(list.length).toBe(size);
  },
};

// Large enough that what the test runner does meanwhile, which is counted too, is nothing beside it.
test.each(Object.entries(kinds))("%s shows as four times the work for twice the size", async (_, work) => {
  const [once = 0, twice = 0] = [await countedWork(() => work(2_000)), await countedWork(() => work(4_000))];

  expect(twice / once).toBeGreaterThan(3);
});

test("a single loop shows as twice the work", async () => {
  const work = (size: number): number => Array.from({ length: size }, (_, at) => at % 7).filter((at) => at > 3).length;
  const [once = 0, twice = 0] = [await countedWork(() => work(400_000)), await countedWork(() => work(800_000))];

  expect(twice / once).toBeGreaterThan(1.8);
  expect(twice / once).toBeLessThan(2.2);
});

describe("work whose quadruple input took too much", () => {
  /** Loops once for each of the input, but squared where it is told to. */
  const loop = (times: number, isSquare: boolean): void => {
    let sum = 0;
    for (let at = 0; at < 20_000 * (isSquare ? times * times : times); at++) sum += at % 7;
    expect(sum).toBeGreaterThan(0);
  };

  test("is no problem when something else ran in between", async () => {
    let runs = 0;
    const problem = await growthProblem((times) => {
      if (times === 4) runs++;
      loop(times, times === 4 && runs === 1);
    });

    expect(problem).toBeUndefined();
    expect(runs).toBe(2);
  });

  test("is one when it does each time", async () => {
    expect(await growthProblem((times) => loop(times, true))).toMatch(/^\d+, \d+, \d+$/);
  });

  test.each([
    ["is one when its results are kept, so that it does not the second time", true],
    ["is none when results are kept of what is no square", false],
  ])("%s", async (_, isSquare) => {
    const done = new Set<number>();
    const problem = await growthProblem((times) => {
      if (!done.has(times)) loop(times, isSquare);
      done.add(times);
    });

    expect(problem !== undefined).toBe(isSquare);
  });
});
