import { observe, testParserCases } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { cpan } from "./index.ts";
import { cartonSnapshot } from "./carton-snapshot.ts";
import { cpanfile, cpanfileRequested } from "./cpanfile.ts";
import { cpanInstalled, cpanMeta } from "./meta.ts";

/** The neighbour of `META_correct1.yml` in the published folder, which is why that file is passed over. */
const newer = new TextEncoder().encode('{"name":"ExtUtils-Helpers","version":"0.028"}');

testParserCases({
  folder: "perl/cpan",
  analyzers: [cpanMeta],
  as: (path) => (path.endsWith(".yml") ? "META.yml" : "META.json"),
  beside: ({ entry }) => (entry[0] === "META_correct1.yml" ? [["META.json", newer] as const] : []),
  ignore: (_, { entry }, path) => path === "META.json" && entry[0]?.endsWith(".yml") === true,
});

test("META.yml gives way to a META.json beside it that names a package, and to no other", () => {
  expect(cpanMeta.yieldsTo).toEqual({ sibling: "META.json" });
});

test("what a CPAN client installed", async () => {
  const meta = '{"name":"URI","version":"5.34","license":["perl_5"],"author":["Gisle Aas"]}';
  const { packages } = await observe(cpanInstalled, "usr/local/lib/perl5/site_perl/.meta/URI-5.34/MYMETA.json", meta);

  expect(packages).toEqual([{ name: "URI", version: "5.34", licenses: ["perl_5"], supplier: "Gisle Aas" }]);
  expect(cpan.purl(packages[0] ?? { name: "", version: "" }, undefined)).toBe("pkg:cpan/URI@5.34");
  expect((await observe(cpanInstalled, "src/URI/MYMETA.json", meta)).all).toEqual([]);
});

test("a version may be a number", async () => {
  const { packages } = await observe(cpanMeta, "src/META.json", '{"name":"URI","version":5.34}');

  expect(packages).toEqual([{ name: "URI", version: "5.34" }]);
});

describe("cpanfile.snapshot", () => {
  const snapshot = `# carton snapshot format: version 1.0
DISTRIBUTIONS
  Plack-1.0050
    pathname: M/MI/MIYAGAWA/Plack-1.0050.tar.gz
    provides:
      Plack 1.0050
      Plack::Builder undef
    requirements:
      HTTP::Headers::Fast 0.18
      Plack::Builder 0
      perl 5.012
  HTTP-Headers-Fast-v0.22
    pathname: T/TO/TOKUHIROM/HTTP-Headers-Fast-v0.22.tar.gz
    provides:
      HTTP::Headers::Fast 0.22
    requirements:
      ExtUtils::MakeMaker 0
  lost
    pathname: X/XX/XX/lost.tar.gz
`;

  test("distributions with their authors, lines and edges", async () => {
    const { packages, all, diagnostics } = await observe(cartonSnapshot, "cpanfile.snapshot", snapshot);

    expect(packages).toEqual([
      {
        name: "Plack",
        version: "1.0050",
        key: "Plack-1.0050",
        dependsOn: ["HTTP-Headers-Fast-v0.22"],
        facts: { author: "MIYAGAWA" },
      },
      { name: "HTTP-Headers-Fast", version: "v0.22", key: "HTTP-Headers-Fast-v0.22", facts: { author: "TOKUHIROM" } },
    ]);
    expect(all.map((one) => (one.kind === "package" ? one.line : undefined))).toEqual([3, 12, undefined]);
    expect(diagnostics).toMatchObject([{ location: { line: 18 }, message: /lost is no distribution/ }]);
    expect(cpan.purl(packages[0] ?? { name: "", version: "" }, undefined)).toBe(
      "pkg:cpan/Plack@1.0050?author=MIYAGAWA",
    );
  });
});

describe("cpanfile", () => {
  const text = `requires 'perl', '5.010';
requires "Plack", "1.0"; # 0.9
requires 'JSON::XS' => '== 4.03';
requires('URI');
# requires 'Old', '1';
recommends 'Fast', '2';
on 'test' => sub {
    requires 'Test::More', '>= 0.96, < 2.0';
};
test_requires 'Test::Deep', '1.2';
requires 'Any', 0;
`;

  test("what is pinned", async () => {
    const { packages } = await observe(cpanfile, "cpanfile", text);

    expect(packages).toEqual([{ name: "JSON-XS", version: "4.03", relationship: "direct" }]);
  });

  test("the least version of each range", async () => {
    const { packages, all } = await observe(cpanfileRequested, "cpanfile", text);

    expect(packages.map(({ name, version, scope }) => [name, version, scope])).toEqual([
      ["Plack", "1.0", undefined],
      ["Test-More", "0.96", "dev"],
      ["Test-Deep", "1.2", "dev"],
    ]);
    expect(all.map((one) => (one.kind === "package" ? one.line : undefined))).toEqual([2, 8, 10]);
  });
});
