import { sharedTable, testVersionScheme } from "@plimsoll/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gemVersions } from "./versions.ts";

testVersionScheme(gemVersions, {
  ordered: [
    "1.0-i686-linux = 1.0",
    "1.0-i386 = 1.0",
    "1.0-armv7l-linux = 1.0",
    "1.0-armv7 = 1.0",
    "1.0-powerpc64-linux = 1.0",
    "1.0-powerpc = 1.0",
    "1.0-ppc64le-linux = 1.0",
    "1.0-ppc = 1.0",
    "1.0-s390-linux = 1.0",
    "1.0-s390x-linux = 1.0",
    "1.0-sparc64-solaris = 1.0",
    "1.0-sparc = 1.0",
    "1.0-riscv64-linux = 1.0",
    "1.0-riscv = 1.0",
    "1.0-mips64-linux = 1.0",
    "1.0-mips = 1.0",
    "1.0-mswin32 = 1.0",
    "1.0-mswin = 1.0",
    "1.0-mingw32 = 1.0",
    "1.0-x64-mingw-ucrt = 1.0",
    "1.0-linux-musl = 1.0",
    "1.0-darwin-20 = 1.0",
    "1.0-x86_64-linux-musl = 1.0",
    "1.0-universal-darwin-20 = 1.0",
    "1.ab > 1.a",
    "1.ab < 1.ac",
    "10 > 9",
    "1.010 = 1.10",
    "0.0 = 0",
    "1.100 > 1.10",
    // rubygems, test/rubygems/test_gem_version.rb
    "1.0 = 1.0.0",
    "1.0.a < 1.0",
    "1.8.2.a < 1.8.2",
    "1.8.2.b > 1.8.2.a",
    "1.8.2.a10 > 1.8.2.a9",
    "1.2-5 < 1.2",
    "1.9.3 > 1.9.2.99",
    "0.beta.1 < 0.0.beta.2",
    "1.15.0-x86_64-linux = 1.15.0",
    "1.15.0-java = 1.15",
  ],
  invalid: ["junk", "1.0\n2.0", "1..2", "1.2 3.4", "1.", ".3", "-", "1/2"],
  arbitrary: fc.stringMatching(/^[0-9]{1,3}(\.([0-9]{1,3}|[a-z]{1,2}[0-9]?)){0,4}$/),
});

const rows = sharedTable("conformance/versions/rubygems.csv") ?? [];

test.skipIf(rows.length === 0)("every published comparison of gem versions holds", () => {
  const failed = rows.filter(({ a = "", op = "", b = "", note }) => {
    const order = gemVersions.compare(a, b) ?? Number.NaN;
    const holds = {
      "<": order < 0,
      "=": order === 0,
      ">": order > 0,
      "<=": order <= 0,
      ">=": order >= 0,
      "!=": order !== 0,
    }[op];
    // Where a side is no version (also `v3.1.1`, without a note), or is OSV's own zero, there is no answer of RubyGems.
    if (a === "v3.1.1") return gemVersions.isValid(a);
    return holds !== true && note !== "invalid-version-ordering" && note !== "osv-zero-sentinel";
  });

  expect(failed.map(({ a, op, b }) => `${a} ${op} ${b}`)).toEqual([]);
});

const ranges = sharedTable("conformance/ranges/rubygems.csv") ?? [];

describe.skipIf(ranges.length === 0)("published gem requirements", () => {
  test.each(ranges)("$version in $constraint: $satisfied", ({ version = "", constraint = "", satisfied }) => {
    expect(gemVersions.satisfies(version, constraint)).toBe(satisfied === "true");
  });
});

const validity = (sharedTable("conformance/ranges-valid.csv") ?? []).filter(({ grammar }) => grammar === "rubygems");

describe.skipIf(validity.length === 0)("published validity of gem requirements", () => {
  test.each(validity)("$constraint is valid: $valid", ({ constraint = "", valid }) => {
    expect(gemVersions.satisfies("0.1", constraint) !== undefined).toBe(valid === "true");
  });
});

const versions = (sharedTable("conformance/versions-valid.csv") ?? []).filter(({ scheme }) => scheme === "rubygems");

describe.skipIf(versions.length === 0)("published validity of gem versions", () => {
  test.each(versions)("$version is valid: $valid", ({ version = "", valid }) => {
    expect(gemVersions.isValid(version)).toBe(valid === "true");
  });
});

test.each([
  ["1.5", ">=  1.0", true],
  ["1.5", ">=1.0,  <2", true],
  ["1.5", "1.5", true],
  ["1.5", "=1.5", true],
  ["1.6", "1.5", false],
  ["1.5", "<=1.5", true],
  ["1.5", "<=1.4", false],
  ["1.5", "!=1.5", false],
  ["1.5", "!=1.4", true],
  ["1.5", "!=1.6", true],
  ["1.5", "<=1.6", true],
  ["5.0", "~>1-4", false],
  ["1.5", "~>1.4.a", true],
  ["1.4.9", "~>1.4.4.a", true],
  ["1.5.0", "~>1.4.4.a", false],
  ["1.4.pre", "~>1.4-x", true],
  ["1.4.9", "~>1.4-4", true],
  ["1.5", "~>1.40", false],
  ["1.45", "~>1.40", true],
  ["2.0", "~>1", false],
  ["11.0", "~>10.4", false],
  ["10.5", "~>10.4", true],
  ["1.5", "$", undefined],
  ["1.5", ">=1.0_1", undefined],
])("a gem %s in %s: %s", (version, range, expected) => {
  expect(gemVersions.satisfies(version, range)).toBe(expected);
});

test("texts of any length that people write are read, and no longer ones", () => {
  expect(gemVersions.isValid("1".repeat(256))).toBe(true);
  expect(gemVersions.isValid("1".repeat(257))).toBe(false);
  expect(gemVersions.satisfies("1", ">0 ".repeat(1365))).toBe(true);
  expect(gemVersions.satisfies("1", `${">0 ".repeat(1365)} `)).toBe(true);
  expect(gemVersions.satisfies("1", ">0 ".repeat(1366))).toBeUndefined();
});

test("bounds are told", () => {
  expect(gemVersions.bounds?.("~> 1.4.2")).toEqual([
    [
      { comparator: ">=", version: "1.4.2" },
      { comparator: "<", version: "1.5" },
    ],
  ]);
});
