import { observe } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { gradleCatalog } from "./gradle-catalog.ts";

test("a range is no version; within it counts what is preferred", async () => {
  const { packages } = await observe(
    gradleCatalog,
    "gradle/libs.versions.toml",
    `[versions]
preferred = { strictly = "[1.0, 2.0[", prefer = "1.5" }
strict = { strictly = "1.7", prefer = "1.5" }
required = { require = "3.1" }
[libraries]
a = { module = "x:preferred", version.ref = "preferred" }
b = { module = "x:strict", version.ref = "strict" }
c = { module = "x:required", version.ref = "required" }
d = { module = "x:range", version = { strictly = "]1.0, 2.0]" } }
e = { module = "x:prefix", version = "1.+" }
f = { module = "x:newest", version = "latest.release" }
g = "x:inline:[1.0,2.0)"
h = "x:plain:2.6"
`,
  );

  expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual([
    "x:preferred 1.5",
    "x:strict 1.7",
    "x:required 3.1",
    "x:range ",
    "x:prefix ",
    "x:newest ",
    "x:inline ",
    "x:plain 2.6",
  ]);
});
