import { observe, testParserCases } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { gemfileLock } from "./gemfile-lock.ts";
import { gemspec } from "./gemspec.ts";
import { gem } from "./index.ts";

const asLock = (): string => "Gemfile.lock";

/** The file that holds the constant is not part of the published data. */
const absent = "the version is a constant of a file that the case does not have";

testParserCases({ folder: "ruby/analyzer-gemspec", analyzers: [gemspec] });
testParserCases({ folder: "ruby/bundler", analyzers: [gemfileLock], as: asLock });
testParserCases({ folder: "ruby/gemfilelock", analyzers: [gemfileLock], as: asLock });
testParserCases({ folder: "ruby/cataloger", analyzers: [gemfileLock, gemspec] });
testParserCases({
  folder: "ruby/gemspec",
  analyzers: [gemspec],
  deviations: {
    "scalibr-testextract-version-constant-different-casing": absent,
    "scalibr-testextract-version-constant-gemspec": absent,
    "scalibr-testextract-version-constant-via-conditional-require": absent,
    "scalibr-testextract-version-constant-via-file-dirname": absent,
    "scalibr-testextract-version-constant-via-file-join": absent,
    "scalibr-testextract-version-constant-via-file-join-multiline": absent,
    "scalibr-testextract-version-constant-via-require": absent,
    "scalibr-testextract-version-constant-with-freeze": absent,
  },
});

describe("gemspecs of installed gems", () => {
  test("name, version, platform, licences, authors and run-time dependencies", async () => {
    const { packages } = await observe(
      gemspec,
      "usr/lib/ruby/gems/3.2.0/specifications/nokogiri-1.15.0-x86_64-linux.gemspec",
      `Gem::Specification.new do |s|
  s.name = "nokogiri".freeze
  s.version = "1.15.0"
  s.platform = "x86_64-linux".freeze
  s.authors = ["Mike".freeze, "Aaron".freeze]
  s.licenses = ["MIT".freeze]
  s.add_runtime_dependency(%q<racc>.freeze, ["~> 1.4"])
  s.add_development_dependency(%q<minitest>.freeze, ["~> 5"])
end`,
    );

    expect(packages).toEqual([
      {
        name: "nokogiri",
        version: "1.15.0",
        licenses: ["MIT"],
        supplier: "Mike, Aaron",
        dependsOn: ["racc"],
        facts: { platform: "x86_64-linux" },
      },
    ]);
    expect(gem.purl(packages[0] ?? { name: "", version: "" }, undefined)).toBe(
      "pkg:gem/nokogiri@1.15.0?platform=x86_64-linux",
    );
  });

  test.each([
    "",
    "Gem::Specification.new do |s|\n  s.name = ",
    "\u0000\ufffd",
    `Gem::Specification.new ${"(".repeat(50_000)}`,
  ])("an installed one that says nothing (%#) leaves a diagnostic", async (text) => {
    const { packages, diagnostics } = await observe(gemspec, "gems/specifications/a-1.gemspec", text);

    expect(packages).toEqual([]);
    expect(diagnostics.map(({ effect }) => effect)).toEqual(["incomplete"]);
  });
});

test("Gemfile.lock: direct, indirect, repositories and directories", async () => {
  const { packages } = await observe(
    gemfileLock,
    "Gemfile.lock",
    "GIT\n  remote: https://example.com/g.git\n  revision: abc\n  specs:\n    g (1.0.0)\n\nPATH\n  remote: .\n  specs:\n    own (0.1)\n      a\n\nGEM\n  remote: https://rubygems.org/\n  specs:\n    a (1.2.3)\n      b (~> 1)\n    b (1.0-java)\n\nDEPENDENCIES\n  a\n  own!\n",
  );

  expect(
    packages.map(({ name, version, relationship, dependsOn, facts }) => [
      name,
      version,
      relationship,
      dependsOn,
      facts,
    ]),
  ).toEqual([
    ["g", "1.0.0", "indirect", undefined, { from: "https://example.com/g.git" }],
    ["own", "0.1", "workspace", ["a"], { from: "." }],
    ["a", "1.2.3", "direct", ["b"], undefined],
    ["b", "1.0", "indirect", undefined, { platform: "java" }],
  ]);
});
