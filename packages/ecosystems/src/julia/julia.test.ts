import { observe, testParserCases } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { julia } from "./index.ts";
import { juliaDepot, juliaProject } from "./depot.ts";
import { juliaManifest } from "./manifest.ts";

const asManifest = (): string => "Manifest.toml";
testParserCases({ folder: "julia/manifest", analyzers: [juliaManifest], as: asManifest });
testParserCases({ folder: "julia/manifesttoml", analyzers: [juliaManifest], as: asManifest });
// Their edges are identifiers, whose names stand in Project.toml.
testParserCases({ folder: "julia/analyzer-pkg", analyzers: [juliaManifest], checks: ["dev", "lines"] });
testParserCases({ folder: "julia/projecttoml", analyzers: [juliaManifest], as: asManifest });

test("packages by identifier, the standard library at Julia's version, edges", async () => {
  const { packages } = await observe(
    juliaManifest,
    "Manifest.toml",
    'julia_version = "1.9.0"\nmanifest_format = "2.0"\n[[deps.A]]\ndeps = ["Dates"]\nuuid = "a-1"\nversion = "1.2.3"\n[[deps.Dates]]\nuuid = "d-1"\n',
  );

  expect(packages).toEqual([
    { name: "A", version: "1.2.3", key: "a-1", dependsOn: ["d-1"], facts: { uuid: "a-1" } },
    { name: "Dates", version: "1.9.0", key: "d-1", facts: { uuid: "d-1", standard: "true" } },
  ]);
  expect(julia.purl(packages[0] ?? { name: "", version: "" }, undefined)).toBe("pkg:julia/A@1.2.3?uuid=a-1");
});

const manifest =
  'manifest_format = "2.0"\n[[deps.A]]\ndeps = ["B"]\nuuid = "a"\nversion = "1"\n[[deps.B]]\nuuid = "b"\nversion = "1"\n[[deps.T]]\ndeps = ["B", "U"]\nuuid = "t"\nversion = "1"\n[[deps.U]]\nuuid = "u"\nversion = "1"\n';

test.each<readonly [Readonly<Record<string, string>>, readonly unknown[]]>([
  [
    { "a/Project.toml": '[deps]\nA = "a"\n[extras]\nT = "t"\n[targets]\ntest = ["T"]\n' },
    [["direct"], ["indirect"], ["direct", "dev"], ["indirect", "dev"]],
  ],
  // The name that only Julia uses goes before.
  [
    { "a/Project.toml": "[deps]\n", "a/JuliaProject.toml": '[deps]\nB = "b"\n' },
    [["indirect"], ["direct"], ["indirect"], ["indirect"]],
  ],
  [{ "Project.toml": '[deps]\nA = "a"\n' }, [[], [], [], []]],
  [{ "a/Project.toml": "[deps" }, [[], [], [], []]],
])(
  "Project.toml beside the manifest says what is asked for, and what for tests alone: %j",
  async (beside, expected) => {
    const { packages, diagnostics } = await observe(juliaManifest, "a/Manifest.toml", manifest, beside);

    expect(
      packages.map(({ relationship, scope }) => [relationship, scope].filter((each) => each !== undefined)),
    ).toEqual(expected);
    expect(diagnostics).toEqual([]);
  },
);

test("the project of a source tree is its root, a package of a depot is installed", async () => {
  const text = 'name = "Shop"\nuuid = "s-1"\nversion = "0.4.0"\n[deps]\nHTTP = "h-1"\n[compat]\nHTTP = "1"\n';
  const common = { name: "Shop", version: "0.4.0", dependsOn: ["HTTP"], facts: { uuid: "s-1" } };
  const inDepot = "root/.julia/packages/Shop/a1B2c/Project.toml";

  expect((await observe(juliaProject, "app/Project.toml", text)).packages).toEqual([
    { ...common, relationship: "root", origin: "project" },
  ]);
  expect((await observe(juliaDepot, "app/Project.toml", text)).all).toEqual([]);
  expect((await observe(juliaDepot, inDepot, text)).packages).toEqual([common]);
  expect((await observe(juliaProject, inDepot, text)).all).toEqual([]);
  // Environments of people who only use packages have neither.
  expect((await observe(juliaProject, "app/Project.toml", '[deps]\nHTTP = "h-1"\n')).all).toEqual([]);
});
