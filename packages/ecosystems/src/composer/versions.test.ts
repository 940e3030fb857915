import { processorTime, sharedTable, testVersionScheme } from "@plimsoll/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { composerAdvisoryVersions, composerVersions } from "./versions.ts";

testVersionScheme(composerVersions, {
  ordered: [
    "1.10.20-p1 = 1.10.20.0-p1",
    "1-p12 = 1.0.0.0-p12",
    "1-p1.12 = 1.0.0.0-p1.12",
    "1-p1-2 = 1.0.0.0-p1-2",
    "10.x-dev > 10.9",
    "1.10.x-dev > 1.10.9",
    "1xdev > 1.9",
    "1.xdev > 1.9",
    "1-x-dev > 1.9",
    "1.x.5-dev > 1.9",
    "1.2.3.4.5.x-dev < 2",
    "1.x-dev1 < 1.9",
    "1.2.3.4.5-p1 < 1.3",
    "1p1foo > 1.5",
    "1.0-xyz < 1.0",
    "1-p1 > 1.0.0.0.1",
    "1.0-foo < 1.0-dev",
    "1.0# = 1.0",
    "v1.0 = 1.0",
    "1.0pl1 = 1.0PL1",
    "1.0.0.0-p1 = 1-p1",
    "1-p2 < 1-p10",
    "1.x-dev > 1.9",
    "1.2.3.x-dev > 1.2.3.9999998",
    "0010 = 10",
    "1.100 = 1.0100",
    "1.0+a = 1.0",
    "2-p1 > 2.0.0.0",
    "10v5 < 10",
    "1.0dev < 1.0",
    "1-dev < 1",
    "1.0.0-dev < 1.0.0-alpha1",
    "1.0.0-a1 = 1.0.0alpha1",
    "1.0.0-beta2 < 1.0.0-RC1",
    "1.0.0-RC1 < 1.0.0",
    "1.0.0 < 1.0.0-p1",
    "1.0.0pl2 > 1.0.0p1",
    "v1.2.3 = 1.2.3",
    "1.10.0 > 1.9.0",
    "1.0 < 1.0.0",
    // As composer/semver brings them into normal form.
    "10-pl3 < 10.10.0.3",
    "2.x-dev > 2.10.0",
    "2.x-dev < 3.0.0-dev",
    "1.0.0+build = 1.0.0",
  ],
  invalid: ["", "dev-main", "main", "1.0 2", "self.version"],
  arbitrary: fc.stringMatching(/^v?[0-9]{1,2}(\.[0-9]{1,2}){0,3}(-?(dev|alpha|a|beta|b|RC|rc|p|pl)[0-9]?)?$/),
});

const rows = sharedTable("conformance/versions/packagist.csv") ?? [];

test.skipIf(rows.length === 0)("every published comparison of Composer versions holds", () => {
  const failed = rows.filter(({ a = "", op = "", b = "", note }) => {
    const order = composerVersions.compare(a, b) ?? Number.NaN;
    const holds = {
      "<": order < 0,
      "=": order === 0,
      ">": order > 0,
      "<=": order <= 0,
      ">=": order >= 0,
      "!=": order !== 0,
    }[op];
    return holds !== true && note !== "invalid-version-ordering";
  });

  expect(failed.map(({ a, op, b }) => `${a} ${op} ${b}`)).toEqual([]);
});

test.each([
  // https://getcomposer.org/doc/articles/versions.md
  ["1.4.0", "^1.2.3", true],
  ["2.0.0", "^1.2.3", false],
  ["2.0.0-beta1", "^1.2.3", false],
  ["0.3.5", "^0.3", true],
  ["0.4.0", "^0.3", false],
  ["1.9.0", "~1.2", true],
  ["1.3.0", "~1.2.3", false],
  ["1.2.9", "~1.2.3", true],
  ["1.0.7", "1.0.*", true],
  ["1.1.0", "1.0.*", false],
  ["1.5.0", "1.0.0 - 2.0.0", true],
  ["2.5.0", "1.0.0 - 2.0.0", false],
  ["3.1.0", "^1.0 | ^3.0", true],
  ["1.2.0", ">=1.0,<1.1 || >=1.2", true],
  ["dev-main", "^1.0", undefined],
  ["1.0.0", "^main", undefined],
])("Composer: %s in %s is %s", (version, range, expected) => {
  expect(composerVersions.satisfies(version, range)).toBe(expected);
});

test("a bound leaves the pre-releases of what comes next out, and blanks around a version are none of it", () => {
  expect(composerVersions.bounds?.("^1.2")).toEqual([
    [
      { comparator: ">=", version: "1.2" },
      { comparator: "<", version: "2-dev" },
    ],
  ]);
  expect(composerVersions.compare(" v1.0 ", "1.0")).toBe(0);
  expect(composerVersions.isValid("1".repeat(256))).toBe(true);
  expect(composerVersions.isValid("1".repeat(257))).toBe(false);
});

test.each([
  // Each as composer/semver's Comparator answers.
  ["2.0.0-beta1", "<", "2.0"],
  ["2.0.0-beta1", "<", "2.0-beta2"],
  ["2.0", "=", "2.0.0"],
  ["v2.0.0.0", "=", "2"],
  ["2.0.0-stable", "=", "2.0"],
  ["2.0.0+build", "=", "2.0"],
  ["2.0.0-RC2", "<", "2.0.0"],
  ["2.0.0-dev", "<", "2.0-alpha"],
  ["2.1.0-alpha.14", ">", "2.1-alpha.4"],
  ["2.0.0-p1", ">", "2.0"],
  ["2.x-dev", ">", "2.5"],
  ["20240101", ">", "99999.1"],
])("in ranges of advisories %s is %s %s", (a, operator, b) => {
  const order = Math.sign(composerAdvisoryVersions.compare(a, b) ?? Number.NaN) + 0;

  expect({ "-1": "<", "0": "=", "1": ">" }[String(order)]).toBe(operator);
});

test.each([
  ["2.0.0", "<=2.0", true],
  ["2.0.0-beta1", "<2.0", true],
  ["2.0", ">=1.0, <2.0.0", false],
  ["2.5.1", "^2.0", true],
  ["8.x-1.5", "<8.x-1.6", true],
  ["8.x-1.6", "<8.x-1.6", false],
  ["dev-main", "<2.0", undefined],
])("an advisory's %s in %s: %s", (version, range, expected) => {
  expect(composerAdvisoryVersions.satisfies(version, range)).toBe(expected);
});

test("the digits of a pre-release are looked at once", () => {
  const started = processorTime();

  expect(composerAdvisoryVersions.satisfies(`1.0a${"1".repeat(30)}~`, "<2.0")).toBe(true);
  // Split in every way, each digit more takes twice as long: these take seconds.
  expect(processorTime() - started).toBeLessThan(1_000);
});
