import { testVersionScheme, testVersionTables } from "@plimsoll/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { conanVersions } from "./versions.ts";

// Conan compares a number with a word as text, which is not transitive ("10" < "1a" < "2"): words start with letters here.
const item = fc.oneof(fc.nat(30).map(String), fc.stringMatching(/^[a-z]{1,3}$/));
const arbitrary = fc
  .tuple(
    fc.array(item, { minLength: 1, maxLength: 4 }),
    fc.array(item, { maxLength: 2 }),
    fc.array(item, { maxLength: 2 }),
  )
  .map(
    ([main, pre, build]) =>
      main.join(".") +
      (pre.length === 0 ? "" : `-${pre.join(".")}`) +
      (build.length === 0 ? "" : `+${build.join(".")}`),
  );

testVersionScheme(conanVersions, {
  ordered: [
    "1.a10 < 1.a9",
    "1.10a < 1.9a",
    "0 = 0.0",
    "1.00 = 1",
    "1.10 < 1.a",
    "# docs.conan.io/2/tutorial/versioning/version_ranges.html",
    "1 = 1.0.0",
    "1.0-pre1 < 1.0",
    "1.0 < 1.0+b1",
    "1.1.10 > 1.1.9",
    "cci.20200101 > 9.0",
    "1.0-alpha < 1.0-beta",
    "1.0-alpha+1 = 1.0-alpha+1",
    "1.0-alpha.9 < 1.0-alpha.10",
    "1.0+a < 1.0+b",
    "1.0-a+b > 1.0-a",
    "1.0- < 1.0-a",
    "1.a < 1.b",
    "1.9 < 1.a",
  ],
  invalid: ["", "1 2", "[>1.0]", "1/2"],
  arbitrary,
});

testVersionTables(conanVersions, { table: "conan" });

test.each([
  // https://docs.conan.io/2/tutorial/versioning/version_ranges.html
  ["2.5.9", "~2.5.1", true],
  ["2.6.0", "~2.5.1", false],
  ["1.9", "^1.2.3", true],
  ["2.0-pre", "^1.2.3", false],
  ["3.3", ">1 <2.0 || ^3.2", true],
  ["1.0", "*, include_prerelease=True", true],
  ["1.0", "*,include_prerelease", true],
  ["1.0", "*, include_prerelease = True", true],
  ["1.0", ">0.9, include_prerelease, loose=False", true],
  ["0.8", ">0.9, include_prerelease, loose=False", false],
  ["1.0", "*", true],
  ["1.0", "<1.0 || *", true],
  ["1.0", "* <0.9", false],
  ["1.5", " [>1.0 <2.0] ", true],
  ["2.5", "[>1.0 <2.0]", false],
  ["1.5", "in [>1.0 <2.0]", undefined],
  ["1.5", "[>1.0 <2.0] here", undefined],
  ["1.5", "1.*", true],
  ["2.5", "1.0 [>1.0 <2.0]", undefined],
  ["0.0-a", "*", false],
  ["0.0-a", "<1 *", false],
  ["0.0-a", "* <1", false],
])("%s in %s is %s", (version, range, expected) => {
  expect(conanVersions.satisfies(version, range)).toBe(expected);
});
