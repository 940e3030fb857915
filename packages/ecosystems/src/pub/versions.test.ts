import { testVersionScheme, testVersionTables } from "@plimsoll/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { pubVersions } from "./versions.ts";

const identifier = fc.stringMatching(/^[0-9A-Za-z]{1,4}$/);
const arbitrary = fc
  .tuple(
    fc.array(fc.nat(30).map(String), { minLength: 1, maxLength: 4 }),
    fc.array(identifier, { maxLength: 2 }),
    fc.array(identifier, { maxLength: 2 }),
  )
  .map(
    ([numbers, pre, build]) =>
      numbers.join(".") +
      (pre.length === 0 ? "" : `-${pre.join(".")}`) +
      (build.length === 0 ? "" : `+${build.join(".")}`),
  );

testVersionScheme(pubVersions, {
  ordered: [
    "0 < 0.0.0-a",
    "1.10.0 > 1.9.0",
    "1.0.0-a.9 < 1.0.0-a.10",
    "1.0.0+a.9 < 1.0.0+a.10",
    "# pub_semver, README: build metadata counts",
    "1.0.0 < 1.0.0+1",
    "1.0.0+1 < 1.0.0+2",
    "1.0.0+9 < 1.0.0+10",
    "1.0.0-a < 1.0.0",
    "1.0.0-9 < 1.0.0-10",
  ],
  invalid: ["", "a", "1.", "1.0.0-", "1.0.0+", "any"],
  arbitrary,
});

testVersionTables(pubVersions, {
  table: "pub",
});

test.each([
  ["1.9.0", "^1.2.3", true],
  ["2.0.0-dev", "^1.2.3", false],
  ["0.2.0", "^0.1.5", false],
  ["0.1.9", "^0.1.5", true],
  ["1.0.0", "any", true],
  ["1.5.0", ">=1.0.0 <2.0.0", true],
  ["1.5.0", "^", undefined],
  ["1.9.0", " ^ 1.2.3 ", true],
  ["1.2.2", "^1.2.3", false],
  ["2.0.0", "^1.2.3", false],
  ["0.2.0-dev", "^0.1.5", false],
  ["0.0.9", "^0", true],
  ["0.1.0", "^0", false],
  ["1.0.0", "^x", undefined],
  ["1.9.0", "^1.2.3 || 3", undefined],
  ["x", "any", undefined],
  ["1.5.0", " any ", true],
  [" 1.5.0 ", "any", true],
  ["1.5.0", "1^1.2.3", undefined],
])("%s in %s is %s", (version, range, expected) => {
  expect(pubVersions.satisfies(version, range)).toBe(expected);
});
