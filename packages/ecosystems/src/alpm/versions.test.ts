import { execFileSync, spawnSync } from "node:child_process";
import { testVersionScheme, testVersionTables } from "@plimsoll/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { versions } from "./versions.ts";

const hasVercmp = spawnSync("vercmp", ["1", "1"]).status === 0;
if (!hasVercmp) console.warn("no vercmp of pacman here: the test against it is skipped");

/** No version ends with a separator: see below for what becomes of their order. */
const arbitrary = fc
  .tuple(
    fc.constantFrom("", "", "0:", "1:"),
    fc.stringMatching(/^[0-9a-c]([0-9a-c._+]{0,7}[0-9a-c])?$/),
    fc.constantFrom("-1", "-2", "-1.1"),
  )
  .map((parts) => parts.join(""));

testVersionScheme(versions, {
  ordered: [
    "12:1 > 2:1",
    "1:2:3 > 1:2",
    "a1:2 < 1",
    "1.0-9 < 1.0-10",
    "1.0-1 < 1.0-2",
    "1.0-1.1 < 1.0-1.2",
    "9.0 > 8.0",
    "# vercmp(8)",
    "1.0a < 1.0b",
    "1.0b < 1.0beta",
    "1.0beta < 1.0p",
    "1.0p < 1.0pre",
    "1.0pre < 1.0rc",
    "1.0rc < 1.0",
    "1.0 < 1.0.a",
    "1.0.a < 1.0.1",
    "1 < 1.0",
    "1.0 < 1.1",
    "1.1.1 < 1.2",
    "1:1.0 > 2.0",
    "1.0-1 < 1.0-2",
    "1.0 = 1.0-2",
    "1.001 = 1.1",
    "1..1 > 1.1",
    "1 < 1.",
    "1. = 1..",
    "1.a < 1.",
    "1. < 1.1",
    "1a < 1.",
    ":1 = 0:1",
  ],
  invalid: ["", " ", "1 0", "é"],
  arbitrary,
});

testVersionTables(versions, { table: "alpm" });

describe("a release that one side lacks", () => {
  test("makes two versions equal to a third that are not equal to each other", () => {
    expect([versions.compare("1.0-1", "1.0"), versions.compare("1.0", "1.0-2")]).toEqual([0, 0]);
    expect(versions.compare("1.0-1", "1.0-2")).toBeLessThan(0);
  });
});

describe("a separator at the end of a version", () => {
  test.each([
    ["b0", "b+a", "b+"],
    ["1.0", "1..a", "1.."],
  ])("leads from %s through %s and %s back to the first, as in pacman", (first, second, third) => {
    const pairs = [
      [first, second],
      [second, third],
      [third, first],
    ] as const;
    for (const [older, newer] of pairs) expect(versions.compare(`${older}-1`, `${newer}-1`)).toBeLessThan(0);
  });
});

describe.skipIf(!hasVercmp)("the order of versions, as pacman's vercmp tells it", () => {
  test("on any pair", () => {
    const text = fc.stringMatching(/^[01ab._+][01ab.:_+-]{0,6}$/);
    const sample = fc.sample(fc.tuple(text, text), { numRuns: 100, seed: 1 });

    const wrong = sample.filter(([a, b]) => {
      const told = Number(execFileSync("vercmp", [a, b], { encoding: "utf8" }));
      return Math.sign(versions.compare(a, b) ?? Number.NaN) !== Math.sign(told);
    });
    expect(wrong).toEqual([]);
  });
});
