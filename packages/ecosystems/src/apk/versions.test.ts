import { testVersionScheme, testVersionTables } from "@plimsoll/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { versions } from "./versions.ts";

const number = fc.oneof(fc.nat(30).map(String), fc.stringMatching(/^0{0,2}\d{1,25}$/));
const arbitrary = fc
  .tuple(
    fc.array(number, { minLength: 1, maxLength: 4 }).map((numbers) => numbers.join(".")),
    fc.constantFrom("", "", "a", "b", "p1"),
    fc.array(
      fc
        .tuple(
          fc.constantFrom("alpha", "beta", "pre", "rc", "cvs", "svn", "git", "hg", "p"),
          fc.constantFrom("", "1", "2"),
        )
        .map(([name, count]) => `_${name}${count}`),
      { maxLength: 2 },
    ),
    fc.constantFrom("", "", "~a1b2", "~ff"),
    fc.constantFrom("", "-r0", "-r1", "-r10"),
  )
  .map(([numbers, letter, suffixes, hash, revision]) => numbers + letter + suffixes.join("") + hash + revision);

testVersionScheme(versions, {
  ordered: [
    "1.2_rc1_p2 > 1.2_rc1_p1",
    "1.02 < 1.1",
    "1.0 < 1.00",
    "01 = 1",
    "1.2-r009 = 1.2-r9",
    "1.2a < 1.2a1",
    "1.2a9 < 1.2a10",
    "1.2a01 = 1.2a1",
    "1.2_rc < 1.2_rc1",
    "1.2_rc9 < 1.2_rc10",
    "1.2 < 1.2~ab",
    "1.2~ab < 1.2~ac",
    "1.2~ab > 1.2-r1",
    "1.2-r009 < 1.2-r10",
    "1.2_p < 1.2_p1",
    "1..2 < 1.1",
    "1.2_x < 1.2",
    "1.2a.3 < 1.2a",
    ".5 < 0.5",
    "# apk-tools, test/version.data and the order in src/version.c",
    "1.0 < 1.1",
    "1.9 < 1.10",
    "2.34 > 0.1.0_alpha",
    "1.2.0_rc1 < 1.2.0",
    "1.2_alpha < 1.2_beta",
    "1.2_pre < 1.2_rc",
    "1.2 < 1.2_cvs",
    "1.2_cvs < 1.2_svn",
    "1.2_hg < 1.2_p",
    "1.2_p1 < 1.2_p2",
    "1.0 < 1.0a",
    "1.0a < 1.0b",
    "1.0-r1 = 1.0-r01",
    "1.0 < 1.0-r0",
    "1.0-r9 < 1.0-r10",
    "1.02 < 1.1",
    "1.0 < 1.00",
    "1.0.0 > 1.0",
    "99999999999999999999 < 100000000000000000000",
  ],
  invalid: ["", " ", "1.0 ", "1/2", "-r1", "~1", "1\n", "invalid", "a"],
  arbitrary,
});

testVersionTables(versions, { table: "alpine" });

test("names of branches come after all versions, other texts are none", () => {
  expect(versions.compare("edge", "1.0")).toBeGreaterThan(0);
  expect(versions.compare("+edge", "1.0")).toBeUndefined();
});
