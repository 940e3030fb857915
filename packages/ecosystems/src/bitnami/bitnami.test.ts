import { sharedTable, testParserCases, testVersionScheme } from "@plimsoll/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bitnamiComponents, bitnamiSpdx } from "./components.ts";
import { bitnami } from "./index.ts";
import { bitnamiVersions } from "./versions.ts";

testParserCases({
  folder: "bitnami/cataloger",
  analyzers: [bitnamiSpdx, bitnamiComponents],
  // The table has the first package of a list that the published test makes of two: what PostgreSQL bundles is in the other.
  ignore: ({ name }, { dir }) => dir.endsWith("parse-valid-postgresql-sbom") && name !== "postgresql",
});

testVersionScheme(bitnamiVersions, {
  ordered: ["1.2.3-1 = 1.2.3", "1.2.3-4 = 1.2.3-1", "1.2.4-0 > 1.2.3-9", "1.2.3-rc.1-2 < 1.2.3", "1.2 = 1.2.0"],
  invalid: ["", "latest", "-1"],
  arbitrary: fc.stringMatching(/^[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,2}(-[0-9]{1,2})?$/),
});

const ranges = sharedTable("conformance/ranges/bitnami.csv") ?? [];

describe.skipIf(ranges.length === 0)("published Bitnami ranges", () => {
  test.each(ranges)("$version in $constraint: $satisfied", ({ version = "", constraint = "", satisfied }) => {
    expect(bitnamiVersions.satisfies(version, constraint)).toBe(satisfied === "true");
  });
});

test("purl and key", () => {
  const pkg = {
    name: "redis",
    version: "7.4.0-0",
    architecture: "amd64",
    facts: { distro: "debian-12" },
    id: "",
    ecosystem: "bitnami",
    purl: "",
    locations: [],
  };

  expect(bitnami.purl(pkg, undefined)).toBe("pkg:bitnami/redis@7.4.0-0?arch=amd64&distro=debian-12");
  expect(bitnami.advisoryKeys(pkg, undefined)).toEqual([{ namespace: "Bitnami", name: "redis", version: "7.4.0-0" }]);
});
