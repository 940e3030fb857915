import { testVersionScheme } from "@plimsoll/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nginxVersions } from "./versions.ts";

testVersionScheme(nginxVersions, {
  ordered: ["1.9.0 < 1.10.0", "1.20 < 1.20.1", "1.0.0 = 1.0.0"],
  invalid: [""],
  arbitrary: fc.stringMatching(/^[0-9]{1,3}(\.[0-9]{1,3}){0,3}$/),
});

describe("ranges of the advisories of nginx", () => {
  test.each([
    ["1.20.0", "0.6.18-1.20.0", true],
    ["0.6.18", "0.6.18-1.20.0", true],
    ["1.20.1", "0.6.18-1.20.0", false],
    ["0.6.17", "0.6.18-1.20.0", false],
    ["12.0.0", "11.0.0-12.0.0", true],
    ["1.5.0", "1.5.0", true],
    ["1.5.1", "1.5.0", false],
    ["1.5.1", "all", true],
    // What is fixed in a branch of development is fixed in all that came after it.
    ["1.5.0", "1.5.0+", true],
    ["1.4.9", "1.5.0+", false],
    ["1.17.3", "1.5.0+", true],
    ["2.0.0", "1.5.0+", true],
    // What is fixed in a stable branch, whose second number is even, stays so within that branch.
    ["1.4.1", "1.4.1+", true],
    ["1.4.99", "1.4.1+", true],
    ["1.4.0", "1.4.1+", false],
    ["1.5.0", "1.4.1+", false],
    ["1.10.2", "1.10.1+", true],
    ["1.11.0", "1.10.1+", false],
    ["0.0.1", "0+", true],
    ["0.0.9", "0+", true],
    ["0.1.0", "0+", false],
    // Alternatives.
    ["1.5.0", "1.5.0+, 1.4.1+", true],
    ["1.4.2", "1.5.0+ , 1.4.1+", true],
    ["1.4.0", "1.5.0+,1.4.1+", false],
  ])("%s in %s: %s", (version, range, expected) => {
    expect(nginxVersions.satisfies(version, range)).toBe(expected);
  });

  test.each([
    "",
    "none",
    "1.x",
    "1.5.0++",
    "-1.20.0",
    "1.5.0-",
    "1.5.0-1.6.0+",
    "1.5.0+, none",
    "v1.5.0",
    "1.5.0 beta",
  ])("%j is none", (range) => {
    expect(nginxVersions.satisfies("1.5.0", range)).toBeUndefined();
    expect(nginxVersions.bounds?.(range)).toBeUndefined();
  });

  test("are told as their bounds", () => {
    expect(nginxVersions.bounds?.("1.5.0+, 1.4.1+, 0.6.18-1.20.0, 1.3.0, all")).toEqual([
      [{ comparator: ">=", version: "1.5.0" }],
      [
        { comparator: ">=", version: "1.4.1" },
        { comparator: "<", version: "1.5.0" },
      ],
      [
        { comparator: ">=", version: "0.6.18" },
        { comparator: "<=", version: "1.20.0" },
      ],
      [{ comparator: "=", version: "1.3.0" }],
      [{ comparator: "*", version: "" }],
    ]);
  });
});
