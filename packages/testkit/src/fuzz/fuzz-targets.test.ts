import { describe, expect, test } from "vitest";
import { fuzzLoop } from "./fuzz-loop.ts";
import { fuzzTargets, seedsOf } from "./fuzz-targets.ts";
import type { FuzzTarget } from "./fuzz-targets.ts";
import { mutate } from "./mutate.ts";
import { randomFrom } from "./random.ts";
import { smallerInputs } from "./shrink.ts";
import { shareOf } from "./time-shares.ts";

/** Enough to notice a target that lost its footing; `npm run fuzz` is for more. */
const inputs = 200;
const milliseconds = 1_000;

describe("every fuzz target", () => {
  test.each(fuzzTargets().map(({ name, file }) => [name, file] as const))(
    "%s withstands its seeds and some mutations of them",
    async (_, file) => {
      const target = (await import(file)) as FuzzTarget;
      const seeds = await seedsOf(target, file);

      const { failure } = await fuzzLoop(target, {
        seeds,
        inputs: seeds.length + inputs,
        milliseconds,
        seed: 1,
        maxMilliseconds: 10_000,
        maxBytes: Number.POSITIVE_INFINITY,
      });

      expect(
        failure === undefined ? undefined : `${failure.reason}\n${Buffer.from(failure.input).toString("base64")}`,
      ).toBe(undefined);
    },
  );
});

test("every fuzz target starts from more than the empty input, or makes inputs itself", async () => {
  const bare: string[] = [];
  for (const { name, file } of fuzzTargets()) {
    const target = (await import(file)) as FuzzTarget;
    if (target.make === undefined && (await seedsOf(target, file)).length === 1) bare.push(name);
  }

  expect(bare).toEqual([]);
});

describe("the time of all targets", () => {
  /** What each target gets, when it uses so much of its share. */
  const shares = (time: number, used: readonly number[]): readonly number[] => {
    let left = time;
    return used.map((part, index) => {
      const share = shareOf(left, used.length - index);
      left -= share * part;
      return share;
    });
  };

  test("is shared by all alike", () => {
    expect(shares(600, [1, 1, 1, 1])).toEqual([150, 150, 150, 150]);
  });

  test("is longer for the others when one ends early, and shorter when one overruns, and never nothing", () => {
    expect(shares(600, [0, 1, 1])).toEqual([200, 300, 300]);
    expect(shares(600, [2, 1, 1])).toEqual([200, 100, 100]);
    expect(shares(600, [5, 1, 1])).toEqual([200, 1, 1]);
  });
});

describe("the fuzz loop", () => {
  const limits = { milliseconds: 60_000, seed: 3, maxMilliseconds: 10_000, maxBytes: Number.POSITIVE_INFINITY };

  test("finds an input that fails, and makes it small", async () => {
    const target = {
      fuzz(input: Uint8Array) {
        if (input.includes(0xff) && input.length > 3) throw new Error("found");
      },
    };

    const { failure } = await fuzzLoop(target, { ...limits, seeds: [new Uint8Array(2_000)], inputs: 10_000 });

    expect(failure?.reason).toContain("found");
    expect(failure?.input.length).toBe(4);
  });

  test("lets a target make every second input itself", async () => {
    let made = 0;
    const target = {
      fuzz() {},
      make(random: () => number) {
        made++;
        return Uint8Array.of(random() * 256);
      },
    };

    await fuzzLoop(target, { ...limits, seeds: [new Uint8Array(9)], inputs: 101 });

    expect(made).toBe(50);
  });

  test("calls an input that takes too long a failure", async () => {
    const target = {
      fuzz() {
        const { user } = process.cpuUsage();
        while (process.cpuUsage({ user, system: 0 }).user < 50_000);
      },
    };

    const { failure } = await fuzzLoop(target, {
      ...limits,
      seeds: [new Uint8Array(1)],
      inputs: 1,
      maxMilliseconds: 5,
    });

    expect(failure?.reason).toContain("took too long");
  });

  test("makes the same inputs from the same seed, and others from another", () => {
    const corpus = [new TextEncoder().encode("a sentence of some length with 123 in it"), new Uint8Array(600)];
    const run = (seed: number): string[] => {
      const random = randomFrom(seed);
      return Array.from({ length: 50 }, () => Buffer.from(mutate(corpus, random)).toString("hex"));
    };

    expect(run(7)).toEqual(run(7));
    expect(run(7)).not.toEqual(run(8));
    expect(new Set(run(7)).size).toBeGreaterThan(40);
  });

  test("tries only smaller inputs when it shrinks", () => {
    const candidates = [...smallerInputs(new Uint8Array(9))];

    expect(candidates.every((candidate) => candidate.length < 9)).toBe(true);
    expect(candidates.length).toBeGreaterThan(9);
  });
});
