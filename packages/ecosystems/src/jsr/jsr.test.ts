import { observe, testParserCases } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { jsr } from "./index.ts";
import { jsrDenoLock } from "./deno-lock.ts";
import { jsrImports, jsrRequested } from "./imports.ts";

testParserCases({
  folder: "javascript/cataloger",
  only: ({ dir }) => dir.includes("denolock"),
  analyzers: [jsrDenoLock],
  // What comes from npm and from addresses is no package of JSR.
  expected: (pkg) => (pkg.name.startsWith("@std/") ? pkg : undefined),
});

const lock = `{
  "version": "5",
  "specifiers": { "jsr:@std/bytes@^1.0.0": "1.0.2", "npm:chalk@5": "5.3.0" },
  "jsr": {
    "@std/bytes@1.0.2": { "integrity": "fbdee322" },
    "@std/internal@1.0.10": {},
    "@std/encoding@1.0.5": { "dependencies": ["jsr:@std/bytes@^1.0.0", "jsr:@std/internal", "npm:chalk@5", "jsr:@std/none@1"] },
    "nonsense": {}
  },
  "npm": { "chalk@5.3.0": {} }
}`;

test("what comes from JSR, with lines and edges", async () => {
  const { all } = await observe(jsrDenoLock, "deno.lock", lock);

  expect(all).toMatchObject([
    { package: { name: "@std/bytes", version: "1.0.2" }, line: 5 },
    { package: { name: "@std/internal", version: "1.0.10" }, line: 6 },
    { package: { name: "@std/encoding", dependsOn: ["@std/bytes@1.0.2", "@std/internal@1.0.10"] }, line: 7 },
  ]);
});

test("the older form says where a range was resolved to in whole", async () => {
  const packages = {
    specifiers: { "jsr:@a/b@1": "jsr:@a/b@1.2.3" },
    jsr: { "@a/b@1.2.0": {}, "@a/b@1.2.3": {}, "@a/c@0.1.0": { dependencies: ["jsr:@a/b@1"] } },
  };
  const { packages: found } = await observe(jsrDenoLock, "deno.lock", JSON.stringify({ version: "3", packages }));

  expect(found.map(({ name, version }) => `${name} ${version}`)).toEqual(["@a/b 1.2.0", "@a/b 1.2.3", "@a/c 0.1.0"]);
  expect(found[2]?.dependsOn).toEqual(["@a/b@1.2.3"]);
});

test("what is no deno.lock, or has nothing of JSR, says nothing", async () => {
  for (const text of ['{"jsr"', '{"jsr":7}', '{"npm":{"@std/bytes@1.0.2":{}}}', "[]"])
    expect((await observe(jsrDenoLock, "deno.lock", text)).packages).toEqual([]);
});

test.each([
  ['{"jsr":[]}', "jsr is a list where an object belongs"],
  ['{"jsr":{"@a/b@1.0.0":7}}', "jsr.@a/b@1.0.0 is a number where an object belongs"],
])("what is wrong in %s is told once, by its place", async (text, detail) => {
  const { diagnostics } = await observe(jsrDenoLock, "deno.lock", text);

  expect(diagnostics.map(({ message }) => message)).toEqual([`deno.lock: ${detail}`]);
});

test("its packages have purls of their own and no advisories of npm", () => {
  const found = { name: "@std/bytes", version: "1.0.2" };

  expect(jsr.purl(found, undefined)).toBe("pkg:jsr/%40std/bytes@1.0.2");
  expect(jsr.advisoryKeys({ ...found, ecosystem: "jsr" } as never, undefined)).toEqual([]); // as: the fields it reads
  expect(jsr.lookupGap?.({} as never, undefined)).toMatchObject({ code: "no-advisories" }); // as: it reads none
});

test("what deno.json imports: in one version it is declared, in a range requested", async () => {
  const text = `{
    // as Deno writes it
    "imports": {
      "@std/path": "jsr:@std/path@^1.0.8",
      "@std/bytes": "jsr:@std/bytes@1.0.2",
      "@std/any": "jsr:@std/any",
      "chalk": "npm:chalk@5.3.0",
    },
    "scopes": { "https://deno.land/x/": { "a": "jsr:/@a/b@2/sub/module.ts" } }
  }`;
  const named = async (analyzer: typeof jsrImports) =>
    (await observe(analyzer, "deno.json", text)).packages.map(({ name, version }) => `${name} ${version}`);

  expect(await named(jsrImports)).toEqual(["@std/bytes 1.0.2"]);
  expect(await named(jsrRequested)).toEqual(["@std/path 1.0.8", "@std/bytes 1.0.2", "@a/b 2.0.0"]);
});

test("a deno.json that is none is told by npm alone", async () => {
  for (const text of ["[]", '{"imports":{"a":7}}'])
    expect((await observe(jsrImports, "deno.json", text)).all).toEqual([]);
});
