import { sharedTable, testVersionScheme } from "@plimsoll/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseSemanticVersion } from "./semantic-version.ts";
import { satisfiesSemverRange } from "./semver-range.ts";
import { semver } from "./semver.ts";

testVersionScheme(semver, {
  ordered: [
    "0 < 0.0.0-a",
    "1.0.0.0 = 1.0.0",
    "1.0.0 = 1.0.0.0",
    "1.0.0-a.001 = 1.0.0-a.1",
    "1.0.0-a.01 = 1.0.0-a.1",
    "1.0.0-a.1 = 1.0.0-a.01",
    "1.0.0-10 < 1.0.0-a",
    "1.0.0.1 > 1.0.0",
    "1.0.0-a.10 > 1.0.0-a.9",
    "1.0.0-1 < 1.0.0-a",
    "1.0.0-100 > 1.0.0-99",
    "1.0.0-a.1b > 1.0.0-a.2",
    "1.100.0 > 1.10.0",
    "1.0010.0 = 1.10.0",
    "1.0.0-alpha < 1.0.0-alpha.1",
    "1.0.0-alpha.1 < 1.0.0-alpha.beta",
    "1.0.0-beta.2 < 1.0.0-beta.11",
    "1.0.0-rc.1 < 1.0.0",
    "1.2 = 1.2.0",
    "1.2.3.4 > 1.2.3",
    "1.20rc1 = 1.20.0-rc1",
    "1.0.0.alpha.1 = 1.0.0-alpha.1",
    "01.2.3 = 1.2.3",
  ],
  invalid: ["", "a", "1.", ".1", "1..2", "1.2.3-", "1.2.3-a..b", "1 2", "-1"],
  arbitrary: fc.stringMatching(
    /^v?[0-9]{1,3}(\.[0-9]{1,3}){0,3}(-[0-9a-z]{1,3}(\.[0-9a-z-]{1,3}){0,2})?(\+[a-z]{1,2})?$/,
  ),
});

const table = sharedTable("conformance/versions/semver.csv") ?? [];

describe.skipIf(table.length === 0)("published order of semantic versions", () => {
  test.each(table)("$a $op $b", (row) => {
    const order = semver.compare(row["a"] ?? "", row["b"] ?? "") ?? Number.NaN;

    expect(
      { "<": order < 0, "=": order === 0, ">": order > 0, "<=": order <= 0, ">=": order >= 0 }[row["op"] ?? ""],
    ).toBe(true);
  });
});

const ranges = sharedTable("conformance/ranges/semver.csv") ?? [];

describe.skipIf(ranges.length === 0)("published semantic version ranges", () => {
  test.each(ranges)(
    "$version in $constraint ($grammar $options): $satisfied",
    ({ version = "", constraint = "", grammar, options = "", satisfied }) => {
      const answer =
        grammar === "grype"
          ? semver.satisfies(version, constraint)
          : satisfiesSemverRange(version, constraint, {
              prereleases: options.includes("include-prerelease"),
              zeros: options.includes("zero-padding"),
            });

      // A dot separates identifiers here as everywhere else: `alpha.beta` is not `alpha-beta`.
      expect(answer).toBe(version === "1.0.0.alpha.beta" ? false : satisfied === "true");
    },
  );
});

const validity = (sharedTable("conformance/ranges-valid.csv") ?? []).filter(({ grammar }) => grammar === "aqua-semver");

describe.skipIf(validity.length === 0)("published validity of semantic version ranges", () => {
  test.each(validity)("$constraint is valid: $valid", ({ constraint = "", valid }) => {
    expect(semver.satisfies("1.2.3", constraint) !== undefined).toBe(valid === "true");
  });
});

test("versions as they are published need not be strict", () => {
  const strict = (sharedTable("conformance/versions-valid.csv") ?? []).filter(
    ({ scheme, valid }) => scheme === "semver-strict" && valid === "true",
  );

  expect(strict.filter(({ version = "" }) => !semver.isValid(version))).toEqual([]);
});

test("a version has three numbers at least", () => {
  expect(parseSemanticVersion("1")?.numbers).toEqual(["1", "0", "0"]);
  expect(parseSemanticVersion("1.2.3")?.numbers).toEqual(["1", "2", "3"]);
  expect(parseSemanticVersion("1.2.3.4")?.numbers).toEqual(["1", "2", "3", "4"]);
});

describe("a range of semantic versions", () => {
  test.each([
    ["1.5.0", ">=  1.0,  <2", true],
    ["2.5.0", ">=  1.0,  <2", false],
    ["1.5.0", "1.5.0", true],
    ["1.6.0", "1.5.0", false],
    ["1.5.0", "=>1.0", true],
    ["0.5.0", "=>1.0", false],
    ["1.5.0", "=<1.0", false],
    ["1.5.0", "=<1.5", true],
    ["1.5.0", "<1.5", false],
    ["1.5.0", "==1.5", true],
    ["1.5.0", "!=1.5.0", false],
    ["1.5.0", "$ || 1.5.0", true],
    ["1.5.0", "1.5.0 || $", true],
    ["1.6.0", "1.5.0 || $", undefined],
    ["1.6.0", "$ || 1.5.0", undefined],
    ["1.5.0", "1.x", true],
    ["2.5.0", "1.x", false],
    ["1.5.0", "~>1.4.0", false],
    ["1.4.9", "~>1.4.0", true],
    ["1.10.5", "~1.10", true],
    ["1.11.0", "~1.10", false],
    ["10.0.0", "^010", true],
    ["1.0.0", "<1.x", false],
    ["0.9.0", "<1.x", true],
    ["1.5.0", "1.$", undefined],
    ["1.5.0", "~>1", true],
    ["1.5.0", "1.x-rc", true],
    ["1.5.0", "^1.x-rc", true],
    ["1.5.0", "^1.x-rc.1", true],
    ["1.5.0", "a1.x", undefined],
    ["1.5.0", "1.x.5", false],
    ["10.5.0", "10.x", true],
    ["1.10.5", "1.10.x", true],
    ["1.11.0", "1.10.x", false],
    ["1.5.0", "1.x.x", true],
    ["1.3.0", "^1.2", true],
    ["1.4.0", "=<1.5", true],
  ])("%s in %s: %s", (version, range, expected) => {
    expect(satisfiesSemverRange(version, range)).toBe(expected);
  });

  test.each([
    ["1.9.9", "<=1.9", true, false],
    ["1.10.0", "<=1.9", false, false],
    ["1.10.9", "=1.10", true, false],
    ["1.10.5", "=1.10.3", false, false],
    ["v1.10.9", "v1.10", true, false],
    ["1.0.0-rc", "<1", true, true],
  ])("%s in %s where missing numbers are free: %s, where they are zero: %s", (version, range, free, zero) => {
    expect(satisfiesSemverRange(version, range, { zeros: false })).toBe(free);
    expect(satisfiesSemverRange(version, range, { zeros: true })).toBe(zero);
  });

  test("of any length that people write is read, and no longer one", () => {
    expect(satisfiesSemverRange("1.0.0", ">0 ".repeat(1365))).toBe(true);
    expect(satisfiesSemverRange("1.0.0", `${">0 ".repeat(1365)} `)).toBe(true);
    expect(satisfiesSemverRange("1.0.0", ">0 ".repeat(1366))).toBeUndefined();
    expect(semver.isValid("1".repeat(256))).toBe(true);
    expect(semver.isValid("1".repeat(257))).toBe(false);
  });

  test("is told with all three numbers", () => {
    expect(semver.bounds?.("^1")).toEqual([
      [
        { comparator: ">=", version: "1.0.0" },
        { comparator: "<", version: "2.0.0" },
      ],
    ]);
  });

  test("has no options but its own", () => {
    const options: object = { speed: 1 };

    expect(() => satisfiesSemverRange("1.0.0", "1", options)).toThrow(/satisfiesSemverRange/);
  });
});
