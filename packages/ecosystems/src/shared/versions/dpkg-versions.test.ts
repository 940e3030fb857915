import { testVersionScheme, testVersionTables, sharedTable } from "@plimsoll/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { adoptEpoch } from "./adopt-epoch.ts";
import { dpkgVersions as versions } from "./dpkg-versions.ts";

const arbitrary = fc
  .tuple(
    fc.constantFrom("", "", "0:", "1:", "007:"),
    fc.stringMatching(/^[0-9][0-9a-c.+~]{0,8}$/),
    fc.constantFrom("", "-1", "-0", "-1~rc1", "-2+deb12u1", "-1ubuntu1"),
  )
  .map((parts) => parts.join(""));

testVersionScheme(versions, {
  ordered: [
    "00:0 < 0:0~0",
    "1:0 > 1:0~0",
    "1.0010 = 1.10",
    "10:1 > 9:1",
    "1.0010 > 1.9",
    "1.Z < 1.a",
    "1.z < 1.+",
    "1.0a0 = 1.0a",
    "# deb-version(7) and Debian Policy 5.6.12",
    "1.0~~ < 1.0~~a",
    "1.0~~a < 1.0~",
    "1.0~ < 1.0",
    "1.0 < 1.0a",
    "1.0a < 1.0+",
    "1.0 = 1.0-0",
    "1.0-1 < 1.0-1+b1",
    "1.0-1~deb12u1 < 1.0-1",
    "9:1 > 1:9",
    "0:1.0 = 1.0",
    "1.9 < 1.10",
    "1.01 = 1.1",
    "1.2-3-4 > 1.2-3",
    "0 < 0~0",
    "0:0 = 0",
    "99999999999999999999 < 100000000000000000000",
  ],
  invalid: [
    "a1:1",
    "1a:1",
    "",
    " ",
    "1-",
    "a1",
    "1:",
    ":1",
    "a:1",
    "-1",
    "1 0",
    "1-1!",
    "1.0\n",
    "2:-1ubuntu3.1",
    "invalid",
    "<end-of-life>",
  ],
  arbitrary,
});

testVersionTables(versions, { table: "debian" });

test.each([
  ["1.0", "2:1.1", "2:1.0"],
  ["1.0", "12:1.1", "12:1.0"],
  ["1.0", "1.1", "1.0"],
  ["0:1.0", "2:1.1", "0:1.0"],
  ["12:1.0", "2:1.1", "12:1.0"],
  // An epoch stands at the start, and is a number.
  ["1.0", "1.1-2:3", "1.0"],
  ["1.0", "a:1.1", "1.0"],
  ["1.0-2:3", "2:1.1", "2:1.0-2:3"],
  ["a:1.0", "2:1.1", "2:a:1.0"],
])("%s beside %s is %s", (version, bound, expected) => {
  expect(adoptEpoch(version, bound)).toBe(expected);
});

const epochs = sharedTable("conformance/versions-missing-epoch.csv")?.filter(({ scheme }) => scheme === "deb");

describe.skipIf(epochs === undefined)("missing epochs", () => {
  test.each(epochs ?? [])("$package_version $op $advisory_version by $strategy", (row) => {
    const { package_version: version = "", advisory_version: bound = "", strategy, op = "" } = row;
    const order = versions.compare(strategy === "auto" ? adoptEpoch(version, bound) : version, bound) ?? Number.NaN;

    expect(Math.sign(order) + 0).toBe({ "<": -1, "=": 0, ">": 1 }[op]);
  });
});

test("words for no version come after all versions, other texts are none", () => {
  expect(versions.compare("undetermined", "1")).toBeGreaterThan(0);
  expect(versions.compare("invalid", "unknown")).toBeLessThan(0);
  expect(versions.compare("unknown", "invalid")).toBeGreaterThan(0);
  expect(versions.compare("<end-of-life>", "1")).toBeDefined();
  for (const text of ["<end of life>", "Invalid", "no version", "<>", "x<a>", "<a>x", "<A>"])
    expect(versions.compare(text, "1"), text).toBeUndefined();
});
