import { testParserCases } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { bitnamiComponents, bitnamiSpdx } from "./components.ts";
import { bitnami } from "./index.ts";

testParserCases({
  folder: "bitnami/cataloger",
  analyzers: [bitnamiSpdx, bitnamiComponents],
  // The table has the first package of a list that the published test makes of two: what PostgreSQL bundles is in the other.
  ignore: ({ name }, { dir }) => dir.endsWith("parse-valid-postgresql-sbom") && name !== "postgresql",
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
