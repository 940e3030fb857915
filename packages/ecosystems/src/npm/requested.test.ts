import { observe } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { denoImports, denoRequested, npmRequested } from "./requested.ts";

test("the lowest versions of what a project asks for", async () => {
  const { packages } = await observe(
    npmRequested,
    "app/package.json",
    JSON.stringify({
      dependencies: {
        exact: "1.0.0",
        caret: "^0.4.2",
        above: ">2.0.0",
        alias: "npm:@real/name@~3.1",
        any: "*",
        below: "<2",
        tag: "latest",
        address: "git+https://example.org/a.git#v1.0.0",
        __proto__x: 7,
      },
      devDependencies: { exact: "1.0.0", tool: "5.x" },
    }),
  );

  expect(packages.map(({ name, version, scope }) => [name, version, scope])).toEqual([
    ["exact", "1.0.0", undefined],
    ["caret", "0.4.2", undefined],
    ["above", "2.0.1", undefined],
    ["@real/name", "3.1.0", undefined],
    ["tool", "5.0.0", "dev"],
  ]);
  expect(packages[1]?.facts).toEqual({ requirement: "^0.4.2" });
  expect((await observe(npmRequested, "node_modules/a/package.json", '{"dependencies":{"b":"1.0.0"}}')).all).toEqual(
    [],
  );
});

test("what deno.json imports of npm", async () => {
  const { packages } = await observe(
    denoRequested,
    "deno.json",
    JSON.stringify({
      imports: { a: "npm:chalk@1", b: "npm:chalk", c: "npm:@s/n@^2.1/file.js", d: "jsr:@std/path@1", e: "./x.ts" },
      scopes: { "./lib/": { f: "npm:chalk@1" } },
    }),
  );

  expect(packages.map(({ name, version }) => `${name}@${version}`)).toEqual(["chalk@1.0.0", "@s/n@2.1.0"]);
});

test.each([
  ["[1]", "not an object"],
  ['{"imports": ["npm:chalk@1"]}', "imports is a list where an object belongs"],
  ["{", "deno.json"],
])("a deno.json that is none is told: %s", async (text, reason) => {
  const { diagnostics } = await observe(denoImports, "deno.json", text);

  expect(diagnostics[0]).toMatchObject({ code: "malformed-file", effect: "incomplete" });
  expect(diagnostics[0]?.message).toContain(reason);
});

test("what deno.json imports in one version only is declared", async () => {
  const imports = {
    a: "npm:chalk@5.3.0/x.js",
    b: "npm:chalk@5",
    c: "npm:n@v1.0.0",
    d: "npm:@s/n@1.0.0-rc.1",
    e: "npm:m",
  };
  const { packages } = await observe(denoImports, "deno.json", JSON.stringify({ imports }));

  expect(packages.map(({ name, version }) => `${name}@${version}`)).toEqual(["chalk@5.3.0", "@s/n@1.0.0-rc.1"]);
});

test("deno.json may have comments", async () => {
  const { packages } = await observe(
    denoRequested,
    "deno.jsonc",
    '{ // npm\n "imports": { "a": "npm:chalk@1.2.3", } }',
  );

  expect(packages.map(({ version }) => version)).toEqual(["1.2.3"]);
});
