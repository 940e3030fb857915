import { sharedTable, testVersionScheme } from "@plimsoll/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { goVersions } from "./versions.ts";

testVersionScheme(goVersions, {
  ordered: [
    "v1.0.0-go2 > v1.0.0-go10",
    "v1.2.3 = 1.2.3",
    "go1.22rc1 < go1.22",
    "go1.9 < go1.10",
    "1.22.0 = go1.22",
    "v0.0.0-20180116102854-5a71ef0e047d < v0.0.0-20190116102854-000000000000",
    "v0.0.0-20180116102854-5a71ef0e047d < v0.0.1",
    "v1.2.4-0.20180116102854-5a71ef0e047d > v1.2.3",
    "v2.0.0+incompatible = v2.0.0",
    "v2.0.0+incompatible+dirty = v2.0.0",
  ],
  invalid: ["", "(devel)", "./local", "v", "go", "vv1.0.0"],
  arbitrary: fc.stringMatching(
    /^v?[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,2}(-(rc\.[0-9]|0\.[0-9]{14}-[0-9a-f]{12}))?(\+incompatible)?$/,
  ),
});

const order = (sharedTable("conformance/versions/go.csv") ?? []).map(({ a = "", op = "", b = "" }) => ({ a, op, b }));

describe.skipIf(order.length === 0)("published order of Go versions", () => {
  test.each(order)("$a $op $b", ({ a, op, b }) => {
    const result = Math.sign(goVersions.compare(a, b) ?? Number.NaN);

    expect(result).toBe({ "<": -1, "=": 0, ">": 1 }[op]);
  });
});

const ranges = sharedTable("conformance/ranges/go.csv") ?? [];

describe.skipIf(ranges.length === 0)("published Go ranges", () => {
  test.each(ranges)("$version in $constraint: $satisfied", ({ version = "", constraint = "", satisfied }) => {
    expect(goVersions.satisfies(version, constraint)).toBe(satisfied === "true");
  });
});

test("blanks around a version are none of it", () => {
  expect(goVersions.compare(" go1.2 ", "v1.2.0")).toBe(0);
});
