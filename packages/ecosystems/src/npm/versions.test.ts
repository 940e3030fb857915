import { sharedTable, testVersionScheme } from "@plimsoll/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { npmAdvisoryVersions, npmVersions } from "./versions.ts";

const number = fc.nat(30);
const prerelease = fc.option(fc.stringMatching(/^(alpha|beta|rc|[0-9]{1,2}|x-y)(\.([0-9]|a1)){0,2}$/), {
  nil: undefined,
});

testVersionScheme(npmVersions, {
  ordered: [
    "1.2 < 1.10.0",
    "1.0.0 = 1.0",
    "1.2.3-a < 1.2.3",
    "1.2.3beta < 1.2.3",
    "1.2.3.4 > 1.2.3",
    "01.2.3 = 1.2.3",
    "1.0.0-alpha.1 < 1.0.0-alpha.beta",
    "1.0.0-beta.2 < 1.0.0-beta.11",
    "1.0.0-rc.1 < 1.0.0",
    "1.2.3+a = 1.2.3+b",
    "v1.2.3 = 1.2.3",
    // Published before npm became strict: https://www.npmjs.com/package/yui/v/3.0.0pr2
    "3.0.0pr2 < 3.0.0",
    "99999999999999999999.0.0 > 1.0.0",
  ],
  invalid: ["", "latest", "1.2.3/4", "git+https://example.com/a.git", "file:../a", "x.1.2"],
  arbitrary: fc
    .tuple(number, number, number, prerelease)
    .map(([major, minor, patch, pre]) => `${major}.${minor}.${patch}${pre === undefined ? "" : `-${pre}`}`),
});

const table = sharedTable("conformance/ranges/npm.csv") ?? [];

describe.skipIf(table.length === 0)("published npm ranges", () => {
  test.each(table.filter((row) => row["grammar"] === "npm" && !row["constraint"]?.startsWith("vers:")))(
    "$version in $constraint: $satisfied",
    (row) => {
      expect(npmVersions.satisfies(row["version"] ?? "", row["constraint"] ?? "")).toBe(row["satisfied"] === "true");
    },
  );
});

const validity = (sharedTable("conformance/ranges-valid.csv") ?? []).filter((row) => row["grammar"] === "npm");

describe.skipIf(validity.length === 0)("published validity of npm ranges", () => {
  test.each(validity)("$constraint is valid: $valid", (row) => {
    expect(npmVersions.satisfies("1.2.3", row["constraint"] ?? "") !== undefined).toBe(row["valid"] === "true");
  });
});

test.each([
  ["1.0.0", "not a range"],
  ["not a version", "*"],
  ["1.0.0", ">=1 || not a range"],
])("whether %j lies in %j is unknown", (version, range) => {
  expect(npmVersions.satisfies(version, range)).toBeUndefined();
});

test.each([
  ["1.0.0-rc", ">=0.9.0 <1.0.0", true],
  ["1.0.0", "<1.0.0", false],
  ["1.0.0", "not a range", undefined],
  ["3.0.0pr2", "<3.0.0", true],
  ["1.0", "<2", undefined],
])("by the order of advisories %j lies in %j: %s", (version, range, expected) => {
  expect(npmAdvisoryVersions.satisfies(version, range)).toBe(expected);
  // Asked again, it is remembered.
  expect(npmAdvisoryVersions.satisfies(version, range)).toBe(expected);
});

test("a bound is told with all three numbers", () => {
  expect(npmVersions.bounds?.("^1")).toEqual([
    [
      { comparator: ">=", version: "1.0.0" },
      { comparator: "<", version: "2.0.0" },
    ],
  ]);
});

test.each([
  // A pre-release after less than three numbers is that of all versions with these numbers.
  ["0.5.0", ">=0.0-0", true],
  ["0.5.0", "0.5-a", true],
  ["0.6.0", "0.5-a", false],
  ["12.0.0", ">=10.20-0.1 <13", true],
  ["10.1.0", ">=10.20-0.1 <13", false],
  ["0.5.0", ">=0.0-0 <1", true],
  ["1.5.0", "===1.5.0", true],
  ["1.5.0", "=>1.0.0", true],
  ["0.5.0", "=>1.0.0", false],
])("as advisories write it, %s in %s: %s", (version, range, expected) => {
  expect(npmVersions.satisfies(version, range)).toBe(expected);
});

test("ranges of any length that people write are read, and no longer ones", () => {
  expect(npmVersions.satisfies("1.0.0", `${">0 ".repeat(1365)} `)).toBe(true);
  expect(npmVersions.satisfies("1.0.0", ">0 ".repeat(1366))).toBeUndefined();
});

test("both orders are told by the name of npm", () => {
  expect([npmVersions.id, npmAdvisoryVersions.id]).toEqual(["npm", "npm"]);
});
