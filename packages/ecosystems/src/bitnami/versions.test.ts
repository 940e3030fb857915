import { sharedTable, testVersionScheme } from "@plimsoll/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bitnamiVersions } from "./versions.ts";

testVersionScheme(bitnamiVersions, {
  ordered: [
    "1.2.3-1.rc < 1.2.3-2.rc",
    "1.2.3-1 = 1.2.3",
    "1.2.3-4 = 1.2.3-1",
    "1.2.4-0 > 1.2.3-9",
    "1.2.3-rc.1-2 < 1.2.3",
    "1.2 = 1.2.0",
  ],
  invalid: ["", "latest", "-1"],
  arbitrary: fc.stringMatching(/^[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,2}(-[0-9]{1,2})?$/),
});

const ranges = sharedTable("conformance/ranges/bitnami.csv") ?? [];

describe.skipIf(ranges.length === 0)("published Bitnami ranges", () => {
  test.each(ranges)("$version in $constraint: $satisfied", ({ version = "", constraint = "", satisfied }) => {
    expect(bitnamiVersions.satisfies(version, constraint)).toBe(satisfied === "true");
  });
});

describe("a range counts the packaging", () => {
  test.each([
    // Only where it states one.
    ["1.2.3-9", "<=1.2.3", true],
    ["1.2.3-9", "<1.2.3", false],
    ["1.2.3-9", ">1.2.3", false],
    ["1.2.3-4", "<1.2.3-5", true],
    ["1.2.3-5", "<1.2.3-5", false],
    ["1.2.3-r4", "<1.2.3-r5", true],
    ["1.2.3-10", "<1.2.3-9", false],
    // Without one it is older than the first.
    ["1.2.3", "<1.2.3-1", true],
    ["1.2.3", "=1.2.3-0", true],
    ["1.2.4-1", "<1.2.3-5", false],
    ["1.2.2-9", "<1.2.3-5", true],
    ["latest", "<1.2.3-5", undefined],
  ])("%s in %s: %s", (version, range, expected) => {
    expect(bitnamiVersions.satisfies(version, range)).toBe(expected);
  });

  test.each([
    ["1.2.9-3", "^1.2.3", true],
    ["2.0.0-0", "^1.2.3", false],
    ["1.2.3-2", "^1.2.3-5", false],
    ["1.3.0", "~1.2", false],
    ["1.2.7-r1", "~1.2", true],
    ["1.4.0-2", "1.x", true],
    ["2.4.0", "1.*, <3 || >= 2.5", false],
    ["2.5.0-1", "1.* || >= 2.5", true],
    ["1.0.0-4", "*", true],
    ["latest", "*", undefined],
    ["1.0.0", "^latest", undefined],
  ])("where its operators fix the first numbers: %s in %s: %s", (version, range, expected) => {
    expect(bitnamiVersions.satisfies(version, range)).toBe(expected);
  });

  test("and blanks around versions are none of them", () => {
    expect(bitnamiVersions.satisfies(" 1.2.3-4 ", "<1.2.3-5")).toBe(true);
    expect(bitnamiVersions.satisfies(" 1.2.3-5 ", "<1.2.3-5")).toBe(false);
    expect(bitnamiVersions.compare(" 1.2.3-4 ", "1.2.3")).toBe(0);
  });
});
