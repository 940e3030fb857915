import { sharedTable, testVersionScheme, testVersionTables } from "@plimsoll/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fuzzyVersions } from "./fuzzy-versions.ts";
import { genericVersions } from "./generic-versions.ts";
import { opensslVersions } from "./openssl-versions.ts";
import { datetimeVersions, kbVersions, lexicographicVersions } from "./plain-versions.ts";

const numbers = fc.array(fc.nat(30).map(String), { minLength: 1, maxLength: 5 }).map((parts) => parts.join("."));

testVersionScheme(genericVersions, {
  ordered: [
    "1.2-19 < 1.2-100",
    "1.2-1.19 < 1.2-2",
    "1.2-1.5 < 1.2-2",
    "1.2-1ab < 1.2-1b",
    "1.2-1 < 1.2",
    "1.2-9 < 1.2-10",
    "1.2-1a < 1.2-1b",
    "1.2-1.2.3 < 1.2-1.2.4",
    "1.2-1.9 < 1.2-1.10",
    "1.2-1~a < 1.2-1~b",
    "1.2 = 1.2.0.0",
    "1.7rc2 < 1.7",
    "1.2-beta.2 < 1.2-beta.11",
    "1.2+a = 1.2+b",
    "v1.2 = 1.2",
  ],
  invalid: ["", "foo", "1.21.beta", "\n1.2", "1.2."],
  arbitrary: fc
    .tuple(numbers, fc.constantFrom("", "-alpha", "-beta.2", "rc1", "-1", "+build"))
    .map(([release, rest]) => release + rest),
});
testVersionTables(genericVersions, { table: "generic" });

testVersionScheme(fuzzyVersions, {
  ordered: [
    "1.0. = 1.0",
    "1.0-- = 1.0",
    "v1 = 1",
    "1.av2 > 1.a2",
    "1ab < 1ac",
    "a1b2 < a1b3",
    "5-appl < 5-1",
    "1.a1 < 1.1",
    "1.1.1 < 1.1.1w",
    "4.2.8p9 < 4.2.8p15",
    "5-a1 = 5.a1",
    "10.2 > 9.30",
    "v1.2 = 1.2",
  ],
  invalid: ["", " "],
  arbitrary: fc.stringMatching(/^[0-9a-z][0-9a-z._-]{0,12}$/),
});
testVersionTables(fuzzyVersions, { table: "fuzzy" });

testVersionScheme(opensslVersions, {
  ordered: [
    "10.0.2 > 9.0.2",
    "1.0.2+abc = 1.0.2",
    "1.0.2-fips = 1.0.2",
    "3.0.0-beta1 < 3.0.0-beta2",
    "1.0.2k < 1.0.2l",
    "1.0.2z < 1.0.2za",
    "1.1.1w < 3.0.0",
    "3.0.0-beta1 < 3.0.0",
    "1.1.1 < 1.1.1a",
  ],
  invalid: ["x1.0.2", "", "a", "1.1.1A"],
  arbitrary: fc
    .tuple(numbers, fc.stringMatching(/^[a-z]{0,2}$/), fc.constantFrom("", "-beta1"))
    .map((parts) => parts.join("")),
});
testVersionTables(opensslVersions, { table: "openssl" });

testVersionScheme(datetimeVersions, {
  ordered: [
    "2024-01-01t00:00:00z = 2024-01-01T00:00:00Z",
    "2024-01-01T01:00:00+01:00 = 2024-01-01T00:00:00Z",
    "2024-01-01T00:00:00.100Z = 2024-01-01T00:00:00.1Z",
    "2024-01-01T00:00:00Z = 2023-12-31T19:00:00-05:00",
    "2024-01-01T00:00:00.1Z < 2024-01-01T00:00:00.12Z",
  ],
  invalid: [
    "x2024-01-01T00:00:00Z",
    "2024-01-01T00:00:00Zx",
    "",
    "2024",
    "2024-13-01T00:00:00Z",
    "2024-01-01T00:00:00",
  ],
  arbitrary: fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }).map((date) => date.toISOString()),
});
testVersionTables(datetimeVersions, { table: "datetime" });

testVersionScheme(lexicographicVersions, {
  // By code point, which is not the order of the units that texts are stored in.
  ordered: [
    "a < aa",
    "a < b",
    "z < 😀",
    "\u{E000} < 😀",
    "\u{FFFF} < \u{10000}",
    "\u{D7FF} < \u{E000}",
    "\u{FFFF} < \u{10FFFF}",
    "\u{10FFFE} < \u{10FFFF}",
    "😀 < 😁",
  ],
  invalid: [""],
  arbitrary: fc.string({ minLength: 1 }),
});
testVersionTables(lexicographicVersions, { table: "lexicographic" });

testVersionScheme(kbVersions, {
  ordered: ["KB5005 = 5005", "5KB1 > 51"],
  invalid: [""],
  arbitrary: fc.nat().map(String),
});

test.each([
  ["1.5", ">=  1.0,  <2.0", true],
  ["2.5", ">=  1.0,  <2.0", false],
  ["1.5", "=>1.0", true],
  ["1.5", "=<1.0", false],
  ["1.5", "=<1.5", true],
  ["1.4", "=<1.5", true],
  ["1.5", "*", true],
  ["1.5", "", true],
  ["x", "*", undefined],
  ["1.5", "^1.0", true],
  ["2.0", "^1.0", false],
  ["1.5", "~>1.4", true],
  ["1.5", "^x", undefined],
  ["x", "^1.0", undefined],
  ["1.5", "x^1.0", undefined],
  ["1.5", ">1 ^x", undefined],
])("a generic version %s in %s: %s", (version, range, expected) => {
  expect(genericVersions.satisfies(version, range)).toBe(expected);
});

test.each([
  ["1.2.0-rc1", "<1.2.0", true],
  ["1.2.0rc1", "<1.2.0", true],
  ["10.2.0-rc1", "<10.2.0", true],
  ["1.2.0-rc1+build.5", "<1.2.0", true],
  ["1.2.0-rc1", '< "1.2.0"', true],
  ["1.1.1w", "> '1.1.1'", true],
  // Not what a semantic version looks like on both sides: text behind a number is newer.
  ["1.2.0_1", "<1.2.0", false],
  ["1.2.0", "<1.2.0_1", true],
  ["1.1.1w", "<=1.1.1", false],
])("a fuzzy version %s in %s: %s", (version, range, expected) => {
  expect(fuzzyVersions.satisfies(version, range)).toBe(expected);
});

const updates = sharedTable("conformance/ranges/kb.csv");
const ranges = sharedTable("conformance/ranges-valid.csv")?.filter((row) => row["scheme"] === "generic");

test.skipIf(updates === undefined)("lists of updates hold for their members", () => {
  const wrong = updates?.filter(
    ({ version = "", constraint = "", satisfied }) => String(kbVersions.satisfies(version, constraint)) !== satisfied,
  );
  expect(wrong).toEqual([]);
});

test.skipIf(ranges === undefined)("generic knows what is a range", () => {
  const wrong = ranges?.filter(
    (row) =>
      ["0.0.1", "99"].every((version) => genericVersions.satisfies(version, row["constraint"] ?? "") !== undefined) !==
      (row["valid"] === "true"),
  );
  expect(wrong?.map((row) => row["constraint"])).toEqual([]);
});
