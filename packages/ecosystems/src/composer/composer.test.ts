import { observe, testParserCases } from "@plimsoll/testkit";
import type { ParserCaseSuite } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { composer } from "./index.ts";
import { composerInstalled, composerLock } from "./packages.ts";

testParserCases({
  folder: "php/analyzer-composer",
  analyzers: [composerLock, composerInstalled],
  as: (path) => path.replace("happy/installed.json", "composer/installed.json"),
});
testParserCases({ folder: "php/composerlock", analyzers: [composerLock], as: () => "composer.lock" });

const cataloger: ParserCaseSuite = {
  folder: "php/cataloger",
  analyzers: [composerLock],
  // Syft leaves these out unless asked for.
  ignore: ({ scope }) => scope === "dev",
  // Extensions in PEAR's registry are another ecosystem.
  expected: (pkg) => (pkg.type === "php-composer" ? pkg : undefined),
};
testParserCases(cataloger);

test("installed.json of Composer 2: packages with licence, edges, revision; development marked", async () => {
  const { packages, all } = await observe(
    composerInstalled,
    "app/vendor/composer/installed.json",
    `{"packages": [
  {"name": "Monolog/Monolog", "version": "v2.0.0", "license": ["MIT"], "require": {"php": ">=7", "psr/log": "^1"}, "source": {"reference": "abc"}},
  {"name": "phpunit/phpunit", "version": "9.0.0"}, {"name": 1}, "x"
], "dev-package-names": ["phpunit/phpunit"]}`,
  );

  expect(packages).toEqual([
    {
      name: "Monolog/Monolog",
      version: "v2.0.0",
      key: "Monolog/Monolog",
      licenses: ["MIT"],
      dependsOn: ["psr/log"],
      facts: { revision: "abc" },
    },
    { name: "phpunit/phpunit", version: "9.0.0", key: "phpunit/phpunit", scope: "dev" },
  ]);
  expect(all.map((one) => (one.kind === "package" ? one.line : one.kind))).toEqual(["diagnostic", "diagnostic", 2, 3]);
});

const lock =
  '{"packages": [{"name": "Monolog/monolog", "version": "2"}, {"name": "psr/log", "version": "1"}], "packages-dev": [{"name": "a/b", "version": "3"}]}';

test.each<readonly [string | undefined, readonly (string | undefined)[], number]>([
  [
    '{"require": {"php": ">=8", "monolog/Monolog": "^2"}, "require-dev": {"a/b": "*"}}',
    ["direct", "indirect", "direct"],
    0,
  ],
  ["{}", ["indirect", "indirect", "indirect"], 0],
  [undefined, [undefined, undefined, undefined], 0],
  // A broken one is told, and the lock is read all the same.
  ["{", [undefined, undefined, undefined], 1],
  ['"a"', [undefined, undefined, undefined], 1],
  ['{"require": 1, "require-dev": {"a/b": "*"}}', ["indirect", "indirect", "direct"], 1],
])("composer.json beside the lock says what is asked for directly: %s", async (manifest, expected, problems) => {
  const { packages, diagnostics } = await observe(composerLock, "a/composer.lock", lock, {
    "composer.json": '{"require": {"psr/log": "1"}}',
    ...(manifest === undefined ? {} : { "a/composer.json": manifest }),
  });

  expect(packages.map(({ relationship }) => relationship)).toEqual(expected);
  expect(packages.map(({ scope }) => scope)).toEqual([undefined, undefined, "dev"]);
  expect(diagnostics).toHaveLength(problems);
});

test.each(["", "null", "[", "{}x", '{"packages": '])("%j leaves a diagnostic", async (text) => {
  expect((await observe(composerLock, "composer.lock", text)).diagnostics).toHaveLength(1);
});

test("purl and look-up are in lower case and without the v", () => {
  const pkg = { name: "Monolog/Monolog", version: "v2.0.0", id: "", ecosystem: "composer", purl: "", locations: [] };

  expect(composer.purl(pkg, undefined)).toBe("pkg:composer/monolog/monolog@2.0.0");
  expect(composer.advisoryKeys(pkg, undefined)).toEqual([
    { namespace: "Packagist", name: "monolog/monolog", version: "2.0.0" },
  ]);
});
