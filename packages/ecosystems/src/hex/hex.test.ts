import { observe, testParserCases } from "@plimsoll/testkit";
import type { ParserCaseSuite } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { hex } from "./index.ts";
import { gleamManifest, mixLock, rebarLock } from "./locks.ts";

const asMix = (): string => "mix.lock";

testParserCases({ folder: "elixir/analyzer-mix", analyzers: [mixLock], as: asMix });
// A commit is no version.
const versioned: ParserCaseSuite["expected"] = (pkg) => (/^[0-9a-f]{40}$/.test(pkg.version ?? "") ? undefined : pkg);

testParserCases({ folder: "elixir/cataloger", analyzers: [mixLock], expected: versioned });
testParserCases({ folder: "elixir/mixlock", analyzers: [mixLock], as: asMix });
testParserCases({ folder: "erlang/mixlock", analyzers: [mixLock], as: asMix });
testParserCases({ folder: "hex/mix", analyzers: [mixLock], as: asMix });
testParserCases({
  folder: "erlang/cataloger",
  analyzers: [rebarLock],
  as: (path) => (path.endsWith(".lock") ? "rebar.lock" : undefined),
  // The application file belongs to another ecosystem.
  expected: (pkg, parserCase) => (pkg.type === "hex" ? versioned(pkg, parserCase) : undefined),
});

// A range in a manifest is a wish, not a version.
testParserCases({
  folder: "gleam/gleamtoml",
  analyzers: [gleamManifest],
  expected: (pkg) => (/^[<>]/.test(pkg.version ?? "") ? undefined : pkg),
});

test("mix.lock: packages of hex.pm under their own name, needs, repositories without a version", async () => {
  const { packages } = await observe(
    mixLock,
    "mix.lock",
    `%{
  "app": {:hex, :real_name, "1.0.0", "abc", [:mix], [{:bunt, "~> 0.2", [hex: :bunt, repo: "hexpm", optional: false]}, {:opt, ">= 0.0.0", [hex: :opt, optional: true]}], "hexpm", "def"},
  "bunt": {:hex, :bunt, "0.2.0", "951", [:mix], [], "hexpm", "7af"},
  "g": {:git, "https://example.com/g.git", "0123", [branch: "main"]},
  "broken": {:hex,
}`,
  );

  expect(packages).toEqual([
    { name: "real_name", version: "1.0.0", key: "app", dependsOn: ["bunt"] },
    { name: "bunt", version: "0.2.0", key: "bunt" },
    {
      name: "g",
      version: "",
      key: "g",
      origin: "repository",
      facts: { from: "https://example.com/g.git", revision: "0123" },
    },
  ]);
});

test("a line that cannot be read leaves a diagnostic with its number", async () => {
  const { diagnostics } = await observe(mixLock, "mix.lock", '%{\n  "broken": {:hex,\n}');

  expect(diagnostics.map(({ location }) => location)).toEqual([{ path: "mix.lock", line: 2 }]);
});

test("rebar.lock: levels, lines, and terms over several lines", async () => {
  const { all } = await observe(
    rebarLock,
    "rebar.lock",
    '{"1.2.0",\n[{<<"a">>,{pkg,<<"a">>,<<"1.0.0">>},0},\n {<<"g">>,\n  {git,"https://example.com/g",\n       {ref,"0123"}},\n  1}]}.\n',
  );

  expect(all).toEqual([
    { kind: "package", package: { name: "a", version: "1.0.0", key: "a", relationship: "direct" }, line: 2 },
    {
      kind: "package",
      package: {
        name: "g",
        version: "",
        key: "g",
        relationship: "indirect",
        origin: "repository",
        facts: { from: "https://example.com/g", revision: "0123" },
      },
      line: 3,
    },
  ]);
});

test("manifest.toml of Gleam", async () => {
  const { packages } = await observe(
    gleamManifest,
    "manifest.toml",
    'packages = [\n  { name = "gleam_stdlib", version = "0.34.0", build_tools = ["gleam"], requirements = [], source = "hex" },\n]\n[requirements]\ngleam_stdlib = { version = ">= 0.34.0" }\n',
  );

  expect(packages).toEqual([{ name: "gleam_stdlib", version: "0.34.0", key: "gleam_stdlib", relationship: "direct" }]);
});

test("advisories speak of packages from hex.pm only", () => {
  const pkg = { name: "plug", version: "1.0.0", id: "", ecosystem: "hex", purl: "", locations: [] };

  expect(hex.advisoryKeys(pkg, undefined)).toEqual([{ namespace: "Hex", name: "plug", version: "1.0.0" }]);
  expect(hex.advisoryKeys({ ...pkg, facts: { kind: "otp" } }, undefined)).toEqual([]);
});
