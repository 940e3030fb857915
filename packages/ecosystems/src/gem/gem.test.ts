import { keysOfPackage } from "@plimsoll/model";
import type { Package } from "@plimsoll/model";
import { analyzedFile, observe, testParserCases } from "@plimsoll/testkit";
import type { ParserCase } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { computedVersions } from "./computed-versions.ts";
import { gemfileLock } from "./gemfile-lock.ts";
import { gemspec } from "./gemspec.ts";
import { gem } from "./index.ts";

const asLock = (): string => "Gemfile.lock";

testParserCases({ folder: "ruby/analyzer-gemspec", analyzers: [gemspec] });
testParserCases({ folder: "ruby/bundler", analyzers: [gemfileLock], as: asLock });
testParserCases({ folder: "ruby/gemfilelock", analyzers: [gemfileLock], as: asLock });
testParserCases({ folder: "ruby/cataloger", analyzers: [gemfileLock, gemspec] });
testParserCases({ folder: "ruby/gemspec", analyzers: [gemspec, computedVersions], beside: constantsOf });

/** The published cases lack the file that holds the constant: what a generator of gems puts there, with the version that is expected. */
function* constantsOf({ files, packages }: ParserCase): Generator<readonly [string, Uint8Array]> {
  const [path, bytes] = [...files][0] ?? ["", new Uint8Array()];
  const version = packages[0]?.version;
  const constant = /version = ExampleApp::(\w+)/.exec(new TextDecoder().decode(bytes))?.[1];
  if (version !== undefined && constant !== undefined)
    yield [
      path.replace(/[^/]+$/, "lib/example_app/version.rb"),
      new TextEncoder().encode(`module ExampleApp\n  ${constant} = "${version}".freeze\nend\n`),
    ];
}

const shop = "app/shop.gemspec";
const specWith = (head: string, version: string): string =>
  `${head}\nGem::Specification.new do |spec|\n  spec.name = "shop"\n  spec.version = ${version}\nend\n`;

describe("gemspecs whose version is a constant of a neighbour", () => {
  const rails = `module Shop
  def self.gem_version = Gem::Version.new VERSION::STRING
  module VERSION
    MAJOR = 8
    MINOR = 1
    TINY  = 0
    PRE   = "alpha"
    STRING = [MAJOR, MINOR, TINY, PRE].compact.join(".")
  end
end
`;
  test.each([
    [`require_relative "lib/shop/version"`, "Shop::VERSION", "lib/shop/version.rb", `Shop::VERSION = '1.2.3'`, "1.2.3"],
    [
      `$:.unshift(File.expand_path("../lib", __FILE__))\nrequire "shop/version"`,
      "Shop::VERSION.dup",
      "lib/shop/version.rb",
      `  VERSION = "1.2"`,
      "1.2",
    ],
    [
      `require File.expand_path("../lib/shop/version", __FILE__)`,
      "Shop::VERSION",
      "lib/shop/version.rb",
      `VERSION="3.0"`,
      "3.0",
    ],
    [
      `require File.expand_path("lib/shop/version", __dir__)`,
      "Shop::VERSION",
      "lib/shop/version.rb",
      `VERSION = "3.0"`,
      "3.0",
    ],
    [`require "#{__dir__}/lib/shop/version"`, "Shop::VERSION", "lib/shop/version.rb", `VERSION = "3.1"`, "3.1"],
    [
      `require_relative "lib/shop/version"`,
      "Shop::VERSION::STRING # computed",
      "lib/shop/version.rb",
      rails,
      "8.1.0.alpha",
    ],
    [
      `require_relative "lib/shop/version"`,
      "Shop::VERSION",
      "lib/shop/version.rb",
      `MAJOR = 2\nVERSION = "#{MAJOR}.5"\n`,
      "2.5",
    ],
    [
      `version = File.read(File.expand_path("../SHOP_VERSION", __dir__)).strip`,
      "version",
      "../SHOP_VERSION",
      "7.0.1\n",
      "7.0.1",
    ],
    ["", `File.read("VERSION").chomp`, "VERSION", "0.4\n", "0.4"],
    ["VERSION = '5.6'", "VERSION", "unrelated/version.rb", "", "5.6"],
  ])("%s with %s", async (head, expression, neighbour, text, version) => {
    const path = neighbour.startsWith("../") ? neighbour.slice(3) : `app/${neighbour}`;
    const { all } = await observe(computedVersions, shop, specWith(head, expression), { [path]: text });

    expect(all).toEqual([
      { kind: "package", package: { name: "shop", version, origin: "manifest" }, at: shop, line: expect.any(Number) },
    ]);
    expect((await observe(gemspec, shop, specWith(head, expression))).all).toEqual([]);
  });

  test.each([
    ["no such file", `require_relative "lib/other"`, "Shop::VERSION", 'VERSION = "1"'],
    ["two values", `require_relative "lib/shop/version"`, "Shop::VERSION", 'VERSION = "1"\nVERSION = "2"'],
    ["a method", `require_relative "lib/shop/version"`, "Shop.version", 'VERSION = "1"'],
    ["a name that is made of itself", `require_relative "lib/shop/version"`, "Shop::A", "A = B\nB = A"],
    ["no version", `require_relative "lib/shop/version"`, "Shop::VERSION", 'VERSION = "see the changelog"'],
    ["part of a list", `require_relative "lib/shop/version"`, "Shop::V", "V = [1, X].join('.')"],
  ])("%s stays unknown and is told", async (_, head, expression, text) => {
    const { packages, diagnostics } = await observe(computedVersions, shop, specWith(head, expression), {
      "app/lib/shop/version.rb": text,
    });

    expect(packages).toEqual([]);
    expect(diagnostics).toMatchObject([{ effect: "none", location: { path: shop } }]);
  });

  test("only gemspecs that need it are kept", async () => {
    const wants = async (path: string, text: string): Promise<unknown> =>
      await computedVersions.wants?.(analyzedFile(path, text));

    expect(await wants(shop, specWith("", '"1.0"'))).toBe(false);
    expect(await wants(shop, specWith("", "Shop::VERSION"))).toBe(true);
    expect(await wants("app/version.rb", "")).toBe(true);
  });
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
    "GIT\n  remote: https://example.com/g.git\n  revision: abc\n  specs:\n    g (1.0.0)\n\nPATH\n  remote: .\n  specs:\n    own (0.1)\n      a\n\nPATH\n  remote: vendor/rack\n  specs:\n    rack (2.0.1)\n\nGEM\n  remote: https://rubygems.org/\n  specs:\n    a (1.2.3)\n      b (~> 1)\n    b (1.0-java)\n\nDEPENDENCIES\n  a\n  own!\n",
  );

  expect(
    packages.map(({ name, version, relationship, dependsOn, facts, origin }) => [
      name,
      version,
      relationship,
      dependsOn,
      facts,
      origin,
    ]),
  ).toEqual([
    ["g", "1.0.0", "indirect", undefined, { from: "https://example.com/g.git" }, "repository"],
    ["own", "0.1", "workspace", ["a"], { from: "." }, "project"],
    ["rack", "2.0.1", "workspace", undefined, { from: "vendor/rack" }, "path"],
    ["a", "1.2.3", "direct", ["b"], undefined, undefined],
    ["b", "1.0", "indirect", undefined, { platform: "java" }, undefined],
  ]);
});

test("a gem from elsewhere is looked up as the copy of a published one, with a doubt, and is no malware of the registry", () => {
  const gemOf = (origin?: "project" | "repository" | "path"): Package => ({
    id: "g",
    name: "rails",
    version: "7.0.4",
    purl: "pkg:gem/rails@7.0.4",
    ecosystem: "gem",
    class: "library",
    locations: [],
    foundBy: [],
    facts: { from: "https://example.com/rails.git" },
    ...(origin === undefined ? {} : { origin }),
  });
  const about = (advisory: string) => ({ advisory, namespace: "RubyGems", name: "rails", ranges: [] });

  for (const origin of ["repository", "path"] as const) {
    expect(keysOfPackage(gem, gemOf(origin), undefined)).toMatchObject([{ namespace: "RubyGems", name: "rails" }]);
    expect(gem.applicability?.doubts?.(gemOf(origin), about("GHSA-1"))).toBe(
      "it comes from https://example.com/rails.git, not from the registry, and may have been changed under its version",
    );
    expect(gem.applicability?.rejects?.(gemOf(origin), about("GHSA-1"), undefined)).toBeUndefined();
    expect(gem.applicability?.rejects?.(gemOf(origin), about("MAL-1"), undefined)).toContain("malware");
  }
  expect(keysOfPackage(gem, gemOf("project"), undefined)).toEqual([]);
  expect(gem.applicability?.doubts?.(gemOf(), about("GHSA-1"))).toBeUndefined();
  expect(gem.applicability?.rejects?.(gemOf(), about("MAL-1"), undefined)).toBeUndefined();
});
