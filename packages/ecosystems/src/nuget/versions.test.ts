import { testVersionScheme, testVersionTables } from "@plimsoll/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { nugetVersions } from "./versions.ts";

const identifier = fc.stringMatching(/^[0-9A-Za-z-]{1,6}$/);
const arbitrary = fc
  .tuple(
    fc.array(fc.nat(99).map(String), { minLength: 1, maxLength: 4 }),
    fc.array(identifier, { maxLength: 3 }),
    fc.constantFrom("", "+a1", "+B.2"),
  )
  .map(([numbers, pre, build]) => numbers.join(".") + (pre.length === 0 ? "" : `-${pre.join(".")}`) + build);

testVersionScheme(nugetVersions, {
  ordered: [
    "1.0.1-20 < 1.0.1-1a",
    "1.0.1-2 < 1.0.1-1a",
    "1.0.1-rc.100 > 1.0.1-rc.20",
    "0 < 0.0.0-a",
    "1.0.1-10 < 1.0.1-a",
    "# learn.microsoft.com/nuget/concepts/package-versioning",
    "1.0 = 1.0.0.0",
    "1.0.1-aaa < 1.0.1-alpha",
    "1.0.1-alpha < 1.0.1-Beta",
    "1.0.1-alpha2 > 1.0.1-alpha10",
    "1.0.1-rc.2 < 1.0.1-rc.10",
    "1.0.1 < 1.0.1.1",
    "1.0.0+a = 1.0.0+b",
  ],
  invalid: ["", "1.0.0.0.0", "1.*", "$(Version)", "a"],
  arbitrary,
});

testVersionTables(nugetVersions, {
  table: "nuget",
});

test.each([
  ["1.0", "1.0", true],
  ["2.0", "1.0", true],
  ["0.9", "1.0", false],
  ["1.0", "(1.0,)", false],
  ["1.0", "[1.0]", true],
  ["2.0", "[1.0,2.0)", false],
  ["1.9", "[1.0,2.0)", true],
  ["1.0", "(,1.0]", true],
  ["1.3", "1.*", true],
  ["1.3", ">= 1.0, < 1.3", false],
  ["1.3", "[1.0", undefined],
  ["x", "[1.0,2.0]", undefined],
  ["2.0", "[1.0]", false],
  ["x", "[1.0]", undefined],
  ["1.0", " [ 1.0 ] ", true],
  ["1.0", "[1.0,2.0)", true],
  ["1.0", "(1.0,2.0)", false],
  ["1.5", "(1.0,2.0)", true],
  [" 1.5 ", "(1.0,2.0)", true],
  ["2.0", "[1.0,2.0]", true],
  ["2.1", "[1.0,2.0]", false],
  ["0.9", "[1.0,2.0]", false],
  ["1.5", "[ 1.0 , 2.0 ]", true],
  ["2.5", "[ 1.0 , 2.0 ]", false],
  ["1.5", "[,]", true],
  ["1.5", "[1.0,]", true],
  ["x", "(,)", undefined],
  // One bound that says no is enough, and one that nobody can read leaves the other to say so.
  ["3.0", "[x,2.0]", false],
  ["0.5", "[1.0,x]", false],
  ["1.5", "[x,2.0]", undefined],
  ["1.5", "[1.0,x]", undefined],
  ["1.5", "[1.0,2.0] or more", undefined],
  ["1.5", "of [1.0,2.0]", undefined],
  ["1.2.9", "1.2.*", true],
  ["1.1.9", "1.2.*", false],
  ["12.0", "12.*", true],
  ["11.9", "12.*", false],
  ["1.20.3", "1.20.*", true],
  ["1.19", "1.20.*", false],
  ["1.2.3.4", "1.2.3.*", true],
  ["0.1", "*", true],
  ["1.0", "*-*", true],
  ["x", "*", undefined],
  ["1.0", "1.2.3.4.*", undefined],
  ["1.0", "1.*.2", undefined],
  ["1.0", "v1.*", undefined],
])("%s in %s is %s", (version, range, expected) => {
  expect(nugetVersions.satisfies(version, range)).toBe(expected);
});

test.each([
  [" 1.0 ", [[{ comparator: ">=", version: "1.0" }]]],
  ["[1.0]", [[{ comparator: "=", version: "1.0" }]]],
  ["<1.0", [[{ comparator: "<", version: "1.0" }]]],
])("the bounds of %s", (range, expected) => {
  expect(nugetVersions.bounds?.(range)).toEqual(expected);
});
