import { sharedTable, testVersionScheme } from "@plimsoll/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatPep440, parsePep440 } from "./pep440.ts";
import { pypiVersions, rebuiltPypiVersions } from "./versions.ts";

testVersionScheme(pypiVersions, {
  ordered: [
    "0 < 0.dev0",
    // PEP 440, "Summary of permitted suffixes and relative ordering".
    "1.dev0 < 1.0.dev456",
    "1.0.dev456 < 1.0a1",
    "1.0a1 < 1.0a2.dev456",
    "1.0a12 < 1.0b1.dev456",
    "1.0b2.post345 < 1.0rc1",
    "1.0rc1 < 1.0",
    "1.0 < 1.0+abc.5",
    "1.0+abc.7 < 1.0+5",
    "1.0.post456.dev34 < 1.0.post456",
    "1.0.15 < 1.1.dev1",
    "1.0-1 = 1.0.post1",
    "1.0 = 1.0.0",
    "1!0.1 > 2024.1",
    "99999999999999999999.1 > 99999999999999999998.9",
    // Before PEP 440.
    "0.4m1 < 0.4m2",
    "0.4m1 < 0.1",
  ],
  invalid: ["", "french toast", "1.0+a+", "1.0+_foobar", "1.0+foo&asd", "1.0/2"],
  arbitrary: fc.stringMatching(
    /^([0-9]!)?[0-9]{1,2}(\.[0-9]{1,2}){0,3}((a|b|rc)[0-9])?(\.post[0-9])?(\.dev[0-9])?(\+[a-z0-9]{1,3}(\.[a-z0-9]{1,2})?)?$/,
  ),
});

const holds = (order: number, operator = ""): boolean | undefined =>
  ({ "<": order < 0, "=": order === 0, ">": order > 0, "<=": order <= 0, ">=": order >= 0, "!=": order !== 0 })[
    operator
  ];

const rows = sharedTable("conformance/versions/pypi.csv") ?? [];

test.skipIf(rows.length === 0)("every published comparison of Python versions holds", () => {
  const failed = rows.filter(
    ({ a = "", op, b = "", note = "" }) =>
      holds(pypiVersions.compare(a, b) ?? Number.NaN, op) !== true && note !== "invalid-version-ordering",
  );

  expect(failed.map(({ a, op, b }) => `${a} ${op} ${b}`)).toEqual([]);
});

const ranges = (sharedTable("conformance/ranges/pypi.csv") ?? []).filter((row) => row["grammar"] !== "vers");

/** Rows of tools that compare by order alone, where PEP 440 says otherwise. */
const deviations = new Map([
  [">1.0, <2.0 2.0-beta-3", "an exclusive upper bound leaves out its own pre-releases"],
  ["> 1.1.1-pre1, < 1.1.1 1.1.1-pre2", "an exclusive upper bound leaves out its own pre-releases"],
  ["> 2.0.0+cgr.2 2.0.0+cgr.12", "an ordered comparison may not name a local version label"],
]);

describe.skipIf(ranges.length === 0)("published Python specifiers", () => {
  test.each(ranges)("$version in $constraint: $satisfied", ({ constraint = "", version = "", satisfied }) => {
    const answer = pypiVersions.satisfies(version, constraint);

    if (deviations.has(`${constraint} ${version}`)) expect(answer).not.toBe(satisfied === "true");
    else expect(answer).toBe(satisfied === "true");
  });
});

const validity = (sharedTable("conformance/ranges-valid.csv") ?? []).filter((row) => row["grammar"] === "pep440");

describe.skipIf(validity.length === 0)("published validity of Python specifiers", () => {
  test.each(validity)("$constraint is valid: $valid", ({ constraint = "", valid }) => {
    // Far from all bounds, so that no clause decides before another is read.
    const answers = ["0.dev0", "1.0", "2.1", "99"].map((version) => pypiVersions.satisfies(version, constraint));

    expect(answers.every((answer) => answer !== undefined)).toBe(valid === "true");
  });
});

const versions = (sharedTable("conformance/versions-valid.csv") ?? []).filter((row) => row["scheme"] === "pypi");

describe.skipIf(versions.length === 0)("published validity of Python versions", () => {
  test.each(versions)("$version is valid: $valid", ({ version = "", valid }) => {
    expect(parsePep440(version) !== undefined).toBe(valid === "true");
    expect(pypiVersions.isValid(version)).toBe(valid === "true");
  });
});

const canonical = sharedTable("conformance/versions-canonical.csv") ?? [];

describe.skipIf(canonical.length === 0)("published normal forms of Python versions", () => {
  test.each(canonical.filter((row) => row["scheme"] === "pypi"))(
    "$version is $canonical",
    ({ version = "", canonical: form }) => {
      const parsed = parsePep440(version);

      expect(parsed === undefined ? undefined : formatPep440(parsed)).toBe(form);
    },
  );
});

test("bounds are told as others write them", () => {
  expect(pypiVersions.bounds?.("~=1.4.2, ===1.4.5")).toEqual([
    [
      { comparator: ">=", version: "1.4.2" },
      { comparator: "<", version: "1.5" },
      { comparator: "=", version: "1.4.5" },
    ],
  ]);
});

test.each([
  ["1.0+cu.118", "1.0"],
  ["1.0", "1.0"],
  ["1.0+a+b", "1.0"],
])("%s without a local label is %s", (version, expected) => {
  expect(pypiVersions.withoutLocal?.(version)).toBe(expected);
});

test.each([
  // Labels are compared where the range has one.
  ["1.0+a.2", ">=1.0+a.1", true],
  ["1.0+a.2", "<1.0+a.1", false],
  ["1.0+a.2", "<1.0+a.10", true],
  // Else they do not count.
  ["1.0+a", "==1.0", true],
  ["1.0", "<1.1", true],
])("of a rebuilt package %s in %s: %s", (version, range, expected) => {
  expect(rebuiltPypiVersions.satisfies(version, range)).toBe(expected);
});

test("both schemes are told by the name of PyPI", () => {
  expect([pypiVersions.id, rebuiltPypiVersions.id]).toEqual(["pypi", "pypi"]);
});
