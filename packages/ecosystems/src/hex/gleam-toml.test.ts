import { observe, testParserCases } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { gleamRequested, gleamToml } from "./gleam-toml.ts";

const manifest = `name = "app"
version = "1.0.0"

[dependencies]
gleam_stdlib = ">= 0.34.0 and < 2.0.0"
pinned = "1.2.3"
twice = "== 2.0.0"
mine = { path = "../mine" }
forked = { git = "https://git.example/forked", ref = "a8b3c5d82" }

[dev-dependencies]
gleeunit = "~> 1.4"
`;

describe("gleam.toml", () => {
  test("states what is pinned and what comes from elsewhere", async () => {
    const { packages, diagnostics } = await observe(gleamToml, "gleam.toml", manifest);

    expect(diagnostics).toEqual([]);
    expect(packages).toEqual([
      { name: "pinned", version: "1.2.3", relationship: "direct" },
      { name: "twice", version: "2.0.0", relationship: "direct" },
      { name: "mine", version: "", relationship: "direct", origin: "path", facts: { from: "../mine" } },
      {
        name: "forked",
        version: "",
        relationship: "direct",
        origin: "repository",
        facts: { from: "https://git.example/forked" },
      },
    ]);
  });

  test.each([
    [">= 0.34.0 and < 2.0.0", ["0.34.0"]],
    ["< 2.0.0 and >= 1.1.0", ["1.1.0"]],
    ["~> 1.4", ["1.4.0"]],
    ["~> 3.1 or ~> 2.0", ["2.0.0"]],
    ["== 1.0.0-rc1", ["1.0.0-rc1"]],
    ["> 1.0.0", []],
    ["~> 1.0 or < 0.5.0", []],
    ["", []],
    ["~> one", []],
    [">= 1.0.0 ".repeat(40), []],
  ])("of the requirement %s the lowest version is guessed", async (requirement, versions) => {
    const { packages } = await observe(gleamRequested, "gleam.toml", `[dev-dependencies]\na = "${requirement}"\n`);

    expect(packages.map(({ version }) => version)).toEqual(versions);
  });

  test.each([
    ["[dependencies\na = 1", "gleam.toml"],
    ["dependencies = 1\n", "dependencies is"],
    ["[dependencies]\na = 1\n", "a is"],
  ])("that is malformed is told: %s", async (text, reason) => {
    const { diagnostics } = await observe(gleamToml, "gleam.toml", text);

    expect(diagnostics[0]).toMatchObject({ code: "malformed-file", effect: "incomplete" });
    expect(diagnostics[0]?.message).toContain(reason);
  });
});

testParserCases({
  folder: "gleam/gleamtoml",
  analyzers: [gleamRequested, gleamToml],
  as: () => "gleam.toml",
  // They give ranges in the place of versions; here the lowest is the guess.
  expected: (pkg) => ({ ...pkg, version: /\d+\.\d+\.\d+/.exec(pkg.version ?? "")?.[0] ?? "" }),
  // They leave out what lies in a directory beside.
  ignore: ({ origin }) => origin === "path",
});
