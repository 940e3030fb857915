import { observe } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { npm } from "./index.ts";
import { npmInstalled } from "./installed.ts";

const manifest = JSON.stringify({ name: "left-pad", version: "1.3.0" });

describe("package.json of installed packages", () => {
  test.each([
    "app/node_modules/left-pad/package.json",
    "node_modules/left-pad/package.json",
    "app/node_modules/@scope/left-pad/package.json",
    "app/node_modules/a/node_modules/left-pad/package.json",
    "app/node_modules/.pnpm/left-pad@1.3.0/node_modules/left-pad/package.json",
    "usr/local/lib/node_modules/npm/package.json",
    "opt/yarn-v1.22.22/package.json",
  ])("%s counts", async (path) => {
    expect((await observe(npmInstalled, path, manifest)).packages).toHaveLength(1);
  });

  test.each([
    "app/node_modules/a/dist/cjs/package.json",
    "app/node_modules/a/test/fixtures/left-pad/package.json",
    "app/node_modules/@scope/package.json",
    "app/node_modules/.bin/package.json",
    "app/node_modules/package.json",
  ])("%s lies inside a package, or is none", async (path) => {
    expect((await observe(npmInstalled, path, manifest)).all).toEqual([]);
  });

  test("name, version, licences, author and dependencies are kept as stated", async () => {
    const { packages } = await observe(
      npmInstalled,
      "node_modules/@a/b/package.json",
      JSON.stringify({
        name: "@a/b",
        version: " 1.0.0 ",
        licenses: [{ type: "MIT" }, "ISC"],
        author: { name: "Ada" },
        dependencies: { c: "^1.0.0" },
      }),
    );

    expect(packages).toEqual([
      { name: "@a/b", version: "1.0.0", licenses: ["MIT", "ISC"], supplier: "Ada", dependsOn: ["c"] },
    ]);
  });

  test.each([
    ["no version", '{"name":"a"}', 0],
    ["types that are wrong", '{"name":["a"],"version":1}', 2],
    ["prototype keys", '{"__proto__":{"name":"a","version":"1.0.0"}}', 0],
    ["a list", "[]", 1],
    ["half a file", '{"name":"a"', 1],
    ["bytes that are no text", "\u0000\ufffd", 1],
    ["ten thousand levels", `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`, 1],
  ])("%s: no package, and a diagnostic where something is wrong", async (_, text, count) => {
    const { packages, diagnostics } = await observe(npmInstalled, "node_modules/a/package.json", text);

    expect(packages).toEqual([]);
    expect(diagnostics.map(({ location }) => location?.path)).toEqual(
      Array.from({ length: count }, () => "node_modules/a/package.json"),
    );
  });
});

test("purl and advisory key name the package as npm does", () => {
  const pkg = { name: "@Scope/Name", version: "1.0.0" };
  const found = { ...pkg, id: "", ecosystem: "npm", purl: "", locations: [] };

  expect(npm.purl(pkg, undefined)).toBe("pkg:npm/%40Scope/Name@1.0.0");
  expect(npm.advisoryKeys(found, undefined)).toEqual([{ namespace: "npm", ...pkg }]);
  expect(npm.advisoryKeys({ ...found, facts: { private: "true" } }, undefined)).toEqual([]);
});
